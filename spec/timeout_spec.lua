local clocks = require("spec.support.clock")
local exectrack = require("exectrack")

local tracker, clock

before_each(function()
  clock = clocks.new()
  tracker = exectrack.new { max_history = 50, max_in_flight = 4, error_texts = 8,
    clock = clock.read }
end)

local function nothing() end

--- Starts a call of a tool with a callback that ends after `timeout_ms`. Returns its callback.
local function start_call(timeout_ms, tool, options)
  local answer
  options = options or {}
  options.callback, options.timeout_ms = 1, timeout_ms
  tracker:wrap(tool or "a", function(done) answer = done end, options)(nothing)
  return answer
end

--- What has ended, the oldest first: `tool status duration_ms`.
local function ended()
  local all = {}
  for i, record in ipairs(tracker:snapshot():records()) do
    all[i] = ("%s %s %g"):format(record.tool, record.status, record.duration_ms)
  end
  return all
end

describe("a call with timeout_ms", function()
  it("ends with the first operation after that time", function()
    start_call(100)
    clock.advance_us(99999)
    assert.equal(1, tracker:in_flight_count())
    clock.advance_us(1)
    assert.equal(0, tracker:in_flight_count())
    assert.same({
      tool = "a", tool_id = 1, status = "timed_out", duration_ms = 100, was_cached = false,
      args_hash = exectrack.fingerprint(), depth = 0, timestamp = 1767225600.1,
    }, tracker:recent_executions(1)[1])
  end)

  it("ends late if there is no operation", function()
    start_call(100)
    clock.advance_us(250000)
    assert.same({ "a timed_out 250" }, ended())
  end)

  local operations = {
    record = function() tracker:record("b", "success", 1) end,
    ["record of a table"] = function()
      tracker:record { tool = "b", status = "success", duration_ms = 1, timestamp = 5 }
    end,
    start = function() tracker:start("b") end,
    begin = function() assert(tracker:begin("b")) end,
    run = function() tracker:run("b", type, 1) end,
    wrap = function() tracker:wrap("b", type) end,
    instrument = function() tracker:instrument {} end,
    session = function() tracker:session("s") end,
    recorder = function() tracker:recorder("b") end,
    snapshot = function() tracker:snapshot() end,
    clear = function() tracker:clear() end,
    length = function() return #tracker or tracker:stats() end,
    ["the session's record"] = function(made) made.session:record("b", "success", 1) end,
    ["abandon of another session"] = function(made) assert.equal(0, made.session:abandon()) end,
    ["a recorder"] = function(made) made.recorder("success", 1) end,
    ["a wrapped call"] = function(made) made.wrapped(1) end,
    ["a guarded call"] = function(made) made.guarded(1) end,
    finish = function(made) made.span:finish() end,
    done = function(made) made.begun:done() end,
    failed = function(made) made.begun:failed("E") end,
    ["close of a span"] = function(made) made.span:close() end,
    ["a callback"] = function(made) made.answer() end,
  }
  for _, method in ipairs { "stats", "tools", "in_flight", "in_flight_count", "recent_executions",
    "denials", "denied", "totals", "label", "measures", "max_history" } do
    operations[method] = function()
      tracker[method](tracker, method == "recent_executions" and 1 or nil)
    end
  end
  for name, operation in pairs(operations) do
    it("is ended by " .. name, function()
      local made = {
        session = tracker:session("s"), recorder = tracker:recorder("b"),
        wrapped = tracker:wrap("b", type), span = tracker:start("b"), begun = tracker:begin("b"),
        guarded = tracker:wrap("b", type, { policy = nothing }),
      }
      tracker:wrap("b", function(done) made.answer = done end, { callback = 1 })(nothing)
      start_call(100)
      clock.advance_us(100000)
      operation(made)
      clock.us = clocks.START_US -- so that no operation below finds it
      local stats = tracker:stats("a")
      assert.equal(name == "clear" and 0 or 1, stats.timed_out)
      assert.equal(0, stats.in_flight)
    end)
  end

  it("ends in the order of the starts if several are due", function()
    for i, timeout_ms in ipairs { 50, 20, 400, 30 } do
      start_call(timeout_ms, "t" .. i)
      clock.advance_us(1000)
    end
    clock.advance_us(96000)
    assert.same({ "t1 timed_out 100", "t2 timed_out 99", "t4 timed_out 97" }, ended())
    clock.advance_us(299000)
    assert.equal(1, tracker:in_flight_count())
    clock.advance_us(3000)
    assert.equal("t3 timed_out 400", ended()[4])
  end)

  it("ends in time though it isn't listed, and only once", function()
    local spans = {}
    for i = 1, 4 do
      spans[i] = tracker:start("listed" .. i)
    end
    spans[5] = tracker:begin("a", { timeout_ms = 10 })
    spans[6] = tracker:begin("a")
    clock.advance_us(20000)
    assert.equal(1, tracker:in_flight_count("a"))
    assert.has_error(function() spans[5]:finish() end,
      "attempt to finish a span that has timed out or was abandoned")
    assert.equal(20, spans[6]:finish())
    assert.same({ "a timed_out 20", "a success 20" }, ended())
  end)

  it("isn't ended by its timeout when it has ended before", function()
    start_call(100)(1)
    local span = tracker:begin("b", { timeout_ms = 100 })
    span:done(1)
    tracker:wrap("c", type, { timeout_ms = 100 })(1)
    pcall(tracker:wrap("d", error, { timeout_ms = 100 }))
    clock.advance_us(200000)
    assert.same({ "a success 0", "b success 0", "c success 0", "d failed 0" }, ended())
  end)

  it("times out by its late callback itself, which changes nothing more", function()
    local answer = start_call(100, "a", { classify = function() return "failed", true, "E" end })
    clock.advance_us(150000)
    answer("late")
    clock.advance_us(100000)
    answer("later")
    assert.same({ "a timed_out 150" }, ended())
    assert.is_nil(tracker:recent_executions(1)[1].result_hash)
  end)

  it("times out by its late return, error or end itself", function()
    local function late(...)
      clock.advance_us(150000)
      return ...
    end
    local options = { timeout_ms = 100 }
    assert.equal(7, tracker:wrap("a", late, options)(7))
    local problem = {}
    local ok, err = pcall(tracker:wrap("b", function() error(late(problem)) end, options))
    assert.is_false(ok)
    assert.equal(problem, err)
    tracker:begin("c", options):done(late())
    tracker:begin("d", options):failed(late("E"))
    tracker:begin("e", options):close(late())
    assert.has_error(function() tracker:begin("f", options):finish(late("success")) end,
      "attempt to finish a span that has timed out or was abandoned")
    assert.same({ "a timed_out 150", "b timed_out 150", "c timed_out 150", "d timed_out 150",
      "e timed_out 150", "f timed_out 150" }, ended())
    assert.equal(0, tracker:in_flight_count())
  end)

  it("may time out while its function runs, and returns all the same", function()
    local in_flight
    local tool = tracker:wrap("a", function(...)
      clock.advance_us(100000)
      in_flight = tracker:in_flight_count()
      clock.advance_us(100000)
      return ...
    end, { timeout_ms = 100 })
    assert.same({ 1, nil, 3 }, { tool(1, nil, 3) })
    assert.equal(0, in_flight)
    assert.same({ nil, "x" }, { tool(nil, "x") })
    assert.same({ "a timed_out 100", "a timed_out 100" }, ended())
  end)

  it("stays the level of calls within it", function()
    tracker:wrap("a", function()
      clock.advance_us(100000)
      tracker:run("b", type, 1)
      clock.advance_us(1000)
    end, { timeout_ms = 100 })()
    assert.same({ 0, 1 }, tracker:snapshot():column("depth"))
    assert.same({ "a timed_out 100", "b success 0" }, ended())
  end)

  it("counts from its start, before the policy is asked", function()
    local tool = tracker:wrap("a", nothing, { callback = 1, timeout_ms = 100,
      policy = function() clock.advance_us(60000) end })
    tool(nothing)
    clock.advance_us(40000)
    assert.same({ "a timed_out 100" }, ended())
  end)

  it("is kept for its timeout, however nothing else holds it", function()
    start_call(100)
    tracker:begin("b", { timeout_ms = 100 })
    collectgarbage()
    assert.equal(2, tracker:in_flight_count())
    clock.advance_us(100000)
    assert.same({ "a timed_out 100", "b timed_out 100" }, ended())
  end)

  it("takes fractions, to the nearest microsecond, and the longest durations", function()
    start_call(0.0014)
    start_call(1e300, "b")
    clock.advance_us(1)
    assert.same({ "a timed_out 0.001" }, ended())
    assert.equal(1, tracker:in_flight_count())
  end)

  it("raises for what isn't a time", function()
    local function assert_refused(timeout_ms, message)
      assert.has_error(function() tracker:wrap("a", type, { timeout_ms = timeout_ms }) end,
        "bad argument #3 to 'wrap' (timeout_ms: " .. message .. ")")
      assert.has_error(function() tracker:begin("a", { timeout_ms = timeout_ms }) end,
        "bad argument #2 to 'begin' (timeout_ms: " .. message .. ")")
    end
    assert_refused(0, "milliseconds above 0 expected")
    assert_refused(0.0004, "milliseconds above 0 expected")
    assert_refused(-1, "milliseconds must be finite and not negative, got -1")
    assert_refused(math.huge, "milliseconds must be finite and not negative, got inf")
    assert_refused("1", "number expected, got string")
    assert_refused(false, "number expected, got boolean")
  end)
end)

