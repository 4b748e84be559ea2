--- What only one span has besides fingerprints: attributes for measures and the place in a log; and
-- texts of arguments and errors, if they are asked for.
-- Used only by formats.

--- The number of a scaled measure. The scale is a number or a text, and so is the value.
local function unscaled(value, scale)
  return tonumber(value) * tonumber(scale)
end

local function add_measures(attributes, values, measures)
  for i, measure in ipairs(values and measures or {}) do
    if values[i] then
      attributes[#attributes + 1] = { "exectrack.measure." .. measure.name,
        unscaled(values[i], measure.scale) }
    end
  end
end

local function args_texts_of(run)
  local texts = {}
  for _, kept in ipairs(run.args_texts) do
    texts[kept.args_hash] = kept.text
  end
  return texts
end

--- The messages of errors, by tool, error type and time: of each tool and type only that of the
-- latest error is kept.
local function error_key(tool_id, error_type_id, seconds, microseconds)
  return ("%.0f %.0f %.0f %.0f"):format(tool_id, error_type_id or 0, seconds, microseconds)
end

local function error_texts_of(run)
  local texts = {}
  for _, kept in ipairs(run.error_texts) do
    texts[error_key(kept.tool_id, kept.error_type_id, kept.last_seconds,
      kept.last_microseconds)] = kept.text
  end
  return texts
end

--- Makes a function of a span that returns its own attributes, or nil for none, and the message of
-- its error, if it is known. `run` is the table form of the run.
return function(run, with_texts)
  local args_texts = with_texts and args_texts_of(run) or {}
  local error_texts = with_texts and error_texts_of(run) or {}
  return function(span)
    local record, attributes = span.record, {}
    if not record then
      return nil
    end
    local text = args_texts[record.args_hash]
    attributes[1] = text and { "gen_ai.tool.call.arguments", text } or nil
    add_measures(attributes, record.measures, run.measures)
    attributes[#attributes + 1] = record.place and { "exectrack.place", record.place } or nil
    local message = span.kind.has_failed and next(error_texts) and error_texts[error_key(
      record.tool_id, record.error_type_id, record.end_seconds, record.end_microseconds)] or nil
    return attributes[1] and attributes or nil, message
  end
end
