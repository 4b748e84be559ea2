--- How the tools of two runs differ, and whether by more than noise.
-- Used only by the report of two runs.
local exact_test = require("exectrack.report.statistics.exact_test")
local format = require("exectrack.report.format")
local holm = require("exectrack.report.statistics.holm")
local numbers = require("exectrack.numbers")
local rank_sum = require("exectrack.report.statistics.rank_sum")

-- With fewer calls, p95 is the longest.
local LEAST_FOR_TAILS = 20

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

--- The parts of a run that are compared: `all` has the counts of all tools, `counts` a row for each
-- tool, `times` one for each tool with durations to compare, and `samples` these durations.
local function measure(snapshot)
  local timed = snapshot:filter { status = "success", was_cached = false, timing = "measured" }
  return {
    all = snapshot:summary { quantiles = {} },
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

local function count_above(values, limit)
  local count = 0
  for _, value in ipairs(values) do
    count = count + (value > limit and 1 or 0)
  end
  return count
end

--- The test of the slow calls: whether more of those after are above the p95 of those before. That
-- one, the k-th of n, counts as above: if nothing differs, n - k + 1 of n + 1 are to be expected
-- above it.
local function tail_of(row, before, after)
  if #before < LEAST_FOR_TAILS or #after < LEAST_FOR_TAILS then
    return nil
  end
  local limit = row.before_p95_ms
  local above = count_above(after, limit)
  row.after_slow_rate = above / #after
  local tail = { verdict = "noise" }
  tail.p, tail.least_p = exact_test(count_above(before, limit) + 1, #before, above, #after)
  return tail
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
    row.tail = tail_of(row, before.samples[tool], after.samples[tool])
  end
  return row
end

--- Of a row of counts, how many are marked, and of how many.
local SHARES = {
  failures = function(row)
    return row.failed + row.timed_out, row.count - row.cancelled
  end,
  cancellations = function(row)
    return row.cancelled, row.count
  end,
}

--- Both numbers of `share_of` for a tool, 0 for none, and the share.
local function share(share_of, counts)
  if not counts then
    return 0, 0, nil
  end
  local marked, count = share_of(counts)
  return marked, count, count > 0 and marked / count or nil
end

--- A row about a share in both runs; nil if it is 0 in both. That of a tool that is `new` is tested
-- against `all`, that of all tools in the run before.
local function share_row(tool, share_of, old, new, presence_of, all)
  local before_marked, before_count, before_rate = share(share_of, old)
  local after_marked, after_count, after_rate = share(share_of, new)
  if before_marked + after_marked == 0 then
    return nil
  end
  local row = { tool = tool, before_count = before_count, after_count = after_count,
    before_rate = before_rate, after_rate = after_rate, verdict = presence_of or "too few" }
  if presence_of == "new" then
    before_marked, before_count, row.all_before_rate = share(share_of, all)
  end
  if before_count > 0 and after_count > 0 then
    row.p, row.least_p = exact_test(before_marked, before_count, after_marked, after_count)
  end
  return row
end

--- The rows about a share, by tool, and the one of all tools together, nil if there is only one.
local function share_rows(share_of, tools, before, after)
  local rows = {}
  for _, tool in ipairs(tools) do
    rows[#rows + 1] = share_row(tool, share_of, before.counts[tool], after.counts[tool],
      presence(tool, before, after), before.all)
  end
  return rows, #rows > 1 and share_row("all tools", share_of, before.all, after.all) or nil
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

--- The verdict on slow calls of which significantly more, or fewer, are above the p95 before.
local function tail_verdict(row, least_change)
  local before, after = row.before_p95_ms, row.after_p95_ms
  if before == after or math.abs(after - before) < least_change * before then
    return "small"
  end
  return direction(before, after)
end

--- The verdict on shares that differ significantly.
local function share_verdict(row, least_change)
  local before, after = row.before_rate or row.all_before_rate, row.after_rate
  local verdict = math.abs(after - before) < least_change and "small" or direction(before, after)
  return (row.before_rate or verdict == "worse") and verdict or "new"
end

--- `p` to two digits; more would be false precision.
local function rounded(p)
  return numbers.read(numbers.significant(p, 2))
end

--- The verdict of a test, `row` or its `tail`, and its probability to be shown.
local function judged(test, row, significance, verdict, least_change)
  if not test.p then
    return test.verdict, nil
  elseif test.p < significance then
    return verdict(row, least_change), rounded(test.p)
  end
  return row.all_before_rate and "new" or "noise", rounded(test.p)
end

local function rank(row)
  return math.min(ORDER[row.verdict], row.tail_verdict and ORDER[row.tail_verdict] or math.huge)
end

local function sort(rows)
  table.sort(rows, function(a, b)
    if rank(a) ~= rank(b) then
      return rank(a) < rank(b)
    elseif a.p ~= b.p then
      return (a.p or 2) < (b.p or 2)
    end
    return a.tool < b.tool
  end)
end

local function judge(rows, significance, verdict, least_change)
  for _, row in ipairs(rows) do
    row.verdict, row.p = judged(row, row, significance, verdict, least_change)
    local tail = row.tail
    if tail then
      row.tail_verdict, row.tail_p = judged(tail, row, significance, tail_verdict, least_change)
      row.tail = nil
    end
  end
  sort(rows)
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

local function add_tests(tests, rows)
  for _, row in ipairs(rows) do
    tests[#tests + 1] = row.p and row or nil
    tests[#tests + 1] = row.tail
  end
end

--- Compares the tools of two runs. Returns
--
-- - `durations`: a row for each tool, of its calls that succeeded and that no cache answered
-- - `failures` and `cancellations`: a row for each tool that failed or was cancelled in either run
-- - `together`: of all tools together, a row for failures and one for cancellations, by `what`,
--   each only if they are those of several tools
-- - `tests`: how many tests the probabilities in the rows are corrected for
--
-- `chosen` are the options of the report.
--
-- Rows are in the order of their verdicts, then of their probabilities, then of the tools.
-- O(n * log n).
return function(snapshot_before, snapshot_after, chosen)
  local before, after = measure(snapshot_before), measure(snapshot_after)
  local tools, compared, tests = all_tools(before, after), { durations = {}, together = {} }, {}
  for i, tool in ipairs(tools) do
    compared.durations[i] = duration_row(tool, before, after)
  end
  add_tests(tests, compared.durations)
  for _, what in ipairs { "failures", "cancellations" } do
    local rows, all = share_rows(SHARES[what], tools, before, after)
    compared[what] = rows
    if all then
      all.what = what
      table.insert(compared.together, all)
    end
    add_tests(tests, rows)
  end
  add_tests(tests, compared.together)
  tests = able(tests, chosen.significance)
  holm(tests)
  judge(compared.durations, chosen.significance, duration_verdict, chosen.least_change)
  for _, name in ipairs { "failures", "cancellations", "together" } do
    judge(compared[name], chosen.significance, share_verdict, chosen.least_rate_change)
  end
  compared.tests = #tests
  return compared
end
