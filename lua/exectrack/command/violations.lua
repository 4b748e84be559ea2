--- What gates print: the violations, one a line, or that there are none.
-- Used only by the command.
local exit_codes = require("exectrack.command.exit_codes")
local json = require("exectrack.json_text")
local output = require("exectrack.command.output")
local unicode = require("exectrack.report.unicode")
local words = require("exectrack.report.parts.words")

local M = {}

local MIN_CALLS = 20

local FIELDS = { "check", "tool", "message", "measured", "limit", "calls", "unknown", "command" }

local function as_json(failing, count, unknown)
  local list = {}
  for i, violation in ipairs(failing) do
    local copy = { unknown = violation.is_unknown or false }
    for _, field in ipairs(FIELDS) do
      copy[field] = copy[field] == nil and violation[field] or copy[field]
    end
    list[i] = json.object(copy, FIELDS)
  end
  return json.encode_lines(json.object({ schema = "exectrack-violations", version = 1,
    passed = #failing == 0, checks = count, unknown = unknown, violations = list },
    { "schema", "version", "passed", "checks", "unknown", "violations" }))
end

local function as_text(failing, count, unknown, note)
  local lines = {}
  for i, violation in ipairs(failing) do
    lines[i] = unicode.visible(violation.message)
      .. (violation.command and ": " .. violation.command or "") .. "\n"
  end
  if #failing == 0 then
    lines[1] = ("ok: %s passed%s%s\n"):format(words.counted(count - unknown, "check"),
      unknown > 0 and ", " .. unknown .. " unknown" or "", note and "; " .. note or "")
  end
  return table.concat(lines)
end

--- Adds the option `--allow-unknown` and `--min-calls` to an argparse command.
function M.describe(command, about)
  command:option("--min-calls"):argname("N"):init(MIN_CALLS)
    :convert(require("exectrack.command.converters").integer("--min-calls", 0))
    :description(about .. ", " .. MIN_CALLS .. " by default.")
  command:flag("--allow-unknown")
    :description("Let pass what isn't known well enough to be told. By default it is a violation.")
end

--- A message if an option is given that needs `--fail-on`, which isn't; nil otherwise.
function M.misplaced(arguments)
  local given = arguments.min_calls ~= MIN_CALLS and "--min-calls"
    or arguments.allow_unknown and "--allow-unknown"
    or arguments.allow_in_flight and "--allow-in-flight"
  return given and not arguments.fail_on and given .. ": it needs --fail-on" or nil
end

--- Writes the result of `count` checks, as the arguments say. `violations` is an array of tables
-- with a `message` of one line, and perhaps a `command` that looks closer, `is_unknown`, and what
-- FIELDS names. `note` is what to say besides if there are none. Returns what the `run` of a
-- subcommand does.
function M.write(violations, count, arguments, note)
  local failing, unknown = {}, 0
  for _, violation in ipairs(violations) do
    if violation.is_unknown and arguments.allow_unknown then
      unknown = unknown + 1
    else
      failing[#failing + 1] = violation
    end
  end
  local render = arguments.format == "json" and as_json or as_text
  local ok, message, code = output.write(nil, render(failing, count, unknown, note))
  if not ok then
    return nil, message, code
  end
  return #failing > 0 and exit_codes.VIOLATIONS or exit_codes.DONE
end

--- The same for a gate that has a report, too: it is written where -o says; without it, --format is
-- that of the violations.
function M.write_beside(report, violations, count, arguments, note)
  if not arguments.output or arguments.output == "-" then
    if arguments.format and arguments.format ~= "text" and arguments.format ~= "json" then
      return nil, "--format: violations are written as text or json; -o is for the report",
        exit_codes.WRONG_USAGE
    end
    return M.write(violations, count, arguments, note)
  end
  local done, message, code = require("exectrack.command.rendering").write(report, arguments)
  if not done then
    return nil, message, code
  end
  return M.write(violations, count, { allow_unknown = arguments.allow_unknown }, note)
end

return M
