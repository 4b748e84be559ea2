--- `exectrack tail`.
-- Used only by the command.
local Style = require("exectrack.report.renderer.text_style")
local exit_codes = require("exectrack.command.exit_codes")
local format = require("exectrack.report.format")
local line = require("exectrack.command.tail_line")
local output = require("exectrack.command.output")
local rendering = require("exectrack.command.rendering")
local runs = require("exectrack.command.runs")
local selection = require("exectrack.command.selection")
local system = require("exectrack.command.system")
local watches = require("exectrack.command.watch")
local words = require("exectrack.report.parts.words")

local FEW = 10
local MOST_TOOLS = 5 -- that are named of what was in flight

-- Between two looks at the files: so long, and so many times what the last look took.
local PAUSE_S, LEAST_SHARE = 0.25, 10
local LONGEST_PAUSE_S = 60

local EXAMPLES = [[
Examples:
   exectrack tail -f agent.run
   exectrack tail agent.run --status failed --since 15m
   exectrack tail -f runs --tool web_fetch --session "conversation 17"
   exectrack tail -f runs --json | jq -r .error_type

A line has the time, the duration, the status, the tool, indented once for
each call around it, the error, the arguments where the run keeps texts of them,
and the session in brackets. With --json it is an object as exectrack import
takes it.

-f goes on until it is interrupted: also when a file is replaced by another
run, and with new files in folders. What happens to writers is said on
standard error; without -f, only which have died.]]

local M = { summary = "List the executions that ended last, and follow a run." }

function M.describe(command, choose)
  command:argument("RUN"):target("runs"):args("+")
    :description("The file of a run, or a folder of them.")
  command:flag("-f --follow"):description("Go on with what ends from now on.")
  command:flag("--json"):description("Write a JSON object for each execution.")
  selection.describe(command, choose, {
    last_name = "-n --last",
    last = ("Of those that are left, only the newest N. By default %d, or all with --since or "
      .. "--before."):format(FEW),
    span = "the end of the run",
  })
  rendering.describe_text(command, choose, "For text: ", "else lines aren't cut")
  command:epilog(EXAMPLES)
end

--- The function that makes a line of a record and the function that returns its texts.
local function writer_of(arguments)
  if arguments.json then
    return line.json
  end
  local options = rendering.text_options(arguments)
  options.width = options.width or math.huge
  local style = Style.new(options)
  local day_line, day
  return function(record, texts)
    day_line, day = line.day(record, style, day)
    return day_line .. line.text(record, texts, style)
  end
end

--- Whether one of two items comes first: the earlier one, and of those that ended together the one
-- of the earlier file, or that was recorded first.
local function is_before(a, b)
  local time, other = a.record.timestamp or 0, b.record.timestamp or 0
  if time ~= other then
    return time < other
  end
  return a.place < b.place
end

