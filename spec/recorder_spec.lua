local clocks = require("spec.support.clock")
local exectrack = require("exectrack")
local portable = require("spec.support.portable")

local tracker, clock

before_each(function()
  clock = clocks.new()
  tracker = exectrack.new { max_history = 20, max_tools = 3, args_texts = 4, clock = clock.read,
    ignore_args = { "thought" } }
end)

local ARGUMENTS = {
  { "success" },
  { "success", 1.5 },
  { "success", nil, true },
  { "failed", 0, false, "EIO" },
  { "timed_out", 2, nil, nil, { path = "x", thought = 1 } },
  { "cancelled", 1e300, true, ("e"):rep(300), "x" },
  { "failed", nil, nil, "", false },
  { "success", 0.0004, nil, nil, nil, "more" },
}

describe("a recorder", function()
  it("records what record does", function()
    local other = exectrack.new { max_history = 20, max_tools = 3, args_texts = 4,
      clock = clock.read, ignore_args = { "thought" } }
    local record, in_session = tracker:recorder("a"), tracker:session("s"):recorder("b")
    for _, arguments in ipairs(ARGUMENTS) do
      clock.advance_us(1000)
      assert.equal(0, select("#", record(portable.unpack(arguments, 1, 6))))
      in_session(portable.unpack(arguments, 1, 6))
      other:record("a", portable.unpack(arguments, 1, 6))
      other:session("s"):record("b", portable.unpack(arguments, 1, 6))
    end
    assert.same(other:snapshot():records(), tracker:snapshot():records())
    assert.same(other:stats("a"), tracker:stats("a"))
    assert.equal('{path="x"}', tracker:args_text(exectrack.fingerprint { path = "x" }))
  end)

  it("adds no tool before it records, and then the same one as others", function()
    local first, second = tracker:recorder("a"), tracker:recorder("a")
    assert.same({}, tracker:tools())
    tracker:record("z", "success")
    first("success")
    second("success")
    first("success")
    assert.same({ "z", "a" }, tracker:tools())
    assert.equal(3, tracker:stats("a").total_executions)
  end)

  it("counts as (other) when there is no room for its tool, as record does", function()
    local records = {}
    for i = 1, 5 do
      records[i] = tracker:recorder("t" .. i)
    end
    for _ = 1, 2 do
      for i = 1, 5 do
        records[i]("success", i)
      end
    end
    assert.same({ "t1", "t2", "t3", "(other)" }, tracker:tools())
    assert.equal(4, tracker:stats("(other)").total_executions)
    assert.equal(4, tracker:stats().overflowed)
    tracker:recorder("(other)")("success")
    assert.equal(5, tracker:stats("(other)").total_executions)
    assert.equal(4, tracker:stats().overflowed)
  end)

  it("takes any bytes for a name, and the first 255 of more", function()
    local long = ("x"):rep(300)
    tracker = exectrack.new(10)
    for _, name in ipairs { "", "a\0b", long } do
      local record = tracker:recorder(name)
      record("success")
      record("success")
    end
    tracker:record(long:sub(1, 255), "success")
    assert.same({ "", "a\0b", long:sub(1, 255) }, tracker:tools())
    assert.equal(3, tracker:stats(long).total_executions)
  end)

  it("goes on when its tracker is cleared", function()
    local record = tracker:recorder("a")
    tracker:record("z", "success")
    record("success")
    tracker:clear()
    record("failed")
    assert.equal(1, tracker:stats("a").failed)
    assert.equal(0, tracker:stats("z").total_executions)
  end)

  it("has the depth of what it is called in", function()
    local record = tracker:recorder("a")
    tracker:run("outer", record, "success")
    assert.same({ 1, 0 }, tracker:snapshot():column("depth"))
  end)

  it("keeps its tracker and its name", function()
    local record = exectrack.new { clock = clock.read }:session("s"):recorder(("x"):rep(50))
    collectgarbage()
    record("success")
    local trackers = setmetatable({ exectrack.new(1) }, { __mode = "v" })
    record = trackers[1]:recorder("a")
    collectgarbage()
    record("success")
    assert.equal(1, trackers[1]:stats("a").successful)
    record = nil
    collectgarbage()
    collectgarbage()
    assert.is_nil(record or trackers[1])
  end)

  it("names what it refuses, and records nothing", function()
    local record = tracker:recorder("a")
    local function assert_refused(message, ...)
      local arguments = portable.pack(...)
      assert.has_error(function() record(portable.unpack(arguments, 1, arguments.n)) end, message)
    end
    assert_refused("bad argument #1 to 'record' (string expected, got no value)")
    assert_refused("bad argument #1 to 'record' (string expected, got number)", 5)
    assert_refused("bad argument #1 to 'record' (unknown status 'ok', not one of 'success', "
      .. "'failed', 'timed_out', 'cancelled')", "ok")
    assert_refused("bad argument #2 to 'record' (number expected, got string)", "success", "1")
    assert_refused("bad argument #2 to 'record' (milliseconds must be finite and not negative, "
      .. "got -1)", "success", -1)
    assert_refused("bad argument #3 to 'record' (boolean expected, got number)", "success", 1, 0)
    assert_refused("bad argument #4 to 'record' (string expected, got number)", "success", 1, true,
      5)
    assert.equal(0, tracker:stats().total_executions)
    assert.has_error(function() tracker:recorder() end,
      "bad argument #1 to 'recorder' (string expected, got no value)")
    assert.has_error(function() tracker:session("s"):recorder(5) end,
      "bad argument #1 to 'recorder' (string expected, got number)")
    assert.has_error(function() tracker.recorder(5, "a") end,
      "bad argument #1 to 'recorder' (exectrack.Tracker expected, got number)")
  end)

  it("of a closed tracker raises, known tool or not", function()
    local known, unknown = tracker:recorder("a"), tracker:session("s"):recorder("b")
    known("success")
    tracker:close()
    for _, record in ipairs { known, unknown } do
      assert.has_error(function() record("success") end, "attempt to use a closed tracker")
      assert.has_error(function() record(5) end, "attempt to use a closed tracker")
    end
    assert.has_error(function() tracker:recorder("a") end, "attempt to use a closed tracker")
  end)

  it("raises what its clock raises, and if that closes the tracker", function()
    local action = function() end
    tracker = exectrack.new { clock = function()
      action()
      return clock.read()
    end }
    local record = tracker:recorder("a")
    action = function() error("no time", 0) end
    assert.has_error(function() record("success", 1) end, "no time")
    action = function() tracker:close() end
    assert.has_error(function() record("success", 1) end, "attempt to use a closed tracker")
  end)
end)
