--- The overview of a run.
local busy_part = require("exectrack.report.parts.busy_part")
local checks = require("exectrack.options")
local columns_of = require("exectrack.report.parts.columns")
local deaths = require("exectrack.report.parts.deaths")
local denials = require("exectrack.report.parts.denials")
local executions = require("exectrack.report.parts.executions")
local extent = require("exectrack.report.parts.extent")
local format = require("exectrack.report.format")
local health = require("exectrack.report.parts.health")
local in_flight = require("exectrack.report.parts.in_flight")
local lifetime_of = require("exectrack.report.parts.lifetime")
local measured = require("exectrack.report.parts.measured")
local report_options = require("exectrack.report.parts.report_options")
local sessions = require("exectrack.report.parts.sessions")
local slowest = require("exectrack.report.parts.slowest")
local sort_rows = require("exectrack.report.parts.sort_rows")
local time_spent = require("exectrack.report.parts.time_spent")
local timeline = require("exectrack.report.parts.timeline")
local words = require("exectrack.report.parts.words")

local MOST_TOOLS = 50

local FIELDS = report_options {
  { "top", checks.integer(0), default = 5 },
  { "timeline", checks.integer(0), default = 200 },
}

local function cached_rate(row)
  return row.count > 0 and row.cached_hits / row.count or nil
end

--- A column of durations, which are unknown of executions that weren't measured.
local function duration(field, heading, priority)
  return { field = field, heading = heading, unit = "ms", priority = priority, none = "unknown",
    none_counts = "count" }
end

-- The figures that every run has.
local TOTALS = {
  { field = "count", heading = "Executions", unit = "count" },
  { field = "error_rate", heading = "Error rate", unit = "percent" },
  { field = "failed", heading = "Failed", unit = "count" },
  { field = "timed_out", heading = "Timed out", unit = "count" },
  { field = "cancelled", heading = "Cancelled", unit = "count" },
  { field = "cached_rate", heading = "From the cache", unit = "percent" },
  duration("wall_ms", "Wall time"),
  duration("total_duration_ms", "Time in tools"),
  { field = "total_at_most_ms", heading = "Time in tools, at most", unit = "ms" },
  duration("p50_duration_ms", "Median"),
  duration("p95_duration_ms", "p95"),
  duration("max_duration_ms", "Longest"),
}

