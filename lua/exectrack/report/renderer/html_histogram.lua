--- Histograms as SVG. All buckets are drawn equally wide, as their limits grow with the durations.
-- If there are no buckets between two, there is a gap.
-- Used only by the HTML renderer.
local axis = require("exectrack.report.renderer.html_axis")
local cell = require("exectrack.report.cell")
local escape = require("exectrack.report.renderer.html_escape")
local format = require("exectrack.report.format")
local scale = require("exectrack.report.renderer.html_scale")

local element, percent = escape.element, escape.percent

local HEIGHT = 180
local GAP = 0.5 -- of a bucket
local MOST_LABELS = 8

--- Where the buckets begin, in widths of a bucket; the labels, `{ place, value }`; and the width of
-- the chart.
local function lay_out(buckets)
  local places, labels, place = {}, {}, 0
  for i, bucket in ipairs(buckets) do
    local before = buckets[i - 1]
    if before and bucket.from > before.to then
      labels[#labels + 1] = { place, before.to }
      place = place + GAP
    end
    labels[#labels + 1] = { place, bucket.from }
    places[i], place = place, place + 1
  end
  labels[#labels + 1] = { place, buckets[#buckets].to }
  return places, labels, place
end

local function draw_bucket(bucket, x, width, height, unit)
  local title = escape.markup(cell.text(bucket.from, unit) .. " to " .. cell.text(bucket.to, unit)
    .. "\n" .. cell.text(bucket.count, "count"))
  return "<g>" .. element("title", {}, title)
    .. element("rect", { "class", "touch", "x", percent(x), "y", 0, "width", percent(width),
      "height", HEIGHT })
    .. (height > 0 and element("rect", { "class", "column", "x", percent(x), "y", HEIGHT - height,
      "width", percent(width), "height", height }) or "")
    .. "</g>"
end

local function draw_labels(labels, total, unit)
  local every = math.ceil(#labels / MOST_LABELS)
  local parts = {}
  for i = 1, #labels, every do
    local place, value = labels[i][1], labels[i][2]
    parts[#parts + 1] = axis.tick(place / total, HEIGHT, cell.text(value, unit), #parts % 2 == 1)
  end
  return table.concat(parts, "\n")
end

local function summarize(chart)
  local sum, most = 0, chart.buckets[1]
  for _, bucket in ipairs(chart.buckets) do
    sum = sum + bucket.count
    most = bucket.count > most.count and bucket or most
  end
  return ("Values: %s. Most, %s, from %s to %s."):format(format.count(sum),
    format.count(most.count), cell.text(most.from, chart.unit), cell.text(most.to, chart.unit))
end

local function most_counted(buckets)
  local most = 0
  for _, bucket in ipairs(buckets) do
    most = math.max(most, bucket.count)
  end
  return most
end

--- The SVG of a chart; nil if it has no buckets.
return function(chart)
  local buckets = chart.buckets
  if #buckets == 0 then
    return nil
  end
  local places, labels, total = lay_out(buckets)
  local ticks = scale.figures(0, most_counted(buckets), "count")
  local position = scale.position(ticks[1], ticks[#ticks])
  local parts = { axis.figures(ticks, "count", HEIGHT) }
  for i, bucket in ipairs(buckets) do
    parts[#parts + 1] = draw_bucket(bucket, places[i] / total, 1 / total,
      position(bucket.count) * HEIGHT, chart.unit)
  end
  parts[#parts + 1] = draw_labels(labels, total, chart.unit)
  return {
    body = table.concat(parts, "\n"),
    height = HEIGHT + axis.HEIGHT,
    summary = summarize(chart),
  }
end
