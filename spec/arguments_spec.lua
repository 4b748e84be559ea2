local exectrack = require("exectrack")
local portable = require("spec.support.portable")

local pack, unpack = portable.pack, portable.unpack

local INFINITY = math.huge
local NAN = 0 / 0

local STATUSES = "'success', 'failed', 'timed_out', 'cancelled'"

local tracker

before_each(function()
  tracker = exectrack.new(10)
end)

--- Calls `self:method(...)`. Lua's messages name a method only if the code that calls it does.
local function call(self, method, ...)
  local text = "local self = ... self:" .. method .. "(select(2, ...))"
  assert(portable.load(text, "=call"))(self, ...)
end

--- Asserts that `tracker:method(...)` raises `message` and changes nothing.
local function assert_raises(message, method, ...)
  local arguments = pack(...)
  local before = tracker:stats()
  assert.has_error(function()
    call(tracker, method, unpack(arguments, 1, arguments.n))
  end, message)
  assert.same(before, tracker:stats())
  assert.same({}, tracker:tools())
  assert.same({}, tracker:in_flight())
end

--- Asserts that the positional form of record raises `problem` about argument `number`.
local function assert_record_raises(number, problem, ...)
  assert_raises(string.format("bad argument #%d to 'record' (%s)", number, problem),
    "record", ...)
end

--- Asserts that a good record with `field` set to `value` raises `problem` about it.
local function assert_field_raises(problem, field, value)
  local record = { tool = "a", status = "success", duration_ms = 1 }
  record[field] = value
  assert_raises("bad argument #1 to 'record' (" .. problem .. ")", "record", record)
end

describe("an error", function()
  it("stands where the method was called, and numbers arguments as the caller does", function()
    local ok, message = pcall(function() tracker:record("a", "success", -1) end)
    assert.is_false(ok)
    local line = debug.getinfo(1, "l").currentline - 2
    assert.equal("spec/arguments_spec.lua:" .. line .. ": bad argument #3 to 'record' "
      .. "(milliseconds must be finite and not negative, got -1)",
      (message:gsub("^%./", "")))
  end)
end)

describe("tracker:record raises for", function()
  it("a tool that isn't a string", function()
    assert_record_raises(1, "string expected, got no value")
    assert_record_raises(1, "string expected, got nil", nil, "success", 1)
    assert_record_raises(1, "string expected, got number", 5, "success", 1)
    assert_record_raises(1, "string expected, got boolean", true, "success", 1)
    assert_record_raises(1, "string expected, got function", print, "success", 1)
    assert_record_raises(1, "string expected, got " .. portable.FILE, io.stdout, "success", 1)
  end)

  it("a status that isn't one of the four, which it lists", function()
    assert_record_raises(2, "string expected, got no value", "a")
    assert_record_raises(2, "string expected, got nil", "a", nil, 1)
    assert_record_raises(2, "string expected, got number", "a", 1, 1)
    assert_record_raises(2, "string expected, got table", "a", { "success" }, 1)
    for _, status in ipairs { "", "ok", "Success", "success ", "timed out", "timedout", "canceled",
      "faile", "faileds" } do
      assert_record_raises(2, "unknown status '" .. status .. "', not one of " .. STATUSES,
        "a", status, 1)
    end
    assert_record_raises(2, "unknown status 'failed', not one of " .. STATUSES,
      "a", "failed\0", 1)
  end)

  it("a duration that isn't finite and from 0", function()
    assert_record_raises(3, "number expected, got string", "a", "success", "12")
    assert_record_raises(3, "number expected, got boolean", "a", "success", true)
    for _, case in ipairs { { -1, "-1" }, { -0.001, "-0.001" },
      { portable.MIN_INTEGER, ("%d"):format(portable.MIN_INTEGER) }, { INFINITY, "inf" },
      { -INFINITY, "-inf" }, { NAN, "nan" }, { -NAN, "nan" } } do
      assert_record_raises(3, "milliseconds must be finite and not negative, got " .. case[2],
        "a", "success", case[1])
    end
  end)

  it("was_cached that is neither a boolean nor nil", function()
    assert_record_raises(4, "boolean expected, got number", "a", "success", 1, 1)
    assert_record_raises(4, "boolean expected, got string", "a", "success", 1, "true")
    assert_record_raises(4, "boolean expected, got table", "a", "success", 1, {})
  end)

  it("an error type that is neither a string nor nil", function()
    assert_record_raises(5, "string expected, got number", "a", "failed", 1, false, 2)
    assert_record_raises(5, "string expected, got boolean", "a", "failed", 1, false, false)
  end)
end)

