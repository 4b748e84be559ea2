--- A file of Parquet without compression: groups of rows, in each a piece of every column, and at
-- the end the schema and where all pieces are. The numbers of fields are those of the structures in
-- parquet.thrift that comments name.
-- Used only by formats.
local bytes_of = require("exectrack.format.bytes_of")
local thrift = require("exectrack.format.thrift")

local char, floor = string.char, math.floor
local i32, i64, struct = thrift.i32, thrift.i64, thrift.struct

local M = {}

local MAGIC = "PAR1"
local VERSION = 2

-- Repetitions, encodings, types of pages and codecs, by the names of the format.
local REQUIRED, OPTIONAL = 0, 1
local PLAIN, RLE, DICTIONARY_INDEXES = 0, 3, 8
local DATA_PAGE, DICTIONARY_PAGE = 0, 2
local UNCOMPRESSED = 0

--- How many rows a group has, at most: readers read groups in parallel.
M.GROUP_ROWS = 131072

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

--- Bytes after a PageHeader, which has `header` as its field of this number.
local function page(kind, field, header, bytes)
  return struct({ { 1, i32(kind) }, { 2, i32(#bytes) }, { 3, i32(#bytes) },
    { field, header } }).bytes .. bytes
end

local function data_page(rows, encoding, bytes)
  local header = struct { { 1, i32(rows) }, { 2, i32(encoding) }, { 3, i32(RLE) },
    { 4, i32(RLE) } } -- DataPageHeader
  return page(DATA_PAGE, 5, header, bytes)
end

local function dictionary_page(count, bytes)
  local header = struct { { 1, i32(count) }, { 2, i32(PLAIN) } } -- DictionaryPageHeader
  return page(DICTIONARY_PAGE, 7, header, bytes)
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
  return dictionary_page(#entries, PLAIN_BYTES[kind](entries)),
    char(width) .. hybrid(indexes, width)
end

--- The pages of a column for `rows` rows, at least one. `values` has the values of those that have
-- one; `has_value` is nil, or has 1 or 0 for each row in a column that may lack values. Returns the
-- page of the dictionary, or an empty text; that of the data; and the encodings that they use.
local function pages(kind, has_dictionary, rows, values, has_value)
  local before = has_value and levels(has_value) or ""
  if has_dictionary and values[1] ~= nil then
    local dictionary, indexes = with_dictionary(kind, values)
    return dictionary, data_page(rows, DICTIONARY_INDEXES, before .. indexes),
      { PLAIN, RLE, DICTIONARY_INDEXES }
  end
  return "", data_page(rows, PLAIN, before .. PLAIN_BYTES[kind](values)), { PLAIN, RLE }
end

-- Of each kind of values the Type, ConvertedType and LogicalType.
local TIME = struct { { 8, struct { { 1, thrift.bool(true) },
  { 2, struct { { 2, struct {} } } } } } } -- microseconds, UTC
local UINT32 = struct { { 10, struct { { 1, thrift.i8(32) }, { 2, thrift.bool(false) } } } }
local KINDS = {
  boolean = { 0 }, double = { 5 }, int64 = { 2 },
  text = { 6, 0, struct { { 1, struct {} } } }, time = { 2, 10, TIME }, uint32 = { 1, 13, UINT32 },
}

--- The schema: a root, and the columns, each a SchemaElement.
local function schema(columns)
  local elements = { struct { { 4, thrift.binary("exectrack") }, { 5, i32(#columns) } } }
  for _, column in ipairs(columns) do
    local kind = KINDS[column.kind]
    local fields = { { 1, i32(kind[1]) },
      { 3, i32(column.is_optional and OPTIONAL or REQUIRED) }, { 4, thrift.binary(column.name) } }
    if kind[2] then
      fields[#fields + 1] = { 6, i32(kind[2]) }
      fields[#fields + 1] = { 10, kind[3] }
    end
    elements[#elements + 1] = struct(fields)
  end
  return thrift.list(elements)
end

--- The values of a column for the rows of a group; for an optional column, also whether each row
-- has one, 1 or 0.
local function values_of(column, first, last)
  local values, has_value = {}, column.is_optional and {} or nil
  for i = first, last do
    local value = column.value(i)
    if value ~= nil then
      values[#values + 1] = value
    end
    if has_value then
      has_value[#has_value + 1] = value ~= nil and 1 or 0
    end
  end
  return values, has_value
end

--- The bytes of a column in a group that begin at `offset` in the file, and their ColumnChunk.
local function chunk(column, first, last, offset)
  local rows = last - first + 1
  local dictionary, data, used = pages(column.kind, column.has_dictionary, rows,
    values_of(column, first, last))
  local encodings, size = {}, #dictionary + #data
  for i, encoding in ipairs(used) do
    encodings[i] = i32(encoding)
  end
  local metadata = { { 1, i32(KINDS[column.kind][1]) }, { 2, thrift.list(encodings) },
    { 3, thrift.list { thrift.binary(column.name) } }, { 4, i32(UNCOMPRESSED) }, { 5, i64(rows) },
    { 6, i64(size) }, { 7, i64(size) }, { 9, i64(offset + #dictionary) } } -- ColumnMetaData
  if dictionary ~= "" then
    metadata[#metadata + 1] = { 11, i64(offset) }
  end
  return dictionary .. data, struct { { 2, i64(0) }, { 3, struct(metadata) } }
end

--- The bytes of a group of rows, and its RowGroup.
local function group(columns, first, last, offset)
  local texts, chunks, size = {}, {}, 0
  for i, column in ipairs(columns) do
    texts[i], chunks[i] = chunk(column, first, last, offset + size)
    size = size + #texts[i]
  end
  return table.concat(texts), struct { { 1, thrift.list(chunks) }, { 2, i64(size) },
    { 3, i64(last - first + 1) } }
end

--- Facts as a list of KeyValue.
local function key_values(facts)
  local list = {}
  for i, fact in ipairs(facts) do
    list[i] = struct { { 1, thrift.binary(fact[1]) }, { 2, thrift.binary(fact[2]) } }
  end
  return list[1] and thrift.list(list) or thrift.empty_list()
end

--- The end of a file: FileMetaData, its size and the mark.
local function footer(file, rows, groups)
  local bytes = struct({ { 1, i32(VERSION) }, { 2, schema(file.columns) }, { 3, i64(rows) },
    { 4, groups[1] and thrift.list(groups) or thrift.empty_list() },
    { 5, key_values(file.facts) }, { 6, thrift.binary(file.created_by) } }).bytes
  return bytes .. bytes_of.uint32(#bytes) .. MAGIC
end

--- Makes an iterator over pieces of a file with so many rows. `file` has `columns`, an array of
-- tables: `name`, `kind`, `is_optional`, `has_dictionary`, and `value(i)`, which returns the value
-- in a row, nil for none; `facts`, an array of pairs of texts; and `created_by`. Kinds are `text`,
-- `boolean`, `uint32`, `int64`, `double`, and `time`, an array of seconds and microseconds.
function M.encode(file, rows)
  local groups, offset, done, is_ended = {}, #MAGIC, 0, false
  return function()
    if is_ended then
      return nil
    elseif done == rows then
      is_ended = true
      return (rows == 0 and MAGIC or "") .. footer(file, rows, groups)
    end
    local first, last = done + 1, math.min(done + M.GROUP_ROWS, rows)
    local bytes
    bytes, groups[#groups + 1] = group(file.columns, first, last, offset)
    offset, done = offset + #bytes, last
    return (first == 1 and MAGIC or "") .. bytes
  end
end

return M
