--- Makes built-in reports.
-- Used only by the command.
local exit_codes = require("exectrack.command.exit_codes")

--- The built-in report of this name; or what `run` of a subcommand returns for wrong options: for
-- these, the report raises an error that begins with its name.
return function(name, snapshot, options)
  local make = require("exectrack.report.builtin." .. name)
  local ok, report = pcall(make, snapshot, options)
  if ok then
    return report
  elseif type(report) == "string" and report:find(name .. ": ", 1, true) == 1 then
    return nil, report, exit_codes.WRONG_USAGE
  end
  error(report, 0)
end
