--- `exectrack import`.
-- Used only by the command.
local describe_max_history = require("exectrack.command.max_history")
local exectrack = require("exectrack")
local jsonl = require("exectrack.format.jsonl")
local numbers = require("exectrack.numbers")
local progress = require("exectrack.command.progress")
local reason = require("exectrack.format.reason")
local runs = require("exectrack.command.runs")
local system = require("exectrack.command.system")
local unicode = require("exectrack.report.unicode")
local whole_number = require("exectrack.command.whole_number")
local words = require("exectrack.report.parts.words")

local DONE, WRONG_USAGE = 0, 2
local STANDARD_ERROR = 2
local MOST_LABEL_BYTES = 64
local BLOCK_BYTES = 65536
local ARGS_TEXTS, ERROR_TEXTS = 512, 256

local EPILOG = [[
A line is an object with the fields that tracker:record takes:
   {"tool":"fetch","status":"failed","duration_ms":1.75,"error_type":"ENOENT"}
tool and status (success, failed, timed_out or cancelled) must be there; all
else may be left out or null: duration_ms if it isn't known, timing ("elapsed"
if a person may have been waited for), was_cached, error_type, args or
args_hash, result or result_hash, session (its name), depth (how many calls it
was made within), measures (the numbers that --measure describes), args_text
and error_text (for --texts), and timestamp: when it ended, in Unix seconds;
without one, it ended now, and if it is false, only the order is known. Blank
lines are skipped. If a line is wrong, its number and what is wrong with it are
printed, and nothing is saved.

Beyond 65,535 tools or 256 error types, a new one counts as (other). Of more
than 268,435,456 executions, the last are kept.

Examples:
   exectrack import calls.jsonl -o calls.run
   zcat calls.jsonl.gz | exectrack import - -o calls.run --skip-bad
   exectrack import calls.jsonl -o calls.run --measure cost:USD:1e-6]]

local NO_CJSON = "lua-cjson isn't installed: luarocks install lua-cjson, "
  .. "or on Debian apt-get install lua-cjson"

local M = { summary = "Make a run of JSON Lines, one execution a line." }

local function label(text)
  if #text > MOST_LABEL_BYTES then
    return nil, ("--label: more than %d bytes"):format(MOST_LABEL_BYTES)
  end
  return text
end

--- The names in a list that is separated by commas.
local function names(text)
  local list = {}
  for name in text:gmatch("[^,]+") do
    list[#list + 1] = name
  end
  return list
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

--- Adds the arguments to an argparse command.
function M.describe(command)
  command:argument("FILE.jsonl"):target("file"):description("JSON Lines; - is standard input.")
  command:option("-o --output"):argname("RUN"):count(1)
    :description("Save the run in this file; - is standard output.")
  command:flag("--skip-bad")
    :description("Go on after a line that is wrong. In the end, one line says how many were.")
  describe_max_history(command, "Keep only the last N executions of the input.")
  command:option("--max-line"):argname("BYTES"):convert(whole_number("--max-line", 1))
    :description("A line of more bytes is wrong, and isn't kept in memory. By default 64 MiB.")
  command:option("--measure"):argname("NAME:UNIT:SCALE"):target("measures"):count("*")
    :convert(measure)
    :description("A measure that lines may have, told apart to SCALE of UNIT; by default 1.")
  command:option("--label"):argname("TEXT"):convert(label)
    :description("Name the run, in up to 64 bytes.")
  command:flag("--texts")
    :description("Keep what the latest arguments were, and what errors said, without what looks "
      .. "like a secret: of args, args_text and error_text.")
  command:option("--ignore-args"):argname("NAMES"):convert(names)
    :description("Leave the fields of these names, with commas between, out of the fingerprint of "
      .. "args.")
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

--- The reading of a file. `pieces` is a function that returns the next block; nil at the end, or if
-- reading failed, and then `problem` is the message. `bytes` and `lines` count what was read.
local function new_reading(file, shown)
  local reading = { bytes = 0, lines = 0 }
  function reading.pieces()
    shown:update(reading.bytes, reading.lines)
    local block
    block, reading.problem = file:read(BLOCK_BYTES)
    reading.bytes = reading.bytes + #(block or "")
    return block
  end
  return reading
end

--- Adds all executions to `importer`. `may_skip` is called with a message about a wrong line, and
-- returns whether to skip it and continue. Returns true; or nil and a message.
local function add_all(importer, name, reading, max_line_bytes, may_skip)
  local options = { max_line_bytes = max_line_bytes }
  for line, execution, problem in jsonl.decode(reading.pieces, options) do
    local _
    reading.lines = line
    if execution then
      _, problem = importer:add(execution)
    end
    if problem then
      problem = ("%s:%d: "):format(name, line) .. problem
      if not may_skip(problem) then
        return nil, problem
      end
    end
  end
  if reading.problem then
    return nil, name .. ": " .. reading.problem
  end
  return true
end

--- Prints how much was imported, if standard error is a terminal, and how many lines were skipped.
local function say(imported, skipped, first)
  if system.is_terminal(STANDARD_ERROR) then
    io.stderr:write(words.counted(imported, "execution"), " imported\n")
  end
  if skipped > 0 then
    io.stderr:write("exectrack: skipped ", words.counted(skipped, "line"), ", the first: ",
      unicode.visible(first), "\n")
  end
end

local function import(file, name, arguments)
  local bytes = bytes_left(file)
  local shown = new_progress(bytes)
  local importers = require("exectrack.command.importer")
  local importer = importers.new {
    now = os.time(),
    most = bytes and importers.most_executions(bytes),
    max_history = arguments.max_history,
    label = arguments.label,
    ignore_args = arguments.ignore_args,
    args_texts = arguments.texts and ARGS_TEXTS or nil,
    error_texts = arguments.texts and ERROR_TEXTS or nil,
    measures = arguments.measures,
  }
  local skipped, first = 0, nil
  local ok, message, code = add_all(importer, name, new_reading(file, shown),
    arguments.max_line, function(problem)
      skipped, first = skipped + 1, first or problem
      return arguments.skip_bad
    end)
  shown:finish()
  if ok then
    ok, message, code = runs.save(importer:snapshot(), arguments.output)
  end
  if ok then
    say(importer.count, skipped, first)
  end
  return ok and DONE, message, code
end

--- Whether a run can have these measures; or nil, a message and the exit code.
local function check_measures(measures)
  if measures then
    local ok, err = pcall(exectrack.new, { max_history = 0, measures = measures })
    if not ok then
      return nil, "--measure: " .. reason(err), WRONG_USAGE
    end
  end
  return true
end

--- Runs the subcommand.
function M.run(arguments)
  if not pcall(require, "cjson") then
    return nil, NO_CJSON
  end
  local ok, message, failure = runs.check_target(arguments.output)
  if ok then
    ok, message, failure = check_measures(arguments.measures)
  end
  if not ok then
    return nil, message, failure
  end
  local file, name = open(arguments.file)
  if not file then
    return nil, name
  end
  local code
  code, message, failure = import(file, name, arguments)
  if file ~= io.stdin then
    file:close()
  end
  return code, message, failure
end

return M
