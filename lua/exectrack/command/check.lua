--- `exectrack check`.
-- Used only by the command.
local checks = require("exectrack.gate.checks")
local converters = require("exectrack.command.converters")
local exit_codes = require("exectrack.command.exit_codes")
local figures = require("exectrack.gate.figures")
local gate_runs = require("exectrack.command.gate_runs")
local limits = require("exectrack.gate.limits")
local logs = require("exectrack.command.logs")
local next_step = require("exectrack.report.parts.next_step")
local origin = require("exectrack.command.origin")
local runs = require("exectrack.command.runs")
local selection = require("exectrack.command.selection")
local violations = require("exectrack.command.violations")

local EXAMPLES = [[
Examples:
   exectrack check agent.run --max-error-rate 5% --max-error-rate web_fetch=10%
   exectrack check agent.run --max-p95 search=2s --max-calls llm=200 --no-loops
   exectrack check nightly/ --since 1d --max-failures 10 --format json

A LIMIT holds for all calls together, TOOL=LIMIT for those of one tool; each
option may be given several times. The exit code is 3 if a limit is exceeded, or
if a figure is unknown, which --allow-unknown lets pass.]]

local DESCRIPTIONS = {
  ["max-error-rate"] = { "PERCENT", "The share that may fail or time out, such as 5%, of those "
    .. "that weren't cancelled." },
  ["max-failures"] = { "N", "How many may fail or time out." },
  ["max-p50"] = { "TIME", "How long at least half of the calls may take, such as 500ms, 2s, 5m." },
  ["max-p95"] = { "TIME", "How long 95 % of the calls may take." },
  ["max-p99"] = { "TIME", "How long 99 % of the calls may take." },
  ["max-duration"] = { "TIME", "How long any call may take, those in flight counted." },
  ["max-calls"] = { "N", "How many calls there may be, those in flight counted." },
}

local M = { summary = "Hold a run against limits: exit code 3 if it exceeds one." }

local function describe_limits(command)
  for _, limit in ipairs(checks.LIMITS) do
    local argument, description = DESCRIPTIONS[limit.name][1], DESCRIPTIONS[limit.name][2]
    converters.several(command:option("--" .. limit.name):argname("[TOOL=]" .. argument))
      :convert(limits.converter("--" .. limit.name, limit.kind)):description(description)
  end
  command:flag("--no-loops"):description("No call that the policy loop_guard would deny: one made "
    .. "three times before in its session with the same arguments and the same known result.")
  command:mutex(
    command:flag("--no-in-flight"):description("Nothing may be in flight, whatever became of the "
      .. "process that records. By default only if it has ended."),
    command:flag("--allow-in-flight"):description("What was in flight when the process ended may "
      .. "be so."))
end

function M.describe(command, choose)
  command:argument("RUN"):target("runs"):args("*")
    :description("The file of a run, or a folder of them. Several are checked as one. Not needed "
      .. "with --claude, --codex or --gemini.")
  describe_limits(command)
  violations.describe(command, "Figures of fewer calls are unknown, but for numbers of calls")
  selection.describe(command, choose)
  logs.describe(command)
  choose(command:option("--format"):argname("FORMAT"):description("text (the default) or json."),
    "format", { "text", "json" })
  command:epilog(EXAMPLES)
end

--- Each of the runs that `run` is merged of, and what is `chosen` of it, where `chosen` is what is
-- chosen of `run`: the newest of all aren't the newest of each.
local function chosen_of_each(parts, run, chosen, arguments)
  if #parts == 1 then
    return { { run = run, chosen = chosen } }
  end
  local conditions, list = selection.conditions({ run }, arguments), {}
  if conditions.last then
    conditions.last = nil
    conditions.since = chosen:summary({ quantiles = {} }).first_timestamp or conditions.since
  end
  for i, part in ipairs(parts) do
    list[i] = { run = part.run, chosen = selection.filter(part.run, conditions) }
  end
  return list
end

--- The figures of the runs in these files; or nil and a message.
local function figures_of(parts, arguments)
  local run, message = gate_runs.merge(parts)
  if not run then
    return nil, message
  end
  local chosen
  chosen, message = selection.apply(run, arguments, runs.died(parts))
  if not chosen then
    return nil, message
  end
  return figures(chosen, {
    is_chosen = selection.is_given(arguments) or run:is_filtered(),
    incomplete = gate_runs.incomplete(run, parts, arguments),
    in_flight = gate_runs.in_flight(run, parts, arguments),
    parts = arguments.no_loops and chosen_of_each(parts, run, chosen, arguments),
  })
end

--- The limits that are given, by their names; nil, a message and an exit code if nothing would be
-- checked.
local function given_limits(arguments)
  local given, has_any = {}, arguments.no_loops or arguments.no_in_flight
  for _, limit in ipairs(checks.LIMITS) do
    given[limit.name] = arguments[limit.name:gsub("-", "_")]
    has_any = has_any or given[limit.name]
  end
  if not has_any then
    return nil, "no limit is given, such as --max-error-rate 5%", exit_codes.WRONG_USAGE
  end
  return given
end

local function run_checks(its, given, arguments)
  local run_words = origin.run(arguments.runs, arguments)
  local found, count = checks.run(its, { given = given, min_calls = arguments.min_calls,
    no_loops = arguments.no_loops, no_in_flight = arguments.no_in_flight,
    allow_in_flight = arguments.allow_in_flight, run_words = run_words })
  if #its.run == 0 and its.totals.total_executions == 0 or its.is_chosen and #its.run == 0 then
    table.insert(found, 1, { check = "executions", calls = 0, message = its.is_chosen
      and "no execution that has ended was chosen" or "the run has no executions",
      command = next_step.report(run_words) })
    count = count + 1
  end
  return found, count
end

function M.run(arguments)
  local given, message, code = given_limits(arguments)
  if not given then
    return nil, message, code
  end
  local parts
  parts, message, code = gate_runs.load_beside(arguments)
  if not parts then
    return nil, message, code
  end
  local its
  its, message = figures_of(parts, arguments)
  if not its then
    return nil, message
  end
  local found, count = run_checks(its, given, arguments)
  return violations.write(found, count, arguments)
end

return M
