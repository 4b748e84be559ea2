--- Makes untrusted text safe to show, as UTF-8, and measures how wide it is. Works on bytes: Lua
-- 5.1 has no `utf8`.
-- Used only by reports and the command.
local plain_width = require("exectrack.core").plain_width

local M = {}

-- Harmful, as ranges of code points in order (first, last, first, last ...): they control a
-- terminal, end a line, reorder the text around them, or aren't allowed in XML: control characters,
-- separators, directional marks, noncharacters. The same as in src/lua/visible.c.
local HARMFUL = {
  0x0000, 0x001F, 0x007F, 0x009F, 0x00AD, 0x00AD, 0x061C, 0x061C, 0x200B, 0x200B, 0x200E, 0x200F,
  0x2028, 0x202E, 0x2060, 0x206F, 0xFEFF, 0xFEFF, 0xFFF9, 0xFFFB, 0xFFFE, 0xFFFF, 0xE0000, 0xE007F,
}

local NAMED = { [9] = "\\t", [10] = "\\n", [13] = "\\r" }

--- Whether `code` is in one of these ranges, which are in order. O(log ranges).
local function is_in(ranges, code)
  local low, high = 0, #ranges / 2
  while low < high do
    local middle = math.floor((low + high) / 2)
    if code > ranges[2 * middle + 2] then
      low = middle + 1
    else
      high = middle
    end
  end
  return low < #ranges / 2 and code >= ranges[2 * low + 1]
end

--- The ranges of a name that only text beyond ASCII needs.
local function ranges(name)
  return require("exectrack.report.unicode_ranges")[name]
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

