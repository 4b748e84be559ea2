--- Figures over time as lines in SVG, which differ in colour and in dashes.
-- Used only by the HTML renderer.
local axis = require("exectrack.report.renderer.html_axis")
local cell = require("exectrack.report.cell")
local escape = require("exectrack.report.renderer.html_escape")
local format = require("exectrack.report.format")
local scale = require("exectrack.report.renderer.html_scale")

local element, percent = escape.element, escape.percent

local HEIGHT = 200
local WIDTH = 1000 -- of the drawing that is stretched to the chart's width
local LABEL_WIDTH = 40 -- in columns
local COLORS, DASHES = 5, 4 -- in the style; without a common divisor, so 20 lines differ
local MOST_MARKED = 200 -- points of a line with marks; more would be too close together

local function classes(i)
  return ("line-%d dash-%d"):format((i - 1) % COLORS + 1, (i - 1) % DASHES + 1)
end

--- The points of a line that have a value.
local function known_points(line)
  local points = {}
  for _, point in ipairs(line.points) do
    points[#points + 1] = point.value and point or nil
  end
  return points
end

--- The least and largest time and value of all points, or nil if there are none.
local function survey(lines)
  local all
  for _, line in ipairs(lines) do
    for _, point in ipairs(known_points(line)) do
      local time, value = point.time, point.value
      all = all or { from = time, to = time, low = value, high = value }
      all.from, all.to = math.min(all.from, time), math.max(all.to, time)
      all.low, all.high = math.min(all.low, value), math.max(all.high, value)
    end
  end
  return all
end

--- The parts of a line between points without a value.
local function parts_of(line)
  local parts, part = {}, nil
  for _, point in ipairs(line.points) do
    if not point.value then
      part = nil
    elseif part then
      part[#part + 1] = point
    else
      part = { point }
      parts[#parts + 1] = part
    end
  end
  return parts
end

local function draw_line(line, i, x, y)
  local polylines = {}
  for j, part in ipairs(parts_of(line)) do
    local places = {}
    for k, point in ipairs(part) do
      places[k] = escape.number(x(point.time) * WIDTH) .. "," .. escape.number(y(point.value))
    end
    polylines[j] = element("polyline", { "class", classes(i), "points", table.concat(places, " ") })
  end
  return table.concat(polylines, "\n")
end

local function draw_points(line, i, unit, x, y)
  local parts = {}
  for j, point in ipairs(#line.points <= MOST_MARKED and known_points(line) or {}) do
    local title = escape.text(line.label) .. "\n" .. escape.markup(cell.text(point.value, unit))
      .. "\n" .. format.time(point.time) .. " UTC"
    parts[j] = element("circle", { "class", classes(i), "cx", percent(x(point.time)),
      "cy", y(point.value), "r", 3.5 }, element("title", {}, title))
  end
  return table.concat(parts, "\n")
end

local function draw_legend(lines)
  local items = {}
  for i, line in ipairs(lines) do
    local swatch = element("svg", { "width", 32, "height", 20, "aria-hidden", "true" },
      element("polyline", { "class", classes(i), "points", "0,10 32,10" }))
    items[i] = "<li>" .. swatch
      .. escape.markup(escape.short(line.label, LABEL_WIDTH)) .. "</li>"
  end
  return '<ul class="legend">' .. table.concat(items) .. "</ul>"
end

local function draw_body(chart, all)
  local ticks = scale.figures(all.low, all.high, chart.unit)
  local x, up = scale.position(all.from, all.to), scale.position(ticks[1], ticks[#ticks])
  local function y(value)
    return HEIGHT * (1 - up(value))
  end
  local polylines, points = {}, {}
  for i, line in ipairs(chart.lines) do
    polylines[i] = draw_line(line, i, x, y)
    points[i] = draw_points(line, i, chart.unit, x, y)
  end
  return table.concat({
    axis.figures(ticks, chart.unit, HEIGHT),
    axis.times(all.from, all.to, HEIGHT),
    element("svg", { "class", "stretched", "width", "100%", "height", HEIGHT,
      "viewBox", ("0 0 %d %d"):format(WIDTH, HEIGHT), "preserveAspectRatio", "none" },
      table.concat(polylines, "\n")),
    table.concat(points, "\n"),
  }, "\n")
end

--- The SVG of a chart; nil if its lines have no points.
return function(chart)
  local all = survey(chart.lines)
  if not all then
    return nil
  end
  return {
    body = draw_body(chart, all),
    height = HEIGHT + axis.HEIGHT,
    summary = ("Lines: %d. From %s to %s UTC, from %s to %s."):format(#chart.lines,
      format.time(all.from), format.time(all.to), cell.text(all.low, chart.unit),
      cell.text(all.high, chart.unit)),
    legend = draw_legend(chart.lines),
    note = axis.times_note(all.from, all.to),
  }
end
