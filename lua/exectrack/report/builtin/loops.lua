--- Repeated calls.
local cache_columns = require("exectrack.report.parts.columns").of_caches
local checks = require("exectrack.options")
local extent = require("exectrack.report.parts.extent")
local has_any = require("exectrack.report.parts.columns").has_any
local known_columns = require("exectrack.report.parts.columns").known
local measure_columns = require("exectrack.report.parts.columns").of_measures
local partly = require("exectrack.report.parts.measured").partly
local places = require("exectrack.report.parts.places")
local repeats = require("exectrack.report.parts.repeats")
local report_options = require("exectrack.report.parts.report_options")
local sort_rows = require("exectrack.report.parts.sort_rows")
local time_spent = require("exectrack.report.parts.time_spent")
local words = require("exectrack.report.parts.words")

local MOST_TOOLS = 50

local FIELDS = report_options {
  { "top", checks.integer(0), default = 20 },
}

--- How urgent a call is, from 0: it goes on and fails, it goes on, it failed in a row, or none.
local function urgency(call)
  if call.current >= repeats.LOOP then
    return call.failures > 0 and 3 or 2
  end
  return call.failures > 0 and call.in_a_row >= repeats.LOOP and 1 or 0
end

--- Adds to each call the fields that a row shows.
local function with_figures(snapshot, calls)
  for _, call in ipairs(calls) do
    call.arguments = snapshot:args_text(call.args_hash) or ("%08x"):format(call.args_hash)
    call.again_us = call.uncached_us - call.longest_us
    call.is_partly = call.measured < call.count - call.cached_hits
    call.again_ms = (not call.is_partly or call.measured > 1) and call.again_us / 1000 or nil
    call.place = snapshot[call.first_index].place
    call.first = call.is_dated and call.first_timestamp or nil
    call.last = call.is_dated and call.last_timestamp or nil
    call.urgency = urgency(call)
    call.current = call.current > 1 and call.current or nil
  end
  return calls
end

--- Adds the measures of calls to `sums`, by name.
local function add_measures(sums, measures)
  for name, its in pairs(measures) do
    local sum = sums[name] or { sum = 0, count = 0 }
    sum.sum, sum.count = sum.sum + its.sum, sum.count + its.count
    sums[name] = sum
  end
end

local function new_counts()
  return { repeats = 0, again_us = 0.0, is_partly = false, measures = {} }
end

local function add_call(counts, call)
  counts.repeats = counts.repeats + call.count - 1
  counts.again_us = counts.again_us + call.again_us
  counts.again_ms = (counts.again_ms or call.again_ms) and counts.again_us / 1000
  counts.is_partly = counts.is_partly or call.is_partly
  add_measures(counts.measures, call.measures)
end

