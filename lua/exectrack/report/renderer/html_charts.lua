--- Charts as HTML: an SVG with a description, and a table for readers who can't see it.
-- Used only by the HTML renderer.
local cell = require("exectrack.report.cell")
local chart_table = require("exectrack.report.chart_table")
local charts = require("exectrack.report.chart")
local format = require("exectrack.report.format")
local html = require("exectrack.report.renderer.html_markup")
local over_time = require("exectrack.report.renderer.html_over_time")
local svg = require("exectrack.report.renderer.html_svg")
local tables = require("exectrack.report.renderer.html_table")
local unicode = require("exectrack.report.unicode")

local element, percent = html.element, html.percent

-- A longer table isn't useful, and might be larger than the rest of the page.
local MOST_ROWS = 200

--- By the kind of a chart, a function of it and of a time zone that returns nil if there is nothing
-- to draw; else a table with `body` and `height`, the `summary` in words, and `legend` and `note`
-- or nil.
local DRAW = { timeline = over_time.timeline, density = over_time.density, line = over_time.line }

local BAR_PITCH, BAR_TOP, BAR_HEIGHT = 36, 16, 12 -- from bar to bar; of a bar
local VALUE_WIDTH = 22 -- in columns

local function draw_bar(bar, i, label, length, unit)
  local y = (i - 1) * BAR_PITCH
  local described = cell.text(bar.value, unit)
    .. (bar.status and bar.status ~= "" and ", " .. cell.status(bar.status) or "")
  return "<g>"
    .. element("title", {}, html.markup(unicode.name(bar.label) .. "\n" .. described))
    .. svg.label(label, y)
    .. svg.value(charts.short(described, VALUE_WIDTH), y)
    .. svg.track(y + BAR_TOP, BAR_HEIGHT)
    .. (length > 0 and element("rect", { "class", charts.tone(bar.status), "x", 0,
      "y", y + BAR_TOP, "width", percent(length), "height", BAR_HEIGHT, "rx", 3 }) or "")
    .. "</g>"
end

function DRAW.bars(chart)
  local lengths, parts, largest = cell.bars({ field = "value" }, chart.bars), {}, chart.bars[1]
  local labels = svg.labels(chart.bars, "label")
  for i, bar in ipairs(chart.bars) do
    parts[i] = draw_bar(bar, i, labels[i], lengths[i], chart.unit)
    largest = bar.value > largest.value and bar or largest
  end
  return largest and {
    body = table.concat(parts, "\n"),
    height = #parts * BAR_PITCH,
    summary = ("Bars: %d. The longest: "):format(#parts) .. largest.label .. ", "
      .. cell.text(largest.value, chart.unit) .. ".",
  }
end

-- Of histograms, whose buckets are all equally wide, as their limits grow with the durations.
local HISTOGRAM_HEIGHT = 180
local BUCKET_GAP = 0.5 -- of a bucket, where there are none between two
local MOST_LABELS = 8

--- Where the buckets begin, in widths of a bucket; the labels, `{ place, value }`; and the width of
-- the chart.
local function lay_out(buckets)
  local places, labels, place = {}, {}, 0
  for i, bucket in ipairs(buckets) do
    local before = buckets[i - 1]
    if before and bucket.from > before.to then
      labels[#labels + 1] = { place, before.to }
      place = place + BUCKET_GAP
    end
    labels[#labels + 1] = { place, bucket.from }
    places[i], place = place, place + 1
  end
  labels[#labels + 1] = { place, buckets[#buckets].to }
  return places, labels, place
end

local function draw_bucket(bucket, x, width, height, unit)
  local title = html.markup(cell.text(bucket.from, unit) .. " to " .. cell.text(bucket.to, unit)
    .. "\n" .. cell.text(bucket.count, "count"))
  return "<g>" .. element("title", {}, title) .. svg.rectangle("touch", x, 0, width,
      HISTOGRAM_HEIGHT)
    .. (height > 0 and svg.rectangle("column", x, HISTOGRAM_HEIGHT - height, width, height) or "")
    .. "</g>"
end

local function draw_labels(labels, total, unit)
  local parts = {}
  for i = 1, #labels, math.ceil(#labels / MOST_LABELS) do
    local place, limit = labels[i][1], labels[i][2]
    parts[#parts + 1] = svg.tick(place / total, HISTOGRAM_HEIGHT, cell.text(limit, unit),
      #parts % 2 == 1)
  end
  return table.concat(parts, "\n")
end

local function summarize_buckets(chart)
  local sum, most = 0, chart.buckets[1]
  for _, bucket in ipairs(chart.buckets) do
    sum = sum + bucket.count
    most = bucket.count > most.count and bucket or most
  end
  return ("Values: %s. Most, %s, from %s to %s."):format(format.count(sum),
    format.count(most.count), cell.text(most.from, chart.unit), cell.text(most.to, chart.unit)),
    most.count
end

function DRAW.histogram(chart)
  if #chart.buckets == 0 then
    return nil
  end
  local places, labels, total = lay_out(chart.buckets)
  local summary, most = summarize_buckets(chart)
  local ticks = svg.round_figures(0, most, "count")
  local parts = { svg.figures(ticks, "count", HISTOGRAM_HEIGHT) }
  for i, bucket in ipairs(chart.buckets) do
    local height = charts.position(bucket.count, ticks[1], ticks[#ticks]) * HISTOGRAM_HEIGHT
    parts[#parts + 1] = draw_bucket(bucket, places[i] / total, 1 / total, height, chart.unit)
  end
  parts[#parts + 1] = draw_labels(labels, total, chart.unit)
  return { body = table.concat(parts, "\n"), height = HISTOGRAM_HEIGHT + svg.AXIS_HEIGHT,
    summary = summary }
end

local function draw_figures(chart, heading, zone)
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
    .. tables.table(columns, rows, heading, zone) .. "\n</details>"
end

local function draw_svg(kind, drawn, heading, description)
  return element("svg", { "class", "chart " .. kind, "height", drawn.height, "role", "img",
    "aria-labelledby", heading, "aria-describedby", description },
    element("desc", { "id", description }, html.text(drawn.summary)) .. "\n" .. drawn.body)
end

--- A chart of a section. `heading` is the id of the section's heading, and `id` that of the chart.
-- `zone` is as in `format.time`.
return function(chart, heading, id, zone)
  local parts, named_by = { "<figure>" }, heading
  if chart.title then
    named_by = id
    parts[2] = element("figcaption", { "id", id }, html.text(chart.title))
  end
  local drawn = DRAW[chart.kind](chart, zone)
  if drawn then
    parts[#parts + 1] = drawn.legend
    parts[#parts + 1] = draw_svg(chart.kind, drawn, named_by, id .. "-summary")
    parts[#parts + 1] = drawn.note and element("p", { "class", "note" }, html.text(drawn.note))
    parts[#parts + 1] = draw_figures(chart, named_by, zone)
  else
    parts[#parts + 1] = '<p class="empty">No data</p>'
  end
  parts[#parts + 1] = "</figure>"
  return table.concat(parts, "\n")
end
