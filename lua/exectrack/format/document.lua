--- A JSON document that is read in pieces.
-- Used only by formats.
local json = require("exectrack.json")
local options = require("exectrack.options")

local M = {}

--- The object that the pieces of `next_piece` are; or nil and a message. Raises for a piece that
-- isn't a string, in the name of the function `name`.
function M.read(name, next_piece)
  local texts = {}
  for piece in options.pieces(name, next_piece) do
    texts[#texts + 1] = piece
  end
  local value, message = json.decode(table.concat(texts))
  if type(value) ~= "table" then
    return nil, message or "an object expected"
  end
  return value
end

--- What a decoder returns of a document that it can't read: an iterator that returns an empty
-- place, nil and `message`, once.
function M.unreadable(message)
  local is_said = false
  return function()
    if not is_said then
      is_said = true
      return "", nil, message
    end
  end
end

return M
