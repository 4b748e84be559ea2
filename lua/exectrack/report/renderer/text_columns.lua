--- Decides which columns of a table are drawn in text, and how wide each is.
-- Used only by the tables in text.
local cell = require("exectrack.report.cell")
local short_place = require("exectrack.report.renderer.short_place")
local unicode = require("exectrack.report.unicode")

local M = {}

M.GAP = 2

local LONGEST_BAR, SHORTEST_BAR = 16, 4
local SHORTEST_PLACE = 20 -- most of a file's name fits
local SHORTEST_SENTENCE = 24
local SHORTEST_NAME = 0.4 -- of the width, where that is less
local MOST_LINES = 3 -- of a sentence beside others; a longer one stands below its row
local LONGEST_NAME = 40 -- or half of the width: longer names take several lines
local LONGEST_WORD = 24 -- of a heading whose values are narrower
local SHORTENED = { 20, 24, 32, 48, 64, 96, 128, 192 } -- columns that may be left out

--- `text`, cut to `width` columns as the unit of its column wants it.
function M.cut(text, width, unit, style)
  if unit == "place" then
    return short_place.cut(text, width, style:mark())
  end
  return style:cut(text, width)
end

--- Whether texts that differ still do when they are cut.
local function are_told_apart(texts, width, unit, style)
  local whole = {}
  for _, text in ipairs(texts) do
    local short = M.cut(text, width, unit, style)
    if whole[short] and whole[short] ~= text then
      return false
    end
    whole[short] = text
  end
  return true
end

local function widest(texts)
  local width = 0
  for i = 1, #texts do
    if #texts[i] > width then -- no character has more columns than bytes
      width = math.max(width, unicode.width(texts[i]))
    end
  end
  return width
end

local function has_spaces(texts)
  for _, text in ipairs(texts) do
    if text:find(" ", 1, true) then
      return true
    end
  end
  return false
end

--- How narrow a column that may be left out can become.
local function least_of_text(drawn, style)
  if has_spaces(drawn.texts) then
    return SHORTENED[1]
  end
  for _, width in ipairs(SHORTENED) do
    if width >= drawn.width or are_told_apart(drawn.texts, width, drawn.unit, style) then
      return width
    end
  end
  return drawn.width
end

local function widest_word(text)
  local width = 0
  for word in text:gmatch("[^ ]+") do
    width = math.max(width, unicode.width(word))
  end
  return math.min(width, LONGEST_WORD)
end

--- The least width of a column, whose widest text takes `width`. Names and sentences that are
-- always shown go on in another line, as do headings.
local function least_of(drawn, width, style)
  if drawn.unit == "place" then
    return SHORTEST_PLACE
  elseif drawn.is_right or drawn.unit then
    return math.max(width, widest_word(drawn.heading))
  elseif drawn.priority > 1 then
    return least_of_text(drawn, style)
  end
  drawn.wraps = true
  return has_spaces(drawn.texts) and SHORTEST_SENTENCE
    or math.max(LONGEST_NAME, math.floor(style.width / 2))
end

local function set_width(drawn, style)
  local width = widest(drawn.texts)
  drawn.width = math.max(unicode.width(drawn.heading), width)
  drawn.least = math.min(drawn.width, least_of(drawn, width, style))
end

local function texts_of(column, rows, style)
  local texts, is_place = {}, column.unit == "place"
  for i, row in ipairs(rows) do
    local text = style:plain(cell.of(row, column, style.timezone))
    texts[i] = is_place and M.cut(text, short_place.WIDEST, column.unit, style) or text
  end
  return texts
end

--- A column with its cells as text.
local function measured(column, rows, style, place)
  local drawn = {
    place = place,
    field = column.field,
    name = style:plain(cell.heading { field = column.field, heading = column.heading }),
    heading = style:plain(cell.heading(column, style.timezone)),
    unit = column.unit ~= "name" and column.unit or nil,
    priority = column.priority or 1,
    texts = texts_of(column, rows, style),
    is_right = cell.is_right(column, rows),
    bars = column.bar and cell.bars(column, rows),
  }
  set_width(drawn, style)
  if column.unit == "status" then
    drawn.tones = {}
    for i, row in ipairs(rows) do
      drawn.tones[i] = cell.tone(row[column.field])
    end
  end
  return drawn
end

