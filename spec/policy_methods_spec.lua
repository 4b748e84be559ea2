local clocks = require("spec.support.clock")
local exectrack = require("exectrack")
local portable = require("spec.support.portable")
local runs = require("spec.support.runs")

local pack = portable.pack

local START = clocks.START_US / 1e6
local MOST = 9223372036854775807

local clock, tracker

before_each(function()
  clock = clocks.new()
  tracker = exectrack.new { max_history = 5, max_tools = 300, max_in_flight = 2,
    clock = clock.read }
end)

--- Seconds on the clock, `us` microseconds after its start.
local function at(us)
  return (clocks.START_US + us) / 1e6
end

--- Asserts that a run answers exactly `expected`, of the same types of numbers too.
local function assert_same(expected, actual)
  assert.same(expected, actual)
  for i = 1, expected.n do
    assert.equal(portable.is_integer(expected[i]), portable.is_integer(actual[i]))
  end
end

--- What a method of the tracker returns, which is what that of its snapshot does.
local function ask(method, ...)
  local snapshot = tracker:snapshot()
  local answers = pack(tracker[method](tracker, ...))
  assert_same(answers, pack(snapshot[method](snapshot, ...)))
  return answers
end

--- Makes a function that asserts what `method` returns, on the tracker and on its snapshot.
local function asserts(method)
  return function(expected, ...)
    assert_same(expected, ask(method, ...))
  end
end

local function record(tool, status, duration_ms, was_cached, args)
  tracker:record(tool, status, duration_ms or 1, was_cached, nil, args)
end

describe("measure_total", function()
  local assert_total = asserts("measure_total")

  it("is the sum since the last clear, of a tool or of all, in the measure's unit", function()
    assert_total(pack(nil, 0), "cost")
    tracker = exectrack.new { measures = { { name = "cost", scale = 0.1 }, { name = "bytes" } } }
    local function spend(tool, measures, status)
      tracker:record { tool = tool, status = status or "success", measures = measures }
    end
    assert_total(pack(0.0, 0), "cost")
    spend("grep", { cost = 0.1 })
    spend("grep", { cost = 0.2, bytes = 7 }, "failed")
    spend("ls", { cost = 1 })
    spend("ls")
    assert_total(pack(1.3, 3), "cost")
    assert_total(pack(0.3, 2), "cost", "grep")
    assert_total(pack(0.0, 0), "bytes", "ls")
    assert_total(pack(0.0, 0), "bytes", "fetch")
    assert_total(pack(nil, 0), "cos")
    assert_total(pack(nil, 0), "cost2", "grep")
    tracker:clear()
    assert_total(pack(0.0, 0), "cost")
  end)
end)

describe("totals", function()
  local assert_totals = asserts("totals")

  it("are 0 before anything was recorded, and for a tool that there isn't", function()
    assert_totals(pack(0, 0, 0))
    assert_totals(pack(0, 0, 0), nil)
    assert_totals(pack(0, 0, 0), "grep")
    record("ls", "failed")
    assert_totals(pack(0, 0, 0), "grep")
  end)

  it("count all since the last clear, of a tool or of all", function()
    record("grep", "success", 2)
    record("grep", "failed", 0.5)
    record("grep", "timed_out", 30)
    record("grep", "cancelled", 1)
    record("grep", "success", 0, true)
    record("ls", "failed", 7.25)
    record("ls", "success", 1)
    assert_totals(pack(7, 41.75, 3))
    assert_totals(pack(5, 33.5, 2), "grep")
    assert_totals(pack(2, 8.25, 1), "ls")
    tracker:clear()
    assert_totals(pack(0, 0, 0))
    assert_totals(pack(0, 0, 0), "ls")
  end)

  it("leave out what is in flight", function()
    local span = tracker:start("grep")
    clock.advance_us(3000)
    assert_totals(pack(0, 0, 0), "grep")
    span:finish("failed")
    assert_totals(pack(1, 3, 1), "grep")
  end)

  it("stop at the largest integer, as what they are made of does", function()
    local run = runs.with_full_counts()
    assert_same(pack(MOST, 7200000, MOST), pack(run:totals()))
    assert_same(pack(MOST, 7200000, MOST), pack(run:totals("a")))
  end)
end)

