-- A small reader of Parquet, which shares nothing with the writer: files without compression and
-- nesting, in plain encoding and with dictionaries.
local M = {}

local function uint(bytes, at, size)
  local value = 0
  for i = at + size - 1, at, -1 do
    value = value * 256 + bytes:byte(i)
  end
  return value
end

local function varint(bytes, at)
  local value, factor = 0, 1
  repeat
    local byte = bytes:byte(at)
    value, factor, at = value + byte % 128 * factor, factor * 128, at + 1
  until byte < 128
  return value, at
end

local read_value

local function read_struct(bytes, at)
  local fields, number = {}, 0
  while bytes:byte(at) ~= 0 do
    local kind = bytes:byte(at) % 16
    local step = (bytes:byte(at) - kind) / 16
    assert(step > 0, "a long form of a field")
    number, at = number + step, at + 1
    fields[number], at = read_value(bytes, at, kind)
  end
  return fields, at + 1
end

local function read_list(bytes, at)
  local kind = bytes:byte(at) % 16
  local count = (bytes:byte(at) - kind) / 16
  at = at + 1
  if count == 15 then
    count, at = varint(bytes, at)
  end
  local list = {}
  for i = 1, count do
    list[i], at = read_value(bytes, at, kind)
  end
  return list, at
end

-- A value of Thrift's compact protocol; also returns where the next one begins.
function read_value(bytes, at, kind)
  if kind == 1 or kind == 2 then
    return kind == 1, at
  elseif kind == 3 then
    return bytes:byte(at), at + 1
  elseif kind == 5 or kind == 6 then
    local value, after = varint(bytes, at)
    assert(value % 2 == 0, "a negative integer")
    return value / 2, after
  elseif kind == 8 then
    local size, start = varint(bytes, at)
    return bytes:sub(start, start + size - 1), start + size
  elseif kind == 9 then
    return read_list(bytes, at)
  end
  assert(kind == 12, "a type")
  return read_struct(bytes, at)
end

-- `count` numbers in the hybrid of run lengths and packed bits.
local function hybrid(bytes, at, width, count)
  local numbers = {}
  while #numbers < count do
    local header
    header, at = varint(bytes, at)
    if header % 2 == 0 then
      local size = math.floor((width + 7) / 8)
      for _ = 1, header / 2 do
        numbers[#numbers + 1] = uint(bytes, at, size)
      end
      at = at + size
    else
      local bits = (header - 1) / 2 * 8 * width
      for first = 0, bits - 1, width do
        local number = 0
        for bit = first + width - 1, first, -1 do
          local byte = bytes:byte(at + math.floor(bit / 8))
          number = number * 2 + math.floor(byte / 2 ^ (bit % 8)) % 2
        end
        numbers[#numbers + 1] = #numbers < count and number or nil
      end
      at = at + bits / 8
    end
  end
  return numbers
end

-- Plain values by their physical type: 8 bytes stay bytes.
local function plain(bytes, at, physical, count)
  local values = {}
  for i = 1, count do
    if physical == 0 then
      values[i] = math.floor(bytes:byte(at + math.floor((i - 1) / 8)) / 2 ^ ((i - 1) % 8)) % 2 == 1
    elseif physical == 1 then
      values[i], at = uint(bytes, at, 4), at + 4
    elseif physical == 2 or physical == 5 then
      values[i], at = bytes:sub(at, at + 7), at + 8
    else
      local size = uint(bytes, at, 4)
      values[i], at = bytes:sub(at + 4, at + 3 + size), at + 4 + size
    end
  end
  return values
end

local function read_chunk(bytes, meta, is_optional, values, first)
  local at, dictionary = (meta[11] or meta[9]) + 1, nil
  local header, start = read_struct(bytes, at)
  if header[1] == 2 then
    dictionary = plain(bytes, start, meta[1], header[7][1])
    at = start + header[3]
    header, start = read_struct(bytes, at)
  end
  assert(header[1] == 0 and header[5][2] == (dictionary and 8 or 0), "the page and its encoding")
  assert(meta[4] == 0 and meta[6] == meta[7] and header[2] == header[3], "no compression")
  assert(at == meta[9] + 1 and start + header[3] - 1 - (meta[11] or meta[9]) == meta[6], "sizes")
  local rows, present, levels = header[5][1], header[5][1], nil
  if is_optional then
    assert(header[5][3] == 3, "the encoding of levels")
    levels = hybrid(bytes, start + 4, 1, rows)
    start, present = start + 4 + uint(bytes, start, 4), 0
    for _, level in ipairs(levels) do
      present = present + level
    end
  end
  local found = dictionary and hybrid(bytes, start + 1, bytes:byte(start), present)
    or plain(bytes, start, meta[1], present)
  local taken = 0
  for i = 1, rows do
    if not levels or levels[i] == 1 then
      taken = taken + 1
      values[first + i] = found[taken]
      if dictionary then
        values[first + i] = dictionary[found[taken] + 1]
      end
    end
  end
  assert(taken == #found, "as many values as rows that have one")
end

--- The columns by their names, each an array of values by row; and the end of the file, as numbered
-- fields. Integers and doubles of eight bytes stay bytes.
function M.read(bytes)
  assert(bytes:sub(1, 4) == "PAR1" and bytes:sub(-4) == "PAR1", "the marks")
  local size = uint(bytes, #bytes - 7, 4)
  local footer, after = read_struct(bytes, #bytes - 7 - size)
  assert(after == #bytes - 7, "the size of the end")
  local columns = {}
  for i = 2, #footer[2] do
    columns[footer[2][i][4]] = {}
  end
  local first = 0
  for _, group in ipairs(footer[4]) do
    for i, chunk in ipairs(group[1]) do
      local element = footer[2][i + 1]
      assert(chunk[3][3][1] == element[4] and chunk[3][1] == element[1], "the column")
      read_chunk(bytes, chunk[3], element[3] == 1, columns[element[4]], first)
    end
    first = first + group[3]
  end
  assert(first == footer[3], "the number of rows")
  return columns, footer
end

return M
