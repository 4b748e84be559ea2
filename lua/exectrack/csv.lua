--- Text of CSV (RFC 4180), in UTF-8.
-- Used only by reports and formats.
local json = require("exectrack.json_text")
local unicode = require("exectrack.report.unicode")

local M = {}

--- By it, Excel knows UTF-8.
M.BYTE_ORDER_MARK = "\239\187\191"

-- What begins a formula: one of these bytes, or the full-width form of one, U+FF1D, U+FF0B, U+FF0D
-- and U+FF20.
local SIGN, WIDE_SIGN = "[=+@-]", "\239\188[\157\139\141\160]"

-- The beginnings of text that a spreadsheet would run as a formula, also after spaces. Also behind
-- apostrophes, so that a formula's cell and that of the same text with an apostrophe differ.
local FORMULAS = { "^'* *" .. SIGN, "^'* *" .. WIDE_SIGN, "^'* *[\t\r\n]" }

-- A reader that takes other separators begins cells within text, where there may be quotes, too.
local SEPARATOR = "[;\t\r\n]"
local INNER_FORMULAS = { "^[\"' ]*" .. SIGN, "^[\"' ]*" .. WIDE_SIGN }

local function has_formula(text, patterns, first)
  for _, pattern in ipairs(patterns) do
    if text:find(pattern, first) then
      return true
    end
  end
  return false
end

--- `text` with an apostrophe in front of each formula.
local function defused(text)
  if text:find(SEPARATOR) then
    text = text:gsub("(" .. SEPARATOR .. ")()", function(separator, first)
      return has_formula(text, INNER_FORMULAS, first) and separator .. "'" or nil
    end)
  end
  return has_formula(text, FORMULAS, 1) and "'" .. text or text
end

--- The text of a cell of `row`, which has an apostrophe in front of each formula.
function M.text(cell)
  if cell:find(SEPARATOR .. "'") then
    cell = cell:gsub("(" .. SEPARATOR .. ")()'", function(separator, first)
      return has_formula(cell, INNER_FORMULAS, first) and separator or nil
    end)
  end
  return cell:find("^'") and has_formula(cell, FORMULAS, 1) and cell:sub(2) or cell
end

--- Also quotes empty text, which differs from nil then, and text with separators of other dialects.
local function quoted(text)
  if text == "" or text:find('[",;\t\r\n]') then
    return '"' .. text:gsub('"', '""') .. '"'
  end
  return text
end

-- Control characters but tabs and ends of lines, in UTF-8: those of ASCII and those behind it.
local CONTROLS, LATE_CONTROLS = "[%z\1-\8\11\12\14-\31\127]", "\194[\128-\159]"

--- `text` as UTF-8 with escapes for control characters. All else is data, and stays.
local function printable(text)
  text = unicode.valid(text):gsub(CONTROLS, unicode.visible)
  return (text:gsub(LATE_CONTROLS, unicode.visible))
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
    return quoted(defused(printable(text)))
  end,
}

--- One line, with its end. Nil and numbers that aren't finite are empty. In text, each byte that
-- isn't UTF-8 becomes U+FFFD; control characters, other than tabs and ends of lines, become escapes
-- such as `\x1b`; and an apostrophe precedes what a spreadsheet would run as a formula, also one
-- behind apostrophes, or behind what another separator could be, within the text.
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
