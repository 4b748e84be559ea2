local assert = require("luassert")
local check = require("exectrack.report.check")
local clocks = require("spec.support.clock")
local exectrack = require("exectrack")
local odd_runs = require("spec.support.odd_runs")
local overview = require("exectrack.report.builtin.overview")
local portable = require("spec.support.portable")
local random = require("spec.support.random")
local runs = require("spec.support.runs")
local sections = require("spec.support.sections")
local slowest = require("exectrack.report.parts.slowest")

local cells, section = sections.cells, sections.find

local START = clocks.START_US / 1000000

local clock, tracker

before_each(function()
  clock = clocks.new()
  tracker = exectrack.new { max_in_flight = 2, clock = clock.read }
end)

--- Records an execution that ends a second after the one before.
local function record(tool, status, duration_ms, was_cached, error_type, args)
  clock.advance_us(1000000)
  tracker:record(tool, status, duration_ms, was_cached, error_type, args)
end

local function report(options)
  local made = overview(tracker:snapshot(), options)
  assert.is_true(check(made))
  return made
end

local function titles(made)
  return table.concat(sections.titles(made), ", ")
end

local function record_small_run()
  record("read", "success", 2)
  record("llm", "success", 1500)
  record("read", "failed", 4, false, "ENOENT")
  record("read", "success", 0.5, true)
  record("grep", "timed_out", 6.5)
  record("llm", "cancelled", 7)
end

