--- The spans of a run, as OTLP has them: one for each execution with a time, and one around those
-- of each session that has ended. Names are those of the conventions for generative AI.
-- Used only by formats.
local ids = require("exectrack.format.otlp_ids")
local records = require("exectrack.format.records")

local M = {}

local IS_ERROR = { failed = true, timed_out = true }
local NO_SESSION = false

--- The value of `error.type`: the type, or what OpenTelemetry says where there is none.
local function error_type_of(status, error_type)
  if not IS_ERROR[status] then
    return nil
  end
  return error_type or status == "timed_out" and "timeout" or "_OTHER"
end

local function attributes_of(record, tool, error_type, label)
  local attributes = { { "gen_ai.operation.name", "execute_tool" }, { "gen_ai.tool.name", tool } }
  local function add(name, value)
    attributes[#attributes + 1] = value and { name, value } or nil
  end
  add("gen_ai.agent.name", label ~= "" and label)
  add("error.type", error_type_of(record.status, error_type))
  add("exectrack.error_type", not IS_ERROR[record.status] and error_type)
  add("exectrack.status", record.status)
  add("exectrack.was_cached", record.was_cached)
  add("exectrack.timing", record.timing)
  return attributes
end

-- Numbers of what is alike, for a key without a text.
local STATUSES = { success = 0, failed = 1, timed_out = 2, cancelled = 3 }
local TIMINGS = { elapsed = 1, untimed = 2 }
local ERROR_TYPES = 512 -- more than there can be

local function number_of(record)
  local alike = (record.tool_id * ERROR_TYPES + (record.error_type_id or 0)) * 4
    + STATUSES[record.status]
  return (alike * 3 + (TIMINGS[record.timing] or 0)) * 2 + (record.was_cached and 1 or 0)
end

local function make_kind(record, run)
  local tool = run.tools[record.tool_id].name
  local error_type = run.error_types[record.error_type_id]
  local key = table.concat({ tool, error_type or "", record.status,
    record.timing or "", record.was_cached and "cached" or "" }, "\0")
  return { name = "execute_tool " .. tool, key = key,
    has_failed = IS_ERROR[record.status] or false,
    attributes = attributes_of(record, tool, error_type, run.label) }
end

--- A function that returns what a record has in common with others: `name`, `has_failed`,
-- `attributes`, and `key`, a text that says what it is.
local function kinds_of(run)
  local kinds = {}
  return function(record)
    local number = number_of(record)
    kinds[number] = kinds[number] or make_kind(record, run)
    return kinds[number]
  end
end

--- A function that returns the session of a record: its `name`, its `attributes`, and its
-- identifiers `trace` and `root`; and an array of all, in the order in which they come first.
local function sessions_of(run)
  local sessions, list = {}, {}
  return function(record)
    local name = record.session or NO_SESSION
    local session = sessions[name]
    if not session then
      local id = run.valid_session[name] or name
      session = { name = name, attributes = { id and { "gen_ai.conversation.id", id } or nil } }
      session.trace, session.root = ids.of_session(run.instance_id, name)
      sessions[name], list[#list + 1] = session, session
    end
    return session
  end, list
end

local function numbered_id(record, kind, session, number)
  return ids.of_execution(session.trace, kind.key, number, record.args_hash,
    record.result_hash or 0, record.depth or 0, tonumber(record.duration_us) or 0,
    record.end_seconds, record.end_microseconds)
end

--- The identifier of a span. Executions about which all is alike are told apart by a number, and
-- `counts` is how many there are of each, by the identifier of the first.
local function id_of(record, kind, session, counts)
  local first = numbered_id(record, kind, session, 1)
  local count = (counts[first] or 0) + 1
  counts[first] = count
  return count == 1 and first or numbered_id(record, kind, session, count)
end

local function span_of(record, kind, session, id)
  local seconds, microseconds = records.start(record)
  return { kind = kind, session = session, id = id, record = record,
    start_seconds = seconds, start_microseconds = microseconds,
    end_seconds = record.end_seconds, end_microseconds = record.end_microseconds }
end

local function is_before(a_seconds, a_microseconds, b_seconds, b_microseconds)
  if a_seconds ~= b_seconds then
    return a_seconds < b_seconds
  end
  return a_microseconds < b_microseconds
end

--- Extends a session to hold one of its spans.
local function extend(session, span)
  if not session.start_seconds or is_before(span.start_seconds, span.start_microseconds,
      session.start_seconds, session.start_microseconds) then
    session.start_seconds = span.start_seconds
    session.start_microseconds = span.start_microseconds
  end
  if not session.end_seconds or is_before(session.end_seconds, session.end_microseconds,
      span.end_seconds, span.end_microseconds) then
    session.end_seconds, session.end_microseconds = span.end_seconds, span.end_microseconds
  end
end

--- What the spans around those of sessions have in common.
local function root_kind(label)
  return { has_failed = false, name = label ~= "" and "invoke_agent " .. label or "invoke_agent",
    attributes = { { "gen_ai.operation.name", "invoke_agent" },
      label ~= "" and { "gen_ai.agent.name", label } or nil } }
end

--- The span around those of a session.
local function root_of(session, kind)
  return { kind = kind, session = session, id = session.root,
    start_seconds = session.start_seconds, start_microseconds = session.start_microseconds,
    end_seconds = session.end_seconds, end_microseconds = session.end_microseconds }
end

--- A function that returns whether a session hasn't ended: the run hasn't, if that is given, and
-- the session isn't idle; or the run's writer goes on; or, if nothing is known of a writer, a call
-- of the session is in flight.
local function is_open(snapshot, run, has_ended, idle_at)
  local writer = snapshot:writer()
  local with_calls = {}
  for _, execution in ipairs(run.in_flight) do
    with_calls[execution.session or NO_SESSION] = true
  end
  return function(session)
    if has_ended ~= nil then
      return not has_ended and (with_calls[session.name] or run.taken_seconds < idle_at(session))
    elseif writer then
      return writer.state == "live"
    end
    return with_calls[session.name] or false
  end
end

--- Adds the spans around sessions that have ended.
local function add_roots(spans, sessions, is_open_one, label)
  local kind = root_kind(label)
  for _, session in ipairs(sessions) do
    if not is_open_one(session) then
      spans[#spans + 1] = root_of(session, kind)
    end
  end
end

--- Sets the `parent` of spans: that of the call around, if it is known, else that of the session.
local function set_parents(spans_of, parents)
  for i, parent in ipairs(parents) do
    local span = spans_of[i]
    if span then
      span.parent = spans_of[parent] and spans_of[parent].id or span.session.root
    end
  end
end

--- Calls in flight by session.
local function callers_of(run)
  local callers = {}
  for _, call in ipairs(run.in_flight) do
    local session = call.session or NO_SESSION
    callers[session] = callers[session] or {}
    table.insert(callers[session], call)
  end
  return callers
end

--- Whether a call in flight may be that around a record: it is less deep and started no later. If
-- another one is known to be around, it must be one level up.
local function is_caller(call, span, has_parent)
  local depth, record_depth = call.depth or 0, span.record.depth or 0
  return depth < record_depth and (not has_parent or depth == record_depth - 1)
    and not is_before(span.start_seconds, span.start_microseconds,
      call.start_seconds, call.start_microseconds)
end

--- Sets `is_early` of the spans whose parent may be a call in flight.
local function set_early(spans_of, parents, run)
  local callers = callers_of(run)
  for i, span in pairs(spans_of) do
    local record = span.record
    for _, call in ipairs(record.depth and callers[record.session or NO_SESSION] or {}) do
      span.is_early = span.is_early or is_caller(call, span, spans_of[parents[i]] ~= nil)
    end
  end
end

--- The spans, in the order of recording, then those around sessions; and how many executions have
-- none because they have no time. A span has `kind`, with `name`, `attributes` and `has_failed`;
-- `session`, with `trace` and `attributes`; the identifiers `id` and `parent`; its start and end in
-- seconds and microseconds; and, except those of sessions, `record` and `place`, its index. `run`
-- is what `records.read` returns.
--
-- `has_ended` says whether nobody records into the run any more. If it is nil, a session counts as
-- ended when it may be. If it is false, `is_early` is true for spans whose parent may yet turn out
-- to be another, and `idle_at` is a function of a session that returns the Unix seconds from which
-- on it counts as ended, too, if none of its calls is in flight.
function M.of(snapshot, run, has_ended, idle_at)
  local kind_of, spans, spans_of, undated, counts = kinds_of(run), {}, {}, 0, {}
  local session_of, sessions = sessions_of(run)
  for i, record in ipairs(run.records) do
    if record.undated then
      undated = undated + 1
    else
      local session = session_of(record)
      local kind = kind_of(record)
      local span = span_of(record, kind, session, id_of(record, kind, session, counts))
      span.place = i
      extend(session, span)
      spans[#spans + 1], spans_of[i] = span, span
    end
  end
  local parents = snapshot:parents()
  set_parents(spans_of, parents)
  if has_ended == false then
    set_early(spans_of, parents, run)
  end
  add_roots(spans, sessions, is_open(snapshot, run, has_ended, idle_at), run.label)
  return spans, undated
end

return M
