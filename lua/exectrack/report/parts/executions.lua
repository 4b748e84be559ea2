--- A list of executions.
-- Used by built-in reports and the command.
local columns_of = require("exectrack.report.parts.columns")
local places = require("exectrack.report.parts.places")

local FAILURES = { failed = true, timed_out = true }

local TIMING = { field = "timing", heading = "Timing", priority = 4 }
local SESSION = { field = "session", heading = "Session", unit = "name", priority = 3 }

local COLUMNS = {
  { field = "timestamp", heading = "Ended", unit = "time" },
  { field = "tool", heading = "Tool", unit = "name" },
  { field = "status", heading = "Status", unit = "status" },
  { field = "duration_ms", heading = "Duration", unit = "ms" },
  { field = "was_cached", heading = "Cached", priority = 5 },
  { field = "error_type", heading = "Error type", unit = "name", priority = 2 },
}

-- The texts that a run may have kept.
local TEXTS = {
  { field = "args", heading = "Arguments", priority = 3 },
  { field = "message", heading = "Last message", priority = 3 },
}

--- Whether not all executions of `run` are of the session of this record.
local function has_other_sessions(run, record)
  return #run:filter { session = record.session or false } < #run
end

--- Adds what is shown of records besides their own fields: the texts of arguments, and the latest
-- message of a failure's error type.
local function add_texts(run, records)
  for _, record in ipairs(records) do
    record.timestamp = record.timestamp or nil
    record.args = run:args_text(record.args_hash)
    record.message = FAILURES[record.status] and run:error_text(record.tool, record.error_type)
      or nil
  end
end

--- The columns of all lists, and those of texts that there are.
local function with_texts(records)
  local columns = {}
  for i, column in ipairs(COLUMNS) do
    columns[i] = column
  end
  for _, column in ipairs(TEXTS) do
    columns[#columns + 1] = columns_of.has_any(records, column.field) and column or nil
  end
  return columns
end

--- The section that lists `records` of `run`: with their sessions if the run has several, with
-- their timings if some weren't measured, with the texts that are kept, with their places if they
-- are in a log that was imported, and without times, durations and caches if none is known.
return function(title, run, records)
  add_texts(run, records)
  local columns = columns_of.of_measures(run, records, with_texts(records))
  if columns_of.has_any(records, "timing") then
    table.insert(columns, 5, TIMING)
  end
  if records[1] and has_other_sessions(run, records[1]) then
    table.insert(columns, 3, SESSION)
  end
  columns = columns_of.of_caches(run, columns_of.known(columns, records))
  return { title = title, columns = places.columns(columns, records, "Place"), rows = records }
end
