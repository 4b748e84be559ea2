--- `exectrack import`.
-- Used only by the command.
local describe_max_history = require("exectrack.command.max_history")
local numbers = require("exectrack.numbers")
local progress = require("exectrack.command.progress")
local read = require("exectrack.format.read")
local read_options = require("exectrack.format.read_options")
local runs = require("exectrack.command.runs")
local system = require("exectrack.command.system")
local whole_number = require("exectrack.command.whole_number")

local DONE, WRONG_USAGE = 0, 2
local STANDARD_ERROR = 2
local BLOCK_BYTES = 65536
local ARGS_TEXTS, ERROR_TEXTS = 512, 256

local FORMATS = { "jsonl", "csv", "json", "reference" }
local UNITS = { "s", "ms", "us", "ns" }

-- What the options of format.read are called here.
local FLAGS = {
  map = "--map", statuses = "--status", duration_unit = "--duration-unit", strict = "--strict",
  skip_bad = "--skip-bad", exclude = "--exclude", ignore_args = "--ignore-arg",
  max_history = "--max-history", measures = "--measure", label = "--label",
  args_texts = "--keep-texts", error_texts = "--keep-texts", max_line_bytes = "--max-line",
}

local EPILOG = [[
A log is JSON Lines or CSV, with an execution a line. Fields are found under
their common names, such as tool, name or function, and what was taken for what
is printed; --map says where others are. FIELD is tool, status, duration,
duration_ms, start, timestamp (or end: when it ended), session, error_type,
error_text, args, args_text, args_hash, result, result_hash, was_cached, depth,
timing, measures.NAME or the name of a --measure. PATH is a name, or names with
dots between, and [0] for the first in an array. An execution without a duration
or a time counts as well.
docs/importing.md has examples.

What exectrack convert wrote comes in again as it was, and so do the records of
the reference implementation. If a line is wrong, its number and what is wrong
with it are printed, and nothing is saved.

Beyond 65,535 tools or 256 error types, a new one counts as (other). More than
268,435,456 executions are refused: import parts of the log, and merge them.

Examples:
   exectrack import log.jsonl -o agent.run
   exectrack import log.csv -o agent.run --map tool=step --duration-unit s
   exectrack import log.jsonl -o agent.run --map session=chat.id \
      --map timestamp=finished_at --status ok=success --status error=failed
   zcat log.jsonl.gz | exectrack import - -o agent.run --skip-bad
   exectrack import agent.log -o agent.run --script agent_log.lua

A script returns a function of the next pieces of the text, and of options. That
returns an iterator: it returns a place, such as the number of a line, and an
execution as tracker:record takes it; or the place, nil and what is wrong.]]

local M = { summary = "Make a run of a log, or of what convert wrote." }

--- Makes a converter for argparse of `KEY=VALUE`, split at the first, or last, `=`.
local function pair(option, pattern, expected)
  return function(text)
    local key, value = text:match(pattern)
    if not key then
      return nil, ("%s: %s expected, got '%s'"):format(option, expected, text)
    end
    return { key, value }
  end
end

--- The measure that `NAME`, `NAME:UNIT` or `NAME:UNIT:SCALE` describes, for `exectrack.new`.
local function measure(text)
  local name, unit, scale = text:match("^([^:]+):?([^:]*):?([^:]*)$")
  local made = { name = name, unit = unit, scale = numbers.read(scale or "") }
  if not name or scale ~= "" and not made.scale then
    return nil, ("--measure: NAME, NAME:UNIT or NAME:UNIT:SCALE expected, got '%s'"):format(text)
  end
  return made
end

local function describe_mapping(command, choose)
  command:option("--map"):argname("FIELD=PATH"):count("*"):init(nil)
    :convert(pair("--map", "^([^=]+)=(.*)$", "FIELD=PATH"))
    :description("Where a field of executions is in a line. May be given several times.")
  command:option("--status"):argname("VALUE=STATUS"):target("statuses"):count("*"):init(nil)
    :convert(pair("--status", "^(.*)=([^=]+)$", "VALUE=STATUS"))
    :description("What a status means: success, failed, timed_out or cancelled. VALUE may be * for "
      .. "any other, and empty for none. May be given several times.")
  choose(command:option("--duration-unit"):argname("UNIT")
    :description("s, ms, us or ns, for durations whose names don't say it. By default ms."), "unit",
    UNITS)
  command:option("--measure"):argname("NAME:UNIT:SCALE"):target("measures"):count("*"):init(nil)
    :convert(measure)
    :description("A number that lines have, told apart to SCALE of UNIT. By default the measures "
      .. "of lines, as exactly as they are given.")
  command:flag("--strict"):description("Refuse lines with unknown fields.")
end

