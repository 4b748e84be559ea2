--- The sums of the durations of a tool's outcomes. A run has one exact sum, for both together. So
-- of a tool that has both, each sum is an upper limit, the lower of two:
--
-- - the exact sum of both without the least that the other outcome can have taken, and
-- - the most that the outcome itself can have taken,
--
-- according to the buckets. It never falls as the run goes on, is at most 9.1 % too high, and exact
-- for a tool that has one outcome. Buckets of the coarsest scale decide: the limits of finer ones
-- would move when these are merged.
-- Used only by formats.
local M = {}

--- The coarsest scale of a histogram: its limits are limits at every scale.
M.SCALE = 3

local STEPS = 2 ^ M.SCALE

--- Whole microseconds just below and above the limit with this index.
local function limit_us(index)
  local us = 2 ^ (index / STEPS) * 1e6
  return math.floor(us) + 0.0, math.ceil(us) + 0.0
end

--- The least and the most microseconds that the durations in a histogram can have taken together.
local function range_us(histogram)
  local per_step = 2 ^ (histogram.scale - M.SCALE)
  local least, most = 0, 0
  local offset, at, low, high = histogram.offset, nil, nil, nil
  for i, count in ipairs(histogram.bucket_counts) do
    local upper = math.ceil((offset + i) / per_step)
    if upper ~= at then
      at, low = upper, (limit_us(upper - 1))
      high = select(2, limit_us(upper))
    end
    least, most = least + count * low, most + count * high
  end
  return least, most
end

--- The sums, in microseconds, for a tool of the table form: of its successes, and of all else.
function M.of(tool)
  local total = tonumber(tool.total_duration_us)
  local least, most = range_us(tool.histogram)
  local other_least, other_most = range_us(tool.other_histogram)
  return math.max(0, math.min(total - other_least, most)),
    math.max(0, math.min(total - least, other_most))
end

return M
