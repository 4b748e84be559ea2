--- The wire format of Protocol Buffers, as far as OTLP needs it: each function returns the bytes of
-- one field, and a message is the concatenation of its fields.
--
-- Fields are always written, also those whose value is the default: a caller leaves out what it
-- doesn't want. Whole numbers are from 0 to 2^64 - 1. Those that a number of this version of Lua
-- can't hold are given as a text of their digits, as `snapshot:to_table()` gives them.
-- Used only by formats.
local char, floor = string.char, math.floor

local M = {}

local VARINT, FIXED_64, LENGTH = 0, 1, 2

-- The integer 2^32, not the float, where there are integers: then `%` is exact for all of them.
local HALF = 4294967296

local LAST_SECOND = 18446744073 -- the last whole one whose nanoseconds are 64 bits, in 2554
local LATEST = ("\255"):rep(8)

--- The upper and the lower 32 bits of `billions` * 10^9 + `rest`. The products are exact where all
-- numbers are floats, because no factor has more than 18 bits.
local function halves_of_parts(billions, rest)
  local low_bits = billions % 65536
  local upper = (billions - low_bits) / 65536 * 1000000000
  local upper_low_bits = upper % 65536
  local low = upper_low_bits * 65536 + low_bits * 1000000000 + rest
  return (upper - upper_low_bits) / 65536 + floor(low / HALF), low % HALF
end

--- The upper and the lower 32 bits of a whole number.
local function halves(value)
  if type(value) == "string" then
    return halves_of_parts(tonumber(value:sub(1, -10)) or 0, tonumber(value:sub(-9)))
  end
  local low = value % HALF
  return (value - low) / HALF, low
end

-- The numbers of one and of two bytes.
local SHORT = {}
for i = 0, 127 do
  SHORT[i] = char(i)
end
for i = 128, 16383 do
  SHORT[i] = char(i % 128 + 128, floor(i / 128))
end

--- A whole number, seven bits a byte, the lowest first.
local function varint(value)
  if SHORT[value] then
    return SHORT[value]
  end
  local upper, low = halves(value)
  local bytes = {}
  while upper > 0 or low > 127 do
    bytes[#bytes + 1] = char(low % 128 + 128)
    low = floor(low / 128) + upper % 128 * 33554432 -- 2^25
    upper = floor(upper / 128)
  end
  bytes[#bytes + 1] = char(low)
  return table.concat(bytes)
end

local function tag(field, wire_type)
  return SHORT[field * 8 + wire_type] -- there are no larger ones in OTLP
end

local pack = string.pack -- luacheck: ignore 143

--- Four bytes, the lowest first.
local function bytes_of_half(half)
  local low = half % 65536
  local upper = (half - low) / 65536
  return char(low % 256, floor(low / 256), upper % 256, floor(upper / 256))
end

local function built_64(upper, low)
  return bytes_of_half(low) .. bytes_of_half(upper)
end

--- Eight bytes, the lowest first.
local fixed_64 = pack and function(upper, low) return pack("<I4I4", low, upper) end or built_64

--- The upper and the lower 32 bits of a double that isn't negative.
local function double_halves(value)
  if value == 0 then
    return 0, 0
  elseif value == math.huge then
    return 2047 * 1048576, 0
  end
  local fraction, exponent = math.frexp(value) -- luacheck: ignore 143
  local biased = exponent + 1022
  local mantissa = biased > 0 and (fraction * 2 - 1) * 2 ^ 52 or fraction * 2 ^ (52 + biased)
  local low = mantissa % HALF
  return (mantissa - low) / HALF + math.max(biased, 0) * 1048576, low
end

local function built_double(value)
  return fixed_64(double_halves(value))
end

local double_bytes = pack and function(value) return pack("<d", value) end or built_double

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
  return tag(field, FIXED_64) .. fixed_64(halves(value))
end

local function built_nanoseconds(seconds, microseconds)
  return built_64(halves_of_parts(seconds, microseconds * 1000))
end

local function packed_nanoseconds(seconds, microseconds)
  return pack("<i8", floor(seconds) * 1000000000 + floor(microseconds) * 1000)
end

local nanoseconds = pack and packed_nanoseconds or built_nanoseconds

--- A field of the type `fixed64`: the nanoseconds of a time, which is given in seconds and
-- microseconds. Times after the year 2554 are the largest value.
function M.time(field, seconds, microseconds)
  return tag(field, FIXED_64)
    .. (seconds > LAST_SECOND and LATEST or nanoseconds(seconds, microseconds))
end

--- A field of the type `double`: a number that isn't negative and not NaN.
function M.double(field, value)
  return tag(field, FIXED_64) .. double_bytes(value)
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

return M
