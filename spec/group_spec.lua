local clocks = require("spec.support.clock")
local exectrack = require("exectrack")
local portable = require("spec.support.portable")

local pack, unpack = portable.pack, portable.unpack

local START = clocks.START_US / 1e6
local INFINITY = math.huge
local NAN = 0 / 0

--- Five records of two tools, half a second apart, the first at `START`.
local function five()
  local clock = clocks.new()
  local tracker = exectrack.new { max_history = 5, clock = clock.read }
  local executions = {
    { "write", "failed", 40, false, "EIO" },
    { "read", "success", 10, true },
    { "read", "timed_out", 20.5, false, "ETIMEDOUT" },
    { "write", "cancelled", 5 },
    { "read", "success", 30, false, nil, "x" },
  }
  for _, execution in ipairs(executions) do
    tracker:record(unpack(execution, 1, 6))
    clock.advance_us(500000)
  end
  return tracker:snapshot()
end

--- The fields `names` of each of `rows`, in arrays.
local function fields(rows, ...)
  local result = {}
  for i, row in ipairs(rows) do
    result[i] = {}
    for j, name in ipairs { ... } do
      result[i][j] = row[name] == nil and "nil" or row[name]
    end
  end
  return result
end

--- A snapshot of a run in which everything was cancelled.
local function cancelled()
  local tracker = exectrack.new(2)
  tracker:record("a", "cancelled", 1)
  return tracker:snapshot()
end

local function empty()
  return exectrack.new(2):snapshot()
end

describe("snapshot:summary", function()
  it("is the row of all records", function()
    local summary = five():summary()
    assert.same({
      count = 5,
      successful = 2,
      failed = 1,
      timed_out = 1,
      cancelled = 1,
      cached_hits = 1,
      error_rate = 0.5,
      untimed = 0,
      elapsed = 0,
      total_duration_ms = 105.5,
      elapsed_ms = 0,
      avg_duration_ms = 21.1,
      min_duration_ms = 5,
      max_duration_ms = 40,
      p50_duration_ms = 20.5,
      p90_duration_ms = 40,
      p95_duration_ms = 40,
      p99_duration_ms = 40,
      first_timestamp = START,
      last_timestamp = START + 2,
    }, summary)
    for _, field in ipairs { "count", "failed", "min_duration_ms", "p90_duration_ms" } do
      assert.is_true(portable.is_integer(summary[field]))
    end
    for _, field in ipairs { "error_rate", "avg_duration_ms", "first_timestamp" } do
      assert.is_true(portable.is_float(summary[field]))
    end
  end)

  it("has only zeros, and no figures, without records", function()
    local expected = { count = 0, successful = 0, failed = 0, timed_out = 0, cancelled = 0,
      cached_hits = 0, untimed = 0, elapsed = 0, total_duration_ms = 0, elapsed_ms = 0 }
    assert.same(expected, empty():summary())
    assert.same(expected, five():filter({ last = 0 }):summary { quantiles = { 0.5 } })
  end)

  it("has no error rate if all were cancelled", function()
    local summary = cancelled():summary()
    assert.equal(1, summary.count)
    assert.is_nil(summary.error_rate)
  end)

  it("takes options, or nil", function()
    local snapshot = five()
    assert.same(snapshot:summary(), snapshot:summary {})
    assert.same(snapshot:summary(), snapshot:summary(nil))
    assert.same(snapshot:group_by()[1], snapshot:summary())
    assert.equal(10, snapshot:summary({ quantiles = { 0.4 } }).p40_duration_ms)
  end)

  it("has the earliest and the latest end of imported records", function()
    local tracker = exectrack.new(3)
    for _, timestamp in ipairs { 20, 10.5, 15 } do
      tracker:record { tool = "a", status = "success", duration_ms = 1, timestamp = timestamp }
    end
    local summary = tracker:snapshot():summary()
    assert.equal(10.5, summary.first_timestamp)
    assert.equal(20, summary.last_timestamp)
  end)

  it("stops a sum that is too large", function()
    local tracker = exectrack.new(2049)
    for _ = 1, 2049 do
      tracker:record("a", "success", 1e300)
    end
    local summary = tracker:snapshot():summary()
    assert.equal((2 ^ 52 - 1) / 1000, summary.p50_duration_ms)
    assert.equal(9223372036854775807 / 1000, summary.total_duration_ms)
  end)
end)

