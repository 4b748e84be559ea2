--- The file that is written when a path is written to.
-- Used only by the command.
local system = require("exectrack.command.system")

local MOST_LINKS = 40 -- as on Linux

--- The path to which the symbolic links at `path` lead, which need not exist; `path` if it isn't a
-- link.
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
