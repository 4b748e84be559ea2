--- Messages about lines and headers that can't be mapped, with the options that help.
-- Used only by formats.
local mapping_notes = require("exectrack.format.mapping_notes")
local shown = require("exectrack.format.shown")
local status_words = require("exectrack.format.status_words")

local M = {}

M.STATUSES = "success, failed, timed_out and cancelled"

local IS_NEEDED = { tool = true, status = true }

--- The argument that maps a field to what is in the value of a source, which is a table; nil if
-- there is none to paste.
local function inner_path(source, value)
  if next(value) == nil or source.key:find("[.%[%]]") or not shown.is_short(source.key) then
    return nil
  end
  return shown.argument(("%s=%s%s"):format(mapping_notes.field(source), source.key,
    value[1] ~= nil and "[0]" or ".PATH"))
end

--- The message about a value that isn't what is expected.
function M.expected(source, expected, value)
  local text = ("%s: %s expected, got %s"):format(mapping_notes.origin(source), expected,
    shown.value(value))
  local inner = type(value) == "table" and inner_path(source, value)
  if source.mapped_as then
    return text
  elseif inner then
    return ("%s; --map %s takes it from in there"):format(text, inner)
  end
  local field = mapping_notes.field(source)
  return ("%s; --map %s=PATH takes it from elsewhere"):format(text, field)
    .. (IS_NEEDED[field] and "" or (", --map %s= leaves it out"):format(field))
end

--- The message about a status that isn't known.
function M.unknown_status(source, value)
  local text = status_words.text(value)
  if not text then
    return M.expected(source, "a text, a number, true or false", value)
  end
  local message = ("%s: unknown status %s: "):format(mapping_notes.origin(source),
    shown.value(value))
  if not shown.is_short(text) then
    return ("%s--map status=PATH takes it from elsewhere, --map status= --status =STATUS says "
      .. "which of %s all are"):format(message, M.STATUSES)
  end
  return ("%s--status%s%s says which of %s it is"):format(message,
    text:find("^%-") and "=" or " ", shown.argument(text .. "=STATUS"), M.STATUSES)
end

--- The source of a slot that a path is mapped to; nil if there is none.
local function mapped_source(slot)
  local first = slot and slot.sources[1]
  return first and first.mapped_as and first or nil
end

--- ` in a line with` and the keys of a line; empty if it has none.
local function in_line(fields)
  local keys = {}
  for key in next, fields do
    keys[#keys + 1] = tostring(key)
  end
  table.sort(keys)
  return #keys > 0 and " in a line with " .. shown.list(keys) or ""
end

--- The message about a line without a tool. `slot` may be nil.
function M.no_tool(slot, fields)
  local mapped = mapped_source(slot)
  return (mapped and mapping_notes.origin(mapped) or "tool") .. ": not found" .. in_line(fields)
    .. (mapped and "; " or ": --map tool=PATH says where it is; ")
    .. "--skip-bad skips lines that aren't executions"
end

--- The message about a line without a status. `slot` may be nil.
function M.no_status(slot)
  local mapped = mapped_source(slot)
  return (mapped and mapping_notes.origin(mapped) .. ": not found"
    or "status: not found: --map status=PATH says where it is")
    .. "; --status =STATUS says which of " .. M.STATUSES .. " a line without one is"
end

--- The message about an execution that ends so many milliseconds before it starts.
function M.wrong_order(slots, ms)
  return ("%s: %s ms later than %s"):format(mapping_notes.origin(slots.start.chosen),
    shown.value(ms), mapping_notes.origin(slots.timestamp.chosen))
end

--- The message about a header without a column for `field`. `names` are those of the columns, false
-- for one without a name.
function M.no_column(field, slot, names)
  local mapped = mapped_source(slot)
  local text = ("read as CSV with the columns %s: none for %s: --map %s=COLUMN says which"):format(
    shown.list(names), mapped and mapping_notes.origin(mapped) or field, field)
  return field == "tool" and text
    or text .. "; --status =STATUS says which of " .. M.STATUSES .. " all rows are"
end

return M
