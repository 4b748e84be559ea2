--- What failed: why, which tools, how often in a row, and when.
local executions = require("exectrack.report.parts.executions")
local extent = require("exectrack.report.parts.extent")
local find_streaks = require("exectrack.report.parts.streaks")
local format = require("exectrack.report.format")
local checks = require("exectrack.options")
local known_columns = require("exectrack.report.parts.columns").known
local lifetime = require("exectrack.report.parts.lifetime")
local measured = require("exectrack.report.parts.measured")
local numbers = require("exectrack.numbers")
local over_time = require("exectrack.report.parts.over_time")
local places = require("exectrack.report.parts.places")
local report_options = require("exectrack.report.parts.report_options")
local sort_rows = require("exectrack.report.parts.sort_rows")
local time_spent = require("exectrack.report.parts.time_spent")
local words = require("exectrack.report.parts.words")

-- How many error types and tools to show at first.
local MOST_ROWS = 50

local ERROR_TYPE = { field = "error_type", heading = "Error type", unit = "name", none = "(none)" }

local FIELDS = report_options {
  { "top", checks.integer(0), default = 20 },
}

local TOTALS = {
  { field = "error_rate", heading = "Error rate", unit = "percent" },
  { field = "failed", heading = "Failed", unit = "count" },
  { field = "timed_out", heading = "Timed out", unit = "count" },
  { field = "own_ms", heading = "Time in failures", unit = "ms", none = "unknown" },
  { field = "waited_ms", heading = "Time with waiting", unit = "ms", none = "unknown" },
  { field = "first_timestamp", heading = "First", unit = "time", none = "unknown" },
  { field = "last_timestamp", heading = "Last", unit = "time", none = "unknown" },
}

--- The figures of the failures; behind those of the lifetime, if it knows of more executions.
local function totals(failures, summary, whole)
  local counted = summary.count - summary.cancelled
  local failed = failures:summary { quantiles = {} }
  local rows, spent = { whole or failed, whole and failed }, time_spent(failures)
  failed.error_rate, failed.of = summary.error_rate, "newest " .. format.count(summary.count)
  failed.waited_ms = failed.elapsed > 0 and (spent.elapsed_ms or failed.elapsed_ms) or nil
  failed.own_ms = measured.count(failed) > 0 and (spent.own_ms or failed.total_duration_ms) or nil
  local columns = known_columns(TOTALS, rows)
  if whole then
    table.insert(columns, 1, { field = "of", heading = "Of" })
  end
  return {
    title = "Totals",
    text = words.joined(("%s of %s that %s not cancelled failed or timed out."):format(
      format.count(failed.count), words.counted(counted, "execution"),
      counted == 1 and "was" or "were"), measured.note(failed),
      failed.untimed == failed.count and "How long they took is unknown." or nil),
    layout = "figures",
    columns = columns,
    rows = rows,
  }
end

--- By error type, the names of the tools that had it; those that had it most often come first.
local function tools_by_error_type(failures)
  local by_type = {}
  for _, row in ipairs(failures:group_by("error_type", "tool", { quantiles = {} })) do
    local key = row.error_type or false
    by_type[key] = by_type[key] or {}
    table.insert(by_type[key], row)
  end
  for key, rows in pairs(by_type) do
    local names = {}
    for i, row in ipairs(sort_rows(rows, { "count" }, { "tool" })) do
      names[i] = row.tool
    end
    by_type[key] = names
  end
  return by_type
end

local function error_types_of(failures)
  local rows, tools = {}, tools_by_error_type(failures)
  for i, row in ipairs(failures:group_by("error_type", { quantiles = {} })) do
    row.share = row.count / #failures
    row.key = row.error_type or false
    local names = tools[row.key]
    row.tool_count, row.main_tool, row.tools = #names, names[1], table.concat(names, ", ")
    row.type_order = row.error_type or ""
    rows[i] = row
  end
  return sort_rows(rows, { "count" }, { "type_order" })
end

local function error_types_section(failures)
  local rows = error_types_of(failures)
  places.add(failures, rows, function(row) return { error_type = row.key } end)
  return {
    title = "By error type",
    columns = places.columns(known_columns({
      ERROR_TYPE,
      { field = "count", heading = "Failures", unit = "count", bar = true },
      { field = "timed_out", heading = "Timed out", unit = "count", priority = 3 },
      { field = "share", heading = "Share", unit = "percent", priority = 2 },
      { field = "tool_count", heading = "Tools", unit = "count", priority = 3 },
      { field = "main_tool", heading = "Most often in", unit = "name", priority = 2 },
      { field = "tools", heading = "All tools", data_only = true },
      { field = "first_timestamp", heading = "First", unit = "time", priority = 5 },
      { field = "last_timestamp", heading = "Last", unit = "time", priority = 4 },
    }, rows), rows, "Last at"),
    rows = rows,
    limit = MOST_ROWS,
    noun = "error types",
  }
end

