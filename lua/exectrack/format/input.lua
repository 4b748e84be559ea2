--- A text that is read in pieces, and how much of it was read.
-- Used only by formats.
local options = require("exectrack.options")

local ENOUGH_BYTES = 65536

local Input = {}
Input.__index = Input

--- Reads the next piece, checks and counts it. Returns nil at the end, and after what went wrong.
local function read(self)
  if self.is_ended then
    return nil
  elseif self.on_progress then
    self.on_progress(self.bytes, self.lines)
  end
  local piece, message, code = self.next_piece()
  if piece == nil then
    self.message, self.code, self.is_ended = message, code, true
    return nil
  end
  local text
  text, message = options.string(piece)
  if not text then
    self.misuse, self.is_ended = "a piece: " .. message, true
    return nil
  end
  self.bytes = self.bytes + #text
  return text
end

--- Makes an input. `next_piece` returns the next piece, and nil at the end; or nil, a message and a
-- code, if reading failed. `on_progress`, if there is one, is called with `bytes` and `lines`
-- before each piece.
--
-- `pieces` returns the next piece, and nil at the end, or after what went wrong: `message` and
-- `code` are why reading failed, and `misuse` is a message about a piece that isn't a string.
-- `bytes` counts what was read, `lines` what was decoded: that is up to the decoder.
local function new(next_piece, on_progress)
  local self = setmetatable({ next_piece = next_piece, on_progress = on_progress, bytes = 0,
    lines = 0 }, Input)
  function self.pieces()
    local piece = self.first or read(self)
    self.first = nil
    return piece
  end
  return self
end

--- Reads the beginning of the text, 64 KiB if it has as many. `pieces` returns it nevertheless.
function Input:beginning()
  local texts, bytes = {}, 0
  while bytes < ENOUGH_BYTES and not self.is_ended do
    local piece = read(self)
    texts[#texts + 1] = piece
    bytes = bytes + #(piece or "")
  end
  self.first = table.concat(texts)
  return self.first
end

return { new = new }
