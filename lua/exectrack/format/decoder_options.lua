--- The options of decoders of lines.
-- Used only by formats.
local mapping = require("exectrack.format.mapping")
local options = require("exectrack.options")

local check_fields = options.fields {
  { "map", options.map_of(options.string) },
  { "statuses", options.map_of(options.string) },
  { "duration_unit", options.string },
  { "strict", options.boolean },
  { "measures", options.array_of(options.string) },
  { "source", options.string },
  { "max_line_bytes", options.integer(1), default = options.MAX_LINE_BYTES },
}

--- A check. It adds the field `mapping`, which makes executions of lines.
return function(given)
  local chosen, message = check_fields(given)
  if not chosen then
    return nil, message
  end
  local option
  chosen.mapping, message, option = mapping.new(chosen)
  if message then
    return nil, ("option '%s': %s"):format(option, message)
  end
  return chosen
end
