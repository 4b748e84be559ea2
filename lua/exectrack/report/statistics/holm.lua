--- Corrects the probabilities of several tests for their number.
-- Used only by the report of two runs.

--- Raises `p` in each of `tests`, an array of tables, so that what is found at a level by all of
-- them together is a false alarm no more often than that. (S. Holm, A Simple Sequentially Rejective
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
