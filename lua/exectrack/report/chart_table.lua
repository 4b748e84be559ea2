--- The figures of a chart as a table, for formats without charts and for readers who can't see one.
-- Used only by the renderers.
local TABLES = {}

local function has_status(bars)
  for _, bar in ipairs(bars) do
    if bar.status then
      return true
    end
  end
  return false
end

function TABLES.bars(chart)
  local columns = {
    { field = "label", heading = "Bar" },
    { field = "value", heading = "Value", unit = chart.unit },
  }
  if has_status(chart.bars) then
    columns[3] = { field = "status", heading = "Status", unit = "status" }
  end
  return columns, chart.bars
end

--- Milliseconds, rounded to the microsecond: a difference of two times isn't more exact.
local function duration_ms(span)
  return math.floor((span.to - span.from) * 1e6 + 0.5) / 1000
end

function TABLES.timeline(chart)
  local rows = {}
  for i, span in ipairs(chart.spans) do
    rows[i] = { lane = span.lane, from = span.from, status = span.status, label = span.label,
      duration_ms = not span.untimed and duration_ms(span) or nil }
  end
  return {
    { field = "lane", heading = "Lane" },
    { field = "from", heading = "From", unit = "time" },
    { field = "duration_ms", heading = "Duration", unit = "ms" },
    { field = "status", heading = "Status", unit = "status" },
    { field = "label", heading = "Label" },
  }, rows
end

function TABLES.density(chart)
  return {
    { field = "lane", heading = "Lane" },
    { field = "time", heading = "From", unit = "time" },
    { field = "count", heading = "Calls", unit = "count" },
    { field = "failed", heading = "Failed", unit = "count" },
  }, chart.cells
end

function TABLES.histogram(chart)
  return {
    { field = "from", heading = "From", unit = chart.unit },
    { field = "to", heading = "To", unit = chart.unit },
    { field = "count", heading = "Count", unit = "count" },
  }, chart.buckets
end

function TABLES.line(chart)
  local rows = {}
  for _, line in ipairs(chart.lines) do
    for _, point in ipairs(line.points) do
      rows[#rows + 1] = { line = line.label, time = point.time, value = point.value }
    end
  end
  return {
    { field = "line", heading = "Line" },
    { field = "time", heading = "Time", unit = "time" },
    { field = "value", heading = "Value", unit = chart.unit },
  }, rows
end

--- The columns and rows with the figures of `chart`.
return function(chart)
  return TABLES[chart.kind](chart)
end
