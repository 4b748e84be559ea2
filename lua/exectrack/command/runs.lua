--- Reading runs from files and folders, and saving them.
-- Used only by the command.
local core = require("exectrack.core")
local error_message = require("exectrack.format.error_message")
local exit_codes = require("exectrack.command.exit_codes")
local output = require("exectrack.command.output")
local parts_of_runs = require("exectrack.command.parts")
local system = require("exectrack.command.system")
local targets = require("exectrack.command.target")
local unicode = require("exectrack.report.unicode")
local without_in_flight = require("exectrack.command.without_in_flight")

local STANDARD_OUTPUT = 1

-- What files are whose names end so, and the subcommand that writes them.
local OTHERS = {
  csv = { "CSV", "convert" }, json = { "JSON", "convert" }, jsonl = { "JSON Lines", "convert" },
  htm = { "HTML", "report" }, html = { "HTML", "report" }, txt = { "text", "report" },
  markdown = { "Markdown", "report" }, md = { "Markdown", "report" },
}

local M = {}

--- The run that is read from a pipe; or nil and a message that names the pipe.
local function read(file, name)
  local snapshot, message = core.load(file)
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

--- Says something on standard error.
function M.note(message)
  io.stderr:write("exectrack: ", unicode.visible(message), "\n")
end

--- Says which of these parts of a merged run are of the same run.
function M.note_copies(parts)
  local message = parts_of_runs.copies(parts)
  if message then
    M.note(message)
  end
end

--- The run in the file at `path`; or nil and a message that names the path.
function M.load_file(path)
  if system.is_regular(targets.of(path)) == false then
    return read_pipe(path)
  end
  local snapshot, message, code = core.load(path)
  if code == "kind" and (path:find("%.jsonl?$") or path:find("%.csv$")) then
    message = message .. ": exectrack import makes one of it"
  end
  return snapshot, message
end

