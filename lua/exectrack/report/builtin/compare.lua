--- What differs between two runs.
local comparison = require("exectrack.report.parts.comparison")
local format = require("exectrack.report.format")
local checks = require("exectrack.options")
local columns = require("exectrack.report.parts.columns")
local differences = require("exectrack.report.parts.differences")
local measured = require("exectrack.report.parts.measured")
local numbers = require("exectrack.numbers")
local report_options = require("exectrack.report.parts.report_options")
local time_spent = require("exectrack.report.parts.time_spent")
local words = require("exectrack.report.parts.words")

local significance = checks.value_that(function(value)
  return type(value) == "number" and value > 0 and value <= 1
end, "a number above 0, up to 1,")

local FIELDS = report_options {
  { "before", checks.snapshot, required = true },
  { "before_name", checks.string },
  { "before_whole", checks.snapshot },
  { "significance", significance, default = 0.01 },
  { "least_change", checks.number, default = 0.05 },
  { "least_rate_change", checks.fraction, default = 0.01 },
}

-- How many tools a sentence names.
local NAMED = 5

--- A sentence about the rows of a kind with this verdict; nil if there are none.
local function sentence(kind, compared, verdict)
  local parts = {}
  for i, row in ipairs(differences.rows(kind, compared, verdict)) do
    parts[i] = differences.words(kind, row)
  end
  return #parts > 0 and kind[verdict] .. ": " .. words.listed(parts, NAMED) .. "." or nil
end

