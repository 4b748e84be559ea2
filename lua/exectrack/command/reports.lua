--- Reports: their options, which are the arguments after `--`, and built-in ones.
-- Used only by the command.
local exit_codes = require("exectrack.command.exit_codes")
local numbers = require("exectrack.numbers")
local system = require("exectrack.command.system")

local M = {}

local function value_of(text)
  if text == "true" or text == "false" then
    return text == "true"
  end
  return numbers.read(text) or text
end

--- The arguments after `--` as a table of options; or nil and a message. A path isn't one of them.
function M.options(words)
  local options = {}
  for _, word in ipairs(words) do
    local key, value = word:match("^([^=]+)=(.*)$")
    if key then
      options[key] = value_of(value)
    elseif system.status(word) then
      return nil, word .. ": it stands behind --, where options of the report are"
    elseif word:find("^[^=]") then
      options[word] = true
    else
      return nil, "option '" .. word .. "': KEY=VALUE expected"
    end
  end
  return options
end

-- The options of built-in reports that the command's own arguments say.
local TAKEN = { "died", "name", "retained", "run", "selection", "timezone", "whole" }

--- Whether none of the options behind `--` are for what the command's own arguments say: these, and
-- perhaps those of the array `more`. Returns true; or nil, a message and an exit code.
function M.check(name, options, more)
  for _, list in ipairs { TAKEN, more } do
    for _, taken in ipairs(list) do
      if options[taken] ~= nil then
        return nil, ("%s: option '%s': it can't be given behind --, as the arguments before say "
          .. "it"):format(name, taken), exit_codes.WRONG_USAGE
      end
    end
  end
  return true
end

--- A message about a wrong option, with the text that was given in place of its type.
local function with_text(message, options)
  local before, name = message:match("^(.* option '(.-)': .*, got )string$")
  return before and before .. "'" .. options[name] .. "'" or message
end

--- The built-in report of this name; or what `run` of a subcommand returns for wrong options: for
-- these, the report raises an error that begins with its name.
function M.built_in(name, snapshot, options)
  local make = require("exectrack.report.builtin." .. name)
  local ok, report = pcall(make, snapshot, options)
  if ok then
    return report
  elseif type(report) == "string" and report:find(name .. ": ", 1, true) == 1 then
    return nil, with_text(report, options), exit_codes.WRONG_USAGE
  end
  error(report, 0)
end

return M
