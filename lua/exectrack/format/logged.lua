--- Values in the logs of agents, which may be of any type.
-- Used only by formats.
local numbers = require("exectrack.numbers")
local status_words = require("exectrack.format.status_words")
local time = require("exectrack.format.time")

local M = {}

local NONE = {}

--- A value if it is a table, else an empty one.
function M.table(value)
  return type(value) == "table" and value or NONE
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
  for _, block in ipairs(content) do
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

--- The status of an exit code, and the error type `exit_N` unless it is 0. Nil for any other value.
function M.of_exit_code(code)
  local status = type(code) == "number" and status_words.of_exit_code(code) or nil
  return status, status and code ~= 0 and "exit_" .. numbers.whole(code) or nil
end

return M
