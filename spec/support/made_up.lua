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

--- Snapshots in which a report may find nothing, or more than it expects, by what they are.
function M.odd_runs()
  local many = {}
  for i = 1, 3000 do
    many[i] = { tool = "tool " .. i, duration_ms = i }
  end
  return {
    ["no executions"] = M.run {},
    ["one execution"] = M.run { { tool = "a", duration_ms = 12.5 } },
    ["one failure"] = M.run { { tool = "a", status = "failed", duration_ms = 1 } },
    ["all cancelled"] = M.run {
      { tool = "a", status = "cancelled", duration_ms = 1 },
      { tool = "b", status = "cancelled", duration_ms = 2 },
    },
    ["all cached"] = M.run { { tool = "a", duration_ms = 1, was_cached = true } },
    ["no time"] = M.run { { tool = "a", duration_ms = 0 }, { tool = "a", duration_ms = 0 } },
    ["from 1970 to 2100, out of order"] = M.run {
      { tool = "a", duration_ms = 5, timestamp = 4102444800 },
      { tool = "a", duration_ms = 5000, timestamp = 0 },
      { tool = "b", duration_ms = 2 ^ 46, timestamp = 1000 },
    },
    ["many tools"] = M.run(many),
    ["hostile names"] = M.run {
      { tool = "<b>\n\27[31m\xff", duration_ms = 3, status = "failed", error_type = "|\n" },
      { tool = "", duration_ms = 3 },
    },
  }
end

return M
