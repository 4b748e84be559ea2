--- The records of a run as formats of spans, of events and of tables need them.
-- Used only by formats.
local unicode = require("exectrack.report.unicode")
local unique_names = require("exectrack.format.unique_names")

local floor = math.floor

local M = {}

--- The measures of a run, each with a valid `name` that no other has, a valid `unit`, and its
-- `values` by the places of records, false for none.
local function measures_of(snapshot)
  local measures = snapshot:measures()
  for _, measure in ipairs(measures) do
    measure.values = snapshot:column("measures." .. measure.name)
    measure.unit = unicode.valid(measure.unit)
  end
  unique_names.set(measures)
  return measures
end

--- The valid names of sessions by their names.
local function session_names(run)
  local names, valid = {}, {}
  for i, session in ipairs(run.session_names) do
    names[i] = session.name
  end
  for i, name in ipairs(unique_names.of(names)) do
    valid[names[i]] = name
  end
  return valid
end

--- The table form of a run, but the label and the names of tools and error types are valid UTF-8,
-- and two names never become one. `valid_session` has such names of sessions by their names, except
-- those that were forgotten, and `measures` is what `measures_of` returns.
function M.read(snapshot)
  local run = snapshot:to_table()
  unique_names.set(run.tools)
  run.label, run.error_types = unicode.valid(run.label), unique_names.of(run.error_types)
  run.valid_session, run.measures = session_names(run), measures_of(snapshot)
  return run
end

--- When a record with a time started, in seconds and microseconds; not before 1970. Untimed ones
-- count as having taken no time.
function M.start(record)
  local duration_us = tonumber(record.duration_us) or 0
  local whole_s = floor(duration_us / 1000000)
  local seconds = record.end_seconds - whole_s
  local microseconds = record.end_microseconds - (duration_us - whole_s * 1000000)
  if microseconds < 0 then
    seconds, microseconds = seconds - 1, microseconds + 1000000
  end
  if seconds < 0 then
    return 0, 0
  end
  return seconds, microseconds
end

local function none()
  return nil
end

local function args_text_of(run)
  local texts = {}
  for _, kept in ipairs(run.args_texts) do
    texts[kept.args_hash] = unicode.valid(kept.text)
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
      kept.last_microseconds)] = unicode.valid(kept.text)
  end
  return next(texts) and function(record)
    return record.status ~= "success" and texts[key_of(record.tool_id, record.error_type_id,
      record.end_seconds, record.end_microseconds)] or nil
  end or none
end

--- Two functions of a record: they return the text of its arguments and the message of its error,
-- or nil if it isn't known or texts aren't `wanted`.
function M.texts(run, wanted)
  if not wanted then
    return none, none
  end
  return args_text_of(run), error_text_of(run)
end

--- Notes, sentences, on executions that a format leaves out because they have no time. `what` is
-- what others have one of.
function M.undated_notes(undated, what)
  if undated == 0 then
    return {}
  end
  return { undated == 1 and "1 execution without a time has no " .. what
    or ("%d executions without a time have no %ss"):format(undated, what) }
end

return M
