--- The user's decoders: Lua files that read a log.
-- Used only by the command.
local script = require("exectrack.command.script")

--- Loads a decoder, whose errors end the reading. Returns a table with the function `decode`, which
-- `format.read` takes, and in which `problem` is the message about such an error; or nil and a
-- message.
return function(path)
  local made, problem = script.load(path)
  if not made then
    return nil, problem
  end
  local loaded = {}

  --- What is behind the first of the results of `script.call`; nothing after an error.
  local function results(ok, ...)
    if ok then
      return ...
    end
    loaded.problem = ...
  end

  local function call(f, ...)
    return results(script.call(path, f, ...))
  end

  --- Ends the reading at once.
  local function nothing() end

  function loaded.decode(pieces, options)
    local next_execution, notes = call(made, pieces, options)
    if loaded.problem then
      return nothing
    elseif type(next_execution) ~= "function" then
      loaded.problem = ("%s: it returned %s: an iterator expected"):format(
        script.position(path, made), next_execution == nil and "nothing"
          or "a " .. type(next_execution))
      return nothing
    end
    return function()
      return call(next_execution)
    end, type(notes) == "function" and function() return call(notes) end or nil
  end

  return loaded
end
