--- Bars as SVG, one below the other.
-- Used only by the HTML renderer.
local cell = require("exectrack.report.cell")
local escape = require("exectrack.report.renderer.html_escape")

local element, percent = escape.element, escape.percent

local PITCH, TOP, HEIGHT = 36, 16, 12 -- from bar to bar; of a bar
local LABEL_WIDTH, VALUE_WIDTH = 24, 22 -- in columns

--- The value of a bar, and the status that its colour means.
local function describe(bar, unit)
  local text = cell.text(bar.value, unit)
  return bar.status and bar.status ~= "" and text .. ", " .. bar.status or text
end

local function draw_bar(bar, i, length, unit)
  local y = (i - 1) * PITCH
  local described = describe(bar, unit)
  return "<g>" .. element("title", {}, escape.text(bar.label) .. "\n" .. escape.text(described))
    .. element("text", { "class", "label", "x", 0, "y", y + 11 },
      escape.markup(escape.short(bar.label, LABEL_WIDTH)))
    .. element("text", { "class", "value", "x", "100%", "y", y + 11 },
      escape.markup(escape.short(described, VALUE_WIDTH)))
    .. element("rect", { "class", "track", "x", 0, "y", y + TOP, "width", "100%",
      "height", HEIGHT, "rx", 3 })
    .. (length > 0 and element("rect", { "class", cell.tone(bar.status) or "plain", "x", 0,
      "y", y + TOP, "width", percent(length), "height", HEIGHT, "rx", 3 }) or "")
    .. "</g>"
end

local function summarize(chart)
  local largest = chart.bars[1]
  for _, bar in ipairs(chart.bars) do
    largest = bar.value > largest.value and bar or largest
  end
  return ("Bars: %d. The longest: "):format(#chart.bars) .. largest.label .. ", "
    .. cell.text(largest.value, chart.unit) .. "."
end

--- The SVG of a chart; nil if it has no bars.
return function(chart)
  if #chart.bars == 0 then
    return nil
  end
  local lengths = cell.bars({ field = "value" }, chart.bars)
  local parts = {}
  for i, bar in ipairs(chart.bars) do
    parts[i] = draw_bar(bar, i, lengths[i], chart.unit)
  end
  return {
    body = table.concat(parts, "\n"),
    height = #parts * PITCH,
    summary = summarize(chart),
  }
end
