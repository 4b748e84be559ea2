--- Makes executions of the lines of any log: finds the fields that `record` takes under the names
-- that a line has for them, or where they are mapped to, and converts their values.
-- Used only by formats.
local json = require("exectrack.json_text")
local mapping_notes = require("exectrack.format.mapping_notes")
local messages = require("exectrack.format.mapping_messages")
local readers = require("exectrack.format.readers")
local shown = require("exectrack.format.shown")
local sources = require("exectrack.format.sources")
local status_words = require("exectrack.format.status_words")
local time = require("exectrack.format.time")

local floor = math.floor
local OWN, MEASURE, UNKNOWN = sources.OWN, sources.MEASURE, sources.UNKNOWN

local M = {}

local Mapping = {}
Mapping.__index = Mapping

local IS_STATUS, IS_TIMING = status_words.IS_STATUS, readers.IS_TIMING

-- The types of fields in lines that are taken as they are; the others may have any, or are checked
-- elsewhere.
local TYPES = { tool = "string", duration_ms = "number", timing = "string", was_cached = "boolean",
  error_type = "string", args_hash = "number", result_hash = "number", session = "string",
  depth = "number", place = "string", args_text = "string", error_text = "string" }

local IS_UNIT = { s = true, ms = true, us = true, ns = true }

--- The message about an option that is wrong, and the option; nil if all are right.
local function find_message(options)
  for _, value in ipairs(json.sorted_keys(options.statuses or {})) do
    local status = options.statuses[value]
    if not IS_STATUS[status] then
      return ("%s: one of %s expected, got %s"):format(shown.quoted(value), messages.STATUSES,
        shown.value(status)), "statuses"
    end
  end
  if options.duration_unit and not IS_UNIT[options.duration_unit] then
    return "s, ms, us or ns expected, got " .. shown.value(options.duration_unit), "duration_unit"
  end
end

--- Makes a mapping. Options, all of which may be missing: `map`, paths by names of fields;
-- `statuses`, statuses by the text of values; `duration_unit`, of durations whose names don't say
-- it; `strict`, whether unknown keys are wrong; `measures`, an array of the names of measures.
-- Returns nil, a message and the name of the option if one is wrong.
function M.new(options)
  local message, option = find_message(options)
  local all
  if not message then
    all, message = sources.new(options.map or {}, options.measures or {}, options.statuses or {})
    option = "map"
  end
  if message then
    return nil, message, option
  end
  local status_of, unused_statuses = status_words.translator(options.statuses or {})
  return setmetatable({
    sources = all,
    strict = options.strict,
    statuses = options.statuses or {},
    status_of = status_of,
    unused_statuses = unused_statuses,
    duration_unit = options.duration_unit or "ms",
    -- Whether lines with only fields of `record` may be taken as they are.
    is_plain = next(options.map or {}) == nil and next(options.statuses or {}) == nil,
  }, Mapping)
end

--- Whether a line with only fields of `record`, of the right types, can be taken as it is. If it
-- has `was_cached`, as all lines of `convert`, any number is a time in seconds.
local function is_exact(fields)
  local timestamp, ms, timing = fields.timestamp, fields.duration_ms, fields.timing
  local is_right_time = not timestamp or type(timestamp) == "number"
    and (fields.was_cached ~= nil or timestamp >= 0 and timestamp <= time.LATEST)
  return is_right_time and IS_STATUS[fields.status] and fields.tool ~= nil
    and (ms == nil or ms >= 0 and ms < math.huge) and (timing == nil or IS_TIMING[timing])
end

--- Finds out what the keys of a line are. If unknown ones are errors and there are some, returns
-- the first by name.
local function look_over(self, fields)
  local roles, is_own, is_ours, unknown = self.sources.roles, true, true, nil
  local is_typed = true
  for key, value in next, fields do
    local role = roles[key] or self.sources:role(key)
    if role ~= OWN then
      is_own = false
      is_ours = is_ours and role == MEASURE
      if role == UNKNOWN and self.strict and (not unknown or tostring(key) < tostring(unknown)) then
        unknown = key
      end
    elseif TYPES[key] and type(value) ~= TYPES[key] then
      is_typed = false
    end
  end
  self.is_own, self.is_typed = is_own, is_own and is_typed
  self.is_seconds = is_ours and fields.tool ~= nil and fields.status ~= nil
    and fields.was_cached ~= nil
  return unknown
end

--- Adds a measure to those of an execution, which may be those of the line.
local function add_measure(made, fields, name, value)
  local measures = made.measures
  if measures ~= nil and type(measures) ~= "table" then
    return -- `record` says what is wrong with it
  elseif measures == nil or measures == fields.measures then
    measures = {}
    for key, given in next, made.measures or {} do
      measures[key] = given
    end
    made.measures = measures
  end
  measures[name] = value
end

