--- `exectrack report`.
-- In use by the command alone.
local rendering = require("exectrack.command.rendering")
local runs = require("exectrack.command.runs")

local WRONG_USAGE = 2

local REPORTS = { "overview", "failures", "latency", "loops" }

local EXAMPLES = [[
Examples:
   exectrack report agent.run
   exectrack report monday.run tuesday.run -o week.html
   exectrack report agent.run --report failures --tool web_fetch --since 15m
   exectrack report agent.run --report overview --format csv --section "By tool"
   exectrack report agent.run --script costs.lua -- price=0.25 currency=EUR

What stands behind -- are options for the report: numbers, true and false, else
text; KEY without a value is true. A script returns a function of a snapshot and
these options, which returns a report. A run called - is read from standard
input.]]

local M = {
  summary = "Report on a run, or on several as one.",
  has_report_options = true,
  paths = "runs",
}

function M.describe(command, choose)
  command:argument("RUN"):target("runs"):args("+"):description("A file that a run was saved in.")
  command:mutex(
    choose(command:option("--report"):argname("NAME")
      :description("overview (the default), failures, latency or loops."), "report", REPORTS),
    command:option("--script"):argname("FILE.lua")
      :description("Make the report by this Lua file, not a built-in one."))
  require("exectrack.command.selection").describe(command, choose)
  rendering.describe(command, choose)
  command:epilog(EXAMPLES)
end

local function value_of(text)
  if text == "true" or text == "false" then
    return text == "true"
  end
  return tonumber(text) or text
end

--- What stands behind `--`, as options; or nil and what is wrong.
local function parse_options(words)
  local options = {}
  for _, word in ipairs(words) do
    local key, value = word:match("^([^=]+)=(.*)$")
    if key then
      options[key] = value_of(value)
    elseif word:find("^[^=]") then
      options[word] = true
    else
      return nil, "option '" .. word .. "': KEY=VALUE expected"
    end
  end
  return options
end

local function make_by_script(path, snapshot, options)
  local script = require("exectrack.command.script")
  local make, problem = script.load(path)
  if not make then
    return nil, problem
  end
  local ok, report = script.call(path, make, snapshot, options)
  if not ok then
    return nil, report
  end
  ok, problem = require("exectrack.report.check")(report)
  return ok and report, problem and script.position(path, make) .. ": " .. problem
end

--- A built-in report raises for options that are wrong, with its name in front.
local function make_built_in(name, snapshot, options)
  local make = require("exectrack.report.builtin." .. name)
  local ok, report = pcall(make, snapshot, options)
  if ok then
    return report
  elseif type(report) == "string" and report:find(name .. ": ", 1, true) == 1 then
    return nil, report, WRONG_USAGE
  end
  error(report, 0)
end

local function load(arguments)
  local snapshot, problem = runs.load_all(arguments.runs)
  if not snapshot then
    return nil, problem
  elseif not (arguments.tool or arguments.status or arguments.since or arguments.before
      or arguments.last) then
    return snapshot
  end
  return require("exectrack.command.selection").apply(snapshot, arguments)
end

function M.run(arguments)
  local options, problem = parse_options(arguments.report_options)
  if not options then
    return nil, problem, WRONG_USAGE
  end
  local snapshot, report, failure
  snapshot, problem = load(arguments)
  if not snapshot then
    return nil, problem
  end
  if arguments.script then
    report, problem = make_by_script(arguments.script, snapshot, options)
  else
    report, problem, failure = make_built_in(arguments.report or "overview", snapshot, options)
  end
  if not report then
    return nil, problem, failure
  end
  return rendering.write(report, arguments)
end

return M
