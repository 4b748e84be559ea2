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
local function about_writer(snapshot, zone)
  local writer = snapshot:writer()
  if not writer then
    return nil
  elseif writer.state == "closed" then
    return ("Its writer, %s, closed it before these had ended."):format(process_of(writer))
  elseif writer.state == "live" then
    return ("The run is live: %s has been writing it since %s."):format(process_of(writer),
      words.time(writer.started, zone))
  end
  return ("Its writer, %s, died. The last time known is %s."):format(process_of(writer),
    words.time(snapshot:taken(), zone))
end

local function set_of(list)
  local set = {}
  for _, name in ipairs(type(list) == "string" and { list } or list or {}) do
    set[name] = true
  end
  return set
end

--- A function that says whether what is in flight, or was denied, is of a tool and a session that
-- `selection` names: a table with `tool` and `session`, as in a filter, and
-- `exclude`, the names of tools, each of which may be missing.
local function matching(snapshot, selection)
  selection = selection or {}
  local tools, excluded, sessions = set_of(selection.tool), set_of(selection.exclude), {}
  for name in pairs(set_of(selection.session)) do
    sessions[snapshot:session_name(name)] = true
  end
  return function(its)
    return (not selection.tool or tools[its.tool]) and not excluded[its.tool]
      and (not selection.session or its.session and sessions[its.session])
  end
end

--- Those of a list that `selection` names.
local function chosen(snapshot, list, selection)
  local is_chosen, kept = matching(snapshot, selection), {}
  for _, its in ipairs(list) do
    kept[#kept + 1] = is_chosen(its) and its or nil
  end
  return kept
end

--- The denials of the tools that `selection` names; of all sessions, as they don't say theirs. And
-- how many there were of any tool for which there was no room in the list.
function M.denials(snapshot, selection)
  local denials, overflowed = snapshot:denials()
  selection = selection or {}
  return chosen(snapshot, denials, { tool = selection.tool, exclude = selection.exclude }),
    overflowed
end

--- What is in flight of the tools and sessions that `selection` names: the listed executions, and
-- how many there are, without those of which the session isn't known.
function M.matching(snapshot, selection)
  local listed = chosen(snapshot, snapshot:in_flight(), selection)
  if not selection or not (selection.tool or selection.exclude or selection.session) then
    return listed, snapshot:in_flight_count()
  elseif selection.session then
    return listed, #listed
  end
  local count, is_chosen = 0, matching(snapshot, selection)
  for _, tool in ipairs(snapshot:tools()) do
    count = count + (is_chosen { tool = tool } and snapshot:in_flight_count(tool) or 0)
  end
  return listed, count
end

--- The same by tool: the `count`, and of those that are listed `elapsed_ms`, an array, and
-- `longest_ms` and `total_ms`, both nil if none is.
function M.by_tool(snapshot, selection)
  local listed, by_tool = chosen(snapshot, snapshot:in_flight(), selection), {}
  for _, execution in ipairs(listed) do
    local flight = by_tool[execution.tool]
      or { count = 0, elapsed_ms = {}, longest_ms = 0, total_ms = 0 }
    by_tool[execution.tool], flight.count = flight, flight.count + 1
    flight.elapsed_ms[flight.count] = execution.elapsed_ms
    flight.longest_ms = math.max(flight.longest_ms, execution.elapsed_ms)
    flight.total_ms = flight.total_ms + execution.elapsed_ms
  end
  local is_chosen = matching(snapshot, selection)
  for _, tool in ipairs(selection and selection.session and {} or snapshot:tools()) do
    local count = is_chosen { tool = tool } and snapshot:in_flight_count(tool) or 0
    if count > 0 then
      by_tool[tool] = by_tool[tool] or { elapsed_ms = {} }
      by_tool[tool].count = count
    end
  end
  return by_tool
end

--- Sorts listed executions, the longest first, and adds the texts of their arguments as `args`.
local function with_texts(snapshot, rows)
  local places = {}
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
  for _, column in ipairs { { field = "session", heading = "Session", priority = 2 },
    { field = "args", heading = "Arguments", priority = 3 } } do
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
-- flight, and the writer is neither live nor died. `note` is one more sentence, or nil; `selection`
-- is that of `matching`; `zone` is that of times in sentences.
function M.section(snapshot, note, selection, zone)
  local rows, count = M.matching(snapshot, selection)
  local has_died = M.has_died(snapshot)
  local section = { title = has_died and "In flight when its writer died" or "In flight" }
  if count == 0 and not has_died and state_of(snapshot) ~= "live" then
    return nil
  elseif count == 0 then
    section.text = words.joined(about_writer(snapshot, zone), ("Nothing %s%s in flight."):format(
      snapshot:in_flight_count() > 0 and "of what was chosen " or "", has_died and "was" or "is"))
    return section
  end
  with_texts(snapshot, rows)
  section.text = words.joined(about_writer(snapshot, zone), note, room(#rows, count))
  section.columns, section.rows = columns_of(rows, has_died), rows
  return section
end

return M
