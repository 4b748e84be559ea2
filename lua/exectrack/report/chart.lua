--- What charts are in text and in HTML alike: their lanes, tones and legends.
-- Used only by the renderers.
local cell = require("exectrack.report.cell")
local format = require("exectrack.report.format")
local short_names = require("exectrack.report.short_names")
local steps = require("exectrack.report.steps")
local unicode = require("exectrack.report.unicode")

local M = {}

-- The tones of what is drawn, in the order of legends. If a place is drawn once for several, the
-- first of their tones is shown.
M.TONES = { "bad", "warning", "flight", "good", "muted", "plain" }

local STATUSES_NAMED = 4 -- of each tone, in a legend
local STATUS_WIDTH = 24 -- in columns
local MOST_LANES = 16 -- with more, a chart is unreadable
local MOST_ROWS = 4 -- of a lane
local NO_STATUS = "other"
local ELLIPSIS = "\226\128\166"

--- The tone of a status: that of a cell of a table, but `"flight"` for what is in flight, and
-- `"plain"` for what isn't known.
function M.tone(status)
  return status == "in_flight" and "flight" or cell.tone(status) or "plain"
end

--- `text`, made visible, and cut with an ellipsis if it is wider than `width` columns.
function M.short(text, width)
  return unicode.cut(unicode.visible(text), width, ELLIPSIS)
end

--- Visible texts, cut to `width` columns so that those that differ still do.
function M.labels(texts, width)
  return short_names(texts, width, width, ELLIPSIS)
end

