local clocks = require("spec.support.clock")
local exectrack = require("exectrack")
local needs = require("spec.support.needs")
local portable = require("spec.support.portable")
local random = require("spec.support.random")
local runs = require("spec.support.runs")

local START = clocks.START_US / 1e6

setup(function()
  random.seed("snapshot_handle_spec")
end)

describe("snapshot:created and snapshot:taken", function()
  it("are when the tracker was made and when the snapshot was taken", function()
    local clock = clocks.new()
    local tracker = exectrack.new { clock = clock.read }
    clock.advance_us(1250000)
    local snapshot = tracker:snapshot()
    clock.advance_us(1)
    assert.equal(START, snapshot:created())
    assert.equal(START + 1.25, snapshot:taken())
    assert.equal((clocks.START_US + 1250001) / 1e6, tracker:snapshot():taken())
    assert.is_true(portable.is_float(snapshot:created()))
    assert.is_true(portable.is_float(snapshot:taken()))
  end)

  it("never go back with the clock", function()
    local clock = clocks.new()
    local tracker = exectrack.new { clock = clock.read }
    clock.advance_us(-5000000)
    assert.equal(START, tracker:snapshot():taken())
  end)
end)

describe("tracker:snapshot", function()
  it("reads the clock once", function()
    local clock = clocks.new()
    local tracker = exectrack.new { clock = clock.read }
    local readings = clock.readings
    tracker:snapshot()
    assert.equal(readings + 1, clock.readings)
  end)

  it("raises what its clock raises", function()
    local works = true
    local tracker = exectrack.new { clock = function()
      return works and 1 or error("no time", 0)
    end }
    works = false
    assert.has_error(function() tracker:snapshot() end, "no time")
    works = true
    assert.equal(0, #tracker:snapshot())
  end)

  it("raises for a closed tracker", function()
    local tracker = exectrack.new()
    tracker:close()
    assert.has_error(function() tracker:snapshot() end, "attempt to use a closed tracker")
  end)
end)

describe("two snapshots", function()
  it("are equal if all that they hold is", function()
    local tracker, clock, _, spans = runs.tracker { max_tools = 5 }
    local first, second = tracker:snapshot(), tracker:snapshot()
    assert.is_true(first == second)
    assert.is_false(rawequal(first, second))
    assert.is_true(first == first:filter {})
    assert.is_true(#spans <= 3)
    clock.advance_us(1)
    assert.is_false(first == tracker:snapshot()) -- it was taken later
    assert.is_true(first ~= tracker:snapshot())
  end)

  it("differ if anything does", function()
    local clock = clocks.new()
    local base = { tool = "a", status = "failed", duration_ms = 1 }
    local function snapshot(changes, options)
      local record = {}
      for _, fields in ipairs { base, changes } do
        for field, value in pairs(fields) do
          record[field] = value
        end
      end
      local all = { max_history = 2, label = "x", instance_id = runs.INSTANCE_ID,
        clock = clock.read }
      for name, value in pairs(options or {}) do
        all[name] = value
      end
      local tracker = exectrack.new(all)
      tracker:record(record)
      return tracker:snapshot()
    end
    local first = snapshot {}
    assert.is_true(first == snapshot {})
    for _, changes in ipairs { { tool = "b" }, { status = "timed_out" }, { duration_ms = 1.001 },
      { was_cached = true }, { error_type = "E" }, { args_hash = 1 }, { timestamp = START - 1 } } do
      assert.is_false(first == snapshot(changes))
    end
    for _, options in ipairs { { max_history = 3 }, { label = "y" }, { label = "x\0" },
      { max_tools = 5 }, { max_in_flight = 1 },
      { instance_id = "00010203-0405-4607-8809-0a0b0c0d0e0e" } } do
      assert.is_false(first == snapshot({}, options))
    end
  end)

  it("are compared with nothing but snapshots", function()
    local tracker = exectrack.new()
    local snapshot = tracker:snapshot()
    for _, other in ipairs { tracker, tracker:start("a"), snapshot:records(), 1, "x", io.stdout } do
      assert.is_false(snapshot == other)
      assert.is_false(other == snapshot)
    end
    assert.is_false(snapshot == nil)
  end)
end)

describe("tostring of a snapshot", function()
  it("names its tools and records", function()
    local tracker = exectrack.new(2)
    local function text() return tostring(tracker:snapshot()) end
    assert.equal("exectrack.Snapshot (0 tools, 0 records)", text())
    tracker:record("a", "success", 1)
    assert.equal("exectrack.Snapshot (1 tool, 1 record)", text())
    for _ = 1, 3 do
      tracker:record("b", "success", 1)
    end
    assert.equal("exectrack.Snapshot (2 tools, 2 records)", text())
  end)

  it("stands in what a snapshot's metatable says of its type", function()
    assert.equal("exectrack.Snapshot", getmetatable(exectrack.new():snapshot()).__name)
  end)
end)

describe("a snapshot's method called on the wrong self", function()
  local tracker = exectrack.new(1)
  local snapshot = tracker:snapshot()
  local WRONG = {
    { nil, "nil" },
    { {}, "table" },
    { "x", "string" },
    { 5, "number" },
    { io.stdout, portable.FILE },
    { tracker, "exectrack.Tracker" },
    { tracker:start("a"), "exectrack.Span" },
  }
  local METHODS = { "records", "column", "parents", "filter", "group_by", "summary", "quantile",
    "decisions", "created", "taken", "is_filtered", "lost_until", "has_places", "save", "bytes",
    "to_table", "stats", "iter", "histogram", "recent_executions", "avg_duration_for_tool",
    "get_tool_name",
    "tools", "in_flight", "session_name", "label", "totals", "failure_streak", "error_rate",
    "circuit", "repeats", "loop", "session_executions", "starts_after", "in_flight_count",
    "recent_quantile", "max_history", "denials", "denied", "measures", "measure_total",
    "instance_id", "cleared", "args_text", "error_text", "without_texts", "since", "writer",
    "export" }

  it("raises, whatever that is", function()
    for _, method in ipairs(METHODS) do
      for _, case in ipairs(WRONG) do
        local self, name = case[1], case[2]
        local ok, message = pcall(snapshot[method], self)
        assert.is_false(ok)
        assert.equal("bad argument #1 to '?' (exectrack.Snapshot expected, got " .. name .. ")",
          message)
      end
    end
  end)

  it("raises without any self", function()
    for _, method in ipairs(METHODS) do
      local ok, message = pcall(snapshot[method])
      assert.is_false(ok)
      assert.equal("bad argument #1 to '?' (exectrack.Snapshot expected, got no value)", message)
    end
    local object = { records = snapshot.records }
    assert.has_error(function() object:records() end,
      "calling 'records' on bad self (exectrack.Snapshot expected, got table)")
  end)

  it("raises for a tracker's method too", function()
    local ok, message = pcall(tracker.stats, snapshot)
    assert.is_false(ok)
    assert.equal("bad argument #1 to '?' (exectrack.Tracker expected, got exectrack.Snapshot)",
      message)
  end)

  it("raises for metamethods, but is unequal", function()
    local metatable = getmetatable(snapshot)
    for _, event in ipairs { "__len", "__tostring", "__index" } do
      local ok, message = pcall(metatable[event], {}, 1)
      assert.is_false(ok)
      assert.equal("bad argument #1 to '?' (exectrack.Snapshot expected, got table)", message)
    end
    assert.is_false(metatable.__eq(snapshot, tracker))
    assert.is_false(metatable.__eq({}, {}))
    assert.is_nil(metatable.__gc)
    assert.is_nil(metatable.__close)
  end)

  it("is tried with all methods that there are", function()
    needs.upvalues_of_c_functions(pending)
    local _, methods = debug.getupvalue(getmetatable(snapshot).__index, 2)
    local names = {}
    for name in pairs(methods) do
      names[#names + 1] = name
    end
    table.sort(names)
    table.sort(METHODS)
    assert.same(METHODS, names)
  end)
end)

describe("the records of a snapshot", function()
  --- Records all of `records` in a new tracker with the same options.
  local function record_all(records, options)
    local copy = exectrack.new(options)
    for _, record in ipairs(records) do
      copy:record(record)
    end
    return copy
  end

  it("can be recorded one by one in another tracker, which then says the same", function()
    local options = { max_history = 500, max_tools = 5, clock = clocks.new().read }
    local tracker, clock = exectrack.new(options), clocks.new()
    for _ = 1, 20 do
      runs.record(tracker, clock, 20)
      local snapshot = tracker:snapshot()
      local copy = record_all(snapshot:records(), options)
      assert.same(snapshot:records(), copy:snapshot():records())
      local expected, actual = runs.answers(snapshot), runs.answers(copy)
      -- What was `(other)` for want of room has that name from the beginning in the copy.
      expected.stats.overflowed, actual.stats.overflowed = nil, nil
      assert.same(expected, actual)
    end
  end)

  it("can be recorded while the snapshot is gone through", function()
    local snapshot = runs.snapshot({ max_history = 100 }, 100)
    local copy = exectrack.new(100)
    for _, record in snapshot:iter() do
      copy:record(record)
    end
    assert.same(snapshot:column("timestamp"), copy:snapshot():column("timestamp"))
  end)
end)
