--- `exectrack export`.
-- Used only by the command.
local converters = require("exectrack.command.converters")
local exit_codes = require("exectrack.command.exit_codes")
local export = require("exectrack.format.export")
local numbers = require("exectrack.numbers")
local of_records = require("exectrack.command.of_records")
local output = require("exectrack.command.output")
local runs = require("exectrack.command.runs")
local selection = require("exectrack.command.selection")
local system = require("exectrack.command.system")

local STANDARD_OUTPUT = 1

-- The formats that have totals of a run, not only its records.
local HAS_TOTALS = { prometheus = true, openmetrics = true, ["otlp-json"] = true, otlp = true }

local EPILOG = [[
prometheus is Prometheus's text format, openmetrics is OpenMetrics 1.0.
otlp-json is OpenTelemetry's protocol as JSON, one request a line; otlp is one
request of it in Protocol Buffers. chrome is trace events, for Perfetto,
speedscope and Chrome; folded is stacks for flame graphs, in microseconds;
parquet is a table of the records. Texts of arguments and errors are left out,
unless --texts is given.

Examples:
   exectrack export agent.run --to prometheus -o agent.prom
   exectrack export agent.run --to openmetrics --buckets 0.1,1,10
   exectrack export agent.run --to otlp --signal metrics -o metrics.pb]]

local M = { summary = "Write a run for Prometheus and other programs." }

--- A converter for argparse: numbers with commas between them.
local function read_buckets(text)
  local list = {}
  for part in (text .. ","):gmatch("(.-),") do
    local number = numbers.read(part)
    if not number then
      return nil, "option '--buckets': numbers such as 0.1,1,10 expected, got '" .. text .. "'"
    end
    list[#list + 1] = number
  end
  return list
end

--- Adds the arguments to an argparse command.
function M.describe(command, choose)
  command:argument("RUN"):target("runs"):args("+")
    :description("The file of a run, or a folder of them; - is standard input. Several are merged.")
  choose(command:option("--to"):argname("FORMAT"):count(1)
    :description(table.concat(export.NAMES, ", ") .. "."), "format", export.NAMES)
  selection.describe(command, choose)
  command:option("-o --output"):argname("FILE")
    :description("Write to this file, not to standard output.")
  command:option("--buckets"):argname("SECONDS"):convert(read_buckets)
    :description("The upper limits of buckets of durations, such as 0.1,1,10. By default the "
      .. "powers of 2 from 2^-10 to 2^9.")
  command:option("--max-buckets"):argname("N")
    :convert(converters.integer("--max-buckets", 2, export.MOST_BUCKETS))
    :description("The most buckets of a histogram of otlp-json and otlp. By default 160.")
  choose(command:option("--signal"):argname("SIGNAL")
    :description("metrics or traces, for otlp; otlp-json has both unless this is given."),
    "signal", { "metrics", "traces" })
  command:flag("--texts"):description("Add the texts of arguments and errors that the run has.")
  command:epilog(EPILOG)
end

--- Writes the pieces. Returns true; or nil, a message and the exit code, if it isn't 1.
local function write(path, next_piece)
  local out, message, code = output.open(path)
  local ok = out ~= nil
  for piece in ok and next_piece or function() end do
    ok, message, code = out:write(piece)
    if not ok then
      break
    end
  end
  if ok then
    return out:close()
  end
  return nil, message, code
end

--- An option's name as the command has it.
local function as_argument(message)
  return (message:gsub("^option '([%w_]+)'", function(name)
    return "option '--" .. name:gsub("_", "-") .. "'"
  end))
end

--- A message if the output at `path` is a terminal, and the format isn't text.
local function terminal_message(path, format)
  local is_standard = path == nil or path == "-"
  if export.is_binary(format) and system.is_terminal(is_standard and STANDARD_OUTPUT or path) then
    return (is_standard and "standard output" or path) .. ": it is a terminal, and " .. format
      .. " isn't text"
  end
end

--- Whether a path is `FILE#SESSION`.
local function names_session(paths)
  for _, path in ipairs(paths) do
    if select(2, runs.split(path)) then
      return true
    end
  end
  return false
end

--- The run to export: of what is selected, if some is; or nil and a message.
local function load(arguments)
  local snapshot, message = runs.load_all(arguments.runs)
  local is_part = selection.is_given(arguments) or names_session(arguments.runs)
  if not snapshot or not is_part then
    return snapshot, message
  end
  snapshot, message = selection.apply(snapshot, arguments)
  if snapshot then
    selection.note_undated(snapshot, arguments)
  end
  if snapshot and HAS_TOTALS[arguments.to] then
    return of_records(snapshot)
  end
  return snapshot, message
end

--- Runs the subcommand.
function M.run(arguments)
  local snapshot, message = load(arguments)
  if not snapshot then
    return nil, message
  end
  local next_piece, give_notes = export.pieces(snapshot, arguments.to, {
    buckets = arguments.buckets, max_buckets = arguments.max_buckets, signal = arguments.signal,
    texts = arguments.texts, on_note = runs.note,
  })
  message = not next_piece and as_argument(give_notes)
    or terminal_message(arguments.output, arguments.to)
  if message then
    return nil, message, exit_codes.WRONG_USAGE
  end
  local ok, code
  ok, message, code = write(arguments.output, next_piece)
  if not ok then
    return nil, message, code
  end
  give_notes()
  return exit_codes.DONE
end

return M
