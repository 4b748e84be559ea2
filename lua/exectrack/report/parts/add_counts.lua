--- Adds up what a run counts.
-- Used only by reports.
local numbers = require("exectrack.numbers")

--- The sum of two counts, which stops at the largest integer, as counts of a run do.
return function(a, b)
  local sum = a + b
  local most = numbers.MOST_INTEGER
  return sum >= 0 and math.min(sum, most) or most -- integers wrap around
end
