--- The message of an error that was raised while something was read.
-- Used only by formats and the command.

--- Returns the error's message, without the name of the function that raised it. An interruption or
-- lack of memory is raised again, as it isn't about what was read.
return function(err)
  if type(err) ~= "string" or err:find("interrupted!$") or err:find("not enough memory$") then
    error(err, 0)
  end
  return err:match("^bad argument #%d+ to '.-' %((.*)%)$") or err
end
