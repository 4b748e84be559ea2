--- Adds up what a run counts.
-- In use by reports alone.

local MOST = tonumber("9223372036854775807") -- 2^63 where there are no integers

--- The sum of two counts, which stops at the largest integer, as counts of a run do.
return function(a, b)
  local sum = a + b
  return sum >= 0 and math.min(sum, MOST) or MOST -- integers wrap around
end
