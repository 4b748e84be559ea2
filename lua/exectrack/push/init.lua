--- Sends runs over HTTP, as OTLP says: what is `exectrack.push`.
local deliver = require("exectrack.push.delivery")
local metrics = require("exectrack.format.otlp_metrics")
local options = require("exectrack.options")
local progress = require("exectrack.push.progress")
local push_options = require("exectrack.push.options")
local records = require("exectrack.format.records")
local state = require("exectrack.push.state")
local traces = require("exectrack.format.otlp_traces")

local M = {}

local Pusher = {}
Pusher.__index = Pusher

-- In a request, which is small then: most receivers take 4 MiB or more.
local MOST_SPANS = 2000

local NEVER = 1e12 -- Unix seconds, as JSON has no infinity

--- Makes a pusher.
function M.new(given)
  local chosen = options.check("push", given, push_options.check)
  return setmetatable({
    options = chosen,
    failures = {}, -- by signal, how many in a row
    accepted = {}, -- by signal, whether any request was
    most_spans = MOST_SPANS,
    positions = chosen.state or {}, -- by instance id
    totals = { requests = 0, spans = 0, rejected_spans = 0, rejected_data_points = 0,
      dropped_spans = 0, lost = 0 },
  }, Pusher)
end

local function bytes_of(pieces)
  local list = {}
  for piece in pieces do
    list[#list + 1] = piece
  end
  return table.concat(list)
end

local function add(pusher, name, count)
  pusher.totals[name] = pusher.totals[name] + count
end

--- Adds a failure to those of `send`; `outcome` may be nil.
local function fail(sending, outcome, suffix)
  local failures = sending.failed
  if not outcome then
    return
  end
  failures[#failures + 1] = { code = outcome.kind, message = outcome.message .. suffix,
    seconds = outcome.seconds }
end

--- Sends a request of so many spans, nil for metrics; calls `mark` if it was accepted or dropped,
-- and counts.
local function request(sending, signal, pieces, count, mark)
  local outcome = deliver(sending, signal, bytes_of(pieces), count)
  if outcome.kind == "accepted" or outcome.kind == "dropped" then
    mark(outcome.kind == "accepted")
  end
  if outcome.kind == "accepted" then
    add(sending.pusher, "requests", 1)
    add(sending.pusher, signal == "metrics" and "rejected_data_points" or "rejected_spans",
      outcome.rejected)
  end
  if outcome.note then
    sending.options.on_note(outcome.note)
  end
  return outcome
end

--- Sends the metrics, unless these or later ones were sent.
local function send_metrics(sending)
  local position, taken = sending.position, sending.snapshot:taken()
  local recorded, ended = sending.recorded, sending.has_ended
  if progress.has_metrics(position, taken, recorded, ended) then
    return
  end
  local pieces = metrics[sending.options.protocol](sending.snapshot, sending.encoding)
  local outcome = request(sending, "metrics", pieces, nil, function()
    progress.mark_metrics(position, taken, recorded, ended)
  end)
  fail(sending, outcome.kind ~= "accepted" and outcome, "")
end

local function slice(list, first, last)
  local part = {}
  for i = first, math.min(last, #list) do
    part[#part + 1] = list[i]
  end
  return part
end

--- Sends a part of the spans.
local function send_part(sending, pieces, part)
  return request(sending, "traces", pieces, #part, function(is_accepted)
    progress.mark(sending.position, sending.run, part)
    add(sending.pusher, is_accepted and "spans" or "dropped_spans", #part)
  end)
end

--- Whether to send no more spans after a failure. Those after a part that was at fault may be
-- better, but where two spans alone are too large and none was ever accepted, all are.
local function is_last(outcome, earlier)
  if outcome.is_of_content then
    return outcome.kind == "refused" and outcome.is_too_large and earlier ~= nil
  end
  return outcome.kind ~= "accepted"
end

--- Sends spans in parts, which are halved while they are too large. Returns outcomes: the first of
-- parts that were `dropped` and of those that were `refused` for their content, and the `last`.
local function send_parts(sending, request_of, spans)
  local pusher, outcomes = sending.pusher, {}
  local first, size = 1, pusher.most_spans
  while first <= #spans do
    local part = slice(spans, first, first + size - 1)
    local outcome = send_part(sending, request_of(part), part)
    local name = outcome.is_of_content and outcome.kind or "last"
    local earlier = outcomes[name]
    if outcome.is_too_large and #part > 1 then
      size = math.floor(#part / 2)
    elseif is_last(outcome, earlier) then
      outcomes[name] = earlier or outcome
      return outcomes
    else -- one span that is too large alone says nothing about the others
      outcomes[name] = outcome.is_of_content and (earlier or outcome) or nil
      first, size = first + #part, outcome.is_too_large and pusher.most_spans or size
    end
  end
  pusher.most_spans = size
  return outcomes
end

--- Says what of the run has no span.
local function note_missing(sending, lost, is_first)
  local on_note = sending.options.on_note
  if lost > 0 then
    add(sending.pusher, "lost", lost)
    on_note(("%d execution%s overwritten or cleared before %s sent"):format(lost,
      lost == 1 and " was" or "s were",
      is_first and "the run was first" or lost == 1 and "it was" or "they were"))
  end
  local undated = progress.mark_undated(sending.position, sending.run)
  for _, note in ipairs(records.undated_notes(undated, "span")) do
    on_note(note)
  end
end

local function dropped_note(count)
  return count == 1 and "; 1 span was dropped" or ("; %d spans were dropped"):format(count)
end

--- Sends the spans that weren't sent.
local function send_traces(sending)
  local position = sending.position
  local snapshot = sending.snapshot
  if progress.is_whole(position, sending.recorded, sending.has_ended, snapshot:taken()) then
    return
  end
  local spans, request_of, run = traces.in_parts(snapshot, sending.encoding,
    sending.options.protocol)
  local is_first = position.seen == nil
  local lost = progress.look(position, run)
  if not lost then
    return
  end
  sending.run = run
  note_missing(sending, lost, is_first)
  local dropped_before = sending.pusher.totals.dropped_spans
  local outcomes = send_parts(sending, request_of, progress.pending(position, run, spans))
  progress.settle(position, spans, sending.encoding.idle_at)
  fail(sending, outcomes.dropped,
    dropped_note(sending.pusher.totals.dropped_spans - dropped_before))
  fail(sending, outcomes.refused, "")
  fail(sending, outcomes.last, "")
end

local SEND = { metrics = send_metrics, traces = send_traces }

local check_send = options.fields { { "has_ended", options.boolean } }

local function has_ended(snapshot, given)
  local writer = snapshot:writer()
  if given.has_ended ~= nil then
    return given.has_ended
  end
  return writer ~= nil and writer.state ~= "live"
end

--- A function that returns the Unix seconds from which on a session counts as ended. That of calls
-- without one ends with the run.
local function idle_at(session_idle)
  return function(session)
    return session.name and session.end_seconds + session_idle or NEVER
  end
end

--- What is known of a run while it is sent.
local function start(pusher, snapshot, given)
  local id, chosen = snapshot:instance_id(), pusher.options
  local ended = has_ended(snapshot, given)
  local _, now = snapshot:filter({ last = 0 }):since()
  pusher.positions[id] = pusher.positions[id] or progress.new()
  return {
    pusher = pusher, options = chosen, failures = pusher.failures, snapshot = snapshot,
    accepted = pusher.accepted,
    position = pusher.positions[id], recorded = now.recorded, has_ended = ended,
    encoding = { texts = chosen.texts, max_buckets = chosen.max_buckets,
      resource = chosen.resource, has_ended = ended,
      idle_at = idle_at(chosen.session_idle) },
    seed = ("%s %.6f"):format(id, snapshot:taken()), waited = 0, failed = {},
  }
end

local RANKS = { unavailable = 4, post = 3, refused = 2, dropped = 1 }

--- What `send` returns after failures: the code is that which gives most hope.
local function summary(failures)
  local messages, code, seconds = {}, nil, nil
  for i, failure in ipairs(failures) do
    messages[i] = failure.message
    code = RANKS[failure.code] > (RANKS[code] or 0) and failure.code or code
    seconds = failure.seconds and math.max(seconds or 0, failure.seconds) or seconds
  end
  return nil, table.concat(messages, "; "), code, seconds
end

--- A check for runs: of a part it isn't known which executions they are.
local function check_run(value)
  local snapshot, message = options.snapshot(value)
  if snapshot and snapshot:is_filtered() then
    return nil, "a snapshot that isn't filtered expected"
  end
  return snapshot, message
end

function Pusher:send(snapshot, given)
  options.check("send", snapshot, check_run)
  local sending = start(self, snapshot, options.check("send", given, check_send))
  for _, signal in ipairs(self.options.signals) do
    SEND[signal](sending)
  end
  if sending.failed[1] then
    return summary(sending.failed)
  end
  return true
end

function Pusher:counts()
  local counts = {}
  for name, count in pairs(self.totals) do
    counts[name] = count
  end
  return counts
end

function Pusher:state()
  return state.of(self.positions)
end

function Pusher:forget(instance_id)
  options.check("forget", instance_id, options.string)
  self.positions[instance_id] = nil
end

return M
