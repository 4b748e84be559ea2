--- A file of Parquet: groups of rows, in each a piece of every column, and at the end the schema
-- and where all pieces are.
-- Used only by formats.
local bytes_of = require("exectrack.format.bytes_of")
local pages = require("exectrack.format.parquet_page").pages
local thrift = require("exectrack.format.thrift")

local i32, i64, struct = thrift.i32, thrift.i64, thrift.struct

local M = {}

local MAGIC = "PAR1"
local VERSION = 2
local UNCOMPRESSED = 0
local REQUIRED, OPTIONAL = 0, 1

--- How many rows a group has, at most: readers read groups in parallel.
M.GROUP_ROWS = 131072

-- The physical type of a kind of values, its older name in the schema, and what it means.
local TIME = struct { { 8, struct { { 1, thrift.bool(true) },
  { 2, struct { { 2, struct {} } } } } } } -- microseconds, UTC
local UINT32 = struct { { 10, struct { { 1, thrift.i8(32) }, { 2, thrift.bool(false) } } } }
local KINDS = {
  boolean = { 0 }, double = { 5 }, int64 = { 2 },
  text = { 6, 0, struct { { 1, struct {} } } }, time = { 2, 10, TIME }, uint32 = { 1, 13, UINT32 },
}

--- The schema: a root, and the columns.
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

--- The bytes of a column in a group that begin at `offset` in the file, and what the end of the
-- file says about them.
local function chunk(column, first, last, offset)
  local rows = last - first + 1
  local dictionary, data, used = pages(column.kind, column.has_dictionary, rows,
    values_of(column, first, last))
  local encodings, size = {}, #dictionary + #data
  for i, encoding in ipairs(used) do
    encodings[i] = i32(encoding)
  end
  local fields = { { 1, i32(KINDS[column.kind][1]) }, { 2, thrift.list(encodings) },
    { 3, thrift.list { thrift.binary(column.name) } }, { 4, i32(UNCOMPRESSED) }, { 5, i64(rows) },
    { 6, i64(size) }, { 7, i64(size) }, { 9, i64(offset + #dictionary) } }
  if dictionary ~= "" then
    fields[#fields + 1] = { 11, i64(offset) }
  end
  return dictionary .. data, struct { { 2, i64(0) }, { 3, struct(fields) } }
end

--- The bytes of a group of rows, and what the end of the file says about it.
local function group(columns, first, last, offset)
  local texts, chunks, size = {}, {}, 0
  for i, column in ipairs(columns) do
    texts[i], chunks[i] = chunk(column, first, last, offset + size)
    size = size + #texts[i]
  end
  return table.concat(texts), struct { { 1, thrift.list(chunks) }, { 2, i64(size) },
    { 3, i64(last - first + 1) } }
end

local function key_values(facts)
  local list = {}
  for i, fact in ipairs(facts) do
    list[i] = struct { { 1, thrift.binary(fact[1]) }, { 2, thrift.binary(fact[2]) } }
  end
  return list[1] and thrift.list(list) or thrift.empty_list()
end

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
