--- Reads messages in Protocol Buffers from a receiver, which may be anything.
-- Used only by `exectrack.push`.
local M = {}

local VARINT, FIXED_64, LENGTH, FIXED_32 = 0, 1, 2, 5
local MOST_VARINT_BYTES = 10

--- The whole number at a place, rounded from 2^53 on, and the place behind it; nil for none.
local function varint(bytes, at)
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
    return varint(bytes, at)
  end
  local size = wire_type == FIXED_64 and 8 or wire_type == FIXED_32 and 4 or nil
  if wire_type == LENGTH then
    size, at = varint(bytes, at)
  end
  if not size or size > #bytes - at + 1 then
    return nil
  end
  return bytes:sub(at, at + size - 1), at + size
end

--- The fields of a message, by their numbers: the last value of each. Nil if the bytes aren't a
-- message.
function M.fields(bytes)
  local fields, at = {}, 1
  while at <= #bytes do
    local tag, value
    tag, at = varint(bytes, at)
    if not tag then
      return nil
    end
    value, at = value_at(bytes, at, tag % 8)
    if not value then
      return nil
    end
    fields[math.floor(tag / 8)] = value
  end
  return fields
end

return M
