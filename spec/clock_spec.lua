local exectrack = require("exectrack")
local portable = require("spec.support.portable")

local NONSENSE = {
  { nil, "nil" },
  { "1767225600", "string" },
  { true, "boolean" },
  { {}, "table" },
  { 0 / 0, "nan" },
  { -(0 / 0), "nan" },
  { -1, "-1" },
  { -0.5, "-0.5" },
  { math.huge, "inf" },
  { -math.huge, "-inf" },
  { 9223372036855, "9223372036855" },
  { portable.MAX_INTEGER, ("%d"):format(portable.MAX_INTEGER) },
}

local function nonsense_message(name)
  return "the clock must return Unix seconds from 0 to 9223372036854, got " .. name
end

--- What the clock does; a spec changes it after the tracker is made.
local read

local function steady()
  return 1767225600
end

--- A tracker whose clock does what `read` does then.
local function tracker_on_clock()
  read = steady
  return exectrack.new { max_history = 10, clock = function() return read() end }
end

--- Asserts that `operation`, on a clock that is broken by `broken`, raises `message`, and that
-- the tracker has recorded nothing then and works once the clock does.
local function assert_breaks(tracker, operation, broken, message)
  local before, in_flight = tracker:stats(), #tracker:in_flight()
  local tools = #tracker:tools()
  read = broken
  local ok, raised = pcall(operation)
  read = steady
  assert.is_false(ok)
  assert.equal(message, (tostring(raised):gsub("^[^:]+:%d+: ", "")))
  assert.same(before, tracker:stats())
  assert.equal(in_flight, #tracker:in_flight())
  assert.equal(tools, #tracker:tools())
  assert.equal(1, tracker:stats("a").in_flight)
  tracker:record("after", "success", 1)
  assert.equal(before.total_executions + 1, tracker:stats().total_executions)
  tracker:clear()
end

--- The operations that read the clock: each is made with a tracker and a span.
local OPERATIONS = {
  {
    name = "record",
    make = function(tracker)
      return function() tracker:record("new", "success", 1) end
    end,
  },
  {
    name = "record of a table",
    make = function(tracker)
      return function() tracker:record { tool = "new", status = "success", duration_ms = 1 } end
    end,
  },
  {
    name = "start",
    make = function(tracker)
      return function() tracker:start("new") end
    end,
  },
  {
    name = "in_flight",
    make = function(tracker)
      return function() tracker:in_flight() end
    end,
  },
  {
    name = "finish",
    make = function(_, span)
      return function() span:finish() end
    end,
  },
  {
    name = "close",
    make = function(_, span)
      return function() span:close() end
    end,
  },
}

for _, case in ipairs(OPERATIONS) do
  describe("a clock that is read by " .. case.name, function()
    local tracker, span, operation

    before_each(function()
      tracker = tracker_on_clock()
      span = tracker:start("a")
      operation = case.make(tracker, span)
      tracker:record("after", "success", 1)
    end)

    it("may raise", function()
      assert_breaks(tracker, operation, function() error("no time") end, "no time")
    end)

    it("may raise any value", function()
      local value = setmetatable({}, { __tostring = function() return "a value" end })
      assert_breaks(tracker, operation, function() error(value) end, "a value")
    end)

    it("raises for nonsense", function()
      for _, nonsense in ipairs(NONSENSE) do
        local reading = nonsense[1]
        assert_breaks(tracker, operation, function() return reading end,
          nonsense_message(nonsense[2]))
      end
    end)

    it("raises for no result", function()
      assert_breaks(tracker, operation, function() end, nonsense_message("nil"))
    end)

    it("can't yield", function()
      assert_breaks(tracker, coroutine.wrap(operation), coroutine.yield,
        portable.NO_YIELD)
    end)

    it("may record on the same tracker", function()
      read = function()
        read = steady
        tracker:record("within", "failed", 5)
        return 1767225601
      end
      operation()
      assert.equal(1, tracker:stats("within").total_executions)
      assert.equal(1, tracker:stats("within").failed)
    end)
  end)
end

describe("a clock that is read by exectrack.new", function()
  it("may raise", function()
    assert.has_error(function()
      exectrack.new { clock = function() error("no time") end }
    end, "no time")
  end)

  it("raises for nonsense", function()
    for _, case in ipairs(NONSENSE) do
      local reading = case[1]
      assert.has_error(function()
        exectrack.new { clock = function() return reading end }
      end, nonsense_message(case[2]))
    end
  end)

  it("can't yield", function()
    local make = coroutine.wrap(function() exectrack.new { clock = coroutine.yield } end)
    assert.has_error(make, portable.NO_YIELD)
  end)
end)

describe("a clock that records on the same tracker", function()
  it("comes before the operation that reads it", function()
    local tracker = tracker_on_clock()
    read = function()
      read = steady
      tracker:record("within", "success", 1)
      return 1767225602
    end
    tracker:record("outer", "success", 1)
    local records = tracker:recent_executions(2)
    assert.equal("outer", records[1].tool)
    assert.equal(1767225602.0, records[1].timestamp)
    assert.equal("within", records[2].tool)
    assert.equal(1767225600.0, records[2].timestamp)
  end)

  it("without end raises a stack overflow, and the tracker stays usable", function()
    local tracker = tracker_on_clock()
    read = function()
      tracker:record("within", "success", 1)
      return 1767225600
    end
    local ok, message = pcall(tracker.record, tracker, "outer", "success", 1)
    read = steady
    assert.is_false(ok)
    assert.is_truthy(message:find("stack overflow", 1, true))
    assert.equal(0, #tracker)
    tracker:record("outer", "success", 1)
    assert.equal(1, #tracker)
  end)

  it("may finish the span that reads it, which then was finished twice", function()
    local tracker = tracker_on_clock()
    local span = tracker:start("a")
    read = function()
      read = steady
      span:finish("failed")
      return 1767225600
    end
    assert.has_error(function() span:finish() end, "attempt to finish a span twice")
    assert.equal(1, tracker:stats().total_executions)
    assert.equal(1, tracker:stats().failed)
    assert.equal(0, tracker:stats("a").in_flight)
  end)
end)

describe("a clock that breaks", function()
  it("doesn't keep a collected span from being recorded", function()
    local tracker = tracker_on_clock()
    tracker:start("a")
    read = function() error("no time") end
    collectgarbage()
    read = steady
    assert.equal("abandoned", tracker:recent_executions(1)[1].error_type)
    assert.equal(0, tracker:stats("a").in_flight)
  end)

  it("while an error closes a span replaces the error, and the span is abandoned", function()
    local tracker = tracker_on_clock()
    local spans = { tracker:start("a") }
    read = function() error("no time") end
    assert.has_error(function() spans[1]:close("first") end, "no time")
    read = steady
    assert.equal(1, tracker:stats("a").in_flight)
    assert.equal(0, tracker:stats().total_executions)
    spans[1] = nil
    collectgarbage()
    assert.equal("abandoned", tracker:recent_executions(1)[1].error_type)
  end)
end)

describe("a clock that closes its tracker", function()
  it("makes the operation raise", function()
    for _, method in ipairs { "record", "start", "in_flight" } do
      local tracker = tracker_on_clock()
      read = function()
        tracker:close()
        return 1767225600
      end
      assert.has_error(function() tracker[method](tracker, "a", "success", 1) end,
        "attempt to use a closed tracker")
    end
    local tracker = tracker_on_clock()
    local span = tracker:start("a")
    read = function()
      tracker:close()
      return 1767225600
    end
    assert.has_error(function() span:finish() end, "attempt to use a closed tracker")
  end)
end)
