--- Tables and figures as HTML.
-- Used only by the HTML renderer.
local cell = require("exectrack.report.cell")
local format = require("exectrack.report.format")
local html = require("exectrack.report.renderer.html_markup")
local numbers = require("exectrack.numbers")
local unicode = require("exectrack.report.unicode")

local M = {}

local element = html.element

local NO_DATA = '<p class="empty">No data</p>'

-- The rows that a page has at most: a longer table would be slow.
local MOST_ROWS = 2000

-- Text of more columns is wrapped; if there is much more, its column is wider.
local LONG, VERY_LONG = 20, 96

--- The key by which a number is sorted. NaN and missing values have an empty one.
local function sort_key(value)
  if type(value) ~= "number" or value ~= value then
    return ""
  elseif value == math.huge or value == -math.huge then
    return value > 0 and "Infinity" or "-Infinity"
  end
  return numbers.text(value)
end

--- The `text` that a column of `unit` shows for a value, as HTML.
function M.content(text, unit, value)
  if unit == "command" and text ~= "" then
    return element("code", { "class", "command" }, html.markup(text))
  elseif unit == "status" and text ~= "" then
    return element("span", { "class", "status " .. (cell.tone(value) or "plain") },
      html.markup(text))
  elseif unit == "time" and text:find("^%d+%-") then
    return element("time", { "datetime", format.time(value):gsub(" ", "T", 1) .. "Z" }, text)
  end
  return html.markup(text)
end

local function draw_bar(length)
  return element("span", { "class", "bar", "aria-hidden", "true" },
    element("span", { "style", "width:" .. html.percent(length) }, ""))
end

--- How a column is shown: the properties that all its cells have.
local function prepare(column, rows, zone)
  local is_right = cell.is_right(column, rows)
  return {
    heading = cell.heading(column, zone),
    field = column.field,
    unit = column.unit,
    none = column.none,
    none_counts = column.none_counts,
    zone = zone,
    is_number = is_right and column.unit ~= "time",
    sorts_numbers = column.unit == "time" or is_right,
    bars = column.bar and cell.bars(column, rows),
  }
end

local function class_of(text, is_number)
  local width = unicode.width(text)
  local long = width > VERY_LONG and "long longer" or width > LONG and "long"
  return is_number and (long and "number " .. long or "number") or long
end

--- HTML that goes on in another line behind a word of a name rather than within one.
local function breakable(inner)
  return (inner:gsub("_+", "%0<wbr/>"))
end

local function draw_cell(shown, row, i)
  local value = row[shown.field]
  local text = cell.of(row, shown, shown.zone)
  local inner, class = M.content(text, shown.unit, value), class_of(text, shown.is_number)
  if class and class:find("long", 1, true) and shown.unit ~= "command" then
    inner = breakable(inner)
  end
  if shown.bars and value ~= nil then
    inner = inner .. draw_bar(shown.bars[i])
  end
  return element("td", {
    "class", class,
    "data-value", shown.sorts_numbers and sort_key(value),
  }, inner)
end

local function draw_heading(shown)
  return element("th", {
    "scope", "col",
    "class", class_of(shown.heading, shown.is_number),
    "data-sort", shown.sorts_numbers and "number",
  }, breakable(html.markup(shown.heading)))
end

--- The rows as HTML. Those behind the first `limit` have the class `more`.
local function draw_rows(prepared, rows, limit)
  local lines = {}
  for i = 1, math.min(#rows, MOST_ROWS) do
    local cells = {}
    for j, shown in ipairs(prepared) do
      cells[j] = draw_cell(shown, rows[i], i)
    end
    lines[i] = (i > limit and '<tr class="more">' or "<tr>") .. table.concat(cells) .. "</tr>"
  end
  if #rows == 0 then
    lines[1] = ('<tr><td class="empty" colspan="%d">No data</td></tr>'):format(#prepared)
  end
  return table.concat(lines, "\n")
end

local function draw_table(columns, rows, label, zone, limit)
  local headings, prepared = {}, {}
  for i, column in ipairs(columns) do
    prepared[i] = prepare(column, rows, zone)
    headings[i] = draw_heading(prepared[i])
  end
  local inner = "<thead><tr>" .. table.concat(headings) .. "</tr></thead>\n<tbody>\n"
    .. draw_rows(prepared, rows, limit) .. "\n</tbody>"
  local folds = limit < #rows and limit or false
  return element("div", { "class", "scroll", "role", "region", "tabindex", "0",
    "aria-labelledby", label }, element("table", { "aria-labelledby", label, "data-limit", folds },
    inner))
end

--- What precedes a table of which not all is shown at first: a box to check, which shows the rest
-- also without scripts, and what it says.
local function draw_fold(section, label)
  local shown, sentence = cell.first_rows(section)
  local parts = {}
  if shown < #section.rows then
    local id = label .. "-all"
    parts[1] = element("input", { "type", "checkbox", "class", "all", "id", id })
    parts[2] = element("p", { "class", "note" }, element("label", { "for", id },
      html.text(sentence) .. " <span>Show all</span>"))
  end
  if #section.rows > MOST_ROWS then
    parts[#parts + 1] = ('<p class="note">This page has %s of them; CSV and JSON have all.</p>')
      :format(format.count(MOST_ROWS))
  end
  return parts[1] and table.concat(parts, "\n") .. "\n" or "", shown
end

--- A table whose name is in the element with the id `label`. If it is too wide it scrolls on its
-- own, and can be focused for that. `zone` is that of times; `section` may have a `limit` and a
-- `noun`.
function M.table(columns, rows, label, zone, section)
  if #columns == 0 then
    return NO_DATA
  end
  local fold, shown = draw_fold({ rows = rows, limit = section and section.limit,
    noun = section and section.noun }, label)
  return '<div class="table">\n' .. fold .. draw_table(columns, rows, label, zone, shown)
    .. "\n</div>"
end

--- Each row as a list of headings and values. Without bars, as mostly there is only one list, and
-- nothing to compare.
function M.figures(columns, rows, _, zone)
  if #columns == 0 or #rows == 0 then
    return NO_DATA
  end
  local lists = {}
  for i, row in ipairs(rows) do
    local tiles = {}
    for j, column in ipairs(columns) do
      local value = row[column.field]
      local inner = M.content(cell.of(row, column, zone), column.unit, value)
      local class = type(value) == "number" and column.unit ~= "time" and "number"
      tiles[j] = "<div>" .. element("dt", {}, html.markup(cell.heading(column, zone)))
        .. element("dd", { "class", class }, inner == "" and "\226\128\147" or inner) .. "</div>"
    end
    lists[i] = '<dl class="figures">\n' .. table.concat(tiles, "\n") .. "\n</dl>"
  end
  return table.concat(lists, "\n")
end

return M