--- The statuses in words, in the order of these, whichever came first.
local function named(statuses)
  table.sort(statuses)
  local names = {}
  for i = 1, math.min(#statuses, STATUSES_NAMED) do
    names[i] = unicode.visible(statuses[i])
  end
  names = M.labels(names, STATUS_WIDTH)
  if #statuses > STATUSES_NAMED then
    names[#names + 1] = ("%d more"):format(#statuses - STATUSES_NAMED)
  end
  return table.concat(names, ", ")
end

--- The legend of spans: `{ tone =, text = }`, the text with the statuses in words.
function M.legend(spans)
  local by_tone, seen, legend = {}, {}, {}
  for i = 1, #spans do
    local span = spans[i]
    local status = span.status or ""
    if not seen[status] then
      local tone = M.tone(span.status)
      local list = by_tone[tone] or {}
      list[#list + 1] = status == "" and NO_STATUS or cell.status(status)
      by_tone[tone], seen[status] = list, true
    end
  end
  for _, tone in ipairs(M.TONES) do
    legend[#legend + 1] = by_tone[tone] and { tone = tone, text = named(by_tone[tone]) } or nil
  end
  return legend
end

--- Where a value is between `low`, 0, and `high`, 1. Halved, so that no difference becomes
-- infinite.
function M.position(value, low, high)
  local length = high / 2 - low / 2
  local position = length > 0 and (value / 2 - low / 2) / length or 0
  return position > 0 and (position < 1 and position or 1) or 0
end

--- The least `from` and the largest `to` of the elements that have them, and of `low` and `high` if
-- given; nil if there are none.
function M.range(elements, from, to, low, high)
  for i = 1, #elements do -- of which there may be many, as of spans below
    local first, last = elements[i][from], elements[i][to]
    if first then
      low = low and low <= first and low or first
      high = high and high >= last and high or last
    end
  end
  return low, high
end

--- The first and the last time of a timeline.
function M.extent(chart)
  local low, high = M.range(chart.spans, "from", "to")
  return chart.from and low and math.min(chart.from, high) or low, high
end

local function are_in_order(spans)
  for i = 2, #spans do
    if spans[i].from < spans[i - 1].from then
      return false
    end
  end
  return true
end

--- Spans by when they start; those that start together stay in their order. Numbers are sorted much
-- faster than spans would be.
local function in_order(spans)
  local starts, first, last, next_of, sorted = {}, {}, {}, {}, {}
  for i, span in ipairs(spans) do
    local start = span.from
    if first[start] then
      next_of[last[start]] = i
    else
      first[start], starts[#starts + 1] = i, start
    end
    last[start] = i
  end
  table.sort(starts)
  for _, start in ipairs(starts) do
    local i = first[start]
    while i do
      sorted[#sorted + 1], i = spans[i], next_of[i]
    end
  end
  return sorted
end

-- Times are fractions of seconds since 1970, which aren't exact to the microsecond.
local INEXACT = 1e-6

--- Puts each span in the first row of its lane that is free when it starts, or in the last if none
-- is and there are no more.
local function fill_rows(lane)
  local ends, rows = {}, lane.rows
  for i = 1, #lane.spans do
    local span, row = lane.spans[i], 1
    local from = span.from + INEXACT
    while row < MOST_ROWS and ends[row] and ends[row] > from do
      row = row + 1
    end
    local last, spans = ends[row], rows[row] or {}
    if last and last > from then
      lane.shared = lane.shared + 1
    end
    rows[row], spans[#spans + 1] = spans, span
    ends[row] = last and last > span.to and last or span.to
  end
end

--- The lanes of elements, in the order in which these come, and by the name of each element's; the
-- last ones share one if they are too many. `new` makes one with a `name`.
local function lanes_of(elements, new)
  local names, lanes, by_name = {}, {}, {}
  for i = 1, #elements do
    local name = elements[i].lane
    if not by_name[name] then
      by_name[name], names[#names + 1] = true, name
    end
  end
  for i, name in ipairs(names) do
    local is_other = #names > MOST_LANES and i >= MOST_LANES
    local shown = is_other and ("(%d other tools)"):format(#names - MOST_LANES + 1) or name
    local place = math.min(i, MOST_LANES)
    lanes[place] = lanes[place] or new(shown)
    by_name[name] = lanes[place]
  end
  return lanes, by_name
end

--- The lanes of spans, the last of which has those of all others if they would be too many: the
-- `name` of each, its `rows`, each with spans that don't overlap, and how many spans are in the
-- last row although they do, as `shared`.
function M.lanes(spans)
  local lanes, by_name = lanes_of(spans, function(name)
    return { name = name, spans = {}, rows = {}, shared = 0 }
  end)
  for i = 1, #spans do
    local its = by_name[spans[i].lane].spans
    its[#its + 1] = spans[i]
  end
  for _, lane in ipairs(lanes) do
    if not are_in_order(lane.spans) then -- as those of most tools are
      lane.spans = in_order(lane.spans)
    end
    fill_rows(lane)
  end
  return lanes
end

--- A sentence about lanes with more at once than they have rows, or nil.
function M.crowded(lanes)
  local count = 0
  for _, lane in ipairs(lanes) do
    count = count + lane.shared
  end
  return count > 0 and ("More than %d at once: %s drawn over others."):format(MOST_ROWS,
    count == 1 and "1 is" or format.count(count) .. " are") or nil
end

--- The lanes of a density, at most as many: the `name` of each, its `total`, how many of these
-- `failed`, and its `cells` by their number from 0. And the first time, the last, and how many
-- intervals these are.
function M.density(chart)
  local lanes, by_name = lanes_of(chart.cells, function(name)
    return { name = name, cells = {}, total = 0, failed = 0 }
  end)
  local low, last = M.range(chart.cells, "time", "time")
  for _, its in ipairs(chart.cells) do
    local lane = by_name[its.lane]
    local i = math.floor((its.time - low) / chart.every + 0.5)
    local failed, cells = its.failed or 0, lane.cells[i] or { count = 0, failed = 0 }
    cells.count, cells.failed = cells.count + its.count, cells.failed + failed
    lane.cells[i], lane.total, lane.failed = cells, lane.total + its.count, lane.failed + failed
  end
  return lanes, low, low and last + chart.every,
    low and math.floor((last - low) / chart.every + 0.5) + 1
end

--- The length of an interval of a density, as text.
function M.length(seconds)
  local unit = seconds < 60 and 1 or seconds < 3600 and 60 or seconds < 86400 and 3600 or 86400
  local is_whole = seconds >= 1 and seconds % unit == 0
  return is_whole and steps.text(seconds) or format.duration(seconds * 1000)
end

return M
