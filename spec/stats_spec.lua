local exectrack = require("exectrack")
local clocks = require("spec.support.clock")
local portable = require("spec.support.portable")

--- Counts of nothing, but for the fields of `overrides`.
local function counts(overrides)
  local all = {
    total_executions = 0,
    successful = 0,
    failed = 0,
    timed_out = 0,
    cancelled = 0,
    cached_hits = 0,
    untimed = 0,
    elapsed = 0,
    total_duration_ms = 0,
    elapsed_ms = 0,
  }
  for field, value in pairs(overrides) do
    all[field] = value
  end
  return all
end

local function assert_near(expected, actual, relative_error)
  assert.is_true(math.abs(actual - expected) <= relative_error * expected,
    string.format("%s is not within %g of %s", actual, relative_error, expected))
end

local tracker, clock

before_each(function()
  clock = clocks.new()
  tracker = exectrack.new { max_history = 3, clock = clock.read }
end)

describe("tracker:stats()", function()
  it("is all zeros at first", function()
    assert.same(counts {
      overflowed = 0,
      error_types_overflowed = 0,
      in_flight = 0,
      window = counts {},
    }, tracker:stats())
  end)

  it("counts the lifetime, and the retained records in its window", function()
    tracker:record("a", "success", 1000, true)
    tracker:record("a", "success", 10)
    tracker:record("b", "failed", 20, true)
    tracker:record("c", "timed_out", 30.5, true)
    tracker:record("a", "cancelled", 0)
    assert.same(counts {
      total_executions = 5,
      successful = 2,
      failed = 1,
      timed_out = 1,
      cancelled = 1,
      cached_hits = 3,
      total_duration_ms = 1060.5,
      overflowed = 0,
      error_types_overflowed = 0,
      in_flight = 0,
      window = counts {
        total_executions = 3,
        failed = 1,
        timed_out = 1,
        cancelled = 1,
        cached_hits = 2,
        total_duration_ms = 50.5,
        avg_duration_ms = 50.5 / 3,
      },
    }, tracker:stats())
  end)

  it("is the caller's own table", function()
    local stats = tracker:stats()
    stats.total_executions = 99
    stats.window.failed = 99
    tracker:record("a", "success", 1)
    assert.equal(99, stats.total_executions)
    assert.equal(1, tracker:stats().total_executions)
    assert.equal(0, tracker:stats().window.failed)
  end)
end)

