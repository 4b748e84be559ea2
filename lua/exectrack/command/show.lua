--- `exectrack show`.
-- Used only by the command.
local rendering = require("exectrack.command.rendering")
local runs = require("exectrack.command.runs")
local whole_number = require("exectrack.command.whole_number")

local EXAMPLES = [[
Examples:
   exectrack show agent.run
   exectrack show agent.run -n 50 --format markdown]]

local M = { summary = "Show what is in the file of a run, and its newest executions." }

function M.describe(command, choose)
  command:argument("RUN"):target("run"):description("A file that a run was saved in.")
  command:option("-n"):argname("N"):default("10"):convert(whole_number("-n", 0)):target("newest")
    :description("How many of the newest executions to list.")
  rendering.describe(command, choose)
  command:epilog(EXAMPLES)
end

function M.run(arguments)
  local snapshot, problem = runs.load(arguments.run)
  if not snapshot then
    return nil, problem
  end
  local contents = require("exectrack.command.contents")
  return rendering.write(contents(snapshot, arguments.newest), arguments)
end

return M
