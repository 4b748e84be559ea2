--- Pages of Parquet: the values of a column as bytes, without compression.
-- Used only by formats.
local bytes_of = require("exectrack.format.bytes_of")
local thrift = require("exectrack.format.thrift")

local char, floor = string.char, math.floor

local M = {}

-- Encodings and types of pages, by the names of the format.
local PLAIN, RLE, DICTIONARY_INDEXES = 0, 3, 8
local DATA_PAGE, DICTIONARY_PAGE = 0, 2

--- How many bits a number up to `most` needs.
local function width_of(most)
  local width = 0
  while 2 ^ width <= most do
    width = width + 1
  end
  return width
end

--- Numbers of `width` bits each, the lowest first, without a gap between them, and zeros up to a
-- multiple of 8.
local function packed_bits(numbers, width)
  local bytes, waiting, bits = {}, 0, 0
  for i = 1, floor((#numbers + 7) / 8) * 8 do
    waiting, bits = waiting + (numbers[i] or 0) * 2 ^ bits, bits + width
    while bits >= 8 do
      bytes[#bytes + 1] = char(waiting % 256)
      waiting, bits = floor(waiting / 256), bits - 8
    end
  end
  return table.concat(bytes)
end

local function are_equal(numbers)
  for i = 2, #numbers do
    if numbers[i] ~= numbers[1] then
      return false
    end
  end
  return true
end

--- Numbers of `width` bits in the hybrid of run lengths and packed bits: as one run if all are
-- equal, else as packed bits. At least one.
local function hybrid(numbers, width)
  if are_equal(numbers) then
    local first = bytes_of.uint32(numbers[1]):sub(1, floor((width + 7) / 8))
    return bytes_of.varint(#numbers * 2) .. first
  end
  return bytes_of.varint(floor((#numbers + 7) / 8) * 2 + 1) .. packed_bits(numbers, width)
end

--- What precedes the values of a column that may lack some: a bit for each row, whether it has one.
local function levels(has_value)
  local bytes = hybrid(has_value, 1)
  return bytes_of.uint32(#bytes) .. bytes
end

local function page(kind, field, header, bytes)
  return thrift.struct({ { 1, thrift.i32(kind) }, { 2, thrift.i32(#bytes) },
    { 3, thrift.i32(#bytes) }, { field, thrift.struct(header) } }).bytes .. bytes
end

local function data_page(rows, encoding, bytes)
  return page(DATA_PAGE, 5, { { 1, thrift.i32(rows) }, { 2, thrift.i32(encoding) },
    { 3, thrift.i32(RLE) }, { 4, thrift.i32(RLE) } }, bytes)
end

local function text(value)
  return bytes_of.uint32(#value) .. value
end

local function booleans(values)
  local bits = {}
  for i, value in ipairs(values) do
    bits[i] = value and 1 or 0
  end
  return packed_bits(bits, 1)
end

local function each(encode)
  return function(values)
    local texts = {}
    for i, value in ipairs(values) do
      texts[i] = encode(value)
    end
    return table.concat(texts)
  end
end

-- How the values of a type are written one after the other.
local PLAIN_BYTES = { text = each(text), boolean = booleans, uint32 = each(bytes_of.uint32),
  int64 = each(bytes_of.uint64), double = each(bytes_of.double),
  time = each(function(time) return bytes_of.product(time[1], 1000000, time[2]) end) }

--- The different values in the order in which they come first, and for each value its index among
-- them, from 0.
local function dictionary_of(values)
  local entries, numbers, indexes = {}, {}, {}
  for i, value in ipairs(values) do
    if not numbers[value] then
      numbers[value] = #entries
      entries[#entries + 1] = value
    end
    indexes[i] = numbers[value]
  end
  return entries, indexes
end

--- A page with the different values, and the bytes of indexes of them.
local function with_dictionary(kind, values)
  local entries, indexes = dictionary_of(values)
  local width = math.max(width_of(#entries - 1), 1)
  return page(DICTIONARY_PAGE, 7, { { 1, thrift.i32(#entries) }, { 2, thrift.i32(PLAIN) } },
    PLAIN_BYTES[kind](entries)), char(width) .. hybrid(indexes, width)
end

--- The pages of a column for `rows` rows, at least one. `values` has the values of those that have
-- one; `has_value` is nil, or has 1 or 0 for each row in a column that may lack values. Returns the
-- page of the dictionary, or an empty text; that of the data; and the encodings that they use.
function M.pages(kind, has_dictionary, rows, values, has_value)
  local before = has_value and levels(has_value) or ""
  if has_dictionary and values[1] ~= nil then
    local dictionary, indexes = with_dictionary(kind, values)
    return dictionary, data_page(rows, DICTIONARY_INDEXES, before .. indexes),
      { PLAIN, RLE, DICTIONARY_INDEXES }
  end
  return "", data_page(rows, PLAIN, before .. PLAIN_BYTES[kind](values)), { PLAIN, RLE }
end

return M
