local random = require("spec.support.random")
local render = require("exectrack.report.renderer.text")
local reports = require("spec.support.reports")
local unicode = require("exectrack.report.unicode")

local rng = random.integer

local WIDTHS = { 40, 60, 80, 120, 200 }

local STATUSES = { "success", "failed", "timed_out", "cancelled", "in_flight", "a|b",
  ("あ"):rep(30) }

--- A name: a hostile one, or a long one of wide characters.
local function name()
  local i = rng(0, #reports.HOSTILE)
  return i == 0 and ("日"):rep(rng(1, 200)) or reports.HOSTILE[i]
end

local DRAWN = {
  bars = function(chart)
    chart.bars[#chart.bars + 1] = { label = name(), value = 10 ^ rng(-3, 15),
      status = STATUSES[rng(1, #STATUSES)] }
  end,
  timeline = function(chart)
    local from = reports.START + rng(0, 10 ^ rng(0, 8))
    chart.spans[#chart.spans + 1] = { lane = name(), from = from, to = from + rng(0, 100000),
      status = STATUSES[rng(1, #STATUSES)] }
  end,
  density = function(chart)
    local count = rng(0, 10 ^ rng(0, 9))
    chart.cells[#chart.cells + 1] = { lane = name(), time = reports.START + rng(0, 500) * 3600,
      count = count, failed = rng(0, count) }
  end,
  histogram = function(chart)
    local from = chart.buckets[1] and chart.buckets[#chart.buckets].to or rng(0, 1000)
    chart.buckets[#chart.buckets + 1] = { from = from, to = from + rng(1, 10 ^ rng(1, 9)),
      count = rng(0, 10 ^ rng(0, 12)) }
  end,
  line = function(chart)
    local points, time = {}, reports.START
    for i = 1, rng(0, 50) do
      points[i] = { time = time, value = rng(1, 3) > 1 and rng(0, 10 ^ rng(0, 12)) or nil }
      time = time + rng(0, 3) * 3600
    end
    chart.lines[#chart.lines + 1] = { label = name(), points = points }
  end,
}

local FIELDS = { bars = "bars", timeline = "spans", density = "cells", histogram = "buckets",
  line = "lines" }
local UNITS = { "ms", "percent", "count", "bytes" }

describe("charts in text", function()
  random.seed("renderer_text_chart_width_spec")

  for _, kind in ipairs { "bars", "timeline", "density", "histogram", "line" } do
    it("of the kind " .. kind .. " are nowhere wider than the terminal", function()
      for round = 1, 12 do
        local chart = { kind = kind, [FIELDS[kind]] = {} }
        chart.unit = kind ~= "timeline" and kind ~= "density" and UNITS[rng(1, #UNITS)] or nil
        chart.every = (kind == "density" or kind == "line" and round % 2 == 0) and 3600 or nil
        for _ = 1, rng(1, 40) do
          DRAWN[kind](chart)
        end
        for i, width in ipairs(WIDTHS) do
          local text = assert(render({ title = "R", sections = { { title = "S", chart = chart } } },
            { width = width, ascii = (round + i) % 2 == 0, timezone = rng(-700, 700) }))
          for line in text:gmatch("[^\n]+") do
            assert.is_true(unicode.width(line) <= width, width .. ": " .. line)
          end
          assert.is_nil((round + i) % 2 == 0 and text:find("[\128-\255]") or nil)
        end
      end
    end)
  end
end)
