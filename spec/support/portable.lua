--- What differs between versions of Lua, as far as specs need it, by one name.
local M = {}

M.unpack = table.unpack or unpack

--- As table.pack.
function M.pack(...)
  return { n = select("#", ...), ... }
end

--- As table.move, to other elements than those that it reads.
function M.move(from, first, last, to, into)
  into = into or from
  for i = first, last do
    into[to + i - first] = from[i]
  end
  return into
end

--- As load, of a text. `env` is its environment.
function M.load(text, name, mode, env)
  if not setfenv then
    return load(text, name, mode, env or _G)
  end
  local chunk, problem = loadstring(text, name)
  return chunk and setfenv(chunk, env or _G), problem
end

--- How messages call a file. Since Lua 5.3 they call objects by the name of their type.
M.FILE = getmetatable(io.stdout).__name or "userdata"

--- How they call an object whose type has this name.
function M.named(name)
  return M.FILE == "userdata" and M.FILE or name
end

--- Whether messages have the names of variables last, as "a nil value (local 'x')".
M.NAMES_COME_LAST = math.type ~= nil

--- Whether `run` is a function of Lua, as it is where C functions can't be left by yielding and
-- entered again with their variables closed.
M.RUN_IS_LUA = _VERSION < "Lua 5.4"

--- What is raised where a coroutine can't yield.
M.NO_YIELD = select(2, coroutine.resume(coroutine.create(function()
  return ("x"):gsub("x", coroutine.yield)
end)))

--- Whether a coroutine runs.
function M.is_yieldable()
  local thread, is_main = coroutine.running()
  return thread ~= nil and not is_main
end

--- The largest integer, and the smallest: beyond, not all integers are there.
M.MAX_INTEGER = math.maxinteger or 2 ^ 53
M.MIN_INTEGER = math.mininteger or -2 ^ 53

--- Whether Lua has integers.
M.HAS_INTEGERS = math.type ~= nil

--- Whether `number` is an integer; before Lua 5.3, where no type tells: whether it is whole.
function M.is_integer(number)
  if math.type then
    return math.type(number) == "integer"
  end
  return type(number) == "number" and number % 1 == 0
end

--- Whether `number` is a float. Before Lua 5.3, all numbers are.
function M.is_float(number)
  if math.type then
    return math.type(number) == "float"
  end
  return type(number) == "number"
end

return M
