--- What got worse from one run to another, for a gate.
-- Used only by the command.
local format = require("exectrack.report.format")
local next_step = require("exectrack.report.parts.next_step")
local told = require("exectrack.report.parts.differences")
local words = require("exectrack.report.parts.words")

local M = {}

-- The verdicts of tests that could have shown a difference.
local TESTED = { worse = true, better = true, small = true, noise = true }

--- Adds how many rows of a kind are in both runs to `counts.rows`, and notes in `counts.too_few`
-- the tools with too few calls.
local function count(counts, kind, compared)
  for _, row in ipairs(told.rows_about(kind, compared)) do
    local verdict = row[kind.verdict]
    local is_told = verdict == "too few"
      and (row.before_typical or kind.verdict == "tail_verdict") -- by the row of the tool
    if verdict and not is_told then
      counts.rows = counts.rows + ((TESTED[verdict] or verdict == "too few") and 1 or 0)
      local tool = told.tool(row)
      counts.too_few[tool] = verdict == "too few" or counts.too_few[tool]
    end
  end
end

local function violation(kind, row, settings)
  local tool = not row.what and row.tool or nil
  return { check = kind.gate, tool = tool, calls = row.after_count,
    message = kind.worse .. ": " .. told.words(kind, row),
    command = next_step.report(settings.run_words, kind.report,
      { tool = tool, status = kind.status,
        count = #settings.after:filter { tool = tool, status = kind.status } }) }
end

--- Whether any of the durations were tested, or needn't be.
local function has_durations(compared, wanted)
  for _, section in ipairs { "durations", "together" } do
    for _, row in ipairs(compared[section]) do
      if TESTED[row.verdict] and (row.before_typical or section == "durations") then
        return true
      end
    end
  end
  return not (wanted.worse or wanted.slower)
end

--- Why a comparison tells too little; nil if it doesn't. `runs` are both, each with `name`, `count`
-- of calls, `unmeasured`, of how many no duration was measured, and `incomplete`, perhaps why not
-- all records are there. `is_timed` is whether durations are compared.
local function unknown(runs, is_timed, is_tested, min_calls)
  for _, run in ipairs(runs) do
    if is_timed and 2 * run.unmeasured > run.count then
      return run.name .. ": " .. words.of_calls(run.unmeasured, run.count, "wasn't measured",
        "weren't measured")
    elseif run.incomplete then
      return ("%s: %s"):format(run.name, run.incomplete)
    elseif run.count < min_calls then
      return ("%s: only %s, fewer than %s"):format(run.name, words.counted(run.count, "call"),
        format.count(min_calls))
    end
  end
  return not is_tested and "no tool has enough calls in both to show that it is slower" or nil
end

local function note_of(too_few)
  local names = {}
  for name in pairs(too_few) do
    names[#names + 1] = name
  end
  table.sort(names)
  return #names > 0 and "too few calls to show any difference: " .. words.listed(names, 5) or nil
end

--- What is worse in a report of two runs, of the differences whose names are keys of `wanted`.
-- `settings` has `min_calls`; of the run after `run_words`, and as `after` what was compared of it;
-- `runs`, as `unknown` takes them; and the `command` that compares them. Returns the violations,
-- how many checks there were, and a note on tools with too few calls, if any.
function M.check(report, wanted, settings)
  local compared, counts, violations = told.of_report(report), { rows = 0, too_few = {} }, {}
  for _, kind in ipairs(told.KINDS) do
    if wanted.worse or wanted[kind.gate] then
      count(counts, kind, compared)
      for _, row in ipairs(told.rows(kind, compared, "worse")) do
        violations[#violations + 1] = violation(kind, row, settings)
      end
    end
  end
  local why = unknown(settings.runs, wanted.worse or wanted.slower,
    has_durations(compared, wanted), settings.min_calls)
  if why then
    violations[#violations + 1] = { check = "compared", is_unknown = true, calls = 0,
      message = "unknown, " .. why, command = settings.command }
  end
  return violations, math.max(1, counts.rows + (why and 1 or 0)), note_of(counts.too_few)
end

return M
