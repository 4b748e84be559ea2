--- Reports: what a run says, as data, and as text, Markdown, HTML, JSON or CSV.
--
-- A report is a table:
--
-- - `title`; optionally `subtitle`
-- - `sections`: an array
--
-- A section:
--
-- - `title`; optionally `text`, in which an empty line begins a new paragraph
-- - optionally `columns` and `rows`, a table. A row is a table of strings, numbers and booleans by
--   field; it may have fields that no column names, so the rows of `group_by` will do
-- - `layout`: `"figures"` shows each row as a list of headings and values, `"table"` is the default
-- - optionally `chart`
--
-- A column:
--
-- - `field`: which field of the rows it shows; `heading`: what stands above it (the field)
-- - `unit`: what the values are, which says how they are aligned and written: `"ms"`, a duration;
--   `"percent"`, a share, of which 1 is all; `"count"`; `"bytes"`; `"time"`, Unix seconds;
--   `"status"`, text that is coloured by its meaning: `success`, `better` and `ok` are good,
--   `bad`, `failed`, `timed_out`, `worse` and `deny` bad, `warning` and `warn` in between,
--   `cancelled`, `allow`, `small` and `noise` pale. Without a unit: text, or plain numbers
-- - `bar`: true draws its values as bars
--
-- A chart has a `kind`, optionally a `title` (the section's), and what it draws:
--
-- - `"bars"`: `bars`, an array of `{ label =, value =, status = }`; `unit`
-- - `"timeline"`: `spans`, an array of `{ lane =, from =, to =, status =, label = }`, from and to
--   in Unix seconds; the lanes are in the order in which they come
-- - `"histogram"`: `buckets`, an array of `{ from =, to =, count = }`, ascending; `unit` of from
--   and to
-- - `"line"`: `lines`, an array of `{ label =, points = { { time =, value = }, … } }`, ascending by
--   time in Unix seconds; `unit` of the values
--
-- A unit of a chart is `"ms"`, `"percent"`, `"count"` or `"bytes"`; without one, plain numbers.
-- Values are finite.
--
-- A report is made by a function of a snapshot and a table of options. Those below are such, and
-- all of them count what the snapshot's records say; only what policies denied and what is in
-- flight is that of the whole run. Any text may come from the name of a tool:
-- the renderers escape it.
-- @module exectrack.report
local check = require("exectrack.report.check")
local numbers = require("exectrack.numbers")

--- How figures are written: @{exectrack.report.format}.
-- @field format
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

--- Renders a report. O(rows).
-- @function render
-- @tparam table report
-- @tparam string format_name `"text"`, `"markdown"`, `"html"`, `"json"` or `"csv"`
-- @tparam[opt] table options of that format. For text: `width`, the columns that it may take (80),
--   `color`, whether to use the colours of a terminal (false), `ascii`, whether to draw with ASCII
--   alone (false). For CSV: `section`, the number or title of the one section to render (all, each
--   row with its section's title in front)
-- @treturn string
-- @raise an error that names what is wrong with the report, the format or an option
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
