--- Whether something is more frequent in one sample than in another.
-- Used only by the report of two runs.

-- Tables count as equally probable if their probabilities differ by at most this factor: rounding.
local ROUNDING = 1 + 1e-7

--- How much more probable than `k` it is that `k + 1` of the `marked` are among `count_a`, and the
-- others among `count_b`.
local function ratio(k, marked, count_a, count_b)
  return (marked - k) / (k + 1) * (count_a - k) / (count_b - marked + k + 1)
end

--- The probability of each number of marked ones in a, relative to the most probable number, by
-- number. Those so improbable that they become 0 are left out. It goes from the most probable
-- number in both directions, so nothing overflows.
local function weigh(marked, count_a, count_b)
  local low, high = math.max(0, marked - count_b), math.min(marked, count_a)
  local peak = math.floor((marked + 1) * (count_a + 1) / (count_a + count_b + 2))
  local weights, weight, k = { [peak] = 1 }, 1, peak
  while k < high and weight > 0 do
    weight, k = weight * ratio(k, marked, count_a, count_b), k + 1
    weights[k] = weight
  end
  local last = k
  weight, k = 1, peak
  while k > low and weight > 0 do
    weight, k = weight / ratio(k - 1, marked, count_a, count_b), k - 1
    weights[k] = weight
  end
  return weights, k, last
end

--- The sum of the weights from `first` to `last` that are at most `most`.
local function sum_up_to(weights, first, last, most)
  local sum, limit = 0, most * ROUNDING
  for k = first, last do
    sum = sum + (weights[k] <= limit and weights[k] or 0)
  end
  return sum
end

--- Fisher's exact test of two shares: the probability that they differ at least as much if the
-- marked ones are spread over both samples by chance. (R. A. Fisher, The Design of Experiments,
-- 1935, chapter 2.) It is two-sided: it adds up all tables that are at most as probable as the
-- given one. O(square root of the counts).
--
-- `marked_a` of `count_a` are marked, and `marked_b` of `count_b`. Returns the probability, and the
-- least that any table with equally large samples and equally many marked ones has.
return function(marked_a, count_a, marked_b, count_b)
  local weights, first, last = weigh(marked_a + marked_b, count_a, count_b)
  local all = sum_up_to(weights, first, last, math.huge)
  local least = math.min(weights[first], weights[last])
  return sum_up_to(weights, first, last, weights[marked_a] or 0) / all,
    sum_up_to(weights, first, last, least) / all
end
