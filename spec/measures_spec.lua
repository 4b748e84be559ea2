local encode = require("spec.support.encode")
local exectrack = require("exectrack")
local portable = require("spec.support.portable")
local random = require("spec.support.random")
local u = require("spec.support.utf8").text

local pack, unpack = portable.pack, portable.unpack

local COST = { name = "cost", unit = "USD", scale = 1e-6 }
local BYTES = { name = "result_bytes", unit = "By" }

local function new(measures)
  return exectrack.new { max_history = 4, measures = measures or { COST, BYTES },
    clock = function() return 1 end }
end

local function record(tracker, values, tool)
  tracker:record { tool = tool or "a", status = "success", duration_ms = 1, measures = values }
end

--- What the newest record has of a tracker's measures.
local function newest(tracker)
  return tracker:recent_executions(1)[1].measures
end

local function assert_raises(message, f, ...)
  local arguments = pack(...)
  assert.has_error(function() f(unpack(arguments, 1, arguments.n)) end, message)
end

describe("the option measures", function()
  it("says which a run has", function()
    local tracker = new()
    local expected = { { name = "cost", unit = "USD", scale = 1e-6 },
      { name = "result_bytes", unit = "By", scale = 1 } }
    assert.same(expected, tracker:measures())
    assert.same(expected, tracker:snapshot():measures())
    assert.same({}, exectrack.new(1):measures())
    assert.equal(4, #new { { name = "a" }, { name = "b\0" }, { name = "b" },
      { name = ("x"):rep(32), unit = ("y"):rep(32) } }:measures())
  end)

  it("raises what is wrong, and where", function()
    local prefix = "bad argument #1 to 'new' (measures"
    for _, case in ipairs {
      { 1, ": table expected, got number)" },
      { { COST, x = 1 }, ": an array without holes and fields expected)" },
      { { {}, {}, {}, {}, {} }, ": at most 4 expected, got 5)" },
      { { COST, 1 }, "[2]: table expected, got number)" },
      { { { name = "a", nam = 1 } }, "[1]: unknown field 'nam')" },
      { { { unit = "a" } }, "[1].name: a string of 1 to 32 bytes expected, got nil)" },
      { { { name = "" } }, "[1].name: a string of 1 to 32 bytes expected, got '')" },
      { { { name = ("x"):rep(33) } }, "[1].name: a string of 1 to 32 bytes expected, got '"
        .. ("x"):rep(33) .. "')" },
      { { { name = "a", unit = 1 } }, "[1].unit: a string of 0 to 32 bytes expected, got 1)" },
      { { { name = "a", scale = 0 } }, "[1].scale: a finite number above 0 expected, got 0)" },
      { { { name = "a", scale = "1" } },
        "[1].scale: a finite number above 0 expected, got string)" },
      { { { name = "a", scale = 1 / 0 } },
        "[1].scale: a finite number above 0 expected, got inf)" },
      { { COST, BYTES, COST }, "[3].name: another measure has the same name)" },
    } do
      assert.has_error(function() exectrack.new { measures = case[1] } end, prefix .. case[2])
    end
  end)
end)

