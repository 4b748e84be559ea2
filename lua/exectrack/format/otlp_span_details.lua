--- What only one span has besides fingerprints: attributes for measures and the place in a log; and
-- texts of arguments and errors, if they are asked for.
-- Used only by formats.
local kept_texts = require("exectrack.format.kept_texts")

--- A function that adds the measures of the record with the index `place` to attributes.
local function measures_of(snapshot)
  local measures = snapshot:measures()
  local values = measures[1] and snapshot:column("measures") or {}
  return function(attributes, place)
    for _, measure in ipairs(values[place] and measures or {}) do
      local value = values[place][measure.name]
      if value then
        attributes[#attributes + 1] = { "exectrack.measure." .. measure.name, value }
      end
    end
  end
end

--- Makes a function of a span that returns its own attributes, or nil for none, and the message of
-- its error, if it is known. `run` is the table form of the run.
return function(snapshot, run, with_texts)
  local args_text, error_text = kept_texts(run, with_texts)
  local add_measures = measures_of(snapshot)
  return function(span)
    local record, attributes = span.record, {}
    if not record then
      return nil
    end
    local text = args_text(record)
    attributes[1] = text and { "gen_ai.tool.call.arguments", text } or nil
    add_measures(attributes, span.place)
    attributes[#attributes + 1] = record.place and { "exectrack.place", record.place } or nil
    return attributes[1] and attributes or nil, span.kind.has_failed and error_text(record) or nil
  end
end
