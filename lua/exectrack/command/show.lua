--- `exectrack show`.
-- Used only by the command.
local converters = require("exectrack.command.converters")
local logs = require("exectrack.command.logs")
local origin = require("exectrack.command.origin")
local rendering = require("exectrack.command.rendering")
local runs = require("exectrack.command.runs")
local selection = require("exectrack.command.selection")
local strip_texts = require("exectrack.command.strip_texts")

local EXAMPLES = [[
Examples:
   exectrack show agent.run
   exectrack show agent.run -n 50 --format markdown
   exectrack show --claude --project .]]

local M = { summary = "Show what is in the file of a run, and its newest executions." }

function M.describe(command, choose)
  command:argument("RUN"):target("run"):args("?")
    :description("The file of a run, or a folder of them; or --claude, --codex or --gemini.")
  command:option("-n"):argname("N"):default("10"):target("newest")
    :convert(converters.integer("-n", 0))
    :description("How many of the newest executions to list.")
  selection.describe(command, choose)
  logs.describe(command)
  strip_texts.describe(command)
  rendering.describe(command, choose)
  command:epilog(EXAMPLES)
end

--- The run to show, and then perhaps nil and its parts, as `runs.load` has them; or nil, a message
-- and an exit code.
local function load(arguments)
  local has_logs, message, code = logs.replace(arguments, arguments.run, "RUN")
  if has_logs == nil then
    return nil, message, code
  end
  if has_logs then
    return logs.load(arguments)
  end
  return runs.load(arguments.run)
end

function M.run(arguments)
  local snapshot, message, more = load(arguments)
  if not snapshot then
    return nil, message, more
  end
  more = more or {}
  snapshot = strip_texts.apply(arguments, snapshot, more)
  local selected
  selected, message = selection.apply(snapshot, arguments, runs.died(more))
  if not selected then
    return nil, message
  end
  local paths = { arguments.run }
  local conditions = selection.conditions({ snapshot }, arguments)
  local report = require("exectrack.command.contents")(selected, arguments.newest,
    origin.add_options({}, paths, arguments, {
      died = runs.died(more, conditions), conditions = conditions }))
  report.source = origin.source(paths, selected, arguments)
  return rendering.write(report, arguments)
end

return M
