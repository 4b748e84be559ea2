--- Calls that were made more than once.
-- Used only by the built-in reports and the command.

local M = {}

--- How many equal calls in a row are a loop.
M.LOOP = 3

--- The statuses of calls that failed, as keys.
M.FAILURES = { failed = true, timed_out = true }

-- How many fingerprints there are.
local FINGERPRINTS = 4294967296

--- Gives each of the values a number, from 1.
local function ids_of(values)
  local ids, count = {}, 0
  for _, value in ipairs(values) do
    if not ids[value] then
      count = count + 1
      ids[value] = count
    end
  end
  return ids
end

local function columns_of(snapshot)
  local columns = {}
  for _, field in ipairs { "tool_id", "args_hash", "result_hash", "session", "status", "was_cached",
      "error_type", "self_duration_ms", "timing", "timestamp" } do
    columns[field] = snapshot:column(field)
  end
  columns.error_ids = ids_of(columns.error_type)
  columns.measures = {}
  for _, measure in ipairs(snapshot:measures()) do
    columns.measures[measure.name] = snapshot:column("measures." .. measure.name)
  end
  return columns
end

-- Microseconds are whole numbers, whose sums are exact; they are floats, so that nothing overflows.
local function new_call(columns, place, tool)
  return { tool = tool, args_hash = columns.args_hash[place],
    session = columns.session[place] or nil, first_index = place, last_index = place, count = 0,
    cached_hits = 0, failures = 0, in_a_row = 1, current = 0, uncached_us = 0.0, longest_us = 0.0,
    measures = {}, measured = 0, is_dated = true, first_timestamp = math.huge,
    last_timestamp = -math.huge }
end

--- The identity of an execution's result: its fingerprint, or for a failure, a negative number that
-- has its error type, too; nil if neither was recorded.
local function result_of(columns, place)
  local hash, error_type = columns.result_hash[place], columns.error_type[place]
  if M.FAILURES[columns.status[place]] and (hash or error_type) then
    return -columns.error_ids[error_type] * FINGERPRINTS - (hash or 0)
  end
  return hash or nil
end

--- Adds the duration of an execution that no cache answered.
local function count_duration(call, ms, timing)
  if timing == "measured" then
    local us = math.floor(ms * 1000 + 0.5)
    call.uncached_us = call.uncached_us + us
    call.longest_us, call.measured = math.max(call.longest_us, us), call.measured + 1
  end
end

--- Adds the measures of an execution that no cache answered.
local function count_measures(call, measures, place)
  for name, values in pairs(measures) do
    local value = values[place]
    if value then
      local its = call.measures[name] or { sum = 0, count = 0, largest = 0 }
      its.sum, its.count = its.sum + math.min(value, its.largest), its.count + 1
      its.largest = math.max(its.largest, value)
      call.measures[name] = its
    end
  end
end

local function count(call, columns, place)
  call.count, call.last_index = call.count + 1, place
  if columns.was_cached[place] then
    call.cached_hits = call.cached_hits + 1
  else
    count_duration(call, columns.self_duration_ms[place], columns.timing[place])
    count_measures(call, columns.measures, place)
  end
  if M.FAILURES[columns.status[place]] then
    call.failures = call.failures + 1
  end
  local timestamp = columns.timestamp[place]
  if timestamp then
    call.first_timestamp = math.min(call.first_timestamp, timestamp)
    call.last_timestamp = math.max(call.last_timestamp, timestamp)
  else
    call.is_dated = false
  end
end

--- The state of a session. `seen` has, by tool and arguments, the index of the only execution; or,
-- if there are several, a table by result: the index of its only execution, or its call. And by
-- tool, the arguments and the result of the latest execution, its call, if it has one, and how many
-- equal ones came in a row.
local function new_session()
  return { seen = {}, hashes = {}, results = {}, latest = {}, in_a_row = {} }
end

local function session_of(sessions, name)
  sessions[name] = sessions[name] or new_session()
  return sessions[name]
end

--- How many executions of tool `id` in a row, up to this latest one, were equal to it.
local function count_in_a_row(session, id, hash, result)
  local is_same = result and session.hashes[id] == hash and session.results[id] == result
  session.in_a_row[id] = is_same and session.in_a_row[id] + 1 or 1
  session.hashes[id], session.results[id] = hash, result
  return session.in_a_row[id]
end

--- Notes that the latest execution of tool `id` was of `call`, or of none, for nil.
local function end_row(session, id, call, in_a_row)
  local latest = session.latest[id]
  if latest then
    latest.current = 0
  end
  session.latest[id] = call
  if call then
    call.current, call.in_a_row = in_a_row, math.max(call.in_a_row, in_a_row)
  end
end

--- The table by result that `seen` has for `key`; nil if the execution at `place` is the first.
local function see(columns, seen, key, place)
  local first = seen[key]
  if not first then
    seen[key] = place
    return nil
  elseif type(first) == "number" then
    local result = result_of(columns, first)
    seen[key] = result and { [result] = first } or {}
  end
  return seen[key]
end

--- The call that `by_result` has for `result`; nil if the execution at `place` is the first. At the
-- second one, the call is made, counts the first, and is added to `calls`.
local function call_again(columns, calls, by_result, result, place, tool)
  local call = by_result[result]
  if not call then
    by_result[result] = place
  elseif type(call) == "number" then
    local first = call
    call = new_call(columns, first, tool)
    count(call, columns, first)
    calls[#calls + 1], by_result[result] = call, call
  end
  return call
end

--- Returns the calls that were made more than once, where a call is a tool, arguments, a session
-- and a result; for each tool, by its name, how many executions have arguments; and how many have
-- those of an earlier one of the session, but no result that is known, so that whether they repeat
-- it isn't. Results of failures are the same if their error types and their fingerprints are, and
-- known if they have one of these. O(n log n) for n records.
--
-- Calls are in the order in which they were first repeated. Their fields are
--
-- - `tool`, `args_hash`, `session` (nil for none), `first_index` and `last_index`, those of the
--   first and the last record, `count`, `cached_hits` and `failures`
-- - `in_a_row`, the most of them in a row among the session's calls of the tool, and `current`, how
--   many there are in a row up to the last of these
-- - of those that no cache answered: how many were `measured`; of these, `uncached_us`, their time
--   without that of the calls made within them, and `longest_us`, that of the longest; and
--   `measures`, by name, the `count` of those with a value, the `largest` value, and the `sum` of
--   the others
-- - `first_timestamp` and `last_timestamp`, and `is_dated`, whether all have a time
function M.of(snapshot)
  local columns, names, calls, compared = columns_of(snapshot), snapshot:tools(), {}, {}
  local sessions, unsure = {}, 0
  for place, id in ipairs(columns.tool_id) do
    local hash, tool, result = columns.args_hash[place], names[id], result_of(columns, place)
    local session = session_of(sessions, columns.session[place])
    local in_a_row = count_in_a_row(session, id, hash, result)
    local call
    if hash ~= 0 then
      compared[tool] = (compared[tool] or 0) + 1
      local by_result = see(columns, session.seen, id * FINGERPRINTS + hash, place)
      call = by_result and result and call_again(columns, calls, by_result, result, place, tool)
      unsure = unsure + (by_result and not result and 1 or 0)
      if call then
        count(call, columns, place)
      end
    end
    end_row(session, id, call, in_a_row)
  end
  return calls, compared, unsure
end

return M
