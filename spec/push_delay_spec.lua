local delay = require("exectrack.push.delay")

local NOW = "Thu, 01 Jan 2026 00:00:00 GMT"

local function after(value, date)
  return delay.seconds({ ["Retry-After"] = value, Date = date }, 1, "")
end

local BACKOFF = delay.seconds(nil, 1, "")

describe("the delay before another try", function()
  it("is what the receiver says, up to an hour", function()
    for expected, values in pairs { [0] = { "0", "000" }, [17] = { "17", 17, "\t17 " },
      [3600] = { "3600", "3601", ("9"):rep(400) } } do
      for _, value in ipairs(values) do
        assert.equal(expected, after(value))
      end
    end
  end)

  it("is up to the time that the receiver says, by its own clock", function()
    assert.equal(61, after("Thu, 01 Jan 2026 00:01:01 GMT", NOW))
    assert.equal(2, after("Sun, 01 Mar 2026 00:00:01 GMT", "Sat, 28 Feb 2026 23:59:59 GMT"))
    assert.equal(3600, after("Fri, 01 Jan 2027 00:00:00 GMT", NOW))
    assert.equal(0, after("Wed, 31 Dec 2025 23:59:59 GMT", NOW))
  end)

  it("is that of the failures if the receiver says nothing clear", function()
    assert.is_true(BACKOFF >= 0.5 and BACKOFF <= 1)
    for _, value in ipairs { "", "-1", "1.5", "5s", "soon", "0x10", "1e3",
      "Thu, 01 Foo 2026 00:00:01 GMT", "Thu, 32 Jan 2026 00:00:01 GMT",
      "Thu, 01 Jan 2026 25:00:01 GMT", "2026-01-01T00:00:01Z",
      "Thursday, 01-Jan-26 00:00:01 GMT" } do
      assert.equal(BACKOFF, after(value, NOW), value)
    end
    assert.equal(BACKOFF, after("Thu, 01 Jan 2026 00:01:01 GMT"))
    assert.equal(BACKOFF, after("Thu, 01 Jan 2026 00:01:01 GMT", "today"))
  end)

  it("grows up to a minute, and differs from process to process", function()
    for failures = 1, 2000 do
      local seconds, longest = delay.seconds(nil, failures, "a"), math.min(2 ^ (failures - 1), 64)
      assert.is_true(seconds >= longest / 2 and seconds <= longest)
    end
    local seen, count = {}, 0
    for i = 1, 100 do
      local seconds = delay.seconds(nil, 5, "run " .. i)
      count = count + (seen[seconds] and 0 or 1)
      seen[seconds] = true
    end
    assert.equal(100, count)
  end)
end)
