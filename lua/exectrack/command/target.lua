--- The file that is written when a path is written to, and whether it may be replaced.
-- Used only by the command.
local system = require("exectrack.command.system")

local M = {}

M.MAGIC = "exectrak" -- the first bytes of a saved run

local MOST_LINKS = 40 -- as on Linux

--- The path to which the symbolic links at `path` lead, which need not exist; `path` if it isn't a
-- link.
function M.of(path)
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

--- The first bytes of a file, as many as those of a saved run, fewer if it has no more; or nil and
-- why it can't be read.
function M.first_bytes(path)
  local file, message = io.open(path, "rb")
  if not file then
    return nil, message:sub(#path + 3)
  end
  local bytes
  bytes, message = file:read(#M.MAGIC)
  file:close()
  return bytes or not message and "" or nil, message
end

--- A message about a target, with the path that was given in place of the target's.
function M.named(message, target, path)
  return message:sub(1, #target) == target and path .. message:sub(#target + 1) or message
end

return M