describe("tracker:record of a table raises for", function()
  it("a timing that isn't known, or contradicts the duration", function()
    local words = ", not one of 'measured', 'elapsed', 'untimed'"
    assert_field_raises("timing: unknown timing 'Elapsed'" .. words, "timing", "Elapsed")
    assert_field_raises("timing: string expected, got number", "timing", 1)
    assert_field_raises("timing: 'untimed', but 'duration_ms' is given", "timing", "untimed")
    for _, timing in ipairs { "measured", "elapsed" } do
      assert_raises("bad argument #1 to 'record' (timing: needs 'duration_ms', which isn't given)",
        "record", { tool = "a", status = "success", timing = timing })
    end
  end)

  it("a field that is missing", function()
    local record = "bad argument #1 to 'record' "
    assert_raises(record .. "(tool: string expected, got nil)", "record", {})
    assert_raises(record .. "(status: string expected, got nil)", "record", { tool = "a" })
  end)

  it("a field of a wrong type", function()
    assert_field_raises("tool: string expected, got number", "tool", 5)
    assert_field_raises("status: string expected, got boolean", "status", true)
    assert_field_raises("duration_ms: number expected, got string", "duration_ms", "1")
    assert_field_raises("was_cached: boolean expected, got number", "was_cached", 0)
    assert_field_raises("error_type: string expected, got table", "error_type", {})
    assert_field_raises("args_hash: number expected, got string", "args_hash", "1")
  end)

  it("a status that isn't one of the four, which it lists", function()
    assert_field_raises("status: unknown status 'done', not one of " .. STATUSES, "status", "done")
  end)

  it("a duration that isn't finite and from 0", function()
    for value, text in pairs { [-1] = "-1", [INFINITY] = "inf", [-INFINITY] = "-inf" } do
      assert_field_raises("duration_ms: milliseconds must be finite and not negative, got " .. text,
        "duration_ms", value)
    end
    assert_field_raises("duration_ms: milliseconds must be finite and not negative, got nan",
      "duration_ms", NAN)
  end)

  it("an args_hash that isn't an integer of 32 bits", function()
    for value, text in pairs { [-1] = "-1", [4294967296] = "4294967296", [1.5] = "1.5",
      [INFINITY] = "inf" } do
      assert_field_raises("args_hash: an integer from 0 to 4294967295 expected, got " .. text,
        "args_hash", value)
    end
  end)

  it("a result beside result_hash", function()
    assert_raises("bad argument #1 to 'record' (both 'result' and 'result_hash' are given)",
      "record", { tool = "a", status = "success", duration_ms = 1, result = {}, result_hash = 5 })
  end)

  it("args beside args_hash", function()
    for _, args in ipairs { "x", {}, false } do
      assert_raises("bad argument #1 to 'record' (both 'args' and 'args_hash' are given)",
        "record", { tool = "a", status = "success", duration_ms = 1, args = args, args_hash = 5 })
    end
  end)

  it("a timestamp that isn't Unix seconds from 1970 on", function()
    local cases = {
      { -1, "-1" },
      { -0.000001, "-1e-06" },
      { 9223372036855, "9223372036855" },
      { 1e300, "1e+300" },
      { INFINITY, "inf" },
      { NAN, "nan" },
      { "1767225600", "string" },
      { true, "boolean" },
    }
    for _, case in ipairs(cases) do
      assert_field_raises("timestamp: Unix seconds from 0 to 9223372036854 expected, got "
        .. case[2], "timestamp", case[1])
    end
  end)

  it("an unknown field, by name, and lists those that there are", function()
    local fields = ", not one of 'tool', 'tool_id', 'status', 'duration_ms', 'timing', "
      .. "'was_cached', 'error_type', 'args_hash', 'result_hash', 'session', 'depth', "
      .. "'measures', 'place', 'timestamp', "
      .. "'args', 'result', 'args_text', 'error_text'"
    assert_field_raises("unknown field 'duration'" .. fields, "duration", 5)
    assert_field_raises("unknown field '1'" .. fields, 1, "x")
    assert_field_raises("unknown field 'tool'" .. fields, "tool\0", "x")
  end)

  it("the first of several unknown fields, in whatever order the table has them", function()
    for first = 0, 9 do
      local record = { tool = "a", status = "success" }
      for i = 9, first, -1 do
        record["field " .. i] = true
      end
      assert.has_error(function() exectrack.new(1):record(record) end,
        "bad argument #1 to 'record' (unknown field 'field " .. first .. "', not one of 'tool', "
        .. "'tool_id', 'status', 'duration_ms', 'timing', 'was_cached', 'error_type', "
        .. "'args_hash', 'result_hash', 'session', 'depth', 'measures', 'place', 'timestamp', "
        .. "'args', 'result', 'args_text', 'error_text')")
    end
  end)
end)

describe("tracker:start raises for", function()
  it("a tool that isn't a string", function()
    assert_raises("bad argument #1 to 'start' (string expected, got no value)", "start")
    assert_raises("bad argument #1 to 'start' (string expected, got nil)", "start", nil)
    assert_raises("bad argument #1 to 'start' (string expected, got table)", "start", {})
  end)
end)

