--- Trace events, which Perfetto, speedscope and Chrome's own viewer show: a process for each
-- session, in it a thread for each lane, and one for calls that were denied.
local json = require("exectrack.json_text")
local kept_texts = require("exectrack.format.kept_texts")
local lanes = require("exectrack.format.lanes")
local options = require("exectrack.options")
local pieces = require("exectrack.format.pieces")
local undated_notes = require("exectrack.format.undated_notes")

local M = {}

local NO_SESSION = false
local DENIED_THREAD = 0

-- What Chrome's viewer colours.
local COLOURS = { failed = "terrible", timed_out = "bad", cancelled = "grey" }

local METADATA = '{"ph":"M","name":"%s","pid":%d,"tid":%d,"args":{"name":%s}},\n'
local CALL = '{"ph":"X","cat":"tool","name":%s,"pid":%d,"tid":%d,"ts":%.0f,"dur":%.0f%s,"args":%s}'
local DENIED = '{"ph":"i","s":"t","cat":"denied","name":%s,"pid":%d,"tid":%d,"ts":%.0f,"args":%s}'

--- Numbers of processes by session, in the order in which they come first, and the names of those
-- processes.
local function processes_of(calls, run)
  local numbers, names = {}, {}
  local function add(session)
    if not numbers[session] then
      names[#names + 1] = session or run.label ~= "" and run.label or "exectrack"
      numbers[session] = #names
    end
  end
  for _, call in ipairs(calls) do
    add(call.record.session or NO_SESSION)
  end
  for _, call in ipairs(run.denied) do
    add(call.session or NO_SESSION)
  end
  return numbers, names
end

--- How many lanes each process has, and which have calls that were denied.
local function threads_of(calls, run, processes)
  local lane_counts, with_denied = {}, {}
  for _, call in ipairs(calls) do
    local process = processes[call.record.session or NO_SESSION]
    lane_counts[process] = math.max(lane_counts[process] or 0, call.lane)
  end
  for _, call in ipairs(run.denied) do
    with_denied[processes[call.session or NO_SESSION]] = true
  end
  return lane_counts, with_denied
end

--- The events that name processes and threads.
local function metadata(calls, run, processes, names)
  local lane_counts, with_denied = threads_of(calls, run, processes)
  local texts = {}
  for process, name in ipairs(names) do
    texts[#texts + 1] = METADATA:format("process_name", process, 0, json.string(name))
    for lane = 1, lane_counts[process] or 0 do
      texts[#texts + 1] = METADATA:format("thread_name", process, lane,
        json.string("calls " .. lane))
    end
    if with_denied[process] then
      texts[#texts + 1] = METADATA:format("thread_name", process, DENIED_THREAD, '"denied"')
    end
  end
  return table.concat(texts)
end

local function hex(hash)
  return hash and hash ~= 0 and ("%08x"):format(hash) or nil
end

--- A function that returns what else is known of a call, as a table.
local function facts_of(snapshot, run, with_texts)
  local args_text, error_text = kept_texts(run, with_texts)
  local measures = snapshot:measures()[1] and snapshot:column("measures") or {}
  return function(call)
    local record = call.record
    return { status = record.status, was_cached = record.was_cached or nil,
      timing = record.timing, error_type = run.error_types[record.error_type_id],
      args_hash = hex(record.args_hash), result_hash = hex(record.result_hash),
      measures = measures[call.place] or nil, place = record.place,
      args_text = args_text(record), error_text = error_text(record) }
  end
end

local function call_event(call, process, run, facts)
  local record = call.record
  local colour = COLOURS[record.status]
  return CALL:format(json.string(run.tools[record.tool_id].name), process, call.lane,
    call.start_us, call.end_us - call.start_us, colour and ',"cname":"' .. colour .. '"' or "",
    json.encode(facts(call)))
end

local function denied_event(call, process, run, base)
  local args = { reason = run.error_types[call.reason_id],
    args_hash = hex(call.args_hash) }
  return DENIED:format(json.string(run.tools[call.tool_id].name), process, DENIED_THREAD,
    (call.denied_seconds - base) * 1000000 + call.denied_microseconds, json.encode(args))
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
  local run = snapshot:to_table()
  local calls, base, undated = lanes(snapshot, run)
  local processes, names = processes_of(calls, run)
  local facts, count = facts_of(snapshot, run, given and given.texts), #calls + #run.denied
  local start = before(run, base) .. metadata(calls, run, processes, names)
  return pieces(start, count, function(i)
    local call = calls[i] or run.denied[i - #calls]
    local process = processes[(call.record or call).session or NO_SESSION]
    local event = call.record and call_event(call, process, run, facts)
      or denied_event(call, process, run, base)
    return event .. (i < count and ",\n" or "\n")
  end, "]}\n"), undated_notes(undated, "event")
end

return M
