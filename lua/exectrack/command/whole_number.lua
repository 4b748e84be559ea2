--- Integers as arguments.
-- Used only by the command.

--- Makes a converter for argparse, of the integer from `least` to `most` that `option` is
-- given; without `most`, up to 2^53.
return function(option, least, most)
  return function(text)
    local number = text:match("^%d+$") and tonumber(text)
    if not number or number < least or number > (most or 2 ^ 53) then
      local range = most and ("from %d to %d"):format(least, most) or "of at least " .. least
      return nil, ("%s: must be an integer %s, got '%s'"):format(option, range, text)
    end
    return number
  end
end
