--- Untrusted values in messages.
-- Used only by formats.
local numbers = require("exectrack.numbers")
local unicode = require("exectrack.report.unicode")

local M = {}

local MOST_BYTES, MOST_NAMES = 40, 8

local function excerpt(text)
  return unicode.visible(text:sub(1, MOST_BYTES)) .. (#text > MOST_BYTES and "..." or "")
end

--- A text in quotes; of a long one, the beginning.
function M.quoted(text)
  return "'" .. excerpt(text) .. "'"
end

--- A name; in quotes if it would otherwise be unclear where it ends.
function M.name(text)
  return text:find("^[%w_.@%[%]/:-]+$") and excerpt(text) or M.quoted(text)
end

--- Whether a text is shown as it is.
function M.is_short(text)
  return #text <= MOST_BYTES and unicode.visible(text) == text
end

--- A text as an argument in a shell: in quotes, unless it has only characters that need none.
function M.argument(text)
  return text:find("^[%w_.:/=@%%+,-]+$") and text or "'" .. text:gsub("'", "'\\''") .. "'"
end

--- Names in quotes, with commas between; of many, the first. What is false is a name without text.
function M.list(names)
  local list = {}
  for i = 1, math.min(#names, MOST_NAMES) do
    list[i] = M.quoted(names[i] or "")
  end
  list[#list + 1] = #names > MOST_NAMES and "…" or nil
  return table.concat(list, ", ")
end

--- Any value: text in quotes, a number, true or false; of another only the type.
function M.value(value)
  local kind = type(value)
  if kind == "string" then
    return M.quoted(value)
  end
  return (kind == "number" or kind == "boolean") and numbers.tostring(value)
    or (kind == "nil" and "nothing" or "a " .. kind)
end

return M
