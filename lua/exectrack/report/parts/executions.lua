--- A list of executions.
-- Used by built-in reports and the command.
local cache_columns = require("exectrack.report.parts.columns").of_caches
local has_any = require("exectrack.report.parts.columns").has_any
local known_columns = require("exectrack.report.parts.columns").known
local measure_columns = require("exectrack.report.parts.columns").of_measures
local places = require("exectrack.report.parts.places")

local COLUMNS = {
  { field = "timestamp", heading = "Ended", unit = "time" },
  { field = "tool", heading = "Tool" },
  { field = "status", heading = "Status", unit = "status" },
  { field = "duration_ms", heading = "Duration", unit = "ms" },
  { field = "was_cached", heading = "Cached" },
  { field = "error_type", heading = "Error type" },
}

local TIMING = { field = "timing", heading = "Timing" }
local SESSION = { field = "session", heading = "Session" }

--- Whether not all `records` are of the same session.
local function have_several_sessions(records)
  for _, record in ipairs(records) do
    if record.session ~= records[1].session then
      return true
    end
  end
  return false
end

--- The section that lists `records` of `run`: with their sessions if there are several, with their
-- timings if some weren't measured, with their places if they are in a log that was imported, and
-- without times, durations and caches if none is known.
return function(title, run, records)
  for _, record in ipairs(records) do
    record.timestamp = record.timestamp or nil
  end
  local columns = measure_columns(run, records, COLUMNS)
  if has_any(records, "timing") then
    table.insert(columns, 5, TIMING)
  end
  if have_several_sessions(records) then
    table.insert(columns, 3, SESSION)
  end
  columns = cache_columns(run, known_columns(columns, records))
  columns = places.columns(columns, records, "Place")
  return { title = title, columns = columns, rows = records }
end
