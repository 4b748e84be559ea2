--- What is in flight, and what became of the process that writes the run.
-- Used by built-in reports and the command.
local format = require("exectrack.report.format")
local has_any = require("exectrack.report.parts.columns").has_any
local words = require("exectrack.report.parts.words")

local M = {}

local function process_of(writer)
  return ("process %.0f on %s"):format(writer.pid, format.name(writer.host))
end

--- Sentences about the writer of a recorder; nil for any other run.
local function about_writer(snapshot)
  local writer = snapshot:writer()
  if not writer then
    return nil
  elseif writer.state == "closed" then
    return ("Its writer, %s, closed it before these had ended."):format(process_of(writer))
  elseif writer.state == "live" then
    return ("The run is live: %s has been writing it since %s UTC."):format(process_of(writer),
      format.time(writer.started))
  end
  return ("Its writer, %s, died. The last time known is %s UTC."):format(process_of(writer),
    format.time(snapshot:taken()))
end

--- The executions that are listed, the longest first, with the texts of their arguments as `args`.
local function rows_of(snapshot)
  local rows, places = snapshot:in_flight(), {}
  for place, row in ipairs(rows) do
    places[row], row.args = place, snapshot:args_text(row.args_hash)
  end
  table.sort(rows, function(a, b)
    if a.started ~= b.started then
      return a.started < b.started
    end
    return places[a] < places[b]
  end)
  return rows
end

--- A process that died may have done so long after its last reading of the clock.
local function columns_of(rows, has_died)
  local columns = {
    { field = "tool", heading = "Tool" },
    { field = "started", heading = "Started", unit = "time" },
    { field = "elapsed_ms", heading = has_died and "At least" or "For", unit = "ms" },
  }
  for _, column in ipairs { { field = "session", heading = "Session" },
    { field = "args", heading = "Arguments" } } do
    columns[#columns + 1] = has_any(rows, column.field) and column or nil
  end
  return columns
end

local function room(listed, count)
  return listed < count and ("Its list had room for %s of %s."):format(format.count(listed),
    words.counted(count, "execution")) or nil
end

local function state_of(snapshot)
  local writer = snapshot:writer()
  return writer and writer.state
end

--- What became of the process that writes the run, in a few words; nil if it isn't a recorder.
function M.writer(snapshot)
  local state = state_of(snapshot)
  return state and ("%s, %s"):format(state, process_of(snapshot:writer()))
end

--- Whether the process that wrote the run has died.
function M.has_died(snapshot)
  return state_of(snapshot) == "died"
end

--- The section about what is in flight, which says what became of the writer; nil if nothing is in
-- flight, and the writer is neither live nor died. `note` is one more sentence, or nil.
function M.section(snapshot, note)
  local count, has_died = snapshot:in_flight_count(), M.has_died(snapshot)
  local section = { title = has_died and "In flight when its writer died" or "In flight" }
  if count == 0 and not has_died and state_of(snapshot) ~= "live" then
    return nil
  elseif count == 0 then
    section.text = ("%s Nothing %s in flight."):format(about_writer(snapshot),
      has_died and "was" or "is")
    return section
  end
  local rows = rows_of(snapshot)
  section.text = words.joined(about_writer(snapshot), note, room(#rows, count))
  section.columns, section.rows = columns_of(rows, has_died), rows
  return section
end

return M
