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

--- The names that begin with `given`, which has at least 3 letters.
local function completed(given, names)
  local found = {}
  for _, name in ipairs(names) do
    if #given >= 3 and name:sub(1, #given):lower() == given:lower() then
      found[#found + 1] = name
    end
  end
  return found
end

--- The names nearest to `given`. If all letters of `given` would have to change, or more than one
-- and more than a third of them, those that `given`, of at least 3 letters, is the beginning of.
-- Case doesn't count.
local function nearest(given, names)
  local found, least = {}, math.min(#given, math.max(1, math.floor(#given / 3)) + 1) - 1
  for _, name in ipairs(names) do
    local changes = math.abs(#given - #name) <= least and distance(given:lower(), name:lower())
    if changes and changes <= least then
      found = changes < least and {} or found
      least, found[#found + 1] = changes, name
    end
  end
  return #found > 0 and found or completed(given, names)
end

--- What to say behind a mistyped name: `: did you mean 'report'?`, or with two or three that are as
-- near; empty if none is near, or more are. The same name may be in `names` several times.
function M.question(given, names)
  local found, is_known = {}, {}
  for _, name in ipairs(nearest(given, names)) do
    if not is_known[name] then
      is_known[name], found[#found + 1] = true, "'" .. name .. "'"
    end
  end
  if #found == 0 or #found > 3 then
    return ""
  end
  local last = table.remove(found)
  return ": did you mean " .. (#found > 0 and table.concat(found, ", ") .. " or " or "") .. last
    .. "?"
end

--- A message that nothing of this kind is called `given`, with the known names.
function M.unknown(kind, given, names)
  local question = M.question(given, names)
  return ("unknown %s '%s'%s Known: %s"):format(kind, given, question == "" and "." or question,
    table.concat(names, ", "))
end

return M
