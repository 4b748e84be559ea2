--- Where the fields of executions are in the lines of a log: by which keys, or paths.
--
-- Each field has a slot with its sources, in the order in which they are tried. A source is a path
-- that is mapped to the field, or a key that a line had and that is a common name for it. What a
-- key can be is found out once, when a line has it for the first time.
-- Used only by formats.
local common_names = require("exectrack.format.common_names")
local json = require("exectrack.json_text")
local numbers = require("exectrack.numbers")
local paths = require("exectrack.format.path")
local readers = require("exectrack.format.readers")
local shown = require("exectrack.format.shown")
local status_words = require("exectrack.format.status_words")

local M = {}

local Sources = {}
Sources.__index = Sources

--- What keys are: the name of a field of `record`; `measures.` and a name; a name for something
-- else that is looked for; none of these.
M.OWN, M.MEASURE, M.KNOWN, M.UNKNOWN = "own", "measure", "known", "unknown"

--- The fields of `record`, in its order.
M.FIELDS = { "tool", "tool_id", "status", "duration_ms", "timing", "was_cached", "error_type",
  "args_hash", "result_hash", "session", "depth", "measures", "place", "timestamp", "args",
  "result", "args_text", "error_text" }

-- The order in which slots are filled. What isn't here are measures.
local ORDER = { "tool", "status", "error_type", "error_text", "duration_ms", "start", "timestamp",
  "timing", "was_cached", "args_hash", "args", "args_text", "result_hash", "result", "session",
  "depth", "measures", "place" }

-- The fields of which empty text is a value under any name.
local KEEPS_EMPTY = { tool = true, args = true, result = true }

-- And those of which it is one under their own name, in lines that aren't all text.
local KEEPS_OWN_EMPTY = { status = true, error_type = true, error_text = true, args_text = true,
  session = true }

-- What logs write where there is nothing.
local IS_NOTHING = { NULL = true, null = true, None = true, ["nil"] = true, ["\\N"] = true,
  ["-"] = true, ["N/A"] = true, ["n/a"] = true }

-- Texts of the field `error`, in lower case, that say that there is none.
local IS_NO_ERROR = { none = true, no = true, ["false"] = true }

-- Bounds of what is remembered, and of the time to find a field, in a log with keys without end.
local MOST_KEYS, MOST_SOURCES = 10000, 50

local MOST_ERROR_TYPE_BYTES = 64

local is_own, order_of = {}, {}
for _, name in ipairs(M.FIELDS) do
  is_own[name] = true
end
for i, name in ipairs(ORDER) do
  order_of[name] = i
end

local function is_before(a, b)
  if a.order ~= b.order then
    return a.order < b.order
  end
  return a.name < b.name
end

