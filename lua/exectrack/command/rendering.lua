--- The options for the format and the output of a report, for all subcommands that make one.
-- Used only by the command.
local exit_codes = require("exectrack.command.exit_codes")
local numbers = require("exectrack.numbers")
local output = require("exectrack.command.output")
local system = require("exectrack.command.system")

local M = {}

local STANDARD_OUTPUT = 1

local FORMATS = { "text", "markdown", "html", "json", "csv" }
local BY_ENDING = { txt = "text", md = "markdown", markdown = "markdown", html = "html",
  htm = "html", json = "json", csv = "csv" }
local WHEN = { "auto", "always", "never" }
local LEAST_WIDTH, MOST_WIDTH = 20, 1000

--- Adds the options about text to an argparse command. `prefix` is what their descriptions begin
-- with, `width` what they say of a width that isn't known.
function M.describe_text(command, choose, prefix, width)
  command:option("--width"):argname("N")
    :convert(require("exectrack.command.converters").integer("--width", LEAST_WIDTH, MOST_WIDTH))
    :description(prefix .. "use so many columns. By default as COLUMNS says, or as the terminal "
      .. "has, " .. width .. ".")
  command:flag("--ascii"):description(prefix .. "draw with ASCII alone. By default if the "
    .. "locale (LC_ALL, else LC_CTYPE, else LANG) is set and not of UTF-8.")
  choose(command:option("--color"):argname("WHEN")
    :description(prefix .. "auto (the default), always or never. auto is when standard "
      .. "output is a terminal, TERM isn't dumb and NO_COLOR isn't set."), "color", WHEN)
end

--- Adds the option for a byte-order mark to an argparse command.
function M.describe_bom(command)
  command:flag("--bom"):description("For csv: begin with a byte-order mark, so that Excel reads "
    .. "UTF-8.")
end

--- Adds the options to an argparse command.
function M.describe(command, choose)
  choose(command:option("--format"):argname("FORMAT")
    :description("text, markdown, html, json or csv. By default what the output's ending says "
      .. "(.txt, .md, .html, .json or .csv), and text for standard output."), "format", FORMATS)
  command:option("-o --output"):argname("FILE")
    :description("Write to this file, not to standard output.")
  command:option("--section"):argname("SECTION")
    :description("For csv: only the table of this section, by its number or title.")
  M.describe_bom(command)
  M.describe_text(command, choose, "For text: ", "else 80")
end

--- The format of a report; or nil and a message, if neither the option nor the name of a file says
-- one.
local function chosen_format(arguments)
  local path = arguments.output
  local ending = (path or ""):match("%.(%w+)$")
  local format = arguments.format or ending and BY_ENDING[ending:lower()]
  if format or path == nil or path == "-" or system.is_regular(path) == false then
    return format or "text"
  end
  return nil, ("%s: no format is known by this ending: .txt, .md, .html, .json or .csv expected, "
    .. "or --format"):format(path)
end

local function is_to_terminal(arguments)
  return (arguments.output or "-") == "-" and system.is_terminal(STANDARD_OUTPUT)
end

local function is_colored(arguments)
  if arguments.color == "always" or arguments.color == "never" then
    return arguments.color == "always"
  end
  return is_to_terminal(arguments) and (os.getenv("NO_COLOR") or "") == ""
    and os.getenv("TERM") ~= "dumb"
end

local function columns(arguments)
  if arguments.width then
    return arguments.width
  end
  local given = tonumber((os.getenv("COLUMNS") or ""):match("^0*[1-9]%d*$"))
  local found = given or is_to_terminal(arguments) and system.terminal_size(STANDARD_OUTPUT)
  return found and math.max(LEAST_WIDTH, math.min(MOST_WIDTH, found)) or nil
end

--- Whether a locale is set, and its characters aren't UTF-8. An empty variable counts as not set.
local function has_other_characters()
  for _, name in ipairs { "LC_ALL", "LC_CTYPE", "LANG" } do
    local locale = os.getenv(name) or ""
    if locale ~= "" then
      return not locale:lower():find("utf%-?8")
    end
  end
  return false
end

--- The options of text: `width`, nil if it isn't known, `color`, `ascii` and `timezone`.
function M.text_options(arguments)
  return { width = columns(arguments), color = is_colored(arguments),
    ascii = arguments.ascii or has_other_characters(), timezone = arguments.timezone }
end

--- The options of the renderer of a format.
local function renderer_options(format, arguments)
  if format == "text" then
    return M.text_options(arguments)
  elseif format == "csv" then
    return { section = numbers.read(arguments.section or "") or arguments.section,
      bom = arguments.bom }
  end
  return format ~= "json" and { timezone = arguments.timezone } or {}
end

--- The option that was given, but is for another format, if any.
local function misplaced(arguments, format)
  return format ~= "csv" and (arguments.section and "--section" or arguments.bom and "--bom")
end

--- Renders a report that was checked, and writes it. Returns what the `run` of a subcommand does.
function M.write(report, arguments)
  local format, message = chosen_format(arguments)
  local option = format and misplaced(arguments, format)
  message = option and option .. ": the format is " .. format .. ", not csv" or message
  if message then
    return nil, message, exit_codes.WRONG_USAGE
  end
  local render = require("exectrack.report.renderer." .. format)
  local text, ok, code
  text, message = render(report, renderer_options(format, arguments))
  if not text then
    return nil, (message:gsub("^option 'section'", "--section")), exit_codes.WRONG_USAGE
  end
  ok, message, code = output.write(arguments.output, text)
  return ok and exit_codes.DONE, message, code
end

return M
