--- Reports about a run: tables of data, which are rendered as text, Markdown, HTML, JSON or CSV.
-- library/exectrack/report.lua says what a report is. Any text in it may contain the name of a
-- tool, so the renderers escape it. What a program doesn't ask for isn't loaded.
local numbers = require("exectrack.numbers")

--- The function that a module is, which is loaded when it is called.
local function loaded_by(module)
  return function(...)
    return require(module)(...)
  end
end

local M = {
  check = loaded_by("exectrack.report.check"),
  format = require("exectrack.report.format"),
}
for _, name in ipairs { "overview", "failures", "latency", "loops", "sessions", "compare",
    "policy" } do
  M[name] = loaded_by("exectrack.report.builtin." .. name)
end

local IS_FORMAT = { text = true, markdown = true, html = true, json = true, csv = true }

--- Renders a report in a format. Raises an error for a wrong report, format or option.
function M.render(report, format_name, options)
  if not IS_FORMAT[format_name] then
    error("render: unknown format '" .. numbers.tostring(format_name)
      .. "', not one of 'text', 'markdown', 'html', 'json', 'csv'", 2)
  end
  local ok, message = M.check(report)
  if not ok then
    error("render: " .. message, 2)
  end
  local rendered
  rendered, message = require("exectrack.report.renderer." .. format_name)(report, options)
  if not rendered then
    error("render: " .. message, 2)
  end
  return rendered
end

return M
