local assert = require("luassert")
local check = require("exectrack.report.check")
local clocks = require("spec.support.clock")
local exectrack = require("exectrack")
local needs = require("spec.support.needs")
local overview = require("exectrack.report.builtin.overview")
local runs = require("spec.support.runs")
local sections = require("spec.support.sections")

local clock, tracker

before_each(function()
  clock = clocks.new()
  tracker = exectrack.new { max_in_flight = 3, max_history = 20000, clock = clock.read }
end)

--- Records `count` executions of one tool and status, one after the other, of 1 ms each. The same
-- arguments have the same result.
local function record(count, tool, status, args_hash, was_cached)
  for _ = 1, count do
    clock.advance_us(1000)
    tracker:record { tool = tool, status = status, duration_ms = 1, args_hash = args_hash,
      result_hash = args_hash, was_cached = was_cached }
  end
end

local function health(snapshot, options)
  local made = overview(snapshot or tracker:snapshot(), options)
  assert.is_true(check(made))
  return sections.find(made, "Health")
end

--- What is found, each finding as one text.
local function findings(snapshot, options)
  local texts = {}
  for i, row in ipairs(health(snapshot, options).rows or {}) do
    texts[i] = ("%s %s: %s"):format(row.tool or "(all tools)", row.severity, row.finding)
  end
  return texts
end

--- What is found of everything, each finding with its tool, the calls and the time lost.
local function costs(snapshot)
  local texts = {}
  for i, row in ipairs(health(snapshot).rows) do
    texts[i] = ("%s %d %s"):format(row.tool or "(all tools)", row.calls,
      row.lost_ms and ("%g"):format(row.lost_ms) or "unknown")
  end
  return texts
end

local DENY = { policy = function() return { action = "deny" } end }

