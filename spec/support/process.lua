--- Other processes, and what the system says about this one.
local M = {}

--- `text` as one word of a shell command.
function M.quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

local function interpreter()
  local first = 0
  while arg and arg[first - 1] do
    first = first - 1
  end
  return first < 0 and arg[first] or "lua5.4"
end

--- The interpreter that runs this, as a word of a shell command.
M.LUA = M.quote(interpreter())

function M.read_file(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

function M.write_file(path, text)
  local file = assert(io.open(path, "wb"))
  assert(file:write(text))
  assert(file:close())
end

-- In a shell that ignores no signal, whatever this process was started by, where env can do that.
local has_env = os.execute("env --default-signal true 2>/dev/null")
local shell = (has_env == true or has_env == 0) and "env --default-signal sh -c" or "sh -c"

--- Runs a shell command and returns its standard output, standard error and exit code.
function M.run(command)
  local out, err = os.tmpname(), os.tmpname()
  local status, _, code = os.execute(string.format("{ %s %s\n} >%s 2>%s", shell, M.quote(command),
    out, err))
  local stdout, stderr = M.read_file(out), M.read_file(err)
  os.remove(out)
  os.remove(err)
  return stdout, stderr, code or status / 256 -- as the system has it, in Lua 5.1
end

--- Runs `script` in a Lua process of its own, under the name `script.lua`. `before` may be shell
-- commands that come before it.
function M.run_lua(script, before)
  local loader = "assert((loadstring or load)(io.read('*a'), '@script.lua'))()"
  local warnings = _VERSION >= "Lua 5.4" and "-W" or ""
  return M.run(string.format("%s printf %%s %s | %s %s -e %s -", before or "", M.quote(script),
    M.LUA, warnings, M.quote(loader)))
end

--- Whether memory can be measured here: there is a /proc, and neither a sanitizer nor valgrind
-- keeps what was freed.
function M.measures_memory()
  local file = io.open("/proc/self/maps")
  if not file then
    return false, "there is no /proc"
  end
  local maps = file:read("*a")
  file:close()
  if maps:find("libasan", 1, true) or maps:find("vgpreload", 1, true) then
    return false, "memory is instrumented"
  end
  return true
end

return M
