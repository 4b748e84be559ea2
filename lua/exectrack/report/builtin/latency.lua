--- How long calls take.
local duration_buckets = require("exectrack.report.parts.duration_buckets")
local extent = require("exectrack.report.parts.extent")
local format = require("exectrack.report.format")
local checks = require("exectrack.options")
local over_time = require("exectrack.report.parts.over_time")
local report_options = require("exectrack.report.parts.report_options")
local sort_rows = require("exectrack.report.parts.sort_rows")
local words = require("exectrack.report.parts.words")

-- How many tools to show at first, and how many to name in a sentence.
local MOST_ROWS, MOST_NAMES = 50, 5

local FIELDS = report_options {
  { "top", checks.integer(0), default = 5 },
}

-- The executions that show how long a tool takes: without those that a cache answered, that were
-- cancelled, or that may have waited for a person.
local ENDED = { "success", "failed", "timed_out" }
local TIMED = { was_cached = false, status = ENDED, timing = "measured" }
local NOT_TIMED = { was_cached = false, status = ENDED, timing = { "elapsed", "untimed" } }

--- A sentence about the executions of a run that aren't in `timed`.
local function left_out(snapshot, timed)
  local cached = snapshot:summary({ quantiles = {} }).cached_hits
  local asked = snapshot:filter { was_cached = false }:summary { quantiles = {} }
  local unmeasured = asked.count - asked.cancelled - #timed
  local cancelled, parts = asked.cancelled, {}
  if cached > 0 then
    parts[1] = words.counted(cached, "call") .. " that a cache answered"
  end
  if cancelled > 0 then
    parts[#parts + 1] = words.counted(cancelled, "cancelled call")
  end
  if unmeasured > 0 then
    parts[#parts + 1] = words.counted(unmeasured, "call") .. " that "
      .. (unmeasured == 1 and "wasn't" or "weren't") .. " measured"
  end
  return #parts > 0 and "Left out: " .. table.concat(parts, ", ") .. "." or nil
end

--- A sentence about the tools of which no call was measured; nil if there are none, or no others.
local function unknown(snapshot, rows)
  local is_timed, names = {}, {}
  for _, row in ipairs(rows) do
    is_timed[row.tool] = true
  end
  for _, row in ipairs(snapshot:filter(NOT_TIMED):group_by("tool", { quantiles = {} })) do
    names[#names + 1] = not is_timed[row.tool] and format.name(row.tool) or nil
  end
  table.sort(names)
  return #rows > 0 and #names > 0 and ("No call of %s was measured."):format(
    words.listed(names, MOST_NAMES)) or nil
end

--- The quantiles of all tools together.
local function totals(timed)
  return {
    title = "All tools together",
    layout = "figures",
    columns = {
      { field = "count", heading = "Calls", unit = "count" },
      { field = "p50_duration_ms", heading = "p50", unit = "ms" },
      { field = "p90_duration_ms", heading = "p90", unit = "ms" },
      { field = "p95_duration_ms", heading = "p95", unit = "ms" },
      { field = "p99_duration_ms", heading = "p99", unit = "ms" },
      { field = "max_duration_ms", heading = "Max", unit = "ms" },
    },
    rows = { timed:summary() },
  }
end

local function by_tool(rows, note)
  local text = "Of 100 calls, 95 took no longer than p95. Tools in the order of the time that they "
    .. "took in all."
  return {
    title = "By tool",
    text = note and text .. "\n\n" .. note or text,
    limit = MOST_ROWS,
    noun = "tools",
    columns = {
      { field = "tool", heading = "Tool", unit = "name" },
      { field = "count", heading = "Calls", unit = "count" },
      { field = "min_duration_ms", heading = "Min", unit = "ms", priority = 7 },
      { field = "p50_duration_ms", heading = "p50", unit = "ms", priority = 2 },
      { field = "p90_duration_ms", heading = "p90", unit = "ms", priority = 6 },
      { field = "p95_duration_ms", heading = "p95", unit = "ms" },
      { field = "p99_duration_ms", heading = "p99", unit = "ms", priority = 5 },
      { field = "max_duration_ms", heading = "Max", unit = "ms", priority = 3 },
      { field = "avg_duration_ms", heading = "Mean", unit = "ms", priority = 4 },
      { field = "total_duration_ms", heading = "Total", unit = "ms", bar = true,
        priority = 2 },
    },
    rows = rows,
  }
end

--- p50 and p95 of all tools over time; nil if all calls ended in one interval, or all are undated.
local function durations_over_time(timed, zone)
  local chart, length = over_time(timed, "ms", { { "p50", "p50_duration_ms" },
    { "p95", "p95_duration_ms" } }, { 0.5, 0.95 }, zone)
  return chart and {
    title = "Over time",
    text = ("All tools together, in intervals of %s by when calls ended."):format(length),
    chart = chart,
  }
end

local function of_tool(timed, row)
  return {
    title = "Durations of " .. format.name(row.tool),
    text = ("p50 %s, p95 %s. %s, %s in all."):format(format.duration(row.p50_duration_ms),
      format.duration(row.p95_duration_ms), words.counted(row.count, "call"),
      format.duration(row.total_duration_ms)),
    chart = { kind = "histogram", unit = "ms",
      buckets = duration_buckets(timed:filter({ tool = row.tool }):column("duration_ms")) },
  }
end

--- Makes a report of how long calls take. Those that a cache answered, that were cancelled or that
-- weren't measured are left out.
return function(snapshot, options)
  checks.check("latency", snapshot, checks.snapshot)
  local chosen = checks.check("latency", options, FIELDS)
  local timed = snapshot:filter(TIMED)
  local rows = sort_rows(timed:group_by("tool"), { "total_duration_ms" }, { "tool" })
  local note = words.joined(left_out(snapshot, timed), unknown(snapshot, rows))
  local report = { title = words.title("Latency", snapshot, chosen.name),
    subtitle = extent(snapshot, chosen) }
  if #timed == 0 then
    report.sections = { { title = "By tool",
      text = "No calls to time." .. (note and " " .. note or "") } }
    return report
  end
  report.sections = { by_tool(rows, note), durations_over_time(timed, chosen.timezone) }
  if rows[2] then
    table.insert(report.sections, 2, totals(timed))
  end
  for i = 1, math.min(chosen.top, #rows) do
    table.insert(report.sections, of_tool(timed, rows[i]))
  end
  return report
end
