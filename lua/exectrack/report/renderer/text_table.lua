--- Tables and lists of figures in text.
-- Used only by the renderer of text.
local cell = require("exectrack.report.cell")
local short_place = require("exectrack.report.renderer.short_place")
local unicode = require("exectrack.report.unicode")

local M = {}

local GAP = "  "
local LONGEST_BAR, SHORTEST_BAR = 16, 4
local SHORTEST_TEXT = 10 -- the names of statuses fit
local SHORTEST_PLACE = 20 -- most of a file's name fits

--- `text`, cut to `width` columns as the unit of its column wants it.
local function cut(text, width, unit, style)
  if unit == "place" then
    return short_place.cut(text, width, style:mark())
  end
  return style:cut(text, width)
end

local function texts_of(column, rows, style)
  local texts, widest = {}, column.unit == "place" and short_place.WIDEST or math.huge
  for i, row in ipairs(rows) do
    local text = style:plain(cell.text(row[column.field], column.unit))
    texts[i] = cut(text, widest, column.unit, style)
  end
  return texts
end

--- A column's cells as text, and their widths.
local function measure(column, rows, style)
  local drawn = {
    heading = style:plain(cell.heading(column)),
    unit = column.unit,
    texts = texts_of(column, rows, style),
    is_right = cell.is_right(column, rows),
    bars = column.bar and cell.bars(column, rows),
  }
  drawn.is_text = not drawn.is_right and column.unit ~= "time"
  drawn.width = unicode.width(drawn.heading)
  for _, text in ipairs(drawn.texts) do
    drawn.width = math.max(drawn.width, unicode.width(text))
  end
  if column.unit == "status" then
    drawn.tones = {}
    for i, row in ipairs(rows) do
      drawn.tones[i] = cell.tone(row[column.field])
    end
  end
  return drawn
end

--- Divides the remaining width equally among the columns with bars.
local function fit_bars(columns, room)
  local count = 0
  for _, column in ipairs(columns) do
    count = count + (column.bars and 1 or 0)
  end
  if count == 0 then
    return
  end
  local length = math.min(LONGEST_BAR, math.floor(room / count) - 1)
  for _, column in ipairs(columns) do
    column.bar_length = column.bars and length >= SHORTEST_BAR and length or nil
  end
end

--- The column to make narrower: one of places first, whose ends say most, then the widest one of
-- other text; nil if all are as narrow as can be.
local function column_to_shorten(columns)
  local widest, width = nil, SHORTEST_TEXT
  for _, column in ipairs(columns) do
    local is_place = column.unit == "place"
    if is_place and column.width > SHORTEST_PLACE then
      return column
    elseif column.is_text and not is_place and column.width > width then
      widest, width = column, column.width
    end
  end
  return widest
end

--- Makes columns of text narrower until the table fits.
local function shorten(columns, missing)
  while missing > 0 do
    local widest = column_to_shorten(columns)
    if not widest then
      return
    end
    widest.width, missing = widest.width - 1, missing - 1
  end
end

local function fit(columns, width)
  local room = width - #GAP * (#columns - 1)
  for _, column in ipairs(columns) do
    room = room - column.width
  end
  fit_bars(columns, room)
  shorten(columns, -room)
end

--- One line, with the text that `draw` returns for each column.
local function line_of(columns, draw)
  local cells = {}
  for i, column in ipairs(columns) do
    cells[i] = draw(column)
  end
  return table.concat(cells, GAP)
end

local function cell_of(column, i, style)
  local text = cut(column.texts[i], column.width, column.unit, style)
  text = style:fit(text, column.width, column.is_right, column.tones and column.tones[i])
  if not column.bar_length then
    return text
  end
  local bar, taken = style:bar(column.bars[i], column.bar_length)
  return text .. " " .. style:paint(bar, "accent") .. (" "):rep(column.bar_length - taken)
end

local function heading_of(column, style)
  local heading = style:fit(column.heading, column.width, column.is_right, "strong")
  return heading .. (" "):rep(column.bar_length and column.bar_length + 1 or 0)
end

--- The lines of a table. If it is too wide, its bars are left out, and then its columns of text are
-- shortened; figures never are.
function M.draw(section, style)
  if #section.rows == 0 or #section.columns == 0 then
    return { "(none)" }
  end
  local columns = {}
  for i, column in ipairs(section.columns) do
    columns[i] = measure(column, section.rows, style)
  end
  fit(columns, style.width)
  local lines = {
    line_of(columns, function(column) return heading_of(column, style) end),
    style:paint(line_of(columns, function(column)
      return style:rule(column.width + (column.bar_length and column.bar_length + 1 or 0))
    end), "muted"),
  }
  for i = 1, #section.rows do
    lines[#lines + 1] = line_of(columns, function(column) return cell_of(column, i, style) end)
  end
  return lines
end

local function widest_heading(columns, style)
  local width = 0
  for _, column in ipairs(columns) do
    width = math.max(width, unicode.width(style:plain(cell.heading(column))))
  end
  return math.min(width, math.floor(style.width / 2))
end

--- The lines of a list of headings and values for each row, with an empty line between rows.
function M.figures(section, style)
  if #section.rows == 0 or #section.columns == 0 then
    return { "(none)" }
  end
  local lines, width = {}, widest_heading(section.columns, style)
  for i, row in ipairs(section.rows) do
    lines[#lines + 1] = i > 1 and "" or nil
    for _, column in ipairs(section.columns) do
      local value = row[column.field]
      local text = style:plain(cell.text(value, column.unit))
      if type(value) == "string" then
        text = cut(text, style.width - width - #GAP, column.unit, style)
      end
      lines[#lines + 1] = style:fit(style:plain(cell.heading(column)), width) .. GAP
        .. style:paint(text, column.unit == "status" and cell.tone(value) or nil)
    end
  end
  return lines
end

return M
