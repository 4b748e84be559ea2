--- Writes text, numbers and elements as HTML that is also XML.
-- Used only by the HTML renderer.
local numbers = require("exectrack.numbers")
local unicode = require("exectrack.report.unicode")

local M = {}

local ENTITIES = {
  ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["'"] = "&#39;",
}

--- `visible`, text that is visible already, as the content of an element or attribute.
function M.markup(visible)
  return (visible:gsub("[&<>\"']", ENTITIES))
end

--- Any text as the content of an element or attribute, on one line.
function M.text(text)
  return M.markup(unicode.visible(text))
end

--- A number with up to two digits after the point.
function M.number(value)
  local text = numbers.fixed(value, 2):gsub("%.?0+$", "", 1)
  return text == "-0" and "0" or text
end

--- A share of a width, in percent; 1 is all of it.
function M.percent(fraction)
  return M.number(fraction * 100) .. "%"
end

--- An element. `attributes` is an array of names and values in turn; a value is text, a number, or
-- false for an attribute to leave out. `content` is HTML, or nil for an empty element.
function M.element(name, attributes, content)
  local parts = { "<" .. name }
  for i = 1, #attributes, 2 do
    local value = attributes[i + 1]
    if value then
      value = type(value) == "number" and M.number(value) or M.text(value)
      parts[#parts + 1] = " " .. attributes[i] .. '="' .. value .. '"'
    end
  end
  parts[#parts + 1] = content and ">" .. content .. "</" .. name .. ">" or "/>"
  return table.concat(parts)
end

return M
