--- Values in the logs of agents, which may be of any type.
-- Used only by formats.
local codes = require("exectrack.codes")
local time = require("exectrack.format.time")

local find, match, sub = string.find, string.match, string.sub

local M = {}

local NONE = {}

--- Whether a value is a text, by what it begins with, as the functions `fits` of formats get it.
function M.begins_text(beginning)
  return beginning ~= nil and sub(beginning, 1, 1) == '"'
end

--- The same for an array.
function M.begins_array(beginning)
  return beginning ~= nil and sub(beginning, 1, 1) == "["
end

--- Whether a value is one of these words, which are keys, by what it begins with.
function M.begins_word(beginning, words)
  return beginning ~= nil and words[match(beginning, '^"(.*)"$')] == true
end

--- Whether there is one of these keys.
function M.has_any(keys, names)
  for _, name in ipairs(names) do
    if keys[name] ~= nil then
      return true
    end
  end
  return false
end

--- Whether there are these keys and no others.
function M.has_only(keys, names)
  local count = 0
  for _ in pairs(keys) do
    count = count + 1
  end
  for _, name in ipairs(names) do
    count = keys[name] and count - 1 or -1
  end
  return count == 0
end

--- A value if it is a table, else an empty one.
function M.table(value)
  return type(value) == "table" and value or NONE
end

--- Whether a value is an array with elements. A null isn't one: tables of JSON have none.
function M.is_array(value)
  return type(value) == "table" and type(next(value)) == "number"
end

--- What `ipairs` does, for an array that has holes.
local function over_holes(array)
  local indices, i = {}, 0
  for index in pairs(array) do
    indices[#indices + 1] = index
  end
  table.sort(indices)
  return function()
    i = i + 1
    return indices[i], array[indices[i]]
  end
end

--- Iterates over the indices of an array and its elements, in order. Nulls leave holes in it, where
-- `ipairs` would end. Any other value has no elements.
function M.elements(value)
  value = M.is_array(value) and value or NONE
  local count, last = 0, 0
  for index in pairs(value) do
    count, last = count + 1, index > last and index or last
  end
  return (count == last and ipairs or over_holes)(value)
end

--- The first element of an array; nil for any other value.
function M.first(value)
  local iterate, array, start = M.elements(value)
  return select(2, iterate(array, start))
end

--- The words of a text, as keys.
function M.set(words)
  local is_in = {}
  for word in words:gmatch("%S+") do
    is_in[word] = true
  end
  return is_in
end

--- A value if it is text of at least a byte, else nil.
function M.text(value)
  return type(value) == "string" and value ~= "" and value or nil
end

--- A value if it is a number from 0 on, else nil.
function M.number(value)
  return type(value) == "number" and value >= 0 and value < math.huge and value or nil
end

--- A value if it is an integer, else nil.
function M.integer(value)
  return type(value) == "number" and value % 1 == 0 and value or nil
end

--- A text as a type of errors, which has at most 64 bytes; nil for any other value.
function M.class(value)
  return M.text(value) and value:sub(1, 64)
end

--- The Unix seconds of a time in ISO 8601; nil for any other value.
function M.seconds(value)
  return type(value) == "string" and time.iso(value) or nil
end

--- The text of content, which is a text, or an array of texts and of blocks that may have a `text`.
-- Nil if there is none in it.
function M.content_text(content)
  if type(content) ~= "table" then
    return M.text(content)
  end
  local texts = {}
  for _, block in M.elements(content) do
    texts[#texts + 1] = M.text(block) or M.text(M.table(block).text)
  end
  return texts[1] and table.concat(texts, "\n") or nil
end

--- Takes the fields with these names out of `args`, which may be any value, and returns it.
function M.without(args, names)
  if type(args) == "table" then
    for _, name in ipairs(names) do
      args[name] = nil
    end
  end
  return args
end

--- The exit code that a value is, which may be text; nil for any other value.
function M.exit_code(value)
  return M.integer(type(value) == "string" and find(value, "^%-?%d+$") and tonumber(value) or value)
end

--- The status of an exit code, and the error type `exit_N` unless it is 0 or too large for one. Nil
-- for any other value.
function M.of_exit_code(value)
  local code = M.exit_code(value)
  if code then
    return codes.exit(code)
  end
end

return M
