--- CRC-32C (Castagnoli) as it is defined, reflected, with the polynomial 0x1EDC6F41. By arithmetic:
-- not every Lua has operations on bits.
local REFLECTED = 0x82F63B78

--- The exclusive or of numbers of up to 32 bits, bit by bit.
local function slow_xor(a, b)
  local result, bit = 0, 1
  while a > 0 or b > 0 do
    result = result + (a + b) % 2 * bit
    a, b, bit = math.floor(a / 2), math.floor(b / 2), bit * 2
  end
  return result
end

--- That of bytes: XOR[256 * a + b].
local XOR = {}
for a = 0, 255 do
  for b = 0, 255 do
    XOR[256 * a + b] = slow_xor(a, b)
  end
end

local function xor(a, b)
  local result, scale = 0, 1
  for _ = 1, 4 do
    local low_a, low_b = a % 256, b % 256
    result = result + XOR[256 * low_a + low_b] * scale
    a, b, scale = (a - low_a) / 256, (b - low_b) / 256, scale * 256
  end
  return result
end

--- What a byte adds to the checksum.
local OF_BYTE = {}
for byte = 0, 255 do
  local crc = byte
  for _ = 1, 8 do
    crc = slow_xor(math.floor(crc / 2), crc % 2 * REFLECTED)
  end
  OF_BYTE[byte] = crc
end

--- The checksum of `bytes`.
return function(bytes)
  local crc = 0xFFFFFFFF
  for i = 1, #bytes do
    local low = crc % 256
    crc = xor((crc - low) / 256, OF_BYTE[XOR[256 * low + bytes:byte(i)]])
  end
  return xor(crc, 0xFFFFFFFF)
end