--- The status that a line has under another name for it than the one at `last`, if that one says
-- that it is no success, and its source; nil for none.
local function other_status(self, slot, fields, is_text, last)
  local value, source
  repeat
    value, source, last = self.sources:find(slot, fields, is_text, last)
    local status = source and slot.read(value, source, self, true)
    if IS_STATUS[status] and status ~= "success" then
      return status, source
    end
  until not source
end

--- The value that a slot takes from a line; nil if there is none; or nil and a message.
local function take(self, slot, fields, is_text)
  local given, source, place = self.sources:find(slot, fields, is_text)
  slot.chosen = source
  if not source then
    return nil
  end
  local value, kind = slot.read(given, source, self)
  mapping_notes.take(source, value ~= nil and kind or nil)
  if value == nil then
    return nil, slot.name == "status" and messages.unknown_status(source, given)
      or messages.expected(source, kind, given)
  elseif value == "success" and place < #slot.sources and slot.name == "status" then
    local status, other = other_status(self, slot, fields, is_text, place)
    if status then
      slot.chosen = other
      mapping_notes.take(other)
    end
    return status or value
  end
  return value
end

--- Fills the slots from a line. Returns an execution; or nil and a message.
local function fill(self, fields, is_text)
  local made, active = {}, self.sources.active
  self.implied_error_type = nil
  for i = 1, #active do
    local slot = active[i]
    local value, message = take(self, slot, fields, is_text)
    if message then
      return nil, message
    elseif value ~= nil then
      if slot.measure then
        add_measure(made, fields, slot.measure, value)
      else
        made[slot.name] = value
      end
    end
  end
  return made
end

--- The source that a slot has in the line, if it isn't the field itself.
local function foreign_source(self, name)
  local slot = self.sources.slots[name]
  local source = slot and slot.chosen
  return source and not source.is_own and source or nil
end

local function has_error(made)
  return (made.error_type or "") ~= "" or (made.error_text or "") ~= ""
end

--- Sets the status of an execution without one, and the error type. Returns a message if no status
-- is known.
local function settle_outcome(self, made)
  if made.status == nil then
    made.status = has_error(made) and "failed" or self.statuses[""]
    if made.status == nil then
      return messages.no_status(self.sources.slots.status)
    end
  elseif made.status == "success" then -- codes such as OK aren't errors
    made.error_type = not foreign_source(self, "error_type") and made.error_type or nil
    made.error_text = not foreign_source(self, "error_text") and made.error_text or nil
  elseif made.error_type == nil then
    made.error_type = self.implied_error_type
  end
end

--- Sets the duration from start and end, or the end from start and duration. Returns a message if
-- it ended before it started.
local function settle_times(self, made)
  local start, ended, duration = made.start, made.timestamp, made.duration_ms
  made.start = nil
  if not start then
    return nil
  elseif duration == nil and type(ended) == "number" and made.timing ~= "untimed" then
    local us = floor((ended - start) * 1e6 + 0.5)
    if us < 0 then
      return messages.wrong_order(self.sources.slots, -us / 1e3)
    end
    made.duration_ms = us / 1e3
  elseif ended == nil and type(duration) == "number" then
    made.timestamp = floor((start + duration / 1e3) * 1e6 + 0.5) / 1e6
  end
end

--- The execution that a line is, as `record` takes it; or nil and a message. `fields` has the
-- line's values by keys, without those that are null, and may be what is returned. `is_text` if all
-- values are text.
function Mapping:execution(fields, is_text)
  local unknown = look_over(self, fields)
  if unknown then
    return nil, sources.unknown_message(unknown)
  elseif self.is_typed and self.is_plain and not is_text and is_exact(fields) then
    return fields
  end
  self.is_text = is_text
  local made, message = fill(self, fields, is_text)
  if made then
    message = made.tool == nil and messages.no_tool(self.sources.slots.tool, fields)
      or settle_outcome(self, made) or settle_times(self, made)
  end
  return not message and made or nil, message
end

--- The message about a header without a column for what all rows must have; nil if it has them.
-- `names` are those of the columns, false for one without a name.
function M.header_message(self, names)
  local all = self.sources
  if not all:is_among("tool", names) then
    return messages.no_column("tool", all.slots.tool, names)
  elseif not (self.statuses[""] or all:is_among("status", names)
      or all:is_among("error_type", names) or all:is_among("error_text", names)) then
    return messages.no_column("status", all.slots.status, names)
  end
end

--- What was taken from where and what wasn't taken, in all lines so far: an array of sentences. It
-- is empty if all lines only had fields of `record`.
function Mapping:notes()
  return mapping_notes.all(self.sources, self.unused_statuses())
end

--- Takes words such as `null` and `-` for what they are, in lines of text that `convert` wrote.
function M.keep_words(self)
  self.sources.keeps_words = true
end

return M
