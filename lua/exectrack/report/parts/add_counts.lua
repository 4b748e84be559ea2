--- Adds up what a run counts.
-- In use by reports alone.
-- @submodule exectrack.report

--- The sum of two counts, which stops at the largest integer, as counts of a run do.
-- @local
return function(a, b)
  local sum = a + b
  return sum >= 0 and sum or 0x7fffffffffffffff
end
