--- The words and operators of a shell command.
-- Used only by formats.
local byte, find, gsub, match, sub = string.byte, string.find, string.gsub, string.match, string.sub

local CLOSERS = { [byte("(")] = byte(")"), [byte("{")] = byte("}"), [byte('"')] = byte('"') }
local BACKSLASH, QUOTE, DOUBLE, DOLLAR, BACKTICK, HASH =
  byte("\\"), byte("'"), byte('"'), byte("$"), byte("`"), byte("#")

-- What stands for an expansion in a word: its value isn't known.
local EXPANSION = "$"

--- The position behind the closing quote or bracket of what begins at `first`; behind the text if
-- there is none. Within are others, and they are kept on a list: a text can nest them so deep that
-- functions couldn't.
local function behind_nested(text, first)
  local open, depth, position = { CLOSERS[byte(text, first)] }, 1, first + 1
  while depth > 0 do
    position = find(text, "[\\'\"(){}`]", position)
    if not position then
      return #text + 1
    end
    local char, is_quoted = byte(text, position), open[depth] == DOUBLE
    if char == open[depth] then
      depth = depth - 1
    elseif char == BACKSLASH then
      position = position + 1
    elseif char == QUOTE then
      position = is_quoted and position or find(text, "'", position + 1, true) or #text
    elseif CLOSERS[char] and (not is_quoted or byte(text, position - 1) == DOLLAR) then
      depth = depth + 1
      open[depth] = CLOSERS[char]
    end
    position = position + 1
  end
  return position
end

--- The text in single quotes that begin at `first`, and the position behind them.
local function single_quoted(text, first)
  local last = find(text, "'", first + 1, true) or #text + 1
  return sub(text, first + 1, last - 1), last + 1
end

--- The same for double quotes. Expansions stay as they are.
local function double_quoted(text, first)
  local behind = behind_nested(text, first)
  local last = behind > #text and byte(text, #text) ~= DOUBLE and #text or behind - 2
  return gsub(sub(text, first + 1, last), '\\(["\\$`])', "%1"), behind
end

--- What stands for the expansion that begins at `first`, and the position behind it.
local function expansion(text, first)
  if byte(text, first) == BACKTICK then
    return EXPANSION, (find(text, "`", first + 1, true) or #text) + 1
  elseif find(text, "^[({]", first + 1) then
    return EXPANSION, behind_nested(text, first + 1)
  end
  return EXPANSION, first + 1
end

local function escaped(text, first)
  local char = sub(text, first + 1, first + 1)
  return char == "\n" and "" or char, first + 2
end

local PARTS = { [QUOTE] = single_quoted, [DOUBLE] = double_quoted, [DOLLAR] = expansion,
  [BACKTICK] = expansion, [BACKSLASH] = escaped }

--- The word that begins at `first`, without its quotes, and the position behind it.
local function read_word(text, first)
  local parts, position = {}, first
  while true do
    local part, behind
    local read = PARTS[byte(text, position)]
    if read then
      part, behind = read(text, position)
    else
      part = match(text, "^[^ \t\r\n;&|()<>'\"\\$`]+", position)
      behind = part and position + #part
      if part and find(part, "=$") and sub(text, behind, behind) == "(" then -- an array
        behind = behind_nested(text, behind)
      end
    end
    if not part then
      return table.concat(parts), position
    end
    parts[#parts + 1], position = part, math.min(behind, #text + 1)
  end
end

--- The position of the next token, behind spaces, comments and escaped ends of lines.
local function skip_blanks(text, first)
  local position = first
  while true do
    position = match(text, "^[ \t\r]*()", position)
    if find(text, "^\\\r?\n", position) then
      position = find(text, "\n", position, true) + 1
    elseif byte(text, position) == HASH then
      position = find(text, "\n", position, true) or #text + 1
    else
      return position
    end
  end
end

--- The position behind a redirection at `first`, with its file; nil if there is none.
local function behind_redirection(text, first)
  local behind = match(text, "^%d*&?[<>]+[&|%-]*()", first)
  if not behind then
    return nil
  end
  local _, position = read_word(text, skip_blanks(text, behind))
  return position
end

--- Makes an iterator over the tokens of a command: each is a word, without quotes, and true; or an
-- operator, and false. Redirections are left out. In a word, `$` stands for what the shell would
-- put there. What isn't closed ends with the text.
return function(text)
  local position = 1
  return function()
    local behind
    repeat
      position = skip_blanks(text, position)
      behind = behind_redirection(text, position)
      position = behind or position
    until not behind
    if position > #text then
      return nil
    end
    local operator = match(text, "^[\n;()]", position) or match(text, "^[&|]+", position)
    if operator then
      position = position + #operator
      return operator, false
    end
    local word
    word, position = read_word(text, position)
    return word, true
  end
end
