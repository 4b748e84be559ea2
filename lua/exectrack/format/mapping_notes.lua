--- What a mapping took from where, in words.
-- Used only by formats.
local shown = require("exectrack.format.shown")
local sources = require("exectrack.format.sources")

local M = {}

local MOST_NAMES = 20

--- The name of a source's field, as users map it.
function M.field(source)
  local name = source.slot.name
  return source.mapped_as or name == "duration_ms" and "duration" or name
end

--- Where a value is, for a message: its field, and the key or path if that isn't the field's name.
function M.origin(source)
  return (source.is_own or source.key == source.slot.name) and source.slot.name
    or M.field(source) .. " from " .. shown.name(source.key)
end

--- Remembers that a source was used, and for which kind of value, if it has kinds.
function M.take(source, kind)
  source.is_used = true
  if kind and not source.kinds[kind] then
    source.kinds[kind] = true
    table.insert(source.kinds, kind)
  end
end

--- Calls `use` with each source, in the order of the fields.
local function each_source(all, use)
  for _, slot in ipairs(all.active) do
    for _, source in ipairs(slot.sources) do
      use(source)
    end
  end
end

--- A list of texts, to which others may belong that aren't known if it is open.
local function listed(names, is_open)
  if #names <= MOST_NAMES then
    return table.concat(names, ", ") .. (is_open and " and more" or "")
  end
  return ("%s and %s%d more"):format(table.concat(names, ", ", 1, MOST_NAMES),
    is_open and "at least " or "", #names - MOST_NAMES)
end

--- What was taken: `tool from name, timestamp from ts (Unix milliseconds)`.
local function taken(all)
  local texts = {}
  each_source(all, function(source)
    if source.is_used and (not source.is_own or #source.kinds > 0) then
      local kinds = #source.kinds > 0 and " (" .. table.concat(source.kinds, ", ") .. ")" or ""
      texts[#texts + 1] = ("%s from %s"):format(M.field(source), shown.name(source.key)) .. kinds
    end
  end)
  return texts
end

--- The keys that were in lines and weren't taken, sorted.
local function ignored(all)
  local is_used, names = {}, {}
  each_source(all, function(source)
    if source.is_used then
      is_used[source.key] = true
      is_used[source.steps and source.steps[1] or source.key] = true
    end
  end)
  for key, role in pairs(all.roles) do
    if role ~= sources.OWN and not is_used[key] then
      names[#names + 1] = shown.name(tostring(key))
    end
  end
  table.sort(names)
  return names
end

--- The paths that no line had, with their fields, and the values of the status.
local function not_found(all, statuses)
  local texts = {}
  each_source(all, function(source)
    if source.mapped_as and not source.is_used and next(all.roles) ~= nil then
      texts[#texts + 1] = M.origin(source)
    end
  end)
  for _, value in ipairs(next(all.roles) ~= nil and statuses or {}) do
    texts[#texts + 1] = "status " .. shown.name(value)
  end
  return texts
end

--- Sentences about what was taken from the lines so far. `statuses` are the values of the status
-- that no line had.
function M.all(all, statuses)
  local notes = {}
  local function add(words, texts, is_open)
    if #texts > 0 then
      notes[#notes + 1] = words .. listed(texts, is_open)
    end
  end
  add("taken: ", taken(all))
  add("ignored: ", ignored(all), all:is_full())
  add("not found: ", not_found(all, statuses))
  return notes
end

return M
