--- `exectrack replay`.
-- Used only by the command.
local built_in = require("exectrack.command.built_in")
local exit_codes = require("exectrack.command.exit_codes")
local origin = require("exectrack.command.origin")
local rendering = require("exectrack.command.rendering")
local runs = require("exectrack.command.runs")
local script = require("exectrack.command.script")
local selection = require("exectrack.command.selection")

local EXAMPLES = [[
Examples:
   exectrack replay --policy policy.lua agent.run
   exectrack replay --policy policy.lua agent.run --no-enforce -o policy.html

A policy file may be as short as this:
   return require("exectrack.policy").default()

Arguments after -- are options. top, 20, is how many decisions to list.]]

local M = {
  summary = "Replay a run to see what a policy would have denied.",
  has_report_options = true,
}

function M.describe(command, choose)
  command:argument("RUN"):target("run")
    :description("The file of a run, or a folder of them.")
  command:option("--policy"):argname("FILE.lua"):count(1)
    :description("A Lua file that returns a policy: a function of a call.")
  command:flag("--no-enforce")
    :description("Let what the policy denies take place in the replay nevertheless.")
  selection.describe(command, choose)
  rendering.describe(command, choose)
  command:epilog(EXAMPLES)
end

--- The options of the report, without the policy; or what `run` returns for wrong ones. They are
-- tried on an empty run first: an error that the report raises later then comes from the policy.
local function options_of(arguments, snapshot)
  local options = arguments.report_options
  if options.policy ~= nil or options.enforce ~= nil then
    return nil, "policy: option 'policy' is --policy here, and 'enforce' --no-enforce",
      exit_codes.WRONG_USAGE
  end
  options.policy, options.enforce = function() end, not arguments.no_enforce
  origin.add_options(options, { arguments.run }, arguments)
  local report, message, code = built_in("policy", snapshot:filter { last = 0 }, options)
  return report and options, message, code
end

--- What is selected of the run; or nil and a message.
local function load(arguments)
  local snapshot, message = runs.load(arguments.run)
  if not snapshot then
    return nil, message
  end
  return selection.apply(snapshot, arguments)
end

function M.run(arguments)
  local snapshot, message = load(arguments)
  if not snapshot then
    return nil, message
  end
  local options, code
  options, message, code = options_of(arguments, snapshot)
  if not options then
    return nil, message, code
  end
  options.policy, message = script.load(arguments.policy)
  if not options.policy then
    return nil, message
  end
  local ok, report
  ok, report, message = script.call(arguments.policy,
    require("exectrack.report.builtin.policy"), snapshot, options)
  if not (ok and report) then
    return nil, ok and arguments.run .. ": " .. message or report
  end
  report.source = origin.source({ arguments.run }, snapshot, arguments)
  return rendering.write(report, arguments)
end

return M
