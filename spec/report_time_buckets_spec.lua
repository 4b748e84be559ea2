local clock = require("spec.support.clock")
local time_buckets = require("exectrack.report.parts.time_buckets")

local START = clock.START_US / 1e6

local function assert_length(seconds, text, length)
  local every, every_text = time_buckets(START, START + length)
  assert.same({ seconds, text }, { every, every_text })
end

describe("intervals of time", function()
  it("are of lengths that people count in, up to 24 of them", function()
    assert_length(1, "1 s", 0)
    assert_length(1, "1 s", 23.9)
    assert_length(2, "2 s", 24)
    assert_length(5, "5 s", 48)
    assert_length(15, "15 s", 336)
    assert_length(60, "1 min", 720)
    assert_length(3600, "1 h", 86399)
    assert_length(7200, "2 h", 86400)
    assert_length(86400, "1 d", 20 * 86400)
    assert_length(28 * 86400, "28 d", 365 * 86400)
  end)

  it("count those that hold but a part of the time", function()
    assert.same({ 2, "2 s" }, { time_buckets(0.5, 24) })
    assert.same({ 1, "1 s" }, { time_buckets(0.5, 23.5) })
  end)

  it("grow without an end", function()
    assert.same({ 128 * 28 * 86400, "3584 d" }, { time_buckets(0, 4102444800) })
  end)
end)
