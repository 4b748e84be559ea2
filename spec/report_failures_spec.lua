local assert = require("luassert")
local check = require("exectrack.report.check")
local clocks = require("spec.support.clock")
local exectrack = require("exectrack")
local failures = require("exectrack.report.builtin.failures")
local odd_runs = require("spec.support.odd_runs")
local random = require("spec.support.random")
local render = require("exectrack.report").render
local runs = require("spec.support.runs")
local sections = require("spec.support.sections")
local streaks = require("exectrack.report.parts.streaks")

local cells = sections.cells
local START = clocks.START_US / 1000000

local clock, tracker

before_each(function()
  clock = clocks.new()
  tracker = exectrack.new { max_history = 1000, clock = clock.read }
end)

--- Records an execution that ends a second after the one before.
local function record(tool, status, error_type, duration_ms)
  clock.advance_us(1000000)
  tracker:record(tool, status, duration_ms or 1, false, error_type)
end

local function report(options)
  local made = failures(tracker:snapshot(), options)
  assert.is_true(check(made))
  return made
end

local function section(title, options)
  return sections.find(report(options), title)
end

local function record_small_run()
  record("read", "failed", "ENOENT", 4)
  record("read", "success")
  record("grep", "timed_out", nil, 6.5)
  record("read", "failed", "EIO")
  record("read", "cancelled")
  record("read", "failed", "ENOENT", 2)
  record("grep", "success")
  record("ls", "success")
  record("grep", "failed", "ENOENT")
end

