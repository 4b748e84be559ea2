--- Values in OTLP/JSON, and in what the SDKs of OpenTelemetry write themselves.
-- Used only by formats.
local json = require("exectrack.json")
local logged = require("exectrack.format.logged")
local numbers = require("exectrack.numbers")
local time = require("exectrack.format.time")

local find, floor, sub = string.find, math.floor, string.sub

local M = {}

--- The first of these fields that an object has.
function M.first(object, names)
  for _, name in ipairs(names) do
    if object[name] ~= nil then
      return object[name]
    end
  end
end

--- The number from 0 on that a value is, which may be text; nil for any other.
function M.number(value)
  return logged.number(type(value) == "string" and numbers.read(value) or value)
end

local function same(value)
  return value
end

local function integer(value)
  return type(value) == "string" and numbers.read(value) or value
end

local function array(value)
  local values = {}
  for i, element in logged.elements(logged.table(value).values) do
    values[i] = M.any(element)
  end
  return values
end

local function object(value)
  return M.attributes(logged.table(value).values)
end

-- What a value is in, by its type; in old names, too.
local TYPES = {
  { "stringValue", same }, { "intValue", integer }, { "boolValue", same }, { "doubleValue", same },
  { "arrayValue", array }, { "kvlistValue", object }, { "bytesValue", same },
  { "string_value", same }, { "int_value", integer }, { "bool_value", same },
  { "double_value", same }, { "array_value", array }, { "kvlist_value", object },
  { "bytes_value", same },
}

--- The value that OTLP has in an object which says its type. Other values are as they are.
function M.any(value)
  for _, kind in ipairs(type(value) == "table" and TYPES or {}) do
    if value[kind[1]] ~= nil then
      return kind[2](value[kind[1]])
    end
  end
  return value
end

--- Attributes as an object: OTLP has an array of keys and values.
function M.attributes(value)
  if not logged.is_array(value) then
    return logged.table(value)
  end
  local attributes = {}
  for _, attribute in logged.elements(value) do
    attribute = logged.table(attribute)
    if type(attribute.key) == "string" then
      attributes[attribute.key] = M.any(attribute.value)
    end
  end
  return attributes
end

--- The text of an identifier of a trace or a span, which may be a number. That has up to 128 bits,
-- of which the text keeps 53. Nil for none.
function M.id(value)
  if type(value) == "number" then
    return numbers.significant(value, 17)
  end
  local id = type(value) == "string" and value:gsub("^0x", "") or ""
  return find(id, "[^0]") and id or nil
end

--- The Unix seconds, exact to the microsecond, of nanoseconds as text, which a float can't have all
-- digits of; of a pair of seconds and nanoseconds; or of what else is a time. Nil for none.
function M.seconds(value)
  local s, ns
  if type(value) == "table" then
    s, ns = logged.number(value[1]), logged.number(value[2])
  elseif type(value) == "string" and #value == 19 and find(value, "^%d+$") then
    s, ns = tonumber(sub(value, 1, 10)), tonumber(sub(value, 11))
  end
  if s and ns then
    return s > 0 and s <= time.LATEST and floor(s) + floor(ns % 1e9 / 1e3 + 0.5) / 1e6 or nil
  end
  local seconds = (type(value) == "string" or type(value) == "number") and time.read(value) or nil
  return seconds and seconds > 0 and seconds or nil
end

--- The milliseconds from one time to another; nil if they aren't known.
function M.duration_ms(start, finish)
  return start and finish and finish >= start and floor((finish - start) * 1e6 + 0.5) / 1e3 or nil
end

--- The arguments of a call, which are mostly JSON in a text, without what describes the call.
function M.args(value)
  local decoded = type(value) == "string" and find(value, "^%s*[{[]") and json.decode(value)
  return logged.without(decoded or value, { "description" })
end

--- A type of errors, in at most 64 bytes: of a longer one, what is behind its last point. The
-- system's names are without `Error:`, which Claude Code writes before them. Nil for none.
function M.error_type(value)
  local class = logged.text(value)
  class = class and class:match("^Error[:_](E%u+)$") or class
  if class and #class > 64 then
    class = class:match("[^.]+$") or class
  end
  return class ~= "_OTHER" and logged.class(class) or nil -- as conventions call an unknown one
end

--- The status of what ended with an error of this type, which may be nil.
function M.status_of_error(error_type)
  local word = (error_type or ""):lower()
  if find(word, "time_?d?_?out") or find(word, "deadline") then
    return "timed_out"
  end
  return (find(word, "cancel") or find(word, "^abort")) and "cancelled" or "failed"
end

--- The measures of a message of a model by attributes of Claude Code's, of which `input_tokens` are
-- without those that a cache had.
function M.claude_measures(attributes)
  local input, cached = M.number(attributes.input_tokens), M.number(attributes.cache_read_tokens)
  return {
    input_tokens = input and input + (cached or 0)
      + (M.number(attributes.cache_creation_tokens) or 0),
    output_tokens = M.number(attributes.output_tokens),
    cached_tokens = cached,
  }
end

return M
