--- The user's decoders: Lua files that read a log.
-- Used only by the command.
local decoded = require("exectrack.format.decoded")
local script = require("exectrack.command.script")

--- Sets the message about what is wrong with what `f`, a function of the script, returned.
local function blame(loaded, f, message)
  loaded.message = script.position(loaded.path, f) .. ": " .. message
end

--- What is behind the first of the results of `script.call`; nothing after an error.
local function results(loaded, ok, ...)
  if ok then
    return ...
  end
  loaded.message = ...
end

--- Calls a function of the script.
local function call(loaded, f, ...)
  return results(loaded, script.call(loaded.path, f, ...))
end

--- What the iterator returned; nothing if that is wrong.
local function execution_of(loaded, next_execution, place, ...)
  local message = decoded.find_message(place, ...)
  if message then
    return blame(loaded, next_execution, message)
  end
  return place, ...
end

--- The notes that a function of the script returns; none if they are wrong.
local function notes_of(loaded, notes)
  local given = call(loaded, notes)
  if loaded.message then
    return {}
  end
  local checked, message = decoded.check_notes(given)
  if message then
    blame(loaded, notes, message)
  end
  return checked or {}
end

--- What is wrong with what the script's function returned; nil if nothing is.
local function find_message(next_execution, notes)
  if type(next_execution) ~= "function" then
    return ("it returned %s: an iterator expected"):format(
      next_execution == nil and "nothing" or "a " .. type(next_execution))
  end
  return decoded.find_message_of_notes_function(notes)
end

--- Ends the reading at once.
local function nothing() end

--- Calls the script's function. Returns what a decoder does.
local function decode(loaded, made, pieces, options)
  local next_execution, notes = call(loaded, made, pieces, options)
  local message = not loaded.message and find_message(next_execution, notes)
  if message then
    blame(loaded, made, message)
  end
  if loaded.message then
    return nothing
  end
  return function()
    return execution_of(loaded, next_execution, call(loaded, next_execution))
  end, notes and function() return notes_of(loaded, notes) end
end

--- Loads a decoder, whose errors end the reading. Returns a table with the function `decode`, which
-- `format.read` takes, and in which `message` is the message about such an error; or nil and a
-- message.
return function(path)
  local made, message = script.load(path)
  if not made then
    return nil, message
  end
  local loaded = { path = path }
  function loaded.decode(pieces, options)
    return decode(loaded, made, pieces, options)
  end
  return loaded
end
