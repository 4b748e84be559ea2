--- Renders reports as HTML: a self-contained page with charts, and with tables that a reader can
-- sort. It is also well-formed XML.
-- Used only by `report.render`.
local draw_chart = require("exectrack.report.renderer.html_chart")
local escape = require("exectrack.report.renderer.html_escape")
local options = require("exectrack.options")
local script = require("exectrack.report.renderer.html_script")
local style = require("exectrack.report.renderer.html_style")
local tables = require("exectrack.report.renderer.html_table")
local unicode = require("exectrack.report.unicode")

local element = escape.element

local check_options = options.fields {}

-- The page can neither fetch nor send anything, whatever is in it.
local POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
  .. "base-uri 'none'; form-action 'none'"

local function draw_head(title)
  return table.concat({
    "<head>",
    '<meta charset="utf-8"/>',
    element("meta", { "http-equiv", "Content-Security-Policy", "content", POLICY }),
    '<meta name="viewport" content="width=device-width, initial-scale=1"/>',
    '<meta name="color-scheme" content="light dark"/>',
    element("title", {}, escape.text(title)),
    "<style>\n" .. style .. "</style>",
    "</head>",
  }, "\n")
end

--- `text` as paragraphs.
local function draw_text(text)
  local parts = {}
  for i, paragraph in ipairs(unicode.paragraphs(text)) do
    parts[i] = "<p>" .. escape.markup(paragraph) .. "</p>"
  end
  return parts[1] and table.concat(parts, "\n")
end

local function draw_section(section, i)
  local heading = ("section-%d"):format(i)
  local parts = { element("h2", { "id", heading }, escape.text(section.title)) }
  parts[#parts + 1] = section.text and draw_text(section.text)
  if section.chart then
    parts[#parts + 1] = draw_chart(section.chart, heading, ("chart-%d"):format(i))
  end
  if section.columns then
    local draw = section.layout == "figures" and tables.figures or tables.table
    parts[#parts + 1] = draw(section.columns, section.rows, heading)
  end
  return element("section", { "aria-labelledby", heading },
    "\n" .. table.concat(parts, "\n") .. "\n")
end

local function draw_body(report)
  local parts = { "<body>", "<main>", "<header>", element("h1", {}, escape.text(report.title)) }
  if report.subtitle then
    parts[#parts + 1] = element("p", { "class", "subtitle" }, escape.text(report.subtitle))
  end
  parts[#parts + 1] = "</header>"
  for i, section in ipairs(report.sections) do
    parts[#parts + 1] = draw_section(section, i)
  end
  parts[#parts + 1] = "</main>"
  parts[#parts + 1] = "<script>\n" .. script .. "</script>"
  parts[#parts + 1] = "</body>"
  return table.concat(parts, "\n")
end

--- Renders a report as HTML. There are no options.
return function(report, given)
  local used, problem = check_options(given)
  if not used then
    return nil, problem
  end
  return '<!DOCTYPE html>\n<html lang="en">\n' .. draw_head(report.title) .. "\n"
    .. draw_body(report) .. "\n</html>\n"
end