--- The paths of the files in a folder whose names end in `.run`, in the order of their bytes, which
-- may be none; then nil, and the paths of what else has such a name: folders, devices, links that
-- lead to nothing. Or nil and a message. Hidden ones aren't among them.
function M.files(folder)
  local names, message = system.list(folder)
  if not names then
    return nil, message
  end
  table.sort(names)
  local paths, others, before = {}, {}, folder:gsub("/+$", "") .. "/"
  for _, name in ipairs(names) do
    if name:find("^[^.].*%.run$") then
      local list = system.status(before .. name) == "file" and paths or others
      list[#list + 1] = before .. name
    end
  end
  return paths, nil, others
end

--- What no file of a folder has, and what is named like one and isn't, in messages.
M.NO_RUNS = "no file in it has a name that ends in .run"
M.NO_FILE = "it isn't a file, or leads to none"

--- Why there is no run in a folder, or in some, with `count` names of runs.
function M.none_in(place, count)
  return place .. ": " .. (count == 0 and M.NO_RUNS or "none of its runs can be read")
end

--- The runs as they are merged: those that have ended have nothing in flight.
local function prepared(snapshots)
  local list = {}
  for i, snapshot in ipairs(snapshots) do
    list[i] = without_in_flight(snapshot)
  end
  return list
end

--- Merges runs. Returns the merged run; or nil, a message and, if one of them doesn't fit to the
-- others, its index.
local function try_merge(snapshots, options)
  local ok, merged = pcall(core.merge, snapshots, options)
  if ok then
    return merged
  end
  local message = error_message(merged)
  local element, its_message = message:match("^element (%d+): (.*)$")
  return nil, its_message or message, tonumber(element)
end

--- The runs in the files at these paths, and the paths of those that can be loaded. Says what is
-- wrong with the others.
local function load_readable(paths)
  local snapshots, readable = {}, {}
  for _, path in ipairs(paths) do
    local snapshot, message = M.load_file(path)
    if snapshot then
      snapshots[#snapshots + 1], readable[#readable + 1] = snapshot, path
    else
      M.note(message)
    end
  end
  return snapshots, readable
end

--- Merges the runs that fit to each other. The others are removed from the array; `take_misfit` is
-- called with the index that each had and what is wrong with it. Returns the merged run, which is
-- a single run as it is; or nil and a message if there is none.
function M.merge_fitting(snapshots, take_misfit)
  local merged_as = #snapshots > 1 and prepared(snapshots)
  while #snapshots > 1 do
    local merged, message, misfit = try_merge(merged_as)
    if not misfit then
      return merged, message
    end
    table.remove(snapshots, misfit)
    table.remove(merged_as, misfit)
    take_misfit(misfit, message)
  end
  return snapshots[1]
end

--- The files of the runs in a folder, at least one, but those for whose paths `is_left_out` returns
-- true; nil; and how many others have such names, which are named, but for folders. Or nil and a
-- message.
function M.chosen_files(folder, is_left_out)
  local files, message, others = M.files(folder)
  local count = 0
  for _, path in ipairs(others or {}) do
    if system.status(path) ~= "folder" then
      M.note(path .. ": " .. M.NO_FILE)
      count = count + 1
    end
  end
  for i = files and #files or 0, 1, -1 do
    if is_left_out and is_left_out(files[i]) then
      table.remove(files, i)
    end
  end
  if files and #files == 0 then
    return nil, M.none_in(folder, count)
  end
  return files, message, count
end

--- The parts that runs in these files are of a merged one.
local function parts_of(snapshots, files)
  local parts = {}
  for i, snapshot in ipairs(snapshots) do
    parts[i] = { file = files[i], whole = snapshot }
  end
  return parts
end

--- The merged run of a folder. Returns what `load` does.
local function load_folder(folder, is_left_out)
  local files, message, others = M.chosen_files(folder, is_left_out)
  if not files then
    return nil, message
  end
  local snapshots, readable = load_readable(files)
  local merged
  merged, message = M.merge_fitting(snapshots, function(misfit, its_message)
    M.note(table.remove(readable, misfit) .. ": " .. its_message)
  end)
  if not merged then
    return nil, message and folder .. ": " .. message or M.none_in(folder, #files)
  end
  local count = #files + others
  if #snapshots < count then
    M.note(("%s: left out %d of %d runs"):format(folder, count - #snapshots, count))
  end
  return merged, nil, parts_of(snapshots, readable)
end

--- The whole run of a path. Returns what `load` does.
local function load_whole(path, is_left_out)
  local snapshot, message
  if path == "-" then
    snapshot, message = read(io.stdin, "standard input")
  elseif system.status(path) == "folder" then
    return load_folder(path, is_left_out)
  else
    snapshot, message = M.load_file(path)
  end
  return snapshot, message, snapshot and parts_of({ snapshot }, { path })
end

--- Splits `PATH#SESSION`: the path and the session. Returns the whole and nil if there is a file or
-- a folder of that name, or none before a `#`.
function M.split(path)
  if path:find("#", 1, true) and not system.status(path) then
    for position in path:gmatch("()#") do
      local before = path:sub(1, position - 1)
      if before == "-" or system.status(before) then
        return before, path:sub(position + 1)
      end
    end
  end
  return path, nil
end

--- The run of a place, which has the path as `name` and maybe `sessions` to choose. Returns what
-- `load` does.
local function load_place(place, is_left_out)
  local sessions = place.sessions
  local snapshot, message, parts = load_whole(place.name, is_left_out)
  if not (snapshot and sessions) then
    return snapshot, message, parts
  end
  for _, part in ipairs(parts) do
    part.session = sessions[2] and sessions or sessions[1]
  end
  snapshot, message = require("exectrack.command.selection").apply(snapshot,
    { session = sessions }, M.died(parts))
  return snapshot, message and place.name .. ": " .. message, snapshot and parts
end

local function place_of(path)
  local name, session = M.split(path)
  return { name = name, sessions = session and { session } }
end

--- The run at `path`, a file or a folder; for `-`, the one on standard input. Of a folder it is the
-- merge of the runs in it; what can't be used is named and counted on standard error, and what may
-- count twice is named. `PATH#SESSION` is what it has of this session. Then returns nil and its
-- parts, an array of the runs that it is made of: each a table with its `file`, all of it as
-- `whole`, and perhaps the `session`. Or nil and a message that names the path.
function M.load(path)
  local snapshot, message, parts = load_place(place_of(path))
  if snapshot then
    M.note_copies(parts)
  end
  return snapshot, message, parts
end

--- Whether a run was taken, or its process died, at the time that `conditions` select, which may be
-- nil.
function M.is_within(run, conditions)
  local taken, its = run:taken(), conditions or {}
  return taken >= (its.since or 0) and taken < (its.before or math.huge)
end

--- Those of such parts whose processes died with something in flight, as the option `died` of a
-- report is. What is in flight of those that died at another time than `conditions` select, which
-- may be nil, is left out.
function M.died(parts, conditions)
  local died = {}
  for _, part in ipairs(parts) do
    local writer = part.whole:writer()
    if writer and writer.state == "died" and part.whole:in_flight_count() > 0 then
      died[#died + 1] = { run = part.whole, session = part.session, name = part.file,
        is_left_out = not M.is_within(part.whole, conditions) }
    end
  end
  return died
end

--- The runs of places, and then nil and the parts of each, as of `load`; or nil and a message about
-- the first that can't be loaded.
local function load_places(places, is_left_out)
  local snapshots, reads_input, parts = {}, false, {}
  for i, place in ipairs(places) do
    if place.name == "-" and reads_input then
      return nil, "-: standard input can be read only once"
    end
    reads_input = reads_input or place.name == "-"
    local snapshot, message, its_parts = load_place(place, is_left_out)
    if not snapshot then
      return nil, message
    end
    snapshots[i], parts[i] = snapshot, its_parts
  end
  return snapshots, nil, parts
end

--- The runs at these paths, each by itself; or nil and a message about the first that can't be
-- loaded.
function M.load_each(paths)
  local places = {}
  for i, path in ipairs(paths) do
    places[i] = place_of(path)
  end
  local snapshots, message, parts = load_places(places)
  for _, its_parts in ipairs(parts or {}) do
    M.note_copies(its_parts)
  end
  return snapshots, message
end

--- The places of these paths: one for all sessions of a path, whose lifetime would otherwise count
-- several times when they are merged. Then the first of the paths of each.
local function places_to_merge(paths)
  local places, by_name, firsts = {}, {}, {}
  for _, path in ipairs(paths) do
    local place = place_of(path)
    local same = place.sessions and by_name[place.name]
    if same then
      table.insert(same.sessions, place.sessions[1])
    else
      places[#places + 1], firsts[#firsts + 1] = place, path
      by_name[place.name] = place.sessions and place
    end
  end
  return places, firsts
end

--- The runs at these paths to be merged, one for all sessions of a path, and then nil, the parts of
-- all, as of `load`, which have an array as `session` for several, and the first of the paths of
-- each run. Or nil and a message about the first that can't be loaded. Of folders it leaves out the
-- files for whose paths `is_left_out`, a function, returns true.
function M.load_to_merge(paths, is_left_out)
  local places, firsts = places_to_merge(paths)
  local snapshots, message, parts = load_places(places, is_left_out)
  if not snapshots then
    return nil, message
  end
  local all = {}
  for _, its_parts in ipairs(parts) do
    for _, part in ipairs(its_parts) do
      all[#all + 1] = part
    end
  end
  M.note_copies(all)
  return snapshots, nil, all, firsts
end

--- Merges runs that were loaded from these paths; one more may be that of logs. Also of a single
-- run, which doesn't say in its copy that it has ended. Returns what `load` does.
function M.merge(snapshots, paths, options)
  local merged, message, misfit = try_merge(prepared(snapshots), options)
  return merged, misfit and (paths[misfit] or "the logs") .. ": " .. message or message
end

--- The runs at these paths, merged. A single run stays as it is. Returns what `load` does.
function M.load_all(paths)
  if #paths == 1 then
    return M.load(paths[1])
  end
  local snapshots, message, parts, firsts = M.load_to_merge(paths)
  if not snapshots then
    return nil, message
  end
  local merged
  merged, message = M.merge(snapshots, firsts)
  return merged, message, merged and parts
end

--- Whether there is the file of a recorder at `path`, which a process may be writing.
local function is_recorder(path)
  local snapshot = core.load(path)
  return snapshot ~= nil and snapshot:writer() ~= nil
end

--- A message if a path ends as what another subcommand writes does.
local function ending_message(path)
  local before, ending = path:match("^(.*)%.(%a+)$")
  local other = ending and OTHERS[ending:lower()]
  return other and ("%s: a saved run isn't %s: name it %s.run, or write %s with exectrack %s")
    :format(path, other[1], before, other[1], other[2])
end

--- Whether a run may be saved at `path`: not on a terminal, not in place of a file that isn't a
-- saved run, and not under the ending of another format. Returns true; or nil, a message and the
-- exit code, if it isn't 1.
function M.check_target(path)
  local is_standard = path == "-"
  if system.is_terminal(is_standard and STANDARD_OUTPUT or path) then
    return nil, (is_standard and "standard output" or path)
      .. ": it is a terminal, and a run isn't text", exit_codes.WRONG_USAGE
  end
  local target = targets.of(path)
  local message = system.is_regular(target) == nil and ending_message(path)
  if message then
    return nil, message, exit_codes.WRONG_USAGE
  elseif is_standard or not system.is_regular(target) then
    return true
  end
  local bytes
  bytes, message = targets.first_bytes(target)
  if message then
    return nil, path .. ": " .. message
  elseif bytes ~= "" and bytes ~= targets.MAGIC then
    return nil, path .. ": it isn't a saved run, so it isn't overwritten"
  elseif is_recorder(target) then
    return nil, path .. ": it is a recorder's file, so it isn't overwritten"
  end
  return true
end

--- Saves a run at `path`; for `-`, on standard output. Returns what `check_target` does.
function M.save(snapshot, path)
  local ok, message, code = M.check_target(path)
  if not ok then
    return nil, message, code
  end
  local target = targets.of(path)
  if path == "-" or system.is_regular(target) == false then -- a pipe or a device
    return output.write(path, snapshot:bytes())
  end
  -- If a signal ended the process now, the unfinished new file would remain.
  ok, message = system.hold_signals(snapshot.save, snapshot, target)
  -- Without the code, which isn't an exit code.
  return ok, message and targets.named(message, target, path)
end

return M
