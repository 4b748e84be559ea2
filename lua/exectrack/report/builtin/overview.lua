--- The overview of a run.
local cache_columns = require("exectrack.report.parts.columns").of_caches
local executions = require("exectrack.report.parts.executions")
local first_rows = require("exectrack.report.parts.first_rows")
local format = require("exectrack.report.format")
local in_flight = require("exectrack.report.parts.in_flight")
local health = require("exectrack.report.parts.health")
local known_columns = require("exectrack.report.parts.columns").known
local measure_columns = require("exectrack.report.parts.columns").of_measures
local measured = require("exectrack.report.parts.measured")
local checks = require("exectrack.options")
local sessions = require("exectrack.report.parts.sessions")
local slowest = require("exectrack.report.parts.slowest")
local sort_rows = require("exectrack.report.parts.sort_rows")
local timeline = require("exectrack.report.parts.timeline")
local words = require("exectrack.report.parts.words")

local MOST_TOOLS = 50

-- What a filter leaves as it is.
local WHOLE_RUN = "Of the whole run, not only of the chosen part."

local FIELDS = checks.fields {
  { "top", checks.integer(0), default = 5 },
  { "timeline", checks.integer(0), default = 200 },
}

local function cached_rate(row)
  return row.count > 0 and row.cached_hits / row.count or nil
end

--- The figures that every run has, and those about executions that weren't measured, if there are
-- any.
local function total_columns(snapshot, summary)
  local columns = {
    { field = "count", heading = "Executions", unit = "count" },
    { field = "error_rate", heading = "Error rate", unit = "percent" },
    { field = "failed", heading = "Failed", unit = "count" },
    { field = "timed_out", heading = "Timed out", unit = "count" },
    { field = "cancelled", heading = "Cancelled", unit = "count" },
    { field = "cached_rate", heading = "From the cache", unit = "percent" },
    { field = "total_duration_ms", heading = "Time in tools", unit = "ms" },
    { field = "p50_duration_ms", heading = "Median", unit = "ms" },
    { field = "p95_duration_ms", heading = "p95", unit = "ms" },
    { field = "max_duration_ms", heading = "Longest", unit = "ms" },
  }
  if summary.untimed > 0 then
    columns[#columns + 1] = { field = "untimed", heading = "Untimed", unit = "count" }
  end
  if summary.elapsed > 0 then
    columns[#columns + 1] = { field = "elapsed", heading = "Timed with waiting", unit = "count" }
    columns[#columns + 1] = { field = "elapsed_ms", heading = "Time with waiting", unit = "ms" }
  end
  return cache_columns(snapshot, columns)
end

local function totals(snapshot, summary)
  summary.cached_rate = cached_rate(summary)
  local rows = measured.without_unknown_totals { summary }
  return {
    title = "Totals",
    text = measured.note(summary),
    layout = "figures",
    columns = measure_columns(snapshot, rows,
      known_columns(total_columns(snapshot, summary), rows)),
    rows = rows,
  }
end

--- The rows of `group_by` by tool; those that took most time come first, then the most frequent.
local function tools_of(snapshot)
  local rows = snapshot:group_by("tool", { quantiles = { 0.5, 0.95 } })
  for _, row in ipairs(rows) do
    row.cached_rate = cached_rate(row)
  end
  sort_rows(rows, { "total_duration_ms", "count" }, { "tool" })
  return measured.without_unknown_totals(rows)
end

local function by_tool_section(snapshot, by_tool)
  local rows, note = first_rows(by_tool, MOST_TOOLS, "tools")
  return {
    title = "By tool",
    text = "All calls, cached and cancelled ones included." .. (note and " " .. note or ""),
    columns = measure_columns(snapshot, rows, known_columns(cache_columns(snapshot, {
      { field = "tool", heading = "Tool" },
      { field = "count", heading = "Calls", unit = "count" },
      { field = "error_rate", heading = "Errors", unit = "percent" },
      { field = "cached_rate", heading = "Cached", unit = "percent" },
      { field = "p50_duration_ms", heading = "p50", unit = "ms" },
      { field = "p95_duration_ms", heading = "p95", unit = "ms" },
      { field = "max_duration_ms", heading = "Max", unit = "ms" },
      { field = "total_duration_ms", heading = "Total", unit = "ms", bar = true },
    }), rows)),
    rows = rows,
  }
end

local function timeline_section(snapshot, n, by_tool)
  local records, names = snapshot:filter({ last = n }):records(), {}
  for i, row in ipairs(by_tool) do
    names[i] = row.tool
  end
  local chart, note = timeline(records, names)
  local newest = #records < #snapshot and ("The newest %s."):format(words.counted(n, "execution"))
    or nil
  return { title = "Timeline", text = words.joined(newest, note), chart = chart }
end

--- Adds the slowest executions, unless none was measured.
local function add_slowest(sections, snapshot, n, summary)
  local records = slowest(snapshot, n)
  if #records > 0 then
    local section = executions("Slowest", snapshot, records)
    section.text = measured.note(summary)
    sections[#sections + 1] = section
  end
end

local function add_executions(sections, snapshot, chosen, summary, by_tool)
  if chosen.timeline > 0 then
    sections[#sections + 1] = timeline_section(snapshot, chosen.timeline, by_tool)
  end
  if chosen.top > 0 then
    add_slowest(sections, snapshot, chosen.top, summary)
    sections[#sections + 1] = executions("Most recent", snapshot,
      snapshot:recent_executions(chosen.top))
  end
end

local function add_denials(sections, snapshot)
  local denials, overflowed = snapshot:denials()
  if #denials == 0 and overflowed == 0 then
    return
  end
  sections[#sections + 1] = {
    title = "Denied by a policy",
    text = WHOLE_RUN .. (overflowed > 0
      and (" Besides these, %s for which there was no room in the list.")
        :format(words.counted(overflowed, "denial")) or ""),
    columns = {
      { field = "tool", heading = "Tool" },
      { field = "reason", heading = "Reason" },
      { field = "count", heading = "Denied", unit = "count" },
      { field = "last_timestamp", heading = "Last", unit = "time" },
    },
    rows = denials,
  }
end

--- Makes an overview of a run: its figures, what stands out, and its tools.
return function(snapshot, options)
  checks.check("overview", snapshot, checks.snapshot)
  local chosen = checks.check("overview", options, FIELDS)
  local summary, by_tool = snapshot:summary { quantiles = { 0.5, 0.95 } }, tools_of(snapshot)
  local flight = in_flight.section(snapshot, WHOLE_RUN)
  local has_died = in_flight.has_died(snapshot)
  local sections = { totals(snapshot, summary) }
  sections[#sections + 1] = has_died and flight or nil
  sections[#sections + 1] = health(snapshot, by_tool)
  if #snapshot > 0 then
    sections[#sections + 1] = by_tool_section(snapshot, by_tool)
    sections[#sections + 1] = sessions(snapshot)
    add_executions(sections, snapshot, chosen, summary, by_tool)
  end
  add_denials(sections, snapshot)
  sections[#sections + 1] = not has_died and flight or nil
  return {
    title = snapshot:label() == "" and "Run" or format.name(snapshot:label()),
    subtitle = words.extent(snapshot),
    sections = sections,
  }
end
