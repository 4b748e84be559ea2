--- Whether the calls of all tools together take longer in one run than in another, where each tool
-- may have too few to show it.
-- Used only by the report of two runs.
local stratified = require("exectrack.report.statistics.stratified")

--- Both samples as one, sorted.
local function pooled(before, after)
  local values = {}
  for _, sample in ipairs { before, after } do
    for _, value in ipairs(sample) do
      values[#values + 1] = value
    end
  end
  table.sort(values)
  return values
end

local function count_above(values, limit)
  local count = 0
  for _, value in ipairs(values) do
    count = count + (value > limit and 1 or 0)
  end
  return count
end

--- The strata of a test: of each tool, how many calls are among the longest, one in `one_of`.
local function strata_of(pairs_of_samples, one_of)
  local strata = {}
  for i, pair in ipairs(pairs_of_samples) do
    local limit = pair.pooled[#pair.pooled - math.ceil(#pair.pooled / one_of)]
    strata[i] = { count_a = #pair.before, marked_a = count_above(pair.before, limit),
      count_b = #pair.after, marked_b = count_above(pair.after, limit) }
  end
  return strata
end

--- The median of sorted values.
local function median(values)
  return values[math.ceil(#values / 2)]
end

--- The durations of all tools, sorted, each as a multiple of its tool's median in both runs.
local function multiples(pairs_of_samples, name)
  local values = {}
  for _, pair in ipairs(pairs_of_samples) do
    local its_median = median(pair.pooled)
    for _, value in ipairs(pair[name]) do
      values[#values + 1] = value / its_median
    end
  end
  table.sort(values)
  return values
end

--- The mean of the longest 5 %.
local function mean_of_longest(values)
  local sum, count = 0, math.ceil(#values / 20)
  for i = #values - count + 1, #values do
    sum = sum + values[i]
  end
  return sum / count
end

-- What the rows are about: the calls among the longest of their tool, one in so many of both runs
-- together; and the duration that is typical for how long they take.
local KINDS = {
  { what = "calls above their tool's median", one_of = 2, typical = median },
  { what = "calls among their tool's slowest 5 %", one_of = 20, typical = mean_of_longest },
}

local M = {}

--- By which share of `before` a duration changed; nil if one isn't known, or it was 0 before.
function M.change(before, after)
  return before and after and before > 0 and after / before - 1 or nil
end

local function sums_of(strata)
  local sums = { count_a = 0, count_b = 0, marked_a = 0, marked_b = 0 }
  for _, stratum in ipairs(strata) do
    for field, sum in pairs(sums) do
      sums[field] = sum + stratum[field]
    end
  end
  return sums
end

local function row_of(kind, pairs_of_samples)
  local strata = strata_of(pairs_of_samples, kind.one_of)
  local sums = sums_of(strata)
  local row = { what = kind.what, verdict = "too few",
    before_count = sums.count_a, before_rate = sums.marked_a / sums.count_a,
    after_count = sums.count_b, after_rate = sums.marked_b / sums.count_b,
    before_typical = kind.typical(multiples(pairs_of_samples, "before")),
    after_typical = kind.typical(multiples(pairs_of_samples, "after")) }
  row.change = M.change(row.before_typical, row.after_typical)
  row.p, row.least_p, row.excess = stratified(strata)
  return row
end

M.MEDIAN, M.SLOWEST = KINDS[1].what, KINDS[2].what

--- A row about `what`, `M.MEDIAN` and `M.SLOWEST`, of the durations of `tools` in both runs, arrays
-- by tool: the share of such calls in each, which are tested by strata, as tools differ in their
-- share of a run; and `change`, that of a typical duration, as a multiple of its tool's median.
-- Tools whose median is 0 are left out, and counted in the second result. None if fewer than two
-- others are in both runs. O(n * log n).
function M.rows(tools, before, after)
  local pairs_of_samples, rows, left_out = {}, {}, 0
  for _, tool in ipairs(tools) do
    local values = before[tool] and after[tool] and pooled(before[tool], after[tool])
    if values and median(values) > 0 then
      pairs_of_samples[#pairs_of_samples + 1] = { before = before[tool], after = after[tool],
        pooled = values }
    elseif values then
      left_out = left_out + 1
    end
  end
  for i, kind in ipairs(#pairs_of_samples > 1 and KINDS or {}) do
    rows[i] = row_of(kind, pairs_of_samples)
  end
  return rows, left_out
end

return M
