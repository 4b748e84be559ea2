--- Names as valid UTF-8, where two names never become one.
-- Used only by formats.
local fingerprint = require("exectrack.core").fingerprint
local unicode = require("exectrack.report.unicode")

local M = {}

--- The name with U+FFFD for each byte that isn't UTF-8, and a fingerprint of its bytes, which makes
-- it differ from another name that has other such bytes in the same places. It depends on the name
-- alone, so that a series keeps its name while others are added.
local function marked(name, taken)
  local valid = unicode.valid(name) .. ("#%08x"):format(fingerprint(name))
  while taken[valid] do
    valid = valid .. "#"
  end
  return valid
end

--- The names to write for an array of different names, each at the same place. Those that are valid
-- UTF-8 stay as they are.
function M.of(names)
  local unique, taken = {}, {}
  for i, name in ipairs(names) do
    if unicode.is_valid(name) then
      unique[i], taken[name] = name, true
    end
  end
  for i, name in ipairs(names) do
    if not unique[i] then
      unique[i] = marked(name, taken)
      taken[unique[i]] = true
    end
  end
  return unique
end

--- Replaces the `name` of each element of an array, such as one of tools.
function M.set(elements)
  local names = {}
  for i, element in ipairs(elements) do
    names[i] = element.name
  end
  for i, name in ipairs(M.of(names)) do
    elements[i].name = name
  end
end

return M