--- A sentence about the tools that only one run has; nil if there are none.
local function only_in(what, compared, verdict)
  local names = {}
  for _, row in ipairs(compared.durations) do
    names[#names + 1] = row.verdict == verdict and format.name(row.tool) or nil
  end
  return #names > 0 and what .. ": " .. words.listed(names, NAMED) .. "." or nil
end

--- A sentence about why nothing could be compared.
local function why_not(compared)
  for _, row in ipairs(compared.durations) do
    if row.verdict ~= "new" and row.verdict ~= "gone" then
      return "Too few calls to show any difference: no tool has enough of them in both runs."
    end
  end
  return "Nothing to compare: no tool has calls in both runs."
end

local function summary_text(compared)
  local paragraphs = {}
  for _, verdict in ipairs { "worse", "better" } do
    for _, kind in ipairs(differences.KINDS) do
      paragraphs[#paragraphs + 1] = sentence(kind, compared, verdict)
    end
  end
  if #paragraphs == 0 then
    paragraphs[1] = compared.tests > 0 and "No clear difference." or why_not(compared)
  end
  paragraphs[#paragraphs + 1] = only_in("Only in the run before", compared, "gone")
  paragraphs[#paragraphs + 1] = only_in("Only in the run after", compared, "new")
  return table.concat(paragraphs, "\n\n")
end

--- The figures of what is chosen of a `whole` run, which may be nil. The time of calls that were
-- made within other calls counts once.
local function totals_row(run, snapshot, whole)
  local row = snapshot:summary { quantiles = {} }
  row.run, row.label = run, snapshot:label() ~= "" and snapshot:label() or nil
  row.total_duration_ms = time_spent(snapshot, whole).own_ms or row.total_duration_ms
  row.cached_rate = row.count > 0 and row.cached_hits / row.count or nil
  return row
end

local function totals(before, after, compared, chosen)
  local rows = measured.without_unknown_totals {
    totals_row("before", before, chosen.before_whole), totals_row("after", after, chosen.whole) }
  local figures = {
    { field = "run", heading = "Run" },
    { field = "first_timestamp", heading = "First", unit = "time" },
    { field = "count", heading = "Executions", unit = "count" },
    { field = "error_rate", heading = "Errors", unit = "percent" },
    { field = "cached_rate", heading = "Cached", unit = "percent" },
    { field = "avg_duration_ms", heading = "Mean", unit = "ms" },
    { field = "total_duration_ms", heading = "Total", unit = "ms" },
  }
  if columns.has_any(rows, "label") then
    table.insert(figures, 2, { field = "label", heading = "Label" })
  end
  return { title = "Summary", text = summary_text(compared), columns = columns.known(figures, rows),
    rows = rows }
end

--- The method, in a paragraph.
local function explanation(chosen, compared)
  if compared.tests == 0 then
    return why_not(compared)
  end
  return ("p is how probable such a difference is by chance alone, if calls didn't depend on each "
    .. "other: by the Mann-Whitney U test for durations, Fisher's exact test for shares, and the "
    .. "Mantel-Haenszel test for durations of all tools together, corrected for the %s of this "
    .. "report by Holm's method. From %s on no difference is clear. Calls that are slow or fail "
    .. "together, as in an outage, make p too small."):format(
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
  local has_tails = columns.has_any(compared.durations, "after_slow_rate")
  return {
    title = differences.TITLES.durations,
    text = ("Of calls that succeeded and that no cache answered; Before and After count them.%s "
      .. "Medians that differ by less than %s %%, or against the rest of the values, hardly "
      .. "differ. Slow calls are those above the p95 before, which may be too few to compare."
      .. "\n\n%s")
      :format(unmeasured(runs), numbers.significant(100 * chosen.least_change, 6),
        explanation(chosen, compared)),
    columns = columns.known({
      { field = "tool", heading = "Tool", unit = "name" },
      { field = "verdict", heading = "Verdict", unit = "status" },
      { field = "p", heading = "p", priority = 4 },
      { field = "before_count", heading = "Before", unit = "count", priority = 3 },
      { field = "after_count", heading = "After", unit = "count", priority = 3 },
      { field = "before_p50_ms", heading = "p50 before", unit = "ms" },
      { field = "after_p50_ms", heading = "p50 after", unit = "ms" },
      { field = "p50_change", heading = "p50 change", unit = "change", priority = 4 },
      { field = "before_p95_ms", heading = "p95 before", unit = "ms", priority = 2 },
      { field = "after_p95_ms", heading = "p95 after", unit = "ms", priority = 2 },
      has_tails and { field = "tail_verdict", heading = "Slow calls", unit = "status",
        priority = 2 } or nil,
    }, compared.durations),
    rows = compared.durations,
  }
end

--- The columns of a section about shares, which are called `what`.
local function share_columns(what)
  return {
    { field = "tool", heading = "Tool", unit = "name" },
    { field = "verdict", heading = "Verdict", unit = "status" },
    { field = "p", heading = "p", priority = 3 },
    { field = "before_count", heading = "Before", unit = "count", priority = 2 },
    { field = "after_count", heading = "After", unit = "count", priority = 2 },
    { field = "before_rate", heading = what .. " before", unit = "percent" },
    { field = "after_rate", heading = what .. " after", unit = "percent" },
  }
end

--- A sentence about shares that hardly differ.
local function least_rate(chosen)
  return (" Shares that differ by less than %s in a hundred hardly differ."):format(
    numbers.significant(100 * chosen.least_rate_change, 6))
end

--- A sentence about the tools without a row; empty if there are none.
local function others(compared, rows)
  local count = #compared.durations - #rows
  return count > 0 and (" %s had none."):format(words.counted(count, "other tool")) or ""
end

local function failures(chosen, compared)
  return {
    title = differences.TITLES.failures,
    text = "Of executions that weren't cancelled, which Before and After count, those that failed "
      .. "or timed out." .. least_rate(chosen) .. others(compared, compared.failures),
    columns = share_columns("Errors"),
    rows = compared.failures,
  }
end

local function cancellations(chosen, compared)
  return {
    title = differences.TITLES.cancellations,
    text = "Of all executions, those that were cancelled." .. least_rate(chosen)
      .. others(compared, compared.cancellations),
    columns = share_columns("Cancelled"),
    rows = compared.cancellations,
  }
end

--- A sentence about the tools whose durations aren't compared together; empty if there are none.
local function left_out(count)
  return count > 0 and (" %s whose median is 0 %s left out."):format(words.counted(count, "tool"),
    count == 1 and "is" or "are") or ""
end

local function together(_, compared)
  local its = share_columns("Share")
  its[1] = { field = "what", heading = "Share of" }
  local section = { title = differences.TITLES.together, columns = its, rows = compared.together }
  if columns.has_any(compared.together, "change") then
    section.text = "Calls above the median and among the slowest 5 % are those of their tool in "
      .. "both runs, so that a tool that is called more often makes no difference. Change is that "
      .. "of the median, and of the mean of the slowest 5 %, of durations as multiples of their "
      .. "tool's median." .. left_out(compared.left_out)
    table.insert(its, { field = "change", heading = "Change", unit = "change", priority = 4 })
  end
  return section
end

--- How many executions of a run are compared, of how many.
local function retained(snapshot)
  local all = snapshot:stats().total_executions
  return all > #snapshot and ("%s of %s"):format(format.count(#snapshot), words.counted(all,
    "execution")) or words.counted(#snapshot, "execution")
end

--- What both runs are called: by their labels; also by their names, if the labels are the same.
local function named(before, after, chosen)
  local first = words.named(before, chosen.before_name, "a run")
  local second = words.named(after, chosen.name, "one after it")
  if first == second and chosen.before_name ~= chosen.name then
    first = ("%s (%s)"):format(first, format.name(chosen.before_name or "before"))
    second = ("%s (%s)"):format(second, format.name(chosen.name or "after"))
  end
  return first, second
end

-- The sections about shares: which rows each has, and what makes it.
local SHARES = { { "together", together }, { "failures", failures },
  { "cancellations", cancellations } }

--- Makes a report of the differences between two runs, tool by tool, and whether they are more than
-- noise. Durations are those of calls that succeeded and that no cache answered; shares of failures
-- are among executions that weren't cancelled. The probabilities of all tests are corrected
-- together.
return function(snapshot, options)
  checks.check("compare", snapshot, checks.snapshot)
  local chosen = checks.check("compare", options, FIELDS)
  local before = chosen.before
  local compared = comparison(before, snapshot, chosen)
  local sections = { totals(before, snapshot, compared, chosen) }
  if #compared.durations > 0 then
    table.insert(sections, durations(chosen, compared, sections[1].rows))
  end
  for _, part in ipairs(SHARES) do
    if #compared[part[1]] > 0 then
      table.insert(sections, part[2](chosen, compared))
    end
  end
  return {
    title = ("Comparison of %s and %s"):format(named(before, snapshot, chosen)),
    subtitle = ("%s before, %s after"):format(retained(before), retained(snapshot)),
    sections = sections,
  }
end
