--- Renders reports as HTML: a self-contained page with charts, and with tables that a reader can
-- sort and search. It is also well-formed XML.
-- Used only by `report.render` and the command.
local cell = require("exectrack.report.cell")
local draw_chart = require("exectrack.report.renderer.html_charts")
local format = require("exectrack.report.format")
local html = require("exectrack.report.renderer.html_markup")
local options = require("exectrack.options")
local script = require("exectrack.report.renderer.html_script")
local tables = require("exectrack.report.renderer.html_table")
local unicode = require("exectrack.report.unicode")

local element = html.element

local check_options = options.fields {
  { "page", options.boolean, default = true },
  { "timezone", options.timezone },
}

-- Fewer sections need no links to them, and more files aren't named.
local LEAST_LINKED, MOST_FILES = 3, 10

local function heading_of(i)
  return ("section-%d"):format(i)
end

--- `text` as paragraphs.
local function draw_text(text)
  local parts = {}
  for i, paragraph in ipairs(unicode.paragraphs(text)) do
    parts[i] = "<p>" .. html.markup(paragraph) .. "</p>"
  end
  return parts[1] and table.concat(parts, "\n")
end

local function draw_section(section, i, zone)
  local heading = heading_of(i)
  local parts = { element("h2", { "id", heading }, html.text(section.title)) }
  parts[#parts + 1] = section.text and draw_text(section.text)
  if section.chart then
    parts[#parts + 1] = draw_chart(section.chart, heading, ("chart-%d"):format(i), zone)
  end
  if cell.is_shown(section) then
    local draw = section.layout == "figures" and tables.figures or tables.table
    parts[#parts + 1] = draw(cell.for_people(section).columns, section.rows, heading, zone, section)
  end
  return element("section", { "aria-labelledby", heading },
    "\n" .. table.concat(parts, "\n") .. "\n")
end

local function draw_sections(sections, zone)
  local parts = {}
  for i, section in ipairs(sections) do
    parts[i] = draw_section(section, i, zone)
  end
  return table.concat(parts, "\n")
end

--- Links to the sections; nil if there are few.
local function draw_links(sections)
  if #sections < LEAST_LINKED then
    return nil
  end
  local links = {}
  for i, section in ipairs(sections) do
    links[i] = "<li>" .. element("a", { "href", "#" .. heading_of(i) }, html.text(section.title))
      .. "</li>"
  end
  return '<nav aria-label="Sections"><ul>\n' .. table.concat(links, "\n") .. "\n</ul></nav>"
end

local function draw_header(report)
  local parts = { "<header>", element("h1", {}, html.text(report.title)) }
  local chosen = report.source and report.source.chosen
  if report.subtitle then
    parts[#parts + 1] = element("p", { "class", "subtitle" }, html.text(report.subtitle))
  end
  if chosen then
    parts[#parts + 1] = element("p", { "class", "chosen" }, "Chosen: " .. html.text(chosen))
  end
  parts[#parts + 1] = draw_links(report.sections)
  parts[#parts + 1] = "</header>"
  return table.concat(parts, "\n")
end

--- The names of files, as HTML.
local function draw_files(files)
  local names = {}
  for i = 1, math.min(#files, MOST_FILES) do
    names[i] = element("code", {}, html.text(files[i]))
  end
  local more = #files > MOST_FILES and (", and %d more"):format(#files - MOST_FILES) or ""
  return "From " .. table.concat(names, ", ") .. more
end

--- Where the report came from; nil if that isn't known.
local function draw_footer(source, zone)
  local parts = {}
  if source.files and source.files[1] then
    parts[1] = draw_files(source.files) .. "."
  end
  if source.taken then
    local time = tables.content(cell.text(source.taken, "time", zone), "time", source.taken)
    parts[#parts + 1] = "As of " .. time .. " " .. format.zone(zone) .. "."
  end
  if source.version then
    parts[#parts + 1] = "Made by exectrack " .. html.text(source.version) .. "."
  end
  return parts[1] and "<footer><p>" .. table.concat(parts, " ") .. "</p></footer>"
end

--- Renders a report as HTML, with these options: `page`, false for its sections alone, without the
-- page around them; and `timezone`, that of times, as `format.time` takes it.
return function(report, given)
  local chosen, message = check_options(given)
  if not chosen then
    return nil, message
  end
  local sections = draw_sections(report.sections, chosen.timezone)
  if not chosen.page then
    return sections
  end
  local parts = { draw_header(report) }
  parts[#parts + 1] = sections ~= "" and sections or nil
  parts[#parts + 1] = report.source and draw_footer(report.source, chosen.timezone)
  return html.page(report.title, table.concat(parts, "\n"), script)
end
