--- The lines of a text that is read in pieces.
-- Used only by formats.
local byte, find, sub = string.byte, string.find, string.sub

local OPENING_BRACE = byte("{")
local BYTE_ORDER_MARK = "^\239\187\191"

--- Makes an iterator over the lines that aren't blank. It returns a line's number, and the line
-- without its end; or the number, nil and a message, for a line of more than `most_bytes`. `pieces`
-- returns the next piece of the text, and nil at the end. At most `most_bytes` and one piece are
-- kept in memory.
--
-- `take(text, position)`, if there is one, may take lines itself, which the iterator then doesn't
-- return: whole lines, from the beginning of one at `position` on. It returns where the first line
-- begins that it didn't take, and how many lines it took.
return function(pieces, most_bytes, take)
  local text, position = "", 1 -- the text from this position on isn't returned yet
  local has_begun, is_ended, is_skipping = false, false, false
  local number = 0

  --- Adds pieces to the rest of the text, until a line ends in it or is too long. Returns the
  -- position of the line's end, if there is one.
  local function fill()
    local parts, bytes = { sub(text, position) }, #text - position + 1
    while not is_ended and bytes <= most_bytes do
      local piece = pieces()
      parts[#parts + 1] = piece
      bytes = bytes + #(piece or "")
      is_ended = not piece
      if piece and find(piece, "\n", 1, true) then
        break
      end
    end
    text, position = table.concat(parts), 1
    local has_mark = not has_begun and find(text, BYTE_ORDER_MARK)
    has_begun = true
    if has_mark then
      position = 4
      return find(text, "\n", 4, true) or fill() -- as the mark took some of the bytes
    end
    return find(text, "\n", 1, true)
  end

  --- Skips the rest of a line that is too long.
  local function skip()
    local last
    repeat
      text = pieces()
      last = text and find(text, "\n", 1, true)
    until last or not text
    is_ended, is_skipping = not text, false
    text, position = text or "", (last or 0) + 1
  end

  --- Lets `take` take lines. Returns the end of the first line that is left, if there is one.
  local function take_lines(last)
    while last do
      local taken
      position, taken = take(text, position)
      if taken == 0 then
        break
      end
      number = number + taken
      last = find(text, "\n", position, true) or fill()
    end
    return last
  end

  return function()
    if is_skipping then
      skip()
    end
    while true do
      local last = find(text, "\n", position, true) or fill()
      if take then
        last = take_lines(last)
      end
      if not last and position > #text then
        return nil
      end
      local line = sub(text, position, last and last - 1)
      position = (last or #text) + 1
      number = number + 1
      if #line > most_bytes then
        is_skipping = not last and not is_ended
        return number, nil, ("a line of more than %d bytes"):format(most_bytes)
      elseif byte(line) == OPENING_BRACE or find(line, "%S") then
        return number, line
      end
    end
  end
end