--- The slot of a field, or of `measures.` and a name. `slots` has those that have sources by name,
-- `self.active` in their order.
local function slot_of(self, name)
  local slot = self.slots[name]
  if not slot then
    slot = { name = name, order = order_of[name] or #ORDER + 1, sources = {},
      read = readers.of(name), keeps_empty = KEEPS_EMPTY[name],
      keeps_own_empty = KEEPS_OWN_EMPTY[name], measure = name:match("^measures%.(.*)$") }
    self.slots[name] = slot
    self.active[#self.active + 1] = slot
    table.sort(self.active, is_before)
  end
  return slot
end

local function is_tried_before(a, b)
  if a.rank ~= b.rank then
    return a.rank < b.rank
  elseif a.is_own ~= b.is_own and (a.is_own or b.is_own) then
    return a.is_own or false -- before other spellings of the name
  end
  return a.key < b.key
end

local function add(self, name, source)
  local slot = slot_of(self, name)
  source.slot, source.kinds = slot, {}
  slot.sources[#slot.sources + 1] = source
  table.sort(slot.sources, is_tried_before)
end

-- Which values a source that isn't named as the field itself has for it: by the field, and by the
-- field and key `error`. Functions of the value, whether all values are text, and the slots.
local ACCEPTS, ACCEPTS_ERROR, ACCEPTS_TIME = {}, {}, {}

-- A smaller number under the name `time` is how long something took.
local LEAST_TIME = 1e8

local function is_boolean(value, is_text)
  return type(value) == "boolean" or is_text and status_words.boolean(value) ~= nil
end

local function is_error(value, is_text)
  return type(value) == "string" and not is_boolean(value, is_text)
    and not IS_NO_ERROR[value:lower()]
end

ACCEPTS_ERROR.status = is_boolean

function ACCEPTS_ERROR.error_type(value, is_text)
  return is_error(value, is_text) and #value <= MOST_ERROR_TYPE_BYTES
    and value:find("^[%w_.:-]+$") ~= nil
end

function ACCEPTS_ERROR.error_text(value, is_text, slots)
  local chosen = slots.error_type and slots.error_type.chosen
  return is_error(value, is_text) and not (chosen and chosen.is_error)
end

function ACCEPTS.error_type(value)
  return value ~= false and value ~= 0 and value ~= "0" -- a code of 0 is no error
end

function ACCEPTS.timestamp(value)
  return value ~= false
end
ACCEPTS.start = ACCEPTS.timestamp

function ACCEPTS_TIME.timestamp(value)
  local number = type(value) == "string" and numbers.read(value) or value
  return value ~= false and not (type(number) == "number" and number < LEAST_TIME)
end

local ACCEPTS_MAPPED = { error_type = ACCEPTS.error_type, timestamp = ACCEPTS.timestamp,
  start = ACCEPTS.start }

function ACCEPTS.args(_, _, slots)
  return not (slots.args_hash and slots.args_hash.chosen)
end

function ACCEPTS.result(_, _, slots)
  return not (slots.result_hash and slots.result_hash.chosen)
end

--- Adds `key` to the sources of a field, as one of its common names.
local function add_common(self, key, role)
  local is_same = key == role.field and is_own[key]
  local accepts = role.is_error and ACCEPTS_ERROR or role.is_time and ACCEPTS_TIME or ACCEPTS
  add(self, role.field, { key = key, rank = role.rank, unit = role.unit, is_own = is_same,
    meaning = common_names.meaning(key), is_error = role.is_error,
    accepts = not is_same and accepts[role.field] or nil })
end

--- Adds `key` to the sources of each field that it may be the name of, and that nothing is mapped
-- to. Returns whether it may be the name of any field.
local function add_all_common(self, key)
  local roles = common_names.roles(key) or {}
  for _, role in ipairs(roles) do
    local slot = self.slots[role.field]
    if not self.is_mapped[role.field] and not (slot and #slot.sources >= MOST_SOURCES) then
      add_common(self, key, role)
    end
  end
  return #roles > 0
end

local function add_measure(self, key, name)
  local slot_name = "measures." .. name
  if not self.is_mapped[slot_name] then
    add(self, slot_name, { key = key, rank = key == slot_name and 1 or 2,
      is_own = key == slot_name })
  end
end

local function classify(self, key)
  if type(key) ~= "string" then
    return M.UNKNOWN
  end
  local own = is_own[key]
  if self.is_taken[key] then
    return own and M.OWN or M.KNOWN
  end
  local measure = key:match("^measures%.(.+)$")
  if measure or self.measures[key] and not own then
    add_measure(self, key, measure or key)
    return measure and M.MEASURE or M.KNOWN
  end
  local is_name = add_all_common(self, key)
  return own and M.OWN or is_name and M.KNOWN or M.UNKNOWN
end

--- Whether no more unknown keys are remembered.
function Sources:is_full()
  return self.key_count == MOST_KEYS
end

--- What a key is that isn't remembered. If it is unknown, and too many of these are remembered, it
-- won't be either.
function Sources:role(key)
  local role = classify(self, key)
  if role ~= M.UNKNOWN then
    self.roles[key] = role
  elseif not self:is_full() then
    self.roles[key], self.key_count = role, self.key_count + 1
  end
  return role
end

--- Whether a name may be that of a field, in lines that aren't nested.
local function is_name_of(self, field, name)
  if self.is_mapped[field] then
    return self.slots[field] and self.slots[field].sources[1].key == name
  end
  for _, role in ipairs(not self.is_taken[name] and common_names.roles(name) or {}) do
    if role.field == field then
      return true
    end
  end
  return false
end

--- Whether one of the names, which are false or texts, may be that of a field, in lines that aren't
-- nested.
function Sources:is_among(field, names)
  for _, name in ipairs(names) do
    if name and is_name_of(self, field, name) then
      return true
    end
  end
  return false
end

--- The message about an unknown key.
function M.unknown_message(key)
  return ("unknown field %s, not one of '%s'"):format(shown.quoted(tostring(key)),
    table.concat(M.FIELDS, "', '"))
end

--- Whether a value is none. In lines of text, and of text under names other than those of `record`,
-- that are so many words for nothing.
local function is_absent(self, slot, source, value, is_text)
  if value == "" then
    return not (slot.keeps_empty or slot.keeps_own_empty and source.is_own and not is_text)
  end
  return IS_NOTHING[value] and (is_text or not source.is_own) and slot.name ~= "tool"
    and not self.keeps_words and not (slot.name == "status" and self.statuses[value])
end

--- The value that a slot has in a line, its source, and the place of that among the slot's sources;
-- nil if there is none. Begins behind the source at `last`, if it is given.
function Sources:find(slot, fields, is_text, last)
  local sources = slot.sources
  for i = (last or 0) + 1, #sources do
    local source = sources[i]
    local value = fields[source.key]
    if value == nil and source.steps then
      value = paths.find(fields, source)
    end
    local accepts = source.accepts
    if value ~= nil and not is_absent(self, slot, source, value, is_text)
        and (not accepts or accepts(value, is_text, self.slots)) then
      return value, source, i
    end
  end
end

-- Other names for fields that can be mapped.
local OTHER_FIELDS = { ["end"] = "timestamp", duration = "duration_ms", start = "start" }

--- The fields that paths can be mapped to, apart from measures, as a text.
local function known_fields()
  local names = {}
  for _, name in ipairs(M.FIELDS) do
    names[#names + 1] = name ~= "tool_id" and name ~= "measures" and name or nil
  end
  return table.concat(names, ", ") .. ", duration, start, end, measures.NAME"
end

--- The slot that a path to a field is for; nil for an unknown field.
local function mapped_slot(self, field)
  if OTHER_FIELDS[field] then
    return OTHER_FIELDS[field]
  elseif is_own[field] then
    return order_of[field] and field ~= "measures" and field or nil
  elseif field:find("^measures%..") then
    return field
  end
  return self.measures[field] and "measures." .. field or nil
end

--- Maps a path to a field. Returns true; or nil and a message.
local function map(self, field, path)
  local name = mapped_slot(self, field)
  if not name then
    return nil, ("unknown field %s, not one of %s"):format(shown.quoted(field), known_fields())
  elseif self.is_mapped[name] then
    return nil, ("'%s' and '%s' are the same"):format(self.is_mapped[name], field)
  end
  self.is_mapped[name] = field
  if path == "" then -- the field isn't taken
    return true
  end
  local parsed = paths.parse(path)
  local unit = field == "duration" and common_names.unit(path) or field == "duration_ms" and "ms"
  add(self, name, { key = path, steps = parsed.steps, rank = 0, mapped_as = field,
    unit = unit or nil, meaning = common_names.meaning(path), accepts = ACCEPTS_MAPPED[name] })
  self.is_taken[path] = true
  return true
end

--- Makes the sources for `paths`, by names of fields, the measures with the names in `measures`,
-- an array, and the values of the status that are keys of `statuses`. If the field `keeps_words` of
-- the sources is set, words for nothing are values. Returns nil and a message if a field is
-- unknown.
function M.new(paths_by_field, measures, statuses)
  local self = setmetatable({ slots = {}, active = {}, roles = {}, key_count = 0, is_mapped = {},
    is_taken = {}, measures = {}, statuses = statuses }, Sources)
  for _, name in ipairs(measures) do
    self.measures[name] = true
  end
  for _, field in ipairs(json.sorted_keys(paths_by_field)) do
    local ok, message = map(self, field, paths_by_field[field])
    if not ok then
      return nil, message
    end
  end
  return self
end

return M
