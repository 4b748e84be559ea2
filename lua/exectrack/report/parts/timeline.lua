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

local function add_span(spans, tool, from, to, status, label)
  spans[tool] = spans[tool] or {}
  table.insert(spans[tool], { from = from, to = to, status = status, label = label })
end

--- The spans of records by tool, and when the first begins and the last ends.
local function spans_of(records)
  local spans, first, last = {}, nil, nil
  for _, record in ipairs(records) do
    if record.timestamp then
      local from = record.timestamp - (record.duration_ms or 0) / 1000
      add_span(spans, record.tool, from, record.timestamp, record.status, record.error_type)
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
    add_span(spans, row.tool, row.started, last, "in_flight")
  end
end

--- A sentence about executions that aren't in the chart, or nil.
local function left_out(records)
  local undated = 0
  for _, record in ipairs(records) do
    undated = undated + (record.timestamp and 0 or 1)
  end
  return undated > 0 and "Left out: " .. words.counted(undated, "execution") .. " without a time."
    or nil
end

--- A sentence about executions whose time in the chart may not all be the tool's, or nil.
local function waiting(records)
  local count = 0
  for _, record in ipairs(records) do
    count = count + (record.timestamp and record.timing == "elapsed" and 1 or 0)
  end
  return count > 0 and ("%s may have waited for a person within the time shown.")
    :format(words.counted(count, "execution")) or nil
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
  return #chart.spans > 0 and chart or nil, words.joined(waiting(records), left_out(records))
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
