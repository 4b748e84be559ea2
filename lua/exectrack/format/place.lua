--- Where something is in a text, in words.
-- Used only by formats.
local numbers = require("exectrack.numbers")

local M = {}

--- The text of a place: the number of a line, or the path of an element, which may be empty or
-- begin with the number of a line. `source` names the text, if it has a name.
function M.text(source, place)
  if type(place) == "number" then
    return (source and source .. ":" or "line ") .. numbers.text(place)
  elseif not source or place == "" then
    return (source or "") .. place
  end
  return source .. (place:find("^%d") and ":" or ": ") .. place
end

--- The place of an element within the value at a place. `path` may begin with a point, which stands
-- between it and another path.
function M.within(place, path)
  if type(place) == "number" then
    return numbers.text(place) .. ": " .. path:gsub("^%.", "")
  end
  return place == "" and path:gsub("^%.", "") or place .. path
end

--- A message about a place.
function M.located(source, place, message)
  local text = M.text(source, place)
  return text == "" and message or text .. ": " .. message
end

return M
