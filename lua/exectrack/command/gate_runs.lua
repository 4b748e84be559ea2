--- Reading runs for gates, which must not pass on what they couldn't read: nothing is left out.
-- Used only by the command.
local runs = require("exectrack.command.runs")
local selection = require("exectrack.command.selection")
local system = require("exectrack.command.system")

local M = {}

--- The paths of the files of all runs, those in folders too; or nil and a message.
local function files_of(paths)
  local files = {}
  for _, path in ipairs(paths) do
    local is_folder = system.status(path) == "folder"
    local its, message = { path }, nil
    if is_folder then
      its, message = runs.files(path)
    end
    if not its or #its == 0 then
      return nil, message or path .. ": " .. runs.NO_RUNS
    end
    for _, file in ipairs(its) do
      files[#files + 1] = file
    end
  end
  return files
end

--- The runs in the files at these paths, nil and the paths of the files, also of those in folders;
-- or nil and a message. Each that can't be read is named.
function M.load_each(paths)
  local files, message = files_of(paths)
  if not files then
    return nil, message
  end
  local snapshots, messages = {}, {}
  for i, path in ipairs(files) do
    snapshots[i], messages[#messages + 1] = runs.load(path)
  end
  for i = 1, #messages - 1 do
    runs.note(messages[i])
  end
  return #messages == 0 and snapshots, messages[#messages], files
end

--- Runs that were loaded from these files as one; or nil and a message.
function M.merge(snapshots, files)
  if #snapshots == 1 then
    return snapshots[1]
  end
  return runs.merge(snapshots, files)
end

--- The runs at these paths as one, nil, and an array of them all; or nil and a message.
function M.load_all(paths)
  local snapshots, message, files = M.load_each(paths)
  if not snapshots then
    return nil, message
  end
  local run
  run, message = M.merge(snapshots, files)
  return run, message, snapshots
end

--- Whether the records that were chosen of `run` are all that there were, although older ones are
-- gone: `chosen` begins after the oldest that is left, and they are in the order of their ends.
local function is_newest_part(run, since)
  local times = since and run:column("timestamp") or {}
  for i, time in ipairs(times) do
    if not time or i > 1 and time < times[i - 1] then
      return false
    end
  end
  return times[1] ~= nil and times[1] < since
end

--- The runs at these paths, those of a folder as one, nil, and for each an array of them all; or
-- nil and a message.
function M.load_apart(paths)
  local snapshots, parts = {}, {}
  for i, path in ipairs(paths) do
    local message
    snapshots[i], message, parts[i] = M.load_all { path }
    if not snapshots[i] then
      return nil, message
    end
  end
  return snapshots, nil, parts
end

--- Why not all records are there that the options select of `run`, which `snapshots` are merged in;
-- nil if they are.
function M.incomplete(run, snapshots, arguments)
  local since = selection.conditions({ run }, arguments).since
  for _, snapshot in ipairs(snapshots) do
    if snapshot:is_filtered() then
      return "the file has only a part of the run's records"
    elseif #snapshot < snapshot:stats().total_executions
      and not is_newest_part(snapshot, since) then
      return "older records are gone"
    end
  end
end

return M
