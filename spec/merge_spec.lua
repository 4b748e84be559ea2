local clocks = require("spec.support.clock")
local exectrack = require("exectrack")
local portable = require("spec.support.portable")
local random = require("spec.support.random")
local runs = require("spec.support.runs")

local START = clocks.START_US / 1e6

setup(function()
  random.seed("merge_spec")
end)

--- A snapshot of what `executions` record, each after so many seconds: { seconds, tool, status,
-- duration_ms, ... }.
local function snapshot_of(executions, options)
  local clock = clocks.new()
  local all = { clock = clock.read, instance_id = runs.INSTANCE_ID }
  for name, value in pairs(options or {}) do
    all[name] = value
  end
  local tracker = exectrack.new(all)
  for _, execution in ipairs(executions) do
    clock.us = clocks.START_US + execution[1] * 1000000
    tracker:record(portable.unpack(execution, 2, 7))
  end
  return tracker:snapshot()
end

local function durations(snapshot)
  return snapshot:column("duration_ms")
end

describe("exectrack.merge", function()
  local first = snapshot_of({
    { 1, "write", "failed", 1, false, "EIO" },
    { 3, "read", "success", 3, true },
    { 5, "write", "failed", 5, false, "ENOENT" },
  }, { max_history = 3, label = "run" })
  local second = snapshot_of({
    { 2, "read", "failed", 2, false, "ENOENT" },
    { 4, "grep", "success", 4 },
    { 6, "read", "cancelled", 6 },
  }, { max_history = 2, label = "run" })

  it("unites tools by name, in the order of their bytes", function()
    local merged = exectrack.merge { first, second }
    assert.same({ "grep", "read", "write" }, merged:tools())
    local tracker = exectrack.new(10)
    for _, tool in ipairs { "b", "", "(other)", "\255", "a\0", "a", "B" } do
      tracker:record(tool, "success", 1)
    end
    assert.same({ "", "B", "a", "a\0", "b", "\255", "(other)" },
      exectrack.merge { tracker:snapshot() }:tools())
  end)

  it("interleaves records by when they ended", function()
    local merged = exectrack.merge { first, second }
    assert.same({ 1, 3, 4, 5, 6 }, durations(merged)) -- 2 had left its history
    assert.same({ "EIO", false, false, "ENOENT", false }, merged:column("error_type"))
    assert.same({ 3, 2, 1, 3, 2 }, merged:column("tool_id"))
    assert.equal(START + 6, merged[5].timestamp)
  end)

  it("puts imported records in order", function()
    local tracker = exectrack.new(5)
    for _, timestamp in ipairs { 30, 10, 20 } do
      tracker:record { tool = "a", status = "success", duration_ms = timestamp,
        timestamp = timestamp }
    end
    assert.same({ 10, 20, 30 }, durations(exectrack.merge { tracker:snapshot() }))
  end)

  it("orders records that ended together by what else they have", function()
    local executions = {}
    for i = 0, 63 do
      local function bit(n) return math.floor(i / 2 ^ n) % 2 end
      executions[i + 1] = { 0, bit(0) == 0 and "a" or "b", bit(1) == 0 and "failed" or "timed_out",
        1 + bit(2), bit(3) == 0, "E" .. bit(4), bit(5) }
    end
    local merged = exectrack.merge { snapshot_of(executions) }
    for _ = 1, 10 do
      local shuffled = snapshot_of(random.shuffle(executions))
      assert.is_true(merged == exectrack.merge { shuffled })
      local halves = { shuffled:filter { last = 32 }, shuffled:filter { was_cached = true } }
      assert.same(exectrack.merge(halves):records(),
        exectrack.merge { halves[2], halves[1] }:records())
    end
    assert.equal("a", merged[1].tool)
    assert.equal("b", merged[64].tool)
  end)

  it("adds up lifetimes, also of what is no longer retained", function()
    local merged = exectrack.merge { first, second }
    local stats = merged:stats()
    assert.equal(6, stats.total_executions)
    assert.equal(3, stats.failed)
    assert.equal(21, stats.total_duration_ms)
    assert.equal(5, stats.window.total_executions)
    assert.equal(19, stats.window.total_duration_ms)
    local read = merged:stats("read")
    assert.equal(3, read.total_executions)
    assert.equal(2, read.min_duration_ms)
    assert.equal(6, read.max_duration_ms)
    assert.equal(START + 6, read.last_timestamp)
  end)

  it("takes a failure streak from the run in which the tool ended last", function()
    local failing = snapshot_of { { 1, "a", "failed", 1 }, { 2, "a", "failed", 1 } }
    local well = snapshot_of { { 0, "a", "failed", 1 }, { 3, "a", "success", 1 } }
    local once = snapshot_of { { 2, "a", "timed_out", 1 } }
    assert.equal(0, exectrack.merge { failing, well }:stats("a").failure_streak)
    assert.equal(2, exectrack.merge { once, failing }:stats("a").failure_streak)
    assert.equal(1, exectrack.merge { once, snapshot_of { { 1, "a", "success", 1 } } }
      :stats("a").failure_streak)
  end)

  it("keeps the label that all have, or none", function()
    local other = snapshot_of({}, { label = "other" })
    local none = snapshot_of({}, { label = "" })
    assert.equal("run", exectrack.merge { first, second }:label())
    assert.equal("", exectrack.merge { first, other }:label())
    assert.equal("", exectrack.merge { first, none }:label())
    assert.equal("", exectrack.merge { first, other, first }:label())
  end)

  it("was made when the first run was, and taken when the latest was", function()
    local clock = clocks.new()
    local early = exectrack.new { clock = clock.read }
    clock.advance_us(1000000)
    local late = exectrack.new { clock = clock.read }
    clock.advance_us(1000000)
    local taken = early:snapshot()
    clock.advance_us(1000000)
    local merged = exectrack.merge { late:snapshot(), taken }
    assert.equal(START, merged:created())
    assert.equal(START + 3, merged:taken())
  end)

  it("lists what was in flight in any run", function()
    local clock = clocks.new()
    local one, two = exectrack.new { clock = clock.read }, exectrack.new { clock = clock.read }
    local spans = { one:start("b") }
    clock.advance_us(1000)
    spans[2] = two:start("c", "x")
    spans[3] = two:start("a")
    clock.advance_us(1000)
    spans[4] = one:start("b")
    local merged = exectrack.merge { one:snapshot(), two:snapshot() }
    local listed = {}
    for i, running in ipairs(merged:in_flight()) do
      listed[i] = { running.tool, running.elapsed_ms }
    end
    assert.same({ { "b", 2 }, { "a", 1 }, { "c", 1 }, { "b", 0 } }, listed)
    assert.equal(4, merged:stats().in_flight)
    assert.equal(2, merged:stats("b").in_flight)
    assert.equal(4, #spans)
  end)

  it("knows of what was in flight in any run until that was taken", function()
    local clock, spans, early = clocks.new(), {}, {}
    for i = 1, 3 do
      local tracker = exectrack.new { clock = clock.read, instance_id = runs.INSTANCE_ID }
      spans[i] = tracker:start("a")
      clock.advance_us(i * 1000)
      early[i] = tracker:snapshot()
      clock.advance_us(3600000000)
    end
    local function elapsed(merged)
      local listed = {}
      for i, running in ipairs(merged:in_flight()) do
        listed[i] = running.elapsed_ms
      end
      return listed
    end
    local merged = exectrack.merge(early)
    assert.same({ 1, 2, 3 }, elapsed(merged))
    assert.is_true(merged == exectrack.merge {
      exectrack.merge { early[3], early[1] }, exectrack.from_table(early[2]:to_table()) })
    assert.same({ 1, 2, 3 }, elapsed(merged:filter { last = 0 }))
    assert.equal(3, #spans)
  end)

  it("has room for all tools, of whatever the runs had room for", function()
    local snapshots = {}
    for i = 1, 20 do
      snapshots[i] = snapshot_of({ { 0, "tool " .. i, "success", 1 }, { 0, "more", "success", 1 } },
        { max_tools = 1 })
    end
    local merged = exectrack.merge(snapshots)
    assert.equal(21, #merged:tools())
    assert.equal("(other)", merged:get_tool_name(21))
    assert.equal(20, merged:stats("(other)").total_executions)
    assert.equal(20, merged:stats().overflowed)
  end)

  it("keeps the newest max_history", function()
    assert.same({ 5, 6 }, durations(exectrack.merge({ first, second }, { max_history = 2 })))
    assert.same({}, durations(exectrack.merge({ first, second }, { max_history = 0 })))
    assert.same({ 1, 3, 4, 5, 6 },
      durations(exectrack.merge({ first, second }, { max_history = 268435456 })))
    local merged = exectrack.merge({ first, second }, { max_history = 1 })
    assert.equal(6, merged:stats().total_executions)
    assert.equal(1, merged:stats().window.total_executions)
    assert.is_true(exectrack.merge { first, second }
      == exectrack.merge({ first, second }, {}))
    assert.is_true(exectrack.merge { first, second }
      == exectrack.merge({ first, second }, nil))
  end)

  it("counts a run twice that is in the list twice", function()
    local merged = exectrack.merge { first, first }
    assert.same({ 1, 1, 3, 3, 5, 5 }, durations(merged))
    assert.equal(6, merged:stats().total_executions)
    assert.equal(12, merged:stats("write").total_duration_ms)
    assert.equal(2, merged:stats("write").failure_streak)
    assert.same(first:stats("read").p50_duration_ms, merged:stats("read").p50_duration_ms)
  end)

  it("merges empty runs", function()
    local none = exectrack.new(0):snapshot()
    assert.equal("exectrack.Snapshot (0 tools, 0 records)", tostring(exectrack.merge { none }))
    local merged = exectrack.merge { none, first, none }
    assert.equal(3, #merged)
    assert.equal(3, merged:stats().total_executions)
  end)

  it("takes a list without metamethods", function()
    local trap = function() error("a metamethod was called") end
    local traps = { __index = trap, __len = trap, __pairs = trap }
    assert.equal(2, #exectrack.merge(setmetatable({ first, second }, traps),
      setmetatable({ max_history = 2 }, traps)))
  end)
end)

describe("merge raises for", function()
  local snapshot = exectrack.new(1):snapshot()

  it("anything but a list of snapshots", function()
    local tracker = exectrack.new(1)
    local expected = "bad argument #1 to 'merge' (%s)"
    for _, case in ipairs {
      { nil, "table expected, got nil" },
      { snapshot, "table expected, got exectrack.Snapshot" },
      { {}, "at least one snapshot expected" },
      { { a = snapshot }, "an array without holes and fields expected" },
      { { snapshot, name = "x" }, "an array without holes and fields expected" },
      { { [1] = snapshot, [3] = snapshot }, "an array without holes and fields expected" },
      { { tracker }, "element 1: exectrack.Snapshot expected, got exectrack.Tracker" },
      { { snapshot, {} }, "element 2: exectrack.Snapshot expected, got table" },
      { { snapshot, io.stdout }, "element 2: exectrack.Snapshot expected, got "
        .. portable.FILE },
      { { snapshot, nil, snapshot }, "an array without holes and fields expected" },
      { { snapshot, snapshot:bytes() }, "element 2: exectrack.Snapshot expected, got string" },
    } do
      assert.has_error(function() exectrack.merge(case[1]) end, expected:format(case[2]))
    end
    assert.has_error(function() exectrack.merge() end,
      expected:format("table expected, got no value"))
    assert.has_error(function() exectrack.merge(snapshot, snapshot) end,
      expected:format("table expected, got exectrack.Snapshot"))
  end)

  it("options that aren't as they should be", function()
    local expected = "bad argument #2 to 'merge' (%s)"
    for _, case in ipairs {
      { 5, "table expected, got number" },
      { snapshot, "table expected, got exectrack.Snapshot" },
      { { history = 5 }, "unknown option 'history'" },
      { { max_history = -1 }, "max_history: an integer from 0 to 268435456 expected, got -1" },
      { { max_history = 268435457 },
        "max_history: an integer from 0 to 268435456 expected, got 268435457" },
      { { max_history = 0.5 }, "max_history: an integer from 0 to 268435456 expected, got 0.5" },
      { { max_history = "5" }, "max_history: number expected, got string" },
    } do
      assert.has_error(function() exectrack.merge({ snapshot }, case[1]) end,
        expected:format(case[2]))
    end
  end)
end)
