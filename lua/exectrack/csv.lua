--- Text of CSV (RFC 4180), in UTF-8.
-- Used only by reports and formats.
local json = require("exectrack.json_text")
local unicode = require("exectrack.report.unicode")

local M = {}

-- The beginning of text that a spreadsheet would run as a formula, also after spaces: one of these
-- bytes, or the full-width form of one, U+FF1D, U+FF0B, U+FF0D and U+FF20. Also behind apostrophes,
-- so that a formula's cell and that of the same text with an apostrophe differ.
local FORMULA = "^'* *[=+@\t\r\n-]"
local WIDE_FORMULA = "^'* *\239\188[\157\139\141\160]"

local function has_formula(text)
  return text:find(FORMULA) or text:find(WIDE_FORMULA)
end

local function defused(text)
  return has_formula(text) and "'" .. text or text
end

--- The text of a cell of `row`, which has an apostrophe in front of a formula.
function M.text(cell)
  return cell:find("^'") and has_formula(cell) and cell:sub(2) or cell
end

--- Also quotes empty text, which differs from nil then, and text with separators of other dialects.
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
-- isn't UTF-8 becomes U+FFFD; harmful characters, other than tabs and ends of lines, become escapes
-- such as `\x1b`; and an apostrophe precedes what a spreadsheet would run as a formula, also one
-- behind apostrophes.
function M.row(values, count)
  local cells = {}
  for i = 1, count or #values do
    cells[i] = CELLS[type(values[i])](values[i])
  end
  if #cells == 1 and cells[1] == "" then
    return '""\r\n' -- an empty line isn't a row
  end
  return table.concat(cells, ",") .. "\r\n"
end

return M
