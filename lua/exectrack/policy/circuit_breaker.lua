--- Keeps an agent from calling a tool that is broken.
local numbers = require("exectrack.numbers")
local options = require("exectrack.options")
local time = require("exectrack.policy.time")

local DEFAULT_MAX_COOLDOWN_MS = 120000

-- The result is finite, so that a cooldown of 0 stays 0 and doesn't become NaN; times any other
-- cooldown it is above every maximum.
local MOST_DOUBLINGS = 1023

local FIELDS = options.fields {
  { "failures", options.integer(1), default = 5 },
  { "cooldown_ms", options.number, default = 5000 },
  { "max_cooldown_ms", options.number },
  { "failure_rate", options.false_or(options.fraction), default = 0.5 },
  { "min_calls", options.integer(1), default = 10 },
}

local function streak_cooldown_us(settings, rounds)
  local doublings = math.min(math.max(0, rounds - settings.failures), MOST_DOUBLINGS)
  return math.min(settings.cooldown_us * 2 ^ doublings, settings.max_cooldown_us)
end

--- When the cooldown of an open or half-open circuit ends, and why it opened; nil if it is closed.
local function opened(settings, tracker, tool)
  local streak, rounds, last_failure = tracker:failure_streak(tool)
  if streak == 0 then
    return nil
  end
  -- If all failures are undated, they count as long past, as nothing is known of their times.
  local last_failure_us = last_failure and time.us_of_seconds(last_failure) or 0
  if streak >= settings.failures then
    return last_failure_us + streak_cooldown_us(settings, rounds),
      "it keeps failing (failures in a row: " .. numbers.text(streak) .. ")"
  end
  if not settings.failure_rate then
    return nil
  end
  local rate, count = tracker:error_rate(tool)
  if count >= settings.min_calls and rate >= settings.failure_rate then
    return last_failure_us + settings.cooldown_us,
      "it fails too often (" .. numbers.text(time.nearest(rate * count)) .. " of "
        .. numbers.text(count) .. " calls)"
  end
  return nil
end

local function deny(call, reason, because, advice, retry_after_ms)
  return {
    action = "deny",
    policy = "circuit_breaker",
    reason = reason,
    message = "'" .. call.tool .. "' may not be called yet: " .. because .. advice,
    retry_after_ms = retry_after_ms,
  }
end

local function deny_open(call, because, left_us)
  local advice = ". Wait " .. time.text(left_us) .. ", then call it again, or do without it."
  return deny(call, "circuit_open", because, advice, time.ms(left_us))
end

local function deny_half_open(call, because)
  return deny(call, "circuit_half_open", because, ", and another call is testing whether it "
    .. "works again. Wait until that one has ended, or do without it.")
end

local function decide(settings, call)
  local end_us, because = opened(settings, call.tracker, call.tool)
  if not end_us then
    return nil
  end
  local now_us = time.us_of_seconds(call.now)
  if now_us < end_us then
    return deny_open(call, because, end_us - now_us)
  elseif call.tracker:in_flight_count(call.tool, time.seconds(end_us)) > 0 then
    return deny_half_open(call, because)
  end
  return nil
end

--- Makes a policy that denies calls of a tool that keeps failing, for a cooldown; then it allows
-- one call, whose success closes the circuit. An unlisted execution in flight counts as that call.
return function(given)
  local chosen = options.check("circuit_breaker", given, FIELDS)
  local most_ms = chosen.max_cooldown_ms or math.max(DEFAULT_MAX_COOLDOWN_MS, chosen.cooldown_ms)
  if most_ms < chosen.cooldown_ms then
    error("circuit_breaker: option 'max_cooldown_ms': at least the cooldown_ms of "
      .. numbers.text(chosen.cooldown_ms) .. " expected, got " .. numbers.text(most_ms), 2)
  end
  local settings = {
    failures = chosen.failures,
    cooldown_us = time.us_of_ms(chosen.cooldown_ms),
    max_cooldown_us = time.us_of_ms(most_ms),
    failure_rate = chosen.failure_rate,
    min_calls = chosen.min_calls,
  }

  return function(call)
    return decide(settings, call)
  end
end
