local values = require("exectrack.format.otlp_value")

describe("values of OpenTelemetry", function()
  it("are read from objects that say their type", function()
    for _, case in ipairs {
      { { stringValue = "" }, "" }, { { string_value = "a" }, "a" },
      { { boolValue = false }, false }, { { intValue = "-5" }, -5 },
      { { int_value = 5 }, 5 }, { { doubleValue = 0.5 }, 0.5 }, { { intValue = "x" }, "x" },
      { { arrayValue = { values = { { intValue = "1" }, { stringValue = "b" } } } }, { 1, "b" } },
      { { arrayValue = {} }, {} }, { { arrayValue = 5 }, {} },
      { { kvlistValue = { values = { { key = "a", value = { boolValue = true } }, { key = 5 } } } },
        { a = true } },
      { { other = 1 }, { other = 1 } }, { {}, {} }, { "a", "a" }, { 5, 5 },
    } do
      assert.same(case[2], values.any(case[1]))
    end
  end)

  it("are attributes in an array, or an object", function()
    assert.same({ a = 1, b = "plain" }, values.attributes { { key = "a", value = { intValue = 1 } },
      { key = "b", value = "plain" }, { key = "c" }, { value = 5 }, "x" })
    assert.same({ a = { intValue = 1 } }, values.attributes { a = { intValue = 1 } })
    for _, wrong in ipairs { 5, "x", true } do
      assert.same({}, values.attributes(wrong))
    end
  end)

  it("are identifiers", function()
    for _, case in ipairs { { "0x00ab", "00ab" }, { "AB", "AB" }, { 5, "5" },
      { 2 ^ 100, "1.2676506002282294e+30" } } do
      assert.equal(case[2], values.id(case[1]))
    end
    for _, none in ipairs { "", "0x", "0000000000000000", "0x0000", true, {} } do
      assert.is_nil(values.id(none))
    end
  end)

  it("are times to the nearest microsecond", function()
    for _, case in ipairs {
      { "1767261600123456500", 1767261600.123457 }, { "1767261600123456499", 1767261600.123456 },
      { "1767261600999999999", 1767261601 }, { "1544712660000000000", 1544712660 },
      { "1767261600", 1767261600 }, { 1767261600123456000, 1767261600.123456 },
      { { 1767261600, 123456499 }, 1767261600.123456 }, { "2026-01-01T10:00:00.5Z", 1767261600.5 },
    } do
      assert.equal(case[2], values.seconds(case[1]))
    end
    for _, none in ipairs { "", "0", 0, -1, "0000000000000000000", "9999999999999999999", true, {},
      { 1 }, { -1, 0 }, { 0, 0 }, { "1", "2" }, { 1e300, 1 }, 1e300, "x" } do
      assert.is_nil(values.seconds(none))
    end
  end)

  it("are durations between times that are known", function()
    assert.equal(0.001, values.duration_ms(1767261600.123456, 1767261600.123457))
    assert.equal(0, values.duration_ms(5, 5))
    assert.is_nil(values.duration_ms(5, 4))
    assert.is_nil(values.duration_ms(nil, 4))
    assert.is_nil(values.duration_ms(4, nil))
  end)

  it("are numbers, which may be text", function()
    assert.equal(12.5, values.number "12.5")
    assert.equal(0, values.number(0))
    for _, none in ipairs { "", "x", "-1", -1, true, {}, 0 / 0, math.huge } do
      assert.is_nil(values.number(none))
    end
  end)

  it("are arguments: JSON in a text, or a value, without a description", function()
    assert.same({ a = 1 }, values.args ' {"a":1,"description":"why"}')
    assert.same({ 1, 2 }, values.args "[1,2]")
    assert.same({ a = { description = 1 } }, values.args { a = { description = 1 },
      description = "why" })
    for _, same in ipairs { "{a}", "5", "text", "", 5, true } do
      assert.equal(same, values.args(same))
    end
  end)

  it("are types of errors, of which the end counts", function()
    assert.equal("TimeoutError", values.error_type "TimeoutError")
    assert.equal(("x"):rep(64), values.error_type(("x"):rep(64)))
    assert.equal("LastError", values.error_type(("package."):rep(9) .. "LastError"))
    assert.equal(("x"):rep(64), values.error_type(("x"):rep(65)))
    assert.equal("ENOENT", values.error_type "Error:ENOENT")
    assert.equal("ENOENT", values.error_type "Error_ENOENT")
    assert.equal("Error:other", values.error_type "Error:other")
    for _, none in ipairs { "", "_OTHER", 5, true, {} } do
      assert.is_nil(values.error_type(none))
    end
    for error_type, status in pairs { timeout = "timed_out", ["x.TimeoutError"] = "timed_out",
      timed_out = "timed_out", DEADLINE_EXCEEDED = "timed_out", AbortError = "cancelled",
      ["asyncio.CancelledError"] = "cancelled", canceled = "cancelled", ["500"] = "failed",
      tool_error = "failed", ConnectionAborted = "failed" } do
      assert.equal(status, values.status_of_error(error_type), error_type)
    end
    assert.equal("failed", values.status_of_error(nil))
  end)
end)
