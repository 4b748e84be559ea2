--- Shortens names so that those that differ still look different.
-- Used only by the renderers.
local unicode = require("exectrack.report.unicode")

--- A part of names: characters `first` to `last` of one of them. When it is cut, it keeps its first
-- character, by which it differs from other parts at this place, unless all names begin with it.
local function new_part(name, first, last, mark, is_own)
  local text = table.concat(name.units, "", first, last)
  local keep = first > 1 and name.units[first] or ""
  local width = unicode.width(text)
  return { text = text, keep = keep, mark = mark, width = width, is_own = is_own,
    least = math.min(width, unicode.width(keep .. mark)) }
end

--- A part, cut to `room` columns if it is wider: at its end, or one of a single name in the middle.
local function cut(part, room)
  if part.width <= room then
    return part.text
  end
  room = room - unicode.width(part.mark)
  local start = unicode.start(part.text, part.is_own and math.ceil(room / 2) or room)
  start = #start < #part.keep and part.keep or start
  local rest = part.text:sub(#start + 1)
  return start .. part.mark
    .. (part.is_own and unicode.suffix(rest, room - unicode.width(start)) or "")
end

--- Whether all names of a group have the same character `i`.
local function agree(group, i)
  local unit = group[1].units[i]
  for _, name in ipairs(group) do
    if name.units[i] ~= unit then
      return false
    end
  end
  return unit ~= nil
end

--- Gives the names of a group the part in which they agree from character `first` on, and adds to
-- `groups` those that agree further on.
local function split(group, groups, mark)
  local last = group.first - 1
  while agree(group, last + 1) do
    last = last + 1
  end
  local part = last >= group.first and new_part(group[1], group.first, last, mark, #group == 1)
  local by_unit = {}
  for _, name in ipairs(group) do
    name.parts[#name.parts + 1] = part or nil
    local unit = name.units[last + 1]
    if unit and not by_unit[unit] then
      by_unit[unit] = { first = last + 1 }
      groups[#groups + 1] = by_unit[unit]
    end
    table.insert(by_unit[unit] or {}, name)
  end
end

--- The names, taken apart where some of them begin to differ: names with the same `parts` up to one
-- differ in the first character of the next. nil if one has more than `most` parts.
local function parts_of(texts, most, mark)
  local all = { first = 1 }
  for i, text in ipairs(texts) do
    all[i] = { units = unicode.units(text), parts = {} }
  end
  local groups, i = { all }, 1
  while groups[i] do
    split(groups[i], groups, mark)
    if #groups[i][1].parts > most then
      return nil
    end
    i = i + 1
  end
  return all
end

--- The most columns that a name takes with `shared` for each part that others have, too, and `own`
-- for its last one.
local function widest(names, shared, own)
  local most = 0
  for _, name in ipairs(names) do
    local width = 0
    for _, part in ipairs(name.parts) do
      width = width + math.min(part.width, math.max(part.least, part.is_own and own or shared))
    end
    most = math.max(most, width)
  end
  return most
end

--- Different texts of names, cut where they agree, to `width` columns or to as few more as they
-- need; nil if these are more than `most`.
local function cut_apart(texts, width, most, mark)
  local names = parts_of(texts, most, mark)
  local least = names and widest(names, 0, 0)
  if not least or least > most then
    return nil
  end
  width = math.max(width, least)
  local shared, own = 0, math.floor(width / 2)
  while shared < width and widest(names, shared + 1, own) <= width do
    shared = shared + 1
  end
  local labels = {}
  for i, name in ipairs(names) do
    local label = ""
    for _, part in ipairs(name.parts) do
      local room = part.is_own and width - unicode.width(label) or shared
      label = label .. cut(part, math.max(part.least, room))
    end
    labels[i] = label
  end
  return labels
end

--- The beginnings of texts, each with its number.
local function number(texts, width, mark)
  local labels = {}
  for i, text in ipairs(texts) do
    local ending = mark .. i
    labels[i] = unicode.start(text, width - unicode.width(ending)) .. ending
  end
  return labels
end

--- Those of different texts whose labels another has, too.
local function twins_of(texts, label_of)
  local counts, twins = {}, {}
  for _, text in ipairs(texts) do
    local label = label_of[text]
    counts[label] = (counts[label] or 0) + 1
  end
  for _, text in ipairs(texts) do
    twins[#twins + 1] = counts[label_of[text]] > 1 and text or nil
  end
  return twins
end

local function relabel(label_of, texts, labels)
  for i, text in ipairs(texts) do
    label_of[text] = labels[i]
  end
end

--- The labels of visible `texts`, in their order, each cut with `mark` in place of what is left out
-- if it is wider than `width` columns. Labels of different texts differ: where they wouldn't if cut
-- as others are, the texts are cut where they agree, and get as few columns more as they need, but
-- not more than `most`. Where that isn't enough, they are numbered; the number and the mark always
-- have room.
return function(texts, width, most, mark)
  local different, label_of, labels = {}, {}, {}
  for _, text in ipairs(texts) do
    different[#different + 1] = not label_of[text] and text or nil
    label_of[text] = unicode.cut(text, width, mark)
  end
  local twins = twins_of(different, label_of)
  if #twins > 0 then
    relabel(label_of, twins, cut_apart(twins, width, most, mark) or number(twins, width, mark))
  end
  if #twins_of(different, label_of) > 0 then -- a name looks as if it were cut
    relabel(label_of, different, number(different, width, mark))
  end
  for i, text in ipairs(texts) do
    labels[i] = label_of[text]
  end
  return labels
end
