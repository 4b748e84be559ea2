--- Tables and figures as HTML.
-- Used only by the HTML renderer.
local cell = require("exectrack.report.cell")
local escape = require("exectrack.report.renderer.html_escape")
local numbers = require("exectrack.numbers")
local unicode = require("exectrack.report.unicode")

local M = {}

local element = escape.element

local NO_DATA = '<p class="empty">No data</p>'

-- Text of more columns is wrapped; if there is much more, its column is wider.
local LONG, VERY_LONG = 32, 96

--- The key by which a number is sorted. NaN and missing values have an empty one.
local function sort_key(value)
  if type(value) ~= "number" or value ~= value then
    return ""
  elseif value == math.huge or value == -math.huge then
    return value > 0 and "Infinity" or "-Infinity"
  end
  return numbers.text(value)
end

--- A value as HTML.
local function content(value, unit)
  local text = cell.text(value, unit)
  if unit == "status" and text ~= "" then
    return element("span", { "class", "status " .. (cell.tone(value) or "plain") },
      escape.markup(text))
  elseif unit == "time" and text:find("^%d+%-") then
    return element("time", { "datetime", text:gsub(" ", "T", 1) .. "Z" }, text)
  end
  return escape.markup(text)
end

local function draw_bar(length)
  return element("span", { "class", "bar", "aria-hidden", "true" },
    element("span", { "style", "width:" .. escape.percent(length) }, ""))
end

--- How a column is shown: the properties that all its cells have.
local function prepare(column, rows)
  return {
    field = column.field,
    unit = column.unit,
    is_number = column.unit ~= "time" and cell.is_right(column, rows),
    sorts_numbers = column.unit == "time" or cell.is_right(column, rows),
    bars = column.bar and cell.bars(column, rows),
  }
end

local function class_of(text, is_number)
  local width = unicode.width(text)
  local long = width > VERY_LONG and "long longer" or width > LONG and "long"
  return is_number and (long and "number " .. long or "number") or long
end

local function draw_cell(shown, row, i)
  local value = row[shown.field]
  local inner = content(value, shown.unit)
  if shown.bars and value ~= nil then
    inner = inner .. draw_bar(shown.bars[i])
  end
  return element("td", {
    "class", class_of(cell.text(value, shown.unit), shown.is_number),
    "data-value", shown.sorts_numbers and sort_key(value),
  }, inner)
end

local function draw_heading(column, shown)
  local text = cell.heading(column)
  return element("th", {
    "scope", "col",
    "class", class_of(text, shown.is_number),
    "data-sort", shown.sorts_numbers and "number",
  }, escape.markup(text))
end

local function draw_rows(prepared, rows)
  local lines = {}
  for i, row in ipairs(rows) do
    local cells = {}
    for j, shown in ipairs(prepared) do
      cells[j] = draw_cell(shown, row, i)
    end
    lines[i] = "<tr>" .. table.concat(cells) .. "</tr>"
  end
  if #rows == 0 then
    lines[1] = ('<tr><td class="empty" colspan="%d">No data</td></tr>'):format(#prepared)
  end
  return table.concat(lines, "\n")
end

--- A table whose name is in the element with the id `label`. If it is too wide it scrolls on its
-- own, and can be focused for that.
function M.table(columns, rows, label)
  if #columns == 0 then
    return NO_DATA
  end
  local headings, prepared = {}, {}
  for i, column in ipairs(columns) do
    prepared[i] = prepare(column, rows)
    headings[i] = draw_heading(column, prepared[i])
  end
  local inner = "<thead><tr>" .. table.concat(headings) .. "</tr></thead>\n<tbody>\n"
    .. draw_rows(prepared, rows) .. "\n</tbody>"
  return element("div", { "class", "scroll", "role", "region", "tabindex", "0",
    "aria-labelledby", label }, element("table", { "aria-labelledby", label }, inner))
end

--- Each row as a list of headings and values. Without bars, as mostly there is only one list, and
-- nothing to compare.
function M.figures(columns, rows)
  if #columns == 0 or #rows == 0 then
    return NO_DATA
  end
  local lists = {}
  for i, row in ipairs(rows) do
    local tiles = {}
    for j, column in ipairs(columns) do
      local value = content(row[column.field], column.unit)
      tiles[j] = "<div><dt>" .. escape.markup(cell.heading(column)) .. "</dt><dd>"
        .. (value == "" and "\226\128\147" or value) .. "</dd></div>"
    end
    lists[i] = '<dl class="figures">\n' .. table.concat(tiles, "\n") .. "\n</dl>"
  end
  return table.concat(lists, "\n")
end

return M
