--- The options that each built-in report has besides its own.
-- Used only by built-in reports.
local checks = require("exectrack.options")

local NAMES = checks.array_of(checks.string)

--- A name, or an array of them. Returns an array.
local function names(value)
  return NAMES(type(value) == "string" and { value } or value)
end

local function any(value)
  return value
end

local SELECTION = checks.fields {
  { "tool", names }, { "exclude", names }, { "session", names }, { "status", names },
  { "since", checks.number }, { "before", checks.number }, { "last", any },
}

local DIED = checks.array_of(checks.fields {
  { "run", checks.snapshot, required = true },
  { "session", names },
  { "name", checks.string },
  { "is_left_out", checks.boolean },
})

--- Makes a check for a table with these fields, those of the report, and:
--
-- - `run`, the words of a shell command that name the run, in commands to paste; default `RUN`
-- - `name`, what titles call a run that has no label; default nothing
-- - `selection`, what was chosen of the run, as `in_flight.of` takes it; default nothing
-- - `timezone`, the zone of times in sentences, as `format.time` takes it; default UTC
-- - `retained`, how many executions the run had retained before some were chosen; default unknown
-- - `died`, of a merged run those that it is made of whose processes died with something in flight:
--   an array of tables, each with `run`, a snapshot, and perhaps its `name`, the `session` chosen
--   of it, or an array of these, and `is_left_out`, whether nothing in flight of it is chosen
-- - `whole`, the run from which executions were chosen, for the time of calls within others;
--   default the snapshot itself
return function(fields)
  fields[#fields + 1] = { "run", checks.string, default = "RUN" }
  fields[#fields + 1] = { "name", checks.string }
  fields[#fields + 1] = { "selection", SELECTION }
  fields[#fields + 1] = { "timezone", checks.timezone }
  fields[#fields + 1] = { "retained", checks.integer(0) }
  fields[#fields + 1] = { "died", DIED }
  fields[#fields + 1] = { "whole", checks.snapshot }
  return checks.fields(fields)
end
