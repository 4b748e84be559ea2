local portable = require("spec.support.portable")
local render = require("exectrack.report.renderer.text")
local reports = require("spec.support.reports")

local unpack = portable.unpack

--- The lines that draw a chart.
local function draw(chart, options)
  local report = { title = "", sections = { { title = "S", chart = chart } } }
  local text = assert(render(report, options))
  local lines = {}
  for line in text:gmatch("([^\n]*)\n") do
    lines[#lines + 1] = line
  end
  return portable.move(lines, 3, #lines, 1, {})
end

--- A timeline of spans `{ lane, from, to, status }`, the times in seconds from the start.
local function timeline(spans)
  local chart = { kind = "timeline", spans = {} }
  for i, span in ipairs(spans) do
    chart.spans[i] = { lane = span[1], from = reports.START + span[2],
      to = reports.START + span[3], status = span[4] }
  end
  return chart
end

--- A line chart of lines `{ label, { time, value }, … }`, the times in seconds from the start.
local function line_chart(lines, unit)
  local chart = { kind = "line", unit = unit, lines = {} }
  for i, line in ipairs(lines) do
    local points = {}
    for j = 2, #line do
      points[j - 1] = { time = reports.START + line[j][1], value = line[j][2] }
    end
    chart.lines[i] = { label = line[1], points = points }
  end
  return chart
end

describe("a chart in text", function()
  it("says that there is no data", function()
    assert.same({ "(no data)" }, draw { kind = "bars", bars = {} })
    assert.same({ "(no data)" }, draw { kind = "timeline", spans = {} })
    assert.same({ "(no data)" }, draw { kind = "density", every = 1, cells = {} })
    assert.same({ "(no data)" }, draw { kind = "histogram", buckets = {} })
    assert.same({ "(no data)" }, draw { kind = "line", lines = {} })
    assert.same({ "(no data)" }, draw(line_chart { { "a" }, { "b" } }))
  end)

  it("of bars draws one for each value, in proportion to the largest", function()
    local chart = { kind = "bars", unit = "ms", bars = {
      { label = "日本", value = 1000 }, { label = "half", value = 500, status = "failed" },
      { label = "a little", value = 0.25 }, { label = "none", value = 0 },
    } }
    assert.same({
      "日本      ████████████████████ 1.00 s",
      "half      ██████████ 500 ms",
      "a little  ▏ 0.25 ms",
      "none      0 ms",
    }, draw(chart, { width = 38 }))
    assert.same({ [[...\u{672c}  ################# 1.00 s]], "half         ######### 500 ms",
      "a little     # 0.25 ms", "none         0 ms" }, draw(chart, { width = 38, ascii = true }))
    local colored = draw(chart, { width = 38, color = true })
    assert.equal("half      \27[31m██████████\27[0m 500 ms", colored[2])
    assert.equal("a little  \27[36m▏\27[0m 0.25 ms", colored[3])
  end)

  it("of bars shortens long labels, and bars up to a limit", function()
    local chart = { kind = "bars", bars = { { label = "a long label", value = 1 } } }
    assert.same({ "a lon…  ██████████ 1" }, draw(chart, { width = 20 }))
    assert.same({ "a long label  " .. ("█"):rep(40) .. " 1" }, draw(chart, { width = 1000 }))
  end)

  it("of a histogram draws the range, a bar and the count of each bucket", function()
    local chart = { kind = "histogram", unit = "ms", buckets = {
      { from = 0, to = 1, count = 1000 }, { from = 1, to = 900, count = 0 },
      { from = 900, to = 1000, count = 250 },
    } }
    assert.same({
      "   0 ms – 1.00 ms  ████████████████ 1,000",
      "1.00 ms –  900 ms  0",
      " 900 ms –  1.00 s  ████ 250",
    }, draw(chart, { width = 41 }))
    assert.equal(" 900 ms -  1.00 s  #### 250", draw(chart, { width = 41, ascii = true })[3])
    assert.equal("   0 ms – 1.00 ms  1,000", draw(chart, { width = 25 })[1])
  end)

  it("of a timeline marks what ran when, by status", function()
    local chart = timeline {
      { "a", 0, 2, "success" }, { "b", 2, 3, "timed_out" }, { "a", 3, 3.25, "cancelled" },
      { "c", 4, 5, "warning" }, { "a", 6, 8, "failed" }, { "b", 6, 7.5 },
    }
    assert.same({
      "a │████████    ░           XXXXXXXX",
      "b │        XXXX            ▒▒▒▒▒▒",
      "c │                !!!!",
      "2026-01-01 00:00:00 UTC  + 8.00 s",
      "X failed, timed out  ! warning",
      "█ success  ░ cancelled  ▒ other",
    }, draw(chart, { width = 35 }))
    assert.same({
      "a |========    -           XXXXXXXX",
      "b |        XXXX            oooooo",
      "c |                !!!!",
      "2026-01-01 00:00:00 UTC  + 8.00 s",
      "X failed, timed out  ! warning",
      "= success  - cancelled  o other",
    }, draw(chart, { width = 35, ascii = true }))
    assert.equal("a │\27[32m████████\27[0m    \27[2m░\27[0m           \27[31mXXXXXXXX\27[0m",
      draw(chart, { width = 35, color = true })[1])
  end)

  it("of a timeline shows the worst of what shares a cell, and what takes no time", function()
    local chart = timeline {
      { "a", 0, 4.25, "success" }, { "a", 4.25, 4.5, "failed" }, { "a", 4.5, 8, "success" },
      { "a", 8, 8, "warning" }, { "a", 8, 32, "success" },
      { "b", 32, 32, "cancelled" }, { "b", 16, 16.5, "who knows" }, { "b", 16.5, 18, "cancelled" },
    }
    assert.same({ "a │████X███!███████████████████████", "b │                ░░             ░" },
      { unpack(draw(chart, { width = 35 }), 1, 2) })
    assert.same({ "a │█", "   2026-01-01 00:00:00 UTC     + 0 ms", "█ success" },
      draw(timeline { { "a", 0, 0, "success" } }, { width = 37 }))
  end)

  it("of a timeline takes a time as written in decimals for what it is meant to be", function()
    -- As a fraction of seconds since 1970, 0.3 becomes a little less and 0.4 a little more.
    assert.same({ "a │████      ██████████", "b │   XX" }, { unpack(draw(timeline {
      { "a", 0, 0.4, "success" }, { "b", 0.3, 0.5, "failed" }, { "a", 1, 2, "success" },
    }, { width = 23 }), 1, 2) })
  end)

  it("of a timeline keeps the lanes in their order, with as much of their names as fits", function()
    local lanes = draw(timeline { { "a tool with a long name", 0, 1 }, { "日本", 0, 1 },
      { "a\nb", 1, 2 }, { "日本", 1, 2 } }, { width = 40 })
    assert.same({ "a tool wi… │▒▒▒▒▒▒▒▒▒▒▒▒▒▒", "日本       │▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒",
      "a\\nb       │              ▒▒▒▒▒▒▒▒▒▒▒▒▒▒" }, { unpack(lanes, 1, 3) })
  end)

  it("of a timeline gives calls at the same time rows of their own, up to four", function()
    local spans = { { "b", 0, 1, "success" } }
    for i = 0, 5 do
      spans[#spans + 1] = { "a", i * 2, 26, i == 3 and "failed" or "success" }
    end
    spans[#spans + 1] = { "a", 28, 30, "success" }
    assert.same({
      "b │█",
      "a │██████████████████████████  ██",
      "  │  ████████████████████████",
      "  │    ██████████████████████",
      "  │      XXXXXXXXXXXXXXXXXXXX",
      "2026-01-01 00:00:00 UTC  + 30.0 s",
      "X failed  █ success",
      "More than 4 at once: 2 are drawn",
      "over others.",
    }, draw(timeline(spans), { width = 33 }))
  end)

  it("of a timeline draws what follows what ended at that time in the same row", function()
    local spans = {}
    for i = 0, 999 do
      spans[i + 1] = { "a", i / 10, (i + 1) / 10, "success" }
    end
    assert.matches("^   2026", draw(timeline(spans), { width = 80 })[2])
  end)

  it("of a timeline marks what is in flight, and begins where it says", function()
    local chart = timeline { { "a", -1000, 30, "in_flight" }, { "b", 0, 15, "success" } }
    chart.from = reports.START
    assert.same({ "a │>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>", "b │███████████████",
      "2026-01-01 00:00:00 UTC  + 30.0 s", "> in flight  █ success" },
      draw(chart, { width = 33 }))
  end)

  it("names the days that it shows", function()
    local day = 86400
    local function days(to, options)
      local lines = draw(timeline { { "a", day / 4, to, "success" } }, options)
      return lines[#lines - 2]
    end
    assert.equal("               01-02           01-03            01-04",
      days(4 * day, { width = 65 }))
    assert.equal("              01-01 12:00           01-02 00:00           01-02 12:00",
      days(1.75 * day, { width = 70 }))
    assert.equal("        2026-02-12    2026-06-04   2026-09-24    2027-01-14",
      days(500 * day, { width = 65 }))
  end)

  --- A density of cells `{ lane, day, count, failed }`.
  local function density(cells)
    local chart = { kind = "density", every = 86400, cells = {} }
    for i, its in ipairs(cells) do
      chart.cells[i] = { lane = its[1], time = reports.START + its[2] * 86400, count = its[3],
        failed = its[4] }
    end
    return chart
  end

  it("of a density draws counts, and the shares that failed", function()
    local chart = density { { "a", 0, 8, 0 }, { "a", 1, 4, 2 }, { "a", 5, 1, 1 },
      { "日本", 2, 1000, 0 } }
    assert.same({
      "a        │████▄▄▄▄            ▁▁▁▁     13",
      "  errors │    ▄▄▄▄            ████      3",
      "日本     │        ████              1,000",
      "          01-01   01-03   01-05",
      "          2026-01-01 00:00:00 UTC  + 6 d 00 h",
      "Each column is 1 d. Calls are as high as their",
      "share of the row's most, errors, which failed",
      "or timed out, as theirs of the calls.",
    }, draw(chart, { width = 46 }))
    assert.equal("  errors    |   :::         ###      3",
      draw(chart, { width = 42, ascii = true })[2])
  end)

  it("of a density ends its axis where the last column ends", function()
    assert.same({
      "a │" .. ("▆"):rep(23) .. ("█"):rep(23) .. "  7",
      "   01-01                  01-02",
      "   2026-01-01 00:00:00 UTC             + 2 d 00 h",
    }, { unpack(draw(density { { "a", 0, 3, 0 }, { "a", 1, 4, 0 } }, { width = 53 }), 1, 3) })
  end)

  it("of a density draws several intervals as one column where there are many", function()
    local cells = {}
    for i = 0, 99 do
      cells[i + 1] = { "a", i, i < 50 and 1 or 2, i >= 98 and 2 or 0 }
    end
    local lines = draw(density(cells), { width = 41 })
    assert.equal("a        │▄▄▄▄▄▄▄▄▄▄▄▄▆████████████  150", lines[1])
    assert.equal("  errors │                        ▄    4", lines[2])
    assert.equal("Each column is 4 d. Calls are as high as", lines[5])
  end)

  it("has labels that differ where the names differ only in the middle", function()
    local bars, spans, cells = {}, {}, {}
    for i, service in ipairs { "alpha", "gamma" } do
      local name = "mcp__company_" .. service .. "_service__read_the_file_now"
      bars[i], spans[i] = { label = name, value = 1 }, { name, 0, 1 }
      cells[i] = { name, 0, 1, 0 }
    end
    local function assert_labels(expected, chart)
      local drawn = table.concat(draw(chart, { width = 40 }), "\n")
      for _, label in ipairs(expected) do
        assert.truthy(drawn:find(label, 1, true), drawn)
      end
    end
    assert_labels({ "mcp_…al…ow │", "mcp_…ga…ow │" }, timeline(spans))
    assert_labels({ "mcp_…al…ow │", "mcp_…ga…ow │" }, density(cells))
    assert_labels({ "mcp__c…alp…ow  █", "mcp__c…gam…ow  █" }, { kind = "bars", bars = bars })
  end)

  it("of lines plots each over the time of all, from 0 to its largest value", function()
    local chart = line_chart({ { "up", { 0, 0 }, { 31, 24 } }, { "empty" }, { "日\n本", { 8, 12 } } },
      "count")
    assert.same({
      "up",
      "24 │                               █",
      "   │                               █",
      " 0 │▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁█",
      "empty",
      "(no data)",
      "日\\n本",
      "12 │        █",
      "   │        █",
      " 0 │        █",
      "2026-01-01 00:00:00 UTC  + 31.0 s",
    }, draw(chart, { width = 36 }))
  end)

  it("of lines shows the largest value where several share a cell, and those below 0", function()
    local chart = line_chart({ { "a", { 0, 6 }, { 0, 24 }, { 0.25, 12 }, { 8, 0 }, { 16, -24 },
      { 31, -24 } } })
    assert.same({
      "a",
      " 24 │█▂▂▂▂▂▂▂",
      "    │████████▄▄▄▄▄▄▄▄",
      "-24 │████████████████▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁",
    }, { unpack(draw(chart, { width = 37 }), 1, 4) })
  end)

  it("of lines has gaps where there is no value", function()
    local chart = line_chart({ { "a", { 0, 1 }, { 10 }, { 20, 1 } } }, "percent")
    chart.every = 10
    assert.same({
      "a",
      "100 % │██████████          ██████████",
      "      │██████████          ██████████",
      "  0 % │██████████          ██████████",
      "2026-01-01 00:00:00 UTC  + 30.0 s",
    }, draw(chart, { width = 37 }))
    assert.same({ "a", "(no data)" }, { unpack(draw(line_chart { { "a", { 0 }, { 10 } } }), 1, 2) })
  end)

  it("of lines uses three heights a line in ASCII", function()
    local points = { "a" }
    for i = 0, 9 do
      points[i + 2] = { i, i }
    end
    local chart = line_chart { points }
    assert.same({
      "a",
      "9 |                ..::#",
      "  |         ..::########",
      "0 |....:::##############",
    }, { unpack(draw(chart, { width = 24, ascii = true }), 1, 4) })
    assert.equal("0 │\27[36m▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁\27[0m",
      draw(line_chart { { "a", { 0, 0 }, { 8, 0 } } }, { width = 20, color = true })[4])
  end)

  it("copes with the largest numbers", function()
    local lines = draw({ kind = "timeline", spans = {
      { lane = "x", from = -1.7e308, to = 1.7e308 }, { lane = "y", from = 0, to = 1 },
    } }, { width = 23 })
    assert.same({ "x │" .. ("▒"):rep(20), "y │          ▒" }, { lines[1], lines[2] })
    lines = draw(line_chart { { "a", { 0, 1e308 }, { 1, -1e308 } } }, { width = 24 })
    assert.equal(" 1e+308 │██████████████", lines[2])
  end)
end)
