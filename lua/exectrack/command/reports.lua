--- Reports: their options, which are the arguments after `--`, and built-in ones.
-- Used only by the command.
local exit_codes = require("exectrack.command.exit_codes")
local numbers = require("exectrack.numbers")

local M = {}

local function value_of(text)
  if text == "true" or text == "false" then
    return text == "true"
  end
  return numbers.read(text) or text
end

--- The arguments after `--` as a table of options; or nil and a message.
function M.options(words)
  local options = {}
  for _, word in ipairs(words) do
    local key, value = word:match("^([^=]+)=(.*)$")
    if key then
      options[key] = value_of(value)
    elseif word:find("^[^=]") then
      options[word] = true
    else
      return nil, "option '" .. word .. "': KEY=VALUE expected"
    end
  end
  return options
end

--- The built-in report of this name; or what `run` of a subcommand returns for wrong options: for
-- these, the report raises an error that begins with its name.
function M.built_in(name, snapshot, options)
  local make = require("exectrack.report.builtin." .. name)
  local ok, report = pcall(make, snapshot, options)
  if ok then
    return report
  elseif type(report) == "string" and report:find(name .. ": ", 1, true) == 1 then
    return nil, report, exit_codes.WRONG_USAGE
  end
  error(report, 0)
end

return M
