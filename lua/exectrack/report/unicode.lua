--- Makes untrusted text safe to show, as UTF-8, and measures how wide it is. Works on bytes: Lua
-- 5.1 has no `utf8`.
-- Used only by reports and the command.
local M = {}

-- Ranges of code points, in order: first, last, first, last ...

-- Two columns wide in a terminal: East Asian Wide and Fullwidth of Unicode's EastAsianWidth.txt,
-- and what is shown as an emoji by default; extended to whole blocks.
local WIDE = {
  0x1100, 0x115F, 0x231A, 0x231B, 0x23E9, 0x23EC, 0x2614, 0x2615, 0x26A1, 0x26A1, 0x2705, 0x2705,
  0x274C, 0x274C, 0x2E80, 0x303E, 0x3041, 0x4DBF, 0x4E00, 0xA4CF, 0xA960, 0xA97F, 0xAC00, 0xD7A3,
  0xF900, 0xFAFF, 0xFE30, 0xFE6F, 0xFF00, 0xFF60, 0xFFE0, 0xFFE6, 0x1F300, 0x1F64F,
  0x1F680, 0x1F6FF, 0x1F900, 0x1F9FF, 0x1FA70, 0x1FAFF, 0x20000, 0x3FFFD,
}

-- No column wide: combining marks, joiners and variation selectors.
local ZERO = {
  0x0300, 0x036F, 0x0483, 0x0489, 0x0591, 0x05BD, 0x064B, 0x065F, 0x1AB0, 0x1AFF, 0x1DC0, 0x1DFF,
  0x200C, 0x200D, 0x20D0, 0x20FF, 0xFE00, 0xFE0F, 0xFE20, 0xFE2F, 0x1F3FB, 0x1F3FF,
  0xE0100, 0xE01EF,
}

-- Harmful: they control a terminal, end a line, are invisible, reorder the text around them, or
-- aren't allowed in XML: control characters, separators, directional marks, noncharacters.
local HARMFUL = {
  0x0000, 0x001F, 0x007F, 0x009F, 0x00AD, 0x00AD, 0x061C, 0x061C, 0x200B, 0x200B, 0x200E, 0x200F,
  0x2028, 0x202E, 0x2060, 0x206F, 0xFEFF, 0xFEFF, 0xFFF9, 0xFFFB, 0xFFFE, 0xFFFF, 0xE0000, 0xE007F,
}

local NAMED = { [9] = "\\t", [10] = "\\n", [13] = "\\r" }

local function is_in(ranges, code)
  for i = 1, #ranges, 2 do
    if code < ranges[i] then
      return false
    elseif code <= ranges[i + 1] then
      return true
    end
  end
  return false
end

-- By how many bytes follow the first byte of a character: the lowest such byte, and the lowest
-- code point that needs so many.
local FORMS = { { 0xC0, 0x80 }, { 0xE0, 0x800 }, { 0xF0, 0x10000 } }

local function following_bytes(first)
  if first < 0x80 then
    return 0
  elseif first >= 0xC2 and first < 0xE0 then
    return 1
  elseif first >= 0xE0 and first < 0xF0 then
    return 2
  elseif first >= 0xF0 and first < 0xF5 then
    return 3
  end
  return nil
end

--- The code point at byte `i` of `text`, and its length in bytes; nil if the bytes there aren't
-- valid UTF-8 (RFC 3629: no surrogates, nothing above 10FFFF, no longer forms than necessary).
local function decode(text, i)
  local first = text:byte(i)
  local following = following_bytes(first)
  if following == 0 then
    return first, 1
  elseif not following then
    return nil
  end
  local code = first - FORMS[following][1]
  for j = i + 1, i + following do
    local byte = text:byte(j)
    if not byte or byte < 0x80 or byte > 0xBF then
      return nil
    end
    code = code * 64 + byte - 0x80
  end
  if code < FORMS[following][2] or code > 0x10FFFF or code >= 0xD800 and code <= 0xDFFF then
    return nil
  end
  return code, following + 1
