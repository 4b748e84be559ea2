--- The rows of CSV (RFC 4180) in a text that is read in pieces.
--
-- Lines end in LF or CRLF. A field in quotes may have separators and ends of lines in it, and
-- doubled quotes. In a field that doesn't begin with a quote, quotes are like other characters.
-- Used only by formats.
local shown = require("exectrack.format.shown")
local unicode = require("exectrack.report.unicode")

local byte, find, sub = string.byte, string.find, string.sub

local M = {}

local Rows = {}
Rows.__index = Rows

local QUOTE, CR, LF = byte('"'), byte("\r"), byte("\n")
local BYTE_ORDER_MARK = "\239\187\191"
local SEPARATORS = { ",", ";", "\t" }

--- Makes a reader. `pieces` returns the next piece of the text, and nil at the end. No more than
-- twice `most_bytes` and a piece are kept in memory.
function M.new(pieces, most_bytes)
  return setmetatable({
    pieces = pieces,
    most_bytes = most_bytes,
    text = "",
    position = 1, -- of the beginning of the next row in the text
    line = 1, -- and its line
    is_ended = false,
  }, Rows)
end

--- Adds to the text at least as many bytes as it has from the position on, so that a long row is
-- copied only a few times; what is before the position goes. Returns false if there are no more, or
-- the row is too long.
local function fill(self)
  local left = #self.text - self.position + 1
  if self.is_ended or left > self.most_bytes then
    return false
  end
  local parts, bytes = { sub(self.text, self.position) }, 0
  while not self.is_ended and bytes <= math.min(left, self.most_bytes - left) do
    local piece = self.pieces()
    parts[#parts + 1] = piece
    bytes = bytes + #(piece or "")
    self.is_ended = not piece
  end
  self.text, self.position = table.concat(parts), 1
  return bytes > 0
end

local function skip_byte_order_mark(self)
  while #self.text < #BYTE_ORDER_MARK and fill(self) do end
  if sub(self.text, 1, #BYTE_ORDER_MARK) == BYTE_ORDER_MARK then
    self.position = #BYTE_ORDER_MARK + 1
  end
end

--- The position of the first end of a line from `offset` behind the row's beginning on; nil if
-- there is none, or the row is too long.
local function find_line_end(self, offset)
  local last
  repeat
    last = find(self.text, "\n", self.position + offset, true)
  until last or not fill(self)
  return last
end

--- The line of what is at `offset` behind the row's beginning.
local function line_at(self, offset)
  local _, count = sub(self.text, self.position, self.position + offset - 1):gsub("\n", "")
  return self.line + count
end

--- Skips the row up to the end of the line in which something is wrong, `offset` behind the row's
-- beginning. Returns what `next` does.
local function refuse(self, message, offset)
  local line, next_line = self.line, line_at(self, offset) + 1
  local last = find_line_end(self, offset)
  while not last and not self.is_ended do
    self.text, self.position = "", 1
    fill(self)
    last = find(self.text, "\n", 1, true)
  end
  self.position, self.line = (last or #self.text) + 1, next_line
  return line, nil, message
end

--- The fields of a line without quotes, by their names, and how many there are. Empty ones are left
-- out, and so are those without a name.
local function split(line, separator, names)
  local fields, count, at = {}, 0, 1
  repeat
    local stop = find(line, separator, at, true)
    local field = sub(line, at, (stop or 0) - 1)
    count, at = count + 1, (stop or 0) + 1
    local name = names[count]
    if field ~= "" and name then
      fields[name] = field
    end
  until not stop
  return fields, count
end

--- The byte at `offset` behind the row's beginning; nil behind the end of the text.
local function byte_at(self, offset)
  local found = byte(self.text, self.position + offset)
  if not found and fill(self) then
    found = byte(self.text, self.position + offset)
  end
  return found
end

--- The field behind the quote at `offset`, and the offset behind the quote at its end; nil if there
-- is none.
local function quoted_field(self, offset)
  local at, is_doubled = offset + 1, false
  while true do
    local quote = find(self.text, '"', self.position + at, true)
    at = (quote or #self.text + 1) - self.position
    if quote and byte_at(self, at + 1) ~= QUOTE then
      local field = sub(self.text, self.position + offset + 1, self.position + at - 1)
      return is_doubled and field:gsub('""', '"') or field, at + 1
    elseif quote then
      at, is_doubled = at + 2, true
    elseif not fill(self) then
      return nil
    end
  end
end

--- The field without quotes at `offset`, nil if it is empty, and the offset behind it.
local function plain_field(self, offset)
  local stop
  repeat
    stop = find(self.text, self.stops, self.position + offset)
  until stop or not fill(self)
  stop = stop or #self.text + 1
  if byte(self.text, stop) ~= self.separator_byte and byte(self.text, stop - 1) == CR
      and stop > self.position + offset then
    stop = stop - 1
  end
  local field = sub(self.text, self.position + offset, stop - 1)
  return field ~= "" and field or nil, stop - self.position
end

--- The offset of what follows the row's end, of which `offset` is the beginning; nil if it isn't an
-- end.
local function behind_end(self, offset)
  local first = byte_at(self, offset)
  if first == CR then
    local second = byte_at(self, offset + 1)
    return (second == LF or not second) and offset + 2 or nil
  end
  return (first == LF or not first) and offset + 1 or nil
end

--- The message about a quote that doesn't end.
local function endless(self, offset)
  local line = line_at(self, offset)
  if self.is_ended then
    return ("a quote that begins in line %d never ends"):format(line)
  end
  return ("a row of more than %d bytes; a quote in it begins in line %d"):format(self.most_bytes,
    line)
end

--- The fields of a row with quotes, how many there are, and the offset of the next row. Or nil, a
-- message, and the offset of the field that is wrong.
local function read_fields(self, names)
  local fields, count, offset = {}, 0, 0
  while true do
    local field, stop
    local is_quoted = byte_at(self, offset) == QUOTE
    if is_quoted then
      field, stop = quoted_field(self, offset)
      if not field then
        return nil, endless(self, offset), offset
      end
    else
      field, stop = plain_field(self, offset)
    end
    count = count + 1
    if names[count] then
      fields[names[count]] = field
    end
    if byte_at(self, stop) ~= self.separator_byte then
      local behind = behind_end(self, stop)
      if behind then
        return fields, count, behind
      end
      return nil, ("field %d goes on behind the quote that ends it"):format(count), offset
    end
    offset = stop + 1
  end
end

--- The separator that there are most of outside of quotes.
local function separator_of(line)
  local best, most = SEPARATORS[1], 0
  line = line:gsub('"[^"]*"', "")
  for _, separator in ipairs(SEPARATORS) do
    local _, count = line:gsub(separator, "")
    if count > most then
      best, most = separator, count
    end
  end
  return best
end

local function choose_separator(self, line)
  self.separator = separator_of(line)
  self.separator_byte, self.stops = byte(self.separator), "[\n" .. self.separator .. "]"
end

local NO_UTF8 = "a byte that isn't UTF-8: iconv -f LATIN1 -t UTF-8 converts it"

--- Reads a row with quotes. Returns what `next` does, and how many fields the row has.
local function next_quoted(self, names)
  local fields, count, offset = read_fields(self, names)
  if not fields then
    return refuse(self, count, offset)
  elseif offset - 1 > self.most_bytes then
    return refuse(self, ("a row of more than %d bytes"):format(self.most_bytes), offset - 1)
  end
  local line = self.line
  self.line = line_at(self, offset - 1) + 1
  local is_right = unicode.is_valid(sub(self.text, self.position, self.position + offset - 1))
  self.position = self.position + offset
  if not is_right then
    return line, nil, NO_UTF8
  end
  return line, fields, nil, count
end

local function next_row(self, names)
  while true do
    local last = find_line_end(self, 0)
    if not last and self.position > #self.text then
      return nil
    end
    local line = sub(self.text, self.position, (last or 0) - 1)
    if #line > self.most_bytes then
      return refuse(self, ("a row of more than %d bytes"):format(self.most_bytes), 0)
    end
    local is_blank = find(line, "^ *\r?$")
    if not is_blank and not self.separator then
      choose_separator(self, line)
    end
    if find(line, '"', 1, true) then
      return next_quoted(self, names)
    end
    local number = self.line
    self.position, self.line = (last or #self.text) + 1, number + 1
    if not unicode.is_valid(line) then
      return number, nil, NO_UTF8
    elseif not is_blank then
      line = byte(line, -1) == CR and sub(line, 1, -2) or line
      local fields, count = split(line, self.separator, names)
      return number, fields, nil, count
    end
  end
end

-- The names of the fields of a header: their numbers.
local NUMBERS = setmetatable({}, { __index = function(_, i) return i end })

--- Reads the first row. Returns the number of its line and an array of the fields, with false for
-- empty ones; or the number, nil and a message; or nil at the end.
function Rows:header()
  skip_byte_order_mark(self)
  local line, fields, message, count = next_row(self, NUMBERS)
  local is_name = {}
  for i = 1, fields and count or 0 do
    local name = fields[i] and fields[i]:match("^%s*(.-)%s*$") or ""
    if is_name[name] then
      return line, nil, "the header has two fields " .. shown.quoted(name)
    end
    fields[i], is_name[name] = name ~= "" and name, name ~= ""
  end
  return line, fields, message
end

--- Reads a row that isn't blank, and has as many fields as `names`, an array. Returns the number of
-- the line in which it begins and a table of the fields by names; or the number, nil and a message;
-- or nil at the end. A field that is empty, but in quotes, is empty text.
function Rows:next(names)
  local line, fields, message, count = next_row(self, names)
  if fields and count ~= #names then
    return line, nil, ("%d fields expected, as the header has, got %d"):format(#names, count)
  end
  return line, fields, message
end

return M
