--- Modules that were compiled when exectrack was installed, and argparse: compiling them takes most
-- of the time of a small report.
--
-- They are in a file that `precompile` writes, itself a precompiled chunk. It returns the
-- interpreter that it is for, and the codes and the files' stamps by the paths of the modules. A
-- module is taken from it only if Lua would load the file at this path, which still has this stamp;
-- else, Lua compiles the file.
--
-- Used only by `bin/exectrack`.

-- Starting makes little garbage, and collecting it would take noticeable time.
collectgarbage("stop")

local system = require("exectrack.command.system")

local M = {}

--- The interpreter that this is.
M.INTERPRETER = package.loaded.jit and jit.version .. " " .. jit.arch or _VERSION

M.load_string = loadstring or load

--- The path of a file, by what is before and behind the first `?` of a template.
local function path_of(template, file)
  return template.before .. file .. template.behind:gsub("%?", file)
end

--- All templates of `package.path`; and those by which Lua can find exectrack or a module in its
-- folder.
local function read_templates()
  local all, ours = {}, {}
  for before, behind in package.path:gmatch("([^;?]+)%?([^;]*)") do
    local template = { before = before, behind = behind }
    local has_ours = system.status(before .. "exectrack")
      or system.stamp(path_of(template, "exectrack"))
    all[#all + 1], ours[#ours + 1] = template, has_ours and template or nil
  end
  return all, ours
end

local all_templates, templates_of_exectrack

--- Whether a module is one of those that are compiled.
function M.is_one(name)
  return name == "argparse" or (name .. "."):find("^exectrack%.") ~= nil
end

--- The path of the file that Lua loads for one of these modules, and its stamp; nil if there is
-- none.
function M.find(name)
  local file = name:gsub("%.", "/")
  if not all_templates then
    all_templates, templates_of_exectrack = read_templates()
  end
  for _, template in ipairs(name == "argparse" and all_templates or templates_of_exectrack) do
    local path = path_of(template, file)
    local stamp = system.stamp(path)
    if stamp then
      return path, stamp
    end
  end
end

--- Has `require` take modules from the file at `path`, if there is one for this interpreter.
function M.use(path)
  local chunk = loadfile(path)
  local interpreter, codes, stamps
  if chunk then
    interpreter, codes, stamps = chunk()
  end
  if interpreter ~= M.INTERPRETER then
    return
  end
  -- The first, as the one of LuaRocks, which is before Lua's own, reads manifests.
  table.insert(package.searchers or package.loaders, 1, function(name)
    local file, stamp
    if M.is_one(name) and not package.preload[name] then
      file, stamp = M.find(name)
    end
    return stamp and stamp == stamps[file] and M.load_string(codes[file]) or nil, file
  end)
end

return M