describe("a question raises for", function()
  it("a tool that isn't a string", function()
    assert_raises("bad argument #1 to 'stats' (string expected, got number)", "stats", 1)
    assert_raises("bad argument #1 to 'stats' (string expected, got boolean)", "stats", false)
    local average = "bad argument #1 to 'avg_duration_for_tool' (string expected, got %s)"
    assert_raises(average:format("no value"), "avg_duration_for_tool")
    assert_raises(average:format("nil"), "avg_duration_for_tool", nil)
    assert_raises(average:format("number"), "avg_duration_for_tool", 1)
  end)

  it("an n that isn't an integer from 0", function()
    local expected = "bad argument #1 to 'recent_executions' (%s)"
    assert_raises(expected:format("number expected, got no value"), "recent_executions")
    assert_raises(expected:format("number expected, got string"), "recent_executions", "5")
    for value, text in pairs { [-1] = "-1", [1.5] = "1.5", [INFINITY] = "inf" } do
      assert_raises(expected:format("an integer from 0 to 9223372036854775807 expected, got "
        .. text), "recent_executions", value)
    end
  end)

  it("an id that isn't an integer", function()
    local expected = "bad argument #1 to 'get_tool_name' (%s)"
    assert_raises(expected:format("number expected, got no value"), "get_tool_name")
    assert_raises(expected:format("number expected, got string"), "get_tool_name", "1")
    assert_raises(expected:format("an integer from -9223372036854775808 to 9223372036854775807 "
      .. "expected, got 1.5"), "get_tool_name", 1.5)
  end)
end)

describe("span:finish raises for", function()
  local span

  before_each(function()
    span = tracker:start("a")
  end)

  local function assert_finish_raises(number, problem, ...)
    local arguments = pack(...)
    assert.has_error(function()
      span:finish(unpack(arguments, 1, arguments.n))
    end, string.format("bad argument #%d to 'finish' (%s)", number, problem))
    assert.equal(1, tracker:stats("a").in_flight)
    assert.equal(0, tracker:stats().total_executions)
  end

  it("a status that isn't one of the four, which it lists", function()
    assert_finish_raises(1, "unknown status 'done', not one of " .. STATUSES, "done")
    assert_finish_raises(1, "string expected, got boolean", true)
    assert_finish_raises(1, "string expected, got table", { status = "failed" })
  end)

  it("was_cached that is neither a boolean nor nil", function()
    assert_finish_raises(2, "boolean expected, got number", "success", 1)
  end)

  it("an error type that is neither a string nor nil", function()
    assert_finish_raises(3, "string expected, got number", "success", false, 5)
  end)
end)

describe("a method called on the wrong self", function()
  local function wrong_selves(of)
    return {
      { nil, "nil" },
      { 5, "number" },
      { "text", "string" },
      { {}, "table" },
      { setmetatable({}, { __name = "exectrack.Tracker of mine" }), "exectrack.Tracker of mine" },
      { io.stdout, portable.FILE },
      { coroutine.create(function() end), "thread" },
      { of == "exectrack.Span" and tracker or tracker:start("a"),
        of == "exectrack.Span" and "exectrack.Tracker" or "exectrack.Span" },
    }
  end

  local methods = { "session", "session_name", "record", "start", "run", "wrap", "instrument",
    "stats", "histogram", "recent_executions", "avg_duration_for_tool", "get_tool_name", "tools",
    "in_flight", "label", "totals", "measure_total", "failure_streak", "error_rate", "circuit",
    "repeats", "loop", "session_executions",
    "starts_after", "in_flight_count", "recent_quantile", "max_history", "denials", "denied",
    "instance_id", "cleared", "snapshot", "clear" }
  for _, method in ipairs(methods) do
    it("raises for tracker:" .. method, function()
      for _, case in pairs(wrong_selves("exectrack.Tracker")) do
        local self, name = case[1], case[2]
        local handle = { [method] = tracker[method] }
        local called = method == "run" and portable.RUN_IS_LUA and "run" or "?"
        assert.has_error(function() handle[method](self, "a", "success", 1) end,
          ("bad argument #1 to '%s' (exectrack.Tracker expected, got %s)"):format(called, name))
      end
      assert.equal(0, #tracker)
    end)
  end

  it("raises for span:finish", function()
    local span = tracker:start("b")
    for _, case in pairs(wrong_selves("exectrack.Span")) do
      local self, name = case[1], case[2]
      assert.has_error(function() span.finish(self) end,
        "bad argument #1 to 'finish' (exectrack.Span expected, got " .. name .. ")")
    end
    assert.equal(1, tracker:stats("b").in_flight)
  end)

  it("raises without any self", function()
    assert.has_error(function() tracker.clear() end,
      "bad argument #1 to 'clear' (exectrack.Tracker expected, got no value)")
    local object = { clear = tracker.clear }
    assert.has_error(function() object:clear() end,
      "calling 'clear' on bad self (exectrack.Tracker expected, got table)")
  end)

  it("raises for metamethods", function()
    local of_tracker = getmetatable(tracker)
    local of_span = getmetatable(tracker:start("a"))
    for _, event in ipairs { "__len", "__tostring", "__gc", "__close" } do
      local ok, message = pcall(of_tracker[event], {})
      assert.is_false(ok)
      assert.equal("bad argument #1 to '?' (exectrack.Tracker expected, got table)", message)
    end
    for _, event in ipairs { "__tostring", "__gc", "__close" } do
      local ok, message = pcall(of_span[event], tracker)
      assert.is_false(ok)
      assert.equal("bad argument #1 to '?' (exectrack.Span expected, got exectrack.Tracker)",
        message)
    end
  end)
end)
