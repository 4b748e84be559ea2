local assert = require("luassert")
local check = require("exectrack.report.check")
local clocks = require("spec.support.clock")
local exectrack = require("exectrack")
local needs = require("spec.support.needs")
local overview = require("exectrack.report.builtin.overview")
local runs = require("spec.support.runs")

local clock, tracker

before_each(function()
  clock = clocks.new()
  tracker = exectrack.new { max_in_flight = 2, max_history = 20000, clock = clock.read }
end)

--- Records `count` executions of one tool and status, one after the other.
local function record(count, tool, status, args_hash, was_cached)
  for _ = 1, count do
    clock.advance_us(1000)
    tracker:record { tool = tool, status = status, duration_ms = 1, args_hash = args_hash,
      was_cached = was_cached }
  end
end

local function health(snapshot)
  local made = overview(snapshot or tracker:snapshot())
  assert.is_true(check(made))
  assert.equal("Health", made.sections[2].title)
  return made.sections[2]
end

--- What is found, each finding as one text.
local function findings(snapshot)
  local texts = {}
  for i, row in ipairs(health(snapshot).rows or {}) do
    texts[i] = ("%s %s: %s"):format(row.tool, row.severity, row.finding)
  end
  return texts
end

describe("the health in an overview", function()
  it("says when nothing stands out, and what would", function()
    record(9, "a", "success")
    assert.same({
      title = "Health",
      text = "Nothing stands out. Looked for: 3 failures or time-outs in a row up to now; 3 in "
        .. "all, if they are 10 % of a tool's executions; executions in flight for longer than any "
        .. "that ended; time-outs; denied calls; 5 calls made again without a cache, if they are "
        .. "10 %.",
    }, health())
  end)

  it("shows the tool, how severe it is and what it is, without what else there could be", function()
    record(1, "a", "timed_out")
    assert.same({
      title = "Health",
      columns = {
        { field = "tool", heading = "Tool" },
        { field = "severity", heading = "Severity", unit = "status" },
        { field = "finding", heading = "Finding" },
      },
      rows = { { tool = "a", severity = "warning", finding = "1 of 1 timed out" } },
    }, health())
  end)

  it("finds a tool that failed the last 3 times", function()
    record(30, "a", "success")
    record(2, "a", "failed")
    record(5, "a", "cancelled")
    assert.same({}, findings())
    record(1, "a", "failed")
    record(50, "b", "success")
    assert.same({ "a bad: 3 failures or time-outs in a row" }, findings())
    record(1, "a", "success")
    assert.same({}, findings())
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
    assert.equal("a bad: 3 failures or time-outs, no success that started since",
      findings()[1])
    table.remove(spans):finish()
    assert.equal("a bad: 50.0 % of 6 failed or timed out", findings()[1])
    table.remove(spans):finish()
  end)

  it("finds 3 failures and time-outs, however few executions there are", function()
    record(1, "a", "failed")
    record(1, "a", "timed_out")
    record(1, "a", "success")
    assert.same({ "a warning: 1 of 3 timed out" }, findings())
    record(1, "a", "failed")
    record(1, "a", "success")
    assert.same({ "a bad: 60.0 % of 5 failed or timed out", "a warning: 1 of 5 timed out" },
      findings())
  end)

  it("finds failures if they are 10 % of those that were not cancelled", function()
    record(3, "a", "failed")
    record(27, "a", "success")
    record(5, "a", "cancelled")
    assert.same({ "a bad: 10.0 % of 30 failed or timed out" }, findings())
    record(1, "a", "success")
    assert.same({}, findings())
  end)

  it("finds time-outs", function()
    record(1000, "a", "success")
    record(1, "a", "timed_out")
    assert.same({ "a warning: 1 of 1,001 timed out" }, findings())
  end)

  it("finds 5 calls that were made again, none of which a cache answered", function()
    record(3, "a", "success", 1)
    record(3, "a", "success", 2)
    record(5, "b", "success", 1)
    record(9, "a", "success")
    record(9, "a", "success", 2, true)
    assert.same({}, findings())
    record(1, "a", "success", 2)
    assert.same({ "a warning: 5 calls made again, without a cache" }, findings())
  end)

  it("finds calls that were made again if they are 10 % of the tool's", function()
    record(6, "a", "success", 1)
    record(44, "a", "success")
    record(99, "b", "success")
    assert.same({ "a warning: 5 calls made again, without a cache" }, findings())
    record(1, "a", "success")
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

  it("counts what was denied up to the largest integer", function()
    needs.integers(pending)
    assert.equal("a warning: a policy denied 9,223,372,036,854,775,807 calls",
      findings(runs.with_full_counts())[2])
  end)

  it("finds what is in flight for longer than any that ended, of several the longest", function()
    tracker:record("a", "success", 500)
    tracker:record("a", "success", 3)
    local first, longest = tracker:start("a"), tracker:start("a")
    first:finish("cancelled")
    clock.advance_us(200000)
    local last = tracker:start("a") -- in the place of the first
    clock.advance_us(300000)
    assert.same({}, findings())
    clock.advance_us(1000)
    assert.same({ "a warning: in flight for 501 ms, longer than any that ended" }, findings())
    assert(longest and last) -- which kept them in flight until here
  end)

  it("finds what is in flight of a tool of which none ended", function()
    local spans = { tracker:start("a"), tracker:start("b") }
    clock.advance_us(2000)
    assert.same({ "a warning: in flight for 2.00 ms", "b warning: in flight for 2.00 ms" },
      findings())
    assert(spans) -- which kept them in flight until here
  end)

  it("speaks of the tools alone that were chosen", function()
    local denied = { policy = function() return { action = "deny" } end }
    for _, tool in ipairs { "a", "b" } do
      record(3, tool, "failed")
      tracker:wrap(tool, function() end, denied)()
    end
    tracker:wrap("c", function() end, denied)()
    local spans = { tracker:start("a"), tracker:start("b") }
    clock.advance_us(2000)
    local snapshot = tracker:snapshot()
    assert.same({
      "a bad: 3 failures or time-outs in a row",
      "a bad: 100 % of 3 failed or timed out",
      "a warning: in flight for 2.00 ms, longer than any that ended",
      "a warning: a policy denied 1 call",
    }, findings(snapshot:filter { tool = "a" }))
    assert.same({}, findings(snapshot:filter { tool = "d" }))
    assert.equal(9, #findings(snapshot))
    assert.equal("c warning: a policy denied 1 call", findings(snapshot)[9])
    assert(spans) -- which kept them in flight until here
  end)

  it("finds names beyond the limits", function()
    tracker = exectrack.new { max_tools = 1, clock = clock.read }
    for i = 1, 3 do
      record(1, "tool " .. i, "success")
    end
    assert.same({ "(other) warning: 2 executions of tools beyond the run's limit" }, findings())
    for i = 1, 258 do
      tracker:record("tool 1", i % 20 == 0 and "failed" or "success", 1, false, "E" .. i)
    end
    local found = findings()
    assert.equal("(other) warning: 2 executions with error types beyond the limit", found[#found])
  end)

  it("says what matters most first, of the tools that took most time first", function()
    record(10, "a", "timed_out", 1)
    record(11, "b", "failed", 1)
    local spans = { tracker:start("a"), tracker:start("b") }
    clock.advance_us(2000)
    tracker:wrap("a", function() end, { policy = function() return { action = "deny" } end })()
    assert.same({
      "b bad: 11 failures or time-outs in a row",
      "a bad: 10 failures or time-outs in a row",
      "b bad: 100 % of 11 failed or timed out",
      "a bad: 100 % of 10 failed or timed out",
      "b warning: in flight for 2.00 ms, longer than any that ended",
      "a warning: in flight for 2.00 ms, longer than any that ended",
      "a warning: 10 of 10 timed out",
      "a warning: a policy denied 1 call",
      "b warning: 10 calls made again, without a cache",
      "a warning: 9 calls made again, without a cache",
    }, findings())
    assert(spans) -- which kept them in flight until here
  end)

  it("takes for calls made again only those of a session with the same result", function()
    for i = 1, 6 do
      tracker:session("session " .. i % 2):record("a", "success", 1, false, nil, "x")
      tracker:record { tool = "b", status = "success", duration_ms = 1, args_hash = 1,
        result_hash = i % 2 }
    end
    assert.same({}, findings())
    for _ = 1, 2 do
      tracker:session("session 1"):record("a", "success", 1, false, nil, "x")
      tracker:record { tool = "b", status = "success", duration_ms = 1, args_hash = 1 }
    end
    assert.same({
      "a warning: 6 calls made again, without a cache",
      "b warning: 6 calls made again, without a cache",
    }, findings())
  end)

  it("counts what the records of the snapshot say", function()
    record(3, "a", "failed", 1)
    record(6, "a", "success", 1)
    local snapshot = tracker:snapshot()
    assert.same({
      "a bad: 33.3 % of 9 failed or timed out",
      "a warning: 7 calls made again, without a cache",
    }, findings(snapshot))
    assert.same({
      "a bad: 3 failures or time-outs in a row",
      "a bad: 100 % of 3 failed or timed out",
    }, findings(snapshot:filter { status = "failed" }))
  end)

  it("looks for failures in a row and calls made again in the newest 10,000", function()
    record(7, "b", "success", 1)
    record(6, "a", "failed", 1)
    record(9987, "a", "cancelled", 0)
    assert.same({
      "a bad: 6 failures or time-outs in a row",
      "a bad: 100 % of 6 failed or timed out",
      "b warning: 6 calls made again, without a cache",
    }, findings())
    assert.is_nil(health().text)
    record(9, "a", "cancelled", 0)
    assert.same({
      "a bad: 4 failures or time-outs in a row",
      "a bad: 100 % of 6 failed or timed out",
    }, findings())
    assert.equal("Failures in a row and calls made again are counted in the newest 10,000 "
      .. "executions.", health().text)
  end)

  it("finds calls made again if they are 10 % of the newest 10,000", function()
    record(999, "a", "success")
    record(1001, "a", "success", 1)
    record(8999, "a", "success")
    assert.same({ "a warning: 1,000 calls made again, without a cache" }, findings())
    record(1, "a", "success")
    assert.same({}, findings())
    assert.matches("^Nothing stands out%. .* are 10 %%%. Failures in a row and calls made again "
      .. "are counted in the newest 10,000 executions%.$", health().text)
  end)

  it("takes 10 % of the calls that are among the newest 10,000, too", function()
    record(9000, "b", "success")
    record(200, "b", "success", 1)
    record(9800, "a", "success")
    assert.same({ "b warning: 199 calls made again, without a cache" }, findings())
  end)

  it("lists 30 findings at most, and says so", function()
    for i = 1, 30 do
      record(1, "tool " .. i, "timed_out")
    end
    assert.equal(30, #health().rows)
    assert.is_nil(health().text)
    record(1, "tool 31", "timed_out")
    assert.equal(30, #health().rows)
    assert.equal("These are the first 30 of 31 findings.", health().text)
  end)
end)
