--- What charts are made of as SVG: axes with round figures and times, and legends. Horizontal
-- positions are shares of the chart's width, and vertical ones pixels: so a chart is as wide as the
-- page allows, with text as large as the page's.
-- Used only by the HTML renderer.
local cell = require("exectrack.report.cell")
local charts = require("exectrack.report.chart")
local format = require("exectrack.report.format")
local html = require("exectrack.report.renderer.html_markup")
local steps = require("exectrack.report.steps")
local unicode = require("exectrack.report.unicode")
local words = require("exectrack.report.parts.words")

local M = {}

local element, percent = html.element, html.percent

-- How high the labels below a chart are.
M.AXIS_HEIGHT = 22

local LABEL_WIDTH, TICK_WIDTH, FIGURE_WIDTH = 24, 20, 12 -- in columns
local MOST_TIMES = 6

--- `text`, made visible, and cut to `width` columns, as the content of an element.
function M.short(text, width)
  return html.markup(charts.short(text, width))
end

--- A bar or a part of one. `x` and `width` are shares, `y` and `height` pixels.
function M.rectangle(class, x, y, width, height, content)
  return element("rect", { "class", class, "x", percent(x), "y", y, "width", percent(width),
    "height", height }, content)
end

--- The empty track of a lane.
function M.track(y, height)
  return element("rect", { "class", "track", "x", 0, "y", y, "width", "100%", "height", height,
    "rx", 3 })
end

--- What `label` shows of all bars or lanes: their names, `field` of each, with all of a name as a
-- tooltip.
function M.labels(elements, field)
  local names, labels = {}, {}
  for i, its in ipairs(elements) do
    names[i] = unicode.name(its[field])
  end
  for i, short in ipairs(charts.labels(names, LABEL_WIDTH)) do
    labels[i] = element("title", {}, html.markup(names[i])) .. html.markup(short)
  end
  return labels
end

--- The label of a bar or a lane that begins at `y`.
function M.label(label, y)
  return element("text", { "class", "label", "x", 0, "y", y + 11 }, label)
end

--- What a bar or a lane amounts to.
function M.value(text, y)
  return element("text", { "class", "value", "x", "100%", "y", y + 11 }, html.markup(text))
end

--- Text below a chart that is `height` high. At the chart's ends, it is aligned to stay inside.
function M.tick(position, height, text, is_minor)
  return element("text", {
    "class", is_minor and "tick minor" or "tick",
    "x", percent(position), "y", height + 16,
    "text-anchor", position < 0.04 and "start" or position > 0.96 and "end" or "middle",
  }, M.short(text, TICK_WIDTH))
end

--- The axis below a chart over time. A narrow page shows every second label.
function M.times(low, high, height, zone)
  local parts = {}
  for i, tick in ipairs(steps.ticks(low, high, MOST_TIMES, zone)) do
    local x = charts.position(tick.time, low, high)
    parts[i] = element("line", { "class", "grid", "x1", percent(x), "y1", 0, "x2", percent(x),
      "y2", height + 4 }) .. M.tick(x, height, tick.text, i % 2 == 0)
  end
  return table.concat(parts, "\n")
end

--- A note with the time zone and the days, which the labels of an axis may not show.
function M.times_note(low, high, zone)
  local first, last = steps.day(low, zone), steps.day(high, zone)
  local note = "Times are " .. format.zone(zone)
  if not first or not last then
    return note .. "."
  end
  return note .. ", " .. first .. (first == last and "." or " to " .. last .. ".")
end

--- From when to when a chart is, in words.
function M.period(low, high, zone)
  return "From " .. words.from_to(low, high, zone)
end

local function binary_step(least)
  return 2 ^ math.ceil(math.log(least) / math.log(2) - 1e-9)
end

-- The smallest steps at which labels still differ.
local STEPS = {
  ms = function(least)
    if least <= 1000 then
      return math.max(0.01, steps.decimal(least))
    end
    return 1000 * steps.time(least / 1000)
  end,
  percent = function(least)
    return math.max(0.001, steps.decimal(least))
  end,
  count = function(least)
    return math.max(1, steps.decimal(least))
  end,
  bytes = function(least)
    return math.max(1, binary_step(least))
  end,
}

--- Round values for an axis of figures of `unit`: 5 or a few more. The axis begins and ends with
-- such a value, and includes 0, `low` and `high`.
function M.round_figures(low, high, unit)
  low, high = math.min(low, 0), math.max(high, 0)
  if low == high then
    high = 1
  end
  local step = (STEPS[unit] or steps.decimal)(high / 4 - low / 4)
  return steps.multiples(step, math.floor(low / step), math.ceil(high / step)) or { low, high }
end

--- The axis on the left of a chart that is `height` high, with a horizontal line for each of
-- `ticks`.
function M.figures(ticks, unit, height)
  local parts = {}
  for i, value in ipairs(ticks) do
    local y = height * (1 - charts.position(value, ticks[1], ticks[#ticks]))
    parts[i] = element("line", { "class", value == 0 and "axis" or "grid", "x1", 0, "y1", y,
        "x2", "100%", "y2", y })
      .. element("text", { "class", "tick", "x", -8, "y", y + 4, "text-anchor", "end" },
        M.short(cell.text(value, unit), FIGURE_WIDTH))
  end
  return table.concat(parts, "\n")
end

--- A legend of items `{ swatch, text }`: the SVG of a swatch that is `width` wide and 20 high, and
-- HTML.
function M.legend(items, width)
  local parts = {}
  for i, item in ipairs(items) do
    parts[i] = "<li>" .. element("svg", { "width", width, "height", 20, "aria-hidden", "true" },
      item[1]) .. item[2] .. "</li>"
  end
  return '<ul class="legend">' .. table.concat(parts) .. "</ul>"
end

--- The swatch of bars of a class, `height` high.
function M.swatch(class, height)
  return element("rect", { "class", class, "x", 1, "y", 10 - height / 2, "width", 16,
    "height", height })
end

return M
