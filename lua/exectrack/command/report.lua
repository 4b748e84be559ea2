--- `exectrack report`.
-- Used only by the command.
local logs = require("exectrack.command.logs")
local origin = require("exectrack.command.origin")
local rendering = require("exectrack.command.rendering")
local reports = require("exectrack.command.reports")
local runs = require("exectrack.command.runs")
local selection = require("exectrack.command.selection")
local strip_texts = require("exectrack.command.strip_texts")

local REPORTS = { "overview", "failures", "latency", "loops", "sessions" }

local EXAMPLES = [[
Examples:
   exectrack report agent.run
   exectrack report monday.run tuesday.run -o week.html --strip-texts
   exectrack report agent.run --report failures --tool web_fetch --since 15m
   exectrack report agent.run --report overview --format csv --section "By tool"
   exectrack report agent.run --script costs.lua -- price=0.25 currency=EUR
   exectrack report --claude --since 7d --project .

Arguments after -- are options of the report: numbers, true and false, else
text; KEY without a value is true. overview has top=5, how many of the slowest
and of the newest executions to list, and timeline=200, how many it draws;
failures and loops have top=20, latency has top=5, the number of histograms,
and sessions has top=50.

A script returns a function of a snapshot and these options, which returns a
report. A run called - is read from standard input.]]

local M = {
  summary = "Report on a run, or on several as one.",
  has_report_options = true,
  paths = "runs",
  REPORTS = REPORTS,
}

function M.describe(command, choose)
  command:argument("RUN"):target("runs"):args("*")
    :description("The file of a run, or a folder of them; FILE#SESSION is one session of it. Not "
      .. "needed with --claude, --codex or --gemini.")
  command:mutex(
    choose(command:option("--report"):argname("NAME")
      :description("overview (the default), failures, latency, loops or sessions."), "report",
      REPORTS),
    command:option("--script"):argname("FILE.lua")
      :description("Make the report by this Lua file, not a built-in one."))
  selection.describe(command, choose)
  logs.describe(command)
  strip_texts.describe(command)
  rendering.describe(command, choose)
  command:epilog(EXAMPLES)
end

local function make_by_script(path, snapshot, options)
  local script = require("exectrack.command.script")
  local make, message = script.load(path)
  if not make then
    return nil, message
  end
  local ok, report = script.call(path, make, snapshot, options)
  if not ok then
    return nil, report
  end
  if report == nil then
    return nil, script.position(path, make) .. ": it returned nothing: a report expected"
  end
  local is_report
  ok, is_report, message = script.call(path, require("exectrack.report.check"), report)
  if not ok then
    return nil, is_report -- a metatable of the script's raised
  end
  return is_report and report, message and script.position(path, make) .. ": " .. message
end

--- What is selected of the run to report on, nil, and what `origin.add_options` takes of what is
-- known of the whole; or nil, a message and an exit code.
local function load(arguments)
  local snapshot, message, more = logs.load_all(arguments)
  if not snapshot then
    return nil, message, more
  end
  snapshot = strip_texts.apply(arguments, snapshot, more)
  local selected
  selected, message = selection.apply(snapshot, arguments, runs.died(more))
  local conditions = selection.conditions({ snapshot }, arguments)
  return selected, message, selected and {
    died = runs.died(more, conditions), conditions = conditions, whole = snapshot,
    retained = not snapshot:is_filtered() and #snapshot or nil }
end

local function make(snapshot, known, arguments)
  local options = arguments.report_options
  if arguments.script then
    return make_by_script(arguments.script, snapshot, options)
  end
  local name = arguments.report or "overview"
  local ok, message, code = reports.check(name, options)
  if not ok then
    return nil, message, code
  end
  return reports.built_in(name, snapshot,
    origin.add_options(options, arguments.runs, arguments, known))
end

function M.run(arguments)
  local snapshot, message, more = load(arguments)
  if not snapshot then
    return nil, message, more
  end
  local report, code
  report, message, code = make(snapshot, more, arguments)
  if not report then
    return nil, message, code
  end
  report.source = report.source or origin.source(arguments.runs, snapshot, arguments)
  return rendering.write(report, arguments)
end

return M
