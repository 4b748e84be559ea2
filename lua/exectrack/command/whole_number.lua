--- Whole numbers as arguments.
-- In use by the command alone.

--- Makes a converter for argparse, of the whole number from `least` to `most` that `option` is
-- given; without `most`, up to 2^53.
-- @local
return function(option, least, most)
  return function(text)
    local number = text:match("^%d+$") and tonumber(text)
    if not number or number < least or number > (most or 2 ^ 53) then
      return nil, ("%s: '%s' is no whole number from %d"):format(option, text, least)
        .. (most and (" to %d"):format(most) or "")
    end
    return number
  end
end
