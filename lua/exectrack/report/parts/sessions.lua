--- The sessions of a run.
-- Used only by the built-in reports.
local deaths = require("exectrack.report.parts.deaths")
local in_flight = require("exectrack.report.parts.in_flight")
local known_columns = require("exectrack.report.parts.columns").known
local measured = require("exectrack.report.parts.measured")
local measure_columns = require("exectrack.report.parts.columns").of_measures
local sort_rows = require("exectrack.report.parts.sort_rows")
local words = require("exectrack.report.parts.words")

local M = {}

-- How a session ended in whose last calls the process died that wrote the run.
local AT_DEATH = "in flight when its writer died"

-- How many sessions an overview shows at first.
local MOST_SESSIONS = 5

--- A new row for a session that only has calls in flight.
local function row_without_calls(session)
  return { session = session, count = 0, successful = 0, failed = 0, timed_out = 0, cancelled = 0,
    cached_hits = 0, untimed = 0, elapsed = 0 }
end

--- The rows of `group_by` by session; these by session; and how many executions have no session.
local function group(snapshot)
  local rows, by_name, without = {}, {}, 0
  for _, row in ipairs(deaths.take_out(snapshot:group_by("session", { quantiles = {} }), snapshot,
    "session")) do
    if row.session then
      rows[#rows + 1], by_name[row.session] = row, row
      row.own_us, row.waited_us, row.ended_us, row.calls_by_tool = 0.0, 0.0, -1, {}
    else
      without = row.count
    end
  end
  return rows, by_name, without
end

local function microseconds(ms)
  return math.floor(ms * 1000 + 0.5)
end

--- A time in whole microseconds, as a float: only some versions of Lua would have an integer, which
-- is exact where others round.
local function time_us(seconds)
  return math.floor(seconds * 1e6 + 0.5) + 0.0
end

--- Adds to the row of a session a record: its tool's id, its status, when it ended, how long it
-- took, how long without the calls within it, and whether that was measured.
local function add_record(row, id, status, seconds, duration_ms, own_ms, timing)
  row.calls_by_tool[id] = (row.calls_by_tool[id] or 0) + 1
  if timing == "measured" then
    row.own_us = row.own_us + microseconds(own_ms)
  elseif own_ms and status ~= AT_DEATH then
    row.waited_us = row.waited_us + microseconds(own_ms)
  end
  local end_us = seconds and time_us(seconds) or 0.0
  if end_us >= row.ended_us then
    row.ended_us, row.ended = end_us, status
  end
  if seconds then
    local start_us = math.max(0, end_us - (duration_ms and microseconds(duration_ms) or 0))
    row.start_us = math.min(row.start_us or start_us, start_us)
    row.finish_us = math.max(row.finish_us or end_us, end_us)
  end
end

local function add_records(snapshot, by_name, whole)
  local ids, statuses = snapshot:column("tool_id"), snapshot:column("status")
  local ends, timings = snapshot:column("timestamp"), snapshot:column("timing")
  local durations, own = snapshot:column("duration_ms"), snapshot:column("self_duration_ms", whole)
  local at_death = deaths.places(snapshot)
  for place, name in ipairs(snapshot:column("session")) do
    if name then
      local status = at_death[place] and AT_DEATH or statuses[place]
      add_record(by_name[name], ids[place], status, ends[place], durations[place], own[place],
        timings[place])
    end
  end
end

--- The name of the tool of which most calls of a session ended; of several, the first by the order
-- of names; nil if none did.
local function most_used(row, names)
  local used, most = nil, 0
  for id, count in pairs(row.calls_by_tool or {}) do
    if count > most or count == most and names[id] < used then
      used, most = names[id], count
    end
  end
  return used
end

local function add_flight(row, flight, field, state)
  local start_us = time_us(flight.started)
  local now_us = start_us + microseconds(flight.elapsed_ms or 0)
  row[field], row.ended = (row[field] or 0) + 1, state
  row.start_us = math.min(row.start_us or start_us, start_us)
  row.finish_us = math.max(row.finish_us or now_us, now_us)
end

--- Counts in a field what is listed in flight in this state, and adds rows for sessions that have
-- nothing else, if `knows_selection`: whether it is known that they were chosen.
local function add_in_flight(rows, by_name, listed, field, state, knows_selection)
  for _, flight in ipairs(listed) do
    local row = by_name[flight.session]
    if not row and flight.session and knows_selection then
      row = row_without_calls(flight.session)
      rows[#rows + 1], by_name[flight.session] = row, row
    end
    if row then
      add_flight(row, flight, field, state)
    end
  end
end

--- Adds the fields that are shown. The time in tools isn't known if no execution was measured.
local function finish(row, names)
  local is_measured = measured.count(row) > 0
  row.tool, row.calls_by_tool = most_used(row, names), nil
  row.failures = row.failed + row.timed_out
  row.total_duration_ms = is_measured and row.own_us / 1000 or nil
  row.waited_ms = row.elapsed > 0 and row.waited_us / 1000 or nil
  row.newest = row.finish_us or -1
  if row.start_us then
    row.started = row.start_us / 1e6
    row.length_ms = (row.finish_us - row.start_us) / 1000
  end
end

--- The rows of `group_by` by session, without that of no session, and a row for each session that
-- only has calls in flight; `chosen` are the options of the report. Besides their own fields they
-- have
--
-- - `total_duration_ms`, without the time of calls that were made within others: nil if no call was
--   measured; and `waited_ms`, that of calls that may have waited, nil if none may
-- - `failures`, `tool`, the one that was used most, and `in_flight` and `at_death`, how many calls
--   are in flight, and how many were at the death of a process, each nil for none
-- - `ended`, the status of the call that ended last, or that calls are in flight
-- - `started`, Unix seconds of the first start, and `length_ms`, the time from there to the last
--   end or, of what is in flight, to when the snapshot was taken; nil if all is undated
-- - `newest`, a number that is larger for a session that went on later
--
-- And how many executions have no session. O(n log n) for n records.
function M.rows(snapshot, chosen)
  local rows, by_name, without = group(snapshot)
  if #rows > 0 then
    add_records(snapshot, by_name, chosen.whole)
  end
  local flights = in_flight.of(snapshot, chosen)
  local knows_selection = chosen.selection ~= nil or not snapshot:is_filtered()
  add_in_flight(rows, by_name, flights.now.listed, "in_flight", "in flight", knows_selection)
  add_in_flight(rows, by_name, flights.at_death.listed, "at_death", AT_DEATH, knows_selection)
  local names = snapshot:tools()
  for _, row in ipairs(rows) do
    finish(row, names)
  end
  return rows, without
end

--- A sentence about executions of no session; nil if there are none.
function M.without(count)
  return count > 0 and ("%s to no session."):format(words.counted(count, "execution")
    .. (count == 1 and " belongs" or " belong")) or nil
end

--- The section that lists the largest sessions, and of equal ones those that failed most, then the
-- newest; nil if there aren't several.
function M.section(snapshot, chosen)
  local rows, without = M.rows(snapshot, chosen)
  if #rows < 2 then
    return nil
  end
  sort_rows(rows, { "count", "failures", "newest" }, { "session" })
  return {
    title = "Sessions",
    text = words.joined(words.counted(#rows, "session") .. ".", M.without(without),
      words.nameless(rows)),
    columns = measure_columns(snapshot, rows, known_columns({
      { field = "session", heading = "Session", unit = "name" },
      { field = "count", heading = "Calls", unit = "count" },
      { field = "error_rate", heading = "Errors", unit = "percent" },
      { field = "total_duration_ms", heading = "Total", unit = "ms", priority = 2 },
      { field = "length_ms", heading = "Length", unit = "ms", priority = 3 },
      { field = "last_timestamp", heading = "Last ended", unit = "time", priority = 4 },
    }, rows)),
    rows = rows,
    limit = MOST_SESSIONS,
    noun = "sessions",
  }
end

return M
