--- `exectrack merge`.
-- Used only by the command.
local converters = require("exectrack.command.converters")
local exectrack = require("exectrack")
local exit_codes = require("exectrack.command.exit_codes")
local of_records = require("exectrack.command.of_records")
local parts_of_runs = require("exectrack.command.parts")
local runs = require("exectrack.command.runs")
local system = require("exectrack.command.system")

local EXAMPLES = [[
Examples:
   exectrack merge -o week.run monday.run tuesday.run
   exectrack merge -o week.run --max-history 100000 *.run
   exectrack merge -o week.run runs

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

function M.describe(command)
  command:argument("RUN"):target("runs"):args("+")
    :description("The file of a run, or a folder of them; FILE#SESSION is one session of it, "
      .. "with totals of its records.")
  command:option("-o --output"):argname("FILE"):count(1)
    :description("Save the merged run in this file. If it is among other runs, its own records "
      .. "are replaced, not merged.")
  command:option("--max-history"):argname("N"):convert(converters.max_history)
    :description("Keep only the newest N records.")
  command:option("--label"):argname("LABEL"):convert(checked_label)
    :description("Name the merged run so. By default it has the label that all runs have.")
  command:flag("--strip-texts")
    :description("Leave out the texts of arguments and errors; the names of sessions stay.")
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
      snapshots[i] = of_records(snapshots[i])
    end
  end
end

--- How many calls in flight of a run the merged one doesn't have: those of a process that has
-- ended, and of a `FILE#SESSION` all of the session.
local function count_left_out(part, writer)
  if not part.session then
    return writer and writer.state ~= "live" and part.whole:in_flight_count() or 0
  end
  local is_its, count = {}, 0
  for _, session in ipairs(parts_of_runs.sessions(part)) do
    is_its[part.whole:session_name(session)] = true
  end
  for _, call in ipairs(part.whole:in_flight()) do
    count = count + (is_its[call.session] and 1 or 0)
  end
  return count
end

-- Since when nothing has been in flight, by the state of a writer.
local ENDS = { closed = " when its process closed the file", died = " when its process died" }

--- Prints what was in flight and is left out.
local function note_in_flight(parts)
  local words = require("exectrack.report.parts.words")
  for _, part in ipairs(parts) do
    local writer = part.whole:writer()
    local count = count_left_out(part, writer)
    if count > 0 then
      runs.note(("%s: left out %s that %s in flight%s"):format(parts_of_runs.name(part),
        words.counted(count, "call"), count == 1 and "was" or "were",
        writer and ENDS[writer.state] or ""))
    end
  end
end

--- Loads and merges the runs. Returns the merged one and of how many it is; or nil and a message.
local function load_merged(arguments)
  local paths = without_output(arguments.runs, arguments.output)
  local snapshots, message, parts, firsts = runs.load_to_merge(paths, function(path)
    if is_output_at(path, arguments.output) then
      note(path, OUTPUT)
      return true
    end
  end)
  local merged
  if snapshots then
    use_sessions(snapshots, firsts)
    merged, message = runs.merge(snapshots, firsts, { max_history = arguments.max_history })
  end
  if not merged then
    return nil, message
  end
  note_in_flight(parts)
  merged = arguments.strip_texts and merged:without_texts() or merged
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