describe("a span of begin that has timed out", function()
  local span

  before_each(function()
    span = tracker:begin("a", { timeout_ms = 100 })
    clock.advance_us(100000)
  end)

  it("can't be finished, which says so, and then that it was finished", function()
    assert.equal(0, tracker:in_flight_count())
    assert.equal("exectrack.Span (timed out or abandoned)", tostring(span))
    assert.has_error(function() span:finish() end,
      "attempt to finish a span that has timed out or was abandoned")
    assert.has_error(function() span:finish() end, "attempt to finish a span twice")
    assert.same({ "a timed_out 100" }, ended())
  end)

  it("takes what it returns late for nothing", function()
    assert.same({ 1, nil, 3 }, { span:done(1, nil, 3) })
    assert.same({ "a timed_out 100" }, ended())
    span = tracker:begin("a", { timeout_ms = 100 })
    clock.advance_us(100000)
    tracker:stats()
    assert.same({ nil, "E" }, { span:failed("E") })
    span:close("E")
    span = nil
    collectgarbage()
    assert.same({ "a timed_out 100", "a timed_out 100" }, ended())
  end)
end)

describe("a clock, while a call has timeout_ms,", function()
  it("is read once more by each operation, and not when none has one", function()
    local function readings(operation)
      local before = clock.readings
      operation()
      return clock.readings - before
    end
    local function count() tracker:in_flight_count() end
    local function record() tracker:record("b", "success", 1) end
    local wrapped = tracker:wrap("b", type)
    local function call() wrapped(1) end
    assert.same({ 0, 1, 2 }, { readings(count), readings(record), readings(call) })
    local answer = start_call(100)
    assert.same({ 1, 2, 3 }, { readings(count), readings(record), readings(call) })
    assert.equal(1, readings(answer))
    clock.advance_us(100000)
    assert.same({ 1, 1, 2 }, { readings(count), readings(record), readings(call) })
    assert.equal(0, readings(count))
  end)

  it("may use the tracker", function()
    local seen
    tracker = exectrack.new { max_history = 5, clock = function()
      seen = tracker and tracker:in_flight_count()
      return clock.read()
    end }
    local answer = start_call(100)
    assert.equal(1, tracker:in_flight_count())
    assert.equal(1, seen)
    clock.advance_us(100000)
    assert.equal(0, tracker:in_flight_count())
    assert.equal(1, seen)
    answer()
    assert.same({ "a timed_out 100" }, ended())
  end)

  it("may raise, which ends no call, and the operation does nothing", function()
    local problem
    tracker = exectrack.new { max_history = 5, clock = function()
      if problem then
        error(problem)
      end
      return clock.read()
    end }
    local answer = start_call(100)
    clock.advance_us(100000)
    problem = {}
    for _, operation in ipairs { tracker.stats, tracker.snapshot, tracker.clear } do
      local ok, err = pcall(operation, tracker)
      assert.is_false(ok)
      assert.equal(problem, err)
    end
    problem = nil
    assert.equal(1, tracker:stats("a").timed_out)
    answer()
    assert.same({ "a timed_out 100" }, ended())
  end)

  it("may raise when the callback comes, which is recorded", function()
    local problem
    tracker = exectrack.new { max_history = 5, clock = function()
      if problem then
        error(problem)
      end
      return clock.read()
    end }
    local answer = start_call(100)
    problem = {}
    local ok, err = pcall(answer, 1)
    assert.is_false(ok)
    assert.equal(problem, err)
    problem = nil
    assert.same({ "a success 0" }, ended())
  end)

  it("may close the tracker, which the operation raises", function()
    local closing
    tracker = exectrack.new { clock = function()
      if closing then
        tracker:close()
      end
      return clock.read()
    end }
    local answer = start_call(100)
    closing = true
    for _, method in ipairs { "stats", "snapshot", "start" } do
      assert.has_error(function() tracker[method](tracker, "a") end,
        "attempt to use a closed tracker")
    end
    answer(1)
  end)
end)

