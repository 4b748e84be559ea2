--- Numbers as bytes, the lowest first, the same in every version of Lua. Whole numbers are from 0
-- to 2^64 - 1; those that a number of this version can't hold are given as a text of their digits,
-- as `snapshot:to_table()` gives them.
-- Used only by formats.
local char, floor = string.char, math.floor
local pack = string.pack -- luacheck: ignore 143

local M = {}

-- The integer 2^32, not the float, where there are integers: then `%` is exact for all of them.
local HALF = 4294967296

--- The upper and the lower 32 bits of `whole` * `factor` + `rest`. The product is exact where all
-- numbers are floats, because it is made of two of numbers below 2^53.
local function halves_of_product(whole, factor, rest)
  local low_bits = whole % 65536
  local upper = (whole - low_bits) / 65536 * factor
  local upper_low_bits = upper % 65536
  local low = upper_low_bits * 65536 + low_bits * factor + rest
  return (upper - upper_low_bits) / 65536 + floor(low / HALF), low % HALF
end

--- The upper and the lower 32 bits of a whole number.
local function halves(value)
  if type(value) == "string" then
    return halves_of_product(tonumber(value:sub(1, -10)) or 0, 1000000000,
      tonumber(value:sub(-9)))
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

--- A whole number in seven bits a byte. Each byte but the last has its upper bit set.
function M.varint(value)
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

local function built_32(value)
  local low = value % 65536
  local upper = (value - low) / 65536
  return char(low % 256, floor(low / 256), upper % 256, floor(upper / 256))
end

local function built_64(upper, low)
  return built_32(low) .. built_32(upper)
end

--- A whole number below 2^32 in four bytes.
M.uint32 = pack and function(value) return pack("<I4", value) end or built_32

local eight_bytes = pack and function(upper, low) return pack("<I4I4", low, upper) end or built_64

--- A whole number in eight bytes.
function M.uint64(value)
  return eight_bytes(halves(value))
end

--- The whole number `whole` * `factor` + `rest` in eight bytes, such as a time of seconds and
-- microseconds. The factor is a whole number up to 10^9, and `whole` is below 2^46.
M.product = pack and function(whole, factor, rest)
  return pack("<i8", floor(whole) * factor + floor(rest))
end or function(whole, factor, rest)
  return built_64(halves_of_product(whole, factor, rest))
end

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

--- A double that isn't negative and not NaN.
M.double = pack and function(value) return pack("<d", value) end or function(value)
  return built_64(double_halves(value))
end

return M
