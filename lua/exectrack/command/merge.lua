--- `exectrack merge`.
-- Used only by the command.
local converters = require("exectrack.command.converters")
local exectrack = require("exectrack")
local exit_codes = require("exectrack.command.exit_codes")
local of_records = require("exectrack.command.of_records")
local parts_of_runs = require("exectrack.command.parts")
local runs = require("exectrack.command.runs")
local selection = require("exectrack.command.selection")
local strip_texts = require("exectrack.command.strip_texts")
local system = require("exectrack.command.system")

local EXAMPLES = [[
Examples:
   exectrack merge -o week.run monday.run tuesday.run
   exectrack merge -o week.run --max-history 100000 *.run
   exectrack merge -o week.run runs
   exectrack merge -o before.run --before 2026-01-31 runs
   exectrack merge -o after.run --since 2026-01-31 runs

week.run itself is left out of *.run, with a note, so that the same can be run
again: its own records are replaced, not merged. It is merged if it is the only
run. To add to a run, save both in another file:
   exectrack merge -o both.run week.run wednesday.run]]

local MOST_LABEL_BYTES = 64

local M = { summary = "Merge runs into one, and save it." }

--- A converter for argparse.
local function checked_label(text)
  if #text > MOST_LABEL_BYTES then
    return nil, ("--label: up to %d bytes expected, got %d"):format(MOST_LABEL_BYTES, #text)
  end
  return text
end

function M.describe(command, choose)
  command:argument("RUN"):target("runs"):args("+")
    :description("The file of a run, or a folder of them; FILE#SESSION is one session of it. What "
      .. "is chosen, so or by the options below, has totals of its own.")
  command:option("-o --output"):argname("FILE"):count(1)
    :description("Save the merged run in this file. If it is among other runs, its own records "
      .. "are replaced, not merged.")
  command:option("--max-history"):argname("N"):convert(converters.max_history)
    :description("Keep only the newest N records.")
  command:option("--label"):argname("LABEL"):convert(checked_label)
    :description("Name the merged run so. By default it has the label that all runs have.")
  strip_texts.describe(command)
  selection.describe(command, choose, { last_name = "--last",
    last = "Of those that are left, only the newest N.", span = "the end of the last run" })
  command:epilog(EXAMPLES)
end

local OUTPUT = "the output: its own records are replaced, not merged"

--- Prints that `path` is left out, and why.
local function note(path, why)
  runs.note(path .. ": left out, as it is " .. why)
end

local function is_output_at(path, output)
  return path ~= "-" and output ~= "-" and system.is_same(path, output)
end

--- The paths without that of the output, which an earlier merge wrote; if there are no others, that
-- one, once. Prints which are left out.
local function without_output(paths, output)
  local others, same = {}, {}
  for _, path in ipairs(paths) do
    table.insert(is_output_at(path, output) and same or others, path)
  end
  if #others > 0 then
    for _, path in ipairs(same) do
      note(path, OUTPUT)
    end
    return others
  end
  for i = 2, #same do
    note(same[i], "the same file as " .. same[1])
  end
  return { same[1] }
end

--- Prints what was merged.
local function report(path, snapshot, count)
  local format = require("exectrack.report.format")
  local words = require("exectrack.report.parts.words")
  local line = ("%s: %s, %s, %s\n"):format(format.name(path), words.counted(count, "run"),
    words.counted(#snapshot:tools(), "tool"), words.counted(#snapshot, "record"))
  return require("exectrack.command.output").write(nil, line)
end

--- The run with another label.
local function labelled(snapshot, label)
  local run = snapshot:to_table()
  run.label = label
  return assert(exectrack.from_table(run))
end

--- Gives what `FILE#SESSION` named totals of its own: a merged run has the sums of these.
local function use_sessions(snapshots, paths)
  for i, path in ipairs(paths) do
    if select(2, runs.split(path)) then
      snapshots[i] = of_records(snapshots[i], snapshots[i]:lost_until() ~= nil)
    end
  end
end

--- Until when records were lost that may have been among those which are `chosen` of a run; nil if
-- none were.
local function lost_until(run, chosen, arguments)
  local lost = run:lost_until()
  local since = selection.conditions({ run }, arguments).since
  if arguments.last and #chosen == arguments.last then
    since = chosen:summary({ quantiles = {} }).first_timestamp or since
  end
  return not (lost and since and since > lost) and lost or nil
end

--- The run of what the options choose, with totals of its own; or nil and a message.
local function chosen_run(run, parts, arguments)
  local chosen, message = selection.apply(run, arguments, runs.died(parts))
  if not chosen then
    return nil, message
  end
  selection.note_undated(chosen, arguments)
  local lost = lost_until(run, chosen, arguments)
  if lost then
    runs.note(("executions until %s may be missing: older records are gone"):format(
      require("exectrack.report.parts.words").time(lost, arguments.timezone)))
  end
  return runs.merge({ of_records(chosen, lost ~= nil or run:is_filtered()) }, {},
    { max_history = arguments.max_history })
end

--- How many calls in flight of a run the merged one doesn't have: those of a process that has
-- ended, and of a part of the run all that are of it, if `chosen` has conditions.
local function count_left_out(part, writer, chosen)
  if not part.session and not next(chosen) then
    return writer and writer.state ~= "live" and part.whole:in_flight_count() or 0
  elseif not runs.is_within(part.whole, chosen) then
    return 0
  end
  local flights = require("exectrack.report.parts.in_flight").of(part.whole, { selection = {
    tool = chosen.tool, exclude = chosen.exclude, session = part.session or chosen.session } })
  return flights.now.count + flights.at_death.count
end

-- Since when nothing has been in flight, by the state of a writer.
local ENDS = { closed = " when its process closed the file", died = " when its process died" }

--- Prints what was in flight and is left out.
local function note_in_flight(parts, chosen)
  local words = require("exectrack.report.parts.words")
  for _, part in ipairs(parts) do
    local writer = part.whole:writer()
    local count = count_left_out(part, writer, chosen)
    if count > 0 then
      runs.note(("%s: left out %s that %s in flight%s"):format(parts_of_runs.name(part),
        words.counted(count, "call"), count == 1 and "was" or "were",
        writer and ENDS[writer.state] or ""))
    end
  end
end

--- What `runs.load_to_merge` returns, of the runs that aren't the output.
local function load(arguments)
  return runs.load_to_merge(without_output(arguments.runs, arguments.output), function(path)
    if is_output_at(path, arguments.output) then
      note(path, OUTPUT)
      return true
    end
  end)
end

--- The merged run, the parts of it, and the conditions of what is chosen, none for all; or nil and
-- a message.
local function merge(arguments)
  local snapshots, message, parts, firsts = load(arguments)
  if not snapshots then
    return nil, message
  end
  use_sessions(snapshots, firsts)
  local conditions = selection.conditions(snapshots, arguments)
  local is_all = not next(conditions)
  local merged, problem = runs.merge(snapshots, firsts,
    { max_history = is_all and arguments.max_history or nil })
  if merged and not is_all then
    merged, problem = chosen_run(merged, parts, arguments)
  end
  return merged, merged and parts or problem, conditions
end

--- Loads and merges the runs. Returns the merged one and of how many it is; or nil and a message.
local function load_merged(arguments)
  local merged, parts, conditions = merge(arguments)
  if not merged then
    return nil, parts
  end
  note_in_flight(parts, conditions)
  merged = strip_texts.apply(arguments, merged, parts)
  return arguments.label and labelled(merged, arguments.label) or merged, #parts
end

function M.run(arguments)
  local ok, message, code = runs.check_target(arguments.output)
  if not ok then
    return nil, message, code
  end
  local merged, count = load_merged(arguments)
  if not merged then
    return nil, count
  end
  ok, message, code = runs.save(merged, arguments.output)
  if ok and arguments.output ~= "-" then
    ok, message, code = report(arguments.output, merged, count)
  end
  return ok and exit_codes.DONE, message, code
end

return M
