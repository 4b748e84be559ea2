--- Runs that have ended have nothing in flight; but one that is merged with others no longer says
-- that it has ended.
-- Used only by the command.
local core = require("exectrack.core")

-- The runs that were made, by those that they were made of: `exectrack top` merges again and again.
local made = setmetatable({}, { __mode = "k" })

local function make(snapshot)
  local run = snapshot:to_table()
  run.in_flight = {}
  for _, tool in ipairs(run.tools) do
    tool.in_flight = 0
  end
  return assert(core.from_table(run))
end

--- The run; without what was in flight, if its process has closed it or has died.
return function(snapshot)
  local writer = snapshot:writer()
  if not writer or writer.state == "live" or snapshot:in_flight_count() == 0 then
    return snapshot
  end
  made[snapshot] = made[snapshot] or make(snapshot)
  return made[snapshot]
end
