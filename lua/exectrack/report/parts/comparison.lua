--- How the tools of two runs differ, and whether by more than noise.
-- Used only by the report of two runs.
local durations_together = require("exectrack.report.parts.durations_together")
local exact_test = require("exectrack.report.statistics.exact_test")
local holm = require("exectrack.report.statistics.holm")
local rank_sum = require("exectrack.report.statistics.rank_sum")
local tests_able = require("exectrack.report.statistics.tarone")
local verdicts = require("exectrack.report.parts.verdicts")

-- With fewer calls, p95 is the longest.
local LEAST_FOR_TAILS = 20

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
  local tail = { verdict = "too few" }
  if #before < LEAST_FOR_TAILS or #after < LEAST_FOR_TAILS then
    return tail
  end
  local limit = row.before_p95_ms
  local above = count_above(after, limit)
  row.after_slow_rate = above / #after
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
    p50_change = durations_together.change(old.p50_duration_ms, new.p50_duration_ms),
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

--- A row about a share in both runs, of a tool or, for nil, of all; nil if it is 0 in both. That of
-- a tool that is `new` is tested against `all`, that of all tools in the run before.
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
  return rows, #rows > 1 and share_row(nil, share_of, before.all, after.all) or nil
end

local function add_tests(tests, rows)
  for _, row in ipairs(rows) do
    tests[#tests + 1] = row.p and row or nil
    tests[#tests + 1] = row.tail and row.tail.p and row.tail or nil
  end
end

--- The rows of each tool and of all together, in the order of the tools.
local function rows_of(tools, before, after)
  local compared = { durations = {}, together = {} }
  for i, tool in ipairs(tools) do
    compared.durations[i] = duration_row(tool, before, after)
  end
  for _, what in ipairs { "failures", "cancellations" } do
    local rows, all = share_rows(SHARES[what], tools, before, after)
    compared[what] = rows
    if all then
      all.what = what
      table.insert(compared.together, all)
    end
  end
  local rows
  rows, compared.left_out = durations_together.rows(tools, before.samples, after.samples)
  for _, row in ipairs(rows) do
    table.insert(compared.together, row)
  end
  return compared
end

--- Compares the tools of two runs. Returns
--
-- - `durations`: a row for each tool, of its calls that succeeded and that no cache answered
-- - `failures` and `cancellations`: a row for each tool that failed or was cancelled in either run
-- - `together`: of all tools together, a row for failures, one for cancellations, and those of
--   `durations_together`, by `what`, each only if it is of several tools; and `left_out`, how many
--   tools those leave out
-- - `tests`: how many tests the probabilities in the rows are corrected for
--
-- `chosen` are the options of the report.
--
-- Rows are in the order of their verdicts, then of their probabilities, then of the tools.
-- O(n * log n).
return function(snapshot_before, snapshot_after, chosen)
  local before, after = measure(snapshot_before), measure(snapshot_after)
  local compared, tests = rows_of(all_tools(before, after), before, after), {}
  for _, name in ipairs { "durations", "failures", "cancellations", "together" } do
    add_tests(tests, compared[name])
  end
  tests = tests_able(tests, chosen.significance)
  holm(tests)
  verdicts.judge(compared, chosen)
  compared.tests = #tests
  return compared
end
