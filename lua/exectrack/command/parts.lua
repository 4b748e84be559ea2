--- The runs that a merged one is made of, as `runs.load` returns them.
-- Used only by the command.
local M = {}

--- A part as the user would name it.
function M.name(part)
  local file, session = part.file == "-" and "standard input" or part.file, part.session
  return type(session) == "string" and file .. "#" .. session or file
end

--- The sessions of a part, an array; nil for all.
function M.sessions(part)
  return type(part.session) == "string" and { part.session } or part.session
end

--- Whether two parts of one run may have executions in common.
local function may_overlap(a, b)
  local its, others, is_its = M.sessions(a), M.sessions(b), {}
  if not (its and others) then
    return true
  end
  for _, name in ipairs(its) do
    is_its[a.whole:session_name(name)] = true
  end
  for _, name in ipairs(others) do
    if is_its[a.whole:session_name(name)] then
      return true
    end
  end
  return false
end

--- The first of these parts of one run that may have something in common with another.
local function earlier(parts, part)
  for _, one in ipairs(parts) do
    if may_overlap(one, part) then
      return one
    end
  end
end

--- A message about parts that are of one run, whose executions the merged run counts twice if both
-- have them; nil if there are none. It names the first two. They aren't left out: what is selected
-- of a run has the same id, and so may have nothing in common.
function M.copies(parts)
  local by_id, first, count = {}, nil, 0
  for _, part in ipairs(parts) do
    local id = part.whole:instance_id()
    local others = by_id[id] or {}
    local other = earlier(others, part)
    if other then
      first, count = first or { M.name(other), M.name(part) }, count + 1
    end
    by_id[id], others[#others + 1] = others, part
  end
  local more = count > 1 and ("; the same holds for %d more"):format(count - 1) or ""
  return first and ("%s and %s are of the same run: what is in both counts twice"):format(first[1],
    first[2]) .. more
end

return M
