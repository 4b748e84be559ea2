--- How the differences between two runs are told, in a report of them and by gates.
-- Used only by the report of two runs and the command.
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

local function is_about(what)
  return function(row)
    return row.what == what
  end
end

--- The kinds of differences: the section, the field of the verdict, in which rows; what gates call
-- it; what it is called if it is worse and if it is better; the figures; and the report that shows
-- more.
M.KINDS = {
  { section = "durations", verdict = "verdict", gate = "slower", worse = "Slower",
    better = "Faster", figures = medians, report = "latency" },
  { section = "durations", verdict = "tail_verdict", gate = "slower",
    worse = "Slow calls got slower", better = "Slow calls got faster", figures = slow_calls,
    report = "latency" },
  { section = "together", verdict = "verdict", passes = is_about("failures"), gate = "failures",
    worse = "Fails more often", better = "Fails less often", figures = shares,
    report = "failures" },
  { section = "failures", verdict = "verdict", gate = "failures", worse = "Fails more often",
    better = "Fails less often", figures = shares, report = "failures" },
  { section = "together", verdict = "verdict", passes = is_about("cancellations"),
    gate = "cancelled", worse = "Cancelled more often", better = "Cancelled less often",
    figures = shares },
  { section = "cancellations", verdict = "verdict", gate = "cancelled",
    worse = "Cancelled more often", better = "Cancelled less often", figures = shares },
}

--- The rows of a kind whose verdict is `verdict`. Slow calls of a tool aren't told if all its calls
-- have the same verdict.
function M.rows(kind, rows, verdict)
  local found = {}
  for _, row in ipairs(rows) do
    if row[kind.verdict] == verdict and not (kind.passes and not kind.passes(row))
      and not (kind.verdict == "tail_verdict" and row.verdict == verdict) then
      found[#found + 1] = row
    end
  end
  return found
end

--- A row as words: `search (median 429 ms, was 165 ms)`.
function M.words(kind, row)
  return ("%s (%s)"):format(format.name(row.tool), kind.figures(row))
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
