--- Where a report comes from: what it says of that, and how commands to paste ask for more of the
-- same.
-- Used only by the command.
local core = require("exectrack.core")
local logs = require("exectrack.command.logs")
local next_step = require("exectrack.report.parts.next_step")
local runs = require("exectrack.command.runs")
local selection = require("exectrack.command.selection")
local words = require("exectrack.report.parts.words")

local M = {}

-- So many runs are named in a title.
local MOST_NAMES = 3

--- The last `count` parts of a path.
local function last_parts(path, count)
  local from = #path + 1
  for _ = 1, count do
    from = path:sub(1, from - 1):find("[^/]*/*$")
  end
  return path:sub(from)
end

--- Which of the paths end like no other in the last `count` parts, by path: those parts.
local function distinct(paths, count)
  local by_end, found = {}, {}
  for _, path in ipairs(paths) do
    local its_end = last_parts(path, count)
    by_end[its_end] = by_end[its_end] == nil and path or false
  end
  for its_end, path in pairs(by_end) do
    if path then
      found[path] = its_end
    end
  end
  return found
end

--- As much of the end of each path, which are all different, as tells it from the others; by path.
local function short_names(paths)
  local names, rest, count = {}, paths, 1
  while #rest > 0 and count <= 64 do
    local found, left = distinct(rest, count), {}
    for _, path in ipairs(rest) do
      names[path] = names[path] or found[path]
      left[#left + 1] = not names[path] and path or nil
    end
    rest, count = left, count + 1
  end
  return names
end

--- What each of the runs at these paths is called, unless it has a label. The name of a session is
-- whole, with all its slashes; so that it is clear of which file it is, files are told apart first.
function M.names(paths)
  local files, sessions, different, is_known = {}, {}, {}, {}
  for i, path in ipairs(paths) do
    local file
    file, sessions[i] = runs.split(path)
    file = file == "-" and "standard input" or file:gsub("(.)/+$", "%1")
    different[#different + 1] = not is_known[file] and file or nil
    files[i], is_known[file] = file, true
  end
  local names, list = short_names(different), {}
  for i, file in ipairs(files) do
    list[i] = (names[file] or file) .. (sessions[i] and "#" .. sessions[i] or "")
  end
  return list
end

--- What the runs at these paths, and logs with this label, are called together; nil for standard
-- input, and for none.
function M.name(paths, label)
  for _, path in ipairs(paths) do
    if runs.split(path) == "-" then
      return nil
    end
  end
  local names = M.names(paths)
  names[#names + 1] = label
  return #names > 0 and words.listed(names, MOST_NAMES) or nil
end

--- The words of a shell command that name runs and what was selected of them; `RUN` for standard
-- input, which can't be read again.
function M.run(paths, arguments)
  local list = {}
  for i, path in ipairs(paths) do
    local named = path:find("^%-.") and "./" .. path or path
    list[i] = runs.split(path) == "-" and "RUN" or next_step.word(named)
  end
  local all = table.concat(list, " ") .. logs.words(arguments) .. selection.words(arguments)
  return (all:gsub("^ ", ""))
end

--- The arguments, with the session of a single `FILE#SESSION` as if --session named it.
function M.with_session(paths, arguments)
  local _, session = runs.split(#paths == 1 and paths[1] or "")
  return session and not arguments.session
    and setmetatable({ session = { session } }, { __index = arguments }) or arguments
end

--- What is selected of the run at this path, as reports take it; nil for all. `conditions` are
-- those for `filter`, if they are known.
local function selection_of(path, arguments, conditions)
  local parts, _, session = selection.parts(arguments, conditions), runs.split(path)
  if session and not (parts and parts.session) then
    parts = parts or {}
    parts.session = { session }
  end
  return parts
end

--- Adds the options to those of a built-in report by which it names the runs at these paths, and
-- what was selected of them; and what is `known` of the whole: perhaps `retained`, `died`, `whole`,
-- and the `conditions` by which a part was selected.
function M.add_options(options, paths, arguments, known)
  known = known or {}
  options.run, options.name = M.run(paths, arguments), M.name(paths, logs.label(arguments))
  options.retained, options.died, options.whole = known.retained, known.died, known.whole
  options.timezone = arguments.timezone
  options.selection = selection_of(#paths == 1 and paths[1] or "", arguments, known.conditions)
  return options
end

--- What a report says of where it comes from: the runs at these paths, of which `snapshot` is the
-- one that was loaded.
function M.source(paths, snapshot, arguments)
  local files = {}
  for i, path in ipairs(paths) do
    files[i] = path == "-" and "standard input" or path
  end
  files[#files + 1] = logs.label(arguments)
  return {
    files = files,
    version = core._VERSION:match("%S+$"),
    taken = snapshot:taken() > 0 and snapshot:taken() or nil,
    chosen = selection.chosen(snapshot, M.with_session(paths, arguments)),
  }
end

return M
