--- What a shell may offer for the last word of a command line.
-- Used only by `exectrack completion`.
local system = require("exectrack.command.system")

local M = {}

-- The options whose values are names in the runs that are given: the kind of name.
local NAMES_IN_RUNS = { ["--tool"] = "tool", ["--exclude"] = "tool", ["--session"] = "session" }

--- What subcommands describe, without argparse, which takes longer to load than all else here: an
-- option or an argument, of which any other method returns the same.
local Item = {}
function Item.__index(_, _)
  return function(item) return item end
end

local function new_item(fields)
  return setmetatable(fields, Item)
end

--- Describes a subcommand: `options` by their names, which are in `order`, and `arguments`.
local function described(name)
  local found = { options = { ["--help"] = new_item { takes = 0 } }, order = { "--help" },
    arguments = {} }
  local function add(takes)
    return function(_, names)
      local item = new_item { takes = takes }
      for alias in names:gmatch("%S+") do
        found.options[alias] = item
        found.order[#found.order + 1] = alias
      end
      return item
    end
  end
  local command = new_item { option = add(1), flag = add(0), argument = function()
    local item = new_item {}
    table.insert(found.arguments, item)
    return item
  end }
  require("exectrack.command." .. name).describe(command, function(item, _, choices, is_set)
    rawset(item, "choices", choices)
    rawset(item, "is_set", is_set)
    return item
  end)
  return found
end

-- Of a folder, only so many runs are read, so that the shell answers soon.
local MOST_RUNS = 50

--- Appends a path, or the first runs in it if it is a folder.
local function add_runs(paths, path)
  local kind = system.status(path)
  local found = kind == "folder" and require("exectrack.command.runs").files(path)
    or kind == "file" and { path } or {}
  for i = 1, math.min(#found, MOST_RUNS) do
    paths[#paths + 1] = found[i]
  end
end

--- The runs that words name.
local function runs_among(words, options)
  local paths, skips = {}, false
  for _, word in ipairs(words) do
    local option = options[word]
    local is_value = skips
    skips = option ~= nil and option.takes == 1
    if not (is_value or option) then
      add_runs(paths, word)
    end
  end
  return paths
end

--- The names of tools or sessions in the runs, each once.
local function names_in(paths, kind)
  local names, is_known = {}, {}
  for _, path in ipairs(paths) do
    local snapshot = require("exectrack").load(path)
    local rows = snapshot and (kind == "tool" and snapshot:tools()
      or snapshot:group_by("session", { quantiles = {} })) or {}
    for _, row in ipairs(rows) do
      local name = kind == "tool" and row or row.session
      if name and not is_known[name] and not name:find("%c") then
        is_known[name], names[#names + 1] = true, name
      end
    end
  end
  return names
end

--- The names that begin with `text`, with `before` in front.
local function beginning_with(text, names, before)
  local found = {}
  for _, name in ipairs(names or {}) do
    found[#found + 1] = name:sub(1, #text) == text and before .. name or nil
  end
  return found
end

--- What the value of an option may be that begins with `text`, with `before` in front; none if
-- anything may, such as a path.
local function values_of(name, text, before, words, options)
  local kind, option = NAMES_IN_RUNS[name], options[name]
  if kind then
    return beginning_with(text, names_in(runs_among(words, options), kind), before)
  end
  local others = rawget(option, "is_set") and text:match("^.*,") or ""
  return beginning_with(text:sub(#others + 1), rawget(option, "choices"), before .. others)
end

--- What the last of the words behind a subcommand may be.
local function of_command(name, words, last)
  local its = described(name)
  local previous = words[#words]
  local option = its.options[previous]
  if option and option.takes == 1 then
    return values_of(previous, last, "", words, its.options)
  end
  local given, value = last:match("^(%-%-[%w-]+)=(.*)$")
  if given and its.options[given] then
    return values_of(given, value, given .. "=", words, its.options)
  elseif last:find("^%-") then
    return beginning_with(last, its.order, "")
  end
  return beginning_with(last, its.arguments[1] and rawget(its.arguments[1], "choices"), "")
end

--- What the last of the words of a command line may be, without the name of the program: an array,
-- empty if it may be the path of a file. `names` are those of the subcommands.
function M.candidates(words, names)
  local before, last = {}, words[#words] or ""
  for i = 1, #words - 1 do
    before[i] = words[i]
  end
  if #before == 0 then
    return beginning_with(last, last:find("^%-") and { "--help", "--version" } or names, "")
  end
  local name = table.remove(before, 1)
  for _, known in ipairs(names) do
    if name == known then
      return of_command(name, before, last)
    end
  end
  return {}
end

return M
