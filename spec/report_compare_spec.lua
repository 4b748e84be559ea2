local check = require("exectrack.report.check")
local clocks = require("spec.support.clock")
local compare = require("exectrack.report.builtin.compare")
local exectrack = require("exectrack")
local golden = require("spec.support.golden")
local made_up = require("spec.support.made_up")
local odd_runs = require("spec.support.odd_runs")
local portable = require("spec.support.portable")
local sections = require("spec.support.sections")
local text = require("exectrack.report.renderer.text")

-- Lehmer's generator: from 0 to below 1, the same everywhere.
local function generator(seed)
  return function()
    seed = seed * 48271 % 2147483647
    return seed / 2147483647
  end
end

--- Appends `count` calls of `tool` to `executions`: number i takes `base_ms` + i milliseconds, and
-- the first `failures` of them fail or time out in turn.
local function calls(executions, tool, count, base_ms, failures)
  for i = 1, count do
    executions[#executions + 1] = { tool = tool, duration_ms = base_ms + i,
      status = i > (failures or 0) and "success" or i % 2 == 0 and "timed_out" or "failed" }
  end
  return executions
end

--- The report on two runs, each of which is given by lists of arguments of `calls`.
local function report_on(before, after, options)
  local runs = {}
  for i, lists in ipairs { before, after } do
    local executions = {}
    for _, list in ipairs(lists) do
      calls(executions, portable.unpack(list))
    end
    runs[i] = made_up.run(executions)
  end
  options = options or {}
  options.before = runs[1]
  return compare(runs[2], options)
end

--- The row of `tool`, or the first of all tools for nil, in a section of the report; or nil.
local function row_of(report, title, tool)
  for _, section in ipairs(report.sections) do
    for _, row in ipairs(section.title == title and section.rows or {}) do
      if row.tool == tool then
        return row
      end
    end
  end
end

--- A row without what no column shows, and without its probability.
local function without_tests(row)
  row.p, row.least_p, row.longer_share = nil, nil, nil
  return row
end

local function verdicts(report, tool)
  local duration = row_of(report, "Durations by tool", tool)
  local failure = row_of(report, "Failures by tool", tool)
  return { duration and duration.verdict, failure and failure.verdict }
end

