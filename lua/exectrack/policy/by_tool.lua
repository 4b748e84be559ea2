--- Asks a policy that is a tool's own.
-- @submodule exectrack.policy
local options = require("exectrack.options")

local MAP = options.map_of(options.callable)

--- Makes a policy that asks the one that `given` has for the tool that is called, if it has one.
-- @function by_tool
-- @tparam {[string]=function,...} given policies by the names of tools
-- @treturn function a policy
-- @raise an error that names the tool whose policy is wrong
return function(given)
  local policies = options.check("by_tool", given, MAP)

  return function(call)
    local policy = policies[call.tool]
    return policy and policy(call)
  end
end
