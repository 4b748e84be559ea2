--- CRC-32C (Castagnoli), bit by bit as it is defined: reflected, with the polynomial 0x1EDC6F41.
local REFLECTED = 0x82F63B78

--- The checksum of `bytes`.
return function(bytes)
  local crc = 0xFFFFFFFF
  for i = 1, #bytes do
    crc = crc ~ bytes:byte(i)
    for _ = 1, 8 do
      crc = crc >> 1 ~ (crc & 1) * REFLECTED
    end
  end
  return crc ~ 0xFFFFFFFF
end
