--- What all requests of OTLP have in common, in JSON and in Protocol Buffers: the resource, the
-- scope, and attributes, which are arrays of `{ key, value }` with texts, booleans and floats as
-- values. Texts become valid UTF-8, which both forms require.
-- Used only by formats.
local core = require("exectrack.core")
local field = require("exectrack.format.field")
local json = require("exectrack.json_text")
local protobuf = require("exectrack.format.protobuf")
local unicode = require("exectrack.report.unicode")

local M = {}

--- The version of OpenTelemetry's conventions for generative AI whose names are used, as their
-- repository names it; all of them are in development.
M.CONVENTIONS = "https://opentelemetry.io/schemas/gen-ai-dev/1.42.0-dev"

local SCOPE = "exectrack"
local VERSION = core._VERSION:match("%S+$")

-- Fields of the messages, by the names that OpenTelemetry's .proto files give them.
local RESOURCE_PARTS, RESOURCE, SCOPE_PARTS = 1, 1, 2
local RESOURCE_ATTRIBUTES, SCOPE_IN_PARTS, ITEMS, SCHEMA_URL = 1, 1, 2, 3
local SCOPE_NAME, SCOPE_VERSION = 1, 2
local KEY, VALUE = 1, 2
local STRING_VALUE, BOOL_VALUE, DOUBLE_VALUE = 1, 2, 4

local function json_value(value)
  if type(value) == "boolean" then
    return '{"boolValue":' .. tostring(value) .. "}"
  elseif type(value) == "number" then
    return '{"doubleValue":' .. json.number(value) .. "}"
  end
  return '{"stringValue":' .. json.string(value) .. "}"
end

--- Attributes as the elements of an array, without its brackets.
function M.json_attributes(attributes)
  local texts = {}
  for i, attribute in ipairs(attributes) do
    texts[i] = ('{"key":%s,"value":%s}'):format(json.string(attribute[1]), json_value(attribute[2]))
  end
  return table.concat(texts, ",")
end

local keys = field.remembered(function(key) return protobuf.bytes(KEY, unicode.valid(key)) end)

local function protobuf_value(value)
  if type(value) == "boolean" then
    return protobuf.uint(BOOL_VALUE, value and 1 or 0)
  elseif type(value) == "number" then
    return protobuf.double(DOUBLE_VALUE, value)
  end
  return protobuf.bytes(STRING_VALUE, unicode.valid(value))
end

--- Attributes as elements of the field with this number.
function M.protobuf_attributes(number, attributes)
  local fields = {}
  for i, attribute in ipairs(attributes) do
    fields[i] = protobuf.bytes(number,
      keys[attribute[1]] .. protobuf.bytes(VALUE, protobuf_value(attribute[2])))
  end
  return table.concat(fields)
end

--- The attributes of the resource: what is known of the run, then those of the option `resource` in
-- the order of their names.
local function resource(snapshot, options)
  local given = options and options.resource or {}
  local attributes = { { "service.name", given["service.name"] or SCOPE },
    { "service.instance.id", snapshot:instance_id() } }
  for _, name in ipairs(json.sorted_keys(given)) do
    if name ~= "service.name" then
      attributes[#attributes + 1] = { name, given[name] }
    end
  end
  return attributes
end

--- The two parts of a request in JSON around the elements of its array of spans or metrics, which
-- `signal` names: `Spans` or `Metrics`.
function M.json_parts(snapshot, signal, options)
  local before = ('{"resource%s":[{"resource":{"attributes":[%s]},'):format(signal,
    M.json_attributes(resource(snapshot, options)))
    .. ('"scope%s":[{"scope":{"name":"%s","version":"%s"},"schemaUrl":"%s","%s":['):format(signal,
      SCOPE, VERSION, M.CONVENTIONS, signal:lower())
  return before, "]}]}]}\n"
end

--- The bytes of a request before its spans or metrics, which take `size` bytes. Each of them is a
-- field that `M.item` makes.
function M.protobuf_start(snapshot, size, options)
  local scope = protobuf.bytes(SCOPE_IN_PARTS,
    protobuf.bytes(SCOPE_NAME, SCOPE) .. protobuf.bytes(SCOPE_VERSION, VERSION))
    .. protobuf.bytes(SCHEMA_URL, M.CONVENTIONS)
  local scope_parts = protobuf.start(SCOPE_PARTS, #scope + size) .. scope
  local before = protobuf.bytes(RESOURCE,
    M.protobuf_attributes(RESOURCE_ATTRIBUTES, resource(snapshot, options))) .. scope_parts
  return protobuf.start(RESOURCE_PARTS, #before + size) .. before
end

--- A span or a metric of these bytes.
function M.item(bytes)
  return protobuf.bytes(ITEMS, bytes)
end

return M
