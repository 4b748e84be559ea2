--- How the differences between two runs are told, in a report of them and by gates.
-- Used only by the report of two runs and the command.
local durations_together = require("exectrack.report.parts.durations_together")
local format = require("exectrack.report.format")

local M = {}

-- The sections with rows that have verdicts, by what they are about.
M.TITLES = {
  durations = "Durations by tool",
  failures = "Failures by tool",
  cancellations = "Cancellations by tool",
  together = "All tools together",
}

local function medians(row)
  return ("median %s, was %s"):format(format.duration(row.after_p50_ms),
    format.duration(row.before_p50_ms))
end

local function slow_calls(row)
  return ("p95 %s, was %s"):format(format.duration(row.after_p95_ms),
    format.duration(row.before_p95_ms))
end

local function shares(row)
  local before = row.before_rate and "was " .. format.percent(row.before_rate)
    or "a new tool; all tools before: " .. format.percent(row.all_before_rate)
  return ("%s, %s"):format(format.percent(row.after_rate), before)
end

local function change(row)
  return "durations as multiples of each tool's median: "
    .. (row.change and format.change(row.change) or "from 0")
end

local function slowest(row)
  return ("%s are among their tool's slowest 5 %%, was %s"):format(format.percent(row.after_rate),
    format.percent(row.before_rate))
end

local function is_about(what)
  return function(row)
    return row.what == what
  end
end

--- The kinds of differences: the section, the field of the verdict, in which rows; what gates call
-- it; what it is called if it is worse and if it is better; the figures; and the report that shows
-- more, perhaps only of calls with a status.
M.KINDS = {
  { section = "together", verdict = "verdict", passes = is_about(durations_together.MEDIAN),
    gate = "slower", worse = "Slower", better = "Faster", figures = change, report = "latency",
    status = "success" },
  { section = "together", verdict = "verdict", passes = is_about(durations_together.SLOWEST),
    gate = "slower", worse = "Slow calls got slower", better = "Slow calls got faster",
    figures = slowest, report = "latency", status = "success" },
  { section = "durations", verdict = "verdict", gate = "slower", worse = "Slower",
    better = "Faster", figures = medians, report = "latency", status = "success" },
  { section = "durations", verdict = "tail_verdict", gate = "slower",
    worse = "Slow calls got slower", better = "Slow calls got faster", figures = slow_calls,
    report = "latency", status = "success" },
  { section = "together", verdict = "verdict", passes = is_about("failures"), gate = "failures",
    worse = "Fails more often", better = "Fails less often", figures = shares,
    report = "failures" },
  { section = "failures", verdict = "verdict", gate = "failures", worse = "Fails more often",
    better = "Fails less often", figures = shares, report = "failures" },
  { section = "together", verdict = "verdict", passes = is_about("cancellations"),
    gate = "cancelled", worse = "Cancelled more often", better = "Cancelled less often",
    figures = shares, status = "cancelled" },
  { section = "cancellations", verdict = "verdict", gate = "cancelled",
    worse = "Cancelled more often", better = "Cancelled less often", figures = shares,
    status = "cancelled" },
}

--- The rows of a kind, of all verdicts.
function M.rows_about(kind, compared)
  local found = {}
  for _, row in ipairs(compared[kind.section]) do
    found[#found + 1] = (not kind.passes or kind.passes(row)) and row or nil
  end
  return found
end

--- Whether the verdict on slow calls, or that on all tools together, is told by another row.
local function is_told(kind, row, compared, verdict)
  if kind.verdict == "tail_verdict" then
    return row.verdict == verdict
  elseif not row.before_typical then
    return false
  end
  for _, tool in ipairs(compared.durations) do
    if tool.verdict == verdict or row.what == durations_together.SLOWEST
      and tool.tail_verdict == verdict then
      return true
    end
  end
  for _, other in ipairs(row.what == durations_together.SLOWEST and compared.together or {}) do
    if other.what == durations_together.MEDIAN and other.verdict == verdict then
      return true
    end
  end
  return false
end

--- The rows of a kind whose verdict is `verdict`. Slow calls aren't told if all calls have the same
-- verdict, and durations of all tools together not if a tool by itself has it.
function M.rows(kind, compared, verdict)
  local found = {}
  for _, row in ipairs(M.rows_about(kind, compared)) do
    if row[kind.verdict] == verdict and not is_told(kind, row, compared, verdict) then
      found[#found + 1] = row
    end
  end
  return found
end

--- What a row is about: the name of its tool, or all.
function M.tool(row)
  return row.tool and format.name(row.tool) or "all tools"
end

--- A row as words: `search (median 429 ms, was 165 ms)`.
function M.words(kind, row)
  return ("%s (%s)"):format(M.tool(row), kind.figures(row))
end

--- The rows of a report of two runs, by what they are about.
function M.of_report(report)
  local compared = {}
  for what, title in pairs(M.TITLES) do
    compared[what] = {}
    for _, section in ipairs(report.sections) do
      compared[what] = section.title == title and section.rows or compared[what]
    end
  end
  return compared
end

return M
