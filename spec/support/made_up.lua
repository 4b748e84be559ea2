--- Runs to make reports of.
local clocks = require("spec.support.clock")
local directory = require("spec.support.directory")
local exectrack = require("exectrack")
local lfs = require("lfs")

local M = {}

--- The snapshots of the runs that examples/made_up_runs.lua makes up: before, after.
function M.examples()
  local checkout, folder = lfs.currentdir(), directory.make()
  assert(lfs.chdir(folder))
  local ok, message = pcall(dofile, checkout .. "/examples/made_up_runs.lua")
  local before, after = exectrack.load("before.run"), exectrack.load("after.run")
  assert(lfs.chdir(checkout))
  directory.remove(folder)
  assert(ok, message)
  return before, after
end

--- A snapshot of `executions`, as `tracker:record` takes them, but that are a success unless they
-- say so. One ends each second from 2026-01-01 00:00:01 UTC on.
function M.run(executions, label)
  local clock = clocks.new()
  local tracker = exectrack.new { clock = clock.read, label = label, max_tools = 5000,
    max_history = #executions }
  for _, execution in ipairs(executions) do
    clock.advance_us(1000000)
    execution.status = execution.status or "success"
    tracker:record(execution)
  end
  return tracker:snapshot()
end

return M
