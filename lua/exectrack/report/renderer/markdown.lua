--- Renders a report as GitHub's Markdown.
-- Used only by `report.render`.
local Style = require("exectrack.report.renderer.text_style")
local cell = require("exectrack.report.cell")
local options = require("exectrack.options")
local short_place = require("exectrack.report.renderer.short_place")
local unicode = require("exectrack.report.unicode")

local check = options.fields { { "timezone", options.timezone } }

local BAR_LENGTH = 10
local WIDTH = 80 -- of charts

-- GitHub looks for mentions, issues and emoji after it has processed escapes. A zero-width space
-- keeps it from finding any.
local APART = "&#8203;"

local ESCAPES = {
  ["\\"] = "\\\\", ["`"] = "\\`", ["*"] = "\\*", ["["] = "\\[", ["|"] = "\\|", ["~"] = "\\~",
  ["#"] = "\\#", ["@"] = "@" .. APART,
  -- Not all readers of Markdown accept a backslash before these.
  ["&"] = "&amp;", ["<"] = "&lt;", ["$"] = "&#36;",
}

--- Escapes every `_`, except within words, where it has no meaning.
local function escape_underscores(text)
  return (text:gsub("()_", function(i)
    local is_within = text:find("^[A-Za-z0-9]_[A-Za-z0-9]", i - 1)
    return is_within and "_" or "\\_"
  end))
end

--- Separates the colons of emoji such as `:bug:`. Two digits aren't an emoji, but the minutes of a
-- time.
local function take_emoji_apart(text)
  return (text:gsub(":()", function(i)
    local is_emoji = text:find("^[A-Za-z0-9_+\\-]+:", i) and not text:find("^%d%d:", i)
    return is_emoji and ":" .. APART
  end))
end

--- Escapes a visible text, so that nothing in it is markup, a link, a mention or HTML.
local function escape(text)
  text = text:gsub("[\\`*%[|~#@&<$]", ESCAPES)
  text = text:gsub("(\\#)(%d)", "%1" .. APART .. "%2") -- an issue's number
  text = text:gsub("([Gg][Hh]%-)(%d)", "%1" .. APART .. "%2")
  text = take_emoji_apart(escape_underscores(text))
  return (text:gsub("://", "\\://"):gsub("([Ww][Ww][Ww])%.", "%1\\."))
end

--- A visible text as code. In a table, a `|` needs a backslash in front also within code, and code
-- can't have one of its own there.
local function code(text, is_in_table)
  if text == "" or is_in_table and text:find("\\|", 1, true) then
    return escape(text)
  end
  local fence = "`"
  while text:find(fence, 1, true) do
    fence = fence .. "`"
  end
  text = is_in_table and text:gsub("|", "\\|") or text
  local space = (text:find("^[` ]") or text:find("[` ]$")) and " " or ""
  return fence .. space .. text .. space .. fence
end

--- What a row shows in a column; in a table, a place is cut.
local function text_of(row, column, style, is_in_table)
  local text, unit = cell.of(row, column, style.timezone), column.unit
  if unit == "command" then
    return code(text, is_in_table)
  elseif unit == "place" and is_in_table then
    text = short_place.cut(text, short_place.WIDEST, style:mark())
  end
  return escape(text)
end

local function without_spaces_at_end(line)
  return (line:gsub(" +$", ""))
end

--- Escapes a visible text at the beginning of a block, so that the block isn't a quote or a list.
local function escape_block(text)
  text = escape(without_spaces_at_end(text:match("^ *(.*)")))
  return (text:gsub("^[-+>]", "\\%0"):gsub("^(%d+)([.)])", "%1\\%2"))
end

local function add(blocks, block)
  if block ~= "" then
    blocks[#blocks + 1] = block
  end
end

local function add_heading(blocks, level, title)
  add(blocks, without_spaces_at_end(level .. " " .. escape(unicode.visible(title))))
end

local function add_figures(blocks, section, style)
  for _, row in ipairs(section.rows) do
    local items = {}
    for i, column in ipairs(section.columns) do
      local heading = escape_block(cell.heading(column, style.timezone))
      local value = text_of(row, column, style)
      items[i] = without_spaces_at_end("- " .. heading .. ": " .. value)
    end
    add(blocks, table.concat(items, "\n"))
  end
end

local function line_of(cells)
  return "| " .. table.concat(cells, " | ") .. " |"
end

--- The cells of a column in the first `count` rows, with its heading. Bars are on the left of their
-- cells, so that they begin below each other.
local function cells_of(column, rows, count, style)
  local is_right = cell.is_right(column, rows) and not column.bar
  local cells = { escape(cell.heading(column, style.timezone)), is_right and "---:" or "---" }
  local bars = column.bar and cell.bars(column, rows)
  for i = 1, count do
    local text = text_of(rows[i], column, style, true)
    local bar = bars and style:bar(bars[i], BAR_LENGTH) or ""
    cells[#cells + 1] = bar == "" and text or bar .. " " .. text
  end
  return cells
end

local function add_table(blocks, section, style)
  local count, sentence = cell.first_rows(section)
  local columns, lines = {}, {}
  for i, column in ipairs(section.columns) do
    columns[i] = cells_of(column, section.rows, count, style)
  end
  for i = 1, count + 2 do
    local cells = {}
    for j, column in ipairs(columns) do
      cells[j] = column[i]
    end
    lines[i] = line_of(cells)
  end
  add(blocks, table.concat(lines, "\n"))
  add(blocks, sentence and escape(sentence) .. " CSV and JSON have all." or "")
end

local function add_rows(blocks, section, style)
  section = cell.for_people(section)
  if #section.rows == 0 or #section.columns == 0 then
    add(blocks, "(none)")
  elseif section.layout == "figures" then
    add_figures(blocks, section, style)
  else
    add_table(blocks, section, style)
  end
end

--- `text` unchanged, in a fence that is longer than any in it.
local function fenced(text)
  local fence = "```"
  for run in text:gmatch("`+") do
    if #run >= #fence then
      fence = run .. "`"
    end
  end
  return fence .. "text\n" .. text .. "\n" .. fence
end

local function add_chart(blocks, chart, title, style)
  if chart.title and chart.title ~= title then
    add_heading(blocks, "###", chart.title)
  end
  local lines = require("exectrack.report.renderer.text_charts")(chart, style)
  for i, line in ipairs(lines) do
    lines[i] = without_spaces_at_end(line)
  end
  add(blocks, fenced(table.concat(lines, "\n")))
end

local function add_section(blocks, section, style)
  add_heading(blocks, "##", section.title)
  for _, paragraph in ipairs(unicode.paragraphs(section.text or "")) do
    add(blocks, escape_block(paragraph))
  end
  if cell.is_shown(section) then
    add_rows(blocks, section, style)
  end
  if section.chart then
    add_chart(blocks, section.chart, section.title, style)
  end
end

--- Renders a report that has been checked. `timezone` is that of times, as `format.time` takes it.
return function(report, given)
  local chosen, message = check(given)
  if not chosen then
    return nil, message
  end
  local style, blocks = Style.new { width = WIDTH, timezone = chosen.timezone }, {}
  add_heading(blocks, "#", report.title)
  add(blocks, escape_block(unicode.visible(report.subtitle or "")))
  local selection = report.source and report.source.chosen
  add(blocks, selection and "Chosen: " .. escape(unicode.visible(selection)) or "")
  for _, section in ipairs(report.sections) do
    add_section(blocks, section, style)
  end
  return table.concat(blocks, "\n\n") .. "\n"
end
