--- The style of text in a terminal: colours, bars, and how text is cut, padded and wrapped.
-- Used only by the renderers of text and Markdown, and by the command.
local unicode = require("exectrack.report.unicode")

local Style = {}
Style.__index = Style

local CODES = { strong = "1", muted = "2", bad = "31", good = "32", warning = "33", accent = "36" }
local UNITS = { ["%"] = true, ms = true, s = true, min = true, h = true, d = true }
local ASCII_LEVELS = { ".", ":", "#" }

-- Spaces by their number, at most the largest width.
local SPACES = setmetatable({}, {
  __index = function(spaces, count)
    spaces[count] = (" "):rep(count)
    return spaces[count]
  end,
})

--- `text`, which is visible already, for this terminal: if the style wants ASCII, with escapes for
-- all other characters, so that names stay different.
function Style:plain(text)
  return self.ascii and unicode.ascii(text) or text
end

--- Untrusted text, for a line of this terminal.
function Style:text(text)
  return self:plain(unicode.visible(text))
end

--- An untrusted name, for a line of this terminal.
function Style:name(text)
  return self:plain(unicode.name(text))
end

--- `text` in the colour of a tone, if there are colours and `tone` isn't nil.
function Style:paint(text, tone)
  if not self.color or not tone or text == "" then
    return text
  end
  return "\27[" .. CODES[tone] .. "m" .. text .. "\27[0m"
end

--- What stands for the text that was cut.
function Style:mark()
  return self.ascii and "..." or "\226\128\166" -- …
end

--- `text`, cut to `width` columns if it is wider: sentences at the end, names in the middle, as
-- names with the same beginning differ at their ends.
function Style:cut(text, width)
  return unicode.cut(text, width, self:mark())
end

--- `text` in exactly `width` columns, and in the colour of `tone`.
function Style:fit(text, width, is_right, tone)
  local room = width - unicode.width(text)
  if room < 0 then
    text = self:cut(text, width)
    room = width - unicode.width(text)
  end
  local space = SPACES[room]
  text = self:paint(text, tone)
  return is_right and space .. text or text .. space
end

--- A horizontal line of `width` columns.
function Style:rule(width, is_double)
  if self.ascii then
    return (is_double and "=" or "-"):rep(width)
  end
  return (is_double and "\226\149\144" or "\226\148\128"):rep(width) -- ═ or ─
end

--- A horizontal bar that fills a fraction of `length` columns, to an eighth of a column, and how
-- many columns it takes. Any fraction above 0 is visible.
function Style:bar(fraction, length)
  local parts = self.ascii and 1 or 8
  local filled = math.floor(fraction * length * parts + 0.5)
  filled = fraction > 0 and math.max(filled, 1) or filled
  local rest = filled % parts
  local full = (filled - rest) / parts
  local bar = (self.ascii and "#" or "\226\150\136"):rep(full) -- █
  if rest == 0 then
    return bar, full
  end
  return bar .. "\226\150" .. string.char(144 - rest), full + 1 -- ▏ to ▉
end

--- How many heights above 0 a vertical bar within a line can have.
function Style:levels()
  return self.ascii and #ASCII_LEVELS or 8
end

--- A vertical bar within a line, of a height from 0, empty, to `levels()`, full.
function Style:level(height)
  if height <= 0 then
    return " "
  end
  return self.ascii and ASCII_LEVELS[height] or "\226\150" .. string.char(128 + height) -- ▁ to █
end

--- The lines of words with `gap` between them, within `width` columns. A word that is longer is
-- broken.
function Style.flow(words, gap, width)
  local lines, line = {}, nil
  for _, word in ipairs(words) do
    if line and unicode.width(line) + #gap + unicode.width(word) <= width then
      line = line .. gap .. word
    else
      lines[#lines + 1], line = line, word
    end
    while unicode.width(line) > width do
      lines[#lines + 1] = unicode.prefix(line, width)
      line = line:sub(#lines[#lines] + 1)
    end
  end
  lines[#lines + 1] = line
  return lines
end

--- The beginning of a line of one long word up to where a part of it ends, if that is in its second
-- half.
local function to_end_of_part(line)
  local part = line:match("^.*[_/.:,=&-]")
  return part and #part > #line / 2 and part or line
end

--- The lines of a visible text, at most `width` columns wide, which is at least 2. They are broken
-- at spaces where there are some, else where a part of a name ends; other spaces stay.
function Style.break_text(text, width)
  local lines, line = {}, unicode.prefix(text, width)
  while #line < #text do
    local rest = text:sub(#line + 1)
    local words = rest:find("^ ") and line or line:match("^(.*[^ ]) ")
    if words then
      line, rest = words, text:sub(#words + 2)
    else
      line = to_end_of_part(line)
      rest = text:sub(#line + 1)
    end
    lines[#lines + 1], text = line, rest
    line = unicode.prefix(text, width)
  end
  lines[#lines + 1] = text
  return lines
end

--- The lines of a visible text, within the width of the style. A unit stays with its number.
function Style:wrap(text)
  local words = {}
  for word in self:plain(text):gmatch("[^ ]+") do
    if UNITS[word:match("^([%a%%]+)%p*$")] and (words[#words] or ""):find("%d$") then
      words[#words] = words[#words] .. " " .. word
    else
      words[#words + 1] = word
    end
  end
  return self.flow(words, " ", self.width)
end

--- Makes a style: a table with `width`, `color` and `ascii`, which becomes one.
function Style.new(fields)
  return setmetatable(fields, Style)
end

return Style
