--- What writing to a path writes to.
-- Used only by the command.
local system = require("exectrack.command.system")

local MOST_LINKS = 40 -- as on Linux

--- Where the symbolic links at `path` lead to, be something there or not; `path` if there are none.
return function(path)
  local target = path
  for _ = 1, MOST_LINKS do
    local link = not system.resolve(target) and system.read_link(target)
    if not link then
      break
    end
    target = (link:sub(1, 1) == "/" and "" or target:match("^.*/") or "") .. link
  end
  return system.resolve(target) or target
end
