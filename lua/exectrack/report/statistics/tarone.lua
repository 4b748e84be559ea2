--- Which tests are strong enough to find anything.
-- Used only by the report of two runs.

--- The tests with enough executions to find a difference: only their number counts for a
-- correction. (R. E. Tarone, A Modified Bonferroni Method for Discrete Data, Biometrics 46, 1990:
-- for the least k such that at most k tests can have a probability below significance / k, these
-- tests.) Removes the probability of the others.
return function(tests, significance)
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
