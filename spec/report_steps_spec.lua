local clock = require("spec.support.clock")
local steps = require("exectrack.report.steps")

local START = clock.START_US / 1e6
local DAY = 86400

local function assert_length(seconds, text, length)
  local every = steps.interval(START, START + length, 24)
  assert.same({ seconds, text }, { every, steps.text(every) })
end

describe("intervals of time", function()
  it("are of lengths that people count in, up to 24 of them", function()
    assert_length(1, "1 s", 0)
    assert_length(1, "1 s", 23.9)
    assert_length(2, "2 s", 24)
    assert_length(5, "5 s", 48)
    assert_length(15, "15 s", 336)
    assert_length(60, "1 min", 720)
    assert_length(3600, "1 h", DAY - 1)
    assert_length(7200, "2 h", DAY)
    assert_length(DAY, "1 d", 20 * DAY)
    assert_length(28 * DAY, "28 d", 365 * DAY)
  end)

  it("count those that hold but a part of the time", function()
    assert.equal(2, steps.interval(0.5, 24, 24))
    assert.equal(1, steps.interval(0.5, 23.5, 24))
  end)

  it("grow without an end", function()
    assert.equal(128 * 28 * DAY, steps.interval(0, 4102444800, 24))
    assert.equal("3584 d", steps.text(128 * 28 * DAY))
    assert.equal(5, steps.at_least(3))
    assert.equal(56 * DAY, steps.at_least(29 * DAY))
  end)
end)