local function total(columns, key)
  local width = M.GAP * (#columns - 1)
  for _, column in ipairs(columns) do
    width = width + column[key]
  end
  return width
end

local function count_bars(columns)
  local count = 0
  for _, column in ipairs(columns) do
    count = count + (column.bars and 1 or 0)
  end
  return count
end

--- Divides the remaining width equally among the columns with bars.
local function fit_bars(columns, room)
  local length = math.min(LONGEST_BAR, math.floor(room / math.max(1, count_bars(columns))) - 1)
  for _, column in ipairs(columns) do
    column.bar_length = column.bars and length >= SHORTEST_BAR and length or nil
  end
end

--- What is shortened first: places, whose ends say most, then what may be left out.
local function rank(column)
  return column.unit == "place" and math.huge or column.priority
end

local function column_to_shorten(columns)
  local found
  for i = 1, #columns do
    local column = columns[i]
    if column.width > column.least and (not found or rank(column) > rank(found)
      or rank(column) == rank(found) and column.width > found.width) then
      found = column
    end
  end
  return found
end

local function fit(columns, width)
  local room = width - total(columns, "width")
  fit_bars(columns, room)
  for _ = room, -1 do
    local column = column_to_shorten(columns)
    column.width = column.width - 1
  end
end

--- The column that matters least: the last of the largest priority; nil if all are to stay.
local function least_important(columns)
  local found, priority = nil, 2
  for i, column in ipairs(columns) do
    if column.priority >= priority then
      found, priority = i, column.priority
    end
  end
  return found
end

--- Lets names go on in another line as soon as sentences do, and what a row is about sooner, where
-- there is little room.
local function break_names(columns, _, width)
  for i, column in ipairs(columns) do
    if column.wraps then
      local least = i == 1 and math.floor(width * SHORTEST_NAME) or SHORTEST_SENTENCE
      column.least = math.min(column.least, SHORTEST_SENTENCE, least)
    end
  end
end

--- Takes the sentences out of `columns` for which `passes` holds, and adds them to `below`. The
-- first column, which says what a row is about, stays.
local function take_sentences(columns, below, passes)
  for i = #columns, 2, -1 do
    local column = columns[i]
    if column.wraps and has_spaces(column.texts) and passes(column) then
      table.insert(below, 1, table.remove(columns, i))
    end
  end
end

--- Takes the sentences out of `columns` that would take many lines beside the other columns.
local function take_long(columns, below, width)
  take_sentences(columns, below, function(column)
    local room = width - total(columns, "least") + column.least
    return column.width > MOST_LINES * math.max(room, SHORTEST_SENTENCE)
  end)
end

local PARTNERS = { before = "after_", after = "before_" }

--- Takes the column `i` out of `columns`, and the one that belongs to it: `after_x` to `before_x`,
-- and the other way round. Adds them to `left_out`.
local function take(columns, i, left_out)
  local taken = table.remove(columns, i)
  left_out[#left_out + 1] = taken
  local time, of = taken.field:match("^(%a+)_(.+)$")
  for j, column in ipairs(PARTNERS[time] and columns or {}) do
    if column.field == PARTNERS[time] .. of then
      left_out[#left_out + 1] = table.remove(columns, j)
      return
    end
  end
end

local function names_of(columns)
  table.sort(columns, function(a, b) return a.place < b.place end)
  local names = {}
  for i, column in ipairs(columns) do
    names[i] = column.name
  end
  return names
end

-- What is done, in turn, before columns of the priority 2 are left out.
local SPARING = {
  break_names,
  function(columns, below)
    take_sentences(columns, below, function() return true end)
  end,
}

--- Leaves out columns until the rest fits; before those of the priority 2, long names go on in
-- another line, then sentences are moved to `below`. Returns the names of those left out, in order;
-- nil if the rest doesn't fit.
local function leave_out(columns, below, width)
  local left_out, done = {}, 0
  while total(columns, "least") > width do
    local i = least_important(columns)
    if SPARING[done + 1] and (not i or columns[i].priority == 2) then
      done = done + 1
      SPARING[done](columns, below, width)
    elseif i then
      take(columns, i, left_out)
    else
      return nil
    end
  end
  return names_of(left_out)
end

local function has_times(columns)
  for _, column in ipairs(columns) do
    if column.unit == "time" then
      return true
    end
  end
  return false
end

--- How a table is drawn: its `columns` that aren't commands; the names of those `left_out`; and the
-- `days` above rows, by the number of the row. Each column has its `heading`, `width`, `texts`,
-- `bars` and their `bar_length`, `tones`, whether it `is_right`, and whether its texts go on in
-- another line: `wraps`. Those in `below` stand below each row. Nil if the table doesn't fit in the
-- width of the style.
function M.layout(columns, rows, style)
  local drawn = {}
  for i, column in ipairs(columns) do
    drawn[#drawn + 1] = column.unit ~= "command" and measured(column, rows, style, i) or nil
  end
  local days, below = nil, {}
  if total(drawn, "width") + count_bars(drawn) * (LONGEST_BAR + 1) > style.width then
    days = require("exectrack.report.renderer.text_times").shorten(drawn, rows, style, set_width)
    take_long(drawn, below, style.width)
  end
  local left_out = leave_out(drawn, below, style.width)
  if not left_out then
    return nil
  end
  fit(drawn, style.width)
  return { columns = drawn, below = below, left_out = left_out,
    days = has_times(drawn) and days or {} }
end

return M
