local check = require("exectrack.report.check")
local latency = require("exectrack.report.builtin.latency")
local made_up = require("spec.support.made_up")
local odd_runs = require("spec.support.odd_runs")
local portable = require("spec.support.portable")
local sections = require("spec.support.sections")
local text = require("exectrack.report.renderer.text")

local START = 1767225600

local titles = sections.titles

--- The values of one column of a section.
local function column(section, field)
  local values = {}
  for i, row in ipairs(section.rows) do
    values[i] = row[field]
  end
  return values
end

--- A run of 20 calls of a slow tool and 40 of a fast one.
local function two_tools()
  local executions = {}
  for i = 1, 60 do
    executions[i] = i % 3 == 0 and { tool = "slow", duration_ms = 100 + i }
      or { tool = "fast", duration_ms = i / 10 }
  end
  return made_up.run(executions, "two tools")
end

describe("the report on latency", function()
  it("says of which run it is", function()
    local report = latency(two_tools())
    assert.equal("Latency of two tools", report.title)
    assert.equal("60 executions, 2026-01-01 00:00:01 to 2026-01-01 00:01:00 UTC", report.subtitle)
    assert.same({ "By tool", "All tools together", "Over time", "Durations of slow",
      "Durations of fast" }, titles(report))
  end)

  it("has the quantiles of each tool, those first that took most time", function()
    local section = latency(two_tools()).sections[1]
    assert.same({ "slow", "fast" }, column(section, "tool"))
    assert.same({ 20, 40 }, column(section, "count"))
    assert.same({ 103, 0.1 }, column(section, "min_duration_ms"))
    assert.same({ 130, 2.9 }, column(section, "p50_duration_ms"))
    assert.same({ 154, 5.3 }, column(section, "p90_duration_ms"))
    assert.same({ 157, 5.6 }, column(section, "p95_duration_ms"))
    assert.same({ 160, 5.9 }, column(section, "p99_duration_ms"))
    assert.same({ 160, 5.9 }, column(section, "max_duration_ms"))
    assert.same({ 131.5, 3 }, column(section, "avg_duration_ms"))
    assert.same({ 2630, 120 }, column(section, "total_duration_ms"))
  end)

  it("has the quantiles of all tools together, if there are several", function()
    local section = latency(two_tools()).sections[2]
    assert.same({ { 60, 4.4, 142, 151, 160, 160 } }, sections.cells(section))
    assert.same({ "By tool", "Over time", "Durations of slow" },
      titles(latency(two_tools():filter { tool = "slow" })))
  end)

  it("sorts tools that took as long by their names", function()
    local run = made_up.run { { tool = "b", duration_ms = 1 }, { tool = "c", duration_ms = 1 },
      { tool = "a", duration_ms = 1 } }
    assert.same({ "a", "b", "c" }, column(latency(run).sections[1], "tool"))
  end)

  it("leaves out what a cache answered and what was cancelled, and says so", function()
    local run = made_up.run {
      { tool = "a", duration_ms = 1 },
      { tool = "a", duration_ms = 50, was_cached = true },
      { tool = "a", duration_ms = 60, status = "cancelled" },
      { tool = "a", duration_ms = 70, status = "cancelled", was_cached = true },
      { tool = "a", duration_ms = 3, status = "failed" },
      { tool = "a", duration_ms = 5, status = "timed_out" },
    }
    local section = latency(run).sections[1]
    assert.same({ 3 }, column(section, "count"))
    assert.same({ 5 }, column(section, "max_duration_ms"))
    assert.matches("\n\nLeft out: 2 calls that a cache answered, 1 cancelled call.$", section.text)
    assert.is_nil(latency(two_tools()).sections[1].text:find("Left out"))
  end)

  it("names the tools of which no call was measured, and draws nothing of them", function()
    local run = made_up.run { { tool = "a", duration_ms = 1 }, { tool = "b" },
      { tool = "c", duration_ms = 9, timing = "elapsed" }, { tool = "a" },
      { tool = "d", status = "cancelled" } }
    local report = latency(run)
    assert.matches("Left out: 1 cancelled call, 3 calls that weren't measured. "
      .. "No call of b, c was measured.", report.sections[1].text, 1, true)
    assert.same({ "By tool", "Durations of a" }, titles(report))
  end)

  it("draws the median and p95 over time, in intervals of a nice length", function()
    local section = latency(two_tools()).sections[3]
    assert.equal("All tools together, in intervals of 5 s by when calls ended.", section.text)
    local p50, p95 = portable.unpack(section.chart.lines)
    assert.same({ "p50", "p95" }, { p50.label, p95.label })
    assert.same({ 13, 13 }, { #p50.points, #p95.points })
    -- 0.1, 0.2, 103, 0.4 end in the first 5 seconds; 0.5, 106, 0.7, 0.8, 109 in the next ones.
    assert.same({ time = START, value = 0.2 }, p50.points[1])
    assert.same({ time = START, value = 103 }, p95.points[1])
    assert.same({ time = START + 5, value = 0.8 }, p50.points[2])
    assert.same({ time = START + 5, value = 109 }, p95.points[2])
    assert.same({ time = START + 60, value = 160 }, p95.points[13])
  end)

  it("draws nothing over time if there is but one interval", function()
    local run = made_up.run { { tool = "a", duration_ms = 1 } }
    assert.same({ "By tool", "Durations of a" }, titles(latency(run)))
  end)

  it("draws a histogram of the tools that took most time", function()
    local all = latency(two_tools(), { top = 1 }).sections
    assert.equal(4, #all)
    assert.equal("p50 130 ms, p95 157 ms. 20 calls, 2.63 s in all.", all[4].text)
    assert.same({ kind = "histogram", unit = "ms", buckets = {
      { from = 100, to = 110, count = 3 }, { from = 110, to = 120, count = 3 },
      { from = 120, to = 130, count = 3 }, { from = 130, to = 140, count = 4 },
      { from = 140, to = 150, count = 3 }, { from = 150, to = 160, count = 3 },
      { from = 160, to = 170, count = 1 },
    } }, all[4].chart)
    assert.equal(3, #latency(two_tools(), { top = 0 }).sections)
  end)

  it("shows no control characters of a tool's name in titles", function()
    local run = made_up.run { { tool = "a\n\27[31m", duration_ms = 1 } }
    assert.equal("Durations of a\\n\\x1b[31m", latency(run).sections[2].title)
  end)

  it("says so if there are no calls to time", function()
    assert.same({ { title = "By tool", text = "No calls to time." } },
      latency(made_up.run {}).sections)
    local run = made_up.run { { tool = "a", duration_ms = 1, status = "cancelled" } }
    assert.equal("No calls to time. Left out: 1 cancelled call.", latency(run).sections[1].text)
    assert.equal("Latency", latency(run).title)
  end)

  it("counts the records of a snapshot that is filtered", function()
    local report = latency(two_tools():filter { tool = "fast", last = 30 })
    assert.same({ 30 }, column(report.sections[1], "count"))
    assert.equal("30 of 60 executions, 2026-01-01 00:00:16 to 2026-01-01 00:00:59 UTC",
      report.subtitle)
  end)

  it("draws in text a gap where no calls ended", function()
    local executions = {}
    for i = 1, 6 do
      executions[i] = { tool = "a", duration_ms = i < 6 and 3 or 1,
        timestamp = START + (i < 6 and i or 100) }
    end
    local drawn = text(latency(made_up.run(executions), { top = 0 }), { width = 40, ascii = true })
    assert.matches("p50\n3.00 ms |##\n        |##\n   0 ms |##" .. (" "):rep(27) .. "##\np95\n",
      drawn, 1, true)
  end)

  it("is a report of any run", function()
    for _, odd in ipairs(odd_runs.all()) do
      local ok, message = check(latency(odd[2]))
      assert.is_true(ok, odd[1] .. ": " .. tostring(message))
    end
  end)

  it("names an option that is wrong", function()
    local run = made_up.run {}
    assert.has_error(function() latency(run, { top = -1 }) end,
      "latency: option 'top': an integer from 0 expected, got -1")
    assert.has_error(function() latency(run, { tools = 5 }) end,
      "latency: unknown option 'tools'")
  end)
end)
