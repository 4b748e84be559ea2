--- Trace events, which Perfetto, speedscope and Chrome's own viewer show: a process for each
-- session, in it a thread for each lane, and one for calls that were denied.
local json = require("exectrack.json_text")
local lanes = require("exectrack.format.lanes")
local options = require("exectrack.options")
local pieces = require("exectrack.format.pieces")
local records = require("exectrack.format.records")

local M = {}

local NO_SESSION = false

-- What Chrome's viewer colours.
local COLOURS = { failed = "terrible", timed_out = "bad", cancelled = "grey" }

local METADATA = '{"ph":"M","name":"%s","pid":%d,"tid":%d,"args":{"name":%s}},\n'
local CALL = '{%s,"cat":"tool","name":%s,"pid":%d,"tid":%d,"ts":%.0f%s%s,"args":%s}'
local DENIED = '{"ph":"i","s":"t","cat":"denied","name":%s,"pid":%d,"tid":%d,"ts":%.0f,"args":%s}'

--- The processes by session, and in the order in which they come first: `number`, `name`, how many
-- `lanes` there are, and whether it `has_denied` calls.
local function processes_of(calls, run)
  local by_session, list = {}, {}
  local function process_of(session)
    session = session or NO_SESSION
    if not by_session[session] then
      local name = session and (run.valid_session[session] or session)
        or run.label ~= "" and run.label or "exectrack"
      list[#list + 1] = { number = #list + 1, name = name, lanes = 0, has_denied = false }
      by_session[session] = list[#list]
    end
    return by_session[session]
  end
  for _, call in ipairs(calls) do
    local process = process_of(call.record.session)
    process.lanes = math.max(process.lanes, call.lane)
  end
  for _, call in ipairs(run.denied) do
    process_of(call.session).has_denied = true
  end
  return by_session, list
end

--- Sets the number of the thread before the first lane of each process, `before`, and that of the
-- thread of denied calls. Perfetto wants numbers from 1 that are unique in a trace.
local function number_threads(processes)
  local last = 0
  for _, process in ipairs(processes) do
    process.before = last
    process.denied_thread = last + process.lanes + 1
    last = last + process.lanes + (process.has_denied and 1 or 0)
  end
end

--- The events that name processes and threads.
local function metadata(processes)
  local texts = {}
  local function add(kind, process, thread, name)
    texts[#texts + 1] = METADATA:format(kind, process.number, thread, json.string(name))
  end
  for _, process in ipairs(processes) do
    add("process_name", process, process.before + 1, process.name)
    for lane = 1, process.lanes do
      add("thread_name", process, process.before + lane, "calls " .. lane)
    end
    if process.has_denied then
      add("thread_name", process, process.denied_thread, "denied")
    end
  end
  return table.concat(texts)
end

local function hex(hash)
  return hash and hash ~= 0 and ("%08x"):format(hash) or nil
end

--- The values of measures by their names; nil for none.
local function measures_of(run, place)
  local values = {}
  for _, measure in ipairs(run.measures) do
    values[measure.name] = measure.values[place] or nil
  end
  return next(values) and values
end

--- A function that returns what else is known of a call, as a table.
local function facts_of(run, with_texts)
  local args_text, error_text = records.texts(run, with_texts)
  return function(call)
    local record = call.record
    return { status = record.status, was_cached = record.was_cached or nil,
      timing = record.timing, error_type = run.error_types[record.error_type_id],
      args_hash = hex(record.args_hash), result_hash = hex(record.result_hash),
      measures = measures_of(run, call.place), place = record.place,
      args_text = args_text(record), error_text = error_text(record) }
  end
end

--- A call as an event. One that took no time is an instant: speedscope takes an event without a
-- duration for one without an end, if another begins at the same time.
local function call_event(call, process, run, facts)
  local record, duration = call.record, call.end_us - call.start_us
  local colour = COLOURS[record.status]
  return CALL:format(duration > 0 and '"ph":"X"' or '"ph":"i","s":"t"',
    json.string(run.tools[record.tool_id].name), process.number, process.before + call.lane,
    call.start_us, duration > 0 and (',"dur":%.0f'):format(duration) or "",
    colour and ',"cname":"' .. colour .. '"' or "", json.encode(facts(call)))
end

local function denied_event(call, process, run, base)
  local args = { reason = run.error_types[call.reason_id], args_hash = hex(call.args_hash) }
  return DENIED:format(json.string(run.tools[call.tool_id].name), process.number,
    process.denied_thread, lanes.microseconds(call.denied_seconds, call.denied_microseconds, base),
    json.encode(args))
end

local function before(run, base)
  local facts = { instance_id = run.instance_id, label = run.label,
    first_second = ("%.0f"):format(base) }
  return '{"displayTimeUnit":"ms","otherData":' .. json.encode(facts) .. ',"traceEvents":[\n'
end

--- Makes an iterator over pieces of JSON; also returns a function that returns notes, sentences.
-- Times count from the second in which the first event begins.
function M.encode(snapshot, given)
  options.check("chrome.encode", snapshot, options.snapshot)
  local run = records.read(snapshot)
  local calls, base, undated = lanes.of(snapshot, run)
  local by_session, processes = processes_of(calls, run)
  number_threads(processes)
  local facts, count = facts_of(run, given and given.texts), #calls + #run.denied
  local start = before(run, base) .. metadata(processes)
  return pieces(start, count, function(i)
    local call = calls[i] or run.denied[i - #calls]
    local process = by_session[(call.record or call).session or NO_SESSION]
    local event = call.record and call_event(call, process, run, facts)
      or denied_event(call, process, run, base)
    return event .. (i < count and ",\n" or "\n")
  end, "]}\n"), function() return records.undated_notes(undated, "event") end
end

return M