describe("failure_streak", function()
  local assert_streak = asserts("failure_streak")

  it("is none for a tool that never failed or that there isn't", function()
    assert_streak(pack(0, 0, nil), "grep")
    record("grep", "success")
    record("grep", "cancelled")
    assert_streak(pack(0, 0, nil), "grep")
  end)

  it("counts failures and time-outs since the last success, not cancelled ones", function()
    record("grep", "failed", 0)
    clock.advance_us(5000)
    record("grep", "timed_out", 1)
    clock.advance_us(1)
    record("grep", "cancelled", 0)
    record("ls", "success", 0)
    assert_streak(pack(2, 2, at(5000)), "grep")
    record("grep", "success", 0)
    assert_streak(pack(0, 0, at(5000)), "grep")
  end)

  it("leaves out what a cache answered", function()
    record("grep", "failed", 0, true)
    assert_streak(pack(0, 0, nil), "grep")
    record("grep", "failed", 0)
    clock.advance_us(10)
    record("grep", "success", 0, true)
    record("grep", "timed_out", 0, true)
    assert_streak(pack(1, 1, at(0)), "grep")
  end)

  it("is ended by a success only if that started when the latest failure had ended", function()
    local early = tracker:start("grep")
    clock.advance_us(10)
    record("grep", "failed", 0)
    local late = tracker:start("grep")
    clock.advance_us(10)
    early:finish()
    assert_streak(pack(1, 1, at(10)), "grep")
    late:finish()
    assert_streak(pack(0, 0, at(10)), "grep")
  end)

  it("counts what fails side by side as one round", function()
    local spans = {}
    for i = 1, 4 do
      spans[i] = tracker:start("grep")
    end
    for i = 1, 4 do
      clock.advance_us(10)
      spans[i]:finish("failed")
    end
    assert_streak(pack(4, 1, at(40)), "grep")
    local next_span = tracker:start("grep")
    next_span:finish("timed_out")
    assert_streak(pack(5, 2, at(40)), "grep")
  end)

  it("has the time of a failure in the first instant of 1970", function()
    clock.us = 0
    tracker = exectrack.new { clock = clock.read }
    record("grep", "failed", 0)
    assert_streak(pack(1, 1, 0.0), "grep")
  end)

  it("is none after a clear", function()
    record("grep", "failed")
    tracker:clear()
    assert_streak(pack(0, 0, nil), "grep")
  end)
end)

describe("error_rate", function()
  local assert_rate = asserts("error_rate")

  it("is nil without executions that count", function()
    assert_rate(pack(nil, 0), "grep")
    record("grep", "cancelled")
    assert_rate(pack(nil, 0), "grep")
  end)

  it("is the share that failed or timed out of those retained", function()
    record("grep", "failed")
    record("grep", "failed")
    record("grep", "failed")
    assert_rate(pack(1.0, 3), "grep")
    record("ls", "failed")
    record("grep", "success")
    record("grep", "timed_out") -- from here on the oldest ones fall out
    assert_rate(pack(0.75, 4), "grep")
    record("grep", "cancelled")
    assert_rate(pack(2 / 3, 3), "grep")
    record("grep", "success")
    assert_rate(pack(1 / 3, 3), "grep")
    assert_rate(pack(1.0, 1), "ls")
    record("ls", "success", 0, true)
    assert_rate(pack(0.0, 1), "ls")
  end)
end)

