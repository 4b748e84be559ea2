--- Keeps an agent from calling a tool that is broken.
local caller_errors = require("exectrack.policy.caller_errors")
local numbers = require("exectrack.numbers")
local options = require("exectrack.options")
local time = require("exectrack.policy.time")

local DEFAULT_MAX_COOLDOWN_MS = 120000

-- As many executions of a tool are looked at.
local RECENT_EXECUTIONS = 200

-- When a trial will end isn't known: what waits for it asks again after this time.
local TRIAL_RETRY_US = 50000

local error_types = options.array_of(options.string)

--- A check for error types, of which it returns a copy, and for functions.
local function ignored(value)
  if options.callable(value) then
    return value
  end
  local copy, message = error_types(value)
  return copy, type(value) ~= "table" and "a function or " .. message or message
end

local FIELDS = options.fields {
  { "failures", options.integer(1, RECENT_EXECUTIONS), default = 5 },
  { "cooldown_ms", options.number, default = 5000 },
  { "max_cooldown_ms", options.number },
  { "failure_rate", options.false_or(options.fraction), default = 0.5 },
  { "min_calls", options.integer(1, RECENT_EXECUTIONS), default = 10 },
  { "ignore", ignored },
  { "only", options.false_or(error_types), default = false },
}

--- With fewer records, the failures in a row could never be as many.
local function check_history(tracker, failures)
  local most = tracker:max_history()
  if failures > most then
    error("circuit_breaker: option 'failures': " .. numbers.text(failures)
      .. " is more than the tracker's max_history of " .. numbers.text(most), 0)
  end
end

local function reason_of(circuit)
  if circuit.cause == "streak" then
    return "it keeps failing (failures in a row: " .. numbers.text(circuit.streak) .. ")"
  end
  return "it fails too often (" .. numbers.text(circuit.failures) .. " of "
    .. numbers.text(circuit.calls) .. " calls)"
end

local function deny(call, reason, message, retry_us)
  return {
    action = "deny",
    policy = "circuit_breaker",
    reason = reason,
    message = "'" .. call.tool .. "' may not be called yet: " .. message,
    retry_after_ms = time.ms(retry_us),
  }
end

local function deny_open(call, circuit, left_us)
  return deny(call, "circuit_open", reason_of(circuit) .. ". Wait " .. time.text(left_us)
    .. ", then call it again, or do without it.", left_us)
end

local function deny_half_open(call, circuit, left_us)
  return deny(call, "circuit_half_open", reason_of(circuit) .. ", and another call is testing "
    .. "whether it works again. Wait until that one has ended, " .. time.text(left_us)
    .. " at most, or do without it.", math.min(left_us, TRIAL_RETRY_US))
end

local function decide(settings, call)
  local tracker, tool = call.tracker, call.tool
  check_history(tracker, settings.failures)
  if tracker:failure_streak(tool) == 0 then
    return nil -- the latest success closed the circuit, whatever the settings
  end
  local circuit = tracker:circuit(tool, settings)
  if not circuit then
    return nil
  end
  local now_us = time.us_of_seconds(call.now)
  local open_us = time.us_of_seconds(circuit.open_until) - now_us
  local half_open_us = time.us_of_seconds(circuit.half_open_until) - now_us
  if open_us > 0 then
    return deny_open(call, circuit, open_us)
  end
  return half_open_us > 0 and deny_half_open(call, circuit, half_open_us) or nil
end

--- Makes a policy that denies calls of a tool that keeps failing, for a cooldown; then it allows
-- one call, whose success closes the circuit.
return function(given)
  local chosen = options.check("circuit_breaker", given, FIELDS)
  local most_ms = chosen.max_cooldown_ms or math.max(DEFAULT_MAX_COOLDOWN_MS, chosen.cooldown_ms)
  if most_ms < chosen.cooldown_ms then
    options.raise("circuit_breaker: option 'max_cooldown_ms': at least the cooldown_ms of "
      .. numbers.text(chosen.cooldown_ms) .. " expected, got " .. numbers.text(most_ms), 2)
  end
  local settings = {
    failures = chosen.failures,
    min_calls = chosen.min_calls,
    cooldown_ms = chosen.cooldown_ms,
    max_cooldown_ms = most_ms,
    failure_rate = chosen.failure_rate,
    ignore = chosen.ignore or ignored(caller_errors),
    only = chosen.only,
  }

  return function(call)
    return decide(settings, call)
  end
end
