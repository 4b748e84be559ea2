--- Charts over time as SVG: timelines, densities, and lines.
-- Used only by the HTML renderer.
local cell = require("exectrack.report.cell")
local charts = require("exectrack.report.chart")
local format = require("exectrack.report.format")
local html = require("exectrack.report.renderer.html_markup")
local svg = require("exectrack.report.renderer.html_svg")
local unicode = require("exectrack.report.unicode")
local words = require("exectrack.report.parts.words")

local element, percent = html.element, html.percent

--- Functions as `html_charts` has them by the kind of a chart.
local M = {}

-- Of timelines. What went wrong is also drawn higher, for readers who don't see colours.
local LANE_TOP, LANE_BOTTOM = 16, 4 -- above and below the rows of a lane
local ROW_PITCH, ROW_HEIGHT = 20, 18
local HEIGHTS = { good = 10, warning = 14, bad = 18, flight = 14, muted = 10, plain = 6 }
local LEAST_WIDTH = 0.001 -- at 0, a span and its outline wouldn't be drawn

local function describe_span(span, zone)
  local duration = span.untimed and "duration unknown"
    or format.duration((span.to - span.from) * 1000)
  return table.concat({
    html.markup(unicode.name(span.lane)),
    (span.status and html.markup(cell.status(span.status)) .. ", " or "")
      .. html.text(duration),
    words.time(span.from, zone),
    span.label and html.text(span.label),
  }, "\n")
end

