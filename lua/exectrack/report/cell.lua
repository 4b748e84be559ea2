--- Cells of tables: what they show, and how they are aligned and coloured.
-- Used only by the renderers.
local format = require("exectrack.report.format")
local numbers = require("exectrack.numbers")
local unicode = require("exectrack.report.unicode")

local M = {}

local FORMATS = {
  ms = format.duration,
  percent = format.percent,
  change = format.change,
  count = format.count,
  bytes = format.bytes,
  time = format.time,
}

local TONES = {
  success = "good", better = "good", ok = "good",
  bad = "bad", failed = "bad", timed_out = "bad", worse = "bad", deny = "bad",
  warning = "warning", warn = "warning",
  cancelled = "muted", noise = "muted", small = "muted", allow = "muted",
}

-- Statuses that aren't plain words.
local WORDS = { timed_out = "timed out", in_flight = "in flight", noise = "not clear",
  small = "hardly differs" }

--- A status in words, visible, on one line: `timed out`.
function M.status(status)
  return WORDS[status] or unicode.visible(status)
end

-- How text is shown, by the unit of its column.
local SHOWN = { status = M.status, name = unicode.name }

--- A number with four digits, or more if it has more before the point.
local function plain_number(number)
  local size = math.abs(number)
  if size ~= size or size == math.huge then
    return format.count(number)
  elseif size < 1e15 and number % 1 == 0 then
    return numbers.whole(number)
  elseif size >= 1000 and size < 1e15 then
    return numbers.fixed(number, 0)
  end
  return numbers.significant(number, 4)
end

-- Units of columns that are aligned to the left.
local LEFT = { time = true, name = true, status = true, place = true, command = true }

--- The text of a value, in a column of `unit` or without one; visible, on one line. `zone` is that
-- of times.
function M.text(value, unit, zone)
  if value == nil then
    return ""
  elseif type(value) == "string" then
    return (SHOWN[unit] or unicode.visible)(value)
  elseif type(value) == "boolean" then
    return value and "yes" or "no"
  end
  return (FORMATS[unit] or plain_number)(value, zone)
end

--- What a row shows in a column: the text of its value; if it has none, what the column says of
-- that, unless the row counts nothing that might have one.
function M.of(row, column, zone)
  local value = row[column.field]
  if value == nil and column.none and row[column.none_counts] ~= 0 then
    return unicode.visible(column.none)
  end
  return M.text(value, column.unit, zone)
end

--- The heading of a column, which names the zone of times.
function M.heading(column, zone)
  local heading = unicode.visible(column.heading or column.field)
  return column.unit == "time" and ("%s (%s)"):format(heading, format.zone(zone)) or heading
end

--- Whether a column is aligned to the right: columns of numbers are, except times.
function M.is_right(column, rows)
  if column.unit then
    return not LEFT[column.unit]
  end
  local has_numbers = false
  for _, row in ipairs(rows) do
    local kind = type(row[column.field])
    if kind ~= "number" and kind ~= "nil" then
      return false
    end
    has_numbers = has_numbers or kind == "number"
  end
  return has_numbers
end

--- The tone of a status: `"good"`, `"bad"`, `"warning"` or `"muted"`; nil for an unknown one.
function M.tone(status)
  return TONES[status]
end

--- The length of each row's bar: 1 for the largest value of the column, and 0 for anything but a
-- finite number above 0.
function M.bars(column, rows)
  local lengths, largest = {}, 0
  for i, row in ipairs(rows) do
    local value = row[column.field]
    local counts = type(value) == "number" and value > 0 and value < math.huge
    lengths[i] = counts and value or 0
    largest = math.max(largest, lengths[i])
  end
  for i, length in ipairs(lengths) do
    lengths[i] = largest > 0 and length / largest or 0
  end
  return lengths
end

--- How many of a section's rows are shown at first; and a sentence that says so, unless it is all.
function M.first_rows(section)
  local limit, count = section.limit or #section.rows, #section.rows
  if count <= limit then
    return count, nil
  end
  local first = limit == 0 and "None" or "The first " .. format.count(limit)
  return limit, ("%s of %s %s."):format(first, format.count(count),
    unicode.visible(section.noun or "rows"))
end

--- Whether the table of a section is shown to people: not if it has no rows, and a text says so.
function M.is_shown(section)
  return section.rows ~= nil and (#section.rows > 0 or (section.text or "") == "")
end

--- A section with rows, without the columns that only data has.
function M.for_people(section)
  local columns = {}
  for _, column in ipairs(section.columns) do
    columns[#columns + 1] = not column.data_only and column or nil
  end
  return #columns == #section.columns and section
    or setmetatable({ columns = columns }, { __index = section })
end

return M
