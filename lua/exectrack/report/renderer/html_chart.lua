--- Charts as HTML: an SVG with a description, and a table for readers who can't see it.
-- Used only by the HTML renderer.
local chart_table = require("exectrack.report.chart_table")
local escape = require("exectrack.report.renderer.html_escape")
local format = require("exectrack.report.format")
local tables = require("exectrack.report.renderer.html_table")

local element = escape.element

local DRAW = {
  bars = require("exectrack.report.renderer.html_bars"),
  timeline = require("exectrack.report.renderer.html_timeline"),
  histogram = require("exectrack.report.renderer.html_histogram"),
  line = require("exectrack.report.renderer.html_line"),
}

-- A longer table isn't useful, and might be larger than the rest of the page.
local MOST_ROWS = 200

local function draw_figures(chart, label)
  local columns, rows = chart_table(chart)
  local note = ""
  if #rows > MOST_ROWS then
    note = ("<p>The first %d of %s.</p>\n"):format(MOST_ROWS, format.count(#rows))
    local first = {}
    for i = 1, MOST_ROWS do
      first[i] = rows[i]
    end
    rows = first
  end
  return "<details>\n<summary>Figures of this chart</summary>\n" .. note
    .. tables.table(columns, rows, label) .. "\n</details>"
end

local function draw_svg(kind, drawn, label, description)
  return element("svg", { "class", "chart " .. kind, "height", drawn.height, "role", "img",
    "aria-labelledby", label, "aria-describedby", description },
    element("desc", { "id", description }, escape.text(drawn.summary)) .. "\n" .. drawn.body)
end

--- A chart of a section. `heading` is the id of the section's heading, and `id` that of the chart.
return function(chart, heading, id)
  local parts, label = { "<figure>" }, heading
  if chart.title then
    label = id
    parts[2] = element("figcaption", { "id", id }, escape.text(chart.title))
  end
  local drawn = DRAW[chart.kind](chart)
  if drawn then
    parts[#parts + 1] = drawn.legend
    parts[#parts + 1] = draw_svg(chart.kind, drawn, label, id .. "-summary")
    parts[#parts + 1] = drawn.note and element("p", { "class", "note" }, escape.text(drawn.note))
    parts[#parts + 1] = draw_figures(chart, label)
  else
    parts[#parts + 1] = '<p class="empty">No data</p>'
  end
  parts[#parts + 1] = "</figure>"
  return table.concat(parts, "\n")
end
