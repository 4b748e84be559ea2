--- A JSON document that is read in pieces.
-- Used only by formats.
local json = require("exectrack.json")
local options = require("exectrack.options")

--- The object that the pieces of `next_piece` are; or nil and a message. Raises for a piece that
-- isn't a string, in the name of the function `name`.
return function(name, next_piece)
  local texts = {}
  for piece in options.pieces(name, next_piece) do
    texts[#texts + 1] = piece
  end
  local value, problem = json.decode(table.concat(texts))
  if type(value) ~= "table" then
    return nil, problem or "an object expected"
  end
  return value
end
