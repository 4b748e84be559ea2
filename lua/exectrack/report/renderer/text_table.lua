--- Tables and lists of figures in text.
-- Used only by the renderer of text.
local cell = require("exectrack.report.cell")
local columns_of = require("exectrack.report.renderer.text_columns")
local commands = require("exectrack.report.renderer.text_command")
local format = require("exectrack.report.format")
local unicode = require("exectrack.report.unicode")

local M = {}

local GAP = (" "):rep(columns_of.GAP)
local INDENT = "  "
local WIDEST_HEADINGS = 0.4 -- of the width, in lists of figures

local function append(lines, more)
  for _, line in ipairs(more) do
    lines[#lines + 1] = line
  end
end

--- One line, with the text that `draw` returns for each column.
local function line_of(columns, draw)
  local cells = {}
  for i = 1, #columns do
    cells[i] = draw(columns[i])
  end
  return table.concat(cells, GAP)
end

--- The lines of the headings, the last of which stand above each other.
local function heading_lines(columns, style)
  local headings, most, lines = {}, 0, {}
  for _, column in ipairs(columns) do
    headings[column] = style.break_text(column.heading, column.width)
    most = math.max(most, #headings[column])
  end
  for i = 1, most do
    lines[i] = line_of(columns, function(column)
      local heading = headings[column][i - most + #headings[column]] or ""
      return style:fit(heading, column.width, column.is_right, "strong")
        .. (" "):rep(column.bar_length and column.bar_length + 1 or 0)
    end)
  end
  return lines
end

--- The bar of row `i` and what fills up its length; nothing if it isn't on the first line.
local function bar_of(column, i, is_first, style)
  if not column.bar_length then
    return ""
  end
  local bar, taken = "", 0
  if is_first then
    bar, taken = style:bar(column.bars[i], column.bar_length)
  end
  return " " .. style:paint(bar, "accent") .. (" "):rep(column.bar_length - taken)
end

--- The lines of each column's text in row `i`, and how many there are at most.
local function cells_of(columns, i, style)
  local cells, most = {}, 1
  for _, column in ipairs(columns) do
    cells[column] = column.wraps and style.break_text(column.texts[i], column.width)
      or { columns_of.cut(column.texts[i], column.width, column.unit, style) }
    most = math.max(most, #cells[column])
  end
  return cells, most
end

local function add_row(lines, columns, i, style)
  local cells, most = cells_of(columns, i, style)
  for at = 1, most do
    lines[#lines + 1] = line_of(columns, function(column)
      return style:fit(cells[column][at] or "", column.width, column.is_right,
        column.tones and column.tones[i]) .. bar_of(column, i, at == 1, style)
    end)
  end
end

--- Adds the texts of row `i` that stand below it.
local function add_below(lines, columns, i, style)
  for _, column in ipairs(columns) do
    local text = column.texts[i] ~= "" and column.heading .. ": " .. column.texts[i] or nil
    for _, line in ipairs(text and style.break_text(text, style.width - #INDENT) or {}) do
      lines[#lines + 1] = INDENT .. line
    end
  end
end

--- Adds the commands of a row, each on lines of its own.
local function add_commands(lines, section, row, style)
  for _, column in ipairs(section.columns) do
    local command = row[column.field]
    if column.unit == "command" and type(command) == "string" then
      for _, line in ipairs(commands.lines(command, INDENT, style.width, style)) do
        lines[#lines + 1] = style:paint(line, "accent")
      end
    end
  end
end

local function table_lines(section, rows, layout, style)
  local columns = layout.columns
  local lines = heading_lines(columns, style)
  lines[#lines + 1] = style:paint(line_of(columns, function(column)
    return style:rule(column.width + (column.bar_length and column.bar_length + 1 or 0))
  end), "muted")
  for i, row in ipairs(rows) do
    for _, line in ipairs(layout.days[i] and style:wrap(layout.days[i]) or {}) do
      lines[#lines + 1] = style:paint(line, "muted")
    end
    add_row(lines, columns, i, style)
    add_below(lines, layout.below, i, style)
    add_commands(lines, section, row, style)
  end
  return lines
end

--- Adds a heading and its value below each other's first lines.
local function add_figure(lines, heading, value, width, tone, style)
  local left = style.break_text(heading, width)
  local right = style.break_text(value, style.width - width - #GAP)
  for i = 1, math.max(#left, #right) do
    lines[#lines + 1] = style:fit(left[i] or "", width) .. GAP
      .. style:paint(right[i] or "", tone)
  end
end

local function widest_heading(columns, style)
  local width = 0
  for _, column in ipairs(columns) do
    if column.unit ~= "command" then
      width = math.max(width, unicode.width(style:plain(cell.heading(column, style.timezone))))
    end
  end
  return math.min(width, math.floor(style.width * WIDEST_HEADINGS))
end

--- The lines of headings and values for each row, with an empty line between rows. What isn't there
-- is left out if `is_short`.
local function figures(section, rows, is_short, style)
  local lines, width = {}, widest_heading(section.columns, style)
  for i, row in ipairs(rows) do
    lines[#lines + 1] = i > 1 and "" or nil
    for _, column in ipairs(section.columns) do
      local text = style:plain(cell.of(row, column, style.timezone))
      if column.unit ~= "command" and not (is_short and text == "") then
        add_figure(lines, style:plain(cell.heading(column, style.timezone)), text, width,
          column.unit == "status" and cell.tone(row[column.field]) or nil, style)
      end
    end
    add_commands(lines, section, row, style)
  end
  return lines
end

--- Sentences about what isn't shown.
local function notes(section, shown, left_out)
  local list = {}
  if shown < #section.rows then
    list[1] = ("The first %s of %s %s; --format csv has all."):format(format.count(shown),
      format.count(#section.rows), section.noun or "rows")
  end
  if #left_out > 0 then
    list[#list + 1] = ("Left out: %s. A wider terminal or --format csv has %s."):format(
      table.concat(left_out, ", "), #left_out == 1 and "it" or "them")
  end
  return table.concat(list, " ")
end

local function shown_rows(section)
  if #section.rows <= (section.limit or math.huge) then
    return section.rows
  end
  local rows = {}
  for i = 1, section.limit do
    rows[i] = section.rows[i]
  end
  return rows
end

--- The lines of a section's rows. A table that is too wide has its times, its bars and its less
-- important texts shortened, then columns left out by their priority. If the rest is too wide
-- still, the rows are listed as those of figures are.
function M.draw(section, style)
  section = cell.for_people(section)
  if #section.rows == 0 or #section.columns == 0 then
    return { "(none)" }
  end
  local rows, is_table = shown_rows(section), section.layout ~= "figures"
  local layout = is_table and columns_of.layout(section.columns, rows, style)
  local lines = layout and #layout.columns > 0 and table_lines(section, rows, layout, style)
    or figures(section, rows, is_table, style)
  append(lines, style:wrap(notes(section, #rows, layout and layout.left_out or {})))
  return lines
end

return M
