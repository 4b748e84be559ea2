--- Text of CSV (RFC 4180), in UTF-8.
-- In use by reports and formats alone.
local json = require("exectrack.json")
local unicode = require("exectrack.report.unicode")

local M = {}

-- What makes a spreadsheet take text for a formula, also behind spaces: as one byte, and as the
-- full-width forms of four of them, U+FF1D, U+FF0B, U+FF0D and U+FF20.
local FORMULA = "^ *[=+@\t\r\n-]"
local WIDE_FORMULA = "^ *\239\188[\157\139\141\160]"

local function defused(text)
  return (text:find(FORMULA) or text:find(WIDE_FORMULA)) and "'" .. text or text
end

--- Empty text is quoted too, to be told from nil, and so are the separators of other dialects.
local function quoted(text)
  if text == "" or text:find('[",;\t\r\n]') then
    return '"' .. text:gsub('"', '""') .. '"'
  end
  return text
end

local CELLS = {
  ["nil"] = function()
    return ""
  end,
  boolean = tostring,
  number = function(number)
    local text = json.number(number)
    return text ~= "null" and text or ""
  end,
  string = function(text)
    return quoted(defused(unicode.visible_lines(unicode.valid(text))))
  end,
}

--- One line, with its end. Nil and numbers that aren't finite are empty. In text, each byte that
-- isn't UTF-8 becomes U+FFFD; what could harm where it is shown, other than tabs and ends of lines,
-- becomes an escape such as `\x1b`; and what a spreadsheet would take for a formula has an
-- apostrophe in front.
function M.row(values, count)
  local cells = {}
  for i = 1, count or #values do
    cells[i] = CELLS[type(values[i])](values[i])
  end
  if #cells == 1 and cells[1] == "" then
    return '""\r\n' -- an empty line would be no row
  end
  return table.concat(cells, ",") .. "\r\n"
end

return M
