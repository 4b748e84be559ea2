--- Asks several policies.
-- @submodule exectrack.policy
local options = require("exectrack.policy.options")

local ARRAY = options.array_of(options.callable)

--- Makes a policy that asks others in their order. Its decision is the first that denies, after
-- which none is asked, or else the first that warns.
-- @function all
-- @tparam {function,...} given policies
-- @treturn function a policy
-- @raise an error that names the element that is wrong
return function(given)
  local policies = options.check("all", given, ARRAY)

  return function(call)
    local warning
    for _, policy in ipairs(policies) do
      local decision = policy(call)
      if decision and decision.action == "deny" then
        return decision
      end
      warning = warning or decision
    end
    return warning
  end
end
