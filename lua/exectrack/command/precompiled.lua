--- Modules that were compiled when exectrack was installed: compiling them takes most of the time
-- of a small report.
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

--- The templates of `package.path` by which Lua can find exectrack or a module in its folder.
local function templates_of_exectrack()
  local templates = {}
  for before, behind in package.path:gmatch("([^;?]+)%?([^;]*)") do
    local template = { before = before, behind = behind }
    if system.status(before .. "exectrack") or system.stamp(path_of(template, "exectrack")) then
      templates[#templates + 1] = template
    end
  end
  return templates
end

local templates

--- The path of the file that Lua loads for a module of exectrack, and its stamp; nil if there is
-- none.
function M.find(name)
  local file = name:gsub("%.", "/")
  templates = templates or templates_of_exectrack()
  for _, template in ipairs(templates) do
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
    if (name .. "."):find("^exectrack%.") and not package.preload[name] then
      file, stamp = M.find(name)
    end
    return stamp and stamp == stamps[file] and M.load_string(codes[file]) or nil, file
  end)
end

return M