local function describe_selection(command)
  command:option("--exclude"):argname("TOOL"):count("*"):init(nil)
    :description("Leave out executions of this tool. May be given several times.")
  command:option("--ignore-arg"):argname("NAME"):target("ignore_args"):count("*"):init(nil)
    :description("Leave the field of this name out of the fingerprint of args. May be given "
      .. "several times.")
  command:flag("--keep-texts")
    :description("Keep what the latest arguments were, and what errors said, without what looks "
      .. "like a secret.")
  command:flag("--skip-bad"):description("Go on after a line that is wrong.")
  describe_max_history(command, "Keep only the last N executions.")
  command:option("--max-line"):argname("BYTES"):convert(whole_number("--max-line", 1))
    :description("A line of more bytes is wrong, and isn't kept in memory. By default 64 MiB.")
  command:option("--label"):argname("TEXT"):description("Name the run, in up to 64 bytes.")
end

--- Adds the arguments to an argparse command.
function M.describe(command, choose)
  command:argument("FILE"):target("file"):description("A text; - is standard input.")
  command:option("-o --output"):argname("RUN"):count(1)
    :description("Save the run in this file; - is standard output.")
  command:mutex(
    choose(command:option("--from"):argname("FORMAT")
      :description("jsonl, csv, json (a whole run) or reference (records of the reference "
        .. "implementation). By default what the text looks like."), "format", FORMATS),
    command:option("--script"):argname("FILE.lua")
      :description("Read the text by this Lua file."))
  describe_mapping(command, choose)
  describe_selection(command)
  command:epilog(EPILOG)
end

--- Opens a file to read. Returns it and its name for messages; or nil and a message.
local function open(path)
  if path == "-" then
    return io.stdin, "standard input"
  end
  local file, message = io.open(path, "rb")
  return file, file and path or message
end

--- How many bytes of a file are left to read; nil if that isn't known, as for a pipe.
local function bytes_left(file)
  local position = file:seek()
  local size = position and file:seek("end")
  return size and file:seek("set", position) and size - position
end

local function new_progress(bytes)
  local is_shown = system.is_terminal(STANDARD_ERROR)
  return progress.new {
    write = is_shown and function(text) io.stderr:write(text) end or nil,
    clock = system.monotonic,
    width = system.terminal_width(STANDARD_ERROR) or 80,
    what = "lines",
    total = bytes,
  }
end

--- A table of the pairs that an option was given; nil for none. Returns nil and a message if two
-- have the same key.
local function to_map(option, pairs_given)
  local map = pairs_given and {}
  for _, given in ipairs(pairs_given or {}) do
    if map[given[1]] then
      return nil, ("%s: '%s' is given twice, as '%s' and '%s'"):format(option, given[1],
        map[given[1]], given[2])
    end
    map[given[1]] = given[2]
  end
  return map
end

--- The options of `read`; or nil and a message.
local function options_of(arguments)
  local map, wrong_map = to_map("--map", arguments.map)
  local statuses, wrong_status = to_map("--status", arguments.statuses)
  if wrong_map or wrong_status then
    return nil, wrong_map or wrong_status
  end
  return {
    map = map,
    statuses = statuses,
    duration_unit = arguments.duration_unit,
    strict = arguments.strict,
    skip_bad = arguments.skip_bad,
    exclude = arguments.exclude,
    ignore_args = arguments.ignore_args,
    max_history = arguments.max_history,
    measures = arguments.measures,
    label = arguments.label,
    args_texts = arguments.keep_texts and ARGS_TEXTS or nil,
    error_texts = arguments.keep_texts and ERROR_TEXTS or nil,
    max_line_bytes = arguments.max_line,
  }
end

--- A message with the options of the command in place of those of `read`.
local function with_flags(message)
  return (message:gsub("option '([%a_]+)'", FLAGS))
end

--- Reads a file. Returns what `read` does.
local function read_file(file, decoder, options)
  local shown = new_progress(bytes_left(file))
  options.on_progress = function(bytes, lines)
    shown:update(bytes, lines)
  end
  local snapshot, summary, code = read(function()
    return file:read(BLOCK_BYTES)
  end, decoder, options)
  shown:finish()
  return snapshot, summary, code
end

--- Imports a file. Returns what `M.run` does.
local function import(file, arguments, options, script)
  local snapshot, summary, code = read_file(file, script and script.decode or arguments.from,
    options)
  if script and script.problem then
    return nil, script.problem
  elseif not snapshot then
    if code == "option" then
      return nil, with_flags(summary), WRONG_USAGE
    end
    return nil, summary
  end
  local ok, message
  ok, message, code = runs.save(snapshot, arguments.output)
  if ok then
    ok, message, code = require("exectrack.command.imported")(arguments.output, summary,
      #snapshot)
  end
  return ok and DONE, message, code
end

--- Runs the subcommand.
function M.run(arguments)
  local ok, message, code = runs.check_target(arguments.output)
  if not ok then
    return nil, message, code
  end
  local options
  options, message = options_of(arguments)
  if options then
    ok, message = read_options.check(options)
  end
  if not (options and ok) then
    return nil, with_flags(message), WRONG_USAGE
  end
  local script
  if arguments.script then
    script, message = require("exectrack.command.decoder_script")(arguments.script)
    if not script then
      return nil, message
    end
  end
  local file
  file, options.source = open(arguments.file)
  if not file then
    return nil, options.source
  end
  ok, message, code = import(file, arguments, options, script)
  if file ~= io.stdin then
    file:close()
  end
  return ok, message, code
end

return M
