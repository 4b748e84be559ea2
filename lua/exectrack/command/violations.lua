--- What gates print: the violations, one a line, or that there are none.
-- Used only by the command.
local exit_codes = require("exectrack.command.exit_codes")
local json = require("exectrack.json_text")
local output = require("exectrack.command.output")
local unicode = require("exectrack.report.unicode")
local words = require("exectrack.report.parts.words")

local M = {}

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

local function as_text(failing, count, unknown)
  local lines = {}
  for i, violation in ipairs(failing) do
    lines[i] = unicode.visible(violation.message)
      .. (violation.command and ": " .. violation.command or "") .. "\n"
  end
  if #failing == 0 then
    lines[1] = ("ok: %s passed%s\n"):format(words.counted(count - unknown, "check"),
      unknown > 0 and ", " .. unknown .. " unknown" or "")
  end
  return table.concat(lines)
end

--- Adds the option `--allow-unknown` and `--min-calls` to an argparse command.
function M.describe(command, min_calls, about)
  command:option("--min-calls"):argname("N"):default(min_calls)
    :convert(require("exectrack.command.whole_number")("--min-calls", 0))
    :description(about)
  command:flag("--allow-unknown")
    :description("Let pass what isn't known well enough to be told. By default it is a violation.")
end

--- Writes the result of `count` checks, in the format `text` or `json`. `violations` is an array of
-- tables with a `message` of one line, and perhaps a `command` that looks closer, `is_unknown`,
-- which passes if `is_allowed`, and what FIELDS names. Returns what the `run` of a subcommand does.
function M.write(violations, count, format, is_allowed)
  local failing, unknown = {}, 0
  for _, violation in ipairs(violations) do
    if violation.is_unknown and is_allowed then
      unknown = unknown + 1
    else
      failing[#failing + 1] = violation
    end
  end
  local render = format == "json" and as_json or as_text
  local ok, message, code = output.write(nil, render(failing, count, unknown))
  if not ok then
    return nil, message, code
  end
  return #failing > 0 and exit_codes.VIOLATIONS or exit_codes.DONE
end

return M
