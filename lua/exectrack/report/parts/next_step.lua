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

--- The command that reports on the runs that the words `run` name: of `kind`, or the overview if it
-- is nil; of a tool, of a session, or without a tool, by the fields `tool`, `session` and `exclude`
-- of `part`, if it is given.
function M.report(run, kind, part)
  part = part or {}
  return "exectrack report " .. run .. M.option("report", kind)
    .. M.option("exclude", part.exclude) .. M.option("tool", part.tool)
    .. M.option("session", part.session)
end

return M
