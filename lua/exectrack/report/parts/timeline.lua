--- Charts of when executions ran: of the newest, one by one, and of a whole run, as counts.
-- Used only by the built-in reports.
local by_time = require("exectrack.report.parts.by_time")
local deaths = require("exectrack.report.parts.deaths")
local words = require("exectrack.report.parts.words")

local M = {}

local MOST_INTERVALS = 60

--- The list that `by_key` has for `key`.
local function list_of(by_key, key)
  by_key[key] = by_key[key] or {}
  return by_key[key]
end

--- The elements that each of `tools` has, with a lane for each tool, in the order of these.
local function in_lanes(tools, by_tool)
  local list = {}
  for _, tool in ipairs(tools) do
    for _, element in ipairs(by_tool[tool] or {}) do
      element.lane = tool
      list[#list + 1] = element
    end
  end
  return list
end

--- The spans of records by tool; when the first begins; and how many records have no time, and with
-- one, how many are of each timing.
local function spans_of(records)
  local by_tool, first = {}, nil
  local counts = { measured = 0, elapsed = 0, at_death = 0, untimed = 0, undated = 0 }
  for i = 1, #records do
    local record = records[i]
    local to, timing = record.timestamp, record.timing or "measured"
    if to then
      local from = to - (record.duration_ms or 0) / 1000
      local spans = list_of(by_tool, record.tool)
      spans[#spans + 1] = { from = from, to = to, status = record.status,
        label = record.error_type, untimed = timing == "untimed" or nil }
      first = first and first < from and first or from
      timing = deaths.is_one(record) and "at_death" or timing
      counts[timing] = counts[timing] + 1
    else
      counts.undated = counts.undated + 1
    end
  end
  return by_tool, first, counts
end

--- Adds what is in flight, as long as is known of it, unless that ends before the `first` record.
local function add_in_flight(spans, in_flight, first)
  for _, row in ipairs(in_flight) do
    local to = row.started + (row.elapsed_ms or 0) / 1000
    if to >= (first or to) then
      table.insert(list_of(spans, row.tool), { from = row.started, to = to, status = "in_flight" })
    end
  end
end

--- Sentences about executions that aren't in the chart, or about which it can't tell all; or nil.
local function notes(counts)
  local waiting, untimed, undated = counts.elapsed, counts.untimed, counts.undated
  return words.joined(
    waiting > 0 and ("%s may have waited for a person within the time shown."):format(
      words.counted(waiting, "execution")) or nil,
    untimed > 0 and ("%s of unknown duration %s only when %s ended."):format(
      words.counted(untimed, "execution"), untimed == 1 and "shows" or "show",
      untimed == 1 and "it" or "they") or nil,
    undated > 0 and ("Left out: %s without a time."):format(words.counted(undated, "execution"))
      or nil)
end

--- The chart of `records` and of what is `in_flight`, as `in_flight.listed` returns it or nil; with
-- a lane for each tool, in the order of the names `tools`; nil if all are undated. It begins with
-- the first of the records, even if what is in flight began earlier. And sentences about what isn't
-- in the chart, or can't be told from it, or nil.
function M.newest(records, tools, in_flight)
  local spans, first, counts = spans_of(records)
  add_in_flight(spans, in_flight or {}, first)
  local chart = { kind = "timeline", from = in_flight and in_flight[1] and first,
    spans = in_lanes(tools, spans) }
  return #chart.spans > 0 and chart or nil, notes(counts)
end

--- How many executions of each tool ended in each interval of a run, and how many of these failed
-- or timed out, with the same lanes as above; nil if all are undated, or ended in one interval.
-- Intervals begin at round times of a zone.
function M.whole(snapshot, tools, zone)
  local rows, every, starts = by_time(snapshot, "tool", MOST_INTERVALS, {}, zone)
  if not rows or #starts == 1 then
    return nil
  end
  local by_tool = {}
  for _, row in ipairs(rows) do
    local cells = list_of(by_tool, row.tool)
    cells[#cells + 1] = { time = row.bucket, count = row.count,
      failed = row.failed + row.timed_out }
  end
  return { kind = "density", every = every, cells = in_lanes(tools, by_tool) }
end

return M
