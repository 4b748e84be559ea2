local portable = require("spec.support.portable")
local render = require("exectrack.report.renderer.html")
local reports = require("spec.support.reports")

local START = reports.START

--- A page with one chart.
local function page(chart)
  return assert(render { title = "R", sections = { { title = "S", chart = chart } } })
end

local function timeline(spans)
  return page { kind = "timeline", spans = spans }
end

local function all(text, pattern)
  local found = {}
  for capture in text:gmatch(pattern) do
    found[#found + 1] = capture
  end
  return found
end

local function has(text, part)
  assert.truthy(text:find(part, 1, true), part)
end

--- The shapes of a class: their places and sizes, "x y width height" each.
local function rectangles(html, class)
  local found = {}
  for attributes in html:match("<svg class=\"chart.*</svg>"):gmatch('<rect class="' .. class
      .. '"([^>]*)>') do
    found[#found + 1] = attributes:gsub(' rx="3"', ""):gsub("[ /]*%l+=\"([^\"]*)\"/?", " %1")
      :sub(2)
  end
  return found
end

describe("a chart as HTML", function()
  it("is an image with a name and a description", function()
    local html = page { kind = "bars", title = "Of <b>", bars = { { label = "a", value = 1 } } }
    has(html, '<figure>\n<figcaption id="chart-1">Of &lt;b&gt;</figcaption>\n'
      .. '<svg class="chart bars" height="36" role="img" aria-labelledby="chart-1" '
      .. 'aria-describedby="chart-1-summary"><desc id="chart-1-summary">'
      .. "Bars: 1. The longest: a, 1.</desc>")
  end)

  it("is named by its section if it has no title", function()
    local html = page { kind = "bars", bars = { { label = "a", value = 1 } } }
    has(html, '<figure>\n<svg class="chart bars" height="36" role="img" '
      .. 'aria-labelledby="section-1"')
  end)

  it("has its figures as a table", function()
    has(page { kind = "bars", unit = "ms", bars = { { label = "a", value = 1 } } },
      "<details>\n<summary>Figures of this chart</summary>\n<div class=\"table\">\n"
      .. '<div class="scroll" role="region" tabindex="0" aria-labelledby="section-1">')
  end)

  it("has times of another zone in that table, too", function()
    has(render({ title = "t", sections = { { title = "s", chart = { kind = "timeline",
      spans = { { lane = "a", from = 0, to = 1 } } } } } }, { timezone = 60 }),
      '<time datetime="1970-01-01T00:00:00Z">1970-01-01 01:00:00</time></td>')
  end)

  it("has the first 200 of very many figures", function()
    local bars = {}
    for i = 1, 1201 do
      bars[i] = { label = "b" .. i, value = i }
    end
    local html = page { kind = "bars", bars = bars }
    has(html, "<p>The first 200 of 1,201.</p>")
    assert.equal(201, #all(html, "(<tr>)"))
    assert.equal(1201, #rectangles(html, "plain"))
    bars = portable.move(bars, 1, 200, 1, {})
    html = page { kind = "bars", bars = bars }
    assert.is_nil(html:find("The first", 1, true))
    assert.equal(201, #all(html, "(<tr>)"))
  end)

  it("says that there is nothing to draw", function()
    for _, chart in ipairs { { kind = "bars", bars = {} }, { kind = "timeline", spans = {} },
        { kind = "density", every = 1, cells = {} },
        { kind = "histogram", buckets = {} }, { kind = "line", lines = {} },
        { kind = "line", lines = { { label = "a", points = {} } } } } do
      chart.title = "T"
      has(page(chart), '<figcaption id="chart-1">T</figcaption>\n<p class="empty">No data</p>\n'
        .. "</figure>")
    end
  end)

  it("has only finite numbers, whatever is drawn", function()
    local huge, tiny = 1.7e308, 5e-324
    for _, pair in ipairs { { -huge, huge }, { huge, huge }, { tiny, tiny }, { 0, tiny }, { 0, 0 },
        { -huge, -huge }, { 1e17, 1e17 + 16 }, { -tiny, 0 } } do
      local from, to = pair[1], pair[2]
      local charts = { timeline { { lane = "a", from = from, to = to } },
        page { kind = "bars", bars = { { label = "a", value = math.abs(to) } } } }
      for _, unit in ipairs { false, "ms", "percent", "count", "bytes" } do
        charts[#charts + 1] = page { kind = "line", unit = unit or nil, lines = { { label = "a",
          points = { { time = from, value = from }, { time = to, value = to } } } } }
        charts[#charts + 1] = page { kind = "histogram", unit = unit or nil, buckets = {
          { from = from, to = to, count = math.abs(to) }, { from = to, to = to, count = 1 } } }
      end
      for _, html in ipairs(charts) do
        local svg = html:match("<svg class=\"chart.*</svg>")
        for name, value in svg:gmatch(' ([%l%d]+)="([^"]*)"') do
          if name == "x" or name == "y" or name == "width" or name == "height" then
            assert.truthy(value:find("^%-?[%d.]+%%?$"), value)
          elseif name == "points" then
            assert.truthy(value:find("^[%d., ]+$"), value)
          end
        end
      end
    end
  end)
end)

describe("bars as HTML", function()
  it("are as long as their share of the longest", function()
    local html = page { kind = "bars", unit = "ms", bars = { { label = "a", value = 50 },
      { label = "b", value = 200, status = "failed" }, { label = "c", value = 0 } } }
    assert.same({ "0 16 25% 12" }, rectangles(html, "plain"))
    assert.same({ "0 52 100% 12" }, rectangles(html, "bad"))
    assert.same({ "0 16 100% 12", "0 52 100% 12", "0 88 100% 12" }, rectangles(html, "track"))
    has(html, '<text class="value" x="100%" y="47">200 ms, failed</text>')
    has(html, "<title>b\n200 ms, failed</title>")
  end)

  it("have short labels, cut in the middle, and the whole ones as tooltips", function()
    local html = page { kind = "bars", bars = { { label = ("x"):rep(25) .. "<", value = 1 } } }
    has(html, ">" .. ("x"):rep(12) .. "…" .. ("x"):rep(10) .. "&lt;</text>")
    has(html, "<title>" .. ("x"):rep(25) .. "&lt;\n1</title>")
  end)
end)

describe("a timeline as HTML", function()
  it("places spans in the lanes in which they come, those that went wrong last", function()
    local html = timeline {
      { lane = "b", from = 100, to = 102, status = "success" },
      { lane = "a", from = 104, to = 106, status = "failed" },
      { lane = "b", from = 105, to = 107, status = "cancelled" },
      { lane = "a", from = 108, to = 108 },
      { lane = "b", from = 107, to = 110, status = "warning" },
    }
    assert.same({ "0% 20 20% 10" }, rectangles(html, "good"))
    assert.same({ "40% 56 20% 18" }, rectangles(html, "bad"))
    assert.same({ "50% 20 20% 10" }, rectangles(html, "muted"))
    assert.same({ "80% 62 0.1% 6" }, rectangles(html, "plain"))
    assert.same({ "70% 18 30% 14" }, rectangles(html, "warning"))
    assert.same({ "0 16 100% 18", "0 56 100% 18" }, rectangles(html, "track"))
    assert.same({ "track", "good", "muted", "warning", "track", "plain", "bad" },
      all(html:match("<svg class=\"chart.*</svg>"), '<rect class="(%l+)"'))
    assert.same({ "b", "a" }, all(html, '<text class="label"[^>]*><title>(.-)</title>'))
    has(html, "Executions: 5. Lanes: 2. From 1970-01-01 00:01:40 to 1970-01-01 00:01:50 UTC.")
  end)

  it("has labels that differ where the names differ only in the middle", function()
    local bars, spans, cells, lines = {}, {}, {}, {}
    for i, service in ipairs { "alpha", "gamma" } do
      local name = "mcp__company_" .. service .. "_service__read_the_file_now"
      bars[i], spans[i] = { label = name, value = 1 }, { lane = name, from = 0, to = 1 }
      cells[i] = { lane = name, time = 0, count = 1 }
      lines[i] = { label = "list_all_" .. name, points = { { time = 0, value = 1 } } }
    end
    for _, html in ipairs { timeline(spans), page { kind = "bars", bars = bars },
        page { kind = "density", every = 1, cells = cells } } do
      assert.same({ "mcp__compan…alpha_…e_now", "mcp__compan…gamma_…e_now" },
        all(html, '<text class="label"[^>]*><title>[^<]*</title>([^<]*)</text>'))
    end
    assert.same({ "list_all_mcp__compa…alpha_serv…_file_now",
      "list_all_mcp__compa…gamma_serv…_file_now" },
      all(page { kind = "line", lines = lines }, "</svg>([^\n<]+)</li>"))
  end)

  it("tells of each span what it was", function()
    local html = timeline {
      { lane = "a<", from = START, to = START + 1.5, status = "failed", label = "E\n&" },
      { lane = "b", from = START, to = START },
    }
    has(html, "<title>a&lt;\nfailed, 1.50 s\n2026-01-01 00:00:00 UTC\nE\\n&amp;</title>")
    has(html, "<title>b\n0 ms\n2026-01-01 00:00:00 UTC</title>")
    has(timeline { { lane = "a", from = START, to = START, status = "failed", untimed = true } },
      "<title>a\nfailed, duration unknown\n2026-01-01 00:00:00 UTC</title>")
    html = timeline { { lane = "a", from = START, to = START + 1e-6, status = "success" } }
    has(html, "<title>a\nsuccess, &lt;0.01 ms\n2026-01-01 00:00:00 UTC</title>")
    assert.is_nil(html:match("<svg class=\"chart.*</svg>"):find("<[^%a/]"))
  end)

  it("draws calls at the same time below each other, up to four", function()
    local spans = {}
    for i = 1, 6 do
      spans[i] = { lane = "a", from = i, to = 11, status = "success" }
    end
    spans[7] = { lane = "b", from = 1, to = 2, status = "success" }
    local html = timeline(spans)
    assert.same({ "0% 20 100% 10", "10% 40 90% 10", "20% 60 80% 10", "30% 80 70% 10",
      "40% 80 60% 10", "50% 80 50% 10", "0% 120 10% 10" }, rectangles(html, "good"))
    assert.equal(5, #rectangles(html, "track"))
    has(html, "Times are UTC, 1970-01-01. More than 4 at once: 2 are drawn over others.</p>")
  end)

  it("marks what is in flight, and begins where it says", function()
    local html = page { kind = "timeline", from = START, spans = {
      { lane = "a", from = START - 1000, to = START + 10, status = "in_flight" },
      { lane = "b", from = START, to = START + 5, status = "success" } } }
    assert.same({ "0% 18 100% 14" }, rectangles(html, "flight"))
    has(html, "<title>a\nin flight, 16 min 50 s\n2025-12-31 23:43:20 UTC</title>")
    has(html, "Lanes: 2. From 2026-01-01 00:00:00 to 2026-01-01 00:00:10 UTC.")
  end)

  it("explains its colours, each status once", function()
    local spans = {}
    for i, status in ipairs { "failed", "odd 1<b>", "success", "timed_out", "failed", "odd 2",
      "odd 3", "odd 4", "odd 5", "odd 6" } do
      spans[i] = { lane = "a", from = i, to = i + 1, status = status }
    end
    spans[#spans + 1] = { lane = "a", from = 1, to = 2 }
    assert.same({ "failed, timed out", "success", "odd 1&lt;b&gt;, odd 2, odd 3, odd 4, 3 more" },
      all(timeline(spans), "</svg>([^\n]-)</li>"))
    has(timeline { { lane = "a", from = 1, to = 2 } }, "</svg>other</li>")
  end)

  it("takes little space for each span", function()
    local spans = {}
    for i = 1, 500 do
      spans[i] = { lane = "tool " .. i % 8, from = START + i, to = START + i + 0.5,
        status = "success" }
    end
    local html = timeline(spans)
    assert.equal(500, #rectangles(html, "good"))
    local bytes = #html - #page { kind = "timeline", spans = {} }
    assert.is_true(bytes < 150000, bytes)
  end)
end)

describe("a density as HTML", function()
  it("has columns as high as the counts, with the share that failed at their feet", function()
    local html = page { kind = "density", every = 3600, cells = {
      { lane = "a<", time = START, count = 8 },
      { lane = "a<", time = START + 3 * 3600, count = 4, failed = 2 },
      { lane = "b", time = START + 3600, count = 1000, failed = 1 } } }
    assert.same({ "0% 16 25% 28", "75% 30 25% 14", "25% 66 25% 28" }, rectangles(html, "column"))
    assert.same({ "75% 37 25% 7", "25% 92 25% 2" }, rectangles(html, "bad"))
    has(html, "<title>a&lt;\n4 calls, 2 errors\n2026-01-01 03:00:00 UTC</title>")
    has(html, '<text class="value" x="100%" y="11">12, 2 errors</text>')
    assert.same({ "errors: failed or timed out", "other calls" }, all(html, "</svg>([^\n<]+)</li>"))
    has(html, "Each column is 1 h, as high as its share of the row&#39;s most. "
      .. "Times are UTC, 2026-01-01.")
  end)
end)

describe("a histogram as HTML", function()
  it("has equally wide buckets, and a gap where there are none", function()
    local html = page { kind = "histogram", unit = "ms", buckets = {
      { from = 1, to = 2, count = 5 }, { from = 2, to = 4, count = 20 },
      { from = 8, to = 16, count = 0 }, { from = 16, to = 32, count = 10 } } }
    assert.same({ "0% 135 22.22% 45", "22.22% 0 22.22% 180", "77.78% 90 22.22% 90" },
      rectangles(html, "column"))
    assert.same({ "0% 0 22.22% 180", "22.22% 0 22.22% 180", "55.56% 0 22.22% 180",
      "77.78% 0 22.22% 180" }, rectangles(html, "touch"))
    assert.same({ '0%" y="196" text-anchor="start">1.00 ms',
      '22.22%" y="196" text-anchor="middle">2.00 ms',
      '44.44%" y="196" text-anchor="middle">4.00 ms',
      '55.56%" y="196" text-anchor="middle">8.00 ms',
      '77.78%" y="196" text-anchor="middle">16.0 ms',
      '100%" y="196" text-anchor="end">32.0 ms' },
      all(html, '<text class="tick[ %l]*" x="([%d.]+%%.-)</text>'))
    assert.same({ "2.00 ms", "8.00 ms", "32.0 ms" }, all(html, '"tick minor"[^>]*>(.-)<'))
    has(html, "<title>2.00 ms to 4.00 ms\n20</title>")
    has(html, "Values: 35. Most, 20, from 2.00 ms to 4.00 ms.")
  end)

  it("labels eight of many buckets at most", function()
    local buckets = {}
    for i = 1, 30 do
      buckets[i] = { from = i, to = i + 1, count = 1 }
    end
    local html = page { kind = "histogram", buckets = buckets }
    assert.same({ "1", "5", "9", "13", "17", "21", "25", "29" },
      all(html, '<text class="tick[ %l]*" x="%d[^>]*>(.-)<'))
  end)
end)

describe("lines as HTML", function()
  it("go through their points", function()
    local html = page { kind = "line", unit = "ms", lines = {
      { label = "a", points = { { time = START, value = 100 }, { time = START + 60, value = 0 },
        { time = START + 120, value = 25 } } },
      { label = "b<", points = { { time = START + 30, value = 400 } } },
    } }
    assert.same({ "0,150 500,200 1000,187.5", "250,0" },
      all(html:match('<svg class="stretched".-</svg>'), ' points="([^"]*)"'))
    has(html, '<circle class="line-1 dash-1" cx="50%" cy="200" r="3.5"><title>a\n0 ms\n'
      .. "2026-01-01 00:01:00 UTC</title></circle>")
    has(html, '<circle class="line-2 dash-2" cx="25%" cy="0" r="3.5"><title>b&lt;\n400 ms\n')
    has(html, 'points="0,10 32,10"/></svg>b&lt;</li>')
    has(html, '<line class="grid" x1="0" y1="150" x2="100%" y2="150"/>'
      .. '<text class="tick" x="-8" y="154" text-anchor="end">100 ms</text>')
    has(html, '<line class="axis" x1="0" y1="200" x2="100%" y2="200"/>')
    has(html, '<p class="note">Times are UTC, 2026-01-01.</p>')
  end)

  it("have gaps where points have no value, and are as long as their intervals", function()
    local chart = { kind = "line", every = 60, lines = { { label = "a", points = {
      { time = START, value = 100 }, { time = START + 60 }, { time = START + 120, value = 50 },
      { time = START + 180, value = 25 } } } } }
    local html = page(chart)
    assert.same({ "0,0 250,0", "500,100 750,100 750,150 1000,150" },
      all(html:match('<svg class="stretched".-</svg>'), ' points="([^"]*)"'))
    assert.same({ "12.5%", "62.5%", "87.5%" }, all(html, '<circle[^>]* cx="([^"]*)"'))
  end)

  it("are told apart by colour and dashes, 20 of them", function()
    local lines, seen = {}, {}
    for i = 1, 20 do
      lines[i] = { label = "l" .. i, points = { { time = 0, value = i } } }
    end
    local html = page { kind = "line", lines = lines }
    for _, class in ipairs(all(html, '<circle class="(line%-[1-5] dash%-[1-4])"')) do
      assert.is_nil(seen[class], class)
      seen[class] = true
    end
    assert.equal(20, #all(html, "(<circle)"))
  end)

  it("have no marks where points are too many to point at", function()
    local points = {}
    for i = 1, 201 do
      points[i] = { time = i, value = i ~= 20 and i ~= 22 and i or nil }
    end
    local chart = { kind = "line", lines = { { label = "a", points = points } } }
    assert.equal(1, #all(page(chart), "(<circle)")) -- the one between the gaps
    table.remove(points)
    assert.equal(198, #all(page(chart), "(<circle)"))
  end)
end)

describe("the axes of charts as HTML", function()
  it("have a note that says which days they show", function()
    local function note(from, to)
      return timeline({ { lane = "a", from = from, to = to } }):match('<p class="note">(.-)</p>')
    end
    assert.equal("Times are UTC, 2026-01-01.", note(START, START + 86399))
    assert.equal("Times are UTC, 2026-01-01 to 2026-01-02.", note(START, START + 86400))
    assert.equal("Times are UTC.", note(-1, START))
  end)

  it("hide every second label of times on narrow pages", function()
    local html = timeline { { lane = "a", from = START, to = START + 10 } }
    assert.same({ "00:00:00", "00:00:04", "00:00:08" }, all(html, '"tick"[^>]*>(.-)<'))
    assert.same({ "00:00:02", "00:00:06", "00:00:10" }, all(html, '"tick minor"[^>]*>(.-)<'))
    has(html, '<text class="tick minor" x="20%" y="56" text-anchor="middle">00:00:02</text>')
    has(html, '<line class="grid" x1="20%" y1="0" x2="20%" y2="44"/>')
  end)
end)
