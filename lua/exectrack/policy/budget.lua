--- Limits what a run may use in total.
local numbers = require("exectrack.numbers")
local options = require("exectrack.options")
local time = require("exectrack.policy.time")

-- The most bytes of a measure's name.
local NAME_BYTES = 32

local is_map = options.map_of(options.number)

--- A check for limits of measures by their names.
local function measure_limits(value)
  local limits, message = is_map(value)
  for name in pairs(limits or {}) do
    if #name == 0 or #name > NAME_BYTES then
      return nil, "names of 1 to " .. NAME_BYTES .. " bytes expected, got '" .. name .. "'"
    end
  end
  return limits, message
end

local FIELDS = options.fields {
  { "max_executions", options.integer(0) },
  { "max_duration_ms", options.number },
  { "max_failures", options.integer(0) },
  { "max", measure_limits },
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

--- A limit of a measure, with its unit.
local function limit_text(tracker, name, limit)
  for _, measure in ipairs(tracker:measures()) do
    if measure.name == name and measure.unit ~= "" then
      return numbers.text(limit) .. " " .. measure.unit
    end
  end
  return numbers.text(limit)
end

--- Decides by the measures, in the order of their `names`.
local function decide_by_measures(names, limits, tool, call)
  for _, name in ipairs(names) do
    local sum = call.tracker:measure_total(name, tool)
    if not sum then
      error("budget: option 'max': the tracker has no measure '" .. name .. "'", 0)
    elseif sum >= limits[name] then
      return deny(call, tool, "budget_" .. name, "'" .. name .. "'",
        limit_text(call.tracker, name, limits[name]))
    end
  end
  return nil
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
  return decide_by_measures(limits.names, limits.measures, tool, call)
end

local function sorted_names(measures)
  local names = {}
  for name in pairs(measures) do
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end

--- Makes a policy that denies calls once the executions since the last `clear`, their time, their
-- failures or the sum of one of their measures have reached a limit. It raises an error if the
-- tracker lacks a measure.
return function(given)
  local chosen = options.check("budget", given, FIELDS)
  local tool, measures = chosen.tool, chosen.max or {}
  local limits = {
    executions = chosen.max_executions,
    us = chosen.max_duration_ms and time.us_of_ms(chosen.max_duration_ms),
    failures = chosen.max_failures,
    measures = measures,
    names = sorted_names(measures),
  }
  if not (limits.executions or limits.us or limits.failures or limits.names[1]) then
    options.raise("budget: one of the options 'max_executions', 'max_duration_ms', "
      .. "'max_failures' and 'max' expected, got none", 2)
  end

  return function(call)
    if tool and call.tool ~= tool then
      return nil
    end
    return decide(limits, tool, call)
  end
end
