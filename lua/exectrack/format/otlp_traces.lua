--- A request of OTLP with the spans of a run, in JSON and in Protocol Buffers.
-- Used only by formats.
local decimal = require("exectrack.format.decimal")
local field = require("exectrack.format.field")
local ids = require("exectrack.format.otlp_ids")
local json = require("exectrack.json_text")
local pieces = require("exectrack.format.pieces")
local protobuf = require("exectrack.format.protobuf")
local records = require("exectrack.format.records")
local request = require("exectrack.format.otlp_request")
local spans = require("exectrack.format.otlp_spans")
local unicode = require("exectrack.report.unicode")

local M = {}

local INTERNAL, ERROR = 1, 2

local HASHES = { "args_hash", "result_hash" } -- attributes, and fields of a record

-- Fields of a span, and of its status, by the names that OpenTelemetry's .proto files give them.
local TRACE_ID, SPAN_ID, PARENT_SPAN_ID, NAME, KIND = 1, 2, 4, 5, 6
local START_TIME, END_TIME, ATTRIBUTES, STATUS = 7, 8, 9, 15
local MESSAGE, CODE = 2, 3

local function add(attributes, name, value)
  attributes[#attributes + 1] = value and { name, value } or nil
end

--- Makes a function of a span that returns what only one span has besides fingerprints: attributes,
-- or nil for none, and the message of its error, if it is known.
local function details(run, with_texts)
  local args_text, error_text = records.texts(run, with_texts)
  local names = {}
  for i, measure in ipairs(run.measures) do
    names[i] = "exectrack.measure." .. measure.name
  end
  return function(span)
    local record, attributes = span.record, {}
    if not record then
      return nil
    end
    add(attributes, "gen_ai.tool.call.arguments", args_text(record))
    for i, measure in ipairs(run.measures) do
      add(attributes, names[i], measure.values[span.place])
    end
    add(attributes, "exectrack.place", record.place)
    return attributes[1] and attributes or nil, span.kind.has_failed and error_text(record) or nil
  end
end

--- The spans of a snapshot, a function that returns what only one of them has, and notes.
local function read(snapshot, options)
  local run = records.read(snapshot)
  options = options or {}
  local list, undated = spans.of(snapshot, run, options.has_ended, options.idle_at)
  return list, details(run, options.texts), records.undated_notes(undated, "span"), run
end

local SPAN = '{"traceId":"%s","spanId":"%s",%s%s"startTimeUnixNano":"%s","endTimeUnixNano":"%s",'
  .. '"attributes":[%s%s%s]%s}'

local function json_kind(kind)
  return ('"name":%s,"kind":%d,'):format(json.string(kind.name), INTERNAL)
end

local function json_status(has_failed, message)
  if not has_failed then
    return ""
  elseif not message then
    return (',"status":{"code":%d}'):format(ERROR)
  end
  return (',"status":{"message":%s,"code":%d}'):format(json.string(message), ERROR)
end

--- A function that returns the fingerprints of a record as attributes. `encode` is applied to an
-- attribute whose value has eight digits, too, and then these are replaced.
local function hashes_of(encode)
  local before, after = {}, {}
  for i, name in ipairs(HASHES) do
    local encoded = encode({ { "exectrack." .. name, "12345678" } })
    before[i], after[i] = encoded:match("^(.*)12345678(.*)$")
  end
  return function(record)
    local args_hash, result_hash = record.args_hash, record.result_hash
    local text = args_hash ~= 0 and before[1] .. ("%08x"):format(args_hash) .. after[1] or ""
    return result_hash and text .. before[2] .. ("%08x"):format(result_hash) .. after[2] or text
  end
end

--- Attributes after others.
local function more_attributes(attributes)
  return attributes and attributes[1] and "," .. request.json_attributes(attributes) or ""
end

--- A function that returns a span as an object.
local function json_span(details_of)
  local names = field.remembered(json_kind)
  local kinds = field.remembered(function(kind) return request.json_attributes(kind.attributes) end)
  local traces = field.remembered(function(session) return ids.hex(session.trace) end)
  local talks = field.remembered(function(session) return more_attributes(session.attributes) end)
  local hashes = hashes_of(more_attributes)
  return function(span)
    local attributes, message = details_of(span)
    return SPAN:format(traces[span.session], ids.hex(span.id),
      span.parent and '"parentSpanId":"' .. ids.hex(span.parent) .. '",' or "", names[span.kind],
      decimal.nanoseconds(span.start_seconds, span.start_microseconds),
      decimal.nanoseconds(span.end_seconds, span.end_microseconds),
      kinds[span.kind] .. talks[span.session], span.record and hashes(span.record) or "",
      more_attributes(attributes), json_status(span.kind.has_failed, message))
  end
end

--- Makes an iterator over pieces of the JSON of spans in a list.
local function json_request(snapshot, options, text_of, list)
  local before, after = request.json_parts(snapshot, "Spans", options)
  return pieces(before, #list, function(i)
    return (i > 1 and "," or "") .. text_of(list[i])
  end, after)
end

--- Makes an iterator over pieces of one line of JSON; also returns notes, sentences.
function M.json(snapshot, options)
  local list, details_of, notes = read(snapshot, options)
  return json_request(snapshot, options, json_span(details_of), list), notes
end

local function protobuf_name(kind)
  return protobuf.bytes(NAME, unicode.valid(kind.name)) .. protobuf.uint(KIND, INTERNAL)
end

local function protobuf_status(has_failed, message)
  if not has_failed then
    return ""
  end
  return protobuf.bytes(STATUS, (message and protobuf.bytes(MESSAGE, unicode.valid(message)) or "")
    .. protobuf.uint(CODE, ERROR))
end

local function protobuf_attributes(attributes)
  return attributes and request.protobuf_attributes(ATTRIBUTES, attributes) or ""
end

--- A function that returns a span as a field of the request.
local function protobuf_span(details_of)
  local names = field.remembered(protobuf_name)
  local traces = field.remembered(function(session)
    return protobuf.bytes(TRACE_ID, session.trace)
  end)
  local shared = field.remembered(function(of) return protobuf_attributes(of.attributes) end)
  local hashes = hashes_of(protobuf_attributes)
  local before_parent, before_id = protobuf.start(PARENT_SPAN_ID, 8), protobuf.start(SPAN_ID, 8)
  return function(span)
    local attributes, message = details_of(span)
    return request.item(traces[span.session] .. before_id .. span.id
      .. (span.parent and before_parent .. span.parent or "") .. names[span.kind]
      .. protobuf.time(START_TIME, span.start_seconds, span.start_microseconds)
      .. protobuf.time(END_TIME, span.end_seconds, span.end_microseconds)
      .. shared[span.kind] .. shared[span.session]
      .. (span.record and hashes(span.record) or "") .. protobuf_attributes(attributes)
      .. protobuf_status(span.kind.has_failed, message))
  end
end

--- The same in Protocol Buffers.
local function protobuf_request(snapshot, options, bytes_of, list)
  local fields, size = {}, 0
  for i, span in ipairs(list) do
    fields[i] = bytes_of(span)
    size = size + #fields[i]
  end
  return pieces(request.protobuf_start(snapshot, size, options), #fields, function(i)
    return fields[i]
  end, "")
end

--- Makes an iterator over pieces of a request in Protocol Buffers; also returns notes, sentences.
function M.protobuf(snapshot, options)
  local list, details_of, notes = read(snapshot, options)
  return protobuf_request(snapshot, options, protobuf_span(details_of), list), notes
end

local FORMS = { json = { json_span, json_request }, protobuf = { protobuf_span, protobuf_request } }

--- The spans of a run, as `otlp_spans` has them; a function that returns an iterator over pieces of
-- a request, in the form `json` or `protobuf`, with the spans of an array; and the run as a table.
function M.in_parts(snapshot, options, form)
  local list, details_of, _, run = read(snapshot, options)
  local span_of, request_of = FORMS[form][1](details_of), FORMS[form][2]
  return list, function(part)
    return request_of(snapshot, options, span_of, part)
  end, run
end

return M