describe("snapshot:group_by", function()
  it("is one row of everything without keys, none without records", function()
    local snapshot = five()
    assert.same({ snapshot:summary() }, snapshot:group_by())
    assert.same({ snapshot:summary() }, snapshot:group_by {})
    assert.same({}, empty():group_by())
    assert.same({}, empty():group_by("tool", { every = 1 }))
    assert.same({}, five():filter({ last = 0 }):group_by("status"))
  end)

  it("groups by tool, in the order of the ids", function()
    assert.same({ { "write", 2, 40 }, { "read", 3, 30 } },
      fields(five():group_by("tool"), "tool", "count", "max_duration_ms"))
  end)

  it("groups by status, in the order of the statuses", function()
    assert.same({ { "success", 2 }, { "failed", 1 }, { "timed_out", 1 }, { "cancelled", 1 } },
      fields(five():group_by("status"), "status", "count"))
  end)

  it("groups by whether a cache answered, false before true", function()
    assert.same({ { false, 4 }, { true, 1 } },
      fields(five():group_by("was_cached"), "was_cached", "count"))
  end)

  it("groups by error type, none first, then in the order of first use", function()
    assert.same({ { "nil", 3 }, { "EIO", 1 }, { "ETIMEDOUT", 1 } },
      fields(five():group_by("error_type"), "error_type", "count"))
  end)

  it("groups by the hash of the arguments, ascending", function()
    assert.same({ { 0, 4 }, { exectrack.fingerprint("x"), 1 } },
      fields(five():group_by("args_hash"), "args_hash", "count"))
  end)

  it("groups by time, in intervals that begin at multiples of their length", function()
    local snapshot = five()
    local function buckets(every)
      return fields(snapshot:group_by { every = every }, "bucket", "count")
    end
    assert.same({ { START, 2 }, { START + 1, 2 }, { START + 2, 1 } }, buckets(1))
    assert.same({ { START, 5 } }, buckets(60))
    assert.same({ { START, 1 }, { START + 0.5, 1 }, { START + 1, 1 }, { START + 1.5, 1 },
      { START + 2, 1 } }, buckets(0.25))
    assert.same({ { START, 2 }, { START + 0.75, 1 }, { START + 1.5, 2 } }, buckets(0.75))
    assert.same({ { 0, 5 } }, buckets(9223372036854))
    assert.equal(5, #buckets(0.000001))
    assert.is_true(portable.is_float(buckets(1)[1][1]))
  end)

  it("leaves out the intervals in which nothing ended", function()
    local tracker = exectrack.new(3)
    for _, timestamp in ipairs { 86400 * 3 + 5, 0, 86399.999999 } do
      tracker:record { tool = "a", status = "success", duration_ms = 1, timestamp = timestamp }
    end
    assert.same({ { 0, 2 }, { 86400 * 3, 1 } },
      fields(tracker:snapshot():group_by { every = 86400 }, "bucket", "count"))
  end)

  it("takes keys in any combination, and orders by the first key first", function()
    local snapshot = five()
    assert.same({ { "write", "failed", 1 }, { "write", "cancelled", 1 }, { "read", "success", 2 },
      { "read", "timed_out", 1 } },
      fields(snapshot:group_by("tool", "status"), "tool", "status", "count"))
    assert.same({ { "success", "read", 2 }, { "failed", "write", 1 }, { "timed_out", "read", 1 },
      { "cancelled", "write", 1 } },
      fields(snapshot:group_by("status", "tool"), "status", "tool", "count"))
    assert.same({ { START, "write" }, { START, "read" }, { START + 1, "write" },
      { START + 1, "read" }, { START + 2, "read" } },
      fields(snapshot:group_by({ every = 1 }, "tool"), "bucket", "tool"))
    assert.same({ { "write", START }, { "write", START + 1 }, { "read", START },
      { "read", START + 1 }, { "read", START + 2 } },
      fields(snapshot:group_by("tool", { every = 1 }), "tool", "bucket"))
  end)

  it("takes quantiles with an interval, wherever that stands", function()
    local snapshot = five()
    local quantiles = { 0.5 }
    assert.same(snapshot:group_by({ every = 1 }, "tool", { quantiles = quantiles }),
      snapshot:group_by({ every = 1, quantiles = quantiles }, "tool"))
    assert.same(snapshot:group_by("tool", { every = 1 }, { quantiles = quantiles }),
      snapshot:group_by("tool", { every = 1, quantiles = quantiles }))
    assert.same(snapshot:group_by({ every = 1 }, { quantiles = quantiles }),
      snapshot:group_by({ every = 1, quantiles = quantiles }, {}))
  end)

  it("has every figure in every row", function()
    assert.same({
      tool = "write",
      count = 2,
      successful = 0,
      failed = 1,
      timed_out = 0,
      cancelled = 1,
      cached_hits = 0,
      error_rate = 1,
      untimed = 0,
      elapsed = 0,
      total_duration_ms = 45,
      elapsed_ms = 0,
      avg_duration_ms = 22.5,
      min_duration_ms = 5,
      max_duration_ms = 40,
      p50_duration_ms = 5,
      p90_duration_ms = 40,
      p95_duration_ms = 40,
      p99_duration_ms = 40,
      first_timestamp = START,
      last_timestamp = START + 1.5,
    }, five():group_by("tool")[1])
    assert.is_nil(cancelled():group_by("tool")[1].error_rate)
  end)

  it("groups by names of any bytes", function()
    local tracker = exectrack.new(5)
    for _, name in ipairs { "", "a\0b", "a\0c", "\255" } do
      tracker:record(name, "failed", 1, false, name)
    end
    local snapshot = tracker:snapshot()
    assert.same({ { "" }, { "a\0b" }, { "a\0c" }, { "\255" } },
      fields(snapshot:group_by("tool"), "tool"))
    assert.same({ { "nil" }, { "a\0b" }, { "a\0c" }, { "\255" } },
      fields(snapshot:group_by("error_type"), "error_type"))
  end)

  it("reads its tables without metamethods", function()
    local trap = function() error("a metamethod was called") end
    local traps = { __index = trap, __len = trap, __pairs = trap }
    local rows = five():group_by(setmetatable({ every = 60 }, traps),
      setmetatable({ quantiles = setmetatable({ 0 }, traps) }, traps))
    assert.equal(5, rows[1].p0_duration_ms)
  end)
end)

describe("quantiles", function()
  --- The names of the quantiles' fields in `row`, sorted.
  local function names_in(row)
    local names = {}
    for name in pairs(row) do
      names[#names + 1] = name:match("^p[%d_e]+_duration_ms$")
    end
    table.sort(names)
    return names
  end

  it("are those that are asked for, in place of the four", function()
    local row = five():group_by("was_cached", { quantiles = { 0.999, 1, 0, 0.5, 0.25 } })[1]
    assert.same({ "p0_duration_ms", "p100_duration_ms", "p25_duration_ms", "p50_duration_ms",
      "p99_9_duration_ms" }, names_in(row))
    assert.equal(5, row.p0_duration_ms)
    assert.equal(5, row.p25_duration_ms)
    assert.equal(20.5, row.p50_duration_ms)
    assert.equal(40, row.p99_9_duration_ms)
    assert.equal(40, row.p100_duration_ms)
  end)

  it("are the four by default", function()
    local expected = { "p50_duration_ms", "p90_duration_ms", "p95_duration_ms",
      "p99_duration_ms" }
    assert.same(expected, names_in(five():summary()))
    assert.same(expected, names_in(five():group_by("tool")[1]))
  end)

  it("are none for an empty list", function()
    local row = five():group_by("tool", { quantiles = {} })[1]
    assert.same({}, names_in(row))
    assert.equal(22.5, row.avg_duration_ms)
    assert.same({}, names_in(five():summary { quantiles = {} }))
  end)

  it("have a name for every number", function()
    for _, case in ipairs { { 0, "0" }, { -0.0, "0" }, { 1, "100" }, { 1.0, "100" },
      { 0.07, "7" }, { 0.29, "29" }, { 0.57, "57" }, { 0.001, "0_1" }, { 0.9999, "99_99" },
      { 0.12345, "12_345" }, { 0.999999999, "99_9999999" } } do
      local quantile, digits = case[1], case[2]
      assert.same({ "p" .. digits .. "_duration_ms" },
        names_in(five():summary { quantiles = { quantile } }))
    end
  end)

  it("are up to 64", function()
    local quantiles = {}
    for i = 1, 64 do
      quantiles[i] = (i - 1) / 64
    end
    assert.equal(64, #names_in(five():summary { quantiles = quantiles }))
    assert.equal(64, #names_in(five():group_by("tool", { quantiles = quantiles })[2]))
  end)

  it("may come twice", function()
    assert.same({ "p50_duration_ms" }, names_in(five():summary { quantiles = { 0.5, 0.5 } }))
  end)
end)

describe("snapshot:quantile", function()
  it("is element ceil(q * n) of the sorted durations", function()
    local snapshot = five()
    for q, expected in pairs { [0] = 5, [0.2] = 5, [0.200001] = 10, [0.4] = 10, [0.5] = 20.5,
      [0.6] = 20.5, [0.8] = 30, [0.80001] = 40, [1] = 40 } do
      assert.equal(expected, snapshot:quantile(q))
    end
    assert.is_true(portable.is_integer(snapshot:quantile(0)))
    assert.is_true(portable.is_float(snapshot:quantile(0.5)))
  end)

  it("takes q as the decimal that it was written as", function()
    local tracker = exectrack.new(100)
    for i = 1, 100 do
      tracker:record("a", "success", i * 37 % 101)
    end
    local snapshot = tracker:snapshot()
    for percent = 1, 99 do -- as doubles 0.07 * 100 is more than 7
      local q = percent / 100
      local field = "p" .. percent .. "_duration_ms"
      assert.equal(percent, snapshot:quantile(q))
      assert.equal(percent, snapshot:summary({ quantiles = { q } })[field])
      assert.equal(percent, snapshot:group_by("tool", { quantiles = { q } })[1][field])
      assert.equal(percent, (tracker:recent_quantile("a", q)))
    end
  end)

  it("is nil without records", function()
    assert.is_nil(empty():quantile(0.5))
  end)
end)

describe("grouping raises for", function()
  local snapshot = five()

  local function assert_raises(number, problem, ...)
    local arguments = pack(...)
    assert.has_error(function()
      snapshot:group_by(unpack(arguments, 1, arguments.n))
    end, string.format("bad argument #%d to 'group_by' (%s)", number, problem))
  end

  it("an unknown key, which lists those that there are", function()
    local problem = "unknown key '%s', not one of 'tool', 'status', 'was_cached', 'error_type', "
      .. "'args_hash', 'session', { every = seconds }"
    assert_raises(1, problem:format("tools"), "tools")
    assert_raises(2, problem:format(""), "tool", "")
    assert_raises(1, problem:format("bucket"), "bucket")
    assert_raises(1, problem:format("tool"), "tool\0")
  end)

  it("a key that comes twice", function()
    assert_raises(2, "key 'tool' is given twice", "tool", "tool")
    assert_raises(3, "key 'status' is given twice", "status", "tool", "status")
    assert_raises(2, "key 'every' is given twice", { every = 1 }, { every = 2 })
  end)

  it("a key that is neither a string nor a table", function()
    assert_raises(1, "string or table expected, got number", 1)
    assert_raises(1, "string or table expected, got nil", nil)
    assert_raises(2, "string or table expected, got boolean", "tool", true)
  end)

  it("a table that isn't last and has no interval", function()
    assert_raises(1, "field 'every' expected", {}, "tool")
    assert_raises(1, "field 'every' expected", { quantiles = {} }, { quantiles = {} })
  end)

  it("an interval that isn't at least a microsecond", function()
    for _, case in ipairs { { -1, "-1" }, { 0, "0" }, { 0.0000004, "4e-07" }, { INFINITY, "inf" },
      { NAN, "nan" }, { 9223372036855, "9223372036855" }, { "1", "string" }, { {}, "table" } } do
      assert_raises(2, "every: seconds from 0.000001 to 9223372036854 expected, got " .. case[2],
        "tool", { every = case[1] })
    end
  end)

  it("an unknown field of an interval or of the options", function()
    assert_raises(1, "unknown field 'quantile'", { every = 1, quantile = 0.5 })
    assert_raises(2, "unknown option 'quantile'", "tool", { quantile = 0.5 })
    assert_raises(1, "each key must be an argument, not an element of a list", { "tool" })
  end)

  it("quantiles that aren't an array of up to 64 numbers from 0 to 1", function()
    assert_raises(1, "quantiles: table expected, got number", { quantiles = 0.5 })
    for _, case in ipairs { { -0.1, "-0.1" }, { 1.1, "1.1" }, { 50, "50" }, { NAN, "nan" },
      { INFINITY, "inf" }, { "0.5", "string" }, { true, "boolean" } } do
      assert_raises(1, "quantiles: a number from 0 to 1 expected, got " .. case[2],
        { quantiles = { 0.5, case[1] } })
    end
    local many = {}
    for i = 1, 65 do
      many[i] = 0.5
    end
    assert_raises(1, "quantiles: at most 64 expected, got 65", { quantiles = many })
  end)

  it("quantiles that are given twice", function()
    assert_raises(2, "'quantiles' are given twice", { every = 1, quantiles = {} },
      { quantiles = {} })
  end)

  it("options of a summary in the same way", function()
    assert.has_error(function() snapshot:summary("tool") end,
      "bad argument #1 to 'summary' (table expected, got string)")
    assert.has_error(function() snapshot:summary { every = 1 } end,
      "bad argument #1 to 'summary' (unknown option 'every')")
    assert.has_error(function() snapshot:summary { quantiles = { 2 } } end,
      "bad argument #1 to 'summary' (quantiles: a number from 0 to 1 expected, got 2)")
  end)

  it("a quantile that isn't a number from 0 to 1", function()
    local expected = "bad argument #1 to 'quantile' (a number from 0 to 1 expected, got %s)"
    for _, case in ipairs { { -1, "-1" }, { 95, "95" }, { NAN, "nan" }, { "0.5", "string" },
      { {}, "table" } } do
      assert.has_error(function() snapshot:quantile(case[1]) end, expected:format(case[2]))
    end
    assert.has_error(function() snapshot:quantile() end, expected:format("no value"))
  end)
end)