--- The lines of the records of these snapshots that pass the conditions, the newest last.
local function lines_of(snapshots, conditions, write)
  local items, lines = {}, {}
  for _, snapshot in ipairs(snapshots) do
    local texts = line.texts(snapshot)
    for _, record in selection.filter(snapshot, conditions):iter() do
      items[#items + 1] = { record = record, texts = texts, place = #items + 1 }
    end
  end
  table.sort(items, is_before)
  for i = math.max(1, #items - (conditions.last or #items) + 1), #items do
    lines[#lines + 1] = write(items[i].record, items[i].texts)
  end
  return lines
end

--- Writes what is new in the files. Returns what `Output:write` does.
local function show(files, conditions, write)
  local snapshots = {}
  for _, file in ipairs(files) do
    snapshots[#snapshots + 1] = file.renamed and file.renamed.new
    snapshots[#snapshots + 1] = file.new
  end
  local lines = lines_of(snapshots, conditions, write)
  if #lines == 0 then
    return true
  end
  return output.write(nil, table.concat(lines))
end

--- What was in flight of a run, in words.
local function in_flight(run)
  local tools = {}
  for _, tool in ipairs(run:tools()) do
    tools[#tools + 1] = run:in_flight_count(tool) > 0 and format.name(tool) or nil
  end
  return words.counted(run:in_flight_count(), "execution") .. " in flight"
    .. (tools[1] and ", of " .. words.listed(tools, MOST_TOOLS) or "")
end

--- What to say of a file's writer now; nil for nothing new.
local function news_of_writer(file)
  local is_first = file.state_before == nil
  if file.state == file.state_before or is_first and not file.is_named then
    return nil
  end
  local writer = file.writer and ("process %.0f"):format(file.writer.pid)
  if file.state == "died" then
    return ("its writer, %s, died with %s"):format(writer, in_flight(file.snapshot))
  elseif file.state == "closed" then
    return ("its writer, %s, closed it"):format(writer)
  elseif file.state == "live" and not is_first then
    return writer .. " goes on with it"
  end
end

--- Says on standard error what happened to a file.
local function say_news(file)
  local function say(message)
    runs.note(file.path .. ": " .. message)
  end
  if file.is_replaced then
    say("it has another run now" .. (file.renamed and "; the one before is in " .. file.renamed.path
      or ""))
  end
  local lost = file.lost + (file.renamed and file.renamed.lost or 0)
  if lost > 0 then
    say(words.counted(lost, "execution")
      .. " ended that can't be shown: newer ones took their place")
  end
  local news = news_of_writer(file)
  if news then
    say(news)
  end
end

--- Says it of all files; with `deaths_only` nothing but deaths.
local function say_news_of_all(files, deaths_only)
  for _, file in ipairs(files) do
    if file.state == "died" or not deaths_only then
      say_news(file)
    end
  end
end

--- Looks again and again. Returns only when that is no longer possible: what `run` does.
local function follow(watch, conditions, write)
  local spent = 0
  watch:drop_records()
  while system.pause(math.min(LONGEST_PAUSE_S, math.max(PAUSE_S, LEAST_SHARE * spent))) do
    local began = system.monotonic()
    local files = watch:look_again()
    local ok, message, code = show(files, conditions, write)
    if not ok then
      return nil, message, code
    end
    say_news_of_all(files)
    watch:drop_records()
    spent = system.monotonic() - began
  end
  return nil, "standard output: closed before all was written", exit_codes.CLOSED_EARLY
end

--- The files at the first look; or nil and what `run` returns.
local function load(watch, arguments)
  if arguments.follow then
    local ok, message = watches.check_paths(arguments.runs)
    if not ok then
      return nil, message, exit_codes.WRONG_USAGE
    end
  end
  return watch:first_look(arguments.follow)
end

--- The conditions of the options; or nil and a message about what no run has, which may yet come if
-- it is followed.
local function conditions_of(files, arguments)
  local snapshots = {}
  for i, file in ipairs(files) do
    snapshots[i] = file.snapshot
  end
  local message = not arguments.follow and selection.unknown(snapshots, arguments)
  if message then
    return nil, message
  end
  return selection.conditions(snapshots, arguments)
end

--- Shows what is there at the first look. Returns what `show` does.
local function show_first(files, conditions, arguments, write)
  local is_limited = arguments.last or arguments.since or arguments.before
  conditions.last = arguments.last or not is_limited and FEW or nil
  local ok, message, code = show(files, conditions, write)
  conditions.last = nil
  return ok, message, code
end

function M.run(arguments)
  local watch, write = watches.new(arguments.runs), writer_of(arguments)
  local files, message, code = load(watch, arguments)
  if not files then
    return nil, message, code
  end
  local conditions, ok
  conditions, message = conditions_of(files, arguments)
  if not conditions then
    return nil, message
  end
  ok, message, code = show_first(files, conditions, arguments, write)
  if not ok then
    return nil, message, code
  end
  say_news_of_all(files, not arguments.follow)
  if not arguments.follow then
    return exit_codes.DONE
  end
  return follow(watch, conditions, write)
end

return M