describe("repeats", function()
  local assert_repeats = asserts("repeats")
  local hash = exectrack.fingerprint("x")

  it("are those of the same tool with the same arguments among the newest records", function()
    for i = 1, 2 do
      record("grep", "success", 1, false, "x")
      record("grep", "failed", 1, false, i)
    end
    record("ls", "success", 1, false, "x")
    for records, expected in pairs { [0] = 0, 0, 0, 1, 1, 2, 2, [portable.MAX_INTEGER] = 2 } do
      assert_repeats(pack(expected), "grep", hash, records)
    end
    assert_repeats(pack(1), "ls", hash, 5)
    assert_repeats(pack(0), "cat", hash, 5)
    assert_repeats(pack(0), "grep", 0, 5)
    assert_repeats(pack(0), "grep", 0xFFFFFFFF, 5)
  end)

  it("include what is in flight and listed, whatever the number of records", function()
    local spans = { tracker:start("grep", "x"), tracker:start("ls", "x"),
      tracker:start("grep", "x") }
    assert_repeats(pack(1), "grep", hash, 0)
    spans[1]:finish()
    assert_repeats(pack(0), "grep", hash, 0)
    assert_repeats(pack(1), "grep", hash, 1)
  end)

  it("are those of the same session, by its name or its fingerprint", function()
    local session = tracker:session("a")
    session:record("grep", "success", 1, false, nil, "x")
    local span = session:start("grep", "x")
    tracker:session("b"):record("grep", "success", 1, false, nil, "x")
    record("grep", "success", 1, false, "x")
    assert_repeats(pack(2), "grep", hash, 5, "a")
    assert_repeats(pack(2), "grep", hash, 1, "a")
    assert_repeats(pack(1), "grep", hash, 0, "a")
    assert_repeats(pack(2), "grep", hash, 5, exectrack.new { session_names = 0 }
      :session_name("a"))
    assert_repeats(pack(1), "grep", hash, 5, "b")
    assert_repeats(pack(0), "grep", hash, 5, "c")
    assert_repeats(pack(1), "grep", hash, 5, nil)
    span:finish()
  end)

  it("count executions without arguments for a fingerprint of 0", function()
    record("grep", "success")
    assert_repeats(pack(1), "grep", 0, 9)
    assert_repeats(pack(1), "grep", 0.0, 9.0)
  end)
end)

describe("loop", function()
  local assert_loop = asserts("loop")
  local hash = exectrack.fingerprint("x")

  local function grep(result, session)
    tracker:record { tool = "grep", args = "x", result = result, session = session,
      status = "success", duration_ms = 0 }
  end

  it("says how often a call was made, and ended alike", function()
    assert_loop(pack(0, 0, 0, 0, 0), "grep", hash, 20)
    grep(1)
    grep(2, "a")
    grep(2, "a")
    assert_loop(pack(1, 0, 0, 0, 0), "grep", hash, 20)
    assert_loop(pack(2, 0, 0, 0, 0), "grep", hash, 20, "a")
    grep(3, "a")
    assert_loop(pack(1, 0, 0, 0, 0), "grep", hash, 20, "a")
    assert_loop(pack(3, 0, 0, 0, 0), "grep", hash, 20, "a", true)
  end)

  it("says of which cycle a call is, and how many similar failures precede it", function()
    for _ = 1, 2 do
      record("grep", "success", 1, false, "x")
      tracker:record("ls", "failed", 1, false, "EIO", "y")
    end
    assert_loop(pack(2, 0, 2, 2, 0), "grep", hash, 20)
    assert_loop(pack(0, 0, 0, 0, 1), "ls", hash, 20)
  end)
end)

describe("session_executions", function()
  it("are the newest records of a session, the latest first", function()
    local function args_of(n, session)
      local found = {}
      for i, execution in ipairs(ask("session_executions", n, session)[1]) do
        found[i] = execution.args_hash
      end
      return found
    end
    for i = 1, 6 do
      tracker:record { tool = "grep", args_hash = i, status = "success", duration_ms = 1,
        session = i % 3 == 0 and "a" or nil }
    end
    assert.same({ 6, 3 }, args_of(20, "a"))
    assert.same({ 6 }, args_of(1, "a"))
    assert.same({ 5, 4, 2 }, args_of(20))
    assert.same({}, args_of(0))
    assert.same({}, args_of(20, "b"))
  end)

  it("are in the order in which they were recorded", function()
    for i = 1, 3 do
      tracker:record { tool = "grep", args_hash = i, status = "success", duration_ms = 1,
        timestamp = at(-i) }
    end
    local newest = tracker:session_executions(2)
    assert.same({ 3, 2 }, { newest[1].args_hash, newest[2].args_hash })
    assert.same(tracker:recent_executions(3)[3], newest[1])
  end)
end)

