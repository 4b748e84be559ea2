--- The axes of charts, as SVG. Horizontal positions are shares of the chart's width, and vertical
-- ones pixels: so a chart is as wide as the page allows, with text as large as the page's.
-- Used only by the HTML renderer.
local cell = require("exectrack.report.cell")
local escape = require("exectrack.report.renderer.html_escape")
local scale = require("exectrack.report.renderer.html_scale")

local M = {}

local element, percent = escape.element, escape.percent

-- How high the labels below a chart are.
M.HEIGHT = 22

local LABEL_WIDTH = 20 -- in columns
local FIGURE_WIDTH = 12

--- Text below a chart that is `height` high. At the chart's ends, it is aligned to stay inside.
function M.tick(position, height, text, is_minor)
  return element("text", {
    "class", is_minor and "tick minor" or "tick",
    "x", percent(position), "y", height + 16,
    "text-anchor", position < 0.04 and "start" or position > 0.96 and "end" or "middle",
  }, escape.markup(escape.short(text, LABEL_WIDTH)))
end

--- The axis below a chart over time. A narrow page shows every second label.
function M.times(low, high, height)
  local ticks, step = scale.times(low, high)
  local position = scale.position(low, high)
  local is_one_day = scale.day(low) == scale.day(high)
  local parts = {}
  for i, time in ipairs(ticks) do
    local x = position(time)
    parts[i] = element("line", { "class", "grid", "x1", percent(x), "y1", 0, "x2", percent(x),
      "y2", height + 4 }) .. M.tick(x, height, scale.time_label(time, step, is_one_day), i % 2 == 0)
  end
  return table.concat(parts, "\n")
end

--- A note with the time zone and the days, which the labels of an axis may not show.
function M.times_note(low, high)
  local first, last = scale.day(low), scale.day(high)
  if not first or not last then
    return "Times are UTC."
  end
  return "Times are UTC, " .. first .. (first == last and "." or " to " .. last .. ".")
end

--- The axis on the left of a chart that is `height` high, with a horizontal line for each of
-- `ticks`.
function M.figures(ticks, unit, height)
  local position = scale.position(ticks[1], ticks[#ticks])
  local parts = {}
  for i, value in ipairs(ticks) do
    local y = height * (1 - position(value))
    parts[i] = element("line", { "class", value == 0 and "axis" or "grid", "x1", 0, "y1", y,
        "x2", "100%", "y2", y })
      .. element("text", { "class", "tick", "x", -8, "y", y + 4, "text-anchor", "end" },
        escape.markup(escape.short(cell.text(value, unit), FIGURE_WIDTH)))
  end
  return table.concat(parts, "\n")
end

return M
