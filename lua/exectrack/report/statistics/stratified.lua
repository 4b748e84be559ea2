--- Whether something is more frequent in one sample than in another, in strata that needn't be
-- alike.
-- Used only by the report of two runs.
local normal_tail = require("exectrack.report.statistics.normal_tail")

-- The count is close enough to normally distributed if it can be at least so far from the expected
-- one on both sides. (N. Mantel, J. L. Fleiss, Minimum Expected Cell Size Requirements for the
-- Mantel-Haenszel One-Degree-of-Freedom Chi-Square Test, American Journal of Epidemiology 112,
-- 1980.)
local LEAST_DISTANCE = 5

--- The Mantel-Haenszel test: the probability that the marked ones are spread at least as unevenly
-- if in each stratum they are spread over both samples by chance. (N. Mantel, W. Haenszel,
-- Statistical Aspects of the Analysis of Data from Retrospective Studies of Disease, Journal of the
-- National Cancer Institute 22, 1959.) It is two-sided, and corrected for continuity.
--
-- `strata` is an array of tables: `marked_a` of `count_a` are marked, and `marked_b` of `count_b`,
-- both counts at least 1. Returns the probability, the least for as many marked ones, and by how
-- many more are marked in b than expected; nil if there are too few.
return function(strata)
  local excess, variance, above, below = 0, 0, 0, 0
  for _, its in ipairs(strata) do
    local marked, count = its.marked_a + its.marked_b, its.count_a + its.count_b
    local expected = marked * its.count_b / count
    excess = excess + its.marked_b - expected
    variance = variance + expected * its.count_a * (count - marked) / count / (count - 1)
    above = above + math.min(marked, its.count_b) - expected
    below = below + expected - math.max(0, marked - its.count_a)
  end
  if math.min(above, below) < LEAST_DISTANCE then
    return nil
  end
  local function probability(distance)
    return 2 * normal_tail(math.max(0, distance - 0.5) / math.sqrt(variance))
  end
  return probability(math.abs(excess)), probability(math.max(above, below)), excess
end
