--- Parsers made with argparse that neither print nor exit.
-- Used only by the command.
local argparse = require("argparse")

local M = {}

local WIDTH = 80

local EXAMPLES = [[
Examples:
   exectrack show agent.run
   exectrack report agent.run -o report.html
   exectrack report --help]]

local EXIT_CODES = [[


Exit codes:
   0     done
   1     it couldn't be done: a file is missing, is damaged or can't be written,
         or a script failed
   2     wrong usage
   3     what check, compare --fail-on or replay --fail-on found isn't allowed
   130   it was interrupted
   141   standard output was closed before all was written
]]

--- A converter that takes only one of `names`. With argparse's `choices`, messages wouldn't suggest
-- the nearest name.
local function one_of(kind, names)
  return function(given)
    for _, name in ipairs(names) do
      if given == name then
        return name
      end
    end
    return nil, require("exectrack.command.nearest").unknown(kind, given, names)
  end
end

--- A converter of several texts with commas between them to a table with these as keys.
local function set_of(convert)
  return function(given)
    local set = {}
    for text in (given .. ","):gmatch("([^,]*),") do
      local name, message = convert(text)
      if not name then
        return nil, message
      end
      set[name] = true
    end
    return set
  end
end

--- Restricts an option to one of `names`; or, if it `is_set`, to some, whose value is a table with
-- these as keys.
local function limit(option, kind, names, is_set)
  local convert = one_of(kind, names)
  return option:convert(is_set and set_of(convert) or convert)
end

--- An action that ends the parsing with a text.
local function answer(parser, text)
  return function()
    parser.text = text()
    error("answered")
  end
end

local function new(name)
  local parser = { argparse = argparse(name) }
  parser.argparse:usage_max_width(WIDTH):help_max_width(WIDTH):help_description_margin(26)
    :add_help {
      description = "Print this and exit.",
      action = answer(parser, function() return M.help(parser) end),
    }
  return parser
end

--- The parser of the arguments after a subcommand's name.
function M.of_command(name, command)
  local parser = new("exectrack " .. name)
  parser.argparse:description(command.summary)
  command.describe(parser.argparse, limit)
  return parser
end

--- The parser of the whole command line, with the subcommands of these names.
function M.of_all(names)
  local parser = new("exectrack")
  parser.argparse:description("Reports on runs that exectrack recorded."):epilog(EXAMPLES)
    :flag("--version"):description("Print the version and exit.")
    :action(answer(parser, function() return require("exectrack")._VERSION .. "\n" end))
  for _, name in ipairs(names) do
    local command = require("exectrack.command." .. name)
    local described = parser.argparse:command(name):summary(command.summary)
    described:description(command.summary)
    command.describe(described, limit)
  end
  return parser
end

--- The text of --help.
function M.help(parser)
  return parser.argparse:get_help() .. EXIT_CODES
end

--- The arguments, with values such as -5 joined to the option before them: argparse takes them for
-- options, of which none has a digit.
local function with_negative_values(arguments)
  local joined, is_behind = {}, false
  for _, argument in ipairs(arguments) do
    local option = not is_behind and argument:find("^%-%d") and joined[#joined] or ""
    if option:find("^%-%-%a[%w-]*$") or option:find("^%-%a$") then
      joined[#joined] = option .. (option:find("^%-%-") and "=" or "") .. argument
    else
      joined[#joined + 1] = argument
    end
    is_behind = is_behind or argument == "--"
  end
  return joined
end

--- A message of argparse's in one line. That other options have one letter, too, is no reason to
-- suggest them.
local function in_one_line(message)
  message = message:gsub("^(unknown option '%-.')\n.*", "%1")
  return (message:gsub("\nDid you mean", ": did you mean"))
end

--- Returns the table of arguments; or nil and the text for --help or --version; or nil, nil and a
-- message.
function M.parse(parser, arguments)
  local ok, is_right, result = pcall(parser.argparse.pparse, parser.argparse,
    with_negative_values(arguments))
  if parser.text then
    return nil, parser.text
  elseif not ok then
    error(is_right, 0)
  elseif not is_right then
    return nil, nil, in_one_line(result)
  end
  return result
end

return M
