--- The kept texts of a run by the records to which they belong.
-- Used only by formats.

local function none()
  return nil
end

local function args_text_of(run)
  local texts = {}
  for _, kept in ipairs(run.args_texts) do
    texts[kept.args_hash] = kept.text
  end
  return function(record) return texts[record.args_hash] end
end

local function key_of(tool_id, error_type_id, seconds, microseconds)
  return ("%.0f %.0f %.0f %.0f"):format(tool_id, error_type_id or 0, seconds, microseconds)
end

--- Of each tool and error type only the message of the latest error is kept, so the time tells
-- whether it is that of a record.
local function error_text_of(run)
  local texts = {}
  for _, kept in ipairs(run.error_texts) do
    texts[key_of(kept.tool_id, kept.error_type_id, kept.last_seconds,
      kept.last_microseconds)] = kept.text
  end
  return next(texts) and function(record)
    return record.status ~= "success" and texts[key_of(record.tool_id, record.error_type_id,
      record.end_seconds, record.end_microseconds)] or nil
  end or none
end

--- Two functions of a record, in the form of `snapshot:to_table()`: they return the text of its
-- arguments and the message of its error, or nil if it isn't known or not `wanted`.
return function(run, wanted)
  if not wanted then
    return none, none
  end
  return args_text_of(run), error_text_of(run)
end
