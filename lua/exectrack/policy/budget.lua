--- Limits what a run may use in total.
local numbers = require("exectrack.numbers")
local options = require("exectrack.options")
local time = require("exectrack.policy.time")

local FIELDS = options.fields {
  { "max_executions", options.integer(0) },
  { "max_duration_ms", options.number },
  { "max_failures", options.integer(0) },
  { "tool", options.string },
}

local function deny(call, tool, reason, what, limit)
  local whose = tool and "'" .. tool .. "'" or "all tools"
  return {
    action = "deny",
    policy = "budget",
    reason = reason,
    message = "'" .. call.tool .. "' may not be called: the budget for " .. what .. " of " .. whose
      .. " is used up (limit: " .. limit .. "). "
      .. (tool and "Do without it" or "Call no more tools") .. " and use what you have.",
  }
end

local function decide(limits, tool, call)
  local tracker = call.tracker
  local executions, duration_ms, failures = tracker:totals(tool)
  if limits.executions and executions >= limits.executions - tracker:in_flight_count(tool) then
    return deny(call, tool, "budget_executions", "calls", numbers.text(limits.executions))
  elseif limits.us and time.us_of_ms(duration_ms) >= limits.us then
    return deny(call, tool, "budget_duration", "the time", time.exact_text(limits.us))
  elseif limits.failures and failures >= limits.failures then
    return deny(call, tool, "budget_failures", "failures", numbers.text(limits.failures))
  end
  return nil
end

--- Makes a policy that denies calls once the executions since the last `clear`, their time or their
-- failures have reached a limit.
return function(given)
  local chosen = options.check("budget", given, FIELDS)
  local tool = chosen.tool
  local limits = {
    executions = chosen.max_executions,
    us = chosen.max_duration_ms and time.us_of_ms(chosen.max_duration_ms),
    failures = chosen.max_failures,
  }
  if next(limits) == nil then
    error("budget: one of the options 'max_executions', 'max_duration_ms' and 'max_failures' "
      .. "expected, got none", 2)
  end

  return function(call)
    if tool and call.tool ~= tool then
      return nil
    end
    return decide(limits, tool, call)
  end
end
