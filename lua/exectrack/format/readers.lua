--- How the values of fields are read in the lines of any log.
--
-- A reader is a function of a value, its source, and the line's state. It returns the value that
-- `record` takes and, of some fields, the kind of value that it was; or nil and what was expected.
-- Used only by formats.
local decode = require("exectrack.json").decode
local numbers = require("exectrack.numbers")
local status_words = require("exectrack.format.status_words")
local time = require("exectrack.format.time")

local M = {}

--- Text without spaces around it.
local function trimmed(text)
  return text:match("^%s*(.-)%s*$")
end

local function read_text(value)
  if type(value) == "number" then
    return numbers.text(value)
  elseif type(value) == "string" then
    return value
  end
  return nil, "a text"
end

local function read_number(value)
  if type(value) == "string" then
    value = numbers.read(value) or numbers.read(trimmed(value))
  end
  if type(value) == "number" then
    return value
  end
  return nil, "a number"
end

local IS_HIT = { hit = true, miss = false }

local function read_was_cached(value)
  local text = type(value) == "string" and trimmed(value)
  local boolean = status_words.boolean(text or value)
  if boolean == nil and text then
    boolean = IS_HIT[text:lower()]
  end
  if boolean == nil then
    return nil, "true, false, hit or miss"
  end
  return boolean
end

M.IS_TIMING = { measured = true, elapsed = true, untimed = true }

local function read_timing(value)
  local timing = type(value) == "string" and trimmed(value)
  if M.IS_TIMING[timing] then
    return timing
  end
  return nil, "measured, elapsed or untimed"
end

local function read_any(value)
  return value
end

--- Under other names than `args`, a text that is an object or array in JSON is that.
local function read_args(value, source)
  if not source.is_own and type(value) == "string" and value:find("^%s*[%[{]") then
    return decode(value) or value
  end
  return value
end

--- Where `line.is_seconds`, a number is Unix seconds; else its unit follows from its size.
local function read_time(value, source, line)
  local number = line.is_seconds and (line.is_text and numbers.read(value) or value)
  if type(number) == "number" then
    return number
  end
  local seconds, kind = time.read(value)
  if not seconds and type(value) == "string" then
    seconds, kind = time.read(trimmed(value))
  end
  if seconds then
    local is_usual = source.is_own and line.is_own and kind == "Unix seconds"
    return seconds, not is_usual and kind or nil
  elseif source.is_own and value == false then
    return false
  end
  return nil, "a time from 1970 on, as Unix time or in ISO 8601,"
end

local function read_duration(value, source, line)
  local unit = source.unit or line.duration_unit
  local ms, has_unit = time.duration(value, unit)
  if not ms and type(value) == "string" then
    ms, has_unit = time.duration(trimmed(value), unit)
  end
  if ms then
    return ms, has_unit and "with units" or not source.is_own and unit or nil
  end
  return nil, "a duration"
end

--- Returns nil and nothing for an unknown status. `is_second` if another value says that it is a
-- success: then `*`, for all other values, doesn't count.
local function read_status(value, source, line, is_second)
  local status, error_type = line.status_of(value, source.meaning, not is_second)
  if not status and type(value) == "string" then
    status, error_type = line.status_of(trimmed(value), source.meaning, not is_second)
  end
  line.implied_error_type = error_type
  return status
end

local READERS = { tool = read_text, status = read_status, error_type = read_text,
  error_text = read_text, duration_ms = read_duration, start = read_time, timestamp = read_time,
  timing = read_timing, was_cached = read_was_cached, args_hash = read_number, args = read_args,
  args_text = read_text, result_hash = read_number, result = read_any, session = read_text,
  depth = read_number, measures = read_any, place = read_text }

--- The reader of a field, or of a measure.
function M.of(name)
  return READERS[name] or read_number
end

return M
