--- The wire format of Protocol Buffers, as far as OTLP needs it: each function but `fields` returns
-- the bytes of one field, and a message is the concatenation of its fields.
--
-- Fields are always written, also those whose value is the default: a caller leaves out what it
-- doesn't want. Whole numbers are those of `bytes_of`.
-- Used only by formats and `exectrack.push`.
local bytes_of = require("exectrack.format.bytes_of")
local decimal = require("exectrack.format.decimal")

local varint = bytes_of.varint

local M = {}

local VARINT, FIXED_64, LENGTH, FIXED_32 = 0, 1, 2, 5
local MOST_VARINT_BYTES = 10

local function tag(field, wire_type)
  return varint(field * 8 + wire_type)
end

--- A field of the types `uint32`, `uint64`, `bool` (0 or 1) or an enumeration, or of the types
-- `int32` or `int64` that isn't negative.
function M.uint(field, value)
  return tag(field, VARINT) .. varint(value)
end

--- A field of the type `sint32`: a whole number whose absolute value is below 2^31.
function M.sint(field, value)
  return tag(field, VARINT) .. varint(value < 0 and -2 * value - 1 or 2 * value)
end

--- A field of the types `fixed64`, or `sfixed64` that isn't negative.
function M.fixed64(field, value)
  return tag(field, FIXED_64) .. bytes_of.uint64(value)
end

--- A field of the type `fixed64`: the nanoseconds of a time, which is given in seconds and
-- microseconds; those of `decimal.nanoseconds`.
function M.time(field, seconds, microseconds)
  if seconds >= decimal.LAST_SECOND then
    return M.fixed64(field, decimal.nanoseconds(seconds, microseconds))
  end
  return tag(field, FIXED_64) .. bytes_of.product(seconds, 1000000000, microseconds * 1000)
end

--- A field of the type `double`: a number that isn't negative and not NaN.
function M.double(field, value)
  return tag(field, FIXED_64) .. bytes_of.double(value)
end

--- What comes before the `size` bytes of a field of the types `string` or `bytes`, or of a message.
function M.start(field, size)
  return tag(field, LENGTH) .. varint(size)
end

--- A field of the types `string` or `bytes`, or a message of these bytes.
function M.bytes(field, bytes)
  return tag(field, LENGTH) .. varint(#bytes) .. bytes
end

--- A field of the type `repeated uint64`.
function M.uints(field, values)
  local bytes = {}
  for i, value in ipairs(values) do
    bytes[i] = varint(value)
  end
  return M.bytes(field, table.concat(bytes))
end

--- The whole number at a place, rounded from 2^53 on, and the place behind it; nil for none.
local function read_varint(bytes, at)
  local value, factor = 0.0, 1.0
  for i = at, at + MOST_VARINT_BYTES - 1 do
    local byte = bytes:byte(i)
    if not byte then
      return nil
    end
    value, factor = value + byte % 128 * factor, factor * 128
    if byte < 128 then
      return value, i + 1
    end
  end
  return nil
end

--- The value of a field of this type, a number or bytes, and the place behind it; nil if there is
-- none.
local function value_at(bytes, at, wire_type)
  if wire_type == VARINT then
    return read_varint(bytes, at)
  end
  local size = wire_type == FIXED_64 and 8 or wire_type == FIXED_32 and 4 or nil
  if wire_type == LENGTH then
    size, at = read_varint(bytes, at)
  end
  if not size or size > #bytes - at + 1 then
    return nil
  end
  return bytes:sub(at, at + size - 1), at + size
end

--- The fields of a message from outside, by their numbers: the last value of each. Nil if the bytes
-- aren't a message.
function M.fields(bytes)
  local fields, at = {}, 1
  while at <= #bytes do
    local key, value
    key, at = read_varint(bytes, at)
    if not key then
      return nil
    end
    value, at = value_at(bytes, at, key % 8)
    if not value then
      return nil
    end
    fields[math.floor(key / 8)] = value
  end
  return fields
end

return M
