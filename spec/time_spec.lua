local exectrack = require("exectrack")
local clocks = require("spec.support.clock")
local random = require("spec.support.random")
local portable = require("spec.support.portable")

--- The longest duration that is kept, in milliseconds.
local LONGEST_MS = 4503599627370495 / 1000

local function recorded_duration(duration_ms)
  local tracker = exectrack.new(1)
  tracker:record("a", "success", duration_ms)
  return tracker:recent_executions(1)[1].duration_ms
end

local function recorded_timestamp(timestamp)
  local tracker = exectrack.new(1)
  tracker:record { tool = "a", status = "success", duration_ms = 0, timestamp = timestamp }
  return tracker:recent_executions(1)[1].timestamp
end

describe("a duration", function()
  it("is an integer when it is whole, else a float", function()
    for _, case in ipairs { { 0, 0 }, { 100, 100 }, { 100.0, 100 }, { 1e9, 1000000000 } } do
      local duration = recorded_duration(case[1])
      assert.equal(case[2], duration)
      assert.is_true(portable.is_integer(duration))
    end
    for _, case in ipairs { 0.001, 0.5, 12.25, 1234567.891 } do
      local duration = recorded_duration(case)
      assert.equal(case, duration)
      assert.is_true(portable.is_float(duration))
    end
  end)

  it("is kept to the nearest microsecond, halves up", function()
    assert.equal(0, recorded_duration(0.0004))
    assert.equal(0.001, recorded_duration(0.0005))
    assert.equal(0.001, recorded_duration(0.00149))
    assert.equal(0.002, recorded_duration(0.0015))
    assert.equal(1, recorded_duration(0.9999))
    assert.equal(0, recorded_duration(-0.0))
    assert.equal(0, recorded_duration(5e-324))
  end)

  it("keeps every microsecond of random ones", function()
    random.seed("time_spec")
    for _ = 1, 10000 do
      local us = random.integer(0, 2 ^ math.random(50))
      local duration_ms = us / 1000
      assert.equal(duration_ms, recorded_duration(duration_ms))
    end
  end)

  it("is stored as the longest when it is longer", function()
    assert.equal(LONGEST_MS, recorded_duration(2 ^ 52 / 1000))
    assert.equal(LONGEST_MS, recorded_duration(1e300))
    assert.equal(LONGEST_MS, recorded_duration(portable.MAX_INTEGER))
    assert.equal(4503599627370, recorded_duration(4503599627370))
  end)

  it("adds up to no more than the largest total", function()
    local tracker = exectrack.new(0)
    for _ = 1, 2047 do
      tracker:record("a", "success", 1e300)
    end
    assert.equal(2047 * 4503599627370495 / 1000, tracker:stats().total_duration_ms)
    for _ = 1, 3 do
      tracker:record("a", "success", 1e300)
      tracker:record("b", "success", 5)
    end
    assert.equal(9223372036854775807 / 1000, tracker:stats().total_duration_ms)
    assert.equal(9223372036854775807 / 1000, tracker:stats("a").total_duration_ms)
    assert.equal(15, tracker:stats("b").total_duration_ms)
    assert.equal(2053, tracker:stats().total_executions)
  end)
end)

describe("a timestamp", function()
  it("gives back the microseconds that it was given, until the year 2105", function()
    random.seed("time_spec")
    for _ = 1, 10000 do
      local timestamp = random.integer(0, 4260211200000000) / 1e6
      assert.equal(timestamp, recorded_timestamp(timestamp))
    end
    for _, us in ipairs { 0, 1, 999999, 1000000, 4260211199999999 } do
      assert.equal(us / 1e6, recorded_timestamp(us / 1e6))
    end
  end)

  it("is rounded to the nearest microsecond", function()
    assert.equal(1.0, recorded_timestamp(1.0000004))
    assert.equal(1.000001, recorded_timestamp(1.0000006))
    assert.equal(2.0, recorded_timestamp(1.9999999))
  end)

  it("is a float, of an integer too", function()
    local timestamp = recorded_timestamp(1700000000)
    assert.equal(1700000000.0, timestamp)
    assert.is_true(portable.is_float(timestamp))
  end)

  it("can be as late as the largest", function()
    assert.equal(9223372036854.0, recorded_timestamp(9223372036854))
  end)
end)

describe("the clock", function()
  local clock, tracker

  before_each(function()
    clock = clocks.new()
    tracker = exectrack.new { clock = clock.read }
  end)

  it("is read once by each operation that needs the time, and by no other", function()
    local function readings(operation)
      local before = clock.readings
      operation()
      return clock.readings - before
    end
    local span
    assert.equal(1, clock.readings)
    assert.equal(1, readings(function() tracker:record("a", "success", 1) end))
    assert.equal(1, readings(function() span = tracker:start("a") end))
    assert.equal(1, readings(function() tracker:in_flight() end))
    assert.equal(1, readings(function() span:finish() end))
    assert.equal(0, readings(function()
      tracker:stats()
      tracker:stats("a")
      tracker:recent_executions(9)
      tracker:avg_duration_for_tool("a")
      tracker:get_tool_name(1)
      tracker:tools()
      tracker:label()
      tracker:clear()
      assert(#tracker == 0 and tostring(tracker) and tostring(span))
    end))
  end)

  it("never goes back", function()
    clock.advance_us(5000000)
    tracker:record("a", "success", 1)
    clock.advance_us(-3000000)
    tracker:record("a", "success", 1)
    local span = tracker:start("a")
    clock.advance_us(-1000000)
    assert.equal(0, tracker:in_flight()[1].elapsed_ms)
    assert.equal(0, span:finish())
    for _, record in ipairs(tracker:recent_executions(3)) do
      assert.equal(1767225605.0, record.timestamp)
    end
    clock.advance_us(5000000)
    tracker:record("a", "success", 1)
    assert.equal(1767225606.0, tracker:recent_executions(1)[1].timestamp)
  end)

  it("never goes back before the tracker was made", function()
    clock.us = 0
    tracker:record("a", "success", 1)
    assert.equal(1767225600.0, tracker:recent_executions(1)[1].timestamp)
  end)

  it("isn't moved by imported timestamps", function()
    tracker:record { tool = "a", status = "success", duration_ms = 1, timestamp = 4e9 }
    tracker:record("a", "success", 1)
    assert.equal(1767225600.0, tracker:recent_executions(2)[2].timestamp)
  end)

  it("may return an integer", function()
    local whole = exectrack.new { clock = function() return 1700000000 end }
    whole:record("a", "success", 1)
    assert.equal(1700000000.0, whole:recent_executions(1)[1].timestamp)
  end)

  it("is called without arguments", function()
    local given
    local strict = exectrack.new { clock = function(...)
      given = select("#", ...)
      return 1
    end }
    assert.equal(0, given)
    strict:record("a", "success", 1)
    assert.equal(0, given)
  end)
end)

describe("the system's clock", function()
  it("is Unix time and never goes back", function()
    local tracker = exectrack.new(100)
    local earliest = os.time() - 3600 -- the system's time may be set meanwhile
    for _ = 1, 100 do
      tracker:record("a", "success", 1)
    end
    local latest = os.time() + 3600
    local records = tracker:recent_executions(100)
    for i, record in ipairs(records) do
      assert.is_true(record.timestamp >= earliest and record.timestamp <= latest)
      assert.is_true(i == 1 or record.timestamp <= records[i - 1].timestamp)
    end
  end)
end)