--- A row for each tool that repeated calls, and one for all of them.
local function sum_up(calls, compared)
  local rows, by_name, all = {}, {}, new_counts()
  for _, call in ipairs(calls) do
    local row = by_name[call.tool]
    if not row then
      row = new_counts()
      row.tool, row.compared = call.tool, compared[call.tool]
      rows[#rows + 1], by_name[call.tool] = row, row
    end
    add_call(row, call)
    add_call(all, call)
  end
  for _, row in ipairs(rows) do
    row.share = row.repeats / row.compared
  end
  return sort_rows(rows, { "again_us", "repeats" }, { "tool" }), all
end

--- A sentence about calls without arguments; nil if there are none.
local function without_arguments(total, compared)
  if compared == total then
    return nil
  end
  return ("%s recorded without arguments, so %s can't be compared."):format(
    words.counted(total - compared, "execution") .. (total - compared == 1 and " was" or " were"),
    total - compared == 1 and "it" or "they")
end

--- A sentence about calls of which it isn't known whether they are repeats; nil if there are none.
local function without_results(unsure)
  return unsure > 0 and ("%s the arguments of an earlier one of the session, but no result that "
    .. "was recorded, so whether %s isn't known."):format(
    words.counted(unsure, "execution") .. (unsure == 1 and " has" or " have"),
    unsure == 1 and "it is a repeat" or "they are repeats") or nil
end

--- Those of `columns` that any of the rows has a value for.
local function with_values(columns, rows)
  local used = {}
  for _, column in ipairs(columns) do
    used[#used + 1] = has_any(rows, column.field) and column or nil
  end
  return used
end

--- A sentence about the times of calls of which some weren't measured; nil if all were.
local function again_note(rows)
  return partly("Time again", "again_ms", rows)
end

local AGAIN = { field = "again_ms", heading = "Time again", unit = "ms", bar = true }

local function totals(snapshot, summary, row, compared, unsure, whole)
  local spent_ms = time_spent(snapshot, whole).own_ms or summary.total_duration_ms
  row.compared, row.different = compared, compared - row.repeats - unsure
  row.unsure = unsure > 0 and unsure or nil
  row.share = row.again_ms and spent_ms > 0 and row.again_ms / spent_ms or nil
  return {
    title = "Totals",
    text = words.joined(without_arguments(summary.count, compared), without_results(unsure),
      again_note({ row }), row.is_partly and not row.again_ms
        and "Some repeats weren't measured, so what all of them took isn't known." or nil),
    layout = "figures",
    columns = measure_columns(snapshot, { row }, with_values({
      { field = "compared", heading = "Calls with arguments", unit = "count" },
      { field = "different", heading = "Different ones", unit = "count" },
      { field = "unsure", heading = "Without a result", unit = "count" },
      { field = "repeats", heading = "Repeats", unit = "count" },
      AGAIN,
      { field = "share", heading = "Share of all time", unit = "percent" },
    }, { row })),
    rows = { row },
  }
end

local function call_columns(snapshot, rows)
  local columns = {
    { field = "tool", heading = "Tool", unit = "name" },
    { field = "arguments", heading = "Arguments" },
    { field = "count", heading = "Calls", unit = "count" },
    { field = "in_a_row", heading = "In a row", unit = "count", priority = 2 },
    { field = "cached_hits", heading = "Cached", unit = "count", priority = 6 },
    { field = "failures", heading = "Failed", unit = "count", priority = 2 },
    { field = "again_ms", heading = "Time again", unit = "ms" },
    { field = "first", heading = "First", unit = "time", priority = 5 },
    { field = "last", heading = "Last", unit = "time", priority = 4 },
  }
  if has_any(rows, "current") then
    table.insert(columns, 5,
      { field = "current", heading = "Up to now", unit = "count", priority = 3 })
  end
  if has_any(rows, "session") then
    table.insert(columns, 3,
      { field = "session", heading = "Session", unit = "name", priority = 2 })
  end
  columns = cache_columns(snapshot, known_columns(columns, rows))
  return places.columns(columns, rows, "First at")
end

--- What is said of the columns that `rows` have.
local function explanation(rows)
  local again = has_any(rows, "again_ms") and "\"Time again\" is of those that no cache answered, "
    .. "without the longest and without calls made within them: what it would have saved to call "
    .. "once."
  local now = has_any(rows, "current") and ("\"Up to now\" are those up to its last call: from %d "
    .. "on they come first, failing ones before others."):format(repeats.LOOP)
  return words.joined(again or nil, again_note(rows), "\"In a row\" are the most that followed "
    .. "each other among the session's calls of the tool.", now or nil)
end

local function calls_section(snapshot, calls, top)
  sort_rows(calls, { "urgency", "again_us", "count" }, { "tool", "args_hash", "first_index" })
  return {
    title = "Repeated calls",
    text = words.joined("Calls of a tool in one session with the same arguments and the same "
      .. "result; failures with the same error type, too.", explanation(calls),
      words.nameless(calls)),
    columns = call_columns(snapshot, calls),
    rows = calls,
    limit = top,
    noun = "repeated calls",
  }
end

local function tools_section(snapshot, tools)
  local measures = #snapshot:measures() > 0 and "Measures, like the time again, are of what no "
    .. "cache answered, without the largest value of each repeated call." or nil
  return {
    title = "By tool",
    text = words.joined(measures, again_note(tools)),
    columns = measure_columns(snapshot, tools, with_values({
      { field = "tool", heading = "Tool", unit = "name" },
      { field = "compared", heading = "Calls with arguments", unit = "count", priority = 3 },
      { field = "repeats", heading = "Repeats", unit = "count" },
      { field = "share", heading = "Share", unit = "percent", priority = 2 },
      AGAIN,
    }, tools)),
    rows = tools,
    limit = MOST_TOOLS,
    noun = "tools that repeated calls",
  }
end

local function sections(snapshot, summary, chosen)
  local top = chosen.top
  local calls, compared_by_tool, unsure = repeats.of(snapshot)
  local compared = 0
  for _, count in pairs(compared_by_tool) do
    compared = compared + count
  end
  if #calls == 0 then
    if compared == 0 and summary.count > 0 then
      return { { title = "Totals", text = "Nothing can be said about repeated calls: no execution "
        .. "was recorded with its arguments." } }
    end
    local note = words.joined(without_arguments(summary.count, compared), without_results(unsure))
    local text = "No call was repeated" .. words.among_retained(snapshot, chosen.retained) .. "."
    return { { title = "Totals",
      text = words.none(snapshot) or text .. (note and "\n\n" .. note or "") } }
  end
  local tools, all = sum_up(with_figures(snapshot, calls), compared_by_tool)
  local list = { totals(snapshot, summary, all, compared, unsure, chosen.whole) }
  list[#list + 1] = top > 0 and calls_section(snapshot, calls, top) or nil
  list[#list + 1] = tools_section(snapshot, tools)
  return list
end

--- Makes a report of the calls that were made more than once in a session, of the same tool with
-- the same arguments and result.
return function(snapshot, options)
  checks.check("loops", snapshot, checks.snapshot)
  local chosen = checks.check("loops", options, FIELDS)
  local summary = snapshot:summary { quantiles = {} }
  return {
    title = words.title("Loops", snapshot, chosen.name),
    subtitle = extent(snapshot, chosen),
    sections = sections(snapshot, summary, chosen),
  }
end
