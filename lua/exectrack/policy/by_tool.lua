--- Asks a policy that is a tool's own.
local options = require("exectrack.options")

local MAP = options.map_of(options.callable)

--- Makes a policy that asks the one that `given` has for the tool, if it has one.
return function(given)
  local policies = options.check("by_tool", given, MAP)

  return function(call)
    local policy = policies[call.tool]
    return policy and policy(call)
  end
end
