--- Renders a report as text for a terminal.
-- Used only by `report.render`.
local Style = require("exectrack.report.renderer.text_style")
local cell = require("exectrack.report.cell")
local options = require("exectrack.options")
local tables = require("exectrack.report.renderer.text_table")
local unicode = require("exectrack.report.unicode")

local SPACE = (" "):byte()

local check = options.fields {
  { "width", options.integer(20, 1000), default = 80 },
  { "color", options.boolean, default = false },
  { "ascii", options.boolean, default = false },
  { "timezone", options.timezone },
}

local function append(lines, more)
  for i = 1, #more do
    lines[#lines + 1] = more[i]
  end
  return lines
end

--- Adds a block of lines, with an empty line before it if `lines` has any.
local function add(lines, block)
  if #lines > 0 and #block > 0 then
    lines[#lines + 1] = ""
  end
  append(lines, block)
end

local function heading(title, style, is_double)
  local lines, width = style:wrap(unicode.visible(title)), 0
  for i, line in ipairs(lines) do
    width = math.max(width, unicode.width(line))
    lines[i] = style:paint(line, "strong")
  end
  if width > 0 then
    lines[#lines + 1] = style:paint(style:rule(width, is_double), "strong")
  end
  return lines
end

local function chart(section, style)
  local draw = require("exectrack.report.renderer.text_charts") -- takes time to load
  local lines = {}
  if section.chart.title and section.chart.title ~= section.title then
    lines = style:wrap(unicode.visible(section.chart.title))
  end
  return append(lines, draw(section.chart, style))
end

local function body(section, style)
  local lines = {}
  for _, paragraph in ipairs(unicode.paragraphs(section.text or "")) do
    add(lines, style:wrap(paragraph))
  end
  if cell.is_shown(section) then
    add(lines, tables.draw(section, style))
  end
  if section.chart then
    add(lines, chart(section, style))
  end
  return lines
end

--- The lines of the subtitle, and of what was chosen of the run.
local function subtitle(report, style)
  local lines = style:wrap(unicode.visible(report.subtitle or ""))
  local selected = report.source and report.source.chosen
  return selected and append(lines, style:wrap("Chosen: " .. unicode.visible(selected))) or lines
end

--- Renders a report that has been checked.
return function(report, given)
  local chosen, message = check(given)
  if not chosen then
    return nil, message
  end
  local style = Style.new(chosen)
  local lines = append(heading(report.title, style, true), subtitle(report, style))
  for _, section in ipairs(report.sections) do
    add(lines, append(heading(section.title, style), body(section, style)))
  end
  for i, line in ipairs(lines) do
    if line:byte(-1) == SPACE then
      lines[i] = line:match("^.*[^ ]") or ""
    end
  end
  return table.concat(lines, "\n") .. "\n"
end