describe("starts_after", function()
  local assert_starts = asserts("starts_after")

  it("is 0 without executions", function()
    assert_starts(pack(0), 0)
    assert_starts(pack(0), -1, "grep")
    assert_starts(pack(0, nil), 0, nil, 1)
  end)

  --- Starts at 0, 100 and 200 µs, of which the last is in flight.
  local function start_three()
    local first = tracker:start("grep")
    clock.advance_us(100)
    local second = tracker:start("ls")
    clock.advance_us(50)
    second:finish()
    clock.advance_us(50)
    local third = tracker:start("grep")
    clock.advance_us(100)
    first:finish()
    return third
  end

  it("counts those that started later, ended or in flight", function()
    local third = start_three()
    assert_starts(pack(3), at(-1))
    assert_starts(pack(2), START)
    assert_starts(pack(2), START, nil, nil)
    assert_starts(pack(1), START, "grep")
    assert_starts(pack(1), at(99), "ls")
    assert_starts(pack(0), at(100), "ls")
    assert_starts(pack(1), at(100))
    assert_starts(pack(0), at(200))
    assert_starts(pack(0), START, "cat")
    third:finish()
    assert_starts(pack(1), at(100))
  end)

  it("says when the nth newest of them started", function()
    local third = start_three()
    assert_starts(pack(3, at(200)), 0, nil, 1)
    assert_starts(pack(3, at(100)), 0, nil, 2)
    assert_starts(pack(3, START), 0, nil, 3.0)
    assert_starts(pack(3, nil), 0, nil, 4)
    assert_starts(pack(2, START), 0, "grep", 2)
    assert_starts(pack(1, nil), START, "grep", 2)
    assert_starts(pack(0, nil), START, "cat", portable.MAX_INTEGER)
    third:finish()
  end)

  it("takes what is in flight and not listed to have started now", function()
    local spans = { tracker:start("ls"), tracker:start("ls"), tracker:start("grep") }
    clock.advance_us(50)
    assert_starts(pack(1), START, "grep")
    assert_starts(pack(1, at(50)), START, nil, 1)
    assert_starts(pack(0), at(50))
    spans[3]:finish()
    assert_starts(pack(0), START)
  end)

  it("has all starts after any time before 1970", function()
    clock.us = 0
    tracker = exectrack.new { clock = clock.read }
    tracker:start("grep"):finish()
    tracker:record { tool = "ls", status = "success", duration_ms = 1000, timestamp = 0.5 }
    assert_starts(pack(0), 0)
    assert_starts(pack(0), -0.0)
    for _, time in ipairs { -1e-9, -1, -1e300, portable.MIN_INTEGER, -math.huge } do
      assert_starts(pack(2), time)
      assert_starts(pack(1, 0.0), time, "ls", 1)
    end
  end)

  it("finds starts in a run that was imported out of order", function()
    for _, us in ipairs { 300, 100, 200 } do
      tracker:record { tool = "grep", status = "success", duration_ms = 0.01, timestamp = at(us) }
    end
    assert_starts(pack(1), at(190))
    assert_starts(pack(2), at(189))
    assert_starts(pack(3, at(190)), 0, "grep", 2)
  end)
end)

