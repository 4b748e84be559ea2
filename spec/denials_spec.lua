local clocks = require("spec.support.clock")
local exectrack = require("exectrack")
local portable = require("spec.support.portable")

local clock, tracker

before_each(function()
  clock = clocks.new()
  tracker = exectrack.new { max_tools = 300, clock = clock.read }
end)

--- Calls a tool that is denied for `reason`. Asserts that it doesn't run.
local function deny(tool, reason)
  local denied = tracker:wrap(tool, error, { policy = function()
    return { action = "deny", reason = reason }
  end })
  assert.is_nil(denied())
end

--- What a row of the denials says.
local function row(tool_id, tool, reason, count, us)
  return { tool_id = tool_id, tool = tool, reason = reason, count = count,
    last_timestamp = (clocks.START_US + us) / 1e6 }
end

--- Asserts what the denials are, of the tracker and of its snapshot, saved or not.
local function assert_denials(expected, overflowed)
  local snapshot = tracker:snapshot()
  for _, run in ipairs { tracker, snapshot, assert(exectrack.from_bytes(snapshot:bytes())),
    assert(exectrack.from_table(snapshot:to_table())) } do
    local rows, more = run:denials()
    assert.same(expected, rows)
    assert.equal(overflowed or 0, more)
    for _, one in ipairs(rows) do
      assert.is_true(portable.is_integer(one.count))
      assert.is_true(portable.is_float(one.last_timestamp))
    end
  end
end

describe("denials", function()
  it("are none at first, nor after executions", function()
    assert_denials({})
    tracker:record("grep", "failed", 1)
    assert_denials({})
  end)

  it("count by tool and reason, in the order of the first of each", function()
    deny("grep", "loop")
    clock.advance_us(1)
    deny("ls", "loop")
    deny("grep", "budget")
    clock.advance_us(1)
    deny("grep", "loop")
    assert_denials({ row(1, "grep", "loop", 2, 2), row(2, "ls", "loop", 1, 1),
      row(1, "grep", "budget", 1, 1) })
  end)

  it("make a tool known, but are no executions", function()
    deny("grep", "loop")
    assert.same({ "grep" }, tracker:tools())
    assert.equal(0, tracker:stats("grep").total_executions)
    assert.equal(0, tracker:stats().total_executions)
    assert.equal(0, #tracker)
    assert.same({}, tracker:in_flight())
  end)

  it("are for the reason 'denied' without one, and for '(other)' when it is empty", function()
    deny("grep")
    deny("grep", "")
    assert_denials({ row(1, "grep", "denied", 1, 0), row(1, "grep", "(other)", 1, 0) })
  end)

  it("have names of any bytes, cut at 255", function()
    deny("a\0b", "c\0d")
    deny(("t"):rep(300), ("r"):rep(300))
    deny(("t"):rep(256), ("r"):rep(256))
    deny("", "\255")
    assert_denials({ row(1, "a\0b", "c\0d", 1, 0), row(2, ("t"):rep(255), ("r"):rep(255), 2, 0),
      row(3, "", "\255", 1, 0) })
  end)

  it("may have been in the first instant of 1970", function()
    clock.us = 0
    tracker = exectrack.new { clock = clock.read }
    deny("grep", "loop")
    assert_denials({ row(1, "grep", "loop", 1, -clocks.START_US) })
  end)

  it("are gone after a clear, and begin anew", function()
    deny("ls", "loop")
    deny("grep", "budget")
    tracker:clear()
    assert_denials({})
    deny("grep", "loop")
    assert_denials({ row(2, "grep", "loop", 1, 0) })
  end)

  it("are listed for 256 pairs, and beyond that only counted", function()
    local expected = {}
    for i = 1, 256 do
      deny("tool " .. i, "loop")
      expected[i] = row(i, "tool " .. i, "loop", 1, 0)
    end
    deny("tool 257", "loop")
    deny("tool 1", "budget")
    deny("tool 256", "loop")
    expected[256].count = 2
    assert_denials(expected, 2)
    tracker:clear()
    assert_denials({})
  end)

  it("are those of '(other)' for a tool or a reason for which there is no room", function()
    tracker = exectrack.new { max_tools = 1, clock = clock.read }
    for i = 1, 254 do
      deny("grep", "reason " .. i)
    end
    deny("ls", "reason 1")
    deny("grep", "reason 255")
    deny("ls", "reason 256")
    local rows, overflowed = tracker:denials()
    assert.same(row(2, "(other)", "reason 1", 1, 0), rows[255])
    assert.same(row(1, "grep", "reason 255", 1, 0), rows[256])
    assert.equal(1, overflowed)
    tracker:clear()
    deny("ls", "reason 257")
    assert_denials({ row(2, "(other)", "(other)", 1, 0) })
    assert.equal(0, tracker:stats().overflowed)
    assert.equal(0, tracker:stats().error_types_overflowed)
  end)

  it("are tables of the caller's own", function()
    deny("grep", "loop")
    tracker:denials()[1].count = 9
    assert_denials({ row(1, "grep", "loop", 1, 0) })
  end)
end)
