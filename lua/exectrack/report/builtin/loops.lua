--- Repeated calls.
local cache_columns = require("exectrack.report.parts.columns").of_caches
local first_rows = require("exectrack.report.parts.first_rows")
local checks = require("exectrack.options")
local format = require("exectrack.report.format")
local has_any = require("exectrack.report.parts.columns").has_any
local known_columns = require("exectrack.report.parts.columns").known
local measure_columns = require("exectrack.report.parts.columns").of_measures
local places = require("exectrack.report.parts.places")
local repeats_of = require("exectrack.report.parts.repeats")
local sort_rows = require("exectrack.report.parts.sort_rows")
local words = require("exectrack.report.parts.words")

local MOST_TOOLS = 50

local FAILURES = { failed = true, timed_out = true }

local FIELDS = checks.fields {
  { "top", checks.integer(0), default = 20 },
}

--- The milliseconds between two times, which are exact to the microsecond; their difference isn't.
local function milliseconds(from, to)
  return math.floor((to - from) * 1e6 + 0.5) / 1000
end

--- Adds to each call the fields that a row shows.
local function with_figures(snapshot, calls)
  for _, call in ipairs(calls) do
    call.arguments = snapshot:args_text(call.args_hash) or ("%08x"):format(call.args_hash)
    call.again_us = call.uncached_us - call.longest_us
    call.again_ms = call.is_timed and call.again_us / 1000 or nil
    local first = snapshot[call.first_index]
    call.place = first.place
    call.has_result = first.result_hash ~= nil or FAILURES[first.status]
    call.within_ms = call.is_dated
      and milliseconds(call.first_timestamp, call.last_timestamp) or nil
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

