local cjson = require("cjson")
local clocks = require("spec.support.clock")
local exectrack = require("exectrack")
local portable = require("spec.support.portable")
local random = require("spec.support.random")
local runs = require("spec.support.runs")

local ROUNDS = tonumber(os.getenv("ROUNDS")) or 60
local MAX_COUNT = "9223372036854775807"
local START_SECONDS = clocks.START_US / 1000000

setup(function()
  random.seed("table_spec")
end)

--- Asserts that `snapshot` comes back from its table, from that after a trip through JSON, and
-- from its bytes.
local function assert_round_trip(snapshot)
  local form = snapshot:to_table()
  local again = assert(exectrack.from_table(form))
  assert.is_true(again == snapshot)
  assert.same(form, again:to_table())
  assert.is_true(assert(exectrack.from_table(cjson.decode(cjson.encode(form)))) == snapshot)
  assert.is_true(assert(exectrack.from_bytes(again:bytes())) == snapshot)
end

describe("snapshot:to_table", function()
  it("has all fields of a run", function()
    assert.same({
      format = "exectrack",
      version = 1,
      label = "a run",
      instance_id = runs.INSTANCE_ID,
      max_history = 2,
      max_tools = 4,
      max_in_flight = 5,
      max_session_names = 256,
      max_args_texts = 8,
      max_error_texts = 16,
      ignored_args = 0xFFFFFFFE,
      created_seconds = START_SECONDS,
      created_microseconds = 0,
      cleared_seconds = START_SECONDS,
      cleared_microseconds = 3,
      taken_seconds = START_SECONDS + 1,
      taken_microseconds = 8,
      recorded = 4,
      undated = 0,
      started = 1,
      in_order = false,
      filtered = true,
      lost_seconds = START_SECONDS + 1,
      lost_microseconds = 1,
      overflowed = 0,
      error_types_overflowed = 0,
      denials_overflowed = 9,
      error_types = { "EIO", "ETIMEDOUT" },
      tools = {
        {
          name = "read",
          successful = 1,
          failed = 1,
          timed_out = 0,
          cancelled = 1,
          cached_hits = 0,
          total_duration_us = 3100,
          other_duration_us = 3100,
          untimed = 0,
          elapsed = 0,
          elapsed_us = 0,
          min_duration_us = 0,
          max_duration_us = 1600,
          last_end_seconds = START_SECONDS,
          last_end_microseconds = 0,
          last_failure_seconds = START_SECONDS,
          last_failure_microseconds = 0,
          failure_streak = 1,
          failure_rounds = 1,
          in_flight = 0,
          histogram = {
            scale = 6,
            zero_count = 1,
            offset = 0,
            bucket_counts = {},
          },
          other_histogram = {
            scale = 6,
            zero_count = 0,
            offset = -601,
            bucket_counts = { 1, 0, 0, 0, 0, 0, 1 },
          },
        },
        {
          name = "write\0",
          successful = 0,
          failed = 0,
          timed_out = 1,
          cancelled = 0,
          cached_hits = 1,
          total_duration_us = 5000000,
          other_duration_us = 5000000,
          untimed = 0,
          elapsed = 0,
          elapsed_us = 0,
          min_duration_us = 5000000,
          max_duration_us = 5000000,
          last_end_seconds = START_SECONDS + 1,
          last_end_microseconds = 1,
          last_failure_seconds = 0,
          last_failure_microseconds = 0,
          failure_streak = 0,
          failure_rounds = 0,
          in_flight = 1,
          histogram = { scale = 6, zero_count = 0, offset = 0, bucket_counts = {} },
          other_histogram = { scale = 6, zero_count = 0, offset = 148, bucket_counts = { 1 } },
        },
      },
      in_flight = {
        {
          tool_id = 2,
          serial = 1,
          args_hash = exectrack.fingerprint("y"),
          session = "#0000000b",
          depth = 1,
          start_seconds = START_SECONDS + 1,
          start_microseconds = 1,
          known_seconds = START_SECONDS + 1,
          known_microseconds = 3,
        },
      },
      denials = {
        {
          tool_id = 1,
          reason_id = 2,
          count = 3,
          last_seconds = START_SECONDS,
          last_microseconds = 5,
        },
      },
      denied = {
        {
          tool_id = 2,
          reason_id = 1,
          args_hash = 0xFFFFFFFF,
          session = "#0000000a",
          denied_seconds = START_SECONDS + 1,
          denied_microseconds = 999999,
        },
        {
          tool_id = 1,
          reason_id = 2,
          args_hash = 0,
          denied_seconds = START_SECONDS,
          denied_microseconds = 5,
        },
      },
      session_names = {
        { name = "chat 17", last_seconds = START_SECONDS, last_microseconds = 7 },
      },
      args_texts = {
        {
          args_hash = 0xFFFFFFFF,
          text = "x = 1",
          last_seconds = START_SECONDS,
          last_microseconds = 8,
        },
      },
      error_texts = {
        {
          tool_id = 1,
          error_type_id = 1,
          text = "I/O error",
          last_seconds = START_SECONDS,
          last_microseconds = 9,
        },
      },
      records = {
        {
          tool_id = 2,
          status = "timed_out",
          duration_us = 5000000,
          was_cached = true,
          error_type_id = 2,
          args_hash = exectrack.fingerprint("x"),
          result_hash = 5,
          session = "#0000000c",
          depth = 7,
          place = "a.jsonl:12",
          end_seconds = START_SECONDS + 1,
          end_microseconds = 1,
        },
        {
          tool_id = 1,
          status = "cancelled",
          duration_us = 1600,
          was_cached = false,
          args_hash = 0,
          end_seconds = 1600000000,
          end_microseconds = 250000,
        },
      },
    }, runs.full():to_table())
  end)

  it("has integers, and digits for those that JSON wouldn't keep", function()
    local tracker = exectrack.new { max_history = 3, clock = clocks.new().read }
    for _, us in ipairs { 99999999999999, 100000000000000, 4503599627370495 } do
      tracker:record("a", "success", us / 1000)
    end
    local form = tracker:snapshot():to_table()
    assert.equal(99999999999999, form.records[1].duration_us)
    assert.is_true(portable.is_integer(form.records[1].duration_us))
    assert.equal("100000000000000", form.records[2].duration_us)
    assert.equal("4503599627370495", form.records[3].duration_us)
    assert.equal("4703599627370494", form.tools[1].total_duration_us)
    assert.is_true(portable.is_integer(form.created_seconds))
  end)

  it("is a table of its own every time", function()
    local snapshot = runs.full()
    snapshot:to_table().tools[1].name = "changed"
    assert.equal("read", snapshot:to_table().tools[1].name)
  end)
end)