--- Those, and those about executions that weren't measured or are in flight, if there are any.
local function total_columns(rows)
  local columns = rows[2] and { { field = "of", heading = "Of" } } or {}
  for _, column in ipairs(TOTALS) do
    local is_known = column.unit ~= "percent" or columns_of.has_any(rows, column.field)
    columns[#columns + 1] = is_known and column or nil
  end
  local first, second = rows[1], rows[2] or {}
  local function add(field, heading, unit)
    if math.max(first[field] or 0, second[field] or 0) > 0 then
      columns[#columns + 1] = { field = field, heading = heading, unit = unit }
    end
  end
  add("untimed", "Untimed", "count")
  add("elapsed", "Timed with waiting", "count")
  add("elapsed_ms", "Time with waiting", "ms")
  add("elapsed_at_most_ms", "Time with waiting, at most", "ms")
  add("at_death", "In flight at a death", "count")
  add("in_flight", "In flight", "count")
  return columns
end

--- The figures of the run's lifetime, like a row of `group_by`; nil if they are those of the
-- snapshot. What executions took is known only as a limit: which of those that aren't retained were
-- made within others isn't.
local function lifetime(snapshot, spent, chosen)
  local row = lifetime_of(snapshot, chosen)
  if row then
    local began = not chosen.selection and snapshot:cleared()
    row.wall_ms = began and spent.start and spent.start >= began
      and (spent.finish - began) * 1000 or nil
    row.total_at_most_ms = measured.count(row) > 0 and row.total_duration_ms or nil
    row.elapsed_at_most_ms, row.total_duration_ms, row.elapsed_ms = row.elapsed_ms, nil, nil
  end
  return row
end

--- A sentence about the durations of executions that weren't measured; nil if all were.
local function duration_note(summary)
  local count = measured.count(summary)
  return measured.note(summary) or count == 0 and summary.count > 0
    and "Durations are unknown: no execution was measured." or nil
end

local NESTED = "The time of calls made within other calls counts once."

--- Adds to a row how many calls are in flight `now`, and to those that were at the death of earlier
-- processes those that were `at_death` of the last one, which haven't ended. Each may be nil.
local function add_flights(row, now, at_death)
  row.in_flight = now and now.count
  row.at_death = at_death and (row.at_death or 0) + at_death.count or row.at_death
end

--- The figures of what was chosen; behind those of the lifetime, if it knows of more.
local function total_rows(snapshot, summary, spent, flights, chosen)
  local rows, whole = { summary }, lifetime(snapshot, spent, chosen)
  summary.wall_ms = spent.wall_ms
  if spent.is_nested then
    summary.total_duration_ms, summary.elapsed_ms = spent.own_ms, spent.elapsed_ms
  end
  if whole then
    summary.of = ("newest %s"):format(format.count(#snapshot))
    whole.at_death, summary.at_death = summary.at_death, nil
    rows = { whole, summary }
  end
  add_flights(rows[1], flights.now, flights.at_death)
  for _, row in ipairs(rows) do
    row.cached_rate = cached_rate(row)
  end
  return measured.without_unknown_totals(rows)
end

local function totals(snapshot, summary, spent, flights, chosen)
  local rows = total_rows(snapshot, summary, spent, flights, chosen)
  return {
    title = "Totals",
    text = words.joined(duration_note(summary), spent.is_nested and NESTED or nil,
      rows[2] and "Median and p95 are known only of the newest executions." or nil),
    layout = "figures",
    columns = columns_of.of_measures(snapshot, rows, columns_of.of_caches(snapshot,
      columns_of.known(total_columns(rows), rows))),
    rows = rows,
  }
end

--- Adds rows for tools that have nothing but calls in flight, and to each what it has in flight, or
-- had at a death.
local function add_in_flight(rows, snapshot, selection, flights)
  local now, at_death = flights.now.by_tool, flights.at_death.by_tool
  local has_row, is_whole = {}, not snapshot:is_filtered()
  for _, row in ipairs(rows) do
    has_row[row.tool] = true
  end
  for _, tool in ipairs((is_whole or selection) and snapshot:tools() or {}) do
    if not has_row[tool] and (now[tool] or at_death[tool]) then
      rows[#rows + 1] = { tool = tool, count = 0, untimed = 0, elapsed = 0, failed = 0,
        timed_out = 0, cancelled = 0, total_duration_ms = 0 }
    end
  end
  for _, row in ipairs(rows) do
    add_flights(row, now[row.tool], at_death[row.tool])
  end
end

--- The rows of `group_by` by tool; those that took most time come first, then the most frequent.
local function tools_of(snapshot, spent, selection, flights)
  local rows = deaths.take_out(snapshot:group_by("tool", { quantiles = { 0.5, 0.95 } }), snapshot,
    "tool")
  add_in_flight(rows, snapshot, selection, flights)
  for _, row in ipairs(rows) do
    row.cached_rate = cached_rate(row)
    row.own_ms = spent.is_nested and spent.own_ms_by_tool[row.tool] or nil
    row.measured = measured.count(row)
    row.waited_ms = row.elapsed > 0 and row.elapsed_ms or nil
  end
  sort_rows(rows, { "total_duration_ms", "count" }, { "tool" })
  for _, row in ipairs(rows) do
    row.total_duration_ms = row.count > 0 and row.total_duration_ms or nil
  end
  return measured.without_unknown_totals(rows)
end

local BY_TOOL = {
  { field = "tool", heading = "Tool", unit = "name" },
  { field = "count", heading = "Calls", unit = "count" },
  { field = "error_rate", heading = "Errors", unit = "percent" },
  { field = "cached_rate", heading = "Cached", unit = "percent", priority = 5 },
  { field = "measured", heading = "Measured", unit = "count", priority = 3 },
  duration("p50_duration_ms", "p50", 3),
  { field = "p95_duration_ms", heading = "p95", unit = "ms", priority = 2 },
  { field = "max_duration_ms", heading = "Max", unit = "ms", priority = 4 },
  { field = "total_duration_ms", heading = "Total", unit = "ms", bar = true, priority = 2 },
  { field = "own_ms", heading = "Own", unit = "ms", priority = 2 },
  { field = "waited_ms", heading = "With waiting", unit = "ms", priority = 2 },
  { field = "in_flight", heading = "In flight", unit = "count", priority = 2 },
  { field = "at_death", heading = "At a death", unit = "count", priority = 2 },
}

--- Whether only some calls of a tool were measured.
local function are_partly_measured(rows)
  for _, row in ipairs(rows) do
    if row.measured > 0 and row.measured < row.count then
      return true
    end
  end
  return false
end

local function tool_columns(snapshot, rows)
  local columns, is_shown = {}, { measured = are_partly_measured(rows),
    in_flight = columns_of.has_any(rows, "in_flight"),
    at_death = columns_of.has_any(rows, "at_death") }
  for _, column in ipairs(BY_TOOL) do
    columns[#columns + 1] = is_shown[column.field] ~= false and column or nil
  end
  return columns_of.of_measures(snapshot, rows,
    columns_of.known(columns_of.of_caches(snapshot, columns), rows))
end

local function by_tool_section(snapshot, by_tool, spent, retained)
  local kept = words.retained(snapshot, retained)
  return {
    title = "By tool",
    text = words.joined("All calls, cached and cancelled ones included.",
      spent.is_nested and "\"Own\" is without the calls made within a tool's calls." or nil,
      kept and ("Of the %s that are retained; exectrack show counts all."):format(
        words.counted(kept, "execution")) or nil),
    columns = tool_columns(snapshot, by_tool),
    rows = by_tool,
    limit = MOST_TOOLS,
    noun = "tools",
  }
end

--- A sentence about the executions that a timeline is of; nil if it is of all.
local function drawn_text(snapshot, drawn, are_newest)
  if #drawn < #snapshot then
    return (are_newest and "The newest %s."
      or "%s without a long pause; newer ones are left out."):format(
        words.counted(#drawn, "execution"))
  end
end

--- Adds the newest executions one by one, with what is in flight, and before them the whole run if
-- they aren't all of it.
local function add_timelines(sections, snapshot, chosen, by_tool, flights)
  local names = {}
  for i, row in ipairs(by_tool) do
    names[i] = row.tool
  end
  local drawn, are_newest = busy_part(snapshot:filter({ last = chosen.timeline }):records())
  local whole = #drawn < #snapshot and timeline.whole(snapshot, names, chosen.timezone)
  sections[#sections + 1] = whole and { title = "Over time", chart = whole,
    text = "When calls ended, and which share of them failed or timed out." } or nil
  local chart, note = timeline.newest(drawn, names, are_newest and in_flight.listed(flights) or nil)
  sections[#sections + 1] = { title = "Timeline", chart = chart,
    text = words.joined(drawn_text(snapshot, drawn, are_newest), note) }
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

local function add_executions(sections, snapshot, chosen, summary, by_tool, flights)
  if chosen.timeline > 0 then
    add_timelines(sections, snapshot, chosen, by_tool, flights)
  end
  if chosen.top > 0 then
    add_slowest(sections, snapshot, chosen.top, summary)
    sections[#sections + 1] = executions("Most recent", snapshot,
      snapshot:recent_executions(chosen.top))
  end
end

local function sections_of(snapshot, chosen, flights)
  local summary = snapshot:summary { quantiles = { 0.5, 0.95 } }
  local spent = time_spent(snapshot, chosen.whole)
  deaths.take_out({ summary }, snapshot)
  local by_tool = tools_of(snapshot, spent, chosen.selection, flights)
  local at_death, now = in_flight.sections(flights, words.whole_run(snapshot, chosen.selection,
    " and sessions, whenever they started."))
  local sections = { totals(snapshot, summary, spent, flights, chosen) }
  sections[#sections + 1] = at_death
  sections[#sections + 1] = health(snapshot, by_tool, chosen, flights)
  if #by_tool > 0 then
    sections[#sections + 1] = by_tool_section(snapshot, by_tool, spent, chosen.retained)
  end
  sections[#sections + 1] = sessions.section(snapshot, chosen)
  if #snapshot > 0 then
    add_executions(sections, snapshot, chosen, summary, by_tool, flights)
  end
  denials.add(sections, snapshot, chosen)
  sections[#sections + 1] = now
  return sections
end

--- Makes an overview of a run: its figures, what stands out, and its tools.
return function(snapshot, options)
  checks.check("overview", snapshot, checks.snapshot)
  local chosen = checks.check("overview", options, FIELDS)
  return {
    title = words.named(snapshot, chosen.name, "Run"),
    subtitle = extent(snapshot, chosen),
    sections = sections_of(snapshot, chosen, in_flight.of(snapshot, chosen)),
  }
end
