--- `exectrack merge`.
-- In use by the command alone.
local describe_max_history = require("exectrack.command.max_history")
local exectrack = require("exectrack")
local runs = require("exectrack.command.runs")
local system = require("exectrack.command.system")
local unicode = require("exectrack.report.unicode")

local DONE = 0

local EXAMPLES = [[
Examples:
   exectrack merge -o week.run monday.run tuesday.run
   exectrack merge -o week.run --max-history 100000 *.run

week.run itself is left out of *.run, with a note, so that the same can be run
again. It is merged if it is the only run.]]

local M = { summary = "Merge runs into one, and save it." }

function M.describe(command)
  command:argument("RUN"):target("runs"):args("+"):description("A file that a run was saved in.")
  command:option("-o --output"):argname("FILE"):count(1)
    :description("Save the merged run in this file. It isn't merged with other runs itself.")
  describe_max_history(command, "Keep only the newest N records.")
  command:epilog(EXAMPLES)
end

--- The runs without the output, which an earlier merge made; all of them if there are no others.
-- Says which it leaves out.
local function without_output(paths, output)
  local others, notes = {}, {}
  for _, path in ipairs(paths) do
    if path ~= "-" and output ~= "-" and system.is_same(path, output) then
      notes[#notes + 1] = ("exectrack: %s: left out, as it is the output\n"):format(
        unicode.visible(path))
    else
      others[#others + 1] = path
    end
  end
  if #others == 0 then
    return paths
  end
  io.stderr:write(table.concat(notes))
  return others
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
  snapshots, problem = runs.load_each(without_output(arguments.runs, arguments.output))
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
