-- Checks with Lua 5.4 the files that the workers of nginx.py have left, with LuaJIT: of six
-- workers, one was killed after it had looked up something.
--
--     lua5.4 spec/hosts/nginx_runs.lua FILE...
local exectrack = require("exectrack")

local states = { closed = 0, died = 0 }
for _, path in ipairs(arg) do
  local run = assert(exectrack.load(path))
  local state = run:writer().state
  states[state] = states[state] + 1
  if state == "died" then
    local last = run[#run]
    assert(last.tool == "look_up" and last.status == "success", last.tool)
  end
end
assert(states.closed == 5 and states.died == 1, states.closed .. " " .. states.died)
