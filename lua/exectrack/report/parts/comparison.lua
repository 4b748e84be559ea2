--- How the tools of two runs differ, and whether by more than noise.
-- Used only by the report of two runs.
local exact_test = require("exectrack.report.statistics.exact_test")
local format = require("exectrack.report.format")
local holm = require("exectrack.report.statistics.holm")
local numbers = require("exectrack.numbers")
local rank_sum = require("exectrack.report.statistics.rank_sum")

local ORDER = { worse = 1, better = 2, small = 3, noise = 4, ["too few"] = 5, new = 6, gone = 7 }

local function by_tool(rows)
  local found = {}
  for _, row in ipairs(rows) do
    found[row.tool] = row
  end
  return found
end

--- The durations of each tool, in milliseconds.
local function durations_by_tool(snapshot)
  local tools, durations = snapshot:column("tool"), snapshot:column("duration_ms")
  local samples = {}
  for i, tool in ipairs(tools) do
    local sample = samples[tool] or {}
    samples[tool] = sample
    sample[#sample + 1] = durations[i]
  end
  return samples
end

--- The parts of a run that are compared: `counts` has a row for each tool, `times` one for each
-- tool with durations to compare, and `samples` these durations.
local function measure(snapshot)
  local timed = snapshot:filter { status = "success", was_cached = false, timing = "measured" }
  return {
    counts = by_tool(snapshot:group_by("tool", { quantiles = {} })),
    times = by_tool(timed:group_by("tool", { quantiles = { 0.5, 0.95 } })),
    samples = durations_by_tool(timed),
  }
end

--- The names of the tools of both runs, sorted.
local function all_tools(before, after)
  local tools = {}
  for tool in pairs(before.counts) do
    tools[#tools + 1] = tool
  end
  for tool in pairs(after.counts) do
    tools[#tools + 1] = not before.counts[tool] and tool or nil
  end
  table.sort(tools)
  return tools
end

--- `"new"` or `"gone"` for a tool that is in only one of the runs.
local function presence(tool, before, after)
  return not before.counts[tool] and "new" or not after.counts[tool] and "gone" or nil
end

local function duration_row(tool, before, after)
  local old, new = before.times[tool] or {}, after.times[tool] or {}
  local row = {
    tool = tool,
    before_count = old.count or 0,
    after_count = new.count or 0,
    before_p50_ms = old.p50_duration_ms,
    after_p50_ms = new.p50_duration_ms,
    p50_change = format.change(old.p50_duration_ms, new.p50_duration_ms),
    before_p95_ms = old.p95_duration_ms,
    after_p95_ms = new.p95_duration_ms,
    verdict = presence(tool, before, after) or "too few",
  }
  if row.before_count > 0 and row.after_count > 0 then
    row.p, row.least_p, row.longer_share = rank_sum(before.samples[tool], after.samples[tool])
  end
  return row
end

local function failure_row(tool, before, after)
  local old, new = before.counts[tool], after.counts[tool]
  local old_failures = old and old.failed + old.timed_out or 0
  local new_failures = new and new.failed + new.timed_out or 0
  local row = {
    tool = tool,
    before_count = old and old.count - old.cancelled or 0,
    after_count = new and new.count - new.cancelled or 0,
    before_rate = old and old.error_rate,
    after_rate = new and new.error_rate,
    verdict = presence(tool, before, after) or "too few",
  }
  if row.before_count > 0 and row.after_count > 0 then
    row.p, row.least_p = exact_test(old_failures, row.before_count, new_failures, row.after_count)
  end
  return old_failures + new_failures > 0 and row or nil
end

local function direction(before, after)
  return after > before and "worse" or "better"
end

--- The verdict on durations that differ significantly: the medians must differ enough, too, and in
-- the same direction as most values.
local function duration_verdict(row, least_change)
  local before, after = row.before_p50_ms, row.after_p50_ms
  local is_small = before == after or math.abs(after - before) < least_change * before
  if is_small or (row.longer_share > 0.5) ~= (after > before) then
    return "small"
  end
  return direction(before, after)
end

local function failure_verdict(row, least_change)
  local before, after = row.before_rate, row.after_rate
  return math.abs(after - before) < least_change and "small" or direction(before, after)
end

--- `p` to two digits; more would be false precision.
local function rounded(p)
  return numbers.read(numbers.significant(p, 2))
end

local function judge(rows, significance, verdict, least_change)
  for _, row in ipairs(rows) do
    if row.p then
      row.verdict = row.p < significance and verdict(row, least_change) or "noise"
      row.p = rounded(row.p)
    end
  end
  table.sort(rows, function(a, b)
    if a.verdict ~= b.verdict then
      return ORDER[a.verdict] < ORDER[b.verdict]
    elseif a.p ~= b.p then
      return a.p < b.p
    end
    return a.tool < b.tool
  end)
end

--- The tests with enough executions to find a difference: only their number counts for the
-- correction. (R. E. Tarone, A Modified Bonferroni Method for Discrete Data, Biometrics 46, 1990:
-- for the least k such that at most k tests can have a probability below significance / k, these
-- tests.) Removes the probability of the others.
local function able(tests, significance)
  table.sort(tests, function(a, b) return a.least_p < b.least_p end)
  local count, k = #tests, 0
  repeat
    k = k + 1
    while count > 0 and tests[count].least_p >= significance / k do
      tests[count].p = nil
      count = count - 1
    end
  until count <= k
  local chosen = {}
  for i = 1, count do
    chosen[i] = tests[i]
  end
  return chosen
end

--- Compares the tools of two runs. Returns
--
-- - `durations`: a row for each tool, of its calls that succeeded and that no cache answered
-- - `failures`: a row for each tool that failed in either run
-- - `tests`: how many tests the probabilities in the rows are corrected for
--
-- `chosen` are the options of the report.
--
-- Rows are in the order of their verdicts, then of their probabilities, then of the tools.
-- O(n * log n).
return function(snapshot_before, snapshot_after, chosen)
  local before, after = measure(snapshot_before), measure(snapshot_after)
  local durations, failures, tests = {}, {}, {}
  for _, tool in ipairs(all_tools(before, after)) do
    local timed, failing = duration_row(tool, before, after), failure_row(tool, before, after)
    durations[#durations + 1], failures[#failures + 1] = timed, failing
    tests[#tests + 1] = timed.p and timed or nil
    tests[#tests + 1] = failing and failing.p and failing or nil
  end
  tests = able(tests, chosen.significance)
  holm(tests)
  judge(durations, chosen.significance, duration_verdict, chosen.least_change)
  judge(failures, chosen.significance, failure_verdict, chosen.least_rate_change)
  return { durations = durations, failures = failures, tests = #tests }
end
