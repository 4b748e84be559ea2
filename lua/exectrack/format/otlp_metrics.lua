--- A request of OTLP with the metrics of a run, in JSON and in Protocol Buffers.
-- Used only by formats.
local decimal = require("exectrack.format.decimal")
local field = require("exectrack.format.field")
local json = require("exectrack.json_text")
local lifetime = require("exectrack.format.lifetime")
local metric_list = require("exectrack.format.otlp_metric_list")
local numbers = require("exectrack.numbers")
local protobuf = require("exectrack.format.protobuf")
local request = require("exectrack.format.otlp_request")

local M = {}

local CUMULATIVE = 2

-- Fields of the messages, by the names that OpenTelemetry's .proto files give them.
local NAME, DESCRIPTION, UNIT, GAUGE, SUM, EXPONENTIAL_HISTOGRAM = 1, 2, 3, 5, 7, 10
local DATA_POINTS, TEMPORALITY, IS_MONOTONIC = 1, 2, 3
local START_TIME, TIME = 2, 3
local AS_DOUBLE, AS_INT, ATTRIBUTES = 4, 6, 7
local HISTOGRAM_ATTRIBUTES, COUNT, HISTOGRAM_SUM, SCALE, ZERO_COUNT, POSITIVE = 1, 4, 5, 6, 7, 8
local MIN, MAX = 12, 13
local OFFSET, BUCKET_COUNTS = 1, 2

local function read(snapshot, options)
  local run = lifetime.of(snapshot)
  run.has_ended = run.has_ended or options and options.has_ended or false
  return run, metric_list.of(run, options and options.max_buckets)
end

local COUNTS = '"%.0f"'

local function json_histogram(value)
  local counts = {}
  for i, count in ipairs(value.bucket_counts) do
    counts[i] = COUNTS:format(count)
  end
  return ('"count":"%.0f","sum":%s,"scale":%d,"zeroCount":"%.0f",'):format(value.count, value.sum,
    value.scale, value.zero_count)
    .. ('"positive":{"offset":%d,"bucketCounts":[%s]}%s%s'):format(value.offset,
      table.concat(counts, ","), value.min and ',"min":' .. value.min or "",
      value.max and ',"max":' .. value.max or "")
end

local function json_value(point)
  if type(point.value) == "table" then
    return json_histogram(point.value)
  elseif point.is_double then
    return '"asDouble":' .. point.value
  end
  return '"asInt":"' .. point.value .. '"'
end

--- A function that returns the text of attributes, with `between` them. `encode` is called once for
-- each.
local function attributes_of(encode, between)
  local known = field.remembered(function(attribute) return encode { attribute } end)
  return function(attributes)
    local texts = {}
    for i, attribute in ipairs(attributes) do
      texts[i] = known[attribute]
    end
    return table.concat(texts, between)
  end
end

--- The points, each with these times, and the brackets around them.
local function json_points(metric, times, attributes)
  local texts = {}
  for i, point in ipairs(metric.points) do
    texts[i] = '{"attributes":[' .. attributes(point.attributes) .. "]," .. times .. ","
      .. json_value(point) .. "}"
  end
  return '"dataPoints":[' .. table.concat(texts, ",") .. "]"
end

local JSON_KINDS = {
  gauge = '"gauge":{%s}',
  counter = '"sum":{%s,"aggregationTemporality":' .. CUMULATIVE .. ',"isMonotonic":true}',
  histogram = '"exponentialHistogram":{%s,"aggregationTemporality":' .. CUMULATIVE .. "}",
}

local function json_metric(metric, times, time, attributes)
  local points = json_points(metric, metric.kind == "gauge" and time or times, attributes)
  return ('{"name":"%s","description":%s,"unit":"%s",%s}'):format(metric.name,
    json.string(metric.description), metric.unit, JSON_KINDS[metric.kind]:format(points))
end

--- Makes an iterator over the pieces `before`, one for each element of `list`, and `after`.
local function pieces(before, list, after)
  local i = -1
  return function()
    i = i + 1
    if i == 0 then
      return before
    end
    return list[i] or i == #list + 1 and after or nil
  end
