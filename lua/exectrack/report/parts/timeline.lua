--- Charts of when executions ran: of the newest, one by one, and of a whole run, as counts.
-- Used only by the built-in reports.
local steps = require("exectrack.report.steps")
local words = require("exectrack.report.parts.words")

local M = {}

-- With more lanes, a chart is unreadable.
local MOST_LANES = 16

local MOST_INTERVALS = 60

--- The lane of each tool, for those of `tools` that are used: the last ones share one if there are
-- too many.
local function lanes_of(tools, is_used)
  local used, lanes = {}, {}
  for _, tool in ipairs(tools) do
    used[#used + 1] = is_used[tool] and tool or nil
  end
  for i, tool in ipairs(used) do
    lanes[tool] = #used > MOST_LANES and i >= MOST_LANES
      and ("(%d other tools)"):format(#used - MOST_LANES + 1) or tool
  end
  return used, lanes
end

local function add_span(spans, tool, span)
  spans[tool] = spans[tool] or {}
  table.insert(spans[tool], span)
end

--- The spans of records by tool, and when the first begins and the last ends.
local function spans_of(records)
  local spans, first, last = {}, nil, nil
  for _, record in ipairs(records) do
    if record.timestamp then
      local from = record.timestamp - (record.duration_ms or 0) / 1000
      add_span(spans, record.tool, { from = from, to = record.timestamp, status = record.status,
        label = record.error_type, untimed = record.timing == "untimed" or nil })
      first, last = math.min(first or from, from), math.max(last or from, record.timestamp)
    end
  end
  return spans, first, last
end

--- Adds what is in flight, which is drawn to the end of the run.
local function add_in_flight(spans, in_flight, last)
  for _, row in ipairs(in_flight) do
    last = math.max(last or row.started, row.started + row.elapsed_ms / 1000)
  end
  for _, row in ipairs(in_flight) do
    add_span(spans, row.tool, { from = row.started, to = last, status = "in_flight" })
  end
end

--- How many of the records that have a time, or of those that have none, are of this timing, if
-- one is given.
local function count_of(records, has_time, timing)
  local count = 0
  for _, record in ipairs(records) do
    local is_dated = record.timestamp and true or false
    local counts = is_dated == has_time and (not timing or record.timing == timing)
    count = count + (counts and 1 or 0)
  end
  return count
end

--- Sentences about executions that aren't in the chart, or about which it can't tell all; or nil.
local function notes(records)
  local waiting, untimed = count_of(records, true, "elapsed"), count_of(records, true, "untimed")
  local undated = count_of(records, false)
  return words.joined(
    waiting > 0 and ("%s may have waited for a person within the time shown."):format(
      words.counted(waiting, "execution")) or nil,
    untimed > 0 and ("%s of unknown duration %s only when %s ended."):format(
      words.counted(untimed, "execution"), untimed == 1 and "shows" or "show",
      untimed == 1 and "it" or "they") or nil,
    undated > 0 and ("Left out: %s without a time."):format(words.counted(undated, "execution"))
      or nil)
end

--- The chart of `records` and of what is `in_flight`, rows of `Snapshot:in_flight` or nil, with a
-- lane for each tool, in the order of the names `tools`; nil if all are undated. It begins with the
-- first of the records, even if what is in flight began earlier. And sentences about what isn't in
-- the chart, or can't be told from it, or nil.
function M.newest(records, tools, in_flight)
  local spans, first, last = spans_of(records)
  add_in_flight(spans, in_flight or {}, last)
  local used, lanes = lanes_of(tools, spans)
  local chart = { kind = "timeline", from = in_flight and in_flight[1] and first, spans = {} }
  for _, tool in ipairs(used) do
    for _, span in ipairs(spans[tool]) do
      span.lane = lanes[tool]
      chart.spans[#chart.spans + 1] = span
    end
  end
  return #chart.spans > 0 and chart or nil, notes(records)
end

--- How many executions of each tool ended in each interval of a run, and how many of these failed
-- or timed out, with the same lanes as above; nil if all are undated, or ended in one interval.
function M.whole(snapshot, tools)
  local summary = snapshot:summary { quantiles = {} }
  if not summary.first_timestamp then
    return nil
  end
  local every = steps.interval(summary.first_timestamp, summary.last_timestamp, MOST_INTERVALS)
  local by_tool, chart = {}, { kind = "density", every = every, cells = {} }
  for _, row in ipairs(snapshot:group_by("tool", { every = every, quantiles = {} })) do
    by_tool[row.tool] = by_tool[row.tool] or {}
    table.insert(by_tool[row.tool], { time = row.bucket, count = row.count,
      failed = row.failed + row.timed_out })
  end
  local used, lanes = lanes_of(tools, by_tool)
  for _, tool in ipairs(used) do
    for _, its in ipairs(by_tool[tool]) do
      its.lane = lanes[tool]
      chart.cells[#chart.cells + 1] = its
    end
  end
  local first, last = summary.first_timestamp, summary.last_timestamp
  return math.floor(first / every) < math.floor(last / every) and chart or nil
end

return M