describe("the comparison of two runs", function()
  it("says which tools became slower and faster", function()
    local report = report_on({ { "a", 20, 100 }, { "b", 20, 100 } },
      { { "a", 20, 150 }, { "b", 20, 50 } })
    assert.same({ { "worse" }, { "better" } }, { verdicts(report, "a"), verdicts(report, "b") })
    assert.equal("Slower: a (median 160 ms, was 110 ms).\n\n"
      .. "Faster: b (median 60.0 ms, was 110 ms).", report.sections[1].text)
  end)

  it("has the figures of both runs", function()
    local report = report_on({ { "a", 20, 100, 4 } }, { { "a", 25, 150, 5 } })
    local duration = row_of(report, "Durations by tool", "a")
    local failure = row_of(report, "Failures by tool", "a")
    for _, row in ipairs { duration, failure } do -- what no column shows
      row.longer_share, row.least_p = nil, nil
    end
    assert.same({ tool = "a", verdict = "worse", before_count = 16, after_count = 20,
      before_p50_ms = 112, after_p50_ms = 165, p50_change = 165 / 112 - 1, before_p95_ms = 120,
      after_p95_ms = 174, tail_verdict = "too few", p = 7.6e-07 }, duration)
    assert.same({ tool = "a", verdict = "noise", before_count = 20, after_count = 25,
      before_rate = 0.2, after_rate = 0.2, p = 1 }, failure)
  end)

  it("says which tools fail more and less", function()
    local report = report_on({ { "a", 40, 1000, 2 }, { "b", 40, 1000, 30 } },
      { { "a", 40, 1000, 20 }, { "b", 40, 1000, 8 } })
    assert.same({ "small", "worse" }, verdicts(report, "a"))
    assert.same({ "small", "better" }, verdicts(report, "b"))
    assert.equal("Fails more often: a (50.0 %, was 5.0 %).\n\n"
      .. "Fails less often: b (20.0 %, was 75.0 %).", report.sections[1].text)
    assert.same({ "a", "b" }, { report.sections[4].rows[1].tool, report.sections[4].rows[2].tool })
  end)

  it("finds failures that are spread over many tools", function()
    local before, after = {}, {}
    for i = 1, 20 do
      before[i], after[i] = { "t" .. i, 20, 10 }, { "t" .. i, 20, 10, 2 }
    end
    local report = report_on(before, after)
    assert.equal("Fails more often: all tools (10.0 %, was 0 %).", report.sections[1].text)
    assert.same({ "too few" }, { row_of(report, "Failures by tool", "t1").verdict })
    assert.same({ what = "failures", verdict = "worse", before_count = 400,
      after_count = 400, before_rate = 0, after_rate = 0.1 },
      without_tests(row_of(report, "All tools together", nil)))
  end)

  it("tests a new tool against all tools before", function()
    local before = { { "a", 200, 10, 4 } }
    local report = report_on(before, { { "a", 200, 10, 4 }, { "new", 10, 1, 10 } })
    assert.matches("^Fails more often: new %(100 %%, a new tool; all tools before: 2.0 %%%)%.",
      report.sections[1].text)
    assert.equal("new", row_of(report, "Durations by tool", "new").verdict)
    report = report_on(before, { { "a", 200, 10, 4 }, { "new", 10, 1, 1 } })
    assert.equal("new", row_of(report, "Failures by tool", "new").verdict)
  end)

  it("finds slow calls that got slower while the median stayed", function()
    local before, after = {}, {}
    for i = 1, 200 do
      before[i] = { tool = "a", duration_ms = 100 + i % 10 }
      after[i] = { tool = "a", duration_ms = i <= 170 and 100 + i % 10 or 60000 }
    end
    local report = compare(made_up.run(after), { before = made_up.run(before) })
    assert.equal("Slow calls got slower: a (p95 1 min 00 s, was 109 ms).", report.sections[1].text)
    local row = row_of(report, "Durations by tool", "a")
    assert.same({ "worse", 0.15 }, { row.tail_verdict, row.after_slow_rate })
  end)

  it("says of slow calls whether there were too few to test", function()
    --- The verdict on the slow calls of 200, so many of which take longer than the p95 before.
    local function verdict_on(slow)
      local before, after = {}, {}
      for i = 1, 200 do
        before[i] = { tool = "a", duration_ms = 100 + i }
        after[i] = { tool = "a", duration_ms = i <= 200 - slow and 100 + i % 180 or 500 }
      end
      for _, run in ipairs { before, after } do
        for i = 1, 19 do
          run[200 + i] = { tool = "b", duration_ms = i }
        end
      end
      local report = compare(made_up.run(after), { before = made_up.run(before) })
      assert.equal("too few", row_of(report, "Durations by tool", "b").tail_verdict)
      return row_of(report, "Durations by tool", "a").tail_verdict
    end
    assert.equal("noise", verdict_on(10))
    assert.equal("worse", verdict_on(40))
    local list = {}
    for i = 1, 20 do
      list[i] = { tool = "a", duration_ms = i }
    end
    local few = made_up.run(list)
    local report = compare(few, { before = few })
    assert.equal("too few", row_of(report, "Durations by tool", "a").tail_verdict)
  end)

  it("finds slow calls that are spread over many tools", function()
    local before, after = {}, {}
    for i = 1, 400 do
      before[i] = { tool = "t" .. i % 10, duration_ms = 100 + i % 7 }
      after[i] = { tool = "t" .. i % 10, duration_ms = i <= 20 and 60000 or 100 + i % 7 }
    end
    local report = compare(made_up.run(after), { before = made_up.run(before) })
    assert.equal("Slow calls got slower: all tools (5.0 % are among their tool's slowest 5 %, "
      .. "was 0 %).", report.sections[1].text)
    report = compare(made_up.run(before), { before = made_up.run(after) })
    assert.equal("Slow calls got faster: all tools (0 % are among their tool's slowest 5 %, "
      .. "was 5.0 %).", report.sections[1].text)
  end)

  it("finds that all tools got slower, each of which has too few calls to show it", function()
    local before, after = {}, {}
    for i = 1, 20 do
      before[i], after[i] = { "t" .. i, 3, 100 * i }, { "t" .. i, 3, 130 * i }
    end
    local report = report_on(before, after)
    assert.equal("Slower: all tools (durations as multiples of each tool's median: +29.9 %).",
      report.sections[1].text)
    assert.same({ "too few" }, verdicts(report, "t1"))
    assert.equal("No clear difference.", report_on(before, before).sections[1].text)
  end)

  it("takes no multiples of a median of 0", function()
    local function run(base_ms, slow_ms, zero_tools)
      local executions = {}
      for i = 1, 400 do
        executions[i] = { tool = "t" .. i % 10, duration_ms = base_ms + i % 7 }
      end
      for i = 1, 40 * zero_tools do
        executions[#executions + 1] = { tool = "z" .. i % zero_tools,
          duration_ms = i % 10 < 2 and slow_ms or 0 }
      end
      return made_up.run(executions)
    end
    local function together(zero_tools)
      local report = compare(run(130, 5000, zero_tools), { before = run(100, 1, zero_tools) })
      return report.sections[#report.sections]
    end
    local expected, with_zeros = together(0), together(2)
    assert.equal(2, #expected.rows)
    for i, row in ipairs(expected.rows) do
      assert.same({ row.what, row.before_count, row.change }, { with_zeros.rows[i].what,
        with_zeros.rows[i].before_count, with_zeros.rows[i].change })
    end
    assert.equal(expected.text .. " 2 tools whose median is 0 are left out.", with_zeros.text)
  end)

  it("takes no other mix of tools for slower calls", function()
    local function run(slow_count)
      local executions = {}
      for i = 1, 220 do
        executions[i] = i <= slow_count and { tool = "slow", duration_ms = 5000 + i % 7 }
          or { tool = "fast", duration_ms = 10 + i % 7 }
      end
      return made_up.run(executions)
    end
    assert.equal("No clear difference.", compare(run(200), { before = run(20) }).sections[1].text)
  end)

  it("finds what is cancelled more often", function()
    local before, after = calls({}, "a", 500, 1), calls({}, "a", 500, 1)
    for _ = 1, 500 do
      after[#after + 1] = { tool = "b", duration_ms = 1, status = "cancelled" }
    end
    before[#before + 1] = { tool = "b", duration_ms = 1 }
    local report = compare(made_up.run(after), { before = made_up.run(before) })
    assert.equal("Cancelled more often: b (100 %, was 0 %).", report.sections[1].text)
  end)

  it("takes runs that are the same for noise", function()
    local lists = { { "a", 30, 10, 9 } }
    local report = report_on(lists, lists)
    assert.same({ "noise", "noise" }, verdicts(report, "a"))
    assert.equal("No clear difference.", report.sections[1].text)
    report = report_on(lists, lists, { significance = 1 })
    assert.same({ "noise", "noise" }, verdicts(report, "a"))
  end)

  it("finds medians that hardly differ small, however sure that they do", function()
    local lists = { { { "a", 40, 1000 } }, { { "a", 40, 1045 } } }
    local report = report_on(lists[1], lists[2])
    assert.same({ "small" }, verdicts(report, "a"))
    assert.is_true(row_of(report, "Durations by tool", "a").p < 0.01)
    assert.equal("No clear difference.", report.sections[1].text)
    report = report_on(lists[1], lists[2], { least_change = 0.04 })
    assert.same({ "worse" }, verdicts(report, "a"))
    assert.matches("Medians that differ by less than 4 %, or against the rest of the values, "
      .. "hardly differ.", report.sections[2].text, 1, true)
  end)

  it("finds a median that changed by exactly least_change changed", function()
    local function verdict(ms)
      local runs = {}
      for run, duration_ms in ipairs { 100, ms } do
        local executions = {}
        for i = 1, 20 do
          executions[i] = { tool = "a", duration_ms = duration_ms }
        end
        runs[run] = made_up.run(executions)
      end
      return verdicts(compare(runs[2], { before = runs[1] }), "a")[1]
    end
    assert.same({ "better", "small", "noise", "small", "worse" },
      { verdict(95), verdict(95.001), verdict(100), verdict(104.999), verdict(105) })
  end)

  it("finds shares of failures that hardly differ small", function()
    local function verdict(before, after, options)
      local report = report_on({ { "a", 2000, 1, before } }, { { "a", 2000, 1, after } }, options)
      return verdicts(report, "a")[2], report
    end
    assert.equal("small", verdict(0, 19))
    assert.equal("small", verdict(19, 0))
    assert.equal("worse", verdict(0, 20)) -- 1 %
    assert.equal("better", verdict(20, 0))
    local _, report = verdict(0, 19)
    assert.equal("No clear difference.", report.sections[1].text)
    assert.matches("Shares that differ by less than 1 in a hundred hardly differ.",
      report.sections[3].text, 1, true)
    local changed
    changed, report = verdict(0, 19, { least_rate_change = 0.005 })
    assert.equal("worse", changed)
    assert.matches("less than 0.5 in a hundred hardly differ.", report.sections[3].text, 1, true)
  end)

  it("finds a change from no time at all", function()
    local function executions(ms)
      local list = {}
      for i = 1, 20 do
        list[i] = { tool = "a", duration_ms = ms }
      end
      return list
    end
    local none, some = made_up.run(executions(0)), made_up.run(executions(1))
    local report = compare(some, { before = none })
    assert.same({ "worse" }, verdicts(report, "a"))
    assert.is_nil(row_of(report, "Durations by tool", "a").p50_change)
    assert.same({ "better" }, verdicts(compare(none, { before = some }), "a"))
    assert.same({ "noise" }, verdicts(compare(none, { before = none }), "a"))
  end)

  it("finds equal medians a small change, however sure that other calls became shorter", function()
    local before, after = {}, {}
    for i = 1, 50 do
      before[i] = { tool = "a", duration_ms = i <= 30 and 0 or 100 }
      after[i] = { tool = "a", duration_ms = 0 }
    end
    local row = row_of(compare(made_up.run(after), { before = made_up.run(before) }),
      "Durations by tool", "a")
    assert.is_true(row.p < 0.01)
    assert.equal("small", row.verdict)
  end)

  it("finds a longer median a small change where most calls became shorter", function()
    local before, after = {}, {}
    for i = 1, 100 do
      before[i] = { tool = "a", duration_ms = i <= 52 and 100 or 1000 }
      after[i] = { tool = "a", duration_ms = i <= 49 and 10 or 120 }
    end
    local report = compare(made_up.run(after), { before = made_up.run(before) })
    local row = row_of(report, "Durations by tool", "a")
    assert.is_true(row.p < 0.01 and row.after_p50_ms > row.before_p50_ms)
    assert.equal("small", row.verdict)
  end)

  it("says nothing of tools with so few calls that nothing could be found", function()
    local report = report_on({ { "a", 4, 1 } }, { { "a", 4, 1000 } }) -- at best 2 of 70 ways
    assert.same({ "too few" }, verdicts(report, "a"))
    assert.is_nil(row_of(report, "Durations by tool", "a").p)
    assert.equal("Too few calls to show any difference: no tool has enough of them in both runs.",
      report.sections[1].text)
    report = report_on({ { "a", 5, 1 } }, { { "a", 5, 1000 } })
    assert.same({ "worse" }, verdicts(report, "a")) -- 2 of 252 ways
    assert.equal(0.0079, row_of(report, "Durations by tool", "a").p)
    report = report_on({ { "a", 5, 1 } }, { { "a", 5, 1000 } }, { significance = 2 / 252 })
    assert.same({ "too few" }, verdicts(report, "a"))
  end)

  it("says nothing of failures so few that nothing could be found", function()
    local report = report_on({ { "a", 30, 10, 3 } }, { { "a", 30, 10, 3 } })
    assert.same({ "noise", "too few" }, verdicts(report, "a"))
    assert.is_nil(row_of(report, "Failures by tool", "a").p)
    report = report_on({ { "a", 4, 1, 4 } }, { { "a", 100, 1000 } })
    assert.same({ "too few", "better" }, verdicts(report, "a")) -- 1 of 4,598,126 ways
  end)

  it("takes no difference for noise that more calls could have shown to be none", function()
    local report = report_on({ { "a", 5, 10 }, { "b", 5, 10 } },
      { { "a", 5, 9997 }, { "b", 5, 10 } }) -- the median of a was 13 ms, and is 10 s
    assert.same({ { "too few" }, { "too few" } }, { verdicts(report, "a"), verdicts(report, "b") })
    assert.matches("Too few calls to show any difference: no tool has enough of them in both runs.",
      report.sections[2].text, 1, true)
  end)

  it("corrects for no tests that could find nothing", function()
    local report = report_on({ { "a", 5, 1 }, { "b", 4, 1 } },
      { { "a", 5, 1000 }, { "b", 4, 1000 } })
    assert.matches("corrected for the 1 test of", report.sections[2].text, 1, true)
    assert.same({ { "worse" }, { "too few" } }, { verdicts(report, "a"), verdicts(report, "b") })
    assert.equal(0.0079, row_of(report, "Durations by tool", "a").p)
  end)

  it("leaves out as many tests as are too weak for all that are left, and no more", function()
    local before, after = { { "a", 6, 1 } }, { { "a", 6, 1000 } } -- 2 of 924 ways
    for i = 1, 5 do -- 2 of 252 ways: nothing at 0.01 / 2
      before[i + 1], after[i + 1] = { "b" .. i, 5, 1 }, { "b" .. i, 5, 1000 }
    end
    local report = report_on(before, after)
    assert.same({ { "worse" }, { "too few" } }, { verdicts(report, "a"), verdicts(report, "b1") })
    assert.equal(0.0022, row_of(report, "Durations by tool", "a").p)
  end)

  it("names tools of one run alone", function()
    local report = report_on({ { "old", 9, 1 }, { "a", 9, 1 } },
      { { "a", 9, 1 }, { "new", 9, 1, 1 } })
    assert.same({ "gone" }, verdicts(report, "old"))
    assert.same({ "new", "new" }, verdicts(report, "new"))
    assert.equal("No clear difference.\n\n"
      .. "Only in the run before: old.\n\nOnly in the run after: new.", report.sections[1].text)
  end)

  it("says that there is nothing to compare if no tool is in both runs", function()
    local nothing = "Nothing to compare: no tool has calls in both runs."
    for _, its in ipairs { { "after: new", {}, { { "new", 99, 1 } } },
      { "before: old", { { "old", 99, 1 } }, {} } } do
      local report = report_on(its[2], its[3])
      assert.equal(("%s\n\nOnly in the run %s."):format(nothing, its[1]), report.sections[1].text)
      assert.equal(nothing, report.sections[2].text:match("\n\n(.*)$"))
    end
  end)

  it("compares durations of calls that succeeded and that no cache answered", function()
    local function run(status, was_cached, ms)
      local executions = calls({}, "a", 30, 100)
      for _ = 1, 30 do
        executions[#executions + 1] = { tool = "a", duration_ms = ms, status = status,
          was_cached = was_cached }
      end
      return made_up.run(executions)
    end
    for _, status in ipairs { "failed", "timed_out", "cancelled", "success" } do
      local was_cached = status == "success"
      local report = compare(run(status, was_cached, 1), { before = run(status, was_cached, 900) })
      assert.equal("noise", verdicts(report, "a")[1])
      assert.equal(30, row_of(report, "Durations by tool", "a").after_count)
    end
  end)

  it("says that calls which weren't measured are left out", function()
    local before = made_up.run { { tool = "a", duration_ms = 1 } }
    local function durations(execution)
      return compare(made_up.run { execution }, { before = before }).sections[2]
    end
    local sentence = "count them. Those that weren't measured are left out. Medians that"
    assert.is_nil(durations({ tool = "a", duration_ms = 1 }).text:find(sentence, 1, true))
    for _, timing in ipairs { "elapsed", "untimed" } do
      local its = durations { tool = "a", timing = timing,
        duration_ms = timing == "elapsed" and 5 or nil }
      assert.is_truthy(its.text:find(sentence, 1, true))
      assert.same({ "a", "too few", "-", 1, 0, 1, 1 }, sections.cells(its)[1])
    end
  end)

  it("doesn't count cancelled executions where it compares failures", function()
    local before, after = calls({}, "a", 20, 1, 2), calls({}, "a", 20, 1, 2)
    for i = 1, 80 do
      after[20 + i] = { tool = "a", duration_ms = 1, status = "cancelled" }
    end
    local report = compare(made_up.run(after), { before = made_up.run(before) })
    local row = row_of(report, "Failures by tool", "a")
    assert.same({ 20, 20, 0.1, 0.1 },
      { row.before_count, row.after_count, row.before_rate, row.after_rate })
  end)

  it("corrects the probabilities for the number of tests", function()
    local before, after = { { "a", 9, 1 } }, { { "a", 9, 5.5 } }
    assert.equal(0.0056, row_of(report_on(before, after), "Durations by tool", "a").p)
    assert.same({ "worse" }, verdicts(report_on(before, after), "a"))
    for i = 1, 4 do
      table.insert(before, { "b" .. i, 9, 1 })
      table.insert(after, { "b" .. i, 9, 1 })
    end
    local report = report_on(before, after)
    assert.equal(0.034, row_of(report, "Durations by tool", "a").p)
    assert.same({ "noise" }, verdicts(report, "a"))
    assert.matches("corrected for the 6 tests of", report.sections[2].text, 1, true)
    assert.same({ "worse" }, verdicts(report_on(before, after, { significance = 0.05 }), "a"))
  end)

  it("shows first what changed, then what is most likely to have", function()
    local report = report_on({ { "d", 30, 10 }, { "c", 30, 10 }, { "b", 30, 10 }, { "a", 30, 10 },
      { "e", 3, 10 }, { "gone", 9, 1 }, { "f", 30, 1000 } },
      { { "d", 30, 90 }, { "c", 30, 1 }, { "b", 30, 13 }, { "a", 30, 10 }, { "e", 3, 10 },
        { "new", 9, 1 }, { "f", 30, 1030 } })
    local order = {}
    for i, row in ipairs(report.sections[2].rows) do
      order[i] = row.tool .. " " .. row.verdict
    end
    assert.same({ "d worse", "c better", "f small", "b noise", "a noise", "e too few", "new new",
      "gone gone" }, order)
  end)

  it("names five tools of many", function()
    local before, after = {}, {}
    for i = 1, 7 do
      before[i], after[i] = { "t" .. i, 30, 1 }, { "t" .. i, 30, 100 }
    end
    assert.matches("t5 (median 115 ms, was 16.0 ms) and 2 more.",
      report_on(before, after).sections[1].text, 1, true)
  end)

  it("hardly ever takes noise for a difference, and misses no plain one", function()
    local random = generator(5)
    local function run(factor)
      local executions = {}
      for i = 1, 160 do
        executions[i] = { tool = "t" .. i % 4, duration_ms = factor * (50 + 100 * random() ^ 3),
          status = random() < 0.1 and "failed" or "success" }
      end
      return made_up.run(executions)
    end
    local false_alarms, found = 0, 0
    for _ = 1, 60 do
      local before = run(1)
      local report = compare(run(1), { before = before })
      false_alarms = false_alarms
        + (report.sections[1].text == "No clear difference." and 0 or 1)
      report = compare(run(2), { before = before })
      found = found + (report.sections[1].text:find("^Slower: t%d .*t%d .*t%d .*t%d ") and 1 or 0)
    end
    assert.is_true(false_alarms <= 2, false_alarms .. " false alarms of 60 reports")
    assert.is_true(found >= 55, found .. " of 60 differences found")
  end)

  it("takes noise for a difference more often where calls depend on each other", function()
    local random = generator(7)
    local function run() -- 20 calls after each other share how busy the machine is
      local executions, busy = {}, nil
      for i = 1, 200 do
        busy = i % 20 == 1 and random() or busy
        executions[i] = { tool = "a", duration_ms = 50 + 100 * busy + 10 * random() }
      end
      return made_up.run(executions)
    end
    local alarms, text_of_durations = 0, nil
    for _ = 1, 60 do
      local report = compare(run(), { before = run() })
      alarms = alarms + (verdicts(report, "a")[1] == "noise" and 0 or 1)
      text_of_durations = report.sections[2].text
    end
    assert.is_true(alarms > 6, alarms .. " of 60, of which 0.6 are to be expected otherwise")
    assert.matches("if calls didn't depend on each other", text_of_durations, 1, true)
    assert.matches("Calls that are slow or fail together, as in an outage, make p too small.",
      text_of_durations, 1, true)
  end)

  it("is a report of any two runs", function()
    local runs = odd_runs.all()
    for _, after in ipairs(runs) do
      for _, before in ipairs(runs) do
        local ok, problem = check(compare(after[2], { before = before[2] }))
        assert.is_true(ok, ("%s, before: %s: %s"):format(after[1], before[1], tostring(problem)))
      end
    end
  end)

  it("says how many executions it compares, of how many", function()
    local tracker = exectrack.new { max_history = 2 }
    for _ = 1, 1500 do
      tracker:record("a", "success", 1)
    end
    local report = compare(made_up.run { { tool = "a" } }, { before = tracker:snapshot() })
    assert.equal("2 of 1,500 executions before, 1 execution after", report.subtitle)
  end)

  it("shows labels if there is one", function()
    local function second_heading(label)
      local options = { before = exectrack.new({ label = label }):snapshot() }
      return compare(made_up.run {}, options).sections[1].columns[2].heading
    end
    assert.same({ "Label", "Executions" }, { second_heading("nightly"), second_heading(nil) })
  end)

  it("counts the time of calls made within other calls once", function()
    local clock = clocks.new()
    local tracker = exectrack.new { clock = clock.read }
    tracker:run("outer", function() tracker:run("inner", clock.advance_us, 2000) end)
    local totals = compare(tracker:snapshot(), { before = made_up.run {} }).sections[1].rows
    assert.equal(2, totals[2].total_duration_ms)
  end)

  it("tells runs of one label apart by their names", function()
    local function title(label, options)
      options.before = exectrack.new({ label = label }):snapshot()
      return compare(options.before, options).title
    end
    assert.equal("Comparison of nightly (a.run) and nightly (b.run)",
      title("nightly", { before_name = "a.run", name = "b.run" }))
    assert.equal("Comparison of nightly (before) and nightly (b.run)",
      title("nightly", { name = "b.run" }))
    assert.equal("Comparison of nightly and nightly", title("nightly", {}))
    assert.equal("Comparison of a.run and b.run",
      title(nil, { before_name = "a.run", name = "b.run" }))
  end)

  it("names an option that is wrong", function()
    local run = made_up.run {}
    local function assert_refuses(message, options)
      assert.has_error(function() compare(run, options) end, message)
    end
    assert_refuses("compare: option 'before': a snapshot expected, got nil")
    assert_refuses("compare: option 'before': a snapshot expected, got userdata",
      { before = io.stdout })
    assert_refuses("compare: option 'before': a snapshot expected, got a tracker: "
      .. "call its snapshot()", { before = exectrack.new(1) })
    assert_refuses("compare: option 'significance': a number above 0, up to 1, expected, got 5",
      { before = run, significance = 5 })
    assert_refuses("compare: option 'least_change': a finite number from 0 expected, got -1",
      { before = run, least_change = -1 })
    assert_refuses("compare: option 'least_rate_change': a number from 0 to 1 expected, got -1",
      { before = run, least_rate_change = -1 })
  end)

  it("reads well", function()
    local before, after = made_up.examples()
    local report = compare(after, { before = before })
    report.sections = { report.sections[1], report.sections[2] }
    golden.assert_equal("report_compare.txt", text(report, { width = 100 }))
  end)
end)