describe("an overview", function()
  it("says how much was done, and when", function()
    record_small_run()
    local made = report()
    assert.equal("Run", made.title)
    assert.equal("6 executions, 2026-01-01 00:00:01 to 2026-01-01 00:00:06 UTC",
      made.subtitle)
    assert.equal("Totals, Health, By tool, Timeline, Slowest, Most recent", titles(made))
    local totals = made.sections[1]
    assert.equal("figures", totals.layout)
    assert.same({ { 6, 0.4, 1, 1, 1, 1 / 6, 5500, 1520, 4, 1500, 1500 } }, cells(totals))
  end)

  it("shows each tool, those first that took most time, then the most frequent", function()
    record_small_run()
    record("ls", "success", 6.5)
    assert.same({
      { "llm", 2, 0, 0, 7, 1500, 1500, 1507 },
      { "read", 3, 1 / 3, 1 / 3, 2, 4, 4, 6.5 },
      { "grep", 1, 1, 0, 6.5, 6.5, 6.5, 6.5 },
      { "ls", 1, 0, 0, 6.5, 6.5, 6.5, 6.5 },
    }, cells(section(report(), "By tool")))
  end)

  it("shows the largest sessions where there are several, those first that failed", function()
    local function run(name, count, status)
      clock.advance_us(1000000)
      for _ = 1, count do
        tracker:record { tool = "a", status = status or "success", duration_ms = 2,
          session = name }
      end
    end
    run(nil, 2)
    run("b", 2)
    assert.is_nil(section(report(), "Sessions"))
    run("a", 2, "failed")
    run("b", 1)
    local made = report()
    assert.equal("Totals, Health, By tool, Sessions, Timeline, Slowest, Most recent", titles(made))
    local its = section(made, "Sessions")
    assert.equal("2 sessions. 2 executions belong to no session.", its.text)
    assert.same({ { "b", 3, 0, 6, 2002, START + 4.0 }, { "a", 2, 1, 4, 2, START + 3.0 } },
      cells(its))
    for i = 1, 4 do
      run("c" .. i, 1, i == 2 and "timed_out" or "success")
    end
    its = section(report(), "Sessions")
    assert.same({ 5, "sessions", 6 }, { its.limit, its.noun, #its.rows })
    assert.same({ "b", "a", "c2", "c4", "c3" }, { its.rows[1].session, its.rows[2].session,
      its.rows[3].session, its.rows[4].session, its.rows[5].session })
  end)

  it("shows 50 tools at first", function()
    for i = 1, 51 do
      record("tool " .. i, "success", i)
    end
    local by_tool = section(report(), "By tool")
    assert.equal(51, #by_tool.rows)
    assert.equal(50, by_tool.limit)
    assert.equal("tools", by_tool.noun)
    assert.equal("All calls, cached and cancelled ones included.", by_tool.text)
  end)

  it("says what the lifetime knows, and what only the newest records do", function()
    tracker = exectrack.new { max_history = 2, clock = clock.read }
    record("a", "failed", 100)
    record("b", "success", 1, true)
    record("a", "success", 5)
    record("a", "success", 7)
    local made = report()
    assert.same({
      { "whole run", 4, 0.25, 1, 0, 0, 0.25, 4000, "unknown", 113, "unknown", "unknown", 100 },
      { "newest 2", 2, 0, 0, 0, 0, 0, 1005, 12, "-", 5, 7, 7 },
    }, cells(section(made, "Totals")))
    assert.equal("Median and p95 are known only of the newest executions.",
      section(made, "Totals").text)
    assert.equal("All calls, cached and cancelled ones included. Of the 2 executions that are "
      .. "retained; exectrack show counts all.", section(made, "By tool").text)
    made = overview(tracker:snapshot():filter { tool = "a" },
      { retained = 2, selection = { tool = { "a" } } })
    assert.same({ "whole run", 3, 1 / 3, 1, 0, 0, 0, "unknown", "unknown", 112, "unknown",
      "unknown", 100 }, cells(section(made, "Totals"))[1])
    made = overview(tracker:snapshot():filter { last = 1 })
    assert.same({ { 1, 0, 0, 0, 0, 0, 7, 7, 7, 7, 7 } }, cells(section(made, "Totals")))
    tracker:record { tool = "a", status = "success", duration_ms = 9, timing = "elapsed" }
    local rows = section(report(), "Totals").rows
    assert.same({ 113, 9, 9 },
      { rows[1].total_at_most_ms, rows[1].elapsed_at_most_ms, rows[2].elapsed_ms })
    tracker = exectrack.new { max_history = 0, clock = clock.read }
    record("a", "success", 100)
    assert.same({ { "whole run", 1, 0, 0, 0, 0, 0, "unknown", 100, 100 },
      { "newest 0", 0, "-", 0, 0, 0, "-", 0, "-", "-" } }, cells(section(report(), "Totals")))
  end)

  it("counts the time of calls within others once", function()
    record("read", "success", 100)
    clock.advance_us(100000)
    tracker:record { tool = "read", status = "success", duration_ms = 50, depth = 1 }
    clock.advance_us(100000)
    tracker:record { tool = "agent", status = "success", duration_ms = 400 }
    tracker:record { tool = "ask", status = "success", duration_ms = 20, timing = "elapsed",
      session = "s", depth = 1 }
    tracker:record { tool = "plan", status = "success", duration_ms = 90, timing = "elapsed",
      session = "s" }
    local made = report()
    local totals = section(made, "Totals")
    assert.equal("Durations are those of the 3 executions that were measured. The time of "
      .. "calls made within other calls counts once.", totals.text)
    assert.same({ 5, 0, 0, 0, 0, 0, 400, 500, 100, 400, 400, 2, 90 }, cells(totals)[1])
    local by_tool = section(made, "By tool")
    assert.equal("All calls, cached and cancelled ones included. \"Own\" is without the calls made "
      .. "within a tool's calls.", by_tool.text)
    assert.same({
      { "agent", 1, 0, 0, 400, 400, 400, 400, 350, "-" },
      { "read", 2, 0, 0, 50, 100, 100, 150, 150, "-" },
      { "ask", 1, 0, 0, "unknown", "-", "-", "-", "-", 20 },
      { "plan", 1, 0, 0, "unknown", "-", "-", "-", "-", 90 },
    }, cells(by_tool))
  end)

  it("says how many of a tool's calls were measured if not all were", function()
    record("a", "success", 5)
    tracker:record { tool = "a", status = "success" }
    record("b", "success", 1)
    assert.same({
      { "a", 2, 0, 0, 1, 5, 5, 5, 5 },
      { "b", 1, 0, 0, 1, 1, 1, 1, 1 },
    }, cells(section(report(), "By tool")))
  end)

  it("has a row for a tool with nothing but calls in flight", function()
    record("a", "success", 5)
    local spans = { tracker:start("b"), tracker:start("b"), tracker:session("s"):start("b") }
    assert.same({ { "a", 1, 0, 0, 5, 5, 5, 5, "-" },
      { "b", 0, "-", "-", "-", "-", "-", "-", 3 } }, cells(section(report(), "By tool")))
    assert.equal(3, section(report(), "Totals").rows[1].in_flight)
    local snapshot = tracker:snapshot()
    assert.is_nil(section(overview(snapshot:filter { tool = "b" }), "By tool"))
    local made = overview(snapshot:filter { tool = "b" }, { selection = { tool = { "b" } } })
    assert.same({ { "b", 0, "-", "-", 3 } }, cells(section(made, "By tool")))
    assert(spans) -- which kept them in flight until here
  end)

  it("has the length of a run that is made of old records", function()
    tracker = exectrack.new { clock = clock.read }
    for i = 1, 3 do
      tracker:record { tool = "a", status = "success", duration_ms = 2000, timestamp = i * 60 }
    end
    assert.equal(122000, section(report(), "Totals").rows[1].wall_ms)
  end)

  it("shows the texts of arguments and the messages that were kept", function()
    tracker = exectrack.new { args_texts = 8, error_texts = 8, clock = clock.read }
    record("read", "success", 1, false, nil, { path = "a" })
    clock.advance_us(1000000)
    tracker:record { tool = "read", status = "failed", duration_ms = 2, error_type = "ENOENT",
      error_text = "no such file" }
    assert.same({
      { START + 2, "read", "failed", 2, false, "ENOENT", "-", "no such file" },
      { START + 1, "read", "success", 1, false, "-", '{path="a"}', "-" },
    }, cells(section(report(), "Most recent")))
  end)

  it("lists the slowest and the newest executions", function()
    record_small_run()
    local made = report { top = 2 }
    assert.same({
      { START + 2, "llm", "success", 1500, false, "-" },
      { START + 6, "llm", "cancelled", 7, false, "-" },
    }, cells(section(made, "Slowest")))
    assert.same({
      { START + 6, "llm", "cancelled", 7, false, "-" },
      { START + 5, "grep", "timed_out", 6.5, false, "-" },
    }, cells(section(made, "Most recent")))
    assert.same({ START + 3, "read", "failed", 4, false, "ENOENT" },
      cells(section(report(), "Most recent"))[4])
  end)

  it("says of which session listed ones are if the run has several", function()
    tracker:record { tool = "a", status = "success", duration_ms = 1, session = "s" }
    tracker:record { tool = "a", status = "success", duration_ms = 2 }
    local made, row = report { top = 1 }, { START, "a", "-", "success", 2, false, "-" }
    assert.same({ { row }, { row } },
      { cells(section(made, "Slowest")), cells(section(made, "Most recent")) })
  end)

  it("says in lists what wasn't measured, and omits times that aren't known", function()
    record("read", "success", 2)
    tracker:record { tool = "ask", status = "success", duration_ms = 9, timing = "elapsed" }
    tracker:record { tool = "read", status = "failed", timestamp = false }
    local made = report()
    assert.same({
      { START + 1, "ask", "success", 9, "elapsed", false, "-" },
      { START + 1, "read", "success", 2, "-", false, "-" },
      { "-", "read", "failed", "-", "untimed", false, "-" },
    }, cells(section(made, "Most recent")))
    assert.same({ { START + 1, "read", "success", 2, false, "-" } },
      cells(section(made, "Slowest")))
    assert.equal("1 execution may have waited for a person within the time shown. Left out: 1 "
      .. "execution without a time.", section(made, "Timeline").text)
    assert.equal(2, #section(made, "Timeline").chart.spans)
  end)

  it("says how many executions durations are of if not all were measured", function()
    record("read", "success", 2)
    assert.is_nil(report().sections[1].text)
    tracker:record { tool = "ask", status = "success", duration_ms = 9, timing = "elapsed" }
    tracker:record { tool = "ask", status = "success" }
    local made = report()
    local note = "Durations are those of the 1 execution that was measured."
    assert.equal(note, section(made, "Totals").text)
    assert.equal(note, section(made, "Slowest").text)
    record("read", "success", 3)
    assert.equal("Durations are those of the 2 executions that were measured.",
      section(report(), "Totals").text)
  end)

  it("has no durations, times and charts of them where none is known", function()
    for i = 1, 3 do
      tracker:record { tool = "a", status = "failed", timestamp = false, session = "s" .. i }
    end
    local made = report()
    assert.equal("3 executions", made.subtitle)
    assert.equal("Totals, Health, By tool, Sessions, Timeline, Most recent", titles(made))
    assert.equal("Durations are unknown: no execution was measured.", section(made, "Totals").text)
    assert.same({ { 3, 1, 3, 0, 0, 0, 3 } }, cells(section(made, "Totals")))
    assert.same({ { "a", 3, 1, 0 } }, cells(section(made, "By tool")))
    assert.same({ "s1", 1, 1 }, cells(section(made, "Sessions"))[1])
    assert.is_nil(section(made, "Timeline").chart)
    assert.equal("Left out: 3 executions without a time.", section(made, "Timeline").text)
    assert.same({ "a", "s3", "failed", "untimed", false, "-" },
      cells(section(made, "Most recent"))[1])
  end)

  it("draws the newest executions, a lane for each tool, in the order of time taken", function()
    record_small_run()
    local timeline = section(report(), "Timeline")
    assert.is_nil(timeline.text)
    assert.same({
      { lane = "llm", from = START + 0.5, to = START + 2, status = "success" },
      { lane = "llm", from = START + 6 - 0.007, to = START + 6, status = "cancelled" },
      { lane = "read", from = START + 1 - 0.002, to = START + 1, status = "success" },
      { lane = "read", from = START + 3 - 0.004, to = START + 3, status = "failed",
        label = "ENOENT" },
      { lane = "read", from = START + 4 - 0.0005, to = START + 4, status = "success" },
      { lane = "grep", from = START + 5 - 0.0065, to = START + 5, status = "timed_out" },
    }, timeline.chart.spans)
    timeline = section(report { timeline = 2 }, "Timeline")
    assert.equal("The newest 2 executions.", timeline.text)
    assert.same({ "llm", "grep" }, { timeline.chart.spans[1].lane, timeline.chart.spans[2].lane })
    assert.equal(2, #timeline.chart.spans)
  end)

  it("draws the whole run as counts, too, if long pauses take most of it", function()
    local function record_again(count, status)
      for _ = 1, count do
        record("a", status, 1)
      end
      clock.advance_us(86400 * 1000000)
    end
    record_again(20, "success")
    record_again(9, "failed")
    local made = report { top = 0 }
    assert.equal("Totals, Health, By tool, Over time, Timeline", titles(made))
    assert.equal("20 executions without a long pause; newer ones are left out.",
      section(made, "Timeline").text)
    local span = tracker:start("a")
    assert.equal(20, #section(report(), "Timeline").chart.spans) -- nothing that is in flight
    record_again(10, "failed")
    made = report()
    assert.equal("The newest 10 executions.", section(made, "Timeline").text)
    assert.equal(11, #section(made, "Timeline").chart.spans)
    assert.equal(3, #section(made, "Over time").chart.cells)
    span:finish()
  end)

  it("leaves out what is asked for 0 times", function()
    record_small_run()
    assert.equal("Totals, Health, By tool", titles(report { top = 0, timeline = 0 }))
  end)

  it("names the run, and says of how many executions it tells", function()
    tracker = exectrack.new { max_history = 1000, label = "a\27b", clock = clock.read }
    record_small_run()
    assert.equal("a\\x1bb", report().title)
    local reads = tracker:snapshot():filter { tool = "read" }
    assert.equal("3 of 6 executions, 2026-01-01 00:00:01 to 2026-01-01 00:00:04 UTC",
      overview(reads).subtitle)
    assert.same({ { "read", 3, 1 / 3, 1 / 3, 2, 4, 4, 6.5 } },
      cells(section(overview(reads), "By tool")))
  end)

  it("has little to say of a run without executions", function()
    local made = report()
    assert.equal("0 executions", made.subtitle)
    assert.equal("Totals, Health", titles(made))
    assert.same({ { 0, 0, 0, 0, 0 } }, cells(made.sections[1]))
    assert.equal("Nothing was recorded.", made.sections[2].text)
  end)

  it("lists what policies denied and what is in flight, of what was chosen", function()
    local fetch = tracker:wrap("fetch", function() end, {
      policy = function() return { action = "deny", reason = "no" } end,
    })
    fetch()
    clock.advance_us(1000000)
    fetch()
    local spans = { tracker:start("a"), tracker:start("a"), tracker:start("b") }
    clock.advance_us(500000)
    local made = report()
    assert.equal("Totals, Health, By tool, Denied by a policy, Newest denied calls, In flight",
      titles(made))
    assert.same({ { "fetch", "no", 2, START + 1 } }, cells(section(made, "Denied by a policy")))
    assert.is_nil(section(made, "Denied by a policy").text)
    assert.same({ { "a", START + 1, 500 }, { "a", START + 1, 500 } },
      cells(section(made, "In flight")))
    assert.equal("Its list had room for 2 of 3 executions.", section(made, "In flight").text)
    spans[3]:finish("success")
    local chosen = tracker:snapshot():filter { tool = "a" }
    made = overview(chosen)
    assert.equal("Of the whole run, not only of the chosen part.",
      section(made, "Denied by a policy").text)
    assert.equal("Of the whole run, not only of the chosen part.", section(made, "In flight").text)
    made = overview(chosen, { selection = { tool = { "a" } } })
    assert.is_nil(section(made, "Denied by a policy"))
    assert.equal("Of the chosen tools and sessions, whenever they started.",
      section(made, "In flight").text)
    assert.equal(2, #section(made, "In flight").rows)
    made = overview(chosen, { selection = { session = { "s" } } })
    assert.equal("Of the chosen tools, in all sessions and at any time.",
      section(made, "Denied by a policy").text)
    assert.is_nil(section(made, "In flight"))
    assert(spans) -- which kept them in flight until here
  end)

  it("lists the newest denied calls of what was chosen", function()
    tracker = exectrack.new { args_texts = 8, clock = clock.read }
    local function deny(tool, session, reason, ...)
      clock.advance_us(1000000)
      local its = session and tracker:session(session) or tracker
      its:wrap(tool, function() end, { policy = function()
        return { action = "deny", reason = reason }
      end })(...)
    end
    deny("a", nil, "off")
    deny("b", "s", "loop", "x")
    deny("b", "t", "loop", "y")
    record("c", "success", 1)
    local function listed(selection, snapshot)
      local found = section(overview(snapshot or tracker:snapshot(), { selection = selection,
        top = 2 }), "Newest denied calls")
      return found and cells(found), found
    end
    local hash = ("%08x"):format(tracker:denied()[3].args_hash) -- no text is kept of none
    local rows, found = listed()
    assert.same({ { START + 3, "b", "loop", "t", '"y"' }, { START + 2, "b", "loop", "s", '"x"' },
      { START + 1, "a", "off", "-", hash } }, rows)
    assert.same({ 2, "denied calls" }, { found.limit, found.noun })
    for _, selection in ipairs { { tool = { "b" } }, { exclude = { "a" } },
      { session = { "s", "t" } }, { since = START + 2 } } do
      assert.equal(2, #listed(selection))
    end
    assert.same({ { START + 1, "a", "off", hash } }, (listed { before = START + 2 }))
    assert.is_nil(listed { tool = { "a" }, session = { "s" } })
    for more, selection in pairs { ["Of the chosen tools, sessions and times."] = {},
      ["Of the whole run, not only of the chosen part."] = false } do
      rows, found = listed(selection or nil, tracker:snapshot():filter { last = 0 })
      assert.same({ 3, more }, { #rows, found.text })
    end
    for _ = 1, 254 do
      deny("a", nil, "off")
    end
    rows, found = listed()
    assert.same({ 256, "Only the newest 256 of 257 denied calls are kept." }, { #rows, found.text })
    assert.is_nil(section(report { top = 0 }, "Newest denied calls"))
  end)

  it("says for how many denials there was no room in the list", function()
    local reason = 0
    local fetch = tracker:wrap("fetch", function() end, {
      policy = function()
        reason = reason + 1
        return { action = "deny", reason = "no " .. reason }
      end,
    })
    local listed
    repeat
      fetch()
      listed = #tracker:snapshot():denials()
    until listed < reason
    assert.equal("Besides these, 1 denial for which there was no room in the list.",
      section(report(), "Denied by a policy").text)
    assert.equal(listed, #section(report(), "Denied by a policy").rows)
  end)

  it("names the option that is wrong", function()
    assert.has_error(function() overview(tracker:snapshot(), { top = -1 }) end,
      "overview: option 'top': an integer from 0 expected, got -1")
    assert.has_error(function() overview(tracker:snapshot(), { timeline = "all" }) end,
      "overview: option 'timeline': an integer from 0 expected, got string")
    assert.has_error(function() overview(tracker:snapshot(), { tops = 1 }) end,
      "overview: unknown option 'tops'")
    assert.has_error(function() overview(tracker:snapshot(), { died = { {} } }) end,
      "overview: option 'died': element 1: option 'run': a snapshot expected, got nil")
    assert.has_error(function() overview(tracker:snapshot(), { selection = { tool = 5 } }) end,
      "overview: option 'selection': option 'tool': an array expected, got 5")
  end)
end)

describe("the slowest executions", function()
  --- What `slowest` is to return, in the plainest way.
  local function model(records, n)
    local places, sorted = {}, {}
    for i, its in ipairs(runs.newest_first(records)) do
      places[its], sorted[i] = i, its
    end
    table.sort(sorted, function(a, b)
      if a.duration_ms ~= b.duration_ms then
        return a.duration_ms > b.duration_ms
      end
      return places[a] < places[b]
    end)
    return portable.move(sorted, 1, n, 1, {})
  end

  it("are those of a plain model in random runs", function()
    random.seed("report_overview_spec")
    for _ = 1, 30 do
      local snapshot = runs.snapshot()
      for _, n in ipairs { 0, 1, 2, 5, math.random(200), 1000 } do
        assert.same(model(snapshot:records(), n), slowest(snapshot, n))
      end
    end
  end)

  it("are the newest of those that took as long", function()
    for i = 1, 9 do
      record("tool " .. i, "success", i % 3)
    end
    local tools = {}
    for i, its in ipairs(slowest(tracker:snapshot(), 5)) do
      tools[i] = its.tool
    end
    assert.same({ "tool 8", "tool 5", "tool 2", "tool 7", "tool 4" }, tools)
  end)

  it("are told apart by a microsecond", function()
    for i = 0, 4 do
      record("tool " .. i, "success", 1000000 + i / 1000)
    end
    assert.equal("tool 4", slowest(tracker:snapshot(), 1)[1].tool)
    assert.equal(1000000.003, slowest(tracker:snapshot(), 2)[2].duration_ms)
  end)
end)

describe("an overview of a run", function()
  for _, odd in ipairs(odd_runs.all()) do
    it(odd[1] .. " is a report", function()
      local made = overview(odd[2])
      assert.is_true(check(made))
      assert.is_true(#section(made, "Totals").rows <= 2)
      assert.equal(math.min(5, #odd[2]), #(section(made, "Slowest") or { rows = {} }).rows)
    end)
  end
end)
