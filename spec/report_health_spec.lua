local assert = require("luassert")
local check = require("exectrack.report.check")
local clocks = require("spec.support.clock")
local exectrack = require("exectrack")
local overview = require("exectrack.report.builtin.overview")

local clock, tracker

before_each(function()
  clock = clocks.new()
  tracker = exectrack.new { max_in_flight = 2, max_history = 20000, clock = clock.read }
end)

--- Records `count` executions of one tool and status.
local function record(count, tool, status, args_hash, was_cached)
  for _ = 1, count do
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
    texts[i] = ("%s %s: %s"):format(row.tool, row.status, row.finding)
  end
  return texts
end

describe("the health in an overview", function()
  it("says when nothing stands out, and what would", function()
    record(9, "a", "success")
    assert.same({
      title = "Health",
      text = "Nothing stands out.\n\nLooked for: 3 failures or time-outs in a row up to now; "
        .. "errors in 10 % or more of at least 10 executions; time-outs; denied calls; the same "
        .. "call 5 times; executions in flight.",
    }, health())
  end)

  it("finds a tool that failed the last 3 times", function()
    record(30, "a", "success")
    record(2, "a", "failed")
    record(5, "a", "cancelled")
    assert.same({}, findings())
    record(1, "a", "failed")
    record(50, "b", "success")
    assert.same({ "a failed: 3 failures or time-outs in a row" }, findings())
    record(1, "a", "success")
    assert.same({}, findings())
  end)

  it("finds errors in 10 % of 10 executions", function()
    record(1, "a", "failed")
    record(8, "a", "success")
    record(5, "a", "cancelled")
    assert.same({}, findings())
    record(1, "a", "success")
    assert.same({ "a failed: 10.0 % of 10 failed or timed out" }, findings())
    record(1, "a", "success")
    assert.same({}, findings())
  end)

  it("finds time-outs", function()
    record(1000, "a", "success")
    record(1, "a", "timed_out")
    assert.same({ "a timed_out: 1 of 1,001 timed out" }, findings())
  end)

  it("finds the same call 5 times", function()
    record(4, "a", "success", 1)
    record(4, "a", "success", 2)
    record(4, "b", "success", 1)
    record(9, "a", "success")
    assert.same({}, findings())
    record(1, "a", "success", 2)
    assert.same({ "a warning: the same call 5 times" }, findings())
    record(2, "a", "success", 1, true)
    assert.same({ "a warning: the same call 6 times, of which a cache answered 2" }, findings())
  end)

  it("finds what was denied, and what is in flight, listed or not", function()
    local fetch = tracker:wrap("fetch", function() end, {
      policy = function(call) return { action = "deny", reason = "no " .. call.args_hash } end,
    })
    fetch(1)
    fetch(2)
    local spans = { tracker:start("a"), tracker:start("a"), tracker:start("b") }
    clock.advance_us(500000)
    assert.same({
      "fetch deny: a policy denied 2 calls",
      "a warning: 2 in flight, the longest for 500 ms",
      "b warning: 1 in flight",
    }, findings())
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
    assert.same({
      "b failed: 11 failures or time-outs in a row",
      "a failed: 10 failures or time-outs in a row",
      "b failed: 100 % of 11 failed or timed out",
      "a failed: 100 % of 10 failed or timed out",
      "a timed_out: 10 of 10 timed out",
      "b warning: the same call 11 times",
      "a warning: the same call 10 times",
    }, findings())
  end)

  it("counts what the records of the snapshot say", function()
    record(3, "a", "failed", 1)
    record(2, "a", "success", 1)
    local snapshot = tracker:snapshot()
    assert.same({ "a warning: the same call 5 times" }, findings(snapshot))
    assert.same({ "a failed: 3 failures or time-outs in a row" },
      findings(snapshot:filter { status = "failed" }))
  end)

  it("looks for failures in a row and repeated calls in the newest 10,000 executions", function()
    record(6, "a", "failed", 1)
    record(9996, "a", "cancelled", 0)
    assert.same({ "a failed: 4 failures or time-outs in a row" }, { findings()[1] })
    assert.matches("flight%. Failures in a row and repeated calls are counted in the newest 10,000 "
      .. "executions%.$", health().text)
    assert.equal(1, #findings())
  end)

  it("lists 30 findings at most, and says so", function()
    for i = 1, 31 do
      record(3, "tool " .. i, "failed")
    end
    assert.equal(30, #health().rows)
    assert.matches(" These are the first 30 of 31 findings%.$", health().text)
  end)
end)
