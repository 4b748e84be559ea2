--- Finalizers that run again and again, and a collector that is always at work.
local M = {}

--- Returns an object; when it is collected, `action` is called.
function M.object(action)
  if not newproxy then
    return setmetatable({}, { __gc = action })
  end
  local object = newproxy(true) -- before Lua 5.2, tables have no finalizers
  getmetatable(object).__gc = action
  return object
end

--- Makes garbage whose finalizer calls `action`, which makes garbage again, until it is stopped.
-- Returns the function that stops it, which returns how often it was called.
function M.keep(action)
  local stopped, calls = false, 0
  local function make()
    M.object(function()
      if not stopped then
        calls = calls + 1
        action(calls)
        make()
      end
    end)
  end
  make()
  return function()
    stopped = true
    return calls
  end
end

--- Has the collector wait until the heap has `pause` percent of its size after the last collection,
-- and then go `speed` percent as fast as memory is allocated.
function M.set_collector(pause, speed, step)
  if _VERSION == "Lua 5.4" then
    collectgarbage("incremental", pause, speed, step) -- of 2^`step` bytes
  elseif pcall(collectgarbage, "param", "pause", pause) then -- since Lua 5.5
    collectgarbage("incremental")
    collectgarbage("param", "stepmul", speed)
  else
    collectgarbage("setpause", pause)
    collectgarbage("setstepmul", speed)
  end
end

--- Has the collector always be at work, in a heap that is small: before Lua 5.4, each of its steps
-- may be a cycle then.
function M.hurry()
  M.set_collector(1, 400, 10)
end

--- Has each step of the collector be a cycle.
function M.hurry_most()
  M.set_collector(100, 1000000, 40)
end

--- Collectors that find garbage soon, and how to have the usual one again. The generational one
-- looks at all objects only when there are twice as many: that takes long and finds nothing sooner.
M.MODES = { { name = "incremental", enter = function()
  M.set_collector((jit or _VERSION >= "Lua 5.4") and 1 or 100, 400, 10)
end } }
if _VERSION >= "Lua 5.4" then
  table.insert(M.MODES, 1, { name = "generational", enter = function()
    collectgarbage("generational", 1, 100)
  end })
end

function M.leave_mode()
  M.set_collector(200, 100, 13)
end

return M
