-- Needs Lua 5.4: <close>
local clocks = require("spec.support.clock")
local exectrack = require("exectrack")

local tracker, clock

before_each(function()
  clock = clocks.new()
  tracker = exectrack.new { max_history = 10, clock = clock.read }
end)

local function newest()
  return tracker:recent_executions(1)[1]
end

describe("a span that is a <close> variable", function()
  it("has failed when an error leaves its block", function()
    assert.has_error(function()
      local span <close> = tracker:start("grep")
      clock.advance_us(7000)
      error("out of ideas " .. tostring(span), 0)
    end, "out of ideas exectrack.Span (grep, in flight)")
    assert.equal("failed", newest().status)
    assert.equal(7, newest().duration_ms)
    assert.is_false(newest().was_cached)
    assert.is_nil(newest().error_type)
  end)

  it("is cancelled by the end of its block", function()
    do
      local _ <close> = tracker:start("grep")
    end
    assert.equal("cancelled", newest().status)
    assert.is_nil(newest().error_type)
  end)

  it("is cancelled by break", function()
    for round = 1, 2 do
      local _ <close> = tracker:start("grep")
      if round == 1 then break end
    end
    assert.equal("cancelled", newest().status)
    assert.equal(1, #tracker)
  end)

  it("is cancelled by goto, once a round", function()
    local rounds = 0
    ::again::
    do
      local _ <close> = tracker:start("grep")
      rounds = rounds + 1
      if rounds < 3 then goto again end
    end
    assert.equal(3, tracker:stats().cancelled)
  end)

  it("is cancelled by return", function()
    local function look()
      local _ <close> = tracker:start("grep")
      clock.advance_us(1000)
      return "found"
    end
    assert.equal("found", look())
    assert.equal("cancelled", newest().status)
    assert.equal(1, newest().duration_ms)
  end)

  it("is cancelled by coroutine.close", function()
    local thread = coroutine.create(function()
      local _ <close> = tracker:start("grep")
      coroutine.yield()
    end)
    assert(coroutine.resume(thread))
    assert.equal(1, tracker:in_flight_count("grep"))
    assert.is_true(coroutine.close(thread))
    assert.equal("cancelled", newest().status)
    assert.equal(0, tracker:in_flight_count())
  end)

  it("has failed when an error ends its coroutine", function()
    local thread = coroutine.wrap(function()
      local _ <close> = tracker:start("grep")
      error("no")
    end)
    assert.is_false(pcall(thread))
    assert.equal("failed", newest().status)
  end)

  it("isn't recorded again after it was finished", function()
    do
      local span <close> = tracker:start("grep")
      span:finish("success", true)
    end
    assert.has_error(function()
      local span <close> = tracker:start("grep")
      span:finish("timed_out")
      error("later", 0)
    end, "later")
    assert.equal(2, tracker:stats().total_executions)
    assert.equal(1, tracker:stats().successful)
    assert.equal(1, tracker:stats().timed_out)
  end)

  it("can't be finished after its block", function()
    local kept
    do
      local span <close> = tracker:start("grep")
      kept = span
    end
    assert.has_error(function() kept:finish() end, "attempt to finish a span twice")
    assert.equal(1, tracker:stats().total_executions)
  end)
end)

describe("a span whose block an error leaves", function()
  it("is abandoned when the clock raises, whose error replaces the other", function()
    local read = function() return 1767225600 end
    local other = exectrack.new { clock = function() return read() end }
    local span = other:start("a")
    assert.has_error(function()
      local _ <close> = span
      read = function() error("no time", 0) end
      error("first")
    end, "no time")
    assert.equal(1, other:in_flight_count())
    assert.equal(0, other:stats().total_executions)
  end)
end)

describe("a tracker that is a <close> variable", function()
  local CLOSED = "exectrack.Tracker (closed)"

  it("is closed by the end of its block", function()
    do
      local _ <close> = tracker
    end
    assert.equal(CLOSED, tostring(tracker))
  end)

  it("is closed by an error, which goes on", function()
    assert.has_error(function()
      local _ <close> = tracker
      error("no", 0)
    end, "no")
    assert.equal(CLOSED, tostring(tracker))
  end)
end)

describe("a coroutine that is closed in tools", function()
  it("fails those that an error in closing passes through", function()
    local thread = coroutine.create(tracker:wrap("outer", function()
      local _ <close> = setmetatable({}, { __close = function() error("jammed", 0) end })
      tracker:run("inner", coroutine.yield)
    end))
    assert(coroutine.resume(thread))
    assert.same({ false, "jammed" }, { coroutine.close(thread) })
    assert.equal(1, tracker:stats("inner").cancelled)
    assert.equal(1, tracker:stats("outer").failed)
    assert.equal("failed", newest().status)
    assert.equal("jammed", newest().error_type)
    assert.equal(0, newest().duration_ms)
    assert.equal(0, tracker:in_flight_count())
  end)
end)
