--- The set of policies that every agent can turn on and leave on.
local all = require("exectrack.policy.all")
local circuit_breaker = require("exectrack.policy.circuit_breaker")
local loop_guard = require("exectrack.policy.loop_guard")
local options = require("exectrack.options")
local tool_errors = require("exectrack.policy.tool_errors")

local FIELDS = options.fields {
  { "circuit_breaker", options.table },
  { "loop_guard", options.table },
}

--- The policy that `make` makes of `given`. What is wrong with the options is the mistake of the
-- caller of this module. `pcall` is the caller that `make` finds: so its error has no position yet.
local function made(make, given)
  local ok, policy = pcall(make, given)
  if not ok then
    options.raise("default: " .. policy, 3)
  end
  return policy
end

--- The options of the circuit breaker: only failures that are known to be the tool's count.
local function breaker_options(given)
  local copy = { only = tool_errors }
  for option, value in next, given or {} do
    copy[option] = value
  end
  return copy
end

--- Makes the recommended policy. `given` has options of its parts, instead of their defaults.
return function(given)
  local chosen = options.check("default", given, FIELDS)
  local breaker = made(circuit_breaker, breaker_options(chosen.circuit_breaker))
  local guard = made(loop_guard, chosen.loop_guard)
  return all { breaker, guard }
end
