--- Commands to paste, in text.
-- Used only by the tables in text.
local unicode = require("exectrack.report.unicode")

local M = {}

local OPEN = { plain = "", single = "'", dollar = "$'", double = '"' }
local CLOSE = { plain = "", single = "'", dollar = "'", double = '"' }

-- What is read as one thing, by where it stands. Other characters are each on their own.
local TOGETHER = {
  plain = { "^\\." }, single = {}, double = { "^\\." },
  dollar = { "^\\[0-7][0-7]?[0-7]?", "^\\x%x%x?", "^\\u%x%x?%x?%x?", "^\\." },
}

--- The thing at byte `i` of a command.
local function atom_at(command, i, state)
  for _, pattern in ipairs(TOGETHER[state]) do
    local text = command:match(pattern, i)
    if text then
      return text
    end
  end
  return command:match("^[\192-\255][\128-\191]*", i) or command:sub(i, i)
end

--- Adds an atom to a word: bytes that can't be shown as they are, as escapes.
local function add(word, text, state, style)
  local is_shown = text == " " or unicode.visible(text) == text
  if is_shown and not (style.ascii and text:find("[\128-\255]")) then
    word[#word + 1] = { text = text, state = state }
    return
  end
  for i = 1, #text do
    word[#word + 1] = { text = ("\\%03o"):format(text:byte(i)), state = "dollar" }
  end
end

--- The state after a quote at byte `i`, and its length; nil if none is there.
local function quote_at(command, i, state)
  if state ~= "plain" then
    return command:sub(i, i) == CLOSE[state] and "plain" or nil, 1
  end
  for _, other in ipairs { "dollar", "single", "double" } do
    if command:sub(i, i + #OPEN[other] - 1) == OPEN[other] then
      return other, #OPEN[other]
    end
  end
end

--- The words of a command, each an array of atoms: `{ text, state }`, where the state says how it
-- is quoted.
local function parse(command, style)
  local words, word, state, i = {}, nil, "plain", 1
  while i <= #command do
    local next_state, length = quote_at(command, i, state)
    if next_state then
      word, state, i = word or {}, next_state, i + length
    elseif state == "plain" and command:sub(i, i) == " " then
      words[#words + 1], word, i = word, nil, i + 1
    else
      local text = atom_at(command, i, state)
      word, i = word or {}, i + #text
      add(word, text, state, style)
    end
  end
  words[#words + 1] = word
  return words
end

--- The words of a command: strings if nothing in it is quoted or escaped, else arrays of atoms.
local function words_of(command, style)
  if command:find("[^\32-\126]") or command:find("[$'\"\\]") then
    return parse(command, style)
  end
  local words = {}
  for word in command:gmatch("[^ ]+") do
    words[#words + 1] = word
  end
  return words
end

--- The atoms `from` to `to` of a word, quoted.
local function written(word, from, to)
  if type(word) == "string" then
    return word
  elseif #word == 0 then
    return "''"
  end
  local parts, state = {}, "plain"
  for i = from, to do
    local atom = word[i]
    if atom.state ~= state then
      parts[#parts + 1], state = CLOSE[state] .. OPEN[atom.state], atom.state
    end
    parts[#parts + 1] = atom.text
  end
  return table.concat(parts) .. CLOSE[state]
end

--- Breaks a word. Adds its lines but the last, which it returns. A line that goes on with a word
-- begins it at the margin, as spaces would end it.
local function break_word(lines, word, indent, width)
  local from, to = 1, 1
  while to < #word do
    local longer = indent .. written(word, from, to + 1) .. "\\"
    if unicode.width(longer) > width then
      lines[#lines + 1] = indent .. written(word, from, to) .. "\\"
      indent, from = "", to + 1
    end
    to = to + 1
  end
  return indent .. written(word, from, #word)
end

--- The lines of words, broken between them where that is possible.
local function flow(words, indent, width, style)
  local lines, line = {}, nil
  for i, word in ipairs(words) do
    local text, rest = written(word, 1, #word), i < #words and 2 or 0
    if line and unicode.width(line) + 1 + unicode.width(text) + rest <= width then
      line = line .. " " .. text
    else
      lines[#lines + 1] = line and line .. " \\"
      line = line and indent .. "  " or indent
      local fits = unicode.width(line) + unicode.width(text) + rest <= width
      line = fits and line .. text or break_word(lines, type(word) == "string"
        and parse(word, style)[1] or word, line, width - rest)
    end
  end
  lines[#lines + 1] = line
  return lines
end

--- The lines of a command, at most `width` columns wide: pasted together, they are the command. A
-- line that isn't the last ends in a backslash. What would do harm in a terminal, or isn't ASCII
-- where that is wanted, is escaped as bash, ksh and zsh read it.
function M.lines(command, indent, width, style)
  if #indent + #command <= width and not command:find("[^\32-\126]") then
    return { indent .. command }
  end
  return flow(words_of(command, style), indent, width, style)
end

return M
