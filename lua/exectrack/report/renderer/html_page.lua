--- The frame of a page: its head, with the style, and its script.
-- Used only by the HTML renderer and `exectrack serve`.
local escape = require("exectrack.report.renderer.html_escape")
local style = require("exectrack.report.renderer.html_style")

local element = escape.element

-- The page can neither fetch nor send anything, and runs nothing but its own script, whatever is in
-- it.
local POLICY = "default-src 'none'; style-src 'unsafe-inline'; %sbase-uri 'none'; "
  .. "form-action 'none'"

--- A page with this title, whose main element has `body`, which is HTML; with a `script`, if any,
-- a table of its `text` and `hash`. It is well-formed XML.
return function(title, body, script)
  local policy = POLICY:format(script and "script-src '" .. script.hash .. "'; " or "")
  return table.concat({
    '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8"/>',
    element("meta", { "http-equiv", "Content-Security-Policy", "content", policy }),
    '<meta name="viewport" content="width=device-width, initial-scale=1"/>',
    '<meta name="color-scheme" content="light dark"/>',
    element("title", {}, escape.text(title)),
    "<style>\n" .. style .. "</style>\n</head>\n<body>\n<main>",
    body,
    "</main>" .. (script and "\n<script>" .. script.text .. "</script>" or ""),
    "</body>\n</html>\n",
  }, "\n")
end
