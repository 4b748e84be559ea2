--- Corrects the probabilities of several tests for their number.
-- Used only by the report of two runs.

--- Raises `p` in each of `tests`, an array of tables, so that at a given level the chance of any
-- false alarm among all tests is at most that level. (S. Holm, A Simple Sequentially Rejective
-- Multiple Test Procedure, Scandinavian Journal of Statistics 6, 1979.) O(n * log n).
return function(tests)
  local ascending = {}
  for i, test in ipairs(tests) do
    ascending[i] = test
  end
  table.sort(ascending, function(a, b)
    return a.p < b.p
  end)
  local least = 0
  for i, test in ipairs(ascending) do
    least = math.max(least, math.min(1, test.p * (#tests - i + 1)))
    test.p = least
  end
end
