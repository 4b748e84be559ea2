--- `exectrack compare`.
-- Used only by the command.
local exit_codes = require("exectrack.command.exit_codes")
local gate_runs = require("exectrack.command.gate_runs")
local logs = require("exectrack.command.logs")
local origin = require("exectrack.command.origin")
local rendering = require("exectrack.command.rendering")
local reports = require("exectrack.command.reports")
local runs = require("exectrack.command.runs")
local selection = require("exectrack.command.selection")
local violations = require("exectrack.command.violations")

-- What may be worse: anything, or one of these.
local KINDS = { "worse", "slower", "failures", "cancelled" }

local EXAMPLES = [[
Examples:
   exectrack compare monday.run tuesday.run
   exectrack compare before.run after.run -o comparison.html
   exectrack compare before.run after.run --fail-on worse -o comparison.html
   exectrack compare before.run after.run -- significance=0.05 least_change=0.2
   exectrack compare before.run --claude --project .

What is chosen is chosen on both sides: for what got worse since a day, make a
run of each side by exectrack merge --before and --since.

Arguments after -- are options. significance, 0.01, is how probable it may be
that the report shows a difference that is only noise. least_change, 0.05, is
the least change of a median that counts, as a share of it, and
least_rate_change, 0.01, that of a share of failures.]]

local M = {
  summary = "Compare two runs: what got slower, what fails more.",
  has_report_options = true,
}

--- Adds kinds to those of an earlier --fail-on.
local function add_kinds(arguments, name, added)
  arguments[name] = arguments[name] or {}
  for kind in pairs(added) do
    arguments[name][kind] = true
  end
end

function M.describe(command, choose)
  command:argument("BEFORE"):target("old")
    :description("The file of the run before, or a folder of runs.")
  command:argument("AFTER"):target("new"):args("?")
    :description("The file or the folder to compare with it; or --claude, --codex or "
      .. "--gemini.")
  choose(command:option("--fail-on"):argname("KINDS"):action(add_kinds)
    :description("Print a line for each difference of these kinds, and exit with 3 if there is "
      .. "any: slower, failures, cancelled, with commas between them, or worse for all of them. "
      .. "May be given several times. "
      .. "The report is written only where -o says."), "difference", KINDS, true)
  command:flag("--allow-in-flight"):description("With --fail-on: what was in flight when the "
    .. "process of AFTER ended may be so.")
  violations.describe(command, "With --fail-on: a comparison with a run of fewer calls is unknown")
  selection.describe(command, choose)
  logs.describe(command)
  rendering.describe(command, choose)
  command:epilog(EXAMPLES)
end

--- Both runs, nil, nil, and for a gate an array of the runs that each is merged of; or nil, a
-- message and an exit code.
local function load(arguments)
  local has_logs, message, code = logs.replace(arguments, arguments.new, "AFTER")
  if has_logs == nil then
    return nil, message, code
  end
  local load_each = arguments.fail_on and gate_runs.load_apart or runs.load_each
  local snapshots, parts
  snapshots, message, parts = load_each { arguments.old, arguments.new }
  if snapshots and has_logs then
    snapshots[2], message = logs.load(arguments, arguments.fail_on)
  end
  if not (snapshots and snapshots[2]) then
    return nil, message
  end
  return snapshots, nil, nil, parts
end

--- The report of what is selected of both runs; or nil, a message and an exit code.
local function make(snapshots, arguments)
  local selected, message = selection.apply_to_each(snapshots, arguments)
  if not selected then
    return nil, message
  end
  local options = arguments.report_options
  local ok, code
  ok, message, code = reports.check("compare", options, { "before", "before_name", "before_whole" })
  if not ok then
    return nil, message, code
  end
  local paths = { arguments.old, arguments.new }
  local names = origin.names(paths)
  origin.add_options(options, paths, arguments, { whole = snapshots[2] })
  options.before, options.before_whole = selected[1], snapshots[1]
  options.before_name, options.name = names[1], names[2]
  local report
  report, message, code = reports.built_in("compare", selected[2], options)
  if report then
    report.source = origin.source(paths, selected[2], arguments)
  end
  return report, message, code, selected
end

--- Writes what is worse. Logs have no parts: they are read whole. Returns what `run` does.
local function write_violations(report, snapshots, parts, selected, arguments)
  local sides = {}
  for i, name in ipairs { "the run before", "the run after" } do
    local summary = selected[i]:summary { quantiles = {} }
    sides[i] = { name = name, count = #selected[i],
      unmeasured = summary.untimed + summary.elapsed,
      incomplete = gate_runs.incomplete(snapshots[i], parts[i] or {}, arguments) }
  end
  local run_words = origin.run({ arguments.new }, arguments)
  local found, count, note = require("exectrack.gate.differences").check(report, arguments.fail_on,
    { runs = sides, min_calls = arguments.min_calls, run_words = run_words, after = selected[2],
      command = "exectrack compare " .. origin.run({ arguments.old, arguments.new }, arguments) })
  if not arguments.allow_in_flight then
    found[#found + 1], count = require("exectrack.gate.checks").in_flight(
      gate_runs.in_flight(snapshots[2], parts[2] or {}, arguments),
      { run_words = run_words }), count + 1
  end
  return violations.write_beside(report, found, count, arguments, note)
end

function M.run(arguments)
  local misplaced = violations.misplaced(arguments)
  if misplaced then
    return nil, misplaced, exit_codes.WRONG_USAGE
  end
  local snapshots, message, code, parts = load(arguments)
  if not snapshots then
    return nil, message, code
  end
  local report, selected
  report, message, code, selected = make(snapshots, arguments)
  if not report then
    return nil, message, code
  elseif arguments.fail_on then
    return write_violations(report, snapshots, parts, selected, arguments)
  end
  return rendering.write(report, arguments)
end

return M
