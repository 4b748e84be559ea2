--- Lines of a file, of any length, which is read in blocks: that is faster than `file:lines`, and
-- says how far it was read.
-- In use by the command alone.
local byte, find, sub = string.byte, string.find, string.sub

local BLOCK_BYTES = 65536
local OPENING_BRACE = byte("{")
local BYTE_ORDER_MARK = "^\239\187\191"

--- Makes a function that returns the next line that isn't blank, without its end, and its number;
-- nil at the end; or nil and the system's message. `on_block` is called before each block is read,
-- with how many bytes and lines were before it.
-- @local
return function(file, on_block)
  -- Lines that were read, the last without its end, and where the next one in them begins.
  local text, position = nil, nil
  local number, bytes = 0, 0

  --- Returns true; or nil, and the message if there is one.
  local function read_block()
    on_block(bytes, number)
    local block, rest = file:read(BLOCK_BYTES, "*l")
    if not block then
      return nil, rest
    end
    local has_end = not rest and sub(block, -1) == "\n"
    text, position = has_end and sub(block, 1, -2) or block .. (rest or ""), 1
    if bytes == 0 then
      text = text:gsub(BYTE_ORDER_MARK, "")
    end
    bytes = bytes + #block + (rest and #rest + 1 or 0)
    return true
  end

  local function take_line()
    local last = find(text, "\n", position, true)
    local line = sub(text, position, last and last - 1)
    position = last and last + 1
    number = number + 1
    return line
  end

  return function()
    while true do
      if not position then
        local ok, message = read_block()
        if not ok then
          return nil, message
        end
      end
      local line = take_line()
      if byte(line) == OPENING_BRACE or find(line, "%S") then
        return line, number
      end
    end
  end
end