end

--- Makes an iterator over pieces of one line of JSON; also returns notes, of which there are none.
function M.json(snapshot, options)
  local run, metrics = read(snapshot, options)
  local time = '"timeUnixNano":"'
    .. decimal.nanoseconds(run.taken_seconds, run.taken_microseconds) .. '"'
  local times = '"startTimeUnixNano":"'
    .. decimal.nanoseconds(run.cleared_seconds, run.cleared_microseconds) .. '",' .. time
  local attributes, texts = attributes_of(request.json_attributes, ","), {}
  for i, metric in ipairs(metrics) do
    texts[i] = (i > 1 and "," or "") .. json_metric(metric, times, time, attributes)
  end
  local before, after = request.json_parts(snapshot, "Metrics", options)
  return pieces(before, texts, after), {}
end

local function protobuf_seconds(number, text)
  return text and protobuf.double(number, numbers.read(text)) or ""
end

local function protobuf_histogram(value)
  return protobuf.fixed64(COUNT, value.count) .. protobuf_seconds(HISTOGRAM_SUM, value.sum)
    .. protobuf.sint(SCALE, value.scale) .. protobuf.fixed64(ZERO_COUNT, value.zero_count)
    .. protobuf.bytes(POSITIVE, protobuf.sint(OFFSET, value.offset)
      .. protobuf.uints(BUCKET_COUNTS, value.bucket_counts))
    .. protobuf_seconds(MIN, value.min) .. protobuf_seconds(MAX, value.max)
end

local function protobuf_value(point)
  if type(point.value) == "table" then
    return protobuf_histogram(point.value)
  elseif point.is_double then
    return protobuf_seconds(AS_DOUBLE, point.value)
  end
  return protobuf.fixed64(AS_INT, point.value)
end

--- `by_number` has, for the number of the field, what `attributes_of` returns.
local function protobuf_points(metric, times, by_number)
  local attributes = by_number[metric.kind == "histogram" and HISTOGRAM_ATTRIBUTES or ATTRIBUTES]
  local fields = {}
  for i, point in ipairs(metric.points) do
    fields[i] = protobuf.bytes(DATA_POINTS,
      attributes(point.attributes) .. times .. protobuf_value(point))
  end
  return table.concat(fields)
end

local PROTOBUF_KINDS = {
  gauge = { GAUGE, "" },
  counter = { SUM, protobuf.uint(TEMPORALITY, CUMULATIVE) .. protobuf.uint(IS_MONOTONIC, 1) },
  histogram = { EXPONENTIAL_HISTOGRAM, protobuf.uint(TEMPORALITY, CUMULATIVE) },
}

local function protobuf_metric(metric, times, time, by_number)
  local kind = PROTOBUF_KINDS[metric.kind]
  local points = protobuf_points(metric, metric.kind == "gauge" and time or times, by_number)
  return request.item(protobuf.bytes(NAME, metric.name)
    .. protobuf.bytes(DESCRIPTION, metric.description) .. protobuf.bytes(UNIT, metric.unit)
    .. protobuf.bytes(kind[1], points .. kind[2]))
end

--- Makes an iterator over pieces of a request in Protocol Buffers; also returns notes, of which
-- there are none.
function M.protobuf(snapshot, options)
  local run, metrics = read(snapshot, options)
  local time = protobuf.time(TIME, run.taken_seconds, run.taken_microseconds)
  local times = protobuf.time(START_TIME, run.cleared_seconds, run.cleared_microseconds) .. time
  local list, size, by_number = {}, 0, field.remembered(function(number)
    return attributes_of(function(list) return request.protobuf_attributes(number, list) end)
  end)
  for i, metric in ipairs(metrics) do
    list[i] = protobuf_metric(metric, times, time, by_number)
    size = size + #list[i]
  end
  return pieces(request.protobuf_start(snapshot, size, options), list, ""), {}
end

return M
