local portable = require("spec.support.portable")
local time = require("exectrack.policy.time")

describe("the microseconds of a policy", function()
  it("are the nearest to seconds", function()
    for seconds, us in pairs { [0] = 0, [1.5] = 1500000, [1767225600.000001] = 1767225600000001,
      [1767225600.999999] = 1767225600999999, [0.0000004] = 0, [-0.000002] = -2 } do
      assert.equal(us, time.us_of_seconds(seconds))
      assert.is_true(portable.is_integer(time.us_of_seconds(seconds)))
    end
  end)

  it("are the nearest to milliseconds", function()
    for ms, us in pairs { [0] = 0, [1] = 1000, [0.0004] = 0, [0.0005] = 1, [8.0014] = 8001,
      [1e12] = 1000000000000000 } do
      assert.equal(us, time.us_of_ms(ms))
    end
  end)

  it("come back as seconds and as milliseconds, an integer when whole", function()
    assert.equal(1767225600.000001, time.seconds(1767225600000001))
    assert.equal(0.001, time.ms(1))
    assert.equal(-1.001, time.ms(-1001))
    for _, us in ipairs { 5000, 5000.0 } do
      assert.equal(5, time.ms(us))
      assert.is_true(portable.is_integer(time.ms(us)))
    end
    assert.equal(0, time.ms(0))
  end)

  it("are said so that waiting as long is long enough", function()
    for us, text in pairs { [0] = "0 ms", [1] = "1 ms", [1000] = "1 ms", [1001] = "2 ms",
      [999000] = "999 ms", [999001] = "1 s", [1000000] = "1 s", [1000001] = "1.1 s",
      [1100000] = "1.1 s", [1999999] = "2 s", [119900001] = "120 s", [5000000.0] = "5 s" } do
      assert.equal(text, time.text(us))
      assert.equal(text, time.text(time.rounded_up(us)))
    end
  end)

  it("says limits exactly", function()
    assert.equal("1 s", time.exact_text(1000000))
    assert.equal("1.5 s", time.exact_text(1500000))
    assert.equal("90 s", time.exact_text(90000000))
    assert.equal("1250 ms", time.exact_text(1250000))
    assert.equal("999 ms", time.exact_text(999000))
    assert.equal("0.001 ms", time.exact_text(1))
  end)
end)
