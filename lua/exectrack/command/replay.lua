--- `exectrack replay`.
-- In use by the command alone.
local rendering = require("exectrack.command.rendering")
local runs = require("exectrack.command.runs")
local script = require("exectrack.command.script")

local EXAMPLES = [[
Examples:
   exectrack replay --policy policy.lua agent.run
   exectrack replay --policy policy.lua agent.run --no-enforce -o policy.html

A policy file may be as short as this:
   return require("exectrack.policy").loop_guard { repeats = 3 }]]

local M = { summary = "Replay a run to see what a policy would have denied." }

function M.describe(command, choose)
  command:argument("RUN"):target("run"):description("A file that a run was saved in.")
  command:option("--policy"):argname("FILE.lua"):count(1)
    :description("A Lua file that returns a policy: a function of a call.")
  command:flag("--no-enforce")
    :description("Let what the policy denies take place in the replay nevertheless.")
  rendering.describe(command, choose)
  command:epilog(EXAMPLES)
end

function M.run(arguments)
  local snapshot, problem = runs.load(arguments.run)
  if not snapshot then
    return nil, problem
  end
  local policy
  policy, problem = script.load(arguments.policy)
  if not policy then
    return nil, problem
  end
  local ok, report = script.call(arguments.policy, require("exectrack.report.builtin.policy"),
    snapshot, { policy = policy, enforce = not arguments.no_enforce })
  if not ok then
    return nil, report
  end
  return rendering.write(report, arguments)
end

return M
