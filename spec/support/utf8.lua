--- UTF-8, which Lua knows since 5.3.
local M = {}

--- The bytes of a character.
function M.char(code)
  if code < 0x80 then
    return string.char(code)
  end
  local rest = ""
  local most = 0x40 -- what fits in the first byte, besides those that say how many there are
  repeat
    rest = string.char(0x80 + code % 0x40) .. rest
    code = math.floor(code / 0x40)
    most = most / 2
  until code < most
  return string.char(0x100 - 2 * most + code) .. rest
end

local CHARACTERS = { "^[^\128-\255]", "^[\194-\223][\128-\191]", "^\224[\160-\191][\128-\191]",
  "^[\225-\236\238\239][\128-\191][\128-\191]", "^\237[\128-\159][\128-\191]",
  "^\240[\144-\191][\128-\191][\128-\191]", "^[\241-\243][\128-\191][\128-\191][\128-\191]",
  "^\244[\128-\143][\128-\191][\128-\191]" }

--- The character at `position`; nil if none is there.
function M.at(text, position)
  for _, pattern in ipairs(CHARACTERS) do
    local character = text:match(pattern, position)
    if character then
      return character
    end
  end
end

--- How many characters `text` has; or nil and where its first byte is that isn't part of any.
function M.len(text)
  local count, position = 0, 1
  while position <= #text do
    local character = M.at(text, position)
    if not character then
      return nil, position
    end
    count, position = count + 1, position + #character
  end
  return count
end

--- `text` with what `\u{...}` and `\x..` stand for, which Lua 5.1 doesn't understand in strings:
-- "a\u{2028}" is written as u[[a\u{2028}]] or, with other escapes, as u"a\\u{2028}".
function M.text(text)
  return (text:gsub("\\u{(%x+)}", function(code) return M.char(tonumber(code, 16)) end)
    :gsub("\\x(%x%x)", function(code) return string.char(tonumber(code, 16)) end))
end

return M
