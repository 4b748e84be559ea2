local exectrack = require("exectrack")
local clocks = require("spec.support.clock")
local portable = require("spec.support.portable")

--- A tracker with `max_history` records on a clock that stands still.
local function still_tracker(max_history)
  local clock = clocks.new()
  return exectrack.new { max_history = max_history, clock = clock.read }, clock
end

describe("the reference's tests", function()
  it("bounds the history", function()
    local tracker = exectrack.new(5)
    for i = 0, 9 do
      tracker:record("read_file", "success", 100, i % 2 == 0)
    end
    assert.equal(5, #tracker)
    assert.equal(10, tracker:stats().total_executions)
    assert.equal(5, tracker:stats().cached_hits)
  end)

  it("interns the names of tools", function()
    local tracker = exectrack.new(10)
    tracker:record("read_file", "success", 100, false)
    tracker:record("read_file", "success", 50, true)
    tracker:record("write_file", "success", 200, false)
    assert.equal(2, #tracker:tools())
  end)

  it("averages the durations of a tool", function()
    local tracker = exectrack.new(10)
    tracker:record("read_file", "success", 100, false)
    tracker:record("read_file", "success", 200, false)
    tracker:record("read_file", "success", 300, false)
    assert.equal(200, tracker:avg_duration_for_tool("read_file"))
    assert.is_nil(tracker:avg_duration_for_tool("write_file"))
  end)
end)

describe("tracker:record", function()
  it("keeps all that it is given", function()
    local tracker, clock = still_tracker(10)
    clock.advance_us(1500000)
    tracker:record("grep", "failed", 12.25, true, "ENOENT", { pattern = "x" })
    assert.same({
      {
        tool = "grep",
        tool_id = 1,
        status = "failed",
        duration_ms = 12.25,
        was_cached = true,
        error_type = "ENOENT",
        args_hash = exectrack.fingerprint { pattern = "x" }, depth = 0,
        timestamp = 1767225601.5,
      },
    }, tracker:recent_executions(10))
  end)

  it("takes no cache, no error type and no arguments by default", function()
    local tracker = still_tracker(10)
    tracker:record("grep", "success", 1)
    tracker:record("grep", "success", 1, nil, nil, nil)
    tracker:record { tool = "grep", status = "success", duration_ms = 1 }
    local records = tracker:recent_executions(10)
    assert.equal(3, #records)
    for _, record in ipairs(records) do
      assert.same({
        tool = "grep",
        tool_id = 1,
        status = "success",
        duration_ms = 1,
        was_cached = false,
        args_hash = 0, depth = 0,
        timestamp = 1767225600.0,
      }, record)
    end
  end)

  it("takes the empty error type for none", function()
    local tracker = still_tracker(10)
    tracker:record("grep", "failed", 1, false, "")
    assert.is_nil(tracker:recent_executions(1)[1].error_type)
  end)

  it("returns nothing", function()
    local tracker = still_tracker(10)
    assert.equal(0, select("#", tracker:record("grep", "success", 1)))
    assert.equal(0, select("#", tracker:record { tool = "a", status = "failed", duration_ms = 1 }))
  end)

  it("hashes every value but nil as arguments", function()
    local tracker = still_tracker(10)
    for _, args in ipairs { false, 0, "", {} } do
      tracker:record("grep", "success", 1, false, nil, args)
      assert.equal(exectrack.fingerprint(args), tracker:recent_executions(1)[1].args_hash)
      tracker:record { tool = "grep", status = "success", duration_ms = 1, args = args }
      assert.equal(exectrack.fingerprint(args), tracker:recent_executions(1)[1].args_hash)
    end
  end)

  it("imports a timestamp without reading the clock", function()
    local tracker, clock = still_tracker(10)
    local readings = clock.readings
    tracker:record { tool = "a", status = "success", duration_ms = 1, timestamp = 12.5 }
    tracker:record { tool = "a", status = "success", duration_ms = 1, timestamp = 0 }
    assert.equal(readings, clock.readings)
    local records = tracker:recent_executions(2)
    assert.equal(12.5, records[1].timestamp)
    assert.equal(0.0, records[2].timestamp)
    assert.is_true(portable.is_float(records[1].timestamp))
  end)

  it("keeps imported records in the order of recording", function()
    local tracker = still_tracker(10)
    for _, timestamp in ipairs { 30, 10, 20 } do
      tracker:record { tool = "a", status = "success", duration_ms = 1, timestamp = timestamp }
    end
    assert.same({ 30.0, 10.0, 20.0 }, tracker:snapshot():column("timestamp"))
    assert.equal(30.0, tracker:stats("a").last_timestamp)
  end)

  it("counts what ended last as the most recent, and of these what was recorded last", function()
    local tracker = still_tracker(4)
    for i, timestamp in ipairs { 90, 30, 10, 20, 30 } do
      tracker:record { tool = "a", status = "success", duration_ms = i, timestamp = timestamp }
    end
    local durations = {}
    for i, record in ipairs(tracker:recent_executions(9)) do
      durations[i] = record.duration_ms
    end
    assert.same({ 5, 2, 4, 3 }, durations)
    assert.equal(5, tracker:recent_executions(1)[1].duration_ms)
    assert.same({}, tracker:recent_executions(0))
  end)

  it("takes back what recent_executions returned", function()
    local tracker, clock = still_tracker(10)
    tracker:record("read_file", "success", 0.001, true, nil, "a path")
    clock.advance_us(1)
    tracker:record("grep", "timed_out", 30000.5, false, "ETIMEDOUT")
    clock.advance_us(999999)
    tracker:record("", "cancelled", 0)
    local copy = exectrack.new(10)
    local records = tracker:recent_executions(10)
    for i = #records, 1, -1 do
      copy:record(records[i])
    end
    assert.same(records, copy:recent_executions(10))
    assert.same(tracker:stats(), copy:stats())
    for _, tool in ipairs(tracker:tools()) do
      assert.same(tracker:stats(tool), copy:stats(tool))
    end
  end)

  it("ignores tool_id, whatever it is", function()
    local tracker = still_tracker(10)
    for _, id in ipairs { 7, "seven", false } do
      tracker:record { tool = "grep", status = "success", duration_ms = 1, tool_id = id }
      assert.equal(1, tracker:recent_executions(1)[1].tool_id)
    end
  end)

  it("takes an args_hash of 32 bits", function()
    local tracker = still_tracker(10)
    for _, hash in ipairs { 0, 1, 2 ^ 32 - 1 } do
      tracker:record { tool = "a", status = "success", duration_ms = 1, args_hash = hash }
      assert.equal(hash, tracker:recent_executions(1)[1].args_hash)
    end
  end)

  it("reads fields without metamethods", function()
    local tracker = still_tracker(10)
    local trap = function() error("a metamethod was called") end
    tracker:record(setmetatable({ tool = "a", status = "success", duration_ms = 1 },
      { __index = trap, __pairs = trap, __len = trap }))
    assert.equal(1, #tracker)
  end)
end)

describe("tracker:recent_executions", function()
  it("returns the newest first", function()
    local tracker = still_tracker(3)
    for i = 1, 5 do
      tracker:record("tool " .. i, "success", i)
    end
    local records = tracker:recent_executions(2)
    assert.equal(2, #records)
    assert.equal("tool 5", records[1].tool)
    assert.equal("tool 4", records[2].tool)
    assert.equal(3, #tracker:recent_executions(3))
    assert.equal(3, #tracker:recent_executions(4))
    assert.equal("tool 3", tracker:recent_executions(portable.MAX_INTEGER)[3].tool)
  end)

  it("is empty for nothing, for n = 0 and for no history", function()
    local tracker = still_tracker(3)
    assert.same({}, tracker:recent_executions(5))
    tracker:record("a", "success", 1)
    assert.same({}, tracker:recent_executions(0))
    local uncounted = still_tracker(0)
    uncounted:record("a", "success", 1)
    assert.same({}, uncounted:recent_executions(5))
  end)

  it("takes a float that is whole", function()
    local tracker = still_tracker(3)
    tracker:record("a", "success", 1)
    assert.equal(1, #tracker:recent_executions(1.0))
  end)
end)

describe("names and ids", function()
  it("start at 1 and follow the order of first use", function()
    local tracker = still_tracker(2)
    for _, tool in ipairs { "c", "a", "b", "a", "c" } do
      tracker:record(tool, "success", 1)
    end
    assert.same({ "c", "a", "b" }, tracker:tools())
    assert.equal(1, tracker:recent_executions(1)[1].tool_id)
    assert.equal(2, tracker:recent_executions(2)[2].tool_id)
  end)

  it("are looked up by get_tool_name", function()
    local tracker = still_tracker(2)
    tracker:record("a", "success", 1)
    tracker:start("b"):finish()
    assert.equal("a", tracker:get_tool_name(1))
    assert.equal("b", tracker:get_tool_name(2))
    assert.equal("b", tracker:get_tool_name(2.0))
    for _, id in ipairs { 0, 3, -1, 4294967297, portable.MAX_INTEGER, portable.MIN_INTEGER } do
      assert.is_nil(tracker:get_tool_name(id))
    end
  end)

  it("are none at first", function()
    local tracker = still_tracker(2)
    assert.same({}, tracker:tools())
    assert.is_nil(tracker:get_tool_name(1))
  end)
end)

describe("tracker:clear", function()
  it("empties the history and zeroes the stats", function()
    local tracker = still_tracker(10)
    local fresh = tracker:stats()
    tracker:record("a", "failed", 5, true, "EIO")
    tracker:clear()
    assert.equal(0, #tracker)
    assert.same({}, tracker:recent_executions(10))
    assert.same(fresh, tracker:stats())
    assert.is_nil(tracker:avg_duration_for_tool("a"))
    assert.same({
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
      failure_streak = 0,
      in_flight = 0,
      window = fresh.window,
    }, tracker:stats("a"))
  end)

  it("begins to count at the latest reading of the clock", function()
    local clock = clocks.new()
    local tracker = exectrack.new { clock = clock.read }
    local made = tracker:cleared()
    assert.equal(clocks.START_US / 1e6, made)
    clock.advance_us(1500000)
    tracker:record("a", "success", 1)
    clock.advance_us(1000000)
    local before = tracker:snapshot()
    clock.advance_us(1000000)
    tracker:clear()
    assert.equal(made + 2.5, tracker:cleared())
    local after = tracker:snapshot()
    assert.equal(made + 2.5, after:filter({}):cleared())
    assert.equal(made, exectrack.merge({ after, before }):cleared())
    assert.equal(made, after:created())
  end)

  it("keeps ids after clear", function()
    local tracker = still_tracker(10)
    tracker:record("a", "success", 1)
    tracker:record("b", "success", 1)
    tracker:clear()
    assert.same({ "a", "b" }, tracker:tools())
    tracker:record("b", "success", 1)
    assert.equal(2, tracker:recent_executions(1)[1].tool_id)
  end)

  it("leaves a tracker that counts as before", function()
    local tracker = still_tracker(2)
    for round = 1, 3 do
      for i = 1, 3 do
        tracker:record("a", "success", i * round)
      end
      assert.equal(2, #tracker)
      assert.equal(3, tracker:stats().total_executions)
      assert.equal(2.5 * round, tracker:avg_duration_for_tool("a"))
      tracker:clear()
    end
  end)
end)

describe("a tracker without history", function()
  it("counts and keeps no records", function()
    local tracker = still_tracker(0)
    tracker:record("a", "success", 2)
    tracker:start("a"):finish("failed")
    assert.equal(0, #tracker)
    assert.equal(2, tracker:stats().total_executions)
    assert.equal(2, tracker:stats("a").max_duration_ms)
    assert.equal(0, tracker:stats().window.total_executions)
    assert.is_nil(tracker:avg_duration_for_tool("a"))
  end)
end)

describe("tracker:label", function()
  it("is what the tracker was given, bytes and all", function()
    assert.equal("", exectrack.new():label())
    assert.equal("", exectrack.new { label = "" }:label())
    assert.equal("night \0 run", exectrack.new { label = "night \0 run" }:label())
    local longest = ("é"):rep(32)
    assert.equal(longest, exectrack.new { label = longest }:label())
  end)
end)

describe("tostring of a tracker", function()
  it("names its tools and records", function()
    local tracker = still_tracker(3)
    assert.equal("exectrack.Tracker (0 tools, 0/3 records)", tostring(tracker))
    tracker:record("a", "success", 1)
    assert.equal("exectrack.Tracker (1 tool, 1/3 records)", tostring(tracker))
    for _ = 1, 3 do
      tracker:record("b", "success", 1)
    end
    assert.equal("exectrack.Tracker (2 tools, 3/3 records)", tostring(tracker))
    assert.equal("exectrack.Tracker (0 tools, 0/1000 records)", tostring(exectrack.new()))
    assert.equal("exectrack.Tracker (0 tools, 0/0 records)", tostring(exectrack.new(0)))
  end)
end)

describe("a handle", function()
  it("says its type", function()
    local tracker = exectrack.new(1)
    assert.equal("exectrack.Tracker", getmetatable(tracker).__name)
    assert.has_error(function() setmetatable(tracker, {}) end,
      ("bad argument #1 to 'setmetatable' (table expected, got %s)"):format(
        portable.named("exectrack.Tracker")))
    assert.equal("exectrack.Span", getmetatable(tracker:start("a")).__name)
  end)
end)

describe("exectrack._VERSION", function()
  it("names the module and the version of its header", function()
    local header = assert(io.open("src/exectrack.h")):read("*a")
    assert.equal("exectrack " .. header:match('#define XT_VERSION "([%d.]+)"'),
      exectrack._VERSION)
  end)
end)
