--- `exectrack merge`.
-- In use by the command alone.
local describe_max_history = require("exectrack.command.max_history")
local exectrack = require("exectrack")
local runs = require("exectrack.command.runs")

local DONE = 0

local EXAMPLES = [[
Examples:
   exectrack merge -o week.run monday.run tuesday.run
   exectrack merge -o week.run --max-history 100000 *.run]]

local M = { summary = "Merge runs into one, and save it." }

function M.describe(command)
  command:argument("RUN"):target("runs"):args("+"):description("A file that a run was saved in.")
  command:option("-o --output"):argname("FILE"):count(1)
    :description("Save the merged run in this file, which may be one of the others.")
  describe_max_history(command)
  command:epilog(EXAMPLES)
end

--- Prints what was made.
local function report(path, snapshot, count)
  local format = require("exectrack.report.format")
  local words = require("exectrack.report.parts.words")
  local line = ("%s: %s, %s, %s\n"):format(format.name(path), words.counted(count, "run"),
    words.counted(#snapshot:tools(), "tool"), words.counted(#snapshot, "record"))
  return require("exectrack.command.output").write(nil, line)
end

function M.run(arguments)
  local ok, problem, failure = runs.check_target(arguments.output)
  if not ok then
    return nil, problem, failure
  end
  local snapshots
  snapshots, problem = runs.load_each(arguments.runs)
  if not snapshots then
    return nil, problem
  end
  local merged = exectrack.merge(snapshots, { max_history = arguments.max_history })
  ok, problem, failure = runs.save(merged, arguments.output)
  if ok and arguments.output ~= "-" then
    ok, problem, failure = report(arguments.output, merged, #snapshots)
  end
  return ok and DONE, problem, failure
end

return M