describe("a report of failures", function()
  it("says how many there are", function()
    record_small_run()
    local made = report()
    assert.equal("Failures", made.title)
    assert.equal("9 executions, 2026-01-01 00:00:01 to 2026-01-01 00:00:09 UTC", made.subtitle)
    local totals = made.sections[1]
    assert.equal("Totals", totals.title)
    assert.equal("figures", totals.layout)
    assert.equal("5 of 8 executions that were not cancelled failed or timed out.", totals.text)
    assert.same({ { 5 / 8, 4, 1, 14.5, START + 1, START + 9 } }, cells(totals))
  end)

  it("says it of one execution, too", function()
    record("read", "failed")
    record("read", "cancelled")
    assert.equal("1 of 1 execution that was not cancelled failed or timed out.",
      report().sections[1].text)
  end)

  it("counts them by error type, with the tools that had it most often first", function()
    record_small_run()
    assert.same({
      { "ENOENT", 3, 0, 0.6, 2, "read", "read, grep", START + 1, START + 9 },
      { "(none)", 1, 1, 0.2, 1, "grep", "grep", START + 3, START + 3 },
      { "EIO", 1, 0, 0.2, 1, "read", "read", START + 4, START + 4 },
    }, cells(section("By error type")))
  end)

  it("shows what the latest errors said, those first that came most often", function()
    tracker = exectrack.new { max_history = 1000, clock = clock.read, error_texts = 8 }
    local function fail(tool, error_type, message)
      tracker:record { tool = tool, status = "failed", duration_ms = 1, error_type = error_type,
        error_text = message }
    end
    fail("read", "ENOENT", "a: No such file")
    fail("grep", "ENOENT", "b: No such file")
    fail("read", "ENOENT", "c: No such file")
    fail("read", nil, "it broke")
    fail("ls", "EIO")
    assert.same({
      { "read", "ENOENT", 2, "c: No such file" },
      { "grep", "ENOENT", 1, "b: No such file" },
      { "read", "(none)", 1, "it broke" },
    }, cells(section("Latest messages")))
  end)

  it("has all tools of an error type in data, and one of them for people", function()
    for i = 1, 5 do
      record("tool " .. i, "failed", "EIO")
      record("tool 5", "failed", "EIO")
    end
    local made = report()
    assert.equal("tool 5, tool 1, tool 2, tool 3, tool 4",
      sections.find(made, "By error type").rows[1].tools)
    local shown = render(made, "text", { width = 200 })
    assert.truthy(shown:find("\nEIO .* 5  tool 5 .*\n\nBy tool\n"))
    assert.is_nil(shown:find("tool 5, tool 1", 1, true))
  end)

  it("counts them by tool, without tools that never failed and cancelled calls", function()
    record_small_run()
    assert.same({
      { "read", 4, 3, 0, 0.75 },
      { "grep", 3, 1, 1, 2 / 3 },
    }, cells(section("By tool")))
    assert.equal("Cancelled calls don't count.", section("By tool").text)
  end)

  it("tells of failures in a row, and when", function()
    record_small_run()
    assert.same({
      { "read", 2, START + 4, START + 6, 2 },
      { "grep", 1, START + 3, START + 3, 1 },
    }, cells(section("Streaks")))
  end)

  it("shows 50 error types and tools at first", function()
    for i = 1, 51 do
      record("tool " .. i, "failed", "E" .. i)
    end
    for _, title in ipairs { "By error type", "By tool", "Streaks" } do
      local its = section(title)
      assert.equal(51, #its.rows)
      assert.equal(50, its.limit)
    end
  end)

  it("counts the time of a failure within another one once, and says what is unknown", function()
    local function fail(fields)
      fields.tool, fields.status = "a", "failed"
      tracker:record(fields)
    end
    fail { duration_ms = 30, depth = 1, timestamp = START + 9.95 }
    fail { duration_ms = 100, timestamp = START + 10 }
    assert.equal(100, section("Totals").rows[1].own_ms)
    fail {}
    assert.matches(" Durations are those of the 2 executions that were measured%.$",
      section("Totals").text)
    tracker:clear()
    fail {}
    assert.same({}, { section("Totals").rows[1].own_ms, section("Totals").rows[1].waited_ms })
    assert.equal("1 of 1 execution that was not cancelled failed or timed out. How long they took "
      .. "is unknown.", section("Totals").text)
    fail { duration_ms = 7, timing = "elapsed" }
    assert.equal(7, section("Totals").rows[1].waited_ms)
    assert.equal("2 of 2 executions that were not cancelled failed or timed out.",
      section("Totals").text)
  end)

  it("draws the error rate over time", function()
    tracker = exectrack.new { max_history = 1000, clock = clock.read }
    for i = 1, 40 do
      record("a", i > 35 and "cancelled" or i % 4 == 0 and "failed" or "success")
    end
    local its = section("Over time")
    assert.equal("The share that failed or timed out, in intervals of 2 s.", its.text)
    assert.equal("line", its.chart.kind)
    assert.equal("percent", its.chart.unit)
    local points = its.chart.lines[1].points
    assert.same({ time = START, value = 0 }, points[1])
    assert.same({ time = START + 2, value = 0 }, points[2])
    assert.same({ time = START + 4, value = 0.5 }, points[3])
    assert.same({ time = START + 34, value = 0 }, points[18])
    assert.same({ time = START + 36 }, points[19]) -- all were cancelled
    assert.equal(21, #points)
  end)

  it("lists all, the newest first, of which some are shown at first", function()
    record_small_run()
    local its = section("Newest failures", { top = 2 })
    assert.same({ 2, "failures", 5 }, { its.limit, its.noun, #its.rows })
    local rows = cells(its)
    assert.same({
      { START + 9, "grep", "failed", 1, false, "ENOENT" },
      { START + 6, "read", "failed", 2, false, "ENOENT" },
    }, { rows[1], rows[2] })
    assert.equal(20, section("Newest failures").limit)
    assert.is_nil(section("Newest failures", { top = 0 }))
  end)

  it("says of which session each is if the run has several, though one has all", function()
    tracker:record { tool = "a", status = "failed", duration_ms = 1, session = "s" }
    assert.same({ { START, "a", "failed", 1, false, "-" } }, cells(section("Newest failures")))
    tracker:record { tool = "a", status = "success", duration_ms = 1, session = "t" }
    assert.same({ { START, "a", "s", "failed", 1, false, "-" } }, cells(section("Newest failures")))
  end)

  it("omits durations and times where none is known", function()
    for _ = 1, 2 do
      tracker:record { tool = "a", status = "failed", timestamp = false }
    end
    local made = report()
    assert.same({ { 1, 2, 0 } }, cells(made.sections[1]))
    assert.same({ { "(none)", 2, 0, 1, 1, "a", "a" } }, cells(section("By error type")))
    assert.same({ { "a", 2, 2 } }, cells(section("Streaks")))
    assert.same({ { "a", "failed", "untimed", false, "-" }, { "a", "failed", "untimed", false,
      "-" } }, cells(section("Newest failures")))
  end)

  it("has the figures of the whole run beside those of the records that are retained", function()
    tracker = exectrack.new { max_history = 3, clock = clock.read }
    for i, status in ipairs { "failed", "timed_out", "cancelled", "success", "failed" } do
      record(i == 2 and "write" or "read", status)
    end
    record("write", "success")
    local function figures(conditions, selection)
      local run = tracker:snapshot()
      local rows = failures(conditions and run:filter(conditions) or run,
        { retained = 3, selection = selection }).sections[1].rows
      local found = {}
      for i, row in ipairs(rows) do
        found[i] = { row.of, row.error_rate, row.failed, row.timed_out }
      end
      return found
    end
    local newest = { "newest 3", 1 / 3, 1, 0 }
    assert.same({ { "whole run", 3 / 5, 2, 1 }, newest }, figures())
    assert.same({ { "whole run", 2 / 3, 2, 0 }, { "newest 2", 1 / 2, 1, 0 } },
      figures({ tool = "read" }, { tool = { "read", "write", "read" }, exclude = { "write" } }))
    assert.same({ newest }, figures({ last = 3 }, { last = 3 }))
    assert.same({ { "newest 2", 1 / 2, 1, 0 } }, figures { last = 2 })
    record("write", "success")
    record("write", "success")
    assert.equal("No failures among the 3 executions that are retained; in the whole run, 2 of 4 "
      .. "executions failed or timed out.", failures(tracker:snapshot():filter { tool = "read" },
      { retained = 3, selection = { tool = { "read" } } }).sections[1].text)
  end)

  it("says so if there are none", function()
    record("read", "success")
    record("read", "cancelled")
    assert.same({ { title = "Totals", text = "No failures." } }, report().sections)
    tracker = exectrack.new { max_history = 2, clock = clock.read }
    for i = 1, 4 do
      record("read", i == 1 and "failed" or "success")
    end
    assert.equal("No failures among the 2 executions that are retained; in the whole run, 1 of "
      .. "4 executions failed or timed out.", report().sections[1].text)
    assert.equal("No failures among the 2 executions that are retained.",
      failures(tracker:snapshot():filter { last = 1 }, { retained = 2 }).sections[1].text)
    assert.equal("No failures among the 2 executions that are retained; in the whole run, 1 of "
      .. "4 executions failed or timed out.", failures(tracker:snapshot():filter { tool = "read" },
      { retained = 2, selection = { tool = { "read" } } }).sections[1].text)
    assert.same({ { title = "Totals", text = "No execution that has ended was chosen." } },
      failures(tracker:snapshot():filter { last = 0 }).sections)
  end)

  it("names the option that is wrong", function()
    assert.has_error(function() failures(tracker:snapshot(), { top = 1.5 }) end,
      "failures: option 'top': an integer from 0 expected, got 1.5")
  end)
end)

describe("streaks", function()
  --- When the latest failure before the record at `place` ended, in microseconds.
  local function last_failure_us(records, place)
    local last_us = 0
    for i = 1, place - 1 do
      local its = records[i]
      if its.tool == records[place].tool and not its.was_cached
        and (its.status == "failed" or its.status == "timed_out") then
        last_us = math.max(last_us, runs.end_us(its))
      end
    end
    return last_us
  end

  local function ends_streak(records, place)
    local its = records[place]
    return its.status == "success" and (not its.timestamp
      or runs.end_us(its) - runs.duration_us(its) >= last_failure_us(records, place))
  end

  --- The streaks of one tool, in the plainest way: stretches of its failures between successes that
  -- end a streak.
  local function model(records, tool)
    local stretches = { {} }
    for i, its in ipairs(records) do
      local counts = its.tool == tool and its.status ~= "cancelled" and not its.was_cached
      if counts and ends_streak(records, i) then
        stretches[#stretches + 1] = {}
      elseif counts and its.status ~= "success" then
        table.insert(stretches[#stretches], i)
      end
    end
    local streak = { longest = 0, current = #stretches[#stretches] }
    for _, places in ipairs(stretches) do
      if #places > streak.longest then
        streak.longest, streak.first, streak.last = #places, places[1], places[#places]
      end
    end
    return streak
  end

  it("are those of a plain model in random runs", function()
    random.seed("report_failures_spec")
    for _ = 1, 50 do
      local snapshot = runs.snapshot()
      local records, found = snapshot:records(), streaks(snapshot)
      for _, tool in ipairs(snapshot:tools()) do
        local expected, its = model(records, tool), found[tool] or { longest = 0, current = 0 }
        its.start, its.late, its.last_us = nil, nil, nil
        assert.same(expected, its)
      end
    end
  end)

  it("are the first of those that are as long", function()
    for _, status in ipairs { "failed", "timed_out", "success", "failed", "cancelled", "failed" } do
      record("a", status)
    end
    local its = streaks(tracker:snapshot()).a
    assert.same({ 2, 1, 2, 2 }, { its.longest, its.first, its.last, its.current })
  end)
end)

describe("a report of the failures of a run", function()
  for _, odd in ipairs(odd_runs.all()) do
    it(odd[1] .. " is a report", function()
      local made = failures(odd[2])
      assert.is_true(check(made))
      local failed = #odd[2]:filter { status = { "failed", "timed_out" } }
      assert.equal(failed > 0, #made.sections >= 5)
    end)
  end
end)
