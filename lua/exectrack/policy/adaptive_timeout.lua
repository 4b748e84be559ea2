--- Computes a timeout for a tool from its recent durations.
local numbers = require("exectrack.numbers")
local options = require("exectrack.options")
local time = require("exectrack.policy.time")

-- tracker:recent_quantile uses at most so many.
local MOST_SAMPLES = 200

local FIELDS = options.fields {
  { "quantile", options.fraction, default = 0.99 },
  { "factor", options.positive, default = 2 },
  { "floor_ms", options.number },
  { "ceiling_ms", options.number },
  { "min_samples", options.integer(1, MOST_SAMPLES), default = 20 },
}

--- Makes a function, which isn't a policy: `timeout(tracker, tool)` returns how many milliseconds
-- to wait for the tool; nil if there are too few recent durations and no `ceiling_ms`.
return function(given)
  local chosen = options.check("adaptive_timeout", given, FIELDS)
  local floor_ms, ceiling_ms = chosen.floor_ms, chosen.ceiling_ms
  if floor_ms and ceiling_ms and floor_ms > ceiling_ms then
    options.raise("adaptive_timeout: option 'floor_ms': at most the ceiling_ms of "
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
