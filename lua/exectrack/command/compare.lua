--- `exectrack compare`.
-- Used only by the command.
local built_in = require("exectrack.command.built_in")
local exit_codes = require("exectrack.command.exit_codes")
local logs = require("exectrack.command.logs")
local origin = require("exectrack.command.origin")
local rendering = require("exectrack.command.rendering")
local runs = require("exectrack.command.runs")
local selection = require("exectrack.command.selection")

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
  selection.describe(command, choose)
  logs.describe(command)
  rendering.describe(command, choose)
  command:epilog(EXAMPLES)
end

--- What is selected of both runs; or nil, a message and an exit code.
local function load(arguments)
  local has_logs, message, code = logs.replace(arguments, arguments.new, "AFTER")
  if has_logs == nil then
    return nil, message, code
  end
  local snapshots
  snapshots, message = runs.load_each { arguments.old, arguments.new }
  if snapshots and has_logs then
    snapshots[2], message = logs.load(arguments)
  end
  if not (snapshots and snapshots[2]) then
    return nil, message
  end
  return selection.apply_to_each(snapshots, arguments)
end

function M.run(arguments)
  local snapshots, message, code = load(arguments)
  if not snapshots then
    return nil, message, code
  end
  local options = arguments.report_options
  if options.before ~= nil then
    return nil, "compare: option 'before': it is the argument BEFORE", exit_codes.WRONG_USAGE
  end
  local paths = { arguments.old, arguments.new }
  origin.add_options(options, paths, arguments)
  options.before, options.before_name = snapshots[1], origin.name { arguments.old }
  options.name = origin.name { arguments.new }
  local report
  report, message, code = built_in("compare", snapshots[2], options)
  if not report then
    return nil, message, code
  end
  report.source = origin.source(paths, snapshots[2], arguments)
  return rendering.write(report, arguments)
end

return M
