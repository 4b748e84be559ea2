local clocks = require("spec.support.clock")
local exectrack = require("exectrack")
local needs = require("spec.support.needs")
local portable = require("spec.support.portable")
local random = require("spec.support.random")
local runs = require("spec.support.runs")

local START = clocks.START_US / 1e6

setup(function()
  random.seed("snapshot_spec")
end)

--- A tracker with three records, of which one has all that a record can have, and its clock.
local function tracker_of_three()
  local clock = clocks.new()
  local tracker = exectrack.new { max_history = 3, max_in_flight = 2, label = "night",
    clock = clock.read }
  tracker:record("dropped", "success", 1)
  clock.advance_us(1500000)
  tracker:record("grep", "failed", 12.25, true, "ENOENT", { pattern = "x" })
  clock.advance_us(1)
  tracker:record("read_file", "success", 3)
  clock.advance_us(999999)
  tracker:record("", "timed_out", 0.001)
  return tracker, clock
end

local function snapshot_of_three()
  return (tracker_of_three():snapshot())
end

local EXPECTED = {
  {
    tool = "grep",
    tool_id = 2,
    status = "failed",
    duration_ms = 12.25,
    was_cached = true,
    error_type = "ENOENT",
    args_hash = exectrack.fingerprint { pattern = "x" }, depth = 0,
    timestamp = START + 1.5,
  },
  {
    tool = "read_file",
    tool_id = 3,
    status = "success",
    duration_ms = 3,
    was_cached = false,
    args_hash = 0, depth = 0,
    timestamp = (clocks.START_US + 1500001) / 1e6,
  },
  {
    tool = "",
    tool_id = 4,
    status = "timed_out",
    duration_ms = 0.001,
    was_cached = false,
    args_hash = 0, depth = 0,
    timestamp = START + 2.5,
  },
}

