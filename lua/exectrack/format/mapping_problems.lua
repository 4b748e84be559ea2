--- Messages about lines and headers that can't be mapped, with the options that help.
-- Used only by formats.
local mapping_notes = require("exectrack.format.mapping_notes")
local shown = require("exectrack.format.shown")
local status_words = require("exectrack.format.status_words")

local M = {}

M.STATUSES = "success, failed, timed_out and cancelled"

--- The message about a value that isn't what is expected.
function M.wrong(source, expected, value)
  local text = ("%s: %s expected, got %s"):format(mapping_notes.origin(source), expected,
    shown.value(value))
  if source.is_own or source.mapped_as then
    return text
  end
  return ("%s; --map %s=PATH takes it from elsewhere"):format(text, mapping_notes.field(source))
end

--- The message about a status that isn't known.
function M.unknown_status(source, value)
  local text = status_words.text(value)
  if not text then
    return M.wrong(source, "a text, a number, true or false", value)
  end
  local option = text .. "=STATUS"
  if option:find("[^%w_.:/=-]") then
    option = shown.quoted(option)
  end
  return ("%s: unknown status %s: --status %s says which of %s it is"):format(
    mapping_notes.origin(source), shown.value(value), option, M.STATUSES)
end

--- The source of a slot that a path is mapped to; nil if there is none.
local function mapped_source(slot)
  local first = slot and slot.sources[1]
  return first and first.mapped_as and first or nil
end

--- The message about a line without a tool. `slot` may be nil.
function M.no_tool(slot)
  local mapped = mapped_source(slot)
  if mapped then
    return mapping_notes.origin(mapped) .. ": not found"
  end
  return "tool: not found: --map tool=PATH says where it is"
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
