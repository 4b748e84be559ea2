--- Charts in text.
-- Used only by the renderers of text and Markdown.
local cell = require("exectrack.report.cell")
local charts = require("exectrack.report.chart")
local format = require("exectrack.report.format")
local short_names = require("exectrack.report.short_names")
local steps = require("exectrack.report.steps")
local unicode = require("exectrack.report.unicode")
local words = require("exectrack.report.parts.words")

local GAP = "  "
local LONGEST_BAR = 40
local PLOT_HEIGHT = 3
local SHORTEST_OF_DAYS = steps.DAY / 4 -- if midnight is within less, the first time says enough
local LEAST_LABEL, LEAST_ESCAPED = 8, 11 -- the latter is `...\u{4e2d}`
local DAY_WIDTH, TIME_WIDTH = 7, 13 -- a day on an axis, one with a time, and the space behind it

-- The marks of tones, and their colours.
local MARKS = {
  bad = { mark = "X", ascii = "X", paint = "bad" },
  warning = { mark = "!", ascii = "!", paint = "warning" },
  flight = { mark = ">", ascii = ">", paint = "accent" },
  good = { mark = "\226\150\136", ascii = "=", paint = "good" }, -- █
  muted = { mark = "\226\150\145", ascii = "-", paint = "muted" }, -- ░
  plain = { mark = "\226\150\146", ascii = "o" }, -- ▒
}

local RANKS = {}
for rank, tone in ipairs(charts.TONES) do
  RANKS[tone] = rank
end

local function widest(rows, field)
  local width = 0
  for _, row in ipairs(rows) do
    if #row[field] > width then -- no character has more columns than bytes
      width = math.max(width, unicode.width(row[field]))
    end
  end
  return width
end

