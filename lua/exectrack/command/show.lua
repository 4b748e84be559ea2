--- `exectrack show`.
-- Used only by the command.
local logs = require("exectrack.command.logs")
local rendering = require("exectrack.command.rendering")
local runs = require("exectrack.command.runs")
local whole_number = require("exectrack.command.whole_number")

local EXAMPLES = [[
Examples:
   exectrack show agent.run
   exectrack show agent.run -n 50 --format markdown
   exectrack show --claude --project .]]

local M = { summary = "Show what is in the file of a run, and its newest executions." }

function M.describe(command, choose)
  command:argument("RUN"):target("run"):args("?")
    :description("The file of a run, or a folder of them; or --claude, --codex or --gemini.")
  command:option("-n"):argname("N"):default("10"):convert(whole_number("-n", 0)):target("newest")
    :description("How many of the newest executions to list.")
  logs.describe(command)
  logs.describe_since(command)
  rendering.describe(command, choose)
  command:epilog(EXAMPLES)
end

--- The run to show; or nil, a message and an exit code.
local function load(arguments)
  local has_logs, problem, code = logs.replace(arguments, arguments.run, "RUN")
  if has_logs == nil then
    return nil, problem, code
  end
  if has_logs then
    return logs.load(arguments)
  end
  return runs.load(arguments.run)
end

function M.run(arguments)
  local snapshot, problem, code = load(arguments)
  if not snapshot then
    return nil, problem, code
  end
  local contents = require("exectrack.command.contents")
  return rendering.write(contents(snapshot, arguments.newest), arguments)
end

return M