end

--- Whether a text is valid UTF-8.
function M.is_valid(text)
  local i = text:find("[\128-\255]")
  while i do
    local code, length = decode(text, i)
    if not code then
      return false
    end
    i = text:find("[\128-\255]", i + length)
  end
  return true
end

local function escape(code)
  return NAMED[code] or (code < 0x80 and "\\x%02x" or "\\u{%04x}"):format(code)
end

--- Replaces every harmful character of `text`, and every byte that isn't UTF-8, by what `replace`
-- returns. It is called with the code point, or with nil and the byte, and returns text, or nil to
-- keep the character.
function M.replace_harmful(text, replace)
  if not text:find("[^\32-\126]") then
    return text
  end
  local parts, i = {}, 1
  while i <= #text do
    local code, length = decode(text, i)
    local replacement
    if not code or is_in(HARMFUL, code) then
      replacement = replace(code, text:byte(i))
    end
    length = length or 1
    parts[#parts + 1] = replacement or text:sub(i, i + length - 1)
    i = i + length
  end
  return table.concat(parts)
end

--- `text` on one line, with escapes for harmful characters: a line feed becomes `\n`, an escape
-- character `\x1b`, a mark that reverses text `\u{202e}`, a byte that isn't UTF-8 `\xff`.
function M.visible(text)
  return M.replace_harmful(text, function(code, byte)
    return code and escape(code) or ("\\x%02x"):format(byte)
  end)
end

--- The same as `visible`, but tabs and ends of lines stay.
function M.visible_lines(text)
  return M.replace_harmful(text, function(code, byte)
    if NAMED[code] then
      return nil
    end
    return code and escape(code) or ("\\x%02x"):format(byte)
  end)
end

--- `text` as valid UTF-8: each byte that isn't becomes U+FFFD, the replacement character.
function M.valid(text)
  return M.replace_harmful(text, function(code)
    return not code and "\239\191\189" or nil
  end)
end

--- The paragraphs of an untrusted text: each on one line, with one space between words.
function M.paragraphs(text)
  local list = {}
  text = M.visible_lines(text):gsub("\r\n?", "\n") .. "\n\n"
  for paragraph in text:gmatch("(.-)\n[ \t]*\n") do
    local line = paragraph:gsub("[ \t\n]+", " "):match("^ ?(.-) ?$")
    if line ~= "" then
      list[#list + 1] = line
    end
  end
  return list
end

--- The columns that a visible text takes in a terminal.
function M.width(text)
  if not text:find("[\128-\255]") then
    return #text
  end
  local width, i = 0, 1
  while i <= #text do
    local code, length = decode(text, i)
    if not code then
      code, length = 0xFFFD, 1
    end
    width = width + (is_in(ZERO, code) and 0 or is_in(WIDE, code) and 2 or 1)
    i = i + length
  end
  return width
end

--- The beginning of a visible text, at most `width` columns wide.
function M.prefix(text, width)
  local i, taken = 1, 0
  while i <= #text do
    local _, length = decode(text, i)
    local character = text:sub(i, i + (length or 1) - 1)
    taken = taken + M.width(character)
    if taken > width then
      break
    end
    i = i + #character
  end
  return text:sub(1, i - 1)
end

--- The end of a visible text, at most `width` columns wide. It doesn't begin with a mark that
-- belongs to the previous character.
function M.suffix(text, width)
  local first, i, taken = #text + 1, #text + 1, 0
  while i > 1 do
    local last = i - 1
    i = last
    while i > 1 and text:find("^[\128-\191]", i) do
      i = i - 1
    end
    local columns = M.width(text:sub(i, last))
    taken = taken + columns
    if taken > width then
      break
    end
    first = columns > 0 and i or first
  end
  return text:sub(first)
end

return M
