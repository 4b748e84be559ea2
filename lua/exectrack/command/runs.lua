--- Reading runs from files, and saving them.
-- Used only by the command.
local exectrack = require("exectrack")
local reason = require("exectrack.format.reason")
local system = require("exectrack.command.system")
local target_of = require("exectrack.command.target")

local STANDARD_OUTPUT = 1
local WRONG_USAGE = 2

local M = {}

--- The run that is read from a pipe; or nil and a message that names the pipe.
local function read(file, name)
  local snapshot, message = exectrack.load(file)
  return snapshot, message and name .. ": " .. message
end

--- The run that is read from a pipe at `path`.
local function read_pipe(path)
  local file, message = io.open(path, "rb")
  if not file then
    return nil, message
  end
  local snapshot
  snapshot, message = read(file, path)
  file:close()
  return snapshot, message
end

--- The run that was saved at `path`; for `-`, the one on standard input. Or nil and a message that
-- names the path.
function M.load(path)
  if path == "-" then
    return read(io.stdin, "standard input")
  end
  if system.is_regular(target_of(path)) == false then
    return read_pipe(path)
  end
  local snapshot, message, code = exectrack.load(path)
  if code == "kind" and (path:find("%.jsonl?$") or path:find("%.csv$")) then
    message = message .. ": exectrack import makes one of it"
  end
  return snapshot, message
end

local MAGIC = "exectrak" -- the first bytes of a saved run

--- The first bytes of a file; nil if it is empty or can't be read.
local function first_bytes(path)
  local file = io.open(path, "rb")
  local bytes = file and file:read(#MAGIC)
  if file then
    file:close()
  end
  return bytes
end

--- Whether there is a saved run at `path`.
function M.is_run(path)
  return first_bytes(path) == MAGIC
end

--- The runs at these paths; or nil and a message about the first that can't be loaded.
function M.load_each(paths)
  local snapshots, reads_input = {}, false
  for i, path in ipairs(paths) do
    if path == "-" and reads_input then
      return nil, "-: standard input can be read only once"
    end
    reads_input = reads_input or path == "-"
    local snapshot, message = M.load(path)
    if not snapshot then
      return nil, message
    end
    snapshots[i] = snapshot
  end
  return snapshots
end

--- Merges runs that were loaded from these paths; one more may be that of logs. Returns what `load`
-- does.
function M.merge(snapshots, paths, options)
  local ok, merged = pcall(exectrack.merge, snapshots, options)
  if ok then
    return merged
  end
  local message = reason(merged)
  local element, problem = message:match("^element (%d+): (.*)$")
  return nil, element and (paths[tonumber(element)] or "the logs") .. ": " .. problem or message
end

--- The runs at these paths, merged. A single run stays as it is. Returns what `load` does.
function M.load_all(paths)
  local snapshots, message = M.load_each(paths)
  if not snapshots then
    return nil, message
  end
  if #snapshots == 1 then
    return snapshots[1]
  end
  return M.merge(snapshots, paths)
end

--- Whether a run may be saved at `path`: not on a terminal, and not in place of a file that isn't a
-- run. Returns true; or nil, a message and the exit code, if it isn't 1.
function M.check_target(path)
  local is_standard = path == "-"
  if system.is_terminal(is_standard and STANDARD_OUTPUT or path) then
    return nil, (is_standard and "standard output" or path)
      .. ": it is a terminal, and a run isn't text", WRONG_USAGE
  end
  local target = target_of(path)
  if not is_standard and system.is_regular(target)
      and (first_bytes(target) or MAGIC) ~= MAGIC then
    return nil, path .. ": it isn't a saved run, so it isn't overwritten"
  end
  return true
end

--- Saves a run at `path`; for `-`, on standard output. Returns what `check_target` does.
function M.save(snapshot, path)
  local ok, message, code = M.check_target(path)
  if not ok then
    return nil, message, code
  end
  local target = target_of(path)
  if path == "-" or system.is_regular(target) == false then -- a pipe or a device
    return require("exectrack.command.output").write(path, snapshot:bytes())
  end
  -- If a signal ended the process now, the unfinished new file would remain.
  ok, message = system.hold_signals(snapshot.save, snapshot, target)
  return ok, message -- without the code, which isn't an exit code
end

return M
