--- Checks of what a user's decoder returns.
-- Used only by formats and the command.
local options = require("exectrack.options")

local M = {}

local check_notes = options.array_of(options.string)

--- What is wrong with what an iterator returned; nil if nothing is. No values are its end.
function M.find_message(place, execution, message)
  local kind = type(place)
  if message and type(message) ~= "string" then
    return "what is wrong with an execution: a string expected, got " .. type(message)
  elseif kind ~= "number" and kind ~= "string"
      and not (place == nil and execution == nil and message == nil) then
    return "a place, a number or a string, expected before an execution, got " .. kind
  end
end

--- What is wrong with the function that returns notes; nil if nothing is. It may be missing.
function M.find_message_of_notes_function(notes)
  if notes ~= nil and type(notes) ~= "function" then
    return "notes: a function expected, got " .. type(notes)
  end
end

--- A copy of notes; or nil and a message.
function M.check_notes(notes)
  local checked, message = check_notes(notes)
  return checked, message and "notes: " .. message
end

return M