--- Replaces every character of `text` in these ranges, and every byte that isn't UTF-8, by what
-- `replace` returns.
local function replace_in(ranges_of, text, replace)
  local parts, i = {}, 1
  while i <= #text do
    local code, length = decode(text, i)
    local replacement
    if not code or is_in(ranges_of, code) then
      replacement = replace(code, text:byte(i))
    end
    length = length or 1
    parts[#parts + 1] = replacement or text:sub(i, i + length - 1)
    i = i + length
  end
  return table.concat(parts)
end

--- Replaces every harmful character of `text`, and every byte that isn't UTF-8, by what `replace`
-- returns. It is called with the code point, or with nil and the byte, and returns text, or nil to
-- keep the character.
function M.replace_harmful(text, replace)
  return text:find("[^\32-\126]") and replace_in(HARMFUL, text, replace) or text
end

local function escape_any(code, byte)
  return code and escape(code) or ("\\x%02x"):format(byte)
end

local SPACE, BACKSLASH = (" \\"):byte(1, 2)

local function escape_spaces(spaces)
  return ("\\x20"):rep(#spaces)
end

--- `text` with escapes for the marks that it begins with, which would be drawn on what is before.
local function without_marks(text)
  local escapes, i = {}, 1
  local code, length = decode(text, i)
  while code and is_in(ranges("ZERO"), code) do
    escapes[#escapes + 1], i = escape(code), i + length
    code, length = nil, nil
    if i <= #text then
      code, length = decode(text, i)
    end
  end
  return table.concat(escapes) .. text:sub(i)
end

--- `text` on one line, with escapes for what is harmful or can't be seen, so that two texts look
-- different, unless one has what reads as an escape: a line feed becomes `\n`, an escape character
-- `\x1b`, a mark that reverses text `\u{202e}`, a space that isn't U+0020 `\u{00a0}`, a space at an
-- end `\x20`, a mark at the start `\u{0301}`, a byte that isn't UTF-8 `\xff`.
function M.visible(text)
  if not plain_width(text) then
    text = replace_in(text:find("[\127-\255]") and ranges("INVISIBLE") or HARMFUL, text, escape_any)
  end
  if text:byte(1) == SPACE or text:byte(-1) == SPACE then
    text = text:gsub("^ +", escape_spaces):gsub(" +$", escape_spaces)
  end
  return text:find("^[\128-\255]") and without_marks(text) or text
end

--- Whether what is at byte `i` of a text, behind a backslash, is an escape or becomes one.
local function is_escape(text, i)
  return text:find("^[tnr]", i) or text:find("^x%x%x", i) or text:find("^u{%x+}", i)
    or text:find("^[^!-~]", i)
end

--- A name as `visible` shows it, but so that no other name looks like it: backslashes in front of
-- what could be read as an escape are doubled, further spaces in a row are `\x20`, and marks have
-- escapes that Unicode's normalization would join with the character before. A name that is empty
-- or in parentheses, which stand for no name, is in quotes, as is one in quotes; but for `(other)`,
-- which is the name of what had no room for its own, and `(5 other tools)`, that of lanes in one.
function M.name(text)
  if text ~= "" and not text:find("[^%w_.:/-]") then
    return text
  end
  text = M.visible(text:gsub("(\\+)()", function(backslashes, i)
    return is_escape(text, i) and backslashes .. backslashes or nil
  end))
  text = text:gsub(" ( +)", function(spaces) return " " .. escape_spaces(spaces) end)
  if text:find("[\128-\255]") then
    text = replace_in(ranges("UNCOMPOSED"), text, escape_any)
  end
  local is_of_others = text == "(other)" or text:find("^%(%d+ other tools%)$")
  local is_like_none = text == "" or text:find("^%(.*%)$") and not is_of_others
    or text == "all tools" or text:find('^"') and text:find('"$')
  return is_like_none and '"' .. text .. '"' or text
end

-- All that isn't ASCII.
local OTHER = { 0x80, 0x10FFFF }

--- A visible text with escapes for all that isn't ASCII.
function M.ascii(text)
  return text:find("[\128-\255]") and replace_in(OTHER, text, escape_any) or text
end

--- `text` with escapes for what is harmful, but tabs and ends of lines stay.
function M.visible_lines(text)
  return M.replace_harmful(text, function(code, byte)
    if not NAMED[code] then
      return escape_any(code, byte)
    end
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
  if plain_width(text) and M.visible(text) == text and not text:find("  ", 1, true) then
    return { text ~= "" and text or nil } -- as those of the built-in reports
  end
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
  local plain = plain_width(text)
  if plain then
    return plain
  end
  local i = text:find("[\128-\255]")
  local width = (i or #text + 1) - 1
  local zero, wide = i and ranges("ZERO"), i and ranges("WIDE")
  while i do
    local code, length = decode(text, i)
    if not code then
      code, length = 0xFFFD, 1
    end
    width = width + (is_in(zero, code) and 0 or is_in(wide, code) and 2 or 1)
    local last = i + length
    i = text:find("[\128-\255]", last)
    width = width + (i or #text + 1) - last
  end
  return width
end

-- How many bytes an escape has at most, with the backslash that doubles its own.
local LONGEST_ESCAPE = #"\\\\u{10ffff}"

--- Where a visible text goes on behind the escape at byte `i`; nil if there is none.
local function after_escape(text, i)
  return text:byte(i) == BACKSLASH and (text:match("^\\?\\u{%x+}()", i)
    or text:match("^\\?\\x%x%x()", i) or text:match("^\\?\\[tnr]()", i))
end

--- The characters of a visible text, each with its marks. An escape is one character.
function M.units(text)
  local units, i = {}, 1
  while i <= #text do
    local _, length = decode(text, i)
    local after = after_escape(text, i) or i + (length or 1)
    local unit, last = text:sub(i, after - 1), #units
    if last > 0 and M.width(unit) == 0 then
      units[last] = units[last] .. unit
    else
      units[last + 1] = unit
    end
    i = after
  end
  return units
end

--- Where the escape begins that goes on at byte `i` of a visible text, and where the text goes on
-- behind it; nil if there is none.
local function escape_around(text, i)
  local first = text:find("\\", math.max(1, i - LONGEST_ESCAPE + 1), true)
  while first and first < i do
    local after = after_escape(text, first)
    if after and after > i then
      return first, after
    end
    first = text:find("\\", first + 1, true)
  end
  return nil
end

--- The characters of a visible text that its first `width` columns have.
local function first_columns(text, width)
  local most = math.max(0, math.min(width, #text)) -- the width may be infinite
  if plain_width(text) == #text or not text:sub(1, most + 1):find("[\128-\255]") then
    return text:sub(1, most)
  end
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

--- The beginning of a visible text, at most `width` columns wide. It doesn't end within an escape,
-- unless that has no room at all.
function M.prefix(text, width)
  local start = first_columns(text, width)
  local first = escape_around(text, #start + 1)
  return first and first > 1 and text:sub(1, first - 1) or start
end

--- As `prefix`, but empty where that has only room for a part of an escape.
function M.start(text, width)
  local start = M.prefix(text, width)
  return escape_around(text, #start + 1) and "" or start
end

--- The end of a visible text, at most `width` columns wide. It doesn't begin within an escape, nor
-- with a mark that belongs to the previous character.
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
  local _, after = escape_around(text, first)
  return text:sub(after or first)
end

--- A visible text, cut to `width` columns with `mark` in place of what is left out, if it is wider:
-- sentences at the end, names in the middle, as names with the same beginning differ at their ends.
function M.cut(text, width, mark)
  if #text <= width or M.width(text) <= width then -- no character has more columns than bytes
    return text
  end
  local room = width - M.width(mark)
  local is_sentence = text:find(" ", 1, true)
  local start = M.start(text, is_sentence and room or math.ceil(room / 2))
  return start .. mark .. (is_sentence and "" or M.suffix(text, room - M.width(start)))
end

return M
