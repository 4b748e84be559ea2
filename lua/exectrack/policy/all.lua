--- Asks several policies.
local options = require("exectrack.options")

local ARRAY = options.array_of(options.callable)

local function action_of(decision)
  return type(decision) == "table" and decision.action
end

--- Makes a policy that asks others in their order, up to the first that denies. If one raises an
-- error, the others are still asked, and the error is raised at the end, if none denies. A result
-- that isn't a decision is likewise returned at the end: the caller then raises an error.
return function(given)
  local policies = options.check("all", given, ARRAY)

  return function(call)
    local warning, mistake, message
    for _, policy in ipairs(policies) do
      local ok, decision = pcall(policy, call)
      if not ok then
        message = message or { decision }
      elseif action_of(decision) == "deny" then
        return decision
      elseif action_of(decision) == "warn" then
        warning = warning or decision
      else
        mistake = mistake or decision
      end
    end
    if message then
      error(message[1], 0)
    end
    return mistake or warning
  end
end
