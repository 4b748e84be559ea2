--- Finalizers that run again and again, and a collector that is always at work.
local M = {}

--- Makes garbage whose finalizer calls `action`, which makes garbage again, until it is stopped.
-- Returns the function that stops it, which returns how often it was called.
function M.keep(action)
  local stopped, calls = false, 0
  local function make()
    setmetatable({}, { __gc = function()
      if not stopped then
        calls = calls + 1
        action(calls)
        make()
      end
    end })
  end
  make()
  return function()
    stopped = true
    return calls
  end
end

--- Collectors that find garbage soon, and how to have the usual one again. The generational one
-- looks at all objects only when there are twice as many: that takes long and finds nothing sooner.
M.MODES = {
  { name = "generational", enter = function() collectgarbage("generational", 1, 100) end },
  { name = "incremental", enter = function() collectgarbage("incremental", 1, 400, 10) end },
}

function M.leave_mode()
  collectgarbage("incremental", 200, 100, 13)
end

return M