describe("the health in an overview", function()
  it("says when nothing stands out, and what would", function()
    record(9, "a", "success")
    local section = health()
    assert.same({}, section.rows)
    assert.equal("Nothing stands out. Looked for: 3 failures or time-outs in a row up to now, "
      .. "or in all if they are 10 %; 3 time-outs if they are 5 %; calls in flight for more than "
      .. "10 s and 3 times their tool's longest; denied calls; 5 calls made again with the same "
      .. "result, without a cache, if they are 10 %; calls that took 10 min with waiting.",
      section.text)
  end)

  it("says that there is nothing to say about no executions", function()
    assert.equal("Nothing was recorded.", health().text)
    record(1, "a", "success")
    assert.equal("No execution that has ended was chosen.",
      health(tracker:snapshot():filter { last = 0 }).text)
    tracker = exectrack.new { max_history = 0 }
    record(1, "a", "success")
    assert.equal("None of the run's executions is retained.", health().text)
  end)

  it("says of how many executions it is if the run had more", function()
    tracker = exectrack.new { max_history = 4, clock = clock.read }
    record(5, "a", "failed")
    assert.equal("Of the 4 executions that are retained of 5.", health().text)
    local chosen = tracker:snapshot():filter { last = 3 }
    assert.is_nil(health(chosen).text)
    assert.equal("Of the 4 executions that are retained of 5.",
      health(chosen, { retained = 4 }).text)
  end)

  it("shows the tool, how severe it is, what it is and costs, and the command for it", function()
    record(3, "a b", "timed_out")
    assert.same({
      { "a b", "bad", "3 time-outs in a row; 100 % of 3 timed out", 3, 3,
        "exectrack report RUN --report failures --tool 'a b'" },
    }, sections.cells(health()))
    assert.equal("exectrack report x.run --since 1h --report failures --tool 'a b'",
      health(nil, { run = "x.run --since 1h" }).rows[1].next)
  end)

  it("finds a tool that failed the last 3 times", function()
    record(30, "a", "success")
    record(2, "a", "failed")
    record(5, "a", "cancelled")
    assert.same({}, findings())
    record(1, "a", "failed")
    record(50, "b", "success")
    assert.same({ "a bad: 3 failures in a row" }, findings())
    record(1, "a", "success")
    assert.same({}, findings())
  end)

  it("counts of failures in a row among others what these cost", function()
    record(90, "a", "success")
    record(1, "a", "failed")
    record(9, "a", "success")
    record(3, "a", "timed_out")
    assert.same({ "a bad: 3 failures or time-outs in a row" }, findings())
    assert.same({ "a 3 3" }, costs())
  end)

  it("counts the time of a failure within another one once", function()
    for i = 1, 3 do
      local ended = clocks.START_US / 1000000 + i
      tracker:record { tool = "inner", status = "failed", duration_ms = 4, depth = 1,
        timestamp = ended - 0.001 }
      tracker:record { tool = "outer", status = "failed", duration_ms = 5, timestamp = ended }
    end
    assert.same({ "(all tools) 6 15" }, costs(tracker:snapshot()))
  end)

  it("finds no tool that mostly succeeds in calls that overlap its failures", function()
    local spans = {}
    for i = 1, 7 do
      spans[i] = tracker:start("a")
    end
    clock.advance_us(1000)
    for _, status in ipairs { "failed", "failed", "success", "failed", "success" } do
      table.remove(spans):finish(status)
    end
    assert.same({ "a bad: 3 failures, no success that started since; 60.0 % of 5 failed" },
      findings())
    table.remove(spans):finish()
    assert.same({ "a bad: 50.0 % of 6 failed" }, findings())
    table.remove(spans):finish()
  end)

  it("finds 3 failures and time-outs, however few executions there are", function()
    record(1, "a", "failed")
    record(1, "a", "timed_out")
    record(1, "a", "success")
    assert.same({}, findings())
    record(1, "a", "failed")
    record(1, "a", "success")
    assert.same({ "a bad: 60.0 % of 5 failed or timed out" }, findings())
  end)

  it("finds failures if they are 10 % of those that were not cancelled", function()
    record(3, "a", "failed")
    record(27, "a", "success")
    record(5, "a", "cancelled")
    assert.same({ "a bad: 10.0 % of 30 failed" }, findings())
    record(1, "a", "success")
    assert.same({}, findings())
  end)

  it("finds 3 time-outs if they are 5 % of those that were not cancelled", function()
    record(2, "a", "timed_out")
    record(5, "a", "cancelled")
    record(44, "a", "success")
    assert.same({}, findings())
    record(1, "a", "timed_out")
    record(13, "a", "success")
    assert.same({ "a warning: 3 of 60 timed out" }, findings())
    assert.same({ "a 3 3" }, costs())
    record(1, "a", "success")
    assert.same({}, findings())
  end)

  it("has one finding about failures that are time-outs, too", function()
    record(3, "a", "timed_out")
    record(3, "a", "failed")
    record(4, "a", "success")
    assert.same({ "a bad: 60.0 % of 10 failed or timed out, 3 timed out" }, findings())
  end)

  it("has one finding about failures of many tools", function()
    for i = 1, 9 do
      record(2, "tool " .. i, "failed")
      record(2, "tool " .. i, "success")
    end
    assert.same({ "(all tools) bad: 50.0 % of 36 failed: tool 1 2, tool 2 2, tool 3 2 and 6 more" },
      findings())
    assert.same({ "(all tools) 18 18" }, costs())
    assert.equal("exectrack report RUN --report failures", health().rows[1].next)
  end)

  it("tells of many failing tools those apart that fail now, or far more", function()
    for i = 1, 9 do
      record(4, "tool " .. i, "failed")
      record(8, "tool " .. i, "success")
    end
    record(8, "broken", "failed")
    record(1, "broken", "success")
    record(6, "now", "success")
    record(3, "now", "failed")
    assert.same({
      "(all tools) bad: 37.3 % of 126 failed: broken 8, tool 1 4, tool 2 4 and 8 more; "
        .. "failing now: 1 tool; 36 of them in no other finding",
      "broken bad: 88.9 % of 9 failed",
      "now bad: 3 failures in a row; 33.3 % of 9 failed",
    }, findings())
    assert.same({ "(all tools) 36 36", "broken 8 8", "now 3 3" }, costs())
  end)

  it("has one finding about an outage of all tools", function()
    for i = 1, 9 do
      record(6, "tool " .. i, "success")
      record(3, "tool " .. i, "failed")
    end
    assert.same({ "(all tools) bad: 33.3 % of 81 failed: tool 1 3, tool 2 3, tool 3 3 and 6 more; "
      .. "failing now: 9 tools" }, findings())
  end)

  it("has no finding about all failures if those that none about a tool tells are few", function()
    record(28, "fine", "success")
    record(6, "a", "failed")
    record(6, "b", "failed")
    record(2, "c", "failed")
    local both = { "a bad: 6 failures in a row; 100 % of 6 failed",
      "b bad: 6 failures in a row; 100 % of 6 failed" }
    assert.same(both, findings())
    record(1, "d", "failed")
    assert.same(both, findings()) -- 3 of 31
    record(1, "e", "failed")
    table.insert(both, "(all tools) bad: 36.4 % of 44 failed: a 6, b 6, c 2 and 2 more; "
      .. "failing now: 2 tools; 4 of them in no other finding")
    assert.same(both, findings()) -- 4 of 32
    assert.same({ "a 6 6", "b 6 6", "(all tools) 4 4" }, costs())
  end)

  it("has no finding about all failures if one tool has most of them", function()
    record(6, "a", "failed")
    record(1, "a", "success")
    for i = 1, 5 do
      record(1, "tool " .. i, "failed")
    end
    assert.same({ "a bad: 85.7 % of 7 failed" }, findings())
  end)

  it("finds 5 calls that were made again, none of which a cache answered", function()
    record(3, "a", "success", 1)
    record(3, "a", "success", 2)
    record(5, "b", "success", 1)
    record(9, "a", "success")
    record(9, "a", "success", 2, true)
    assert.same({}, findings())
    record(1, "a", "success", 2)
    assert.same({ "a warning: 5 successful calls made again, without a cache" }, findings())
    assert.same({ "a 5 5" }, costs())
    assert.equal("exectrack report RUN --report loops --tool a", health().rows[1].next)
  end)

  it("doesn't say of failures that they were made again", function()
    record(9, "a", "failed", 1)
    assert.same({ "a bad: 9 failures in a row; 100 % of 9 failed" }, findings())
  end)

  it("finds calls that were made again if they are 10 % of the tool's", function()
    record(6, "a", "success", 1)
    record(44, "a", "success")
    record(99, "b", "success")
    assert.same({ "a warning: 5 successful calls made again, without a cache" }, findings())
    record(1, "a", "success")
    assert.same({}, findings())
  end)

  it("takes for calls made again only those of a session with the same result", function()
    for i = 1, 6 do
      tracker:session("session " .. i % 2):record("a", "success", 1, false, nil, "x")
      tracker:record { tool = "b", status = "success", duration_ms = 1, args_hash = 1,
        result_hash = 1 + i % 2 }
      tracker:record { tool = "c", status = "success", duration_ms = 1, args_hash = 1 }
    end
    assert.same({}, findings())
  end)

  it("finds what was denied", function()
    local fetch = tracker:wrap("fetch", function() end, {
      policy = function(call) return { action = "deny", reason = "no " .. call.args_hash } end,
    })
    fetch(1)
    assert.same({ "fetch warning: a policy denied 1 call" }, findings())
    fetch(2)
    assert.same({ "fetch warning: a policy denied 2 calls" }, findings())
  end)

  it("doesn't count what was denied in other sessions, or at another time", function()
    tracker:wrap("a", function() end, DENY)()
    record(2, "a", "success")
    local snapshot = tracker:snapshot():filter { last = 1 }
    assert.same({ "a warning: a policy denied 1 call" }, findings(snapshot,
      { selection = { tool = { "a" } } }))
    for _, selection in ipairs { { session = { "s" } }, { since = 1 }, { before = 1 },
      { last = 1 }, { status = { "failed" } } } do
      assert.same({}, findings(snapshot, { selection = selection }))
    end
  end)

  it("counts what was denied up to the largest integer", function()
    needs.integers(pending)
    local denied = "a warning: a policy denied 9,223,372,036,854,775,807 calls"
    assert.is_truthy((table.concat(findings(runs.with_full_counts()), "\n"):find(denied, 1, true)))
  end)

  it("finds what is in flight for more than 10 s and 3 times the longest", function()
    tracker:record("a", "success", 4000)
    tracker:record("a", "success", 3)
    tracker:record("b", "success", 1)
    local spans = { tracker:start("a"), tracker:start("b") }
    clock.advance_us(10000000)
    spans[3] = tracker:start("b")
    assert.same({}, findings())
    clock.advance_us(1000)
    assert.same({ "b warning: 1 call in flight for 10.0 s; the longest that ended took 1.00 ms" },
      findings())
    clock.advance_us(10000000)
    assert.same({
      "b warning: 2 calls in flight for up to 20.0 s; the longest that ended took 1.00 ms",
      "a warning: 1 call in flight for 20.0 s; the longest that ended took 4.00 s",
    }, findings())
    assert.same({ "b 2 30002", "a 1 20001" }, costs())
    assert(spans) -- which kept them in flight until here
  end)

  it("compares what is in flight of a tool of which none ended with the other tools", function()
    local spans = { tracker:start("a") }
    clock.advance_us(10001000)
    assert.same({ "a warning: 1 call in flight for 10.0 s" }, findings())
    tracker:record("b", "success", 60000)
    assert.same({}, findings())
    clock.advance_us(170000000)
    assert.same({ "a warning: 1 call in flight for 3 min 00 s" }, findings())
    assert(spans) -- which kept them in flight until here
  end)

  it("speaks of the tools alone that were chosen", function()
    for _, tool in ipairs { "a", "b" } do
      record(3, tool, "failed")
      tracker:wrap(tool, function() end, DENY)()
    end
    tracker:wrap("c", function() end, DENY)()
    local spans = { tracker:start("a"), tracker:start("c"), tracker:session("s"):start("c") }
    clock.advance_us(20000000)
    local snapshot = tracker:snapshot()
    assert.same({
      "a warning: 1 call in flight for 20.0 s; the longest that ended took 1.00 ms",
      "a bad: 3 failures in a row; 100 % of 3 failed",
      "a warning: a policy denied 1 call",
    }, findings(snapshot:filter { tool = "a" }))
    assert.same({}, findings(snapshot:filter { tool = "d" }))
    assert.same({
      "c warning: 2 calls in flight for up to 20.0 s",
      "c warning: a policy denied 1 call",
    }, findings(snapshot:filter { tool = "c" }, { selection = { tool = "c" } }))
    assert.same({ "c warning: 1 call in flight for 20.0 s" },
      findings(snapshot:filter { session = "s" }, { selection = { session = { "s" },
        exclude = { "a", "b" } } }))
    assert(spans) -- which kept them in flight until here
  end)

  it("doesn't judge failures if statuses were chosen", function()
    record(9, "a", "failed")
    local snapshot = tracker:snapshot():filter { status = "failed" }
    local section = health(snapshot, { selection = { status = { "failed" } } })
    assert.same({}, section.rows)
    assert.matches("%. Failures aren't judged, as only some of the statuses were chosen%.$",
      section.text)
  end)

  it("finds names beyond the limits", function()
    tracker = exectrack.new { max_tools = 1, clock = clock.read }
    for i = 1, 3 do
      record(1, "tool " .. i, "success")
    end
    assert.same({ "(other) warning: 2 executions of tools beyond the run's limit" }, findings())
    assert.is_nil(health().rows[1].next) -- it would be the overview that has the finding
    for i = 1, 258 do
      tracker:record("tool 1", i % 20 == 0 and "failed" or "success", 1, false, "E" .. i)
    end
    local found = findings()
    assert.equal("(all tools) warning: 2 executions with error types beyond the limit",
      found[#found])
  end)

  it("names calls that took long with waiting, and how to leave them out", function()
    local function wait(minutes)
      tracker:record { tool = "permission", status = "success", duration_ms = minutes * 60000,
        timing = "elapsed" }
    end
    wait(9)
    assert.same({}, findings())
    wait(30)
    assert.same({ "permission note: 1 call took 30 min 00 s with waiting" }, findings())
    assert.equal("exectrack report RUN --exclude permission", health().rows[1].next)
    wait(30)
    record(3, "a", "failed")
    assert.same({ "a bad: 3 failures in a row; 100 % of 3 failed",
      "permission note: 2 calls took 1 h 00 min with waiting" }, findings())
  end)

  it("says first what cost most time, then what concerns most calls", function()
    record(10, "a", "timed_out", 1)
    record(99, "a", "success")
    record(11, "b", "success", 1)
    record(7, "c", "success", 1)
    tracker:wrap("a", function() end, DENY)()
    tracker:wrap("b", function() end, DENY)()
    tracker:wrap("b", function() end, DENY)()
    assert.same({ "a 10 10", "b 10 10", "c 6 6", "b 2 0", "a 1 0" }, costs())
  end)

  it("takes a time that isn't known for that of as many calls of the other findings", function()
    record(5, "a", "failed")
    for _ = 1, 4 do
      tracker:record { tool = "b", status = "failed" }
    end
    assert.same({ "a 5 5", "b 4 unknown" }, costs())
    record(20, "c", "success")
    for _ = 1, 12 do
      tracker:record("c", "failed", 100)
    end
    assert.same({ "c 12 1200", "b 4 unknown", "a 5 5" }, costs())
    assert.is_nil(health().text)
  end)

  it("counts the time of the calls that were measured where not all were", function()
    record(5, "a", "timed_out", 1)
    record(5, "b", "success", 1)
    tracker:record { tool = "a", status = "timed_out" }
    for _, timing in ipairs { "untimed", "elapsed" } do
      tracker:record { tool = "b", status = "success", args_hash = 1, result_hash = 1,
        timing = timing, duration_ms = timing == "elapsed" and 70 or nil }
    end
    assert.same({ "b 6 4", "a 6 5" }, costs())
    assert.equal("Where what some calls took isn't known, \"Time lost\" is of the others.",
      health().text)
    for i = 1, 4 do
      record(3, "tool " .. i, "failed")
      record(1, "tool " .. i, "success")
    end
    assert.same({ "(all tools) 12 12", "b 6 4", "a 6 5" }, costs())
  end)

  it("finds failures in a row that began before the oldest record that is retained", function()
    tracker = exectrack.new { max_history = 5, clock = clock.read }
    record(2, "a", "timed_out")
    record(6, "b", "failed")
    record(3, "c", "success")
    record(3, "d", "failed")
    record(1, "c", "success")
    record(1, "a", "failed")
    assert.same({ "b bad: 6 failures in a row", "d bad: 3 failures in a row; 100 % of 3 failed",
      "a bad: 3 failures or time-outs in a row" }, findings())
    assert.same({ "b 6 unknown", "d 3 3", "a 3 1" }, costs())
  end)

  it("counts what the records of the snapshot say", function()
    record(3, "a", "failed", 1)
    record(6, "a", "success", 1)
    local snapshot = tracker:snapshot()
    assert.same({
      "a warning: 5 successful calls made again, without a cache",
      "a bad: 33.3 % of 9 failed",
    }, findings(snapshot))
    assert.same({ "a bad: 3 failures in a row; 100 % of 3 failed" },
      findings(snapshot:filter { last = 9, status = "failed" }))
  end)

  it("looks for calls made again, and streaks of a part, in the newest 10,000", function()
    record(7, "b", "success", 1)
    record(6, "a", "failed", 1)
    record(9987, "a", "cancelled", 0)
    assert.same({
      "a bad: 6 failures in a row; 100 % of 6 failed",
      "b warning: 6 successful calls made again, without a cache",
    }, findings())
    assert.is_nil(health().text)
    record(9, "a", "cancelled", 0)
    assert.same({ "a bad: 6 failures in a row; 100 % of 6 failed" }, findings())
    assert.equal("Calls made again are counted in the newest 10,000 executions.", health().text)
    record(1, "c", "success")
    local part = tracker:snapshot():filter { tool = "a" }
    assert.same({ "a bad: 4 failures in a row; 100 % of 6 failed" }, findings(part))
    assert.equal("Failures in a row and calls made again are counted in the newest 10,000 "
      .. "executions.", health(part).text)
  end)

  it("takes 10 % of the calls that are among the newest 10,000, too", function()
    record(9000, "b", "success")
    record(200, "b", "success", 1)
    record(9800, "a", "success")
    assert.same({ "b warning: 199 successful calls made again, without a cache" }, findings())
  end)

  it("shows 30 findings at first", function()
    for i = 1, 31 do
      record(5, "tool " .. i, "success")
      record(3, "tool " .. i, "timed_out")
      record(50, "tool " .. i, "success")
    end
    local section = health()
    assert.equal(31, #section.rows)
    assert.equal(30, section.limit)
    assert.equal("findings", section.noun)
  end)
end)
