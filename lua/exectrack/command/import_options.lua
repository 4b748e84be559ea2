--- The options of `exectrack import` that say how a log is read.
-- Used only by the command.
local call_options = require("exectrack.command.call_options")
local converters = require("exectrack.command.converters")
local numbers = require("exectrack.numbers")
local read_options = require("exectrack.format.read_options")

local UNITS = { "s", "ms", "us", "ns" }

-- What the options of format.read are called here.
local FLAGS = {
  map = "--map", statuses = "--status", duration_unit = "--duration-unit", strict = "--strict",
  skip_bad = "--skip-bad", exclude = "--exclude", ignore_args = "--ignore-arg",
  max_history = "--max-history", measures = "--measure", label = "--label",
  args_texts = "--keep-texts", error_texts = "--keep-texts", max_line_bytes = "--max-line",
  model_calls = "--model-calls", tool_from = "--tool-from",
}

local M = {}

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
  converters.several(command:option("--map"):argname("FIELD=PATH"))
    :convert(pair("--map", "^([^=]+)=(.*)$", "FIELD=PATH"))
    :description("Where a field of executions is in a line. May be given several times.")
  converters.several(command:option("--status"):argname("VALUE=STATUS"):target("statuses"))
    :convert(pair("--status", "^(.*)=([^=]+)$", "VALUE=STATUS"))
    :description("What a status means: success, failed, timed_out or cancelled. VALUE may be * for "
      .. "any other, and empty for none. May be given several times.")
  choose(command:option("--duration-unit"):argname("UNIT")
    :description("s, ms, us or ns, for durations whose names don't say it. By default ms."), "unit",
    UNITS)
  converters.several(command:option("--measure"):argname("NAME:UNIT:SCALE"):target("measures"))
    :convert(measure)
    :description("A number that lines have, told apart to SCALE of UNIT. By default the measures "
      .. "of lines, as exactly as they are given.")
  command:flag("--strict"):description("Refuse lines with unknown fields.")
end

local function describe_selection(command)
  converters.several(command:option("--exclude"):argname("TOOL"))
    :description("Leave out executions of this tool. May be given several times.")
  converters.several(command:option("--ignore-arg"):argname("NAME"):target("ignore_args"))
    :description("Leave the field of this name out of the fingerprint of args. May be given "
      .. "several times.")
  command:flag("--skip-bad"):description("Go on after a line that is wrong.")
  command:option("--max-history"):argname("N"):convert(converters.max_history)
    :description("Keep only the last N executions.")
  command:option("--max-line"):argname("BYTES"):convert(converters.integer("--max-line", 1))
    :description("A line of more bytes is wrong, and isn't kept in memory. By default 64 MiB.")
  command:option("--label"):argname("TEXT"):description("Name the run, in up to 64 bytes.")
end

--- Adds the options to an argparse command.
function M.describe(command, choose)
  describe_mapping(command, choose)
  call_options.describe(command)
  describe_selection(command)
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

--- The options of `read` that the arguments are, not checked yet; or nil and a message.
local function options_of(arguments)
  local map, map_message = to_map("--map", arguments.map)
  local statuses, status_message = to_map("--status", arguments.statuses)
  if map_message or status_message then
    return nil, map_message or status_message
  end
  local options = {
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
    max_line_bytes = arguments.max_line,
  }
  call_options.set(options, arguments)
  return options
end

--- A message with the options of the command in place of those of `read`.
function M.with_flags(message)
  return (message:gsub("option '([%a_]+)'", FLAGS):gsub("^(%-%-measure: )measures%[%d+%]%.", "%1"))
end

--- The options of `read` that the arguments are; or nil and a message.
function M.of_arguments(arguments)
  local options, message = options_of(arguments)
  if options then
    local ok
    ok, message = read_options.check(options)
    options = ok and options
  end
  if not options then
    return nil, M.with_flags(message)
  end
  return options
end

return M
