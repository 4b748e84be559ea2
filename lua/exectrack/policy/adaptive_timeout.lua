--- Says how long to wait for a tool, from how long it took lately.
-- @submodule exectrack.policy
local numbers = require("exectrack.numbers")
local options = require("exectrack.options")
local time = require("exectrack.policy.time")

-- tracker:recent_quantile looks at no more.
local MOST_SAMPLES = 200

local FIELDS = options.fields {
  { "quantile", options.fraction, default = 0.99 },
  { "factor", options.positive, default = 2 },
  { "floor_ms", options.number },
  { "ceiling_ms", options.number },
  { "min_samples", options.integer(1, MOST_SAMPLES), default = 20 },
}

--- Makes a query, not a policy: `timeout(tracker, tool)` returns milliseconds, to the nearest
-- microsecond. They are `factor` times a quantile of the tool's recent durations, at least
-- `floor_ms` and at most `ceiling_ms`, if these are given. With fewer than `min_samples` such
-- durations they are `ceiling_ms`, or nil without one.
--
-- The recent durations are those of the tool's newest 200 executions among the newest 2,000
-- records, without those that were cancelled or that a cache answered. One that timed out counts
-- with its duration, so that the time can grow again. The quantile is the nearest rank.
-- O(2,000 records).
-- @function adaptive_timeout
-- @tparam[opt] table given options
-- @tparam[opt=0.99] number given.quantile from 0 to 1
-- @tparam[opt=2] number given.factor above 0
-- @tparam[opt] number given.floor_ms from 0
-- @tparam[opt] number given.ceiling_ms from 0, and from `floor_ms`
-- @tparam[opt=20] integer given.min_samples from 1 to 200
-- @treturn function the query
-- @raise an error that names the option that is unknown or wrong
return function(given)
  local chosen = options.check("adaptive_timeout", given, FIELDS)
  local floor_ms, ceiling_ms = chosen.floor_ms, chosen.ceiling_ms
  if floor_ms and ceiling_ms and floor_ms > ceiling_ms then
    error("adaptive_timeout: option 'floor_ms': at most the ceiling_ms of "
      .. numbers.text(ceiling_ms) .. " expected, got " .. numbers.text(floor_ms), 2)
  end
  local floor_us = time.us_of_ms(floor_ms or 0)
  local ceiling_us = ceiling_ms and time.us_of_ms(ceiling_ms)

  return function(tracker, tool)
    local ms, count = tracker:recent_quantile(tool, chosen.quantile)
    if count < chosen.min_samples then
      return ceiling_us and time.ms(ceiling_us)
    end
    local us = math.max(time.nearest(time.us_of_ms(ms) * chosen.factor), floor_us)
    return time.ms(math.min(us, ceiling_us or us))
  end
end