local function append(lines, more)
  for _, line in ipairs(more) do
    lines[#lines + 1] = line
  end
end

--- The lines of a chart of bars: for each row its `label`, a bar of its `fraction` and `tone`, and
-- its `text`. Without room for bars, there are none.
local function draw_bars(rows, style)
  local label = widest(rows, "label")
  local length = math.min(LONGEST_BAR, style.width - label - #GAP - 1 - widest(rows, "text"))
  local lines = {}
  for i, row in ipairs(rows) do
    local bar = length > 0 and style:bar(row.fraction, length) or ""
    local line = style:fit(row.label, label) .. GAP
      .. (bar == "" and "" or style:paint(bar, row.tone or "accent") .. " ") .. row.text
    lines[i] = length > 0 and line or style:cut(line, style.width)
  end
  return lines
end

--- The separator between labels and a chart, as wide as `GAP`.
local function edge(style)
  return style.ascii and " |" or " \226\148\130" -- │
end

--- How many labels an axis over several days has room for.
local function most_labels(low, high, cells)
  local days = math.floor(cells / DAY_WIDTH)
  local are_whole = days > 0 and high / days - low / days >= steps.DAY
  return math.max(1, are_whole and days or math.floor(cells / TIME_WIDTH))
end

--- The labels of the days below a chart of `cells` columns; nil if it shows only one.
local function day_line(low, high, gutter, cells, style)
  if high - low < SHORTEST_OF_DAYS or not steps.has_days(low, high, style.timezone) then
    return nil
  end
  local line = ""
  local most = most_labels(low, high, cells)
  for _, tick in ipairs(steps.ticks(low, high, most, style.timezone)) do
    local at = math.floor(charts.position(tick.time, low, high) * cells + 0.01)
    if at >= #line and at + #tick.text <= cells then
      line = line .. (" "):rep(at - #line) .. tick.text .. " "
    end
  end
  return (" "):rep(gutter) .. line
end

--- The lines below a chart with days, if there are several, its first time and its length. The
-- chart begins at column `gutter`, and takes `cells` columns.
local function time_lines(low, high, gutter, cells, style)
  local from = words.time(low, style.timezone)
  local length = "+ " .. format.duration((high - low) * 1000)
  local room = math.max(#GAP, cells - #from - #length)
  local lines = { day_line(low, high, gutter, cells, style) }
  if gutter + #from + room + #length > style.width then
    append(lines, style.flow({ from, length }, GAP, style.width))
  else
    lines[#lines + 1] = (" "):rep(gutter) .. from .. (" "):rep(room) .. length
  end
  return lines
end

--- Gives the names of lanes as `label`, in a quarter of the width, but half if they would look
-- alike, and returns how many columns they get.
local function label_lanes(lanes, style)
  local least, names = style.ascii and LEAST_ESCAPED or LEAST_LABEL, {}
  for i, lane in ipairs(lanes) do
    names[i] = style:name(lane.name)
  end
  local labels = short_names(names, math.max(least, math.floor(style.width / 4)),
    math.max(least, math.floor(style.width / 2)), style:mark())
  for i, lane in ipairs(lanes) do
    lane.label = labels[i]
  end
  return widest(lanes, "label")
end

--- The rank of the tone of each cell of a row of spans.
local function ranks_of(spans, low, high, cells)
  local row, ranks, position, floor, ceil = {}, {}, charts.position, math.floor, math.ceil
  for i = 1, #spans do
    local span = spans[i]
    local status = span.status or false
    local rank = ranks[status] or RANKS[charts.tone(span.status)]
    ranks[status] = rank
    -- Less than a hundredth of a cell doesn't count: it may be rounding of seconds since 1970.
    local first = floor(position(span.from, low, high) * cells + 0.01)
    local last = ceil(position(span.to, low, high) * cells - 0.01) - 1
    first = first < cells and first or cells - 1
    for cell_number = first, last > first and last or first do
      local before = row[cell_number]
      row[cell_number] = before and before < rank and before or rank
    end
  end
  return row
end

--- A row's cells as text, with one colour code per group of cells of the same colour.
local function marks_of(row, cells, style)
  local parts, first, rank = {}, 0, row[0]
  for i = 1, cells do
    if i == cells or row[i] ~= rank then
      local mark = rank and MARKS[charts.TONES[rank]]
      local character = not mark and " " or style.ascii and mark.ascii or mark.mark
      parts[#parts + 1] = style:paint(character:rep(i - first), mark and mark.paint)
      first, rank = i, row[i]
    end
  end
  return table.concat(parts)
end

local function legend(spans, style)
  local parts = {}
  for i, its in ipairs(charts.legend(spans)) do
    local mark = MARKS[its.tone]
    parts[i] = (style.ascii and mark.ascii or mark.mark) .. " " .. style:plain(its.text)
  end
  return style.flow(parts, GAP, style.width)
end

local DRAW = {}

function DRAW.bars(chart, style)
  local rows, names, fractions = {}, {}, cell.bars({ field = "value" }, chart.bars)
  for i, bar in ipairs(chart.bars) do
    names[i] = style:name(bar.label)
  end
  local labels = short_names(names, math.floor(style.width / 3), math.floor(style.width / 2),
    style:mark())
  for i, bar in ipairs(chart.bars) do
    rows[i] = { label = labels[i], fraction = fractions[i],
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

--- Lines for each lane, more than one where spans overlap. Each column is an interval of time.
function DRAW.timeline(chart, style)
  local low, high = charts.extent(chart)
  if not low then
    return {}
  end
  local lanes, lines = charts.lanes(chart.spans), {}
  local width = label_lanes(lanes, style)
  local cells = style.width - width - #GAP
  for _, lane in ipairs(lanes) do
    for i, spans in ipairs(lane.rows) do
      local label = style:fit(i == 1 and lane.label or "", width)
      lines[#lines + 1] = label .. edge(style)
        .. marks_of(ranks_of(spans, low, high, cells), cells, style)
    end
  end
  append(lines, time_lines(low, high, width + #GAP, cells, style))
  append(lines, legend(chart.spans, style))
  append(lines, style:wrap(charts.crowded(lanes) or ""))
  return lines
end

--- How many calls of a lane each column has, and how many of them failed, by its number from 1; and
-- the most calls of one.
local function columns_of(lane, shape)
  local counts, failures, most = {}, {}, 0
  for first = 0, shape.intervals - 1, shape.group do
    local count, failed = 0, 0
    for i = first, first + shape.group - 1 do
      local its = lane.cells[i]
      if its then
        count, failed = count + its.count, failed + its.failed
      end
    end
    counts[#counts + 1], failures[#counts + 1] = count, failed
    most = count > most and count or most
  end
  return counts, failures, most
end

--- A row of vertical bars, each of `width` columns: what `parts` are of `wholes`, each or all of
-- one.
local function bars_of(parts, wholes, whole, width, style)
  local bars, levels, texts, ceil = {}, style:levels(), {}, math.ceil
  for i = 1, #parts do
    local part, all = parts[i], whole or wholes[i]
    local height = part > 0 and all > 0 and ceil(part / all * levels - 1e-9) or 0
    local text = texts[height] or style:level(height):rep(width)
    bars[i], texts[height] = text, text
  end
  return table.concat(bars)
end

--- A line of counts for a lane, and one of the share of errors, if there are any.
local function add_density(lines, lane, shape, style)
  local function add(label, total, tone, bars)
    lines[#lines + 1] = style:fit(label, shape.label) .. edge(style) .. style:paint(bars, tone)
      .. GAP .. style:fit(format.count(total), shape.total, true)
  end
  local counts, failures, most = columns_of(lane, shape)
  add(lane.label, lane.total, "accent", bars_of(counts, nil, most, shape.width, style))
  if lane.failed > 0 then
    add("  errors", lane.failed, "bad", bars_of(failures, counts, nil, shape.width, style))
  end
end

--- How the columns of a density are laid out: how many intervals a column has, or how many columns
-- an interval has.
local function shape_of(lanes, intervals, style)
  local shape = { intervals = intervals, label = label_lanes(lanes, style), total = 0 }
  for _, lane in ipairs(lanes) do
    shape.total = math.max(shape.total, #format.count(lane.total))
    shape.label = lane.failed > 0 and math.max(shape.label, #"  errors") or shape.label
  end
  local room = math.max(1, style.width - shape.label - 2 * #GAP - shape.total)
  shape.group = math.ceil(intervals / room)
  shape.width = math.max(1, math.floor(room / intervals))
  shape.cells = math.ceil(intervals / shape.group) * shape.width
  return shape
end

function DRAW.density(chart, style)
  local lanes, low, _, intervals = charts.density(chart)
  if not low then
    return {}
  end
  local shape, lines = shape_of(lanes, intervals, style), {}
  for _, lane in ipairs(lanes) do
    add_density(lines, lane, shape, style)
  end
  local columns = shape.cells / shape.width
  local high = low + columns * shape.group * chart.every
  append(lines, time_lines(low, high, shape.label + #GAP, shape.cells, style))
  append(lines, style:wrap(("Each column is %s. Calls are as high as their share of the row's "
    .. "most, errors, which failed or timed out, as theirs of the calls."):format(
    charts.length(chart.every * shape.group))))
  return lines
end

--- The value of each cell: the largest of its points. A point holds until the next, or for the
-- interval that it is of.
local function values_of(points, times, cells)
  local values = {}
  local scale, rounding = cells - 1, 0.5 -- of points, the first and the last of which have a cell
  if times.every then
    scale, rounding = cells, 0.01
  end
  local function cell_of(time)
    return math.floor(charts.position(time, times.low, times.high) * scale + rounding)
  end
  for i, point in ipairs(points) do
    local first = math.min(cell_of(point.time), cells - 1)
    local to = times.every and point.time + times.every or points[i + 1] and points[i + 1].time
    local last = to and math.min(cell_of(to), cells) - 1 or first
    for j = first, point.value and math.max(first, last) or -1 do
      values[j] = math.max(values[j] or point.value, point.value)
    end
  end
  return values
end

--- The parts of each line: its label, the ends of its axis, which includes 0, and their texts; and
-- the width of the widest text.
local function plots_of(chart, style)
  local plots, labels, width = {}, {}, 0
  for i, line in ipairs(chart.lines) do
    labels[i] = style:text(line.label)
  end
  labels = short_names(labels, style.width, style.width, style:mark())
  for i, line in ipairs(chart.lines) do
    local least, most = charts.range(line.points, "value", "value", 0, 0)
    local top, bottom = cell.text(most, chart.unit), cell.text(least, chart.unit)
    plots[i] = { label = labels[i], points = line.points, least = least, most = most,
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
      local share = charts.position(values[i], plot.least, plot.most)
      height = math.max(1, math.floor(share * levels * PLOT_HEIGHT + 0.5)) -- 0 is visible, too
    end
    parts[#parts + 1] = style:level(math.min(levels, height - (row - 1) * levels))
  end
  return style:paint(table.concat(parts), "accent")
end

local function add_plot(lines, plot, width, times, cells, style)
  lines[#lines + 1] = style:paint(plot.label, "strong")
  local values = values_of(plot.points, times, cells)
  if not next(values) then
    lines[#lines + 1] = "(no data)"
    return
  end
  for row = PLOT_HEIGHT, 1, -1 do
    local value = row == PLOT_HEIGHT and plot.top or row == 1 and plot.bottom or ""
    lines[#lines + 1] = style:fit(value, width, true) .. edge(style)
      .. row_of(values, plot, row, cells, style)
  end
end

--- A small plot for each line, over the same time, each with its own axis of values.
function DRAW.line(chart, style)
  local times = { every = chart.every }
  for _, line in ipairs(chart.lines) do
    times.low, times.high = charts.range(line.points, "time", "time", times.low, times.high)
  end
  if not times.low then
    return {}
  end
  times.high = times.high + (times.every or 0)
  local plots, width = plots_of(chart, style)
  local cells, lines = style.width - width - #GAP, {}
  for _, plot in ipairs(plots) do
    add_plot(lines, plot, width, times, cells, style)
  end
  append(lines, time_lines(times.low, times.high, width + #GAP, cells, style))
  return lines
end

--- The lines that draw `chart`.
return function(chart, style)
  local lines = DRAW[chart.kind](chart, style)
  return #lines > 0 and lines or { "(no data)" }
end
