--- `exectrack convert`.
-- Used only by the command.
local csv = require("exectrack.csv")
local exit_codes = require("exectrack.command.exit_codes")
local output = require("exectrack.command.output")
local rendering = require("exectrack.command.rendering")
local runs = require("exectrack.command.runs")
local selection = require("exectrack.command.selection")

local FORMATS = { "jsonl", "csv", "json" }

local EPILOG = [[
jsonl is JSON Lines, one execution a line, as exectrack import takes them; csv
has the same fields as columns; json is the whole run with its statistics, as
exectrack.from_table takes it, if all names are UTF-8. With chosen executions,
too, its statistics are those of the whole run. Each byte of a name that isn't
UTF-8 becomes U+FFFD. In CSV, a control character becomes an escape such as
\x1b, and a name that a spreadsheet would take for a formula has an apostrophe
in front, which exectrack import removes.

Examples:
   exectrack convert agent.run --to jsonl | jq -r .tool
   exectrack convert agent.run -o agent.csv]]

local M = { summary = "Write the executions of a run as JSON Lines, CSV or JSON." }

--- Adds the arguments to an argparse command.
function M.describe(command, choose)
  command:argument("RUN"):target("run")
    :description("The file of a run, or a folder of them; - is standard input.")
  choose(command:option("--to"):argname("FORMAT")
    :description("jsonl, csv or json. By default what the output's ending says."), "format",
    FORMATS)
  selection.describe(command, choose)
  command:option("-o --output"):argname("FILE")
    :description("Write to this file, not to standard output.")
  rendering.describe_bom(command)
  command:epilog(EPILOG)
end

--- The format of the output; or nil and a message.
local function format_of(arguments)
  local path = arguments.output
  local ending = (path or ""):match("%.(%w+)$")
  if arguments.to then
    return arguments.to
  end
  for _, format in ipairs(FORMATS) do
    if ending and ending:lower() == format then
      return format
    end
  end
  return nil, path and path ~= "-" and path
    .. ": no format is known by this ending: .jsonl, .csv or .json expected, or --to"
    or "--to jsonl, csv or json is missing"
end

--- Writes the run, behind `mark`.
local function write(out, snapshot, format, mark)
  local ok, message, code
  for piece in require("exectrack.format." .. format).encode(snapshot) do
    ok, message, code = out:write(mark .. piece)
    if not ok then
      return nil, message, code
    end
    mark = ""
  end
  ok, message, code = out:close()
  return ok and exit_codes.DONE, message, code
end

--- What is selected of the run; or nil and a message.
local function load(arguments)
  local snapshot, message = runs.load(arguments.run)
  if not snapshot then
    return nil, message
  end
  snapshot, message = selection.apply(snapshot, arguments)
  if snapshot then
    selection.note_undated(snapshot, arguments)
  end
  return snapshot, message
end

--- Runs the subcommand.
function M.run(arguments)
  local format, message = format_of(arguments)
  if not format then
    return nil, message, exit_codes.WRONG_USAGE
  elseif arguments.bom and format ~= "csv" then
    return nil, "--bom: the format is " .. format .. ", not csv", exit_codes.WRONG_USAGE
  end
  local snapshot
  snapshot, message = load(arguments)
  if not snapshot then
    return nil, message
  end
  local out
  out, message = output.open(arguments.output)
  if not out then
    return nil, message
  end
  return write(out, snapshot, format, arguments.bom and csv.BYTE_ORDER_MARK or "")
end

return M
