--- `exectrack replay`.
-- Used only by the command.
local checks = require("exectrack.gate.checks")
local exit_codes = require("exectrack.command.exit_codes")
local gate_runs = require("exectrack.command.gate_runs")
local limits = require("exectrack.gate.limits")
local logs = require("exectrack.command.logs")
local next_step = require("exectrack.report.parts.next_step")
local origin = require("exectrack.command.origin")
local rendering = require("exectrack.command.rendering")
local reports = require("exectrack.command.reports")
local runs = require("exectrack.command.runs")
local script = require("exectrack.command.script")
local selection = require("exectrack.command.selection")
local violations = require("exectrack.command.violations")
local words = require("exectrack.report.parts.words")

local EXAMPLES = [[
Examples:
   exectrack replay --policy policy.lua agent.run
   exectrack replay --policy policy.lua agent.run --no-enforce -o policy.html
   exectrack replay --policy policy.lua week/ --fail-on successes_lost=0.1%

A policy file may be as short as this:
   return require("exectrack.policy").default()

Arguments after -- are options. top, 20, is how many decisions to list.]]

local M = {
  summary = "Replay a run to see what a policy would have denied.",
  has_report_options = true,
}

--- The share that `successes_lost=0.1%` is; or nil and a message.
local function share_lost(text)
  local share = text:match("^successes_lost=(.*)$")
  if not share then
    return nil, ("--fail-on: '%s': successes_lost= and a share expected, such as 0.1%%"):format(
      text)
  end
  return limits.share("--fail-on", share)
end

function M.describe(command, choose)
  command:argument("RUN"):target("runs"):args("*")
    :description("The file of a run, or a folder of them. Several are replayed as one. Not needed "
      .. "with --claude, --codex or --gemini.")
  command:option("--policy"):argname("FILE.lua"):count(1)
    :description("A Lua file that returns a policy: a function of a call.")
  command:flag("--no-enforce")
    :description("Let what the policy denies take place in the replay nevertheless.")
  command:option("--fail-on"):argname("successes_lost=PERCENT"):convert(share_lost)
    :description("Print a line and exit with 3 if the policy would have denied more than this "
      .. "share of the successful calls, such as 0.1%. The report is written only where -o says.")
  command:flag("--allow-in-flight"):description("With --fail-on: what was in flight when the "
    .. "process ended may be so, as if it had not been called.")
  violations.describe(command, "With --fail-on: a share of fewer successful calls is unknown")
  selection.describe(command, choose)
  logs.describe(command)
  rendering.describe(command, choose)
  command:epilog(EXAMPLES)
end

--- The options of the report, without the policy; or what `run` returns for wrong ones. They are
-- tried on an empty run first: an error that the report raises later then comes from the policy.
local function options_of(arguments, snapshot)
  local options = arguments.report_options
  local ok, message, code = reports.check("policy", options, { "policy", "enforce" })
  if not ok then
    return nil, message, code
  end
  options.policy, options.enforce = function() end, not arguments.no_enforce
  origin.add_options(options, arguments.runs, arguments)
  local report
  report, message, code = reports.built_in("policy", snapshot:filter { last = 0 }, options)
  return report and options, message, code
end

--- The report; or nil, a message and perhaps an exit code.
local function make(snapshot, arguments)
  local options, message, code = options_of(arguments, snapshot)
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
  local source = origin.source(arguments.runs, snapshot, arguments)
  if not (ok and report) then
    return nil, ok and table.concat(source.files, ", ") .. ": " .. message or report
  end
  report.source = source
  return report
end

--- The violation if too many successes were lost of `count`; nil if there is none. `incomplete` is
-- why the run isn't whole, if it isn't.
local function violation(lost, count, incomplete, arguments, run_words)
  local limit, why = arguments.fail_on, incomplete
  if count < arguments.min_calls then
    why = why or ("only %s, fewer than %d"):format(words.counted(count, "successful call"),
      arguments.min_calls)
  elseif not why and lost <= limit * count * (1 + 1e-12) then
    return nil
  end
  return { check = "successes_lost", calls = count, measured = not why and lost / count or nil,
    limit = limit, is_unknown = why ~= nil,
    message = "successes lost: " .. (why and "unknown, " .. why
      or ("%s of %s, at most %s allowed"):format(limits.shown("share", lost / count),
        words.counted(count, "successful call"), limits.shown("share", limit))),
    command = ("exectrack replay --policy %s%s %s"):format(next_step.word(arguments.policy),
      arguments.no_enforce and " --no-enforce" or "", run_words) }
end

--- Writes what is wrong with the replay of what is `selected` of a run. Returns what `run` does.
local function write_violations(report, run, parts, selected, arguments)
  local run_words, count = origin.run(arguments.runs, arguments), 1
  local found = { violation(report.sections[1].rows[1].successes_lost,
    selected:summary({ quantiles = {} }).successful,
    gate_runs.incomplete(run, parts, arguments), arguments, run_words) }
  if not arguments.allow_in_flight then
    found[#found + 1], count = checks.in_flight(gate_runs.in_flight(run, parts, arguments),
      { run_words = run_words }), 2
  end
  return violations.write_beside(report, found, count, arguments)
end

function M.run(arguments)
  local misplaced = violations.misplaced(arguments)
  if misplaced then
    return nil, misplaced, exit_codes.WRONG_USAGE
  end
  local snapshot, message, parts = (arguments.fail_on and gate_runs or logs).load_all(arguments)
  if not snapshot then
    return nil, message, parts -- which is an exit code
  end
  local selected
  selected, message = selection.apply(snapshot, arguments, runs.died(parts))
  if not selected then
    return nil, message
  end
  local report, code
  report, message, code = make(selected, arguments)
  if not report then
    return nil, message, code
  elseif arguments.fail_on then
    return write_violations(report, snapshot, parts, selected, arguments)
  end
  return rendering.write(report, arguments)
end

return M
