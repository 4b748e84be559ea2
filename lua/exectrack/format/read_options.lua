--- The options of `exectrack.format.read`.
-- Used only by formats and the command.
local agents = require("exectrack.format.agents")
local core = require("exectrack.core")
local check_decoder_options = require("exectrack.format.decoder_options")
local options = require("exectrack.options")
local error_message = require("exectrack.format.error_message")

local M = {}

local MOST_RECORDS = 268435456
local MOST_TOOLS = 65535 -- unused ones only take address space

local DECODER = { "map", "statuses", "duration_unit", "strict", "max_line_bytes" }
local TRACKER = { "ignore_args", "measures", "label", "args_texts", "error_texts", "redact" }

-- Why a format can't take options, and which.
local REFUSED = {
  jsonl = { "only agents' logs have calls of models", { "model_calls" } },
  json = { "the format json is a whole run, which is read as it is",
    { "map", "statuses", "duration_unit", "strict", "skip_bad", "exclude", "ignore_args",
      "max_history", "measures", "args_texts", "error_texts", "redact", "max_line_bytes",
      "model_calls", "tool_from" } },
  reference = { "the format reference is a document with fields of its own",
    { "map", "statuses", "duration_unit", "strict", "max_line_bytes", "model_calls",
      "tool_from" } },
}
REFUSED.csv = REFUSED.jsonl
for _, name in ipairs(agents.NAMES) do
  REFUSED[name] = { "the format " .. name .. " has fields of its own",
    { "map", "statuses", "duration_unit", "strict", "measures" } }
end

--- The check of an option that is checked where it is used.
local function anything(value)
  return value
end

local check_fields = options.fields {
  { "map", anything },
  { "statuses", anything },
  { "duration_unit", anything },
  { "strict", options.boolean },
  { "skip_bad", options.boolean },
  { "exclude", options.array_of(options.string) },
  { "ignore_args", anything },
  { "max_history", options.integer(0, MOST_RECORDS) },
  { "measures", anything },
  { "label", anything },
  { "args_texts", anything },
  { "error_texts", anything },
  { "redact", anything },
  { "max_line_bytes", options.integer(1) },
  { "model_calls", options.boolean },
  { "tool_from", options.false_or(options.string) },
  { "on_progress", options.callable },
  { "source", options.string },
}

local function selected(chosen, names)
  local some = {}
  for _, name in ipairs(names) do
    some[name] = chosen[name]
  end
  return some
end

--- The options that a decoder is given: of measures only the names.
function M.for_decoder(chosen)
  local given = selected(chosen, DECODER)
  given.max_line_bytes = given.max_line_bytes or options.MAX_LINE_BYTES
  for i, measure in ipairs(chosen.measures or {}) do
    given.measures = given.measures or {}
    given.measures[i] = measure.name
  end
  return given
end

--- A tracker whose options say how executions are recorded; or nil and a message about an option.
-- With room for fewer than all tools that a run can have, it only shows that the options are right.
-- `measures` are those of the format.
function M.new_tracker(chosen, max_tools, measures)
  local settings = selected(chosen, TRACKER)
  settings.measures = settings.measures or measures
  settings.max_history, settings.max_tools = 0, max_tools or MOST_TOOLS
  local ok, tracker = pcall(core.new, settings)
  if ok then
    return tracker
  end
  local message = error_message(tracker)
  local option = message:match("^[%a_]+")
  return nil, ("option '%s': %s"):format(option, (message:gsub("^" .. option .. ": ", "")))
end

--- Checks the options of `read`. Returns them; or nil and a message, which names the one that is
-- wrong.
function M.check(given)
  local chosen, message = check_fields(given)
  local tracker, ok
  if chosen then
    tracker, message = M.new_tracker(chosen, 1)
  end
  if tracker then
    tracker:close()
    ok, message = check_decoder_options(M.for_decoder(chosen))
  end
  return ok and chosen or nil, message
end

--- The message about the first option that the format can't take; nil if there is none.
function M.refused(format, chosen)
  local why = REFUSED[format]
  for _, name in ipairs(why and why[2] or {}) do
    if chosen[name] then
      return ("option '%s': %s"):format(name, why[1])
    end
  end
end

return M