--- A row for each tool that repeated calls.
local function by_tool(calls, compared)
  local rows, by_name = {}, {}
  for _, call in ipairs(calls) do
    local row = by_name[call.tool]
    if not row then
      row = { tool = call.tool, compared = compared[call.tool], repeats = 0, again_us = 0.0,
        is_timed = true, measures = {} }
      rows[#rows + 1], by_name[call.tool] = row, row
    end
    row.repeats = row.repeats + call.count - 1
    row.again_us = row.again_us + call.again_us
    add_measures(row.measures, call.measures)
    row.is_timed = row.is_timed and call.is_timed
  end
  for _, row in ipairs(rows) do
    row.share = row.repeats / row.compared
    row.again_ms = row.is_timed and row.again_us / 1000 or nil
  end
  return sort_rows(rows, { "again_us", "repeats" }, { "tool" })
end

local function sum(rows, field)
  local total = 0
  for _, row in ipairs(rows) do
    total = total + row[field]
  end
  return total
end

--- The time of all repeats; nil if that of some isn't known.
local function time_again(tools)
  for _, row in ipairs(tools) do
    if not row.is_timed then
      return nil
    end
  end
  return sum(tools, "again_us") / 1000
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

local function totals(snapshot, summary, tools, compared)
  local repeats, again_ms = sum(tools, "repeats"), time_again(tools)
  local total_ms, measures = summary.total_duration_ms, {}
  for _, row in ipairs(tools) do
    add_measures(measures, row.measures)
  end
  local rows = { {
    compared = compared,
    different = compared - repeats,
    repeats = repeats,
    again_ms = again_ms,
    share = again_ms and total_ms > 0 and again_ms / total_ms or nil,
    measures = measures,
  } }
  local columns = {
    { field = "compared", heading = "Calls with arguments", unit = "count" },
    { field = "different", heading = "Different ones", unit = "count" },
    { field = "repeats", heading = "Repeats", unit = "count" },
  }
  if again_ms then
    columns[4] = { field = "again_ms", heading = "Time again", unit = "ms" }
    columns[5] = { field = "share", heading = "Share of all time", unit = "percent" }
  end
  return {
    title = "Totals",
    text = words.joined(without_arguments(summary.count, compared), not again_ms
      and "Some repeats weren't measured, so what all of them took isn't known." or nil),
    layout = "figures",
    columns = measure_columns(snapshot, rows, columns),
    rows = rows,
  }
end

local function call_columns(snapshot, rows)
  local columns = {
    { field = "tool", heading = "Tool" },
    { field = "arguments", heading = "Arguments" },
    { field = "count", heading = "Calls", unit = "count" },
    { field = "in_a_row", heading = "In a row", unit = "count" },
    { field = "cached_hits", heading = "Cached", unit = "count" },
    { field = "failures", heading = "Failed", unit = "count" },
    { field = "again_ms", heading = "Again", unit = "ms" },
    { field = "within_ms", heading = "Within", unit = "ms" },
  }
  if has_any(rows, "session") then
    table.insert(columns, 3, { field = "session", heading = "Session" })
  end
  columns = cache_columns(snapshot, known_columns(columns, rows))
  return places.columns(columns, rows, "First at")
end

--- A sentence about calls that are compared by their arguments alone; nil if there are none.
local function without_results(calls)
  local count = 0
  for _, call in ipairs(calls) do
    count = count + (call.has_result and 0 or 1)
  end
  return count > 0 and ("Of %s of them no result was recorded."):format(format.count(count)) or nil
end

--- What is said of the columns that `rows` have.
local function explanation(rows)
  local again = has_any(rows, "again_ms") and "\"Again\" is the time of those that no cache "
    .. "answered, without the longest of them: what it would have saved to make the call once."
  local in_a_row = "\"In a row\" is how many came one after the other among the session's calls of "
    .. "the tool"
  local within = has_any(rows, "within_ms") and ", \"within\" the time from the first of them all "
    .. "to the last" or ""
  return words.joined(again or nil, in_a_row .. within .. ".")
end

local function calls_section(snapshot, calls, top)
  sort_rows(calls, { "again_us", "count" }, { "tool", "args_hash", "first_index" })
  local rows, note = first_rows(calls, top, "repeated calls")
  return {
    title = "Repeated calls",
    text = words.joined("Calls of the same tool, in the same session, whose arguments and results "
      .. "have the same fingerprints; of failures, the same error type.", without_results(calls),
      explanation(rows), note),
    columns = call_columns(snapshot, rows),
    rows = rows,
  }
end

local function tools_section(snapshot, tools)
  local measures = #snapshot:measures() > 0 and "Measures, like the time again, are of what no "
    .. "cache answered, without the largest value of each repeated call." or nil
  local rows, note = first_rows(tools, MOST_TOOLS, "tools that repeated calls")
  return {
    title = "By tool",
    text = words.joined(measures, note),
    columns = measure_columns(snapshot, rows, known_columns({
      { field = "tool", heading = "Tool" },
      { field = "compared", heading = "Calls with arguments", unit = "count" },
      { field = "repeats", heading = "Repeats", unit = "count" },
      { field = "share", heading = "Share", unit = "percent" },
      { field = "again_ms", heading = "Time again", unit = "ms", bar = true },
    }, rows)),
    rows = rows,
  }
end

local function sections(snapshot, summary, top)
  local calls, compared_by_tool = repeats_of(snapshot)
  local compared = 0
  for _, count in pairs(compared_by_tool) do
    compared = compared + count
  end
  if #calls == 0 then
    if compared == 0 and summary.count > 0 then
      return { { title = "Totals", text = "Nothing can be said about repeated calls: no execution "
        .. "was recorded with its arguments." } }
    end
    local note = without_arguments(summary.count, compared)
    return { { title = "Totals",
      text = "No call was repeated." .. (note and "\n\n" .. note or "") } }
  end
  local tools = by_tool(with_figures(snapshot, calls), compared_by_tool)
  local all = { totals(snapshot, summary, tools, compared) }
  all[#all + 1] = top > 0 and calls_section(snapshot, calls, top) or nil
  all[#all + 1] = tools_section(snapshot, tools)
  return all
end

--- Makes a report of the calls that were made more than once in a session, of the same tool with
-- the same arguments and result.
return function(snapshot, options)
  checks.check("loops", snapshot, checks.snapshot)
  local chosen = checks.check("loops", options, FIELDS)
  local summary = snapshot:summary { quantiles = {} }
  return {
    title = words.title("Loops", snapshot),
    subtitle = words.extent(snapshot),
    sections = sections(snapshot, summary, chosen.top),
  }
end
