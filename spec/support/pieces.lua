--- Texts as decoders read them.

--- A function that returns `text` in pieces of so many bytes; in one if `bytes` is nil.
return function(text, bytes)
  local first = 1
  return function()
    local piece = text:sub(first, bytes and first + bytes - 1 or -1)
    first = first + #piece
    return piece ~= "" and piece or nil
  end
end
