--- Limits how many calls are in flight at once.
local numbers = require("exectrack.numbers")
local options = require("exectrack.options")

local FIELDS = options.fields {
  { "max", options.integer(1), required = true },
  { "tool", options.string },
}

-- When a call may be made again isn't known, so this is a guess: soon for a tool that takes long,
-- and rare enough that asking costs nothing.
local RETRY_AFTER_MS = 50

local function deny(call, tool, max)
  return {
    action = "deny",
    policy = "concurrency",
    reason = "concurrency",
    message = "'" .. call.tool .. "' may not be called yet: the calls in flight of "
      .. (tool and "'" .. tool .. "'" or "all tools") .. " have reached their limit ("
      .. numbers.text(max) .. "). Wait until one of them has ended, then call it again, or use "
      .. "what you have.",
    retry_after_ms = RETRY_AFTER_MS,
  }
end

--- Makes a policy that denies calls while `max` executions are in flight.
return function(given)
  local chosen = options.check("concurrency", given, FIELDS)
  local max, tool = chosen.max, chosen.tool

  return function(call)
    if tool and call.tool ~= tool then
      return nil
    end
    local _ = call.now -- what is in flight depends on it: so a replay of undated calls is refused
    return call.tracker:in_flight_count(tool) >= max and deny(call, tool, max) or nil
  end
end
