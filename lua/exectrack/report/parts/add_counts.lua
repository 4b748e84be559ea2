--- Adds counts of a run.
-- Used only by reports.
local numbers = require("exectrack.numbers")

--- The sum of two counts. Like the counts of a run, it stops at the largest integer.
return function(a, b)
  local sum = a + b
  local most = numbers.MOST_INTEGER
  return sum >= 0 and math.min(sum, most) or most -- integers wrap around
end