describe("a snapshot is an array", function()
  it("of records, oldest first", function()
    local snapshot = snapshot_of_three()
    assert.equal(3, #snapshot)
    for i, record in ipairs(EXPECTED) do
      assert.same(record, snapshot[i])
    end
    assert.is_true(portable.is_integer(snapshot[2].duration_ms))
    assert.is_true(portable.is_float(snapshot[1].timestamp))
  end)

  it("whose index may be a whole float", function()
    local snapshot = snapshot_of_three()
    assert.same(EXPECTED[3], snapshot[3.0])
    assert.same(EXPECTED[1], snapshot[1.0])
  end)

  it("that has nothing at any other index", function()
    local snapshot = snapshot_of_three()
    for _, index in ipairs { 0, -1, 4, 1.5, 0.999, -3.0, 2 ^ 32 + 1, 2 ^ 53, 2 ^ 64, 4294967297,
      portable.MAX_INTEGER, portable.MIN_INTEGER, math.huge, -math.huge, 0 / 0, "1", "", "length",
      true, false, {}, print } do
      assert.is_nil(snapshot[index])
    end
  end)

  it("that iter goes through in every version of Lua", function()
    local indices = {}
    for i, record in snapshot_of_three():iter() do
      indices[#indices + 1] = i
      assert.same(EXPECTED[i], record)
    end
    assert.same({ 1, 2, 3 }, indices)
    local step, snapshot = snapshot_of_three():iter()
    assert.equal(0, select("#", step(snapshot, 3)))
    assert.same(EXPECTED[1], select(2, step(snapshot, 0)))
    assert.has_error(function() step(snapshot, -1) end)
  end)

  it("that ipairs goes through", function()
    needs.ipairs_of_objects(pending)
    local seen = {}
    for i, record in ipairs(snapshot_of_three()) do
      seen[i] = record
    end
    assert.same(EXPECTED, seen)
  end)

  it("that table functions read", function()
    needs.table_functions_of_objects(pending)
    local snapshot = snapshot_of_three()
    local first, second, third, none = portable.unpack(snapshot)
    assert.same(EXPECTED, { first, second, third, none })
    assert.same(EXPECTED, table.move(snapshot, 1, #snapshot, 1, {}))
  end)

  it("that nothing can be written to", function()
    local snapshot = snapshot_of_three()
    local function write(object, key)
      return select(2, pcall(function() object[key] = {} end))
    end
    for _, key in ipairs { 1, 4, "records", "extra" } do
      assert.equal((write(io.stdout, key):gsub("FILE%*", "exectrack.Snapshot")),
        write(snapshot, key))
    end
    assert.has_error(function() setmetatable(snapshot, {}) end,
      ("bad argument #1 to 'setmetatable' (table expected, got %s)"):format(
        portable.named("exectrack.Snapshot")))
  end)

  it("of tables of its own, whose change doesn't show", function()
    local snapshot = snapshot_of_three()
    snapshot[1].tool = "changed"
    snapshot:records()[1].tool = "changed"
    assert.same(EXPECTED[1], snapshot[1])
    assert.same(EXPECTED, snapshot:records())
  end)

  it("that may be empty", function()
    for _, options in ipairs { 10, 0 } do
      local snapshot = exectrack.new(options):snapshot()
      assert.equal(0, #snapshot)
      assert.is_nil(snapshot[1])
      assert.same({}, snapshot:records())
      assert.same({}, snapshot:column("tool"))
      assert.same({}, snapshot:tools())
    end
  end)
end)

describe("snapshot:records", function()
  it("returns all records", function()
    assert.same(EXPECTED, snapshot_of_three():records())
  end)

  it("returns what indexing returns, in a random run", function()
    local snapshot = runs.snapshot({ max_history = 150 }, 200)
    local records = snapshot:records()
    assert.equal(150, #records)
    for i, record in ipairs(records) do
      assert.same(snapshot[i], record)
      assert.equal(portable.is_integer(snapshot[i].duration_ms),
        portable.is_integer(record.duration_ms))
    end
  end)
end)

describe("snapshot:column", function()
  it("returns one field of all records, false for no error type", function()
    local snapshot = snapshot_of_three()
    assert.same({ "grep", "read_file", "" }, snapshot:column("tool"))
    assert.same({ 2, 3, 4 }, snapshot:column("tool_id"))
    assert.same({ "failed", "success", "timed_out" }, snapshot:column("status"))
    assert.same({ 12.25, 3, 0.001 }, snapshot:column("duration_ms"))
    assert.is_true(portable.is_integer(snapshot:column("duration_ms")[2]))
    assert.same({ true, false, false }, snapshot:column("was_cached"))
    assert.same({ "ENOENT", false, false }, snapshot:column("error_type"))
    assert.same({ EXPECTED[1].args_hash, 0, 0 }, snapshot:column("args_hash"))
    assert.same({ START + 1.5, EXPECTED[2].timestamp, START + 2.5 }, snapshot:column("timestamp"))
  end)

  it("returns what the records have, in a random run", function()
    local snapshot = runs.snapshot { max_history = 100 }
    for _, field in ipairs { "tool", "tool_id", "status", "duration_ms", "was_cached",
      "error_type", "args_hash", "timestamp" } do
      local expected = {}
      for i, record in ipairs(snapshot:records()) do
        expected[i] = record[field] or false
      end
      assert.same(expected, snapshot:column(field))
    end
  end)

  it("raises for what isn't a field of a record", function()
    local snapshot = snapshot_of_three()
    local expected = "bad argument #1 to 'column' (%s)"
    local fields = ", not one of 'tool', 'tool_id', 'status', 'duration_ms', 'timing', "
      .. "'was_cached', 'error_type', 'args_hash', 'result_hash', 'session', 'depth', "
      .. "'measures', 'place', 'timestamp', "
      .. "'self_duration_ms'"
    for _, case in ipairs {
      { "", "unknown field ''" .. fields },
      { "duration", "unknown field 'duration'" .. fields },
      { "tool\0", "unknown field 'tool'" .. fields },
      { "Tool", "unknown field 'Tool'" .. fields },
      { "args", "unknown field 'args'" .. fields },
      { 1, "string expected, got number" },
      { {}, "string expected, got table" },
    } do
      local field, problem = case[1], case[2]
      assert.has_error(function() snapshot:column(field) end, expected:format(problem))
    end
    assert.has_error(function() snapshot:column() end,
      expected:format("string expected, got no value"))
  end)
end)

describe("the methods that read a tracker", function()
  it("say the same of its snapshot", function()
    for _, max_history in ipairs { 0, 1, 50, 1000 } do
      local options = { max_history = max_history, max_tools = 5, max_in_flight = 2 }
      local tracker, _, _, spans = runs.tracker(options)
      local snapshot = tracker:snapshot()
      assert.same(runs.answers(tracker), runs.answers(snapshot))
      assert.same(tracker:recent_executions(3), snapshot:recent_executions(3))
      assert.is_true(#spans <= 3)
    end
  end)

  it("have nil for what a snapshot doesn't have", function()
    local snapshot = snapshot_of_three()
    assert.is_nil(snapshot:stats("none"))
    assert.is_nil(snapshot:avg_duration_for_tool("none"))
    assert.is_nil(snapshot:avg_duration_for_tool("dropped"))
    assert.is_nil(snapshot:get_tool_name(0))
    assert.is_nil(snapshot:get_tool_name(5))
  end)

  it("find names of any bytes, of which the first 255 count", function()
    local tracker = exectrack.new(10)
    for _, tool in ipairs { "", "a\0b", "a\0c", ("x"):rep(300) } do
      tracker:record(tool, "success", 1)
    end
    local snapshot = tracker:snapshot()
    assert.equal(4, #snapshot:tools())
    for _, tool in ipairs { "", "a\0b", "a\0c", ("x"):rep(255), ("x"):rep(256) } do
      assert.equal(1, snapshot:stats(tool).total_executions)
    end
    assert.is_nil(snapshot:stats("a"))
    assert.is_nil(snapshot:stats(("x"):rep(254)))
  end)

  it("find each of a thousand tools", function()
    local tracker = exectrack.new { max_history = 1000, max_tools = 1000 }
    local names = {}
    for i = 1, 1000 do
      names[i] = ("%03d"):format(i % 1000):rep(i % 7 == 0 and 100 or 1) -- long ones are cut
      tracker:record(names[i], "success", i)
    end
    local snapshot = tracker:snapshot()
    for i, name in ipairs(names) do
      assert.equal(i, snapshot:stats(name).total_duration_ms)
      assert.equal(i, snapshot:avg_duration_for_tool(name))
      local kept = snapshot:filter { tool = name }
      assert.same({ i }, kept:column("duration_ms"))
      assert.equal(name:sub(1, 255), kept[1].tool)
      assert.equal(i, kept:stats(name).total_duration_ms)
    end
    for _, name in ipairs { "", "1", "0010", "1000", "001\0", ("007"):rep(84) } do
      assert.is_nil(snapshot:stats(name))
      assert.is_nil(snapshot:avg_duration_for_tool(name))
      assert.equal(0, #snapshot:filter { tool = name })
    end
    assert.equal(1000, #snapshot:filter { tool = names })
  end)

  it("say how long what was in flight had run", function()
    local tracker, clock = tracker_of_three()
    local span = tracker:start("grep", "x")
    clock.advance_us(2500)
    local snapshot = tracker:snapshot()
    clock.advance_us(1000000)
    assert.same({
      {
        tool = "grep",
        tool_id = 2,
        started = START + 2.5,
        elapsed_ms = 2.5,
        args_hash = exectrack.fingerprint("x"), depth = 0,
      },
    }, snapshot:in_flight())
    assert.equal(1, snapshot:stats().in_flight)
    span:finish()
  end)
end)

describe("snapshot:lost_until", function()
  --- A run of executions that ended at these seconds, of which so many are retained.
  local function run(most, ...)
    local tracker = exectrack.new { max_history = most, clock = clocks.new().read }
    for _, seconds in ipairs { ... } do
      tracker:record { tool = "a", status = "success", duration_ms = 1, timestamp = seconds }
    end
    return tracker:snapshot()
  end

  it("is nil if all executions are retained", function()
    assert.is_nil(run(2):lost_until())
    assert.is_nil(run(2, 7, 8):lost_until())
    assert.is_nil(run(2, 7, 8):filter({ last = 1 }):lost_until())
  end)

  it("is the end of the oldest that is retained, or of the last if they are unordered", function()
    assert.equal(8, run(2, 7, 8, 9):lost_until())
    assert.equal(20, run(2, 20, 8, 9):lost_until())
    assert.equal(9, run(0, 8, 9):lost_until())
  end)

  it("is no time of executions that have none, nor of those before the lifetime began", function()
    for most = 0, 1 do
      local tracker = exectrack.new { max_history = most, clock = clocks.new().read }
      tracker:record { tool = "a", status = "success", timestamp = 7 }
      tracker:clear()
      for _ = 1, 2 do
        tracker:record { tool = "a", status = "success", timestamp = false }
      end
      assert.equal(1e-6, tracker:snapshot():lost_until())
    end
  end)

  it("is kept by filters, by merges, in files and in tables", function()
    local merged = exectrack.merge { run(2, 17, 18, 19), run(2, 1, 2), run(2, 20, 8, 9) }
    assert.equal(20, merged:lost_until())
    merged = exectrack.merge { run(2, 17, 18, 19), run(2, 1, 2) }
    for _, snapshot in ipairs { merged, merged:filter { tool = "b" }, merged:without_texts(),
      exectrack.from_bytes(merged:bytes()), exectrack.from_table(merged:to_table()),
      exectrack.merge { merged, run(2, 30) } } do
      assert.equal(18, snapshot:lost_until())
    end
    assert.is_true(exectrack.from_table(merged:to_table()) == merged)
    assert.equal(19, exectrack.merge({ merged, run(2, 30) }, { max_history = 2 }):lost_until())
    assert.equal(30, exectrack.merge({ run(1, 30), run(1, 8) }, { max_history = 0 }):lost_until())
  end)
end)

describe("nothing that happens later", function()
  local tracker, clock, span, snapshot, before, bytes

  before_each(function()
    tracker, clock = tracker_of_three()
    span = tracker:start("grep")
    snapshot = tracker:snapshot()
    before = runs.answers(snapshot)
    bytes = snapshot:bytes()
  end)

  --- Asserts that the snapshot is as it was in every way.
  local function assert_unchanged()
    assert.same(before, runs.answers(snapshot))
    assert.same(EXPECTED, snapshot:records())
    assert.equal(bytes, snapshot:bytes())
    assert.equal("exectrack.Snapshot (4 tools, 3 records)", tostring(snapshot))
  end

  it("shows in a snapshot when records are added", function()
    runs.record(tracker, clock, 50)
    assert_unchanged()
  end)

  it("shows in a snapshot when executions start and finish", function()
    local other = tracker:start("new")
    span:finish("failed")
    assert_unchanged()
    other:finish()
    assert_unchanged()
  end)

  it("shows in a snapshot when the tracker is cleared", function()
    tracker:clear()
    assert_unchanged()
  end)

  it("shows in a snapshot when the tracker is closed", function()
    tracker:close()
    assert_unchanged()
  end)

  it("shows in a snapshot when the tracker is collected", function()
    tracker, clock, span = nil, nil, nil
    collectgarbage()
    collectgarbage()
    assert_unchanged()
    assert.equal(2, #snapshot:filter { last = 2 })
  end)
end)
