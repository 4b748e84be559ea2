--- What is in flight, and what became of the process that writes the run.
-- Used by built-in reports and the command.
local format = require("exectrack.report.format")
local has_any = require("exectrack.report.parts.columns").has_any
local words = require("exectrack.report.parts.words")

-- Said if what is in flight is known only until runs were taken that were merged.
local MERGED = "Each is known until its own run was taken."

local CLOCK_STEP_S = 1e-6

local M = {}

local function process_of(writer)
  return ("process %.0f on %s"):format(writer.pid, format.name(writer.host))
end

--- Sentences about the writer of a recorder, who is called `its`, with times in a zone; nil for any
-- other run.
local function about_writer(snapshot, its, zone)
  local writer = snapshot:writer()
  if not writer then
    return nil
  elseif writer.state == "closed" then
    return ("Its writer, %s, closed it before these had ended."):format(process_of(writer))
  elseif writer.state == "live" then
    return ("The run is live: %s has been writing it since %s."):format(process_of(writer),
      words.time(writer.started, zone))
  end
  return ("%s, %s, died. The last time known is %s."):format(its, process_of(writer),
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
function M.matching(snapshot, selection)
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

local function of_tool(flights, tool)
  flights.by_tool[tool] = flights.by_tool[tool] or { count = 0, elapsed_ms = {} }
  return flights.by_tool[tool]
end

local function add_elapsed(its, ms)
  its.elapsed_ms[#its.elapsed_ms + 1] = ms
  its.longest_ms, its.total_ms = math.max(its.longest_ms or 0, ms), (its.total_ms or 0) + ms
end

local function add_listed(flights, run, execution, name)
  local writer, ms = run:writer(), execution.elapsed_ms
  execution.args, execution.run = run:args_text(execution.args_hash), name
  execution.writer = writer and process_of(writer)
  flights.listed[#flights.listed + 1] = execution
  flights.is_cut = flights.is_cut or run:taken() - execution.started - ms / 1000 > CLOCK_STEP_S
  if flights.whose and ms == 0 then -- the process may have died at any time after it
    execution.elapsed_ms = nil
  else
    add_elapsed(of_tool(flights, execution.tool), ms)
  end
end

--- Adds what is in flight of the run of `part`, as reports have it in `died`.
local function add_run(flights, part, selection)
  local run, session = part.run, part.session
  flights.runs[#flights.runs + 1] = run
  if part.is_left_out then
    return
  end
  local is_chosen = M.matching(run, selection)
  local is_of_session = M.matching(run, { session = session })
  local listed = {}
  for _, execution in ipairs(run:in_flight()) do
    if is_chosen(execution) and is_of_session(execution) then
      add_listed(flights, run, execution, part.name)
      listed[execution.tool] = (listed[execution.tool] or 0) + 1
    end
  end
  local of_sessions = session or selection and selection.session
  for _, tool in ipairs(run:in_flight_count() > 0 and run:tools() or {}) do
    local count = of_sessions and (listed[tool] or 0)
      or is_chosen { tool = tool } and run:in_flight_count(tool) or 0
    if count > 0 then
      local its = of_tool(flights, tool)
      its.count, flights.count = its.count + count, flights.count + count
    end
  end
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

--- What is in flight of a run `now`, and what was `at_death`, when the process died that wrote it;
-- of a merged run, when those died that wrote the runs which `chosen.died` has, as reports take it.
-- `chosen.selection` are the tools and sessions that are chosen, as above; all if it is nil. With
-- `chosen.timezone` for `sections`. Both are tables with
--
-- - `listed`, the executions that are listed, each with the text of its arguments, `args`, and
--   `writer`, the words for the process that writes it, and `run`, the name of the run, where these
--   are known; of what was at a death, `elapsed_ms` is what is known at least, nil if nothing is
-- - `is_cut`, whether one is known for less long than the run: it is from one that was merged
-- - `count`, how many there are, without those of which the session isn't known if some are chosen
-- - `by_tool`, by tool: its `count`, and of those that are listed `elapsed_ms`, an array, and
--   `longest_ms` and `total_ms`, both nil if none is
-- - `runs`, the snapshots of which this is; empty for `at_death` if no process died
--
-- `at_death` has `whose` writer died, `its` or `a`, and `has_session` if only a session of a run is
-- chosen.
function M.of(snapshot, chosen)
  chosen = chosen or {}
  local its, died = { run = snapshot }, chosen.died or {}
  local has_died = state_of(snapshot) == "died"
  local now = { runs = {}, listed = {}, count = 0, by_tool = {} }
  local at_death = { runs = {}, listed = {}, count = 0, by_tool = {},
    whose = has_died and "its" or "a" }
  if not has_died then
    add_run(now, its, chosen.selection)
  end
  for _, part in ipairs(has_died and not died[1] and { its } or died) do
    add_run(at_death, part, chosen.selection)
    at_death.name = part.name
    at_death.has_session = at_death.has_session or not has_died and part.session ~= nil
  end
  return { now = now, at_death = at_death, timezone = chosen.timezone }
end

--- All executions that are listed in what `of` returns.
function M.listed(flights)
  local listed = {}
  for _, its in ipairs { flights.at_death, flights.now } do
    for _, execution in ipairs(its.listed) do
      listed[#listed + 1] = execution
    end
  end
  return listed
end

--- Sorts listed executions, the longest first; O(n log n).
local function sorted(rows)
  local places = {}
  for place, row in ipairs(rows) do
    places[row] = place
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
local function columns_of(rows, flights)
  local columns = {
    { field = "tool", heading = "Tool", unit = "name" },
    { field = "started", heading = "Started", unit = "time" },
    { field = "elapsed_ms", unit = "ms", none = "unknown",
      heading = (flights.whose or flights.is_cut) and "At least" or "For" },
  }
  for _, column in ipairs { { field = "session", heading = "Session", unit = "name", priority = 2 },
    { field = "args", heading = "Arguments", priority = 3 },
    flights.runs[2] and { field = "run", heading = "Run", unit = "name", priority = 2 },
    flights.runs[2] and { field = "writer", heading = "Writer", priority = 4 } } do
    columns[#columns + 1] = has_any(rows, column.field) and column or nil
  end
  return columns
end

--- Says for how many the lists had no room; nil if they had for all.
local function room(flights)
  return #flights.listed < flights.count and ("%s had room for %s of %s."):format(
    flights.runs[2] and "Their lists" or "Its list", format.count(#flights.listed),
    words.counted(flights.count, "execution")) or nil
end

--- Says that nothing is in flight, or nothing of what was chosen.
local function nothing(flights)
  local is_any = false
  for _, run in ipairs(flights.runs) do
    is_any = is_any or run:in_flight_count() > 0
  end
  return ("Nothing %s%s in flight."):format(is_any and "of what was chosen " or "",
    flights.whose and "was" or "is")
end

local function section_of(flights, note, zone)
  local section = { title = flights.whose and ("In flight when %s writer died"):format(
    flights.whose) or "In flight" }
  local about = flights.runs[2] and ("The writers of %s runs died."):format(
      format.count(#flights.runs))
    or about_writer(flights.runs[1], flights.whose ~= "a" and "Its writer"
      or flights.name and "The writer of " .. format.name(flights.name) or "A writer", zone)
  if flights.count == 0 then
    section.text = words.joined(about, nothing(flights))
    return section
  end
  local rows = sorted(flights.listed)
  section.text = words.joined(about, note, flights.is_cut and MERGED or nil, room(flights))
  section.columns, section.rows = columns_of(rows, flights), rows
  return section
end

--- The sections about what was in flight at the death of processes, and about what is now, by what
-- `of` returns: each says what became of the writer, and is nil if there is nothing to say. `note`
-- is one more sentence, or nil.
function M.sections(flights, note)
  local now = flights.now
  local is_live = now.runs[1] and state_of(now.runs[1]) == "live"
  local at_death = flights.at_death
  local its_note = not at_death.has_session and note or nil -- of a part, the note says too much
  return at_death.runs[1] and section_of(at_death, its_note, flights.timezone) or nil,
    (is_live or now.count > 0) and section_of(now, note, flights.timezone) or nil
end

return M
