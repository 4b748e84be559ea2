--- Commands that a reader of a report can paste, to look closer.
-- Used by built-in reports and the command.
local unicode = require("exectrack.report.unicode")

local M = {}

local function escaped(character)
  return ("\\%03o"):format(character:byte())
end

--- A text as a word of a shell command. Control characters, and what isn't shown as it is, are
-- escaped as bash, ksh and zsh read it. Nil for a text with a zero byte, which no argument has.
function M.word(text)
  if text:find("\0", 1, true) then
    return nil
  elseif text:find("^[%w_./:@%%+,-]+$") then
    return text
  elseif unicode.visible(text) == text then
    return "'" .. text:gsub("'", "'\\''") .. "'"
  end
  return "$'" .. text:gsub("[^ -&(-[^-~]", escaped) .. "'"
end

--- An option with a value, behind a space. A value that begins like an option has to follow an
-- equals sign. Empty for nil, and for a value that no argument has.
function M.option(name, value)
  local word = value and M.word(value)
  return word and (" --%s%s%s"):format(name, value:find("^%-") and "=" or " ", word) or ""
end

--- The words of a shell command, as they are quoted.
local function words_of(line)
  local list, from, is_quoted, place = {}, 1, false, 1
  while place <= #line do
    local character = line:sub(place, place)
    if character == "'" then
      is_quoted = not is_quoted
    elseif character == "\\" and not is_quoted then
      place = place + 1
    elseif character == " " and not is_quoted then
      list[#list + 1], from = line:sub(from, place - 1), place + 1
    end
    place = place + 1
  end
  list[#list + 1] = line:sub(from)
  return list
end

--- The words of a command without an option: of several values, any would do.
local function without(line, name)
  local kept, is_value = {}, false
  for _, word in ipairs(words_of(line)) do
    if not is_value and word ~= "--" .. name and word:sub(1, #name + 3) ~= "--" .. name .. "=" then
      kept[#kept + 1] = word
    end
    is_value = not is_value and word == "--" .. name
  end
  return table.concat(kept, " ")
end

--- The command that reports on the runs that the words `run` name: of `kind`, or the overview if it
-- is nil; of one tool, session or status, or without a tool, by the fields `tool`, `session`,
-- `status` and `exclude` of `part`, if it is given. Where `run` selects only the newest of some,
-- those of the part are as many as its `count` says; without it, all of them are reported on.
function M.report(run, kind, part)
  local all = without(run, "last")
  local is_part_of_newest = part and part.count and all ~= run
  part = part and (all == run or part.count) and part or {}
  run = is_part_of_newest and all or run
  for _, name in ipairs { "tool", "session", "status" } do
    run = part[name] and M.word(part[name]) and without(run, name) or run
  end
  return "exectrack report " .. run .. M.option("report", kind)
    .. M.option("exclude", part.exclude) .. M.option("tool", part.tool)
    .. M.option("session", part.session) .. M.option("status", part.status)
    .. M.option("last", is_part_of_newest and ("%d"):format(part.count) or nil)
end

--- A command; nil if it makes the overview of the runs that the words `run` name, which whoever
-- reads it has before them.
function M.other(run, command)
  return command ~= M.report(run) and command or nil
end

return M
