--- Executions over time as SVG, with a lane for each tool, or whatever the lanes are. Executions
-- that went wrong are also drawn higher, for readers who don't see colours.
-- Used only by the HTML renderer.
local axis = require("exectrack.report.renderer.html_axis")
local cell = require("exectrack.report.cell")
local escape = require("exectrack.report.renderer.html_escape")
local format = require("exectrack.report.format")
local scale = require("exectrack.report.renderer.html_scale")
local unicode = require("exectrack.report.unicode")

local element, percent = escape.element, escape.percent

local PITCH, TOP, HEIGHT = 40, 16, 18 -- from lane to lane; of a lane
local LABEL_WIDTH = 24 -- in columns

local TONES = { "good", "warning", "bad", "muted", "plain" }
local HEIGHTS = { good = 10, warning = 14, bad = 18, muted = 10, plain = 6 }
local STATUSES_SHOWN = 4 -- of each tone, in the legend
local LEAST_WIDTH = 0.001 -- at 0, a span and its outline wouldn't be drawn

local function tone(span)
  return cell.tone(span.status) or "plain"
end

--- The numbers of the lanes by name, their names in order, and the first and last time.
local function survey(spans)
  local numbers, names = {}, {}
  local low, high = spans[1].from, spans[1].to
  for _, span in ipairs(spans) do
    if not numbers[span.lane] then
      names[#names + 1] = span.lane
      numbers[span.lane] = #names
    end
    low, high = math.min(low, span.from), math.max(high, span.to)
  end
  return numbers, names, low, high
end

local function draw_lane(name, i)
  local y = (i - 1) * PITCH
  return element("rect", { "class", "track", "x", 0, "y", y + TOP, "width", "100%",
      "height", HEIGHT, "rx", 3 })
    .. element("text", { "class", "label", "x", 0, "y", y + 11 },
      element("title", {}, escape.text(name)) .. escape.markup(escape.short(name, LABEL_WIDTH)))
end

local function describe(span)
  local duration = format.duration((span.to - span.from) * 1000)
  local lines = {
    escape.text(span.lane),
    (span.status and escape.text(span.status) .. ", " or "") .. escape.text(duration),
    format.time(span.from) .. " UTC",
    span.label and escape.text(span.label),
  }
  return table.concat(lines, "\n")
end

local function draw_span(span, lane, position)
  local from, height = position(span.from), HEIGHTS[tone(span)]
  return element("rect", {
    "class", tone(span),
    "x", percent(from), "y", (lane - 1) * PITCH + TOP + (HEIGHT - height) / 2,
    "width", percent(math.max(LEAST_WIDTH, position(span.to) - from)), "height", height,
  }, element("title", {}, describe(span)))
end

--- Draws the spans; those that went wrong last, so that no other covers them.
local function draw_spans(spans, numbers, position)
  local parts = {}
  for _, is_bad in ipairs { false, true } do
    for _, span in ipairs(spans) do
      if (tone(span) == "bad") == is_bad then
        parts[#parts + 1] = draw_span(span, numbers[span.lane], position)
      end
    end
  end
  return table.concat(parts, "\n")
end

--- The statuses of `spans` by tone, each once.
local function statuses_by_tone(spans)
  local by_tone, seen = {}, {}
  for _, span in ipairs(spans) do
    local status = span.status or ""
    if not seen[status] then
      seen[status] = true
      local list = by_tone[tone(span)] or {}
      by_tone[tone(span)] = list
      list[#list + 1] = status == "" and "other" or unicode.visible(status)
    end
  end
  return by_tone
end

local function name_statuses(list)
  local shown = {}
  for i = 1, math.min(#list, STATUSES_SHOWN) do
    shown[i] = escape.short(list[i], LABEL_WIDTH)
  end
  if #list > STATUSES_SHOWN then
    shown[#shown + 1] = ("%d more"):format(#list - STATUSES_SHOWN)
  end
  return escape.markup(table.concat(shown, ", "))
end

local function draw_legend(spans)
  local by_tone, items = statuses_by_tone(spans), {}
  for _, name in ipairs(TONES) do
    if by_tone[name] then
      local height = HEIGHTS[name]
      local swatch = element("rect", { "class", name, "x", 1, "y", 10 - height / 2, "width", 16,
        "height", height })
      items[#items + 1] = "<li>" .. element("svg", { "width", 18, "height", 20, "aria-hidden",
        "true" }, swatch) .. name_statuses(by_tone[name]) .. "</li>"
    end
  end
  return '<ul class="legend">' .. table.concat(items) .. "</ul>"
end

--- The SVG of a chart; nil if it has no spans.
return function(chart)
  local spans = chart.spans
  if #spans == 0 then
    return nil
  end
  local numbers, names, low, high = survey(spans)
  local height = #names * PITCH
  local parts = { axis.times(low, high, height) }
  for i, name in ipairs(names) do
    parts[#parts + 1] = draw_lane(name, i)
  end
  parts[#parts + 1] = draw_spans(spans, numbers, scale.position(low, high))
  return {
    body = table.concat(parts, "\n"),
    height = height + axis.HEIGHT,
    summary = ("Executions: %d. Lanes: %d. From %s to %s UTC."):format(#spans, #names,
      format.time(low), format.time(high)),
    legend = draw_legend(spans),
    note = axis.times_note(low, high),
  }
end
