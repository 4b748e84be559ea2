--- What is wrong with something that was read, of the error that it raised.
-- In use by formats and the command alone.

--- Returns the error, without the function that raised it. What isn't about what was read, an
-- interruption or memory that ran out, is raised again.
return function(err)
  if type(err) ~= "string" or err:find("interrupted!$") or err:find("not enough memory$") then
    error(err, 0)
  end
  return err:match("^bad argument #%d+ to '.-' %((.*)%)$") or err
end
