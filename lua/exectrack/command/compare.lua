--- `exectrack compare`.
-- Used only by the command.
local built_in = require("exectrack.command.built_in")
local exit_codes = require("exectrack.command.exit_codes")
local logs = require("exectrack.command.logs")
local rendering = require("exectrack.command.rendering")
local runs = require("exectrack.command.runs")

local EXAMPLES = [[
Examples:
   exectrack compare monday.run tuesday.run
   exectrack compare before.run after.run -o comparison.html
   exectrack compare before.run after.run -- significance=0.05 least_change=0.2
   exectrack compare before.run --claude --project .

Arguments after -- are options. significance, 0.01, is how probable it may be
that the report shows a difference that is only noise. least_change, 0.05, is
the least change of a median that counts, as a share of it.]]

local M = {
  summary = "Compare two runs: what got slower, what fails more.",
  has_report_options = true,
}

function M.describe(command, choose)
  command:argument("BEFORE"):target("old")
    :description("The file of the run before, or a folder of runs.")
  command:argument("AFTER"):target("new"):args("?")
    :description("The file or the folder to compare with it; or --claude, --codex or "
      .. "--gemini.")
  logs.describe(command)
  logs.describe_since(command)
  rendering.describe(command, choose)
  command:epilog(EXAMPLES)
end

--- Both runs; or nil, a message and an exit code.
local function load(arguments)
  local has_logs, problem, code = logs.replace(arguments, arguments.new, "AFTER")
  if has_logs == nil then
    return nil, problem, code
  end
  local snapshots
  snapshots, problem = runs.load_each { arguments.old, arguments.new }
  if snapshots and has_logs then
    snapshots[2], problem = logs.load(arguments)
  end
  return snapshots and snapshots[2] and snapshots, problem
end

function M.run(arguments)
  local snapshots, problem, code = load(arguments)
  if not snapshots then
    return nil, problem, code
  end
  local options = arguments.report_options
  if options.before ~= nil then
    return nil, "compare: option 'before': it is the argument BEFORE", exit_codes.WRONG_USAGE
  end
  options.before = snapshots[1]
  local report, wrong, failure = built_in("compare", snapshots[2], options)
  if not report then
    return nil, wrong, failure
  end
  return rendering.write(report, arguments)
end

return M