describe("in_flight_count", function()
  local assert_count = asserts("in_flight_count")

  it("counts a tool's executions in flight, or all, listed or not", function()
    assert_count(pack(0))
    local spans = { tracker:start("grep"), tracker:start("ls"), tracker:start("grep") }
    assert_count(pack(3))
    assert_count(pack(2), "grep")
    assert_count(pack(1), "ls")
    assert_count(pack(0), "cat")
    tracker:clear()
    assert_count(pack(3), nil, nil)
    spans[1]:finish()
    assert_count(pack(1), "grep", nil)
  end)

  it("counts those that started since a time, and all that aren't listed", function()
    local spans = { tracker:start("grep") }
    clock.advance_us(10)
    spans[2] = tracker:start("ls")
    assert_count(pack(2), nil, START)
    assert_count(pack(1), nil, at(1))
    assert_count(pack(1), nil, at(10))
    assert_count(pack(0), nil, at(11))
    assert_count(pack(0), "grep", at(1))
    assert_count(pack(2), nil, 0)
    spans[3] = tracker:start("ls")
    assert_count(pack(1), nil, at(11))
    assert_count(pack(2), "ls", at(10))
    assert_count(pack(0), "grep", at(11))
    assert_count(pack(0), "cat", at(11))
    spans[3]:finish()
    assert_count(pack(0), "ls", at(11))
  end)
end)

describe("recent_quantile", function()
  local assert_quantile = asserts("recent_quantile")

  it("is nil without executions that count", function()
    assert_quantile(pack(nil, 0), "grep", 0.5)
    record("grep", "cancelled", 1)
    record("grep", "success", 2, true)
    assert_quantile(pack(nil, 0), "grep", 0.5)
  end)

  it("is the nearest rank, of all that count", function()
    for _, execution in ipairs { { "success", 4 }, { "failed", 1.5 }, { "timed_out", 30 },
      { "success", 2 } } do
      record("grep", execution[1], execution[2])
    end
    record("ls", "success", 9)
    for quantile, expected in pairs { [0] = 1.5, [0.25] = 1.5, [0.26] = 2, [0.5] = 2,
      [0.75] = 4, [0.76] = 30, [1] = 30 } do
      assert_quantile(pack(expected, 4), "grep", quantile)
    end
    record("ls", "success", 9)
    assert_quantile(pack(1.5, 3), "grep", 0)
  end)

  it("is of the newest 200 among the newest 2,000 records", function()
    tracker = exectrack.new { max_history = 3000 }
    for i = 1, 250 do
      record("grep", "success", i)
    end
    assert_quantile(pack(51, 200), "grep", 0)
    for _ = 1, 1999 do
      record("ls", "success", 0)
    end
    assert_quantile(pack(250, 1), "grep", 0)
    record("ls", "success", 0)
    assert_quantile(pack(nil, 0), "grep", 0)
  end)
end)

describe("max_history", function()
  it("is that of the tracker", function()
    assert_same(pack(5), ask("max_history"))
    tracker = exectrack.new { max_history = 0 }
    assert_same(pack(0), ask("max_history"))
  end)
end)

describe("reading a tool by its name", function()
  it("goes by the first 255 bytes", function()
    local name = ("x"):rep(254)
    record(name .. ("y"):rep(46), "failed", 2)
    for tool, count in pairs { [name .. "y"] = 1, [name .. ("y"):rep(99)] = 1, [name] = 0,
      [name .. "z"] = 0 } do
      assert_same(pack(count, 2 * count, count), ask("totals", tool))
      assert.equal(count, ask("failure_streak", tool)[1])
      assert.equal(count, ask("error_rate", tool)[2])
      assert.equal(count, ask("repeats", tool, 0, 5)[1])
      assert.equal(count, ask("starts_after", 0, tool)[1])
      assert.equal(count, ask("recent_quantile", tool, 1)[2])
    end
  end)

  it("goes by all of its bytes, zero bytes included", function()
    record("a\0b", "failed")
    record("", "failed")
    local span = tracker:start("a\0b")
    for tool, count in pairs { ["a\0b"] = 1, a = 0, ["a\0"] = 0, [""] = 1, ["\0"] = 0 } do
      assert.equal(count, ask("totals", tool)[1])
      assert.equal(tool == "a\0b" and 1 or 0, ask("in_flight_count", tool)[1])
    end
    span:finish()
  end)
end)
