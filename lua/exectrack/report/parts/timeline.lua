--- A chart of when executions ran.
-- Used only by the built-in reports.
local words = require("exectrack.report.parts.words")

-- With more lanes, a chart is unreadable.
local MOST_LANES = 16

local function by_tool(records)
  local lists = {}
  for _, record in ipairs(records) do
    local list = lists[record.tool] or {}
    list[#list + 1] = record.timestamp and record or nil
    lists[record.tool] = list
  end
  return lists
end

local function span(record, lane)
  return { lane = lane, from = record.timestamp - (record.duration_ms or 0) / 1000,
    to = record.timestamp, status = record.status, label = record.error_type }
end

--- A sentence about executions that aren't in the chart, or nil.
local function left_out(records, drawn)
  local undated = #records - drawn
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

--- The chart of `records`, with a lane for each tool, in the order of the names `tools`; nil if all
-- are undated. If there are too many, the last tools share one lane. And sentences about what isn't
-- in the chart, or can't be told from it, or nil.
return function(records, tools)
  local lists, used, spans = by_tool(records), {}, {}
  for _, tool in ipairs(tools) do
    used[#used + 1] = lists[tool] and #lists[tool] > 0 and tool or nil
  end
  for i, tool in ipairs(used) do
    local shares = #used > MOST_LANES and i >= MOST_LANES
    local lane = shares and ("(%d other tools)"):format(#used - MOST_LANES + 1) or tool
    for _, record in ipairs(lists[tool]) do
      spans[#spans + 1] = span(record, lane)
    end
  end
  return #spans > 0 and { kind = "timeline", spans = spans } or nil,
    words.joined(waiting(records), left_out(records, #spans))
end
