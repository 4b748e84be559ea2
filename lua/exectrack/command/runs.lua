--- Runs that are read from files.
-- In use by the command alone.
local exectrack = require("exectrack")

local M = {}

local function load_standard_input()
  local bytes, message = io.stdin:read("*a")
  local snapshot
  if bytes then
    snapshot, message = exectrack.from_bytes(bytes)
  end
  if not snapshot then
    return nil, "standard input: " .. message
  end
  return snapshot
end

--- The run that was saved at `path`; for `-`, the one on standard input.
-- @local
-- @treturn Snapshot|nil
-- @treturn string what is wrong, and names the path
function M.load(path)
  if path == "-" then
    return load_standard_input()
  end
  return exectrack.load(path)
end

--- The runs at these paths.
-- @local
-- @treturn {Snapshot,...}|nil
-- @treturn string what is wrong with the first that can't be loaded
function M.load_each(paths)
  local snapshots = {}
  for i, path in ipairs(paths) do
    local snapshot, message = M.load(path)
    if not snapshot then
      return nil, message
    end
    snapshots[i] = snapshot
  end
  return snapshots
end

--- The runs at these paths as one. A single one stays as it is. Returns what `load` does.
-- @local
function M.load_all(paths)
  local snapshots, message = M.load_each(paths)
  if not snapshots then
    return nil, message
  end
  return #snapshots == 1 and snapshots[1] or exectrack.merge(snapshots)
end

--- Saves a run at `path`; for `-`, on standard output.
-- @local
-- @treturn boolean|nil true
-- @treturn string what went wrong
-- @treturn integer|nil the exit code, if it isn't 1
function M.save(snapshot, path)
  if path == "-" then
    return require("exectrack.command.output").write(nil, snapshot:bytes())
  end
  local ok, message = snapshot:save(path) -- and a code, which isn't one to exit with
  return ok, message
end

return M