--- Draws the spans of a lane; those that went wrong last, so that no other covers them.
local function draw_lane(lane, label, y, low, high, zone)
  local drawn, bad = { svg.label(label, y) }, {}
  for i, spans in ipairs(lane.rows) do
    local top = y + LANE_TOP + (i - 1) * ROW_PITCH
    drawn[#drawn + 1] = svg.track(top, ROW_HEIGHT)
    for _, span in ipairs(spans) do
      local tone, from = charts.tone(span.status), charts.position(span.from, low, high)
      local list, height = tone == "bad" and bad or drawn, HEIGHTS[tone]
      list[#list + 1] = svg.rectangle(tone, from, top + (ROW_HEIGHT - height) / 2,
        math.max(LEAST_WIDTH, charts.position(span.to, low, high) - from), height,
        element("title", {}, describe_span(span, zone)))
    end
  end
  drawn[#drawn + 1] = #bad > 0 and table.concat(bad, "\n") or nil
  return table.concat(drawn, "\n"), LANE_TOP + #lane.rows * ROW_PITCH + LANE_BOTTOM
end

local function status_legend(spans)
  local items = {}
  for i, its in ipairs(charts.legend(spans)) do
    items[i] = { svg.swatch(its.tone, HEIGHTS[its.tone]), html.markup(its.text) }
  end
  return svg.legend(items, 18)
end

function M.timeline(chart, zone)
  local low, high = charts.extent(chart)
  if not low then
    return nil
  end
  local lanes, parts, height = charts.lanes(chart.spans), {}, 0
  local labels = svg.labels(lanes, "name")
  for i, lane in ipairs(lanes) do
    local taken
    parts[i], taken = draw_lane(lane, labels[i], height, low, high, zone)
    height = height + taken
  end
  table.insert(parts, 1, svg.times(low, high, height, zone))
  local crowded = charts.crowded(lanes)
  return {
    body = table.concat(parts, "\n"),
    height = height + svg.AXIS_HEIGHT,
    summary = ("Executions: %d. Lanes: %d. %s."):format(#chart.spans, #lanes,
      svg.period(low, high, zone)),
    legend = status_legend(chart.spans),
    note = svg.times_note(low, high, zone) .. (crowded and " " .. crowded or ""),
  }
end

-- Of densities: columns as high as their share of the lane's most, with errors at their feet.
local DENSITY_HEIGHT, DENSITY_PITCH = 28, 50
local LEAST_HEIGHT = 2

--- How many of some calls failed or timed out, behind a comma; empty for none.
local function errors(its)
  return its.failed > 0 and (", %s error%s"):format(format.count(its.failed),
    its.failed == 1 and "" or "s") or ""
end

local function describe_cell(lane, its, time, zone)
  local counts = format.count(its.count) .. (its.count == 1 and " call" or " calls")
  return element("title", {}, html.markup(unicode.name(lane.name)) .. "\n" .. counts
    .. errors(its) .. "\n" .. words.time(time, zone))
end

local function draw_cell(its, most, x, width, bottom, title)
  local height = math.max(LEAST_HEIGHT, its.count / most * DENSITY_HEIGHT)
  local bad = its.failed > 0 and math.max(LEAST_HEIGHT, its.failed / its.count * height) or 0
  return "<g>" .. title .. svg.rectangle("column", x, bottom - height, width, height)
    .. (bad > 0 and svg.rectangle("bad", x, bottom - bad, width, bad) or "") .. "</g>"
end

local function draw_density_lane(lane, label, y, low, intervals, every, zone)
  local parts, most = { svg.label(label, y), svg.track(y + LANE_TOP, DENSITY_HEIGHT) }, 0
  parts[3] = svg.value(format.count(lane.total) .. errors(lane), y)
  for _, its in pairs(lane.cells) do
    most = math.max(most, its.count)
  end
  for i = 0, intervals - 1 do
    local its = lane.cells[i]
    if its and its.count > 0 then
      parts[#parts + 1] = draw_cell(its, most, i / intervals, 1 / intervals,
        y + LANE_TOP + DENSITY_HEIGHT, describe_cell(lane, its, low + i * every, zone))
    end
  end
  return table.concat(parts, "\n")
end

function M.density(chart, zone)
  local lanes, low, high, intervals = charts.density(chart)
  if not low then
    return nil
  end
  local labels, height, total = svg.labels(lanes, "name"), #lanes * DENSITY_PITCH, 0
  local parts = { svg.times(low, high, height, zone) }
  for i, lane in ipairs(lanes) do
    parts[#parts + 1] = draw_density_lane(lane, labels[i], (i - 1) * DENSITY_PITCH, low,
      intervals, chart.every, zone)
    total = total + lane.total
  end
  return {
    body = table.concat(parts, "\n"),
    height = height + svg.AXIS_HEIGHT,
    summary = ("Executions: %s. Lanes: %d. %s."):format(format.count(total), #lanes,
      svg.period(low, high, zone)),
    legend = svg.legend({ { svg.swatch("bad", 18), "errors: failed or timed out" },
      { svg.swatch("column", 18), "other calls" } }, 18),
    note = ("Each column is %s, as high as its share of the row's most. %s"):format(
      charts.length(chart.every), svg.times_note(low, high, zone)),
  }
end

-- Of lines, which differ in colour and in dashes.
local LINE_HEIGHT = 200
local LINE_WIDTH = 1000 -- of the drawing that is stretched to the chart's width
local NAME_WIDTH = 40 -- in columns
local COLORS, DASHES = 5, 4 -- in the style; without a common divisor, so 20 lines differ
local MOST_MARKED = 200 -- points of a line with marks; more would be too close together

local function classes(i)
  return ("line-%d dash-%d"):format((i - 1) % COLORS + 1, (i - 1) % DASHES + 1)
end

--- The least and largest time of all points and value of those that have one, or nil if none has.
local function survey(chart)
  local all = {}
  for _, line in ipairs(chart.lines) do
    all.from, all.to = charts.range(line.points, "time", "time", all.from, all.to)
    all.low, all.high = charts.range(line.points, "value", "value", all.low, all.high)
  end
  all.to = all.low and all.to + (chart.every or 0)
  return all.low and all
end

--- The parts of a line between points without a value. Points that are of an interval are drawn as
-- long as this is.
local function parts_of(line, every, x, y)
  local parts, part = {}, nil
  for _, point in ipairs(line.points) do
    if not point.value then
      part = nil
    else
      part = part or {}
      parts[#parts + (part[1] and 0 or 1)] = part
      local height = "," .. html.number(y(point.value))
      for _, time in ipairs { point.time, every and point.time + every } do
        part[#part + 1] = html.number(x(time) * LINE_WIDTH) .. height
      end
    end
  end
  return parts
end

local function draw_line(line, i, every, x, y)
  local polylines = {}
  for j, part in ipairs(parts_of(line, every, x, y)) do
    polylines[j] = element("polyline", { "class", classes(i), "points", table.concat(part, " ") })
  end
  return table.concat(polylines, "\n")
end

--- Whether a point has no neighbours that it is connected with.
local function is_alone(points, i)
  local before, after = points[i - 1], points[i + 1]
  return not (before and before.value) and not (after and after.value)
end

local function draw_points(line, i, chart, x, y, zone)
  local parts = {}
  for j, point in ipairs(line.points) do
    if point.value and (#line.points <= MOST_MARKED or is_alone(line.points, j)) then
      local title = html.text(line.label) .. "\n"
        .. html.markup(cell.text(point.value, chart.unit)) .. "\n" .. words.time(point.time, zone)
      parts[#parts + 1] = element("circle", { "class", classes(i),
        "cx", percent(x(point.time + (chart.every or 0) / 2)), "cy", y(point.value), "r", 3.5 },
        element("title", {}, title))
    end
  end
  return table.concat(parts, "\n")
end

local function line_legend(lines)
  local names, items = {}, {}
  for i, line in ipairs(lines) do
    names[i] = unicode.visible(line.label)
  end
  for i, label in ipairs(charts.labels(names, NAME_WIDTH)) do
    items[i] = { element("polyline", { "class", classes(i), "points", "0,10 32,10" }),
      html.markup(label) }
  end
  return svg.legend(items, 32)
end

local function draw_lines(chart, all, zone)
  local ticks = svg.round_figures(all.low, all.high, chart.unit)
  local function x(time)
    return charts.position(time, all.from, all.to)
  end
  local function y(figure)
    return LINE_HEIGHT * (1 - charts.position(figure, ticks[1], ticks[#ticks]))
  end
  local polylines, points = {}, {}
  for i, line in ipairs(chart.lines) do
    polylines[i] = draw_line(line, i, chart.every, x, y)
    points[i] = draw_points(line, i, chart, x, y, zone)
  end
  return table.concat({
    svg.figures(ticks, chart.unit, LINE_HEIGHT),
    svg.times(all.from, all.to, LINE_HEIGHT, zone),
    element("svg", { "class", "stretched", "width", "100%", "height", LINE_HEIGHT,
      "viewBox", ("0 0 %d %d"):format(LINE_WIDTH, LINE_HEIGHT), "preserveAspectRatio", "none" },
      table.concat(polylines, "\n")),
    table.concat(points, "\n"),
  }, "\n")
end

function M.line(chart, zone)
  local all = survey(chart)
  return all and {
    body = draw_lines(chart, all, zone),
    height = LINE_HEIGHT + svg.AXIS_HEIGHT,
    summary = ("Lines: %d. %s, from %s to %s."):format(#chart.lines,
      svg.period(all.from, all.to, zone), cell.text(all.low, chart.unit),
      cell.text(all.high, chart.unit)),
    legend = line_legend(chart.lines),
    note = svg.times_note(all.from, all.to, zone),
  }
end

return M