describe("a tracker with calls that have timeout_ms", function()
  it("may be closed, in its tool too, and collected", function()
    local answer = start_call(100)
    local span = tracker:begin("b", { timeout_ms = 10 })
    tracker:wrap("c", function()
      clock.advance_us(100000)
      tracker:close()
    end, { timeout_ms = 10 })()
    answer(1)
    assert.has_error(function() span:finish() end, "attempt to use a closed tracker")
    assert.has_error(function() tracker:stats() end, "attempt to use a closed tracker")
  end)

  it("is collected with them", function()
    local trackers = setmetatable({ exectrack.new(1) }, { __mode = "v" })
    trackers[1]:wrap("a", nothing, { callback = 1, timeout_ms = 1e6 })(nothing)
    trackers[1]:begin("a", { timeout_ms = 1e6 })
    collectgarbage()
    collectgarbage()
    assert.is_nil(trackers[1])
  end)

  it("has deadlines of its own", function()
    local other = exectrack.new { clock = clock.read }
    start_call(100)
    local span = other:begin("b", { timeout_ms = 100 })
    clock.advance_us(100000)
    assert.equal(0, tracker:in_flight_count())
    assert.equal("exectrack.Span (b, in flight)", tostring(span))
    assert.equal(0, other:in_flight_count())
    assert.equal("exectrack.Span (timed out or abandoned)", tostring(span))
  end)

  it("ends them as a model does, in random runs", function()
    require("spec.support.random").seed("timeouts")
    for _ = 1, 30 do
      tracker = exectrack.new { max_history = 300, max_in_flight = 3, clock = clock.read }
      local calls, expected, in_flight = {}, {}, 0
      local function expire()
        for _, call in ipairs(calls) do
          if call.ends_us and clock.us >= call.ends_us then
            call.ends_us, call.is_over, in_flight = nil, true, in_flight - 1
            expected[#expected + 1] = ("%s timed_out %g"):format(call.tool,
              (clock.us - call.start_us) / 1000)
          end
        end
      end
      for i = 1, 60 do
        clock.advance_us(math.random(0, 20) * 1000)
        local choice = math.random(4)
        local call = calls[math.random(math.max(1, #calls))]
        if choice < 3 then
          local timeout_ms = math.random(2) == 1 and math.random(100) or nil
          local tool = "t" .. i
          expire()
          calls[#calls + 1] = { tool = tool, start_us = clock.us,
            ends_us = timeout_ms and clock.us + timeout_ms * 1000,
            answer = start_call(timeout_ms, tool) }
          in_flight = in_flight + 1
        elseif choice == 3 and call and not call.is_over then
          expire()
          if not call.is_over then
            call.ends_us, call.is_over, in_flight = nil, true, in_flight - 1
            expected[#expected + 1] = ("%s success %g"):format(call.tool,
              (clock.us - call.start_us) / 1000)
          end
          call.answer()
        elseif choice == 4 then
          expire()
          assert.equal(in_flight, tracker:in_flight_count())
        end
      end
      expire()
      assert.same(expected, ended())
    end
  end)
end)
