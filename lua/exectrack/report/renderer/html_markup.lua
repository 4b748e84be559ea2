--- Writes HTML that is also XML: text, numbers, elements, and the frame of a page.
-- Used only by the HTML renderer and `exectrack serve`.
local numbers = require("exectrack.numbers")
local style = require("exectrack.report.renderer.html_style")
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

-- The page can neither fetch nor send anything, and runs nothing but its own script, whatever is in
-- it.
local POLICY = "default-src 'none'; style-src 'unsafe-inline'; %sbase-uri 'none'; "
  .. "form-action 'none'"

--- A page with this title, whose main element has `body`, which is HTML; with a `script`, if any,
-- a table of its `text` and `hash`. It is well-formed XML.
function M.page(title, body, script)
  local policy = POLICY:format(script and "script-src '" .. script.hash .. "'; " or "")
  return table.concat({
    '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8"/>',
    M.element("meta", { "http-equiv", "Content-Security-Policy", "content", policy }),
    '<meta name="viewport" content="width=device-width, initial-scale=1"/>',
    '<meta name="color-scheme" content="light dark"/>',
    M.element("title", {}, M.text(title)),
    "<style>\n" .. style .. "</style>\n</head>\n<body>\n<main>",
    body,
    "</main>" .. (script and "\n<script>" .. script.text .. "</script>" or ""),
    "</body>\n</html>\n",
  }, "\n")
end

return M
