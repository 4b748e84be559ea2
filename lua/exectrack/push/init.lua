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

-- In a request, which is small then: receivers take 4 MiB or more.
local MOST_SPANS = 2000

local NEVER = 1e12 -- Unix seconds, as JSON has no infinity

-- Statuses that say that something is wrong with these spans, so that others may be right.
local ABOUT_THE_BODY = { [400] = true, [413] = true, [422] = true }

--- Makes a pusher.
function M.new(given)
  local chosen = options.check("push", given, push_options.check)
  return setmetatable({
    options = chosen,
    failures = {}, -- by signal, how many in a row
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

local function fail(sending, outcome, suffix)
  local failures = sending.failed
  failures[#failures + 1] = { kind = outcome.kind, message = outcome.message .. suffix,
    seconds = outcome.seconds }
end

--- Sends a request, calls `mark` if it was accepted or refused for good, and counts.
local function request(sending, signal, pieces, mark)
  local outcome = deliver(sending, signal, bytes_of(pieces))
  if outcome.kind == "accepted" or outcome.kind == "refused" then
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
  local outcome = request(sending, "metrics", pieces, function()
    progress.mark_metrics(position, taken, recorded, ended)
  end)
  if outcome.kind ~= "accepted" then
    fail(sending, outcome, "")
  end
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
  return request(sending, "traces", pieces, function(is_accepted)
    progress.mark(sending.position, sending.run, part)
    add(sending.pusher, is_accepted and "spans" or "dropped_spans", #part)
  end)
end

--- Sends spans in parts, as many as there may be hope for. Returns the first failure, or nil.
local function send_parts(sending, request_of, spans)
  local failure
  for first = 1, #spans, MOST_SPANS do
    local part = slice(spans, first, first + MOST_SPANS - 1)
    local outcome = send_part(sending, request_of(part), part)
    failure = failure or outcome.kind ~= "accepted" and outcome or nil
    if outcome.kind ~= "accepted" and not ABOUT_THE_BODY[outcome.status] then
      return outcome.kind == "refused" and failure or outcome
    end
  end
  return failure
end

--- Says what of the run has no span.
local function note_missing(sending, lost)
  local on_note = sending.options.on_note
  if lost > 0 then
    add(sending.pusher, "lost", lost)
    on_note(lost == 1 and "1 execution was overwritten or cleared before it was sent"
      or ("%d executions were overwritten or cleared before they were sent"):format(lost))
  end
  local undated = progress.mark_undated(sending.position, sending.run)
  for _, note in ipairs(records.undated_notes(undated, "span")) do
    on_note(note)
  end
end

local function dropped_note(count)
  if count == 0 then
    return ""
  end
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
  local lost = progress.look(position, run)
  if not lost then
    return
  end
  sending.run = run
  note_missing(sending, lost)
  local totals = sending.pusher.totals
  local dropped_before = totals.dropped_spans
  local failure = send_parts(sending, request_of, progress.pending(position, run, spans))
  progress.settle(position, spans, sending.encoding.idle_at)
  if failure then
    fail(sending, failure, dropped_note(totals.dropped_spans - dropped_before))
  end
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
    position = pusher.positions[id], recorded = now.recorded, has_ended = ended,
    encoding = { texts = chosen.texts, max_buckets = chosen.max_buckets,
      resource = chosen.resource, has_ended = ended,
      idle_at = idle_at(chosen.session_idle) },
    seed = ("%s %.6f"):format(id, snapshot:taken()), waited = 0, failed = {},
  }
end

local RANKS = { unavailable = 3, post = 2, refused = 1 }

--- What `send` returns after failures: the code is that which gives most hope.
local function summary(failures)
  local messages, code, seconds = {}, nil, nil
  for i, failure in ipairs(failures) do
    messages[i] = failure.message
    code = RANKS[failure.kind] > (RANKS[code] or 0) and failure.kind or code
    seconds = failure.seconds and math.max(seconds or 0, failure.seconds) or seconds
  end
  return nil, table.concat(messages, "; "), code, seconds
end

--- A check for runs: of a part it isn't known which executions they are.
local function check_run(value)
  local snapshot, problem = options.snapshot(value)
  if snapshot and snapshot:is_filtered() then
    return nil, "a snapshot that isn't filtered expected"
  end
  return snapshot, problem
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
