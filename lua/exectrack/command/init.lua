--- The `exectrack` command.
--
-- A subcommand is a module with:
--
-- - `summary`
-- - `describe(command, choose)`, which adds arguments and help to an argparse command;
--   `choose(option, kind, names, is_set)` restricts an option to one of these names, or to a set of
--   them, with commas between
-- - `run(arguments, names)`, which returns an exit code; or nil and a message, for exit code 1; or
--   nil, a message and another exit code. `names` are those of all subcommands
-- - optionally `has_report_options`: the arguments after `--` are in the table
--   `arguments.report_options`
-- - optionally `paths`, the name of an argument, an array: if no option is given, all arguments are
--   its elements
-- - optionally `own_arguments(arguments)`, which parses some itself: a table for `run`, else nil
--
-- Used only by `bin/exectrack`.

-- Starting makes little garbage, and collecting it would take noticeable time.
collectgarbage("stop")

local exit_codes = require("exectrack.command.exit_codes")
local system = require("exectrack.command.system")
local unicode = require("exectrack.report.unicode")

-- In the order in which --help lists them.
local NAMES = { "report", "show", "tail", "top", "compare", "check", "replay", "merge", "convert",
  "export", "push", "serve", "import", "completion" }

local STANDARD_ERROR = 2

local NO_ARGPARSE = "argparse isn't installed: luarocks install argparse, "
  .. "or on Debian apt-get install lua-argparse"

--- What removes the `^C` that a terminal shows; empty where there is none.
local function line_start(code)
  local can_clear = code == exit_codes.INTERRUPTED and system.is_terminal(STANDARD_ERROR)
    and (os.getenv("TERM") or "dumb") ~= "dumb"
  return can_clear and "\r\27[K" or ""
end

--- Prints a message on one line, in which an empty path is seen, and returns the exit code. A
-- reader that had enough, such as head, needs none.
local function complain(message, code, help)
  if code == exit_codes.CLOSED_EARLY then
    return code
  end
  local advice = code == exit_codes.WRONG_USAGE and " (see " .. help .. " --help)" or ""
  local shown = unicode.visible(message):gsub("^: ", "'': ")
  io.stderr:write(line_start(code), "exectrack: ", shown, advice, "\n")
  return code or exit_codes.FAILED
end

--- Loads argparse only when it is needed: this takes as long as the rest of a small report.
local function load_parser()
  if not pcall(require, "argparse") then
    return nil, NO_ARGPARSE
  end
  return require("exectrack.command.parser")
end

--- Parses the arguments, and prints the text for --help or --version. Returns the table of
-- arguments; or nil and what `run` of a subcommand returns.
local function parse(parser, its, arguments)
  local parsed, text, message = parser.parse(its, arguments)
  if not text then
    return parsed, nil, message, exit_codes.WRONG_USAGE
  end
  local ok, code
  ok, message, code = require("exectrack.command.output").write(nil, text)
  return nil, ok and exit_codes.DONE, message, code
end

--- Splits the arguments at `--`, if the subcommand has options of a report after it.
local function split(command, arguments)
  local own, behind = {}, {}
  local list = own
  for i = 2, #arguments do
    if command.has_report_options and arguments[i] == "--" then
      list = behind
    else
      list[#list + 1] = arguments[i]
    end
  end
  return own, behind
end

local function are_paths(arguments)
  for _, argument in ipairs(arguments) do
    if argument:sub(1, 1) == "-" then
      return false
    end
  end
  return #arguments > 0
end

--- Returns what `parse` does.
local function parse_for(name, command, arguments)
  local own = command.own_arguments and command.own_arguments(arguments)
  if own then
    return own
  elseif command.paths and are_paths(arguments) then
    return { [command.paths] = arguments }
  end
  local parser, message = load_parser()
  if not parser then
    return nil, nil, message
  end
  return parse(parser, parser.of_command(name, command), arguments)
end

local function run_command(arguments, name)
  local command = require("exectrack.command." .. name)
  local own, behind = split(command, arguments)
  local options, message = {}, nil
  if #behind > 0 then
    options, message = require("exectrack.command.reports").options(behind)
  end
  if not options then
    return nil, message, exit_codes.WRONG_USAGE
  end
  local parsed, answered, code
  parsed, answered, message, code = parse_for(name, command, own)
  if not parsed then
    return answered, message, code
  end
  parsed.report_options = options
  collectgarbage("restart")
  return command.run(parsed, NAMES)
end

--- What a word in place of a subcommand probably is: a run, a report or an option. Returns the
-- message; nil for any other.
local function meant_by(name)
  local place = require("exectrack.command.runs").split(name)
  local is_there, message = system.status(place)
  if is_there then
    return ("unknown command '%s': to report on this run: exectrack report %s"):format(name,
      require("exectrack.report.parts.next_step").word(name))
  elseif name:find("/", 1, true) or name:find("%.run$") or name:find("%.run#") then
    return message .. "; exectrack report RUN reports on a run"
  elseif name == "help" or name == "version" then
    return ("unknown command '%s': it is an option, --%s"):format(name, name)
  end
  for _, report in ipairs(require("exectrack.command.report").REPORTS) do
    if name == report then
      return ("unknown command '%s': it is a report, exectrack report RUN --report %s"):format(name,
        name)
    end
  end
end

local function unknown_command(name)
  return meant_by(name) or require("exectrack.command.nearest").unknown("command", name, NAMES)
end

local function run_without_command(arguments)
  local parser, message = load_parser()
  local first = arguments[1]
  if not parser then
    return nil, message
  elseif not first then
    io.stderr:write(parser.help(parser.of_all(NAMES)))
    return exit_codes.WRONG_USAGE
  elseif first:sub(1, 1) ~= "-" then
    return nil, unknown_command(first), exit_codes.WRONG_USAGE
  end
  local _, answered, code
  _, answered, message, code = parse(parser, parser.of_all(NAMES), arguments)
  return answered, message, code
end

local function is_command(name)
  for _, known in ipairs(NAMES) do
    if name == known then
      return true
    end
  end
  return false
end

--- The message and the exit code for an interruption or lack of memory. Any other error is a bug:
-- it is raised again, with its traceback.
local function explain(err)
  collectgarbage() -- closes unfinished outputs, which removes their temporary files
  if err:find("interrupted!\n", 1, true) then -- by Ctrl-C
    return "interrupted", exit_codes.INTERRUPTED
  elseif err:find("^[^\n]*not enough memory$") or err:find("^[^\n]*not enough memory\n") then
    return "not enough memory", exit_codes.FAILED
  end
  error(unicode.visible_lines(err), 0)
end

--- Runs the command with the arguments that follow its name. Returns its exit code: 0 for done, 1
-- if it couldn't be done, 2 for wrong usage, 130 if it was interrupted, 141 if standard output was
-- closed before all was written.
return function(arguments)
  system.ignore_write_signals()
  system.reserve_streams()
  local name = is_command(arguments[1]) and arguments[1] or nil
  local run = name and run_command or run_without_command
  local ok, ended, message, code = xpcall(function()
    return run(arguments, name)
  end, debug.traceback)
  if not ok then
    message, code = explain(tostring(ended))
    ended = nil
  end
  return ended or complain(message, code, name and "exectrack " .. name or "exectrack")
end
