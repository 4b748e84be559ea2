local clocks = require("spec.support.clock")
local exectrack = require("exectrack")
local needs = require("spec.support.needs")
local policies = require("exectrack.policy")

local tracker, clock, session

before_each(function()
  clock = clocks.new()
  tracker = exectrack.new { max_history = 20, clock = clock.read }
  session = tracker:session("chat 17")
end)

local function nothing() end

--- What has ended, the oldest first: `tool status error_type duration_ms`.
local function ended()
  local all = {}
  for i, record in ipairs(tracker:snapshot():records()) do
    all[i] = ("%s %s %s %g"):format(record.tool, record.status, tostring(record.error_type),
      record.duration_ms)
  end
  return all
end

--- The tools in flight, the oldest first.
local function in_flight()
  local tools = {}
  for i, running in ipairs(tracker:in_flight()) do
    tools[i] = running.tool
  end
  return table.concat(tools, " ")
end

describe("session:abandon", function()
  it("ends what is in flight of the session, in the order of the starts", function()
    local answer
    local span = session:start("start", "x")
    clock.advance_us(1000)
    local begun = tracker:begin("begin", { session = "chat 17" })
    session:wrap("callback", function(done) answer = done end, { callback = 1 })(nothing)
    clock.advance_us(1000)
    local thread = coroutine.create(session:wrap("wrap", coroutine.yield))
    coroutine.resume(thread)
    assert.equal(4, session:abandon())
    assert.same({ "start cancelled abandoned 2", "begin cancelled abandoned 1",
      "callback cancelled abandoned 1", "wrap cancelled abandoned 0" }, ended())
    local first = tracker:snapshot()[1]
    assert.same({ tool = "start", tool_id = 1, status = "cancelled", error_type = "abandoned",
      duration_ms = 2, was_cached = false, args_hash = exectrack.fingerprint("x"), depth = 0,
      session = "chat 17", timestamp = 1767225600.002 }, first)
    assert.equal(0, tracker:in_flight_count())
    assert.same({}, tracker:in_flight())
    assert(span and begun and answer)
  end)

  it("returns 0 if nothing is in flight", function()
    assert.equal(0, session:abandon())
    session:record("a", "success", 1)
    session:start("a"):finish()
    assert.equal(0, session:abandon())
    assert.equal(2, tracker:stats().total_executions)
  end)

  it("leaves other sessions and what has none", function()
    local spans = {}
    for i, name in ipairs { "chat 1", "chat 17", "chat 1", "chat 17" } do
      spans[i] = tracker:session(name):start("t" .. i)
    end
    spans[5] = tracker:start("t5")
    assert.equal(2, session:abandon())
    assert.equal("t1 t3 t5", in_flight())
    assert.equal(2, tracker:session("chat 1"):abandon())
    assert.equal("t5", in_flight())
    assert.equal(0, spans[5]:finish())
  end)

  it("is the same by the name or its fingerprint", function()
    local span = session:start("a")
    assert.equal(1, tracker:session(tracker:session_name("chat 17")):abandon())
    local long = tracker:session(("x"):rep(100))
    local other = long:start("b")
    assert.equal(1, tracker:session(("x"):rep(100)):abandon())
    assert(span and other)
  end)

  it("doesn't find what is beyond max_in_flight", function()
    tracker = exectrack.new { max_in_flight = 2, clock = clock.read }
    session = tracker:session("s")
    local spans = {}
    for i = 1, 4 do
      spans[i] = session:start("a")
    end
    assert.equal(2, session:abandon())
    assert.equal(2, tracker:in_flight_count())
    spans[3]:finish()
    spans[4]:finish()
    assert.equal(0, tracker:in_flight_count())
    assert.equal(2, tracker:stats().successful)
    for i = 1, 2 do
      assert.has_error(function() spans[i]:finish() end,
        "attempt to finish a span that has timed out or was abandoned")
    end
    assert.equal(4, tracker:stats().total_executions)
  end)

  it("makes room for what starts then", function()
    tracker = exectrack.new { max_in_flight = 2, clock = clock.read }
    session = tracker:session("s")
    for _ = 1, 3 do
      local a, b = session:start("a"), session:start("a")
      assert.equal(2, session:abandon())
      assert(a and b)
    end
    local span = tracker:start("b")
    assert.equal("b", in_flight())
    span:finish()
  end)

  it("may be called by what it ends, which isn't recorded again", function()
    local classified = 0
    local tool = session:wrap("a", function(...)
      clock.advance_us(1000)
      assert.equal(1, session:abandon())
      clock.advance_us(1000)
      return ...
    end, { classify = function() classified = classified + 1 end })
    assert.same({ 1, nil, 3 }, { tool(1, nil, 3) })
    assert.same({ "a cancelled abandoned 1" }, ended())
    local problem = {}
    local ok, err = pcall(session.run, session, "b", function()
      session:abandon()
      error(problem)
    end)
    assert.is_false(ok)
    assert.equal(problem, err)
    assert.same({ "a cancelled abandoned 1", "b cancelled abandoned 0" }, ended())
    assert.same({ 7 }, { session:wrap("a", function(x) return x end)(7) })
    assert.equal(3, tracker:stats().total_executions)
  end)

  it("leaves the levels of calls as they are", function()
    session:wrap("outer", function()
      session:abandon()
      session:run("inner", nothing)
    end)()
    session:run("after", nothing)
    assert.same({ 0, 1, 0 }, tracker:snapshot():column("depth"))
  end)

  it("is followed by late returns, callbacks and ends, of which none is recorded", function()
    local answer, called
    session:wrap("a", function(done) answer = done end, { callback = 1 })(function(...)
      called = { ... }
    end)
    local thread = coroutine.create(session:wrap("a", function() return coroutine.yield() end))
    coroutine.resume(thread)
    local spans = {}
    for i = 1, 5 do
      spans[i] = session:begin("a")
    end
    assert.equal(7, session:abandon())
    clock.advance_us(5000)
    answer(1, 2)
    assert.same({ 1, 2 }, called)
    assert.same({ true, 3 }, { coroutine.resume(thread, 3) })
    assert.equal("exectrack.Span (timed out or abandoned)", tostring(spans[1]))
    assert.same({ 4 }, { spans[1]:done(4) })
    assert.same({ nil, "E" }, { spans[2]:failed("E") })
    spans[3]:close("E")
    assert.has_error(function() spans[4]:finish("failed") end,
      "attempt to finish a span that has timed out or was abandoned")
    assert.has_error(function() spans[4]:finish() end, "attempt to finish a span twice")
    assert.has_error(function() spans[1]:finish() end, "attempt to finish a span twice")
    spans = nil -- and one is collected
    collectgarbage()
    assert.equal(nil, spans)
    assert.equal(7, tracker:stats().cancelled)
    assert.equal(7, tracker:stats().total_executions)
    assert.equal(0, tracker:in_flight_count())
  end)

  it("is followed by coroutines that are closed, collected or die", function()
    local function suspended()
      local thread = coroutine.create(session:wrap("a", function() error(coroutine.yield()) end))
      coroutine.resume(thread)
      return thread
    end
    local thread = suspended()
    session:abandon()
    assert.is_false((coroutine.resume(thread, "E")))
    suspended()
    session:abandon()
    collectgarbage()
    assert.equal(2, tracker:stats().total_executions)
    assert.equal(2, tracker:stats().cancelled)
  end)

  it("is followed by coroutines that are closed", function()
    needs.coroutine_close(pending)
    local thread = coroutine.create(session:wrap("a", coroutine.yield))
    coroutine.resume(thread)
    session:abandon()
    coroutine.close(thread)
    assert.equal(1, tracker:stats().total_executions)
  end)

  it("comes before or after a timeout, of which only the first counts", function()
    local answers = {}
    local tool = session:wrap("a", function(done) answers[#answers + 1] = done end,
      { callback = 1, timeout_ms = 100 })
    tool(nothing)
    assert.equal(1, session:abandon())
    clock.advance_us(200000)
    tool(nothing)
    clock.advance_us(200000)
    assert.equal(0, session:abandon())
    assert.same({ "a cancelled abandoned 0", "a timed_out nil 200" }, ended())
  end)

  it("keeps policies from counting what is gone", function()
    local policy = policies.concurrency { max = 1 }
    local function wait(...) return coroutine.yield(...) end
    local tool = session:wrap("a", wait, { policy = policy })
    local first = coroutine.create(tool)
    assert.same({ true, 1 }, { coroutine.resume(first, 1) })
    assert.is_nil((tool(2)))
    session:abandon()
    local second = coroutine.create(tool)
    assert.same({ true, 3 }, { coroutine.resume(second, 3) })
    assert(first)
  end)

  it("is in the run as any call, saved, read and replayed", function()
    local spans = { session:start("a", 1), tracker:start("b", 2) }
    clock.advance_us(1000)
    session:abandon()
    clock.advance_us(1000)
    spans[2]:finish()
    local run = tracker:snapshot()
    assert.equal(run, assert(exectrack.from_bytes(run:bytes())))
    assert.equal(1, #run:filter { error_type = "abandoned", session = "chat 17" })
    local asked = {}
    run:decisions(function(call)
      asked[#asked + 1] = call.tool .. " " .. call.tracker:in_flight_count()
    end)
    assert.same({ "a 0", "b 1" }, asked)
  end)

  it("needs a session of an open tracker", function()
    assert.is_nil(tracker.abandon)
    local span = tracker:start("a")
    assert.has_error(function() session.abandon(tracker) end,
      "bad argument #1 to 'abandon' (exectrack.Session expected, got exectrack.Tracker)")
    assert.equal(0, span:finish())
    tracker:close()
    assert.has_error(function() session:abandon() end, "attempt to use a closed tracker")
  end)
end)
