--- The algorithm of `exectrack.fingerprint` in plain Lua, for values that hold no more than 65,536
-- table entries. Every hash is an XXH64 whose seed says what it is of. `walk` is what a walk
-- through the values knows: `string_bytes`, how many bytes of a string count; `bytes`, how many
-- did; `within`, the tables that it is in; and `serial_of`.
local xxh64 = require("spec.support.xxh64")

local OF = {
  NIL = 1,
  BOOLEAN = 2,
  INTEGER = 3,
  FLOAT = 4,
  STRING = 5,
  TABLE = 6,
  ENTRY = 7,
  CYCLE = 8,
  TYPE = 9,
  ARGUMENTS = 10,
  EXCERPT = 11,
  IDENTITY = 12,
}
local MOST_LEVELS = 32
local FEWEST_BYTES = 16
local NAN = string.pack("<I8", 0x7ff8000000000000)

local function hash_number(number)
  local integer = math.tointeger(number)
  if integer then
    return xxh64(string.pack("<i8", integer), OF.INTEGER)
  end
  return xxh64(number ~= number and NAN or string.pack("<d", number), OF.FLOAT)
end

local function hash_string(text, walk)
  local most = walk.string_bytes
  walk.bytes = walk.bytes + math.min(#text, most)
  if #text <= most then
    return xxh64(text, OF.STRING)
  end
  local beginning, ending = text:sub(1, most // 2), text:sub(-most // 2)
  local both = string.pack("<i8i8", xxh64(beginning, OF.STRING), xxh64(ending, OF.STRING))
  return xxh64(string.pack("<i8i8", xxh64(both, OF.EXCERPT), #text), OF.EXCERPT)
end

local hash_value

local function hash_table(t, walk)
  local within = walk.within
  for i = #within, 1, -1 do
    if within[i] == t then
      return xxh64(string.pack("<i8", #within - i + 1), OF.CYCLE)
    end
  end
  if #within == MOST_LEVELS then
    return xxh64("table", OF.TYPE)
  end
  within[#within + 1] = t
  local sum = 0
  for key, value in next, t do
    local entry = string.pack("<i8i8", hash_value(key, walk), hash_value(value, walk))
    sum = sum + xxh64(entry, OF.ENTRY)
  end
  within[#within] = nil
  return xxh64(string.pack("<i8", sum), OF.TABLE)
end

function hash_value(value, walk)
  local kind = type(value)
  if kind == "nil" then
    return xxh64("", OF.NIL)
  elseif kind == "boolean" then
    return xxh64(string.pack("<i8", value and 1 or 0), OF.BOOLEAN)
  elseif kind == "number" then
    return hash_number(value)
  elseif kind == "string" then
    return hash_string(value, walk)
  elseif kind == "table" then
    return hash_table(value, walk)
  end
  local serial = walk.serial_of(value)
  return serial and xxh64(string.pack("<i8", serial), OF.IDENTITY) or xxh64(kind, OF.TYPE)
end

local function hash_values(walk, ...)
  local hash = xxh64("", OF.ARGUMENTS)
  for i = 1, select("#", ...) do
    local value = hash_value((select(i, ...)), walk)
    hash = xxh64(string.pack("<i8i8", hash, value), OF.ARGUMENTS)
  end
  return hash
end

--- Returns a function that returns the fingerprint of its arguments, from 1 to 2^32 - 1.
-- `serial_of` returns the serial number of a function, userdata or thread, or false for none; of
-- strings `most_bytes` may count, 1 MiB by default.
return function(serial_of, most_bytes)
  most_bytes = most_bytes or 1 << 20
  return function(...)
    local walk = { string_bytes = most_bytes, bytes = 0, within = {}, serial_of = serial_of }
    local hash = hash_values(walk, ...)
    while walk.bytes > most_bytes and walk.string_bytes > FEWEST_BYTES do
      walk.string_bytes, walk.bytes = walk.string_bytes // 16, 0
      hash = hash_values(walk, ...)
    end
    local folded = (hash >> 32 ~ hash) & 0xFFFFFFFF
    return folded ~= 0 and folded or 1
  end
end
