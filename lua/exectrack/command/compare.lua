--- `exectrack compare`.
-- In use by the command alone.
local rendering = require("exectrack.command.rendering")
local runs = require("exectrack.command.runs")

local EXAMPLES = [[
Examples:
   exectrack compare monday.run tuesday.run
   exectrack compare before.run after.run -o comparison.html]]

local M = { summary = "Compare two runs: what got slower, what fails more." }

function M.describe(command, choose)
  command:argument("BEFORE"):target("before"):description("The run that was saved in this file,")
  command:argument("AFTER"):target("after"):description("and the one to compare with it.")
  rendering.describe(command, choose)
  command:epilog(EXAMPLES)
end

function M.run(arguments)
  local snapshots, problem = runs.load_each { arguments.before, arguments.after }
  if not snapshots then
    return nil, problem
  end
  local compare = require("exectrack.report.builtin.compare")
  return rendering.write(compare(snapshots[2], { before = snapshots[1] }), arguments)
end

return M
