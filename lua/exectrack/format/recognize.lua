--- Which format a text has, by its beginning.
-- Used only by formats.
local agents = require("exectrack.format.agents")
local logged = require("exectrack.format.logged")

local begins_array = logged.begins_array

local byte, find, match, sub = string.byte, string.find, string.match, string.sub

local BYTE_ORDER_MARK = "^\239\187\191"
local BACKSLASH, QUOTE = byte("\\"), byte('"')
local OBJECT, ARRAY = byte("{"), byte("[")
local DEPTHS = { [byte("{")] = 1, [byte("[")] = 1, [byte("}")] = -1, [byte("]")] = -1 }

-- What people give by mistake: a pattern, and what to do.
local REFUSED = {
  { "^exectrak", "it is a saved run, and needs no import" },
  { "^\31\139", "it is compressed: zcat FILE | exectrack import -" },
  { "^%(\181\47\253", "it is compressed: zstdcat FILE | exectrack import -" },
  { "^\253\55zXZ", "it is compressed: xzcat FILE | exectrack import -" },
  { "^\255\254", "it is UTF-16, and has to be UTF-8" },
  { "^\254\255", "it is UTF-16, and has to be UTF-8" },
}
local ARRAY_OF_LINES = "it is a JSON array, and JSON Lines have an object a line: "
  .. "jq -c '.[]' FILE | exectrack import -"

local MOST_LINES = 20 -- that are looked at

--- The position behind the string that begins at `first`; nil if it doesn't end in the text.
local function behind_string(text, first)
  local position = first
  repeat
    position = find(text, '["\\]', position + 1)
    local is_escape = position and byte(text, position) == BACKSLASH
    position = is_escape and position + 1 or position
  until not is_escape
  return position and position + 1
end

--- What a value begins with: a string up to its second quote; of an array, its bracket and the
-- first byte within; of any other value one byte. Nil if nothing of it is there.
local function beginning(text)
  local first, second = match(text, "^(.)%s*(%S?)")
  return match(text, '^"[^"]*"') or first == "[" and first .. second or first
end

--- The keys of the object that begins at `first`, with what their values begin with. And the
-- position behind the object, if it ends in the text.
local function read_keys(text, first)
  local keys, depth, position = {}, 0, first
  while position do
    local token = byte(text, position)
    if token == QUOTE then
      local behind = behind_string(text, position)
      local value = behind and depth == 1 and match(text, '^%s*:%s*("?[^"]?[^"]*"?)', behind)
      if value then
        keys[sub(text, position + 1, behind - 2)] = beginning(value)
      end
      position = behind
    else
      depth, position = depth + DEPTHS[token], position + 1
      if depth == 0 then
        return keys, position
      end
    end
    position = position and find(text, '["{}%[%]]', position)
  end
  return keys, nil
end

--- Adds the agents' formats that an object with these keys may be of to `fitting`. None of them has
-- lines with a `tool`: such lines are of others, whatever else they have.
local function add_fitting(fitting, keys)
  if logged.begins_text(keys.tool) then
    return
  end
  for _, name in ipairs(agents.NAMES) do
    if not fitting[name] and require("exectrack.format." .. name).fits(keys) then
      fitting[name], fitting[#fitting + 1] = true, name
    end
  end
end

--- The agents' formats that the text may have by the objects at the beginning of its lines, or of
-- the array that it is: an array of names.
local function agents_formats(text, first)
  local fitting, count = {}, 0
  local position = find(text, "{", first, true)
  while position and count < MOST_LINES do
    local keys, behind = read_keys(text, position)
    add_fitting(fitting, keys)
    count = count + 1
    position = behind and match(text, "^[%s,]*(){", behind)
  end
  table.sort(fitting)
  return fitting
end

--- The format of a text that begins with an object and isn't an agent's log.
local function of_object(text, first)
  local keys, behind = read_keys(text, first)
  if begins_array(keys.tool_ids) then
    return "reference"
  elseif keys.format == '"exectrack"' then
    return "json"
  elseif behind or not begins_array(keys.records) and not begins_array(keys.args_texts) then
    return "jsonl"
  end
  -- Such long arrays have all that is seen of the document.
  return find(text, '"status"%s*:%s*"%u') and "reference" or "json"
end

--- Returns the name of the format of a text that begins with `text`, or is `text`; or nil and a
-- message, if it has none of them, and it is known what it is; or nil, a message and true, if it
-- may have several.
return function(text)
  for _, refused in ipairs(REFUSED) do
    if find(text, refused[1]) then
      return nil, refused[2]
    end
  end
  local _, mark = find(text, BYTE_ORDER_MARK)
  local first = find(text, "%S", (mark or 0) + 1)
  local is_object = first and byte(text, first) == OBJECT
  local is_array = first and byte(text, first) == ARRAY
  local fitting = (is_object or is_array) and agents_formats(text, first) or {}
  if #fitting == 1 then
    return fitting[1]
  elseif #fitting > 1 then
    return nil, ("it may be in the format %s: --from says which"):format(
      table.concat(fitting, " or ")), true
  elseif is_array then
    return nil, ARRAY_OF_LINES
  end
  return not first and "jsonl" or is_object and of_object(text, first) or "csv"
end