--- The latest message of each tool and error type, the most frequent ones first.
local function messages_of(failures)
  local rows = {}
  for _, row in ipairs(failures:group_by("error_type", "tool", { quantiles = {} })) do
    row.message = failures:error_text(row.tool, row.error_type)
    row.key = row.error_type or false
    row.type_order = row.error_type or ""
    rows[#rows + 1] = row.message and row or nil
  end
  return sort_rows(rows, { "count" }, { "tool", "type_order" })
end

--- The section with them; nil if no texts are kept.
local function messages_section(failures)
  local rows = messages_of(failures)
  if #rows == 0 then
    return nil
  end
  places.add(failures, rows, function(row)
    return { tool = row.tool, error_type = row.key }
  end)
  return {
    title = "Latest messages",
    columns = places.columns({
      { field = "tool", heading = "Tool", unit = "name" },
      { field = "error_type", heading = "Error type", unit = "name", none = "(none)",
        priority = 3 },
      { field = "count", heading = "Failures", unit = "count", priority = 2 },
      { field = "message", heading = "Message" },
    }, rows, "Last at"),
    rows = rows,
    limit = MOST_ROWS,
    noun = "messages",
  }
end

local function failing_tools(snapshot)
  local rows = {}
  for _, row in ipairs(snapshot:group_by("tool", { quantiles = {} })) do
    row.failures, row.counted = row.failed + row.timed_out, row.count - row.cancelled
    rows[#rows + 1] = row.failures > 0 and row or nil
  end
  return sort_rows(rows, { "failures" }, { "tool" })
end

local function tools_section(snapshot)
  return {
    title = "By tool",
    text = "Cancelled calls don't count.",
    columns = {
      { field = "tool", heading = "Tool", unit = "name" },
      { field = "counted", heading = "Calls", unit = "count", priority = 2 },
      { field = "failed", heading = "Failed", unit = "count" },
      { field = "timed_out", heading = "Timed out", unit = "count", priority = 2 },
      { field = "error_rate", heading = "Error rate", unit = "percent", bar = true },
    },
    rows = failing_tools(snapshot),
    limit = MOST_ROWS,
    noun = "tools that failed",
  }
end

local function streaks_of(snapshot)
  local rows = {}
  for tool, streak in pairs(find_streaks(snapshot)) do
    local first = snapshot[streak.first]
    rows[#rows + 1] = {
      tool = tool,
      longest = streak.longest,
      began = first.timestamp or nil,
      ended = snapshot[streak.last].timestamp or nil,
      current = streak.current,
      place = first.place,
    }
  end
  return sort_rows(rows, { "longest", "current" }, { "tool" })
end

local function streaks_section(snapshot)
  local rows = streaks_of(snapshot)
  return {
    title = "Streaks",
    text = "Failures and time-outs of a tool in a row, in the order in which they were recorded; "
      .. "executions that were cancelled or that a cache answered neither count nor end a streak, "
      .. "nor does a success end it that started before the latest failure. Of the longest one, "
      .. "\"from\" is when its first failure ended, \"to\" when its last one did. The current one "
      .. "goes on.",
    columns = places.columns(known_columns({
      { field = "tool", heading = "Tool", unit = "name" },
      { field = "longest", heading = "Longest", unit = "count", bar = true },
      { field = "began", heading = "From", unit = "time", priority = 3 },
      { field = "ended", heading = "To", unit = "time", priority = 2 },
      { field = "current", heading = "Current", unit = "count" },
    }, rows), rows, "First at"),
    rows = rows,
    limit = MOST_ROWS,
    noun = "tools that failed",
  }
end

--- The share of failures per interval; nil if all executions ended in one, or all are undated.
local function rate_over_time(snapshot, zone)
  local chart, length = over_time(snapshot, "percent", { { "errors", "error_rate" } }, {},
    zone)
  return chart and {
    title = "Over time",
    text = "The share that failed or timed out, in intervals of " .. length .. ".",
    chart = chart,
  }
end

local function newest(snapshot, failures, limit)
  local section = executions("Newest failures", snapshot, failures:recent_executions(#failures))
  section.limit, section.noun = limit, "failures"
  return section
end

--- A sentence for a run that has no failures, or none that is retained. `whole` are the figures of
-- its lifetime, nil for none.
local function no_failures(snapshot, retained, whole)
  local of_all = whole and ("; in the whole run, %s of %s failed or timed out"):format(
    format.count(numbers.add_counts(whole.failed, whole.timed_out)),
    words.counted(whole.count, "execution")) or ""
  return not whole and words.none(snapshot)
    or "No failures" .. words.among_retained(snapshot, retained) .. of_all .. "."
end

local function sections(snapshot, failures, summary, chosen)
  local top, whole = chosen.top, lifetime(snapshot, chosen)
  if #failures == 0 then
    return { { title = "Totals", text = no_failures(snapshot, chosen.retained, whole) } }
  end
  local list = { totals(failures, summary, whole), error_types_section(failures) }
  list[#list + 1] = messages_section(failures)
  list[#list + 1] = tools_section(snapshot)
  list[#list + 1] = streaks_section(snapshot)
  list[#list + 1] = rate_over_time(snapshot, chosen.timezone)
  list[#list + 1] = top > 0 and newest(snapshot, failures, top) or nil
  return list
end

--- Makes a report of what failed or timed out.
return function(snapshot, options)
  checks.check("failures", snapshot, checks.snapshot)
  local chosen = checks.check("failures", options, FIELDS)
  local failures = snapshot:filter { status = { "failed", "timed_out" } }
  local summary = snapshot:summary { quantiles = {} }
  return {
    title = words.title("Failures", snapshot, chosen.name),
    subtitle = extent(snapshot, chosen),
    sections = sections(snapshot, failures, summary, chosen),
  }
end
