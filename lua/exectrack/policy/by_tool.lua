--- Asks a different policy for each tool.
local options = require("exectrack.options")

local MAP = options.map_of(options.callable)

--- Makes a policy that asks the one in `given` whose key is the tool's name, if there is one.
return function(given)
  local policies = options.check("by_tool", given, MAP)

  return function(call)
    local policy = policies[call.tool]
    return policy and policy(call)
  end
end
