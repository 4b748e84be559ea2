--- Asks several policies.
-- @submodule exectrack.policy
local options = require("exectrack.policy.options")

local ARRAY = options.array_of(options.callable)

--- Makes a policy that asks others in their order. Its decision is the first that denies, after
-- which none is asked, or else the first that warns. What one of them raises keeps none from being
-- asked; it is raised at the end, if none denies.
-- @function all
-- @tparam {function,...} given policies
-- @treturn function a policy
-- @raise an error that names the element that is wrong
return function(given)
  local policies = options.check("all", given, ARRAY)

  return function(call)
    local warning, problem
    for _, policy in ipairs(policies) do
      local ok, decision = pcall(policy, call)
      if not ok then
        problem = problem or { decision }
      elseif type(decision) == "table" and decision.action == "deny" then
        return decision
      else
        warning = warning or decision
      end
    end
    if problem then
      error(problem[1], 0)
    end
    return warning
  end
end
