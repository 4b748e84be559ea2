--- Places in logs, such as `/home/me/logs/a.jsonl:12`, where there is little room.
-- Used only by the renderers of text and Markdown.
local unicode = require("exectrack.report.unicode")

local M = {}

-- How many columns a place takes in a table at most. The rest of a path is the same in most rows.
M.WIDEST = 32

--- The end of a visible text, at most `width` columns wide with `mark` before it: it has the line
-- and the file. It begins with a whole folder or file if one fits.
function M.cut(text, width, mark)
  if unicode.width(text) <= width then
    return text
  end
  local rest = unicode.suffix(text, width - unicode.width(mark))
  return mark .. (rest:match("[/\\].*") or rest)
end

return M
