--- The tail of the normal distribution.
-- Used only by the report of two runs.

-- 1 / sqrt(2 * pi)
local DENSITY_AT_ZERO = 0.3989422804014327

--- The probability of a value from 0 to `z` divided by the density at `z`: a power series, of which
-- 40 terms are enough for `z` below 3 (Abramowitz and Stegun, Handbook of Mathematical Functions,
-- 1964, 26.2.11).
local function from_zero(z)
  local term, sum = z, z
  for i = 1, 40 do
    term = term * z * z / (2 * i + 1)
    sum = sum + term
  end
  return sum
end

--- The tail divided by the density: a continued fraction, of which 60 levels are enough for `z`
-- from 3 on (26.2.14 there).
local function far_tail(z)
  local fraction = z
  for i = 60, 1, -1 do
    fraction = z + i / fraction
  end
  return 1 / fraction
end

--- The probability that a standard normal value exceeds `z`, which is at least 0.
return function(z)
  local density = DENSITY_AT_ZERO * math.exp(-z * z / 2)
  if z < 3 then
    return 0.5 - density * from_zero(z)
  end
  return density * far_tail(z)
end