describe("tracker:stats(tool)", function()
  it("is nil for a tool that was never used", function()
    tracker:record("a", "success", 1)
    assert.is_nil(tracker:stats("b"))
    assert.is_nil(tracker:stats(""))
    assert.is_nil(tracker:stats("a\0"))
  end)

  it("counts one tool, its lifetime and its window", function()
    tracker:record("a", "success", 1000)
    tracker:record("a", "failed", 10, true)
    clock.advance_us(250000)
    tracker:record("a", "timed_out", 20)
    tracker:record("b", "success", 5000)
    local stats = tracker:stats("a")
    for _, quantile in ipairs { "p50", "p90", "p95", "p99" } do
      stats[quantile .. "_duration_ms"] = nil
    end
    assert.same(counts {
      total_executions = 3,
      successful = 1,
      failed = 1,
      timed_out = 1,
      cached_hits = 1,
      total_duration_ms = 1030,
      avg_duration_ms = 1030 / 3,
      min_duration_ms = 10,
      max_duration_ms = 1000,
      last_timestamp = 1767225600.25,
      failure_streak = 1, -- a cache answered the other
      in_flight = 0,
      window = counts {
        total_executions = 2,
        failed = 1,
        timed_out = 1,
        cached_hits = 1,
        total_duration_ms = 30,
        avg_duration_ms = 15.0,
      },
    }, stats)
    assert.is_true(portable.is_float(stats.window.avg_duration_ms))
  end)

  it("has no durations and no time before the first execution", function()
    local span = tracker:start("a")
    assert.same(counts { failure_streak = 0, in_flight = 1, window = counts {} },
      tracker:stats("a"))
    span:finish()
  end)

  it("counts failures and time-outs since the last success in a streak", function()
    local streaks = {}
    for i, status in ipairs { "failed", "timed_out", "cancelled", "failed", "success", "cancelled",
      "timed_out" } do
      clock.advance_us(1000)
      tracker:record("a", status, 1)
      tracker:record("b", "success", 1)
      streaks[i] = tracker:stats("a").failure_streak
    end
    assert.same({ 1, 2, 2, 3, 0, 0, 1 }, streaks)
    assert.equal(0, tracker:stats("b").failure_streak)
  end)

  it("has the latest time at which the tool ended, imported or not", function()
    tracker:record { tool = "a", status = "success", duration_ms = 1, timestamp = 50 }
    tracker:record { tool = "a", status = "success", duration_ms = 1, timestamp = 40 }
    assert.equal(50.0, tracker:stats("a").last_timestamp)
    tracker:record("a", "success", 1)
    assert.equal(1767225600.0, tracker:stats("a").last_timestamp)
  end)

  it("counts everything in flight, listed or not", function()
    local small = exectrack.new { max_in_flight = 1 }
    local first, second = small:start("a"), small:start("a")
    assert.equal(2, small:stats("a").in_flight)
    assert.equal(1, #small:in_flight())
    first:finish()
    second:finish()
    assert.equal(0, small:stats("a").in_flight)
    assert.equal(2, small:stats("a").total_executions)
  end)
end)

describe("the quantiles of a tool", function()
  it("are exact for equal durations", function()
    for _ = 1, 10 do
      tracker:record("a", "success", 12.5)
    end
    local stats = tracker:stats("a")
    for _, quantile in ipairs { "p50", "p90", "p95", "p99" } do
      assert.equal(12.5, stats[quantile .. "_duration_ms"])
      assert.is_true(portable.is_float(stats[quantile .. "_duration_ms"]))
    end
  end)

  it("are of the nearest rank, within 1.1 %", function()
    for i = 1, 100 do
      tracker:record("a", "success", i * 7 % 101)
    end
    local stats = tracker:stats("a")
    assert_near(50, stats.p50_duration_ms, 0.011)
    assert_near(90, stats.p90_duration_ms, 0.011)
    assert_near(95, stats.p95_duration_ms, 0.011)
    assert_near(99, stats.p99_duration_ms, 0.011)
  end)

  it("are of the lifetime, not of the window", function()
    for _ = 1, 97 do
      tracker:record("a", "success", 10)
    end
    for _ = 1, 3 do
      tracker:record("a", "success", 1000)
    end
    local stats = tracker:stats("a")
    assert_near(10, stats.p95_duration_ms, 0.011)
    assert_near(1000, stats.p99_duration_ms, 0.011)
    assert.equal(1000.0, stats.window.avg_duration_ms)
  end)

  it("are 0 while half of the durations are", function()
    tracker:record("a", "success", 0)
    tracker:record("a", "success", 0)
    tracker:record("a", "success", 8)
    local stats = tracker:stats("a")
    assert.equal(0.0, stats.p50_duration_ms)
    assert.equal(8.0, stats.p99_duration_ms)
  end)

  it("stay between the shortest and the longest duration", function()
    for _, duration_ms in ipairs { 0.001, 1, 3600000, 2 ^ 45 } do
      tracker:record("a", "success", duration_ms)
      local stats = tracker:stats("a")
      assert.is_true(stats.p50_duration_ms >= stats.min_duration_ms)
      assert.is_true(stats.p99_duration_ms <= stats.max_duration_ms)
    end
    assert_near(1, tracker:stats("a").p50_duration_ms, 0.044)
  end)
end)

describe("tracker:avg_duration_for_tool", function()
  it("is over the retained records, of every status and cached ones too", function()
    tracker:record("a", "success", 1000)
    tracker:record("a", "failed", 1, true)
    tracker:record("b", "success", 500)
    tracker:record("a", "cancelled", 2)
    assert.equal(1.5, tracker:avg_duration_for_tool("a"))
    assert.equal(500.0, tracker:avg_duration_for_tool("b"))
    assert.is_true(portable.is_float(tracker:avg_duration_for_tool("b")))
  end)

  it("is nil once no record of the tool is retained", function()
    tracker:record("a", "success", 1)
    for _ = 1, 3 do
      tracker:record("b", "success", 2)
    end
    assert.is_nil(tracker:avg_duration_for_tool("a"))
    assert.equal(1, tracker:stats("a").total_executions)
    assert.equal(0, tracker:stats("a").window.total_executions)
  end)

  it("keeps microseconds", function()
    tracker:record("a", "success", 0.001)
    tracker:record("a", "success", 0.002)
    assert.equal(0.0015, tracker:avg_duration_for_tool("a"))
  end)
end)
