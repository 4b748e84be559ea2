--- A receiver of OTLP for specs: a `post` for `exectrack.push` that gives scripted answers, and
-- keeps what it was sent.
local exectrack = require("exectrack")
local protobuf = require("spec.support.protobuf_reader")

local M = {}

local function hex(bytes)
  return bytes and (bytes:gsub(".", function(byte) return ("%02x"):format(byte:byte()) end))
end

local function json_attributes(list)
  local attributes = {}
  for _, pair in ipairs(list) do
    attributes[pair.key] = pair.value.stringValue
  end
  return attributes
end

local function json_spans(body)
  local resource = assert(exectrack.json.decode(body)).resourceSpans[1]
  local spans = {}
  for i, span in ipairs(resource.scopeSpans[1].spans) do
    local attributes = json_attributes(span.attributes)
    spans[i] = { id = span.spanId, parent = span.parentSpanId, name = span.name,
      hash = attributes["exectrack.args_hash"] }
  end
  return spans, json_attributes(resource.resource.attributes)
end

local function protobuf_spans(body)
  local resource = protobuf.message(protobuf.message(body)[1][1])
  local spans = {}
  for i, bytes in ipairs(protobuf.message(resource[2][1])[2]) do
    local fields = protobuf.message(bytes)
    spans[i] = { id = hex(fields[2][1]), parent = hex(fields[4] and fields[4][1]),
      name = fields[5][1], hash = protobuf.attributes(fields[9])["exectrack.args_hash"] }
  end
  return spans, protobuf.attributes(protobuf.message(resource[1][1])[1])
end

--- The spans of a request, each with `id`, `parent`, `name` and `hash`, that of its arguments; and
-- the attributes of its resource.
function M.spans(request)
  return (request.body:sub(1, 1) == "{" and json_spans or protobuf_spans)(request.body)
end

--- A receiver. Its `answers` are arrays of a status, headers and a body, which are given in order;
-- then all is accepted. `requests` are those that came, each with `url`, `headers` and `body`.
-- `answer` may be replaced by another function of a request. `slept` and `notes` are what the
-- functions `sleep` and `on_note` were given.
function M.new(answers)
  local receiver = { requests = {}, answers = answers or {}, slept = {}, notes = {} }
  function receiver.answer()
    return table.remove(receiver.answers, 1) or { 200 }
  end
  function receiver.post(url, headers, body)
    local request = { url = url, headers = headers, body = body }
    table.insert(receiver.requests, request)
    local answer = receiver.answer(request)
    return answer[1], answer[2], answer[3]
  end
  function receiver.sleep(seconds)
    table.insert(receiver.slept, seconds)
  end
  function receiver.on_note(note)
    table.insert(receiver.notes, note)
  end
  --- The names of the spans of what came since the last call, and how many requests had metrics.
  function receiver.received()
    local names, metrics = M.names(receiver.requests)
    receiver.requests = {}
    return names, metrics
  end

  --- A pusher to the receiver, with these options.
  function receiver.pusher(options)
    options = options or {}
    options.endpoint = options.endpoint or "http://a"
    options.post, options.on_note = receiver.post, receiver.on_note
    return exectrack.push(options)
  end
  return receiver
end

--- What a pusher counts: these counts, and 0 for others.
function M.counts(given)
  local all = { requests = 0, spans = 0, rejected_spans = 0, rejected_data_points = 0,
    dropped_spans = 0, lost = 0 }
  for name, count in pairs(given) do
    all[name] = count
  end
  return all
end

--- The names of the spans of requests, and how many requests had metrics.
function M.names(requests)
  local names, metrics = {}, 0
  for _, request in ipairs(requests) do
    if request.url:find("metrics", 1, true) then
      metrics = metrics + 1
    else
      for _, span in ipairs((M.spans(request))) do
        names[#names + 1] = span.name:gsub("^execute_tool ", "")
      end
    end
  end
  return names, metrics
end

return M
