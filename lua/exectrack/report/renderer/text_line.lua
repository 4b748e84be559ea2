--- Lines over time in text.
-- Used only by the charts in text.
local axis = require("exectrack.report.renderer.text_axis")
local cell = require("exectrack.report.cell")

local GAP = "  "
local PLOT_HEIGHT = 3

--- The value of each cell from the first point to the last: the largest of its points; without a
-- point, that of the previous one; none after a point without a value.
local function values_of(points, low, high, cells)
  local values, before, value_before = {}, nil, nil
  for _, point in ipairs(points) do
    local at = math.floor(axis.position(point.time, low, high) * (cells - 1) + 0.5)
    for i = (before or at) + 1, at - 1 do
      values[i] = value_before
    end
    if point.value then
      values[at] = math.max(values[at] or point.value, point.value)
    end
    before, value_before = at, point.value
  end
  return values
end

--- The parts of each line: its label, the ends of its axis, which includes 0, and their texts; and
-- the width of the widest text.
local function plots_of(chart, style)
  local plots, width = {}, 0
  for i, line in ipairs(chart.lines) do
    local least, most = axis.range(line.points, "value", "value", 0, 0)
    local top, bottom = cell.text(most, chart.unit), cell.text(least, chart.unit)
    plots[i] = { label = style:name(line.label), points = line.points, least = least, most = most,
      top = top, bottom = bottom }
    width = math.max(width, #top, #bottom)
  end
  return plots, width
end

--- The cells of one text line of a plot; the first is the lowest.
local function row_of(values, plot, row, cells, style)
  local levels, parts = style:levels(), {}
  for i = 0, cells - 1 do
    local height = 0
    if values[i] then
      local share = axis.position(values[i], plot.least, plot.most)
      height = math.max(1, math.floor(share * levels * PLOT_HEIGHT + 0.5)) -- 0 is visible, too
    end
    parts[#parts + 1] = style:level(math.min(levels, height - (row - 1) * levels))
  end
  return style:paint(table.concat(parts), "accent")
end

local function add_plot(lines, plot, width, times, style)
  lines[#lines + 1] = style:paint(style:cut(plot.label, style.width), "strong")
  if #plot.points == 0 then
    lines[#lines + 1] = "(no data)"
    return
  end
  local cells = style.width - width - #GAP
  local values = values_of(plot.points, times.low, times.high, cells)
  for row = PLOT_HEIGHT, 1, -1 do
    local value = row == PLOT_HEIGHT and plot.top or row == 1 and plot.bottom or ""
    lines[#lines + 1] = style:fit(value, width, true) .. axis.edge(style)
      .. row_of(values, plot, row, cells, style)
  end
end

--- A small plot for each line, over the same time, each with its own axis of values.
return function(chart, style)
  local low, high
  for _, line in ipairs(chart.lines) do
    low, high = axis.range(line.points, "time", "time", low, high)
  end
  if not low then
    return {}
  end
  local plots, width = plots_of(chart, style)
  local lines = {}
  for _, plot in ipairs(plots) do
    add_plot(lines, plot, width, { low = low, high = high }, style)
  end
  for _, line in ipairs(axis.times(low, high, width + #GAP, style)) do
    lines[#lines + 1] = line
  end
  return lines
end
