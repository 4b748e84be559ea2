--- CSV (RFC 4180): a header, then one row per record.
local check_options = require("exectrack.format.decoder_options")
local csv = require("exectrack.csv")
local csv_rows = require("exectrack.format.csv_rows")
local field = require("exectrack.format.field")
local json = require("exectrack.json_text")
local mappings = require("exectrack.format.mapping")
local numbers = require("exectrack.numbers")
local options = require("exectrack.options")
local order_of_ends = require("exectrack.format.order_of_ends")
local pieces = require("exectrack.format.pieces")
local places = require("exectrack.format.place")
local status_words = require("exectrack.format.status_words")

local duration, time = field.duration, field.time

local M = {}

local COLUMNS = { "tool", "status", "duration_ms", "timing", "was_cached", "error_type",
  "args_hash", "result_hash", "session", "depth", "timestamp" }
local ROW = "%s,%s,%s,%s,%s,%s,%.0f,%.0f,%s,%.0f,%s%s%s\r\n"

--- The names of the measures that a record has, sorted. As soon as all are met, no more are read.
local function used_measures(snapshot)
  local is_used, names = {}, {}
  local i, count = 0, #snapshot:measures()
  while #names < count and i < #snapshot do
    i = i + 1
    for name in next, snapshot[i].measures or {} do
      if not is_used[name] then
        is_used[name], names[#names + 1] = true, name
      end
    end
  end
  table.sort(names)
  return names
end

--- A text as a field.
local function cell(text)
  return (csv.row({ text }):gsub("\r\n$", ""))
end

--- All columns, and a function that returns the fields of the measures' columns.
local function all_columns(snapshot)
  local names, columns = used_measures(snapshot), {}
  for i, column in ipairs(COLUMNS) do
    columns[i] = column
  end
  columns[#columns + 1] = snapshot:has_places() and "place" or nil
  for _, name in ipairs(names) do
    columns[#columns + 1] = "measures." .. name
  end
  return columns, function(values)
    if #names == 0 then -- the usual case: makes no table per record
      return ""
    end
    local cells = {}
    for i, name in ipairs(names) do
      local value = values and values[name]
      cells[i] = "," .. (value and json.number(value) or "")
    end
    return table.concat(cells)
  end
end

--- Makes an iterator over pieces of text: a header, then the records in the order of their ends.
-- A value that a record doesn't have is an empty field.
function M.encode(snapshot)
  options.check("csv.encode", snapshot, options.snapshot)
  local texts = field.remembered(cell)
  local columns, values = all_columns(snapshot)
  local has_places = snapshot:has_places()
  local order = order_of_ends(snapshot)
  return pieces(csv.row(columns), #snapshot, function(i)
    local record = snapshot[order and order[i] or i]
    local error_type, session = record.error_type, record.session
    local ms, ended = record.duration_ms, record.timestamp
    return ROW:format(texts[record.tool], record.status, ms and duration(ms) or "",
      record.timing or "", record.was_cached and "true" or "false",
      error_type and texts[error_type] or "",
      record.args_hash, record.result_hash or 0, session and texts[session] or "", record.depth,
      ended and time(ended) or "",
      has_places and "," .. (record.place and cell(record.place) or "") or "",
      values(record.measures))
  end, "")
end

-- The columns whose cells are text of any kind, and those that are numbers.
local TEXTS = { "tool", "error_type", "session", "place" }
local NUMBERS = { "duration_ms", "args_hash", "result_hash", "depth", "timestamp" }

local BOOLEANS = { ["true"] = true, ["false"] = false }

local MEASURE_PREFIX = #"measures."

--- The number of the first column of measures, if a header is one that `encode` writes; else nil.
local function first_measure(names)
  for i, column in ipairs(COLUMNS) do
    if names[i] ~= column then
      return nil
    end
  end
  local first = #COLUMNS + (names[#COLUMNS + 1] == "place" and 2 or 1)
  for i = first, #names do
    if not names[i] or not names[i]:find("^measures%..") then
      return nil
    end
  end
  return first
end

--- Sets the numbers in the columns from the `first` on, whose names have a prefix of so many bytes.
-- Returns whether all that are there are numbers.
local function read_numbers(fields, columns, first, into, prefix)
  for i = first, #columns do
    local text = fields[columns[i]]
    local number = text and numbers.read(text)
    if text and not number then
      return false
    end
    into[columns[i]:sub(prefix + 1)] = number
  end
  return true
end

--- The execution that `encode` wrote as a row, with measures from the column `first` on. Nil if it
-- isn't a row that `encode` writes.
local function written(fields, names, first)
  local made = { tool = fields.tool, status = fields.status, timing = fields.timing,
    was_cached = BOOLEANS[fields.was_cached], error_type = fields.error_type,
    session = fields.session, place = fields.place }
  if made.tool and status_words.IS_STATUS[made.status] and made.was_cached ~= nil
      and read_numbers(fields, NUMBERS, 1, made, 0) then
    local measures = {}
    local is_right = read_numbers(fields, names, first, measures, MEASURE_PREFIX)
    made.measures = next(measures) and measures
    return is_right and made or nil
  end
end

--- A function that makes executions of the rows under a header, whose lines it is given as well.
-- Those of others have places, if the text's name, `source`, is known.
local function reader(names, mapping, source)
  local first = first_measure(names)
  if not first then
    return function(fields, line)
      local execution, message = mapping:execution(fields, true)
      if execution and source and not mapping.is_own then
        execution.place = execution.place or places.text(source, line)
      end
      return execution, message
    end
  end
  mappings.keep_words(mapping)
  return function(fields)
    for _, name in ipairs(TEXTS) do
      fields[name] = fields[name] and csv.text(fields[name])
    end
    local execution = mapping.is_plain and written(fields, names, first)
    if execution then
      return execution
    end
    return mapping:execution(fields, true)
  end
end

--- Whether all fields of a row are empty.
local function is_blank(fields)
  for _, text in next, fields do
    if text ~= "" then
      return false
    end
  end
  return true
end

--- The message about names with what ends the lines of old Macintoshes; nil if there are none.
local function carriage_return(names)
  for i = 1, #names do
    if names[i] and names[i]:find("\r") then
      return "a carriage return within a name: lines end in LF or CRLF, and tr '\\r' '\\n' "
        .. "converts others"
    end
  end
end

--- Reads the header. Returns the number of its line and an array of the names; or the number, nil
-- and a message; or nil at the end.
local function read_header(rows, mapping)
  local line, names, message = rows:header()
  message = message or names and (carriage_return(names) or mappings.header_message(mapping, names))
  return line, not message and names or nil, message
end

--- A function that returns what `rows:next` does, of a row that isn't blank, with a fourth value
-- `true` if the header is wrong; and one that makes executions of rows, which can be called once
-- there is a row.
local function below_header(rows, mapping, source)
  local names, read -- names are nil before the header, and false if there is none
  return function()
    local line, message
    if names == nil then
      line, names, message = read_header(rows, mapping)
      names, read = names or false, names and reader(names, mapping, source)
    end
    if not names then
      return line, nil, message, message and true
    end
    local fields
    repeat
      line, fields, message = rows:next(names)
    until not fields or not is_blank(fields)
    return line, fields, message
  end, function(fields, line) return read(fields, line) end
end

--- Makes an iterator over the executions in a text, of which `next_piece` returns the next piece,
-- and nil at the end. It returns the number of the line in which a row begins and a table that
-- `tracker:record` takes; or the number, nil, a message and, if nothing can be read without what is
-- wrong, true. Also returns a function that returns notes on what was taken for what, sentences.
function M.decode(next_piece, given)
  options.check("csv.decode", next_piece, options.callable)
  local chosen = options.check("csv.decode", given, check_options)
  local mapping = chosen.mapping
  local rows = csv_rows.new(options.pieces("csv.decode", next_piece), chosen.max_line_bytes)
  local next_row, read = below_header(rows, mapping, chosen.source)
  return function()
    local line, fields, message, is_fatal = next_row()
    if not fields then
      return line, nil, message, is_fatal
    end
    return line, read(fields, line)
  end, function() return mapping:notes() end
end

return M
