--- Debug hooks that do something while an operation works.
local assert = require("luassert")
local portable = require("spec.support.portable")

local ROUNDS = tonumber(os.getenv("ROUNDS") or 30)

local M = {}

--- Kinds of debug hooks: a mask and a count.
M.KINDS = { { "c", 0 }, { "", 1 }, { "crl", 1 } }
if jit then
  jit.off() -- what LuaJIT has compiled calls no hooks
else
  table.insert(M.KINDS, { "r", 0 }) -- which LuaJIT doesn't call at the end of a C function
end

--- Calls `operation` with a hook of this `kind` that calls `action` the `at`th time that it runs
-- meanwhile. Returns whether it ran that often, and what pcall returned.
local function call_with_hook(kind, at, action, operation)
  local is_inside, runs = false, 0
  local function hook()
    if is_inside then
      runs = runs + 1
      if runs == at then
        action()
      end
    end
  end
  debug.sethook(hook, portable.unpack(kind))
  local ok, first, second = pcall(function()
    is_inside = true
    local first, second = operation()
    is_inside = false
    return first, second
  end)
  is_inside = false
  local found, mask, count = debug.gethook()
  debug.sethook()
  assert.equal(hook, found)
  assert.same(kind, { mask, count })
  return runs >= at, ok, first, second
end

--- Does that at the first ROUNDS times at which a hook of any kind runs, and at ever fewer of those
-- that follow. `check` gets what pcall returned.
function M.try_everywhere(action, operation, check)
  for _, kind in ipairs(M.KINDS) do
    local at = 0
    repeat
      at = at + 1 + math.floor(at / ROUNDS)
      local has_run, ok, first, second = call_with_hook(kind, at, action, operation)
      check(ok, first, second)
    until not has_run
    assert.is_true(at > 2, "the hook didn't run inside")
  end
end

return M
