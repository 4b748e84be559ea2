--- What differs between two runs.
local comparison = require("exectrack.report.parts.comparison")
local format = require("exectrack.report.format")
local checks = require("exectrack.options")
local known_columns = require("exectrack.report.parts.columns").known
local measured = require("exectrack.report.parts.measured")
local numbers = require("exectrack.numbers")
local report_options = require("exectrack.report.parts.report_options")
local words = require("exectrack.report.parts.words")

local FIELDS = report_options {
  { "before", checks.snapshot, required = true },
  { "before_name", checks.string },
  { "significance", checks.fraction, default = 0.01 },
  { "least_change", checks.number, default = 0.05 },
  { "least_rate_change", checks.number, default = 0.01 },
}

-- How many tools a sentence names.
local NAMED = 5

--- A sentence about the rows with this verdict, with what `describe` returns for each; nil if there
-- are none.
local function sentence(what, rows, verdict, describe)
  local parts = {}
  for _, row in ipairs(rows) do
    if row.verdict == verdict then
      parts[#parts + 1] = format.name(row.tool) .. describe(row)
    end
  end
  return #parts > 0 and what .. ": " .. words.listed(parts, NAMED) .. "." or nil
end

local function medians(row)
  return (" (median %s, was %s)"):format(format.duration(row.after_p50_ms),
    format.duration(row.before_p50_ms))
end

local function rates(row)
  return (" (%s, was %s)"):format(format.percent(row.after_rate), format.percent(row.before_rate))
end

local function nothing()
  return ""
end

local function add(paragraphs, text)
  paragraphs[#paragraphs + 1] = text
end

local function summary_text(compared)
  local paragraphs = {}
  add(paragraphs, sentence("Slower", compared.durations, "worse", medians))
  add(paragraphs, sentence("Fails more", compared.failures, "worse", rates))
  add(paragraphs, sentence("Faster", compared.durations, "better", medians))
  add(paragraphs, sentence("Fails less", compared.failures, "better", rates))
  if #paragraphs == 0 then
    add(paragraphs, compared.tests > 0 and "No difference was found that is more than noise."
      or "There is nothing to compare: no tool has enough executions in both runs.")
  end
  add(paragraphs, sentence("Only in the run before", compared.durations, "gone", nothing))
  add(paragraphs, sentence("Only in the run after", compared.durations, "new", nothing))
  return table.concat(paragraphs, "\n\n")
end

local function totals_row(run, snapshot)
  local row = snapshot:summary { quantiles = {} }
  row.run, row.label = run, snapshot:label()
  row.cached_rate = row.count > 0 and row.cached_hits / row.count or nil
  return row
end

local function totals(before, after, compared)
  local rows = measured.without_unknown_totals { totals_row("before", before),
    totals_row("after", after) }
  return {
    title = "Summary",
    text = summary_text(compared),
    columns = known_columns({
      { field = "run", heading = "Run" },
      { field = "label", heading = "Label" },
      { field = "first_timestamp", heading = "First", unit = "time" },
      { field = "count", heading = "Executions", unit = "count" },
      { field = "error_rate", heading = "Errors", unit = "percent" },
      { field = "cached_rate", heading = "Cached", unit = "percent" },
      { field = "avg_duration_ms", heading = "Mean", unit = "ms" },
      { field = "total_duration_ms", heading = "Total", unit = "ms" },
    }, rows),
    rows = rows,
  }
end

--- An explanation of `noise`, `too few` and p.
local function explanation(chosen, compared)
  if compared.tests == 0 then
    return "All have too few calls to show any difference."
  end
  return ("p is how probable such a difference is by chance alone, if calls didn't depend on each "
    .. "other, corrected for the %s of this report by Holm's method; from %s on it is noise. Too "
    .. "few means too few calls to show any difference. Calls that are slow or fail together, as "
    .. "in an outage, make p too small."):format(
    words.counted(compared.tests, "test"), numbers.significant(chosen.significance, 6))
end

--- A sentence about calls whose durations can't be compared; empty if there are none.
local function unmeasured(rows)
  for _, row in ipairs(rows) do
    if measured.count(row) < row.count then
      return " Those that weren't measured are left out."
    end
  end
  return ""
end

local function durations(chosen, compared, runs)
  return {
    title = "Durations by tool",
    text = ("Of calls that succeeded and that no cache answered; Before and After count them.%s "
      .. "Compared by the Mann-Whitney U test. Medians that differ by less than %s %%, or against "
      .. "the rest of the values, are small. p95 is shown, not judged.\n\n%s")
      :format(unmeasured(runs), numbers.significant(100 * chosen.least_change, 6),
        explanation(chosen, compared)),
    columns = known_columns({
      { field = "tool", heading = "Tool" },
      { field = "verdict", heading = "Verdict", unit = "status" },
      { field = "p", heading = "p" },
      { field = "before_count", heading = "Before", unit = "count" },
      { field = "after_count", heading = "After", unit = "count" },
      { field = "before_p50_ms", heading = "p50 before", unit = "ms" },
      { field = "after_p50_ms", heading = "p50 after", unit = "ms" },
      { field = "p50_change", heading = "p50 change" },
      { field = "before_p95_ms", heading = "p95 before", unit = "ms" },
      { field = "after_p95_ms", heading = "p95 after", unit = "ms" },
    }, compared.durations),
    rows = compared.durations,
  }
end

local function failures(chosen, compared)
  local others = #compared.durations - #compared.failures
  return {
    title = "Failures by tool",
    text = ("Of executions that weren't cancelled, which Before and After count, those that failed "
      .. "or timed out. Compared by Fisher's exact test. Shares that differ by less than %s in a "
      .. "hundred are small."):format(numbers.significant(100 * chosen.least_rate_change, 6))
      .. (others > 0 and (" %s never failed."):format(words.counted(others, "other tool")) or ""),
    columns = {
      { field = "tool", heading = "Tool" },
      { field = "verdict", heading = "Verdict", unit = "status" },
      { field = "p", heading = "p" },
      { field = "before_count", heading = "Before", unit = "count" },
      { field = "after_count", heading = "After", unit = "count" },
      { field = "before_rate", heading = "Errors before", unit = "percent" },
      { field = "after_rate", heading = "Errors after", unit = "percent" },
    },
    rows = compared.failures,
  }
end

--- Makes a report of the differences between two runs, tool by tool, and whether they are more than
-- noise. Durations are those of calls that succeeded and that no cache answered; shares of failures
-- are among executions that weren't cancelled. The probabilities of all tests are corrected
-- together.
return function(snapshot, options)
  checks.check("compare", snapshot, checks.snapshot)
  local chosen = checks.check("compare", options, FIELDS)
  local before = chosen.before
  local compared = comparison(before, snapshot, chosen)
  local sections = { totals(before, snapshot, compared) }
  if #compared.durations > 0 then
    table.insert(sections, durations(chosen, compared, sections[1].rows))
  end
  if #compared.failures > 0 then
    table.insert(sections, failures(chosen, compared))
  end
  return {
    title = ("Comparison of %s and %s"):format(words.named(before, chosen.before_name, "a run"),
      words.named(snapshot, chosen.name, "one after it")),
    subtitle = ("%s before, %s after"):format(words.counted(#before, "execution"),
      format.count(#snapshot)),
    sections = sections,
  }
end
