--- Timelines in text.
-- Used only by the charts in text.
local axis = require("exectrack.report.renderer.text_axis")
local cell = require("exectrack.report.cell")
local unicode = require("exectrack.report.unicode")

local GAP = "  "

-- The marks of statuses, by tone, worst first: if there are several in a cell, the worst is shown.
local MARKS = {
  { tone = "bad", mark = "X", ascii = "X" },
  { tone = "warning", mark = "!", ascii = "!" },
  { tone = "good", mark = "\226\150\136", ascii = "=" }, -- █
  { tone = "muted", mark = "\226\150\145", ascii = "-" }, -- ░
  { mark = "\226\150\146", ascii = "o" }, -- ▒, a status that isn't known
}

-- The key, in tables, for the missing status of a span.
local NO_STATUS = "other"

local function label_width(lanes, style)
  local width = 0
  for _, lane in ipairs(lanes) do
    width = math.max(width, unicode.width(lane.name))
  end
  return math.min(width, math.max(8, math.floor(style.width / 4)))
end

local function mark_of(status)
  local tone = cell.tone(status)
  for rank, mark in ipairs(MARKS) do
    if mark.tone == tone then
      return rank
    end
  end
end

--- The lanes in the order of their first spans, by number and by name.
local function lanes_of(spans, style)
  local lanes = {}
  for _, span in ipairs(spans) do
    if not lanes[span.lane] then
      local lane = { name = style:name(span.lane) }
      lanes[span.lane], lanes[#lanes + 1] = lane, lane
    end
  end
  return lanes
end

--- Gives each lane the rank of the mark of each of its cells.
local function fill(lanes, spans, low, high, cells)
  local ranks, floor, ceil, max, min = {}, math.floor, math.ceil, math.max, math.min
  -- Halved, so that the difference can't become infinite.
  local half, length = low / 2, high / 2 - low / 2
  length = length > 0 and length or 1
  for _, span in ipairs(spans) do
    local lane, status = lanes[span.lane], span.status or NO_STATUS
    local rank = ranks[status] or mark_of(span.status)
    ranks[status] = rank
    -- Less than a hundredth of a cell doesn't count: it may be rounding of seconds since 1970.
    local first = min(floor((span.from / 2 - half) / length * cells + 0.01), cells - 1)
    local last = ceil((span.to / 2 - half) / length * cells - 0.01) - 1
    for i = first, max(first, last) do
      local shown = lane[i]
      lane[i] = shown and shown < rank and shown or rank
    end
  end
end

--- A lane's cells as text, with one colour code per group of cells of the same colour.
local function cells_of(lane, cells, style)
  local parts, i = {}, 0
  while i < cells do
    local mark, first = MARKS[lane[i]], i
    repeat
      i = i + 1
    until i == cells or MARKS[lane[i]] ~= mark
    local character = not mark and " " or style.ascii and mark.ascii or mark.mark
    parts[#parts + 1] = style:paint(character:rep(i - first), mark and mark.tone)
  end
  return table.concat(parts)
end

--- The statuses of each mark, in the order of the spans; "other" for unknown ones.
local function statuses_of(spans)
  local statuses, seen = {}, {}
  for _, span in ipairs(spans) do
    local status = span.status or NO_STATUS
    if not seen[status] then
      local rank = mark_of(span.status)
      local name = MARKS[rank].tone and status or "other"
      seen[status] = true
      if name ~= "other" or not statuses[rank] then
        statuses[rank] = statuses[rank] and statuses[rank] .. ", " .. name or name
      end
    end
  end
  return statuses
end

local function legend(spans, style)
  local statuses, parts = statuses_of(spans), {}
  for rank, mark in ipairs(MARKS) do
    if statuses[rank] then
      parts[#parts + 1] = (style.ascii and mark.ascii or mark.mark) .. " " .. statuses[rank]
    end
  end
  return style.flow(parts, GAP, style.width)
end

--- A line for each lane. Each column of the terminal is an interval of time.
return function(chart, style)
  local low, high = axis.range(chart.spans, "from", "to")
  if not low then
    return {}
  end
  local lanes, lines = lanes_of(chart.spans, style), {}
  local width = label_width(lanes, style)
  local cells = style.width - width - #GAP
  fill(lanes, chart.spans, low, high, cells)
  for i, lane in ipairs(lanes) do
    lines[i] = style:fit(lane.name, width) .. axis.edge(style) .. cells_of(lane, cells, style)
  end
  for _, below in ipairs { axis.times(low, high, width + #GAP, style),
      legend(chart.spans, style) } do
    for _, line in ipairs(below) do
      lines[#lines + 1] = line
    end
  end
  return lines
end
