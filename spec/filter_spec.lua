local clocks = require("spec.support.clock")
local exectrack = require("exectrack")
local portable = require("spec.support.portable")
local random = require("spec.support.random")
local runs = require("spec.support.runs")

local INFINITY = math.huge
local NAN = 0 / 0

setup(function()
  random.seed("filter_spec")
end)

--- Ten records, one a second, which take 1 to 10 ms.
local function ten()
  local clock = clocks.new()
  local tracker = exectrack.new { max_history = 10, clock = clock.read }
  local statuses = runs.STATUSES
  for i = 1, 10 do
    clock.us = clocks.START_US + i * 1000000
    tracker:record(i % 2 == 0 and "even" or "odd", statuses[i % 4 + 1], i, i > 7,
      i % 3 == 0 and "E" .. i or nil)
  end
  return tracker:snapshot()
end

--- The durations of the records that pass.
local function passing(conditions, snapshot)
  return (snapshot or ten()):filter(conditions):column("duration_ms")
end

local NONE = {}

describe("snapshot:filter", function()
  it("selects all records without conditions, in an equal snapshot", function()
    local snapshot = ten()
    assert.is_true(snapshot == snapshot:filter {})
    assert.is_false(rawequal(snapshot, snapshot:filter {}))
  end)

  it("says of a run whether records were left out", function()
    local all = ten()
    local few = all:filter { last = 9 }
    assert.is_false(all:is_filtered())
    assert.is_false(all:filter({ last = 10 }):is_filtered())
    assert.is_true(few:is_filtered())
    assert.is_true(few:filter({}):is_filtered())
    assert.is_true(exectrack.from_bytes(few:bytes()):is_filtered())
    assert.is_true(exectrack.merge({ all, few }):is_filtered())
    assert.is_false(exectrack.merge({ all, all }, { max_history = 5 }):is_filtered())
  end)

  it("selects by tool", function()
    assert.same({ 2, 4, 6, 8, 10 }, passing { tool = "even" })
    assert.same({ 1, 3, 5, 7, 9 }, passing { tool = { "odd" } })
    assert.same({ 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 }, passing { tool = { "odd", "even", "odd" } })
    assert.same(NONE, passing { tool = "eve" })
    assert.same(NONE, passing { tool = "" })
    assert.same({ 2, 4, 6, 8, 10 }, passing { tool = { "none", "even" } })
    assert.same(NONE, passing { tool = {} })
  end)

  it("selects by status", function()
    assert.same({ 4, 8 }, passing { status = "success" })
    assert.same({ 1, 5, 9 }, passing { status = "failed" })
    assert.same({ 2, 6, 10 }, passing { status = "timed_out" })
    assert.same({ 3, 7 }, passing { status = "cancelled" })
    assert.same({ 1, 2, 5, 6, 9, 10 }, passing { status = { "timed_out", "failed" } })
    assert.same(NONE, passing { status = {} })
  end)

  it("selects by whether a cache answered", function()
    assert.same({ 8, 9, 10 }, passing { was_cached = true })
    assert.same({ 1, 2, 3, 4, 5, 6, 7 }, passing { was_cached = false })
  end)

  it("selects by error type, of which the empty one is none", function()
    local none = passing { error_type = false }
    assert.same(none, passing { error_type = "" })
    assert.same(none, passing { error_type = { "" } })
    assert.same(passing { error_type = { false, "E6" } }, passing { error_type = { "E6", "" } })
  end)

  it("selects by error type, of which false is none", function()
    assert.same({ 3 }, passing { error_type = "E3" })
    assert.same({ 3, 9 }, passing { error_type = { "E9", "E3", "none" } })
    assert.same({ 1, 2, 4, 5, 7, 8, 10 }, passing { error_type = false })
    assert.same({ 1, 2, 4, 5, 6, 7, 8, 10 }, passing { error_type = { false, "E6" } })
    assert.same(NONE, passing { error_type = "E" })
    assert.same(NONE, passing { error_type = {} })
  end)

  it("selects by session, of which false is none", function()
    local tracker = exectrack.new(10)
    for i, name in ipairs { "a", "b", "", "a", ("x"):rep(300) } do
      tracker:session(name):record("t", "success", i)
    end
    tracker:record("t", "success", 6)
    local snapshot = tracker:snapshot()
    assert.same({ 1, 4 }, passing({ session = "a" }, snapshot))
    assert.same({ 1, 4 }, passing({ session = snapshot[4].session }, snapshot))
    assert.same({ 3 }, passing({ session = "" }, snapshot))
    assert.same({ 6 }, passing({ session = false }, snapshot))
    assert.same({ 2, 5, 6 }, passing({ session = { ("x"):rep(300), "c", false, "b", "b" } },
      snapshot))
    assert.same(NONE, passing({ session = "c" }, snapshot))
    assert.same(NONE, passing({ session = {} }, snapshot))
  end)

  it("selects by any bytes, of which the first 255 count", function()
    local tracker = exectrack.new(10)
    local names = { "", "a\0b", "a\0c", ("x"):rep(300), ("x"):rep(254) }
    for i, name in ipairs(names) do
      tracker:record(name, "failed", i, false, name)
    end
    local snapshot = tracker:snapshot()
    for i, name in ipairs(names) do
      assert.same({ i }, passing({ tool = name }, snapshot))
      if name ~= "" then
        assert.same({ i }, passing({ error_type = name }, snapshot))
      end
    end
    assert.same({ 4 }, passing({ tool = ("x"):rep(255) }, snapshot))
    assert.same({ 4 }, passing({ error_type = ("x"):rep(255) }, snapshot))
    assert.same(NONE, passing({ tool = "a" }, snapshot))
    assert.same(NONE, passing({ error_type = "a" }, snapshot))
  end)

  it("selects from since on, and before before", function()
    local function second(i) return clocks.START_US / 1e6 + i end
    assert.same({ 9, 10 }, passing { since = second(9) })
    assert.same({ 10 }, passing { since = second(9) + 1e-6 })
    assert.same({ 1, 2 }, passing { before = second(3) })
    assert.same({ 1, 2, 3 }, passing { before = second(3) + 1e-6 })
    assert.same({ 4, 5 }, passing { since = second(4), before = second(6) })
    assert.same(NONE, passing { since = second(4), before = second(4) })
    assert.same(NONE, passing { since = second(6), before = second(4) })
    assert.same(NONE, passing { before = 0 })
    assert.same(NONE, passing { since = 9223372036854 })
    assert.same({ 10 }, passing { since = math.floor(second(10)) })
  end)

  it("selects imported times wherever they stand", function()
    local tracker = exectrack.new(10)
    for i, timestamp in ipairs { 30, 0, 20, 10, 0.000001 } do
      tracker:record { tool = "a", status = "success", duration_ms = i, timestamp = timestamp }
    end
    local snapshot = tracker:snapshot()
    assert.same({ 1, 2, 3, 4, 5 }, passing({ since = 0 }, snapshot))
    assert.same({ 2 }, passing({ before = 0.000001 }, snapshot))
    assert.same({ 1, 3 }, passing({ since = 10.5 }, snapshot))
    assert.same({ 3, 4 }, passing({ since = 10, before = 30 }, snapshot))
  end)

  it("selects by duration, both ends included", function()
    assert.same({ 9, 10 }, passing { min_duration_ms = 9 })
    assert.same({ 10 }, passing { min_duration_ms = 9.001 })
    assert.same({ 1, 2 }, passing { max_duration_ms = 2 })
    assert.same({ 1 }, passing { max_duration_ms = 1.999 })
    assert.same({ 4 }, passing { min_duration_ms = 4, max_duration_ms = 4 })
    assert.same(NONE, passing { min_duration_ms = 5, max_duration_ms = 4 })
    assert.same({ 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 },
      passing { min_duration_ms = 0, max_duration_ms = 1e300 })
    assert.same(NONE, passing { min_duration_ms = 1e300 })
  end)

  it("selects the longest durations that there are", function()
    local tracker = exectrack.new(10)
    tracker:record("a", "success", 1e300)
    tracker:record("a", "success", 0)
    local snapshot = tracker:snapshot()
    assert.equal(1, #snapshot:filter { min_duration_ms = 1e300 })
    assert.equal(2, #snapshot:filter { max_duration_ms = 1e300 })
    assert.equal(1, #snapshot:filter { max_duration_ms = 0 })
  end)

  it("selects the newest last of those that pass", function()
    assert.same({ 10 }, passing { last = 1 })
    assert.same({ 6, 8, 10 }, passing { last = 3, tool = "even" })
    assert.same({ 3, 7 }, passing { last = 2, status = { "cancelled", "success" },
      where = function(record) return record.tool == "odd" end })
    assert.same(NONE, passing { last = 0 })
    assert.same({ 8, 9, 10 }, passing { last = 3.0 })
    assert.equal(10, #passing { last = 10 })
    assert.equal(10, #passing { last = portable.MAX_INTEGER })
  end)

  it("needs every condition to hold", function()
    assert.same({ 6 }, passing { tool = "even", status = "timed_out", error_type = "E6",
      was_cached = false, min_duration_ms = 6, max_duration_ms = 6, last = 5,
      where = function() return true end })
    assert.same(NONE, passing { tool = "even", status = "failed" })
  end)

  it("can be narrowed down again", function()
    local even = ten():filter { tool = "even" }
    assert.same({ 4, 8 }, passing({ status = "success" }, even))
    assert.same(NONE, passing({ tool = "odd" }, even))
    assert.is_true(even == even:filter { tool = "even" })
    local all = ten()
    assert.is_true(all:filter { tool = "even" }:filter { last = 2 }
      == all:filter { tool = "even", last = 2 })
  end)

  it("reads conditions without metamethods", function()
    local trap = function() error("a metamethod was called") end
    local traps = { __index = trap, __len = trap, __pairs = trap }
    assert.same({ 2, 4, 6, 8, 10 },
      passing(setmetatable({ tool = setmetatable({ "even" }, traps) }, traps)))
  end)
end)

describe("where", function()
  it("is called with the records that pass the other conditions, oldest first", function()
    local seen = {}
    local snapshot = ten()
    local kept = snapshot:filter {
      tool = "even",
      where = function(...)
        seen[#seen + 1] = ...
        assert.equal(1, select("#", ...))
        return #seen % 2 == 0
      end,
    }
    assert.same({ snapshot[2], snapshot[4], snapshot[6], snapshot[8], snapshot[10] }, seen)
    assert.same({ 4, 8 }, kept:column("duration_ms"))
  end)

  it("may return anything, of which false and nil are no", function()
    for _, yes in ipairs { true, 0, "", NONE } do
      assert.equal(10, #passing { where = function() return yes end })
    end
    assert.equal(0, #passing { where = function() return false end })
    assert.equal(0, #passing { where = function() end })
    assert.equal(0, #passing { where = function() return nil, true end })
  end)

  it("changes nothing by what it does with a record", function()
    local snapshot = ten()
    local kept = snapshot:filter { where = function(record)
      record.tool, record.duration_ms = "changed", nil
      return true
    end }
    assert.is_true(kept == snapshot)
  end)

  it("may use the snapshot", function()
    local snapshot = ten()
    local kept = snapshot:filter { where = function(record)
      return record.duration_ms > snapshot:quantile(0.5)
        and #snapshot:filter { tool = record.tool, where = function() return true end } == 5
    end }
    assert.same({ 6, 7, 8, 9, 10 }, kept:column("duration_ms"))
  end)

  it("may raise, which ends it", function()
    local calls = 0
    assert.has_error(function()
      ten():filter { where = function(record)
        calls = calls + 1
        if record.duration_ms == 3 then error({ "no" }) end
      end }
    end, { "no" })
    assert.equal(3, calls)
  end)

  it("is called for no record if none passes", function()
    local function fail() error("it was called") end
    assert.same(NONE, passing { tool = "none", where = fail })
    assert.equal(0, #exectrack.new():snapshot():filter { where = fail })
  end)
end)

describe("what filter returns", function()
  it("keeps the lifetime, and counts the records that are left in its window", function()
    local tracker, _, _, spans = runs.tracker({ max_history = 50 }, 200)
    local snapshot = tracker:snapshot()
    local filtered = snapshot:filter { status = "failed" }
    local expected = runs.answers(snapshot)
    local records = runs.select(snapshot:records(), function(record)
      return record.status == "failed"
    end)
    expected.length, expected.stats.window = #records, runs.window(records)
    expected.recent = runs.newest_first(records)
    for id, tool in ipairs(expected.tools) do
      local window = runs.window(runs.select(records, function(record)
        return record.tool == tool
      end))
      expected[id].stats.window = window
      expected[id].average = window.avg_duration_ms or false
    end
    assert.same(expected, runs.answers(filtered))
    assert.equal(snapshot:taken(), filtered:taken())
    assert.equal(snapshot:created(), filtered:created())
    assert.equal(expected.stats.in_flight, #spans)
  end)

  it("is a whole snapshot, which loads again", function()
    local filtered = ten():filter { tool = "even", last = 2 }
    assert.is_true(filtered == exectrack.from_bytes(filtered:bytes()))
    assert.is_true(filtered == exectrack.from_table(filtered:to_table()))
  end)
end)

describe("filter raises for", function()
  local snapshot = ten()

  local function assert_raises(problem, ...)
    local arguments = portable.pack(...)
    assert.has_error(function()
      snapshot:filter(portable.unpack(arguments, 1, arguments.n))
    end, "bad argument #1 to 'filter' (" .. problem .. ")")
  end

  it("conditions that aren't a table", function()
    assert_raises("table expected, got no value")
    assert_raises("table expected, got nil", nil)
    assert_raises("table expected, got string", "even")
    assert_raises("table expected, got function", print)
  end)

  it("an unknown condition, by name", function()
    assert_raises("unknown condition 'tools'", { tools = "even" })
    assert_raises("unknown condition '1'", { "even" })
    assert_raises("unknown condition of type boolean", { [true] = 1 })
  end)

  it("a tool that isn't a string", function()
    for _, value in ipairs { 1, false, true, print } do
      assert_raises("tool: string expected, got " .. type(value), { tool = value })
      assert_raises("tool: string expected, got " .. type(value), { tool = { "even", value } })
    end
    assert_raises("tool: string expected, got table", { tool = { {} } })
  end)

  it("a status that isn't one of the four, which it lists", function()
    local problem = "status: unknown status 'done', not one of 'success', 'failed', 'timed_out', "
      .. "'cancelled'"
    assert_raises(problem, { status = "done" })
    assert_raises(problem, { status = { "failed", "done" } })
    assert_raises("status: string expected, got boolean", { status = false })
    assert_raises("status: string expected, got number", { status = { 1 } })
  end)

  it("an error type that is neither a string nor false", function()
    assert_raises("error_type: string or false expected, got boolean", { error_type = true })
    assert_raises("error_type: string or false expected, got number", { error_type = 2 })
    assert_raises("error_type: string or false expected, got boolean",
      { error_type = { false, true } })
  end)

  it("a session that is neither a string nor false", function()
    assert_raises("session: string or false expected, got boolean", { session = true })
    assert_raises("session: string or false expected, got number", { session = { "a", 2 } })
  end)

  it("a list with named fields", function()
    for _, condition in ipairs { "tool", "status", "error_type", "session" } do
      local problem = condition .. ": an array without holes and fields expected"
      for _, list in ipairs { { name = "failed" }, { [1.5] = "failed" }, { [0] = "failed" },
        { [1] = "failed", [3] = "failed" } } do
        assert_raises(problem, { [condition] = list })
      end
    end
  end)

  it("was_cached that isn't a boolean", function()
    assert_raises("was_cached: boolean expected, got number", { was_cached = 1 })
    assert_raises("was_cached: boolean expected, got table", { was_cached = { true } })
  end)

  it("times that aren't Unix seconds from 1970 on", function()
    for _, condition in ipairs { "since", "before" } do
      for _, case in ipairs { { -1, "-1" }, { 9223372036855, "9223372036855" },
        { INFINITY, "inf" }, { NAN, "nan" }, { "5", "string" }, { {}, "table" } } do
        assert_raises(condition .. ": Unix seconds from 0 to 9223372036854 expected, got "
          .. case[2], { [condition] = case[1] })
      end
    end
  end)

  it("durations that aren't finite and from 0", function()
    for _, condition in ipairs { "min_duration_ms", "max_duration_ms" } do
      for _, case in ipairs { { -1, "-1" }, { INFINITY, "inf" }, { NAN, "nan" } } do
        assert_raises(condition .. ": milliseconds must be finite and not negative, got "
          .. case[2], { [condition] = case[1] })
      end
      assert_raises(condition .. ": number expected, got string", { [condition] = "5" })
    end
  end)

  it("last that isn't an integer from 0", function()
    for _, case in ipairs { { -1, "-1" }, { 1.5, "1.5" }, { INFINITY, "inf" }, { NAN, "nan" } } do
      assert_raises("last: an integer from 0 to 9223372036854775807 expected, got " .. case[2],
        { last = case[1] })
    end
    assert_raises("last: number expected, got string", { last = "1" })
  end)

  it("where that isn't a function", function()
    assert_raises("where: function expected, got string", { where = "tool" })
    assert_raises("where: function expected, got boolean", { where = false })
    assert_raises("where: function expected, got table",
      { where = setmetatable({}, { __call = print }) })
  end)
end)
