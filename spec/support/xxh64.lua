--- XXH64 in plain Lua, written from Yann Collet's specification and not from src/xxh64.c.
local PRIME_1 = 0x9E3779B185EBCA87
local PRIME_2 = 0xC2B2AE3D27D4EB4F
local PRIME_3 = 0x165667B19E3779F9
local PRIME_4 = 0x85EBCA77C2B2AE63
local PRIME_5 = 0x27D4EB2F165667C5

local function rotate_left(n, bits)
  return n << bits | n >> (64 - bits)
end

local function round(accumulator, lane)
  return rotate_left(accumulator + lane * PRIME_2, 31) * PRIME_1
end

local function merge(hash, accumulator)
  return (hash ~ round(0, accumulator)) * PRIME_1 + PRIME_4
end

--- The hash of the stripes of 32 bytes in `bytes`, and where the rest begins.
local function hash_stripes(bytes, seed)
  local accumulators = { seed + PRIME_1 + PRIME_2, seed + PRIME_2, seed, seed - PRIME_1 }
  local position = 1
  while #bytes - position + 1 >= 32 do
    for i = 1, 4 do
      accumulators[i] = round(accumulators[i], string.unpack("<i8", bytes, position))
      position = position + 8
    end
  end
  local hash = rotate_left(accumulators[1], 1) + rotate_left(accumulators[2], 7)
    + rotate_left(accumulators[3], 12) + rotate_left(accumulators[4], 18)
  for i = 1, 4 do
    hash = merge(hash, accumulators[i])
  end
  return hash, position
end

--- The hash of `bytes` with `seed`, an integer of 64 bits.
return function(bytes, seed)
  local hash, position = seed + PRIME_5, 1
  if #bytes >= 32 then
    hash, position = hash_stripes(bytes, seed)
  end
  hash = hash + #bytes
  while #bytes - position + 1 >= 8 do
    hash = hash ~ round(0, (string.unpack("<i8", bytes, position)))
    hash = rotate_left(hash, 27) * PRIME_1 + PRIME_4
    position = position + 8
  end
  if #bytes - position + 1 >= 4 then
    hash = hash ~ string.unpack("<I4", bytes, position) * PRIME_1
    hash = rotate_left(hash, 23) * PRIME_2 + PRIME_3
    position = position + 4
  end
  for i = position, #bytes do
    hash = rotate_left(hash ~ bytes:byte(i) * PRIME_5, 11) * PRIME_1
  end
  hash = (hash ~ hash >> 33) * PRIME_2
  hash = (hash ~ hash >> 29) * PRIME_3
  return hash ~ hash >> 32
end