describe("exectrack.from_table", function()
  it("gives back a run that has something of everything", function()
    assert_round_trip(runs.full())
  end)

  it("gives back an empty run", function()
    assert_round_trip(exectrack.new():snapshot())
    assert_round_trip(exectrack.new { max_history = 0, max_tools = 1, max_in_flight = 0,
      clock = function() return 0 end }:snapshot())
  end)

  it("gives back random runs, whole, filtered and merged", function()
    for _ = 1, ROUNDS do
      local snapshot = runs.snapshot { max_history = random.pick { 0, 1, 30, 500 },
        max_tools = random.pick { 1, 3, 20 }, max_in_flight = random.pick { 0, 1, 10 } }
      assert_round_trip(snapshot)
      assert_round_trip(snapshot:filter { was_cached = true, last = 10 })
      assert_round_trip(exectrack.merge { snapshot, runs.snapshot() })
    end
  end)

  it("gives back names of any bytes, however long", function()
    local tracker = exectrack.new { max_tools = 2000, label = "\255\0\254" }
    local names = { "", "\0", "a\0b", "\255\254", "\237\160\128", "é", "(other)",
      "\"\\/\b\n\t\127" }
    for byte = 0, 255 do
      names[#names + 1] = string.char(byte):rep(255)
    end
    for _, name in ipairs(names) do
      tracker:record(name, "failed", 1, false, name)
      tracker:start(name)
    end
    local snapshot = tracker:snapshot()
    assert.equal(264, #snapshot:tools())
    assert_round_trip(snapshot)
  end)

  it("gives back imported records in their order", function()
    local tracker = exectrack.new(10)
    for _, timestamp in ipairs { 30, 0, 4102444800.999999, 20.000001 } do
      tracker:record { tool = "a", status = "success", duration_ms = 1, timestamp = timestamp }
    end
    local snapshot = tracker:snapshot()
    assert.same({ 30, 0, 4102444800.999999, 20.000001 }, snapshot:column("timestamp"))
    assert_round_trip(snapshot)
  end)

  it("gives back the longest durations", function()
    local tracker = exectrack.new(300)
    for i = 0, 52 do
      tracker:record("a", "success", 2 ^ i / 1000)
    end
    for _ = 1, 2049 do
      tracker:record("b", "success", 1e300)
    end
    local snapshot = tracker:snapshot()
    local form = snapshot:to_table()
    assert.equal("4503599627370495", form.records[53].duration_us)
    assert.equal(MAX_COUNT, form.tools[2].total_duration_us)
    assert_round_trip(snapshot)
  end)

  it("gives back counts and times at their limits", function()
    local form = runs.full():to_table()
    for _, field in ipairs { "recorded", "started", "overflowed", "error_types_overflowed",
      "denials_overflowed" } do
      form[field] = MAX_COUNT
    end
    form.max_history, form.max_tools, form.max_in_flight = 268435456, 65535, 65535
    form.taken_seconds, form.taken_microseconds = 9223372036854, 775807
    for _, tool in ipairs(form.tools) do
      for _, field in ipairs { "successful", "failed", "timed_out", "cancelled", "cached_hits",
        "total_duration_us", "other_duration_us" } do
        tool[field] = MAX_COUNT
      end
      tool.last_end_seconds, tool.last_end_microseconds = 9223372036854, 775807
      tool.last_failure_seconds, tool.last_failure_microseconds = 9223372036854, 775807
      tool.failure_streak, tool.failure_rounds, tool.in_flight = 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF
      for i = 1, #tool.other_histogram.bucket_counts do
        tool.other_histogram.bucket_counts[i] = 0xFFFFFFFF
      end
      tool.histogram.zero_count = 0xFFFFFFFF
    end
    form.tools[2].min_duration_us = 0
    form.in_flight[1].serial, form.in_flight[1].args_hash = MAX_COUNT, 0xFFFFFFFF
    form.in_flight[1].start_seconds, form.in_flight[1].start_microseconds = 9223372036854, 775807
    form.denials[1].count = MAX_COUNT
    form.denials[1].last_seconds, form.denials[1].last_microseconds = 9223372036854, 775807
    form.records[1].args_hash = 0xFFFFFFFF
    form.records[1].end_seconds, form.records[1].end_microseconds = 9223372036854, 775807
    local snapshot = assert(exectrack.from_table(form))
    assert.same(form, snapshot:to_table())
    assert_round_trip(snapshot)
    assert.equal(9223372036854775807, snapshot:stats().total_executions)
    assert.equal(0xFFFFFFFF, snapshot:stats("read").failure_streak)
    assert.equal(9223372036854.775807, snapshot[1].timestamp)
    assert_round_trip(exectrack.merge { snapshot, snapshot })
    assert_round_trip(snapshot:filter { tool = "read" })
  end)

  it("takes numbers as floats or as digits", function()
    local snapshot = runs.full()
    local function convert(form, convert_number)
      local converted = {}
      for key, value in pairs(form) do
        if type(value) == "table" then
          converted[key] = convert(value, convert_number)
        else
          converted[key] = type(value) == "number" and value >= 0 and convert_number(value) or value
        end
      end
      return converted
    end
    local form = snapshot:to_table()
    local function to_digits(integer) return string.format("%d", integer) end
    local function to_padded(integer) return string.format("%020d", integer) end
    for _, convert_number in ipairs { to_digits, to_padded, function(n) return n + 0.0 end } do
      assert.is_true(assert(exectrack.from_table(convert(form, convert_number))) == snapshot)
    end
  end)

  it("takes JSON's null for no error type", function()
    local form = runs.full():to_table()
    for _, record in ipairs(form.records) do
      record.error_type_id = record.error_type_id or cjson.null
    end
    assert.is_true(assert(exectrack.from_table(form)) == runs.full())
    for _, record in ipairs(form.records) do
      record.error_type_id = cjson.null
    end
    local snapshot = assert(exectrack.from_table(form))
    assert.same({ false, false }, snapshot:column("error_type"))
    assert.is_true(snapshot == exectrack.from_table(cjson.decode(cjson.encode(form))))
  end)

  it("takes texts in any order", function()
    local form = runs.full():to_table()
    for i = 1, 5 do
      form.session_names[i] = { name = "chat " .. i, last_seconds = i, last_microseconds = 0 }
      form.args_texts[i] = { args_hash = 10 - i, text = "x = " .. i, last_seconds = i,
        last_microseconds = 0 }
    end
    form.error_texts[2] = { tool_id = 1, text = "of no type", last_seconds = 0,
      last_microseconds = 0 }
    local sorted = assert(exectrack.from_table(form)):to_table()
    for i = 1, 5 do
      assert.same(form.args_texts[6 - i], sorted.args_texts[i])
    end
    assert.same({ form.error_texts[2], form.error_texts[1] }, sorted.error_texts)
    table.sort(form.session_names, function(a, b) return a.name < b.name end)
    table.sort(sorted.session_names, function(a, b) return a.name < b.name end)
    assert.same(form.session_names, sorted.session_names)
  end)

  it("rounds how many texts are kept up to a multiple of 8", function()
    local form = runs.full():to_table()
    form.max_args_texts = 9
    assert.equal(16, assert(exectrack.from_table(form)):to_table().max_args_texts)
    form.max_args_texts = 0
    local snapshot, message = exectrack.from_table(form)
    assert.is_nil(snapshot)
    assert.equal("args_texts: at most 0 elements expected, got 1", message)
  end)

  it("ignores fields that it doesn't know", function()
    local snapshot = runs.full()
    local form = snapshot:to_table()
    form.comment, form.tools[1].comment, form.records[1].tool = "x", {}, "read"
    assert.is_true(exectrack.from_table(form) == snapshot)
  end)

  it("calls no metamethod", function()
    local function trap() error("a metamethod was called") end
    local function set_traps(form)
      for _, value in pairs(form) do
        if type(value) == "table" then
          set_traps(value)
        end
      end
      return setmetatable(form, { __index = trap, __len = trap, __pairs = trap, __eq = trap,
        __tostring = trap, __name = "trap" })
    end
    local snapshot = runs.full()
    assert.is_true(exectrack.from_table(set_traps(snapshot:to_table())) == snapshot)
    local empty, message, code = exectrack.from_table(set_traps({ format = "exectrack" }))
    assert.is_nil(empty)
    assert.equal("version: 1 expected, got nothing", message)
    assert.equal("invalid", code)
  end)
end)
