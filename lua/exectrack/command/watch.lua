--- Runs in files that change: looks at them again and again.
-- Used only by the command.
local runs = require("exectrack.command.runs")
local system = require("exectrack.command.system")

local Watch = {}
Watch.__index = Watch

-- As much of a file as differs after each operation of its writer.
local BEGINNING_BYTES = 512

-- After so many looks in a row a file that can't be read is gone, or damaged: one look may come
-- while it is replaced.
local PATIENCE = 2

-- After so many more, a run that is in no file is forgotten.
local MEMORY = 100

--- Makes a watch over the runs at these paths, files and folders. So that many runs take little
-- memory, what `look` returns can have no records, if `kept` is "lifetimes", or neither `snapshot`
-- nor `new`, if it is "nothing".
local function new(paths, kept)
  return setmetatable({
    paths = paths,
    kept = kept,
    files = {}, -- by path
    seen = {}, -- by instance id, the furthest position in a file of that run
    unseen = {}, -- by instance id, at how many looks in a row it was in no file
    looks = 0,
  }, Watch)
end

--- The files to look at, each once, in the order of the paths. Adds messages about folders that
-- can't be read to `failures`.
local function files_of(self, failures)
  local found, is_known, files = {}, {}, {}
  local function add(path, is_named, is_other)
    local place = system.resolve(path) or path
    if not is_known[place] then
      is_known[place] = true
      local file = self.files[path] or { path = path, is_named = is_named, failures = 0 }
      found[#found + 1], files[path], file.is_other = file, file, is_other
    end
  end
  local function add_folder(path)
    local paths, message, others = runs.files(path)
    failures[#failures + 1] = message and { message = message, is_named = true }
    for _, file in ipairs(paths or {}) do
      add(file, false)
    end
    for _, other in ipairs(others or {}) do
      if system.status(other) ~= "folder" then
        add(other, false, true)
      end
    end
  end
  for _, path in ipairs(self.paths) do
    if system.status(path) == "folder" then
      add_folder(path)
    else
      add(path, true)
    end
  end
  self.files = files
  return found
end

--- The first bytes of a regular file.
local function beginning(path)
  local file = system.status(path) == "file" and io.open(path, "rb")
  local bytes = file and file:read(BEGINNING_BYTES)
  if file then
    file:close()
  end
  return bytes
end

--- Stores what is new in a file. It isn't what was seen in another file of the same run, of which
-- this one is a copy; but all is, if this file went back. Nothing is lost of a run that wasn't seen
-- before, unless it has begun since.
local function find_new(self, file)
  local id, before = file.snapshot:instance_id(), file.position
  local seen = self.seen[id]
  file.is_filtered = file.snapshot:is_filtered()
  file.new, file.position, file.lost = file.snapshot:since(seen)
  file.lost = (seen or file.is_replaced) and file.lost or 0
  local recorded = file.position.recorded
  local went_back = before and before.instance_id == id and recorded < before.recorded
  if seen and recorded < seen.recorded and not went_back then
    file.new, file.lost = file.snapshot:filter { last = 0 }, 0
  else
    self.seen[id] = file.position
  end
  if self.kept == "nothing" then
    file.snapshot, file.new = nil, nil
  elseif self.kept == "lifetimes" then
    file.snapshot = file.snapshot:filter { last = 0 }
    file.new = file.snapshot
  end
end

--- The file beside `path` that has the run with this id, to which it was renamed; nil if there is
-- none.
local function renamed(path, id)
  local folder, name = path:match("^(.*/)([^/]+)$")
  folder, name = folder or "./", name or path
  local stem = name:gsub("%.[^.]*$", "") .. "-"
  for _, other in ipairs(system.list(folder) or {}) do
    local snapshot = other:sub(1, #stem) == stem and system.status(folder .. other) == "file"
      and runs.load_file(folder .. other)
    if snapshot and snapshot:instance_id() == id then
      return { path = (folder == "./" and "" or folder) .. other, snapshot = snapshot }
    end
  end
end

--- Stores in `file`, which had another run at the last look, what became of that run.
local function find_renamed(self, file)
  file.is_replaced = true
  file.renamed = renamed(file.path, file.position.instance_id)
  if file.renamed then
    find_new(self, file.renamed)
  end
end

local function fail(self, file, message, failures)
  file.failures = file.failures + 1
  if not file.is_said and (self.looks == 1 or file.failures == PATIENCE) then
    file.is_said = true
    failures[#failures + 1] = { message = message, is_named = file.is_named }
  end
  if file.failures >= PATIENCE then
    file.has_run, file.snapshot, file.bytes = false, nil, nil
  end
end

--- Looks at a file. What it finds is in the fields that `Watch:look` describes.
local function look_at(self, file, failures)
  local bytes = beginning(file.path)
  file.new, file.lost, file.renamed, file.is_replaced = nil, 0, nil, false
  file.state_before = file.state
  if file.has_run and bytes and bytes == file.bytes and file.state ~= "live" then
    file.failures = 0
    return
  end
  local snapshot, message
  if file.is_other then -- which may be a pipe that nothing writes to
    message = file.path .. ": " .. runs.NO_FILE
  else
    snapshot, message = runs.load(file.path)
  end
  if not snapshot then
    fail(self, file, message, failures)
    return
  end
  file.has_run, file.bytes, file.failures, file.is_said = true, bytes, 0, false
  file.snapshot = snapshot
  file.writer = snapshot:writer()
  file.state = file.writer and file.writer.state
  if file.position and file.position.instance_id ~= snapshot:instance_id() then
    find_renamed(self, file)
  end
  find_new(self, file)
end

--- Forgets the runs that were in no file for long.
local function forget_gone(self, found)
  local unseen = {}
  for id in pairs(self.seen) do
    unseen[id] = (self.unseen[id] or 0) + 1
  end
  for _, file in ipairs(found) do
    unseen[file.position.instance_id] = nil
  end
  for id, looks in pairs(unseen) do
    if looks >= MEMORY then
      self.seen[id], unseen[id] = nil, nil
    end
  end
  self.unseen = unseen
end

--- Looks at all files. Returns those that have a run, in the order of the paths, as tables with:
--
-- - `path`, and `is_named`, whether it was given, not found in a folder
-- - `bytes`, its first, which differ after each operation
-- - `snapshot`, of the whole run
-- - `is_filtered`, whether that isn't so
-- - `new`, a snapshot of the records that weren't seen at an earlier look; nil if nothing changed
-- - `lost`, how many more were recorded, but aren't retained
-- - `writer` of the snapshot; `state`, its state, and `state_before`, the one at the last look
-- - `is_replaced`, whether it has another run than at the last look; then `renamed` is such a table
--   with the run of that time, if that is in a file beside it
--
-- Also returns what can't be read, each file and folder once: an array of tables with a `message`
-- and `is_named`; and how many files there are.
function Watch:look()
  local failures, found = {}, {}
  self.looks = self.looks + 1
  local files = files_of(self, failures)
  for _, file in ipairs(files) do
    look_at(self, file, failures)
    found[#found + 1] = file.has_run and file or nil
  end
  forget_gone(self, found)
  return found, failures, #files
end

--- Keeps none of the records that were found, as they may take much memory.
function Watch:drop_records()
  for _, file in pairs(self.files) do
    if file.new then
      file.snapshot, file.new, file.renamed = file.snapshot:filter { last = 0 }, nil, nil
    end
  end
end

--- Looks for the first time. What can't be read in folders is named and counted on standard error.
-- Returns an array as `look` does; or nil and a message if something that was given can't be read,
-- or there is no run and `may_be_empty` isn't true.
function Watch:first_look(may_be_empty)
  local found, failures, count = self:look()
  for _, failure in ipairs(failures) do
    if failure.is_named then
      return nil, failure.message
    end
    runs.note(failure.message)
  end
  local place = table.concat(self.paths, ", ")
  if #found == 0 and not may_be_empty then
    return nil, runs.none_in(place, count)
  elseif #found < count then
    runs.note(("%s: left out %d of %d runs"):format(place, count - #found, count))
  end
  return found
end

--- Looks again. What can't be read is said on standard error, once. Returns an array as `look`
-- does.
function Watch:look_again()
  local found, failures = self:look()
  for _, failure in ipairs(failures) do
    runs.note(failure.message)
  end
  return found
end

--- Whether all paths are of whole runs: true; or nil and a message about the first that is of a
-- session.
local function check_whole(paths)
  for _, path in ipairs(paths) do
    if select(2, runs.split(path)) then
      return nil, path .. ": the totals of a session aren't known, only those of the whole run"
    end
  end
  return true
end

--- Whether all paths may be looked at again: true; or nil and a message about the first that may
-- not.
local function check_paths(paths)
  for _, path in ipairs(paths) do
    if path == "-" or system.status(path) == "other" then
      return nil, path .. ": it can't be followed, as it isn't a file"
    end
  end
  return true
end

return { new = new, check_paths = check_paths, check_whole = check_whole }
