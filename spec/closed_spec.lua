local exectrack = require("exectrack")
local needs = require("spec.support.needs")
local process = require("spec.support.process")

local CLOSED = "attempt to use a closed tracker"

--- A tracker that is closed, and a span of it that is in flight.
local function closed_tracker(options)
  local tracker = exectrack.new(options)
  tracker:record("a", "success", 1)
  local span = tracker:start("b")
  tracker:close()
  return tracker, span
end

describe("a closed tracker", function()
  it("was closed by close, which may be called again", function()
    local tracker = exectrack.new()
    tracker:close()
    assert.equal("exectrack.Tracker (closed)", tostring(tracker))
    assert.has_error(function() tracker:stats() end, CLOSED)
    tracker:close()
  end)

  it("raises for every method", function()
    local tracker = closed_tracker()
    assert.has_error(function() tracker:record("a", "success", 1) end, CLOSED)
    assert.has_error(function()
      tracker:record { tool = "a", status = "success", duration_ms = 1, timestamp = 5 }
    end, CLOSED)
    assert.has_error(function() tracker:start("a") end, CLOSED)
    assert.has_error(function() tracker:stats() end, CLOSED)
    assert.has_error(function() tracker:stats("a") end, CLOSED)
    assert.has_error(function() tracker:recent_executions(5) end, CLOSED)
    assert.has_error(function() tracker:avg_duration_for_tool("a") end, CLOSED)
    assert.has_error(function() tracker:get_tool_name(1) end, CLOSED)
    assert.has_error(function() tracker:tools() end, CLOSED)
    assert.has_error(function() tracker:in_flight() end, CLOSED)
    assert.has_error(function() tracker:session_name("a") end, CLOSED)
    assert.has_error(function() tracker:label() end, CLOSED)
    assert.has_error(function() tracker:snapshot() end, CLOSED)
    assert.has_error(function() tracker:clear() end, CLOSED)
    assert.has_error(function() return #tracker end, CLOSED)
  end)

  it("raises for what policies decide from", function()
    local tracker = closed_tracker()
    assert.has_error(function() tracker:totals() end, CLOSED)
    assert.has_error(function() tracker:failure_streak("a") end, CLOSED)
    assert.has_error(function() tracker:error_rate("a") end, CLOSED)
    assert.has_error(function() tracker:loop("a", 1, 5) end, CLOSED)
    assert.has_error(function() tracker:session_executions(5) end, CLOSED)
    assert.has_error(function() tracker:starts_after(0, "a", 1) end, CLOSED)
    assert.has_error(function() tracker:in_flight_count("a", 0) end, CLOSED)
    assert.has_error(function() tracker:recent_quantile("a", 0.5) end, CLOSED)
    assert.has_error(function() tracker:circuit("a", {}) end, CLOSED)
    assert.has_error(function() tracker:max_history() end, CLOSED)
    assert.has_error(function() tracker:denials() end, CLOSED)
    assert.has_error(function() tracker:denied() end, CLOSED)
  end)

  it("raises for a tool to run or wrap, and calls none", function()
    local tracker = closed_tracker()
    local calls = 0
    local function tool() calls = calls + 1 end
    assert.has_error(function() tracker:run("a", tool) end, CLOSED)
    assert.has_error(function() tracker:wrap("a", tool) end, CLOSED)
    assert.has_error(function() tracker:instrument { a = tool } end, CLOSED)

    local open = exectrack.new()
    local wrapped = open:wrap("a", tool)
    open:close()
    assert.has_error(wrapped, CLOSED)
    assert.equal(0, calls)
  end)

  it("says so before it looks at the arguments", function()
    local tracker = closed_tracker()
    assert.has_error(function() tracker:record() end, CLOSED)
    assert.has_error(function() tracker:start(5) end, CLOSED)
    assert.has_error(function() tracker:recent_executions(-1) end, CLOSED)
    assert.has_error(function() tracker:repeats() end, CLOSED)
    assert.has_error(function() tracker:loop() end, CLOSED)
    assert.has_error(function() tracker:run() end, CLOSED)
    assert.has_error(function() tracker:wrap("a", 5) end, CLOSED)
    assert.has_error(function() tracker:instrument(5) end, CLOSED)
  end)

  it("has a name", function()
    local tracker, span = closed_tracker()
    assert.equal("exectrack.Tracker (closed)", tostring(tracker))
    assert.equal("exectrack.Span (of a closed tracker)", tostring(span))
  end)

  it("can be closed again", function()
    local tracker = closed_tracker()
    tracker:close()
    getmetatable(tracker).__gc(tracker)
    assert.equal("exectrack.Tracker (closed)", tostring(tracker))
  end)

  it("leaves its spans unfinished", function()
    local _, span = closed_tracker()
    assert.has_error(function() span:finish() end, CLOSED)
    assert.has_error(function() span:finish("failed", true, "EIO") end, CLOSED)
    span:close()
    getmetatable(span).__gc(span)
    assert.equal("exectrack.Span (of a closed tracker)", tostring(span))
  end)

  it("doesn't need a clock that works", function()
    local works = true
    local tracker, span = closed_tracker { clock = function() return works and 1 or "never" end }
    works = false
    assert.has_error(function() tracker:record("a", "success", 1) end, CLOSED)
    assert.has_error(function() tracker:start("a") end, CLOSED)
    assert.has_error(function() tracker:in_flight() end, CLOSED)
    span:close()
    assert.equal("exectrack.Span (of a closed tracker)", tostring(span))
  end)

  it("leaves other trackers alone", function()
    local other = exectrack.new()
    closed_tracker()
    other:record("a", "success", 1)
    assert.equal(1, #other)
  end)
end)

--- Runs `script` in a process of its own and asserts what it prints, that nothing goes to the
-- standard error and that it succeeds.
local function assert_prints(expected, script)
  local stdout, stderr, code = process.run_lua(script)
  assert.equal("", stderr)
  assert.equal(expected, stdout)
  assert.equal(0, code)
end

describe("a state that ends", function()
  it("closes its trackers before older finalizers, to which they are closed", function()
    assert_prints(table.concat({
      "exectrack.Tracker (closed)",
      "script.lua:6: attempt to use a closed tracker",
      "script.lua:7: attempt to use a closed tracker",
      "script.lua:8: attempt to use a closed tracker",
      "exectrack.Span (of a closed tracker)",
      "exectrack.Span (finished)",
      "",
    }, "\n"), [[
local exectrack, finalizers = require("exectrack"), require("spec.support.finalizers")
local tracker, span, finished
guard = finalizers.object(function()
  print(tracker)
  for _, use in ipairs {
    function() tracker:record("a", "success", 1) end,
    function() span:finish() end,
    function() return #tracker end,
  } do
    print(select(2, pcall(use)))
  end
  print(span)
  print(finished)
end)
tracker = exectrack.new(10)
tracker:record("a", "success", 1)
finished = tracker:start("b")
finished:finish()
-- The span isn't made here but by a finalizer that runs later than the others and
-- before its tracker's.
late = finalizers.object(function() span = tracker:start("c") end)
]])
  end)

  it("lets newer finalizers use them", function()
    assert_prints("exectrack.Tracker (1 tool, 1/10 records)\n", [[
tracker = require("exectrack").new(10)
guard = require("spec.support.finalizers").object(function()
  tracker:record("a", "success", 1)
  print(tracker)
end)
]])
  end)

  it("abandons what is in flight", function()
    assert_prints("cancelled\tabandoned\n", [[
tracker = require("exectrack").new(10)
guard = require("spec.support.finalizers").object(function()
  local record = tracker:recent_executions(1)[1]
  print(record.status, record.error_type)
end)
span = tracker:start("a")
]])
  end)

  it("is ended by os.exit with closing too", function()
    needs.closing_exit(pending)
    assert_prints("exectrack.Tracker (closed)\n", [[
guard = require("spec.support.finalizers").object(function() print(tracker) end)
tracker = require("exectrack").new(10)
span = tracker:start("a")
os.exit(true, true)
]])
  end)

  it("says nothing of a clock that is broken by then", function()
    assert_prints("", [[
local exectrack = require("exectrack")
local works = true
tracker = exectrack.new { clock = function() assert(works) return 1 end }
span = tracker:start("a")
works = false
]])
  end)
end)

describe("a tracker that is resurrected in __gc", function()
  it("is closed", function()
    assert_prints("exectrack.Tracker (closed)\n"
      .. "script.lua:12: attempt to use a closed tracker\n", [[
local exectrack, finalizers = require("exectrack"), require("spec.support.finalizers")
local resurrected
do
  local guard = {}
  guard.object = finalizers.object(function() resurrected = guard.tracker end)
  guard.tracker = exectrack.new(10)
  guard.tracker:record("a", "success", 1)
end
collectgarbage()
collectgarbage()
print(resurrected)
print(select(2, pcall(function() resurrected:record("a", "success", 1) end)))
]])
  end)

  it("leaves its resurrected span finished or of a closed tracker", function()
    assert_prints("exectrack.Span (finished)\n"
      .. "script.lua:11: attempt to finish a span twice\n", [[
local exectrack, finalizers = require("exectrack"), require("spec.support.finalizers")
local resurrected
do
  local guard = {}
  guard.object = finalizers.object(function() resurrected = guard.span end)
  guard.span = exectrack.new(10):start("a")
end
collectgarbage()
collectgarbage()
print(resurrected)
print(select(2, pcall(function() resurrected:finish() end)))
]])
  end)
end)

describe("an error that nothing catches", function()
  it("ends a script with its text", function()
    local stdout, stderr, code = process.run_lua([[
local tracker = require("exectrack").new(10)
tracker:close()
tracker:record("a", "success", 1)
]])
    assert.equal("", stdout)
    assert.equal("script.lua:3: attempt to use a closed tracker",
      stderr:match("^[^\n]-(script%.lua:[^\n]*)"))
    assert.equal(1, code)
  end)
end)
