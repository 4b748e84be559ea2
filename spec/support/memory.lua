--- What a process takes of the machine's memory.
local process = require("spec.support.process")

local M = {}

--- Runs `script` in a process of its own, with `exectrack`, and with `kilobytes(label)`, which is
-- what /proc/self/status says after `label`. Returns what it prints; raises what it complains.
function M.measure(script)
  local stdout, stderr, code = process.run_lua([[
local exectrack = require("exectrack")

local function kilobytes(label)
  for line in io.lines("/proc/self/status") do
    local kb = line:match("^" .. label .. ":%s*(%d+) kB")
    if kb then
      return tonumber(kb)
    end
  end
end

]] .. script)
  if stderr ~= "" or code ~= 0 then
    error(stderr, 2)
  end
  return stdout
end

return M
