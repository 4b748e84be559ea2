--- Thrift's compact protocol, as far as Parquet needs it.
-- Used only by formats.
local bytes_of = require("exectrack.format.bytes_of")

local char = string.char

local M = {}

-- Types of fields, by the names of the protocol.
local TRUE, FALSE, I8, I32, I64, BINARY, LIST, STRUCT = 1, 2, 3, 5, 6, 8, 9, 12

local SHORT_LIST = 15 -- a list of fewer elements has their number in its first byte

--- A value is a table of its type and its bytes.
local function value(kind, bytes)
  return { kind = kind, bytes = bytes }
end

--- Integers that aren't negative, in seven bits a byte after a bit for the sign.
function M.i32(number)
  return value(I32, bytes_of.varint(2 * number))
end

function M.i64(number)
  return value(I64, bytes_of.varint(2 * number))
end

--- An integer of one byte.
function M.i8(number)
  return value(I8, char(number))
end

--- A boolean has no bytes of its own: its type says what it is.
function M.bool(is_true)
  return value(is_true and TRUE or FALSE, "")
end

--- A text, or any bytes.
function M.binary(bytes)
  return value(BINARY, bytes_of.varint(#bytes) .. bytes)
end

--- A list of at least one element, all of one type.
function M.list(values)
  local bytes, kind = {}, values[1].kind
  for i, element in ipairs(values) do
    bytes[i] = element.bytes
  end
  local start = #values < SHORT_LIST and char(#values * 16 + kind)
    or char(SHORT_LIST * 16 + kind) .. bytes_of.varint(#values)
  return value(LIST, start .. table.concat(bytes))
end

--- A list without elements.
function M.empty_list()
  return value(LIST, char(STRUCT))
end

--- A structure of fields, each of which is `{ number, value }`, in the order of their numbers. From
-- one to the next these grow by at most 15.
function M.struct(fields)
  local parts, last = {}, 0
  for _, field in ipairs(fields) do
    parts[#parts + 1] = char((field[1] - last) * 16 + field[2].kind) .. field[2].bytes
    last = field[1]
  end
  parts[#parts + 1] = "\0"
  return value(STRUCT, table.concat(parts))
end

return M
