--- Suggestions for mistyped names.
-- Used only by the command.
local M = {}

--- How many letters must be added, removed, replaced, or swapped with the next one, to turn `a`
-- into `b`.
local function distance(a, b)
  local rows = { [0] = {} }
  for j = 0, #b do
    rows[0][j] = j
  end
  for i = 1, #a do
    local row = { [0] = i }
    rows[i] = row
    for j = 1, #b do
      local differ = a:byte(i) ~= b:byte(j) and 1 or 0
      row[j] = math.min(rows[i - 1][j] + 1, row[j - 1] + 1, rows[i - 1][j - 1] + differ)
      if i > 1 and j > 1 and a:byte(i) == b:byte(j - 1) and a:byte(i - 1) == b:byte(j) then
        row[j] = math.min(row[j], rows[i - 2][j - 2] + 1)
      end
    end
  end
  return rows[#a][#b]
end

--- The only name that begins with `given`, which has at least 3 letters.
local function completed(given, names)
  local found
  for _, name in ipairs(names) do
    if #given >= 3 and name:sub(1, #given):lower() == given:lower() then
      if found then
        return nil
      end
      found = name
    end
  end
  return found
end

--- The name nearest to `given`, the first of several. If all letters of `given` would have to
-- change, or more than one and more than a third of them, it is the only one that `given`, of at
-- least 3 letters, is the beginning of; nil if there is none. Case doesn't count.
function M.find(given, names)
  local best, least = nil, math.min(#given, math.max(1, math.floor(#given / 3)) + 1)
  for _, name in ipairs(names) do
    if math.abs(#given - #name) < least then
      local changes = distance(given:lower(), name:lower())
      if changes < least then
        best, least = name, changes
      end
    end
  end
  return best or completed(given, names)
end

--- A message that nothing of this kind is called `given`, with the known names.
function M.unknown(kind, given, names)
  local meant = M.find(given, names)
  return ("unknown %s '%s'%s Known: %s"):format(kind, given,
    meant and ": did you mean '" .. meant .. "'?" or ".", table.concat(names, ", "))
end

return M
