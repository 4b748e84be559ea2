-- A small reader of Protocol Buffers, which shares nothing with the writer.
local M = {}

local function varint(bytes, at)
  local value, factor = 0, 1
  repeat
    local byte = bytes:byte(at)
    value, factor, at = value + byte % 128 * factor, factor * 128, at + 1
  until byte < 128
  return value, at
end

--- The fields of a message: by their numbers, arrays of their values. A value is a number, or the
-- bytes of a field that has a length or eight bytes.
function M.message(bytes)
  local fields, at = {}, 1
  while at <= #bytes do
    local tag, size, value
    tag, at = varint(bytes, at)
    local number, wire_type = math.floor(tag / 8), tag % 8
    if wire_type == 0 then
      value, at = varint(bytes, at)
    else
      size = 8
      if wire_type == 2 then
        size, at = varint(bytes, at)
      else
        assert(wire_type == 1, "wire type")
      end
      assert(at + size - 1 <= #bytes, "size")
      value, at = bytes:sub(at, at + size - 1), at + size
    end
    fields[number] = fields[number] or {}
    table.insert(fields[number], value)
  end
  return fields
end

--- The decimal digits of eight bytes, the lowest first, as a whole number.
function M.digits(bytes)
  local digits = { 0 }
  for i = #bytes, 1, -1 do
    local carry = bytes:byte(i)
    for j = 1, #digits do
      carry = carry + digits[j] * 256
      digits[j] = carry % 10
      carry = math.floor(carry / 10)
    end
    while carry > 0 do
      digits[#digits + 1] = carry % 10
      carry = math.floor(carry / 10)
    end
  end
  return table.concat(digits):reverse()
end

--- The number that is a double of eight bytes, the lowest first: 0, or positive and normal.
function M.double(bytes)
  local b = { bytes:byte(1, 8) }
  local mantissa, exponent = b[7] % 16, b[8] * 16 + math.floor(b[7] / 16)
  for i = 6, 1, -1 do
    mantissa = mantissa * 256 + b[i]
  end
  return exponent == 0 and mantissa == 0 and 0 or (1 + mantissa / 2 ^ 52) * 2 ^ (exponent - 1023)
end

--- Attributes, the messages of a field, as a table.
function M.attributes(list)
  local attributes = {}
  for _, bytes in ipairs(list or {}) do
    local pair = M.message(bytes)
    local value = M.message(pair[2][1])
    if value[1] then
      attributes[pair[1][1]] = value[1][1]
    elseif value[2] then
      attributes[pair[1][1]] = value[2][1] == 1
    else
      attributes[pair[1][1]] = M.double(value[4][1])
    end
  end
  return attributes
end

return M
