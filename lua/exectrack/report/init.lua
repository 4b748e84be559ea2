--- Reports about a run: tables of data, which are rendered as text, Markdown, HTML, JSON or CSV.
-- library/exectrack/report.lua says what a report is. Any text in it may contain the name of a
-- tool, so the renderers escape it.
local check = require("exectrack.report.check")
local numbers = require("exectrack.numbers")
local format = require("exectrack.report.format")

local M = {
  check = check,
  format = format,
  overview = require("exectrack.report.builtin.overview"),
  failures = require("exectrack.report.builtin.failures"),
  latency = require("exectrack.report.builtin.latency"),
  loops = require("exectrack.report.builtin.loops"),
  compare = require("exectrack.report.builtin.compare"),
  policy = require("exectrack.report.builtin.policy"),
}

local RENDERERS = {
  text = require("exectrack.report.renderer.text"),
  markdown = require("exectrack.report.renderer.markdown"),
  html = require("exectrack.report.renderer.html"),
  json = require("exectrack.report.renderer.json"),
  csv = require("exectrack.report.renderer.csv"),
}

--- Renders a report in a format. Raises an error for a wrong report, format or option.
function M.render(report, format_name, options)
  local renderer = RENDERERS[format_name]
  if not renderer then
    error("render: unknown format '" .. numbers.tostring(format_name)
      .. "', not one of 'text', 'markdown', 'html', 'json', 'csv'", 2)
  end
  local ok, problem = check(report)
  if not ok then
    error("render: " .. problem, 2)
  end
  local rendered
  rendered, problem = renderer(report, options)
  if not rendered then
    error("render: " .. problem, 2)
  end
  return rendered
end

return M
