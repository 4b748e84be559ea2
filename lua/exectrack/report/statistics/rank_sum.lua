--- Whether values of one sample tend to be larger than those of another.
-- Used only by the report of two runs.
local normal_tail = require("exectrack.report.statistics.normal_tail")

-- Samples with at most so many values in total are tested exactly.
local MOST_EXACT = 20

-- Otherwise each sample needs at least so many values: with fewer, the sum of its ranks isn't close
-- to normally distributed.
local LEAST_NORMAL = 5

local function sorted(sample)
  local copy = {}
  for i = 1, #sample do
    copy[i] = sample[i]
  end
  table.sort(copy)
  return copy
end

--- The index of the first element of `values` from `i` on that isn't `value`.
local function skip(values, i, value)
  while values[i] == value do
    i = i + 1
  end
  return i
end

--- Ranks both samples together; equal values get the mean of their ranks. Returns the sum of the
-- ranks of `a`, doubled so that it is whole, and the groups of equal values: an array of their
-- sizes and one of their doubled ranks.
local function rank(a, b)
  local i, j, below, doubled_sum = 1, 1, 0, 0
  local sizes, doubled_ranks = {}, {}
  while i <= #a or j <= #b do
    local value = math.min(a[i] or math.huge, b[j] or math.huge)
    local next_i, next_j = skip(a, i, value), skip(b, j, value)
    local size = next_i - i + next_j - j
    local doubled_rank = 2 * below + size + 1
    doubled_sum = doubled_sum + (next_i - i) * doubled_rank
    sizes[#sizes + 1], doubled_ranks[#sizes + 1] = size, doubled_rank
    i, j, below = next_i, next_j, below + size
  end
  return doubled_sum, sizes, doubled_ranks
end

--- In how many ways the ranks of `count` values add up to each sum: an array by the doubled sum.
local function ways_by_sum(sizes, doubled_ranks, count, most)
  local ways = {} -- by how many are chosen
  for chosen = 0, count do
    ways[chosen] = {}
    for sum = 0, most do
      ways[chosen][sum] = 0
    end
  end
  ways[0][0] = 1
  for group = 1, #sizes do
    local rank_here = doubled_ranks[group]
    for _ = 1, sizes[group] do
      for chosen = count, 1, -1 do
        local with, without = ways[chosen], ways[chosen - 1]
        for sum = rank_here, most do
          with[sum] = with[sum] + without[sum - rank_here]
        end
      end
    end
  end
  return ways[count]
end

--- The share of all choices of ranks for `a` whose sum is at least as far from the mean as the
-- actual one.
local function exact(doubled_sum, sizes, doubled_ranks, count, total)
  local doubled_mean = count * (total + 1)
  local distance = math.abs(doubled_sum - doubled_mean)
  local most = total * (total + 1)
  local all, as_far = 0, 0
  local ways = ways_by_sum(sizes, doubled_ranks, count, most)
  for sum = 0, most do
    all = all + ways[sum]
    as_far = as_far + (math.abs(sum - doubled_mean) >= distance and ways[sum] or 0)
  end
  return as_far / all
end

--- The probability by the normal approximation, corrected for ties and for continuity.
local function approximate(doubled_sum, sizes, count, total)
  local ties = 0
  for _, size in ipairs(sizes) do
    ties = ties + size ^ 3 - size
  end
  local other = total - count
  local variance = count * other / 12 * (total + 1 - ties / total / (total - 1))
  local distance = math.abs(doubled_sum - count * (total + 1)) / 2 - 0.5
  if variance <= 0 or distance <= 0 then
    return 1
  end
  return 2 * normal_tail(distance / math.sqrt(variance))
end

--- The least probability that samples of these sizes can have if no values are equal: twice that of
-- the one case in which all values of a are below all of b.
local function least_probability(count, other)
  if count + other > MOST_EXACT and math.min(count, other) < LEAST_NORMAL then
    return 1
  end
  local ways = 1
  for i = 1, math.min(count, other) do
    ways = ways * (count + other - i + 1) / i
    if ways > 1e300 then -- the probability is 0
      return 0
    end
  end
  return 2 / ways
end

--- The Mann-Whitney U test, also known as Wilcoxon's rank sum test: the probability that two
-- samples differ at least as much if both come from the same distribution. (H. B. Mann and D. R.
-- Whitney, On a Test of Whether one of Two Random Variables is Stochastically Larger than the
-- Other, Annals of Mathematical Statistics 18, 1947.) It is two-sided, takes ties into account, and
-- is exact for up to 20 values in total. If there are more, but fewer than 5 in one sample, it is
-- 1: too few to show any difference. O(n * log n).
--
-- `a` and `b` are arrays of numbers, with at least one each. Returns the probability, the least
-- that samples of these sizes can have, and the share of the pairs of values in which that of `b`
-- is larger; pairs of equal values count half.
return function(a, b)
  local count, total, pairs_of_values = #a, #a + #b, #a * #b
  local doubled_sum, sizes, doubled_ranks = rank(sorted(a), sorted(b))
  local larger_in_a = doubled_sum / 2 - count * (count + 1) / 2
  local p
  if total <= MOST_EXACT then
    p = exact(doubled_sum, sizes, doubled_ranks, count, total)
  elseif math.min(#a, #b) < LEAST_NORMAL then
    p = 1 -- too few values to show any difference
  else
    p = approximate(doubled_sum, sizes, count, total)
  end
  return p, least_probability(#a, #b), (pairs_of_values - larger_in_a) / pairs_of_values
end
