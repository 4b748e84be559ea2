--- Charts in text.
-- Used only by the renderers of text and Markdown.
local cell = require("exectrack.report.cell")
local unicode = require("exectrack.report.unicode")

local LONGEST_BAR, SHORTEST_BAR = 40, 4

local function widest(rows, field)
  local width = 0
  for _, row in ipairs(rows) do
    width = math.max(width, unicode.width(row[field]))
  end
  return width
end

--- The lines of a chart of bars: for each row its `label`, a bar of its `fraction` and `tone`, and
-- its `text`.
local function draw_bars(rows, style)
  local label = widest(rows, "label")
  local room = style.width - label - 2 - 1 - widest(rows, "text")
  local length = math.max(SHORTEST_BAR, math.min(LONGEST_BAR, room))
  local lines = {}
  for i, row in ipairs(rows) do
    local bar = style:paint(style:bar(row.fraction, length), row.tone or "accent")
    lines[i] = style:fit(row.label, label) .. "  " .. (bar == "" and "" or bar .. " ") .. row.text
  end
  return lines
end

local DRAW = {}

function DRAW.bars(chart, style)
  local rows, fractions = {}, cell.bars({ field = "value" }, chart.bars)
  local longest = math.floor(style.width / 3)
  for i, bar in ipairs(chart.bars) do
    rows[i] = { label = style:cut(style:name(bar.label), longest), fraction = fractions[i],
      text = cell.text(bar.value, chart.unit), tone = cell.tone(bar.status) }
  end
  return draw_bars(rows, style)
end

function DRAW.histogram(chart, style)
  local rows, fractions = {}, cell.bars({ field = "count" }, chart.buckets)
  for i, bucket in ipairs(chart.buckets) do
    rows[i] = { from = cell.text(bucket.from, chart.unit), to = cell.text(bucket.to, chart.unit),
      text = cell.text(bucket.count, "count"), fraction = fractions[i] }
  end
  local from, to = widest(rows, "from"), widest(rows, "to")
  for _, row in ipairs(rows) do
    row.label = style:fit(row.from, from, true) .. (style.ascii and " - " or " \226\128\147 ") -- –
      .. style:fit(row.to, to, true)
  end
  return draw_bars(rows, style)
end

function DRAW.timeline(chart, style)
  return require("exectrack.report.renderer.text_timeline")(chart, style)
end

function DRAW.line(chart, style)
  return require("exectrack.report.renderer.text_line")(chart, style)
end

--- The lines that draw `chart`.
return function(chart, style)
  local lines = DRAW[chart.kind](chart, style)
  return #lines > 0 and lines or { "(no data)" }
end