describe("values of measures", function()
  it("are given to record, and to span:finish", function()
    local tracker = new()
    record(tracker, { cost = 0.002 })
    assert.same({ cost = 0.002 }, newest(tracker))
    tracker:start("a"):finish("failed", true, "EIO", { result_bytes = 7, cost = 0 })
    assert.same({ cost = 0.0, result_bytes = 7.0 }, newest(tracker))
    record(tracker, {})
    assert.is_nil(newest(tracker))
    tracker:session("s"):record { tool = "a", status = "success", duration_ms = 1,
      measures = { cost = 3 } }
    assert.same({ cost = 3.0 }, newest(tracker))
  end)

  it("read back as what they are nearest to, and as themselves if the scale tells them apart",
    function()
    random.seed("measures_spec")
    for _ = 1, 200 do
      -- A decimal of up to 12 digits behind the point, as somebody would write it.
      local digits = math.random(0, 12)
      local tracker = new { { name = "m", scale = tonumber("1e-" .. digits) } }
      for _ = 1, 20 do
        local text = ("%de-%d"):format(random.integer(0, 2 ^ math.random(0, 49)), digits)
        record(tracker, { m = tonumber(text) })
        assert.equal(tonumber(text), newest(tracker).m, text)
      end
    end
    local tracker = new { { name = "m", scale = 1024 }, { name = "n", scale = 0.75 } }
    for given, stored in pairs { [511] = 0.0, [512] = 1024.0, [1536] = 2048.0 } do
      record(tracker, { m = given, n = given * 0.75 / 512 })
      assert.equal(stored, newest(tracker).m)
      assert.is_true(math.abs(newest(tracker).n - given * 0.75 / 512) <= 0.375)
    end
  end)

  it("stop at 2^63 - 1 of the scale, as their sums do", function()
    local tracker = new { { name = "m" } }
    for _ = 1, 3 do
      record(tracker, { m = 1e300 })
      assert.same({ sum = 2.0 ^ 63, max = 2.0 ^ 63 },
        { sum = tracker:stats().measures.m.sum, max = tracker:stats().measures.m.max })
    end
    assert.equal(2.0 ^ 63, tracker:stats("a").window.measures.m.sum)
  end)

  it("raise if they are wrong, and then nothing is recorded", function()
    local tracker = new()
    local span = tracker:start("a")
    local rule = "must be a finite number that isn't negative, got "
    for value, shown in pairs { [-1] = "-1", [1 / 0] = "inf", ["1"] = "string", [true] = "boolean" }
    do
      local problem = "measure 'cost' " .. rule .. shown .. ")"
      assert_raises("bad argument #1 to 'record' (measures: " .. problem, record, tracker,
        { cost = value })
      assert_raises("bad argument #4 to 'finish' (" .. problem, function()
        span:finish("success", false, nil, { cost = value })
      end)
    end
    assert_raises("bad argument #1 to 'record' (measures: measure 'cost' " .. rule .. "nan)",
      record, tracker, { cost = 0 / 0 })
    assert_raises("bad argument #1 to 'record' (measures: unknown measure 'costs')", record,
      tracker, { costs = 1 })
    assert_raises("bad argument #1 to 'record' (measures: unknown measure '1')", record, tracker,
      { 1 })
    assert_raises("bad argument #1 to 'record' (measures: table expected, got number)", record,
      tracker, 1)
    assert_raises("bad argument #1 to 'record' (measures: unknown measure 'cost')", record,
      exectrack.new(1), { cost = 1 })
    assert.equal(0, #tracker)
    assert.equal(1, span:finish("success", false, nil, { cost = 1 }) + 1)
  end)
end)

describe("the option measure of a wrapped tool", function()
  local function wrap(tracker, measure, fn, classify)
    return tracker:wrap("a", fn or function(...) return ... end,
      { measure = measure, classify = classify })
  end

  it("is called as classify is", function()
    local tracker = new()
    local f = wrap(tracker, function(ok, ...)
      return { cost = ok and select("#", ...) or 0.5 }
    end, function(...)
      if ... == "fail" then
        error("failed", 0)
      end
      return ...
    end)
    assert.same({ 1, nil, 3, n = 3 }, pack(f(1, nil, 3)))
    assert.same({ cost = 3.0 }, newest(tracker))
    assert.same({ false, "failed" }, { pcall(f, "fail") })
    assert.same({ cost = 0.5 }, newest(tracker))
    assert.equal("failed", tracker:recent_executions(1)[1].status)
    wrap(tracker, function() end)()
    assert.is_nil(newest(tracker))
  end)

  it("has the call recorded without measures if it raises, or what it returns is wrong", function()
    local tracker = new()
    for message, measure in pairs {
      ["no"] = function() error("no", 0) end,
      ["measure must return a table or nil, got 5"] = function() return 5 end,
      ["unknown measure 'x', which measure returned"] = function() return { x = 1 } end,
      ["measure 'cost' must be a finite number that isn't negative, got -1, "
        .. "which measure returned"] = function() return { result_bytes = 1, cost = -1 } end,
    } do
      tracker:clear()
      assert_raises(message, wrap(tracker, measure), 1)
      assert.equal("success", tracker:recent_executions(1)[1].status)
      assert.is_nil(newest(tracker))
      assert.equal(0, tracker:in_flight_count())
      assert_raises("its own", wrap(tracker, measure, function() error("its own", 0) end))
      assert.equal(2, #tracker)
    end
  end)

  it("has its say even if classify raised, and leaves what that said", function()
    local tracker = new()
    local function measure(_, ...) return { result_bytes = select("#", ...) } end
    assert_raises("no", wrap(tracker, measure, nil, function() error("no", 0) end), 1, 2)
    assert.same({ result_bytes = 2.0 }, newest(tracker))
    wrap(tracker, measure, nil, function() return "timed_out", true, "slow" end)(1)
    local last = tracker:recent_executions(1)[1]
    assert.same({ "timed_out", true, "slow", { result_bytes = 1.0 } },
      { last.status, last.was_cached, last.error_type, last.measures })
  end)

  it("may close the tracker", function()
    local tracker = new()
    local f = wrap(tracker, function()
      tracker:close()
      return { cost = 1 }
    end)
    assert.equal(5, f(5))
  end)
end)

describe("what measures add up to", function()
  it("is in statistics, in all and by tool", function()
    local tracker = new()
    record(tracker, { cost = 0.1 })
    record(tracker, { cost = 0.2 })
    record(tracker, { result_bytes = 5 }, "b")
    assert.same({ cost = { sum = 0.3, count = 2, max = 0.2 },
      result_bytes = { sum = 5.0, count = 1, max = 5.0 } }, tracker:stats().measures)
    assert.same({ cost = { sum = 0.3, count = 2, max = 0.2 },
      result_bytes = { sum = 0.0, count = 0 } }, tracker:stats("a").measures)
    for _ = 1, 3 do
      record(tracker, nil, "b")
    end
    assert.same({ cost = { sum = 0.0 }, result_bytes = { sum = 5.0 } },
      tracker:stats().window.measures)
    assert.is_nil(exectrack.new(1):stats().measures)
  end)

  it("is in rows, in filtered windows, and in columns", function()
    local tracker = new()
    record(tracker, { cost = 1 })
    record(tracker, { cost = 2, result_bytes = 3 }, "b")
    record(tracker, nil, "b")
    local run = tracker:snapshot()
    local rows = run:group_by("tool")
    assert.same({ cost = { sum = 1.0, count = 1 }, result_bytes = { sum = 0.0, count = 0 } },
      rows[1].measures)
    assert.same({ cost = { sum = 2.0, count = 1 }, result_bytes = { sum = 3.0, count = 1 } },
      rows[2].measures)
    assert.equal(3.0, run:summary().measures.cost.sum)
    assert.same({ sum = 0.0, count = 0 }, run:filter({ last = 0 }):summary().measures.cost)
    assert.same({ sum = 2.0 }, run:filter({ tool = "b" }):stats().window.measures.cost)
    assert.same({ { cost = 1.0 }, { cost = 2.0, result_bytes = 3.0 }, false },
      run:column("measures"))
    assert.same({ 1.0, 2.0, false }, run:column("measures.cost"))
    assert.same({ false, 3.0, false }, run:column("measures.result_bytes"))
    assert.has_error(function() run:column("measures.x") end,
      "bad argument #1 to 'column' (unknown field 'measures.x')")
    assert.same({ cost = 1.0 }, run[1].measures)
    assert.same({ cost = 1.0 }, run:records()[1].measures)
    assert.equal(1, #run:filter { where = function(each) return each.measures and
      each.measures.result_bytes == 3 end })
    local decision = run:decisions(function() return { action = "deny" } end)[2]
    assert.equal(3.0, decision.record.measures.result_bytes)
  end)

  it("is in intervals, without what is undated", function()
    local tracker = new()
    for _, timestamp in ipairs { 5, false, 6 } do
      tracker:record { tool = "a", status = "success", timestamp = timestamp,
        measures = { cost = 1 } }
    end
    local rows = tracker:snapshot():group_by { every = 1 }
    assert.equal(2, #rows)
    assert.same({ sum = 1.0, count = 1 }, rows[1].measures.cost)
    assert.same({ sum = 1.0, count = 1 }, rows[2].measures.cost)
  end)

  it("unites by name when runs are merged", function()
    local a, b = new(), new { { name = "tokens" }, COST }
    record(a, { cost = 1, result_bytes = 2 })
    record(b, { cost = 3, tokens = 4 })
    local merged = exectrack.merge { a:snapshot(), b:snapshot() }
    assert.same({ COST, { name = "result_bytes", unit = "By", scale = 1 },
      { name = "tokens", unit = "", scale = 1 } }, merged:measures())
    assert.same({ cost = { sum = 4.0, count = 2, max = 3.0 },
      result_bytes = { sum = 2.0, count = 1, max = 2.0 },
      tokens = { sum = 4.0, count = 1, max = 4.0 } }, merged:stats("a").measures)
    assert.equal(merged, exectrack.merge { b:snapshot(), a:snapshot() })
  end)

  it("isn't merged if a measure has another unit or scale, or there are more than four", function()
    local run = new():snapshot()
    for its, other in pairs { ["unit 'EUR' and scale 1e-06"] = { unit = "EUR", scale = 1e-6 },
      ["unit 'USD' and scale 0.001"] = { unit = "USD", scale = 1e-3 },
      ["unit '' and scale 1"] = {} } do
      other.name = "cost"
      assert.has_error(function() exectrack.merge { run, new({ other }):snapshot() } end,
        "bad argument #1 to 'merge' (element 2: measure 'cost' has " .. its
        .. ", in an earlier run unit 'USD' and scale 1e-06)")
    end
    local more = new({ { name = "x" }, { name = "y" }, { name = "z" } }):snapshot()
    assert.has_error(function() exectrack.merge { run, more } end,
      "bad argument #1 to 'merge' (element 2: measure 'z' is one more than the 4 that a run "
      .. "can have)")
  end)
end)

describe("runs with measures", function()
  --- A run with values that a table, JSON or a file could lose.
  local function odd_run()
    local tracker = new { { name = "a\0b", scale = 1 / 3 }, { name = "cost", unit = "USD",
      scale = 1e-6 }, { name = u[[\u{20AC}]], unit = "\"" } }
    record(tracker, { ["a\0b"] = 1, [u[[\u{20AC}]]] = 2 ^ 60 + 2 ^ 9 })
    record(tracker, nil)
    record(tracker, { cost = 123456789.123456 })
    return tracker:snapshot()
  end

  it("are the same after a trip through bytes, a table and JSON", function()
    local run = odd_run()
    assert.equal(run, exectrack.from_bytes(run:bytes()))
    assert.equal(run, exectrack.from_table(run:to_table()))
    local cjson = require("cjson")
    assert.equal(run, exectrack.from_table(cjson.decode(cjson.encode(run:to_table()))))
    assert.equal(run, exectrack.from_table(cjson.decode(encode("json", run))))
  end)

  it("are refused as tables if a value is wrong, by its place", function()
    for place, change in pairs {
      ["measures: at most 4 elements expected, got 5"] = function(form)
        form.measures[4], form.measures[5] = { name = "d" }, { name = "e" }
      end,
      ["measures[1].name: a string expected, got nothing"] = function(form)
        form.measures[1].name = nil
      end,
      ["measures[2].scale: a number expected"] = function(form) form.measures[2].scale = "x" end,
      ["tools[1].measures: a table expected, got nothing"] = function(form)
        form.tools[1].measures = nil
      end,
      ["tools[1].measures: 3 elements expected"] = function(form)
        form.tools[1].measures[3] = nil
      end,
      ["records[1].measures: 3 elements expected"] = function(form)
        form.records[1].measures = { 1 }
      end,
      ["records[1].measures[2]: an integer from 0 to 9223372036854775807 expected, got boolean"]
        = function(form) form.records[1].measures[2] = true end,
      ["two measures have the same name"] = function(form) form.measures[2].name = "a\0b" end,
      ["a measure's name, unit or scale is out of range"] = function(form)
        form.measures[1].scale = 0
      end,
      ["a tool's records have more of a measure than its lifetime"] = function(form)
        form.tools[1].measures[2] = { sum = 0, count = 0, max = 0 }
      end,
    } do
      local form = odd_run():to_table()
      change(form)
      assert.same({ nil, place, "invalid", n = 3 }, pack(exectrack.from_table(form)))
    end
  end)

  it("have a column for each in CSV, and an object in JSON Lines", function()
    local tracker = new()
    record(tracker, { cost = 0.002, result_bytes = 5 })
    record(tracker, { result_bytes = 0.4 })
    record(tracker, nil)
    local run = tracker:snapshot()
    assert.matches(",timestamp,measures.cost,measures.result_bytes\r\n"
      .. ".*,1.000000,0.002,5\r\n.*,1.000000,,0\r\n.*,1.000000,,\r\n$", encode("csv", run))
    assert.matches('"measures":{"cost":0.002,"result_bytes":5},"timestamp":1.000000}\n'
      .. '.-,"measures":{"result_bytes":0},"timestamp":1.000000}\n'
      .. '.-"was_cached":false,"timestamp":1.000000}\n$', encode("jsonl", run))
  end)
end)
