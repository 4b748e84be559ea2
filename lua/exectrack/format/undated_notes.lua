--- Notes on executions that a format leaves out because they have no time.
-- Used only by formats.

--- Makes a function that returns the notes, sentences. `what` is what others have one of.
return function(undated, what)
  return function()
    if undated == 0 then
      return {}
    end
    return { undated == 1 and "1 execution without a time has no " .. what
      or ("%d executions without a time have no %ss"):format(undated, what) }
  end
end
