--- One paragraph about the machine that the numbers are from.
local M = {}

local function first_line(command)
  local pipe = io.popen(command .. " 2>/dev/null")
  local line = pipe:read("l")
  pipe:close()
  return line or "unknown"
end

local function processor()
  local file = io.open("/proc/cpuinfo")
  if not file then
    return "unknown processor"
  end
  local model = file:read("a"):match("model name%s*:%s*([^\n]+)")
  file:close()
  return model or "unknown processor"
end

--- What people call a version of Lua.
function M.lua_name(version)
  return version == "luajit" and "LuaJIT" or "Lua " .. version
end

--- Text that names processor, kernel, compiler with its flags, and Lua.
function M.describe(compiler)
  return string.format("%s, %s cores, %s\n%s; %s", processor(),
    first_line("getconf _NPROCESSORS_ONLN"), first_line("uname -srm"), compiler,
    first_line("lua5.4 -v"):match("^%S+ %S+"))
end

return M
