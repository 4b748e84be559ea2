local decimal = require("exectrack.format.decimal")
local exectrack = require("exectrack")

describe("decimal numbers", function()
  it("have all digits of whole numbers", function()
    assert.equal("9223372036854775807", decimal.whole("9223372036854775807"))
    assert.equal("9007199254740991", decimal.whole(2 ^ 53 - 1))
    assert.equal("9007199254740993", decimal.scaled("9007199254740993", 1))
  end)

  it("are differences with all digits", function()
    assert.equal("0", decimal.difference(0, 0))
    assert.equal("7", decimal.difference(10, 3))
    assert.equal("999999999", decimal.difference(1e9, 1))
    assert.equal("1000000000", decimal.difference("1000000000", 0))
    assert.equal("9007199254740992", decimal.difference("9007199254740993", 1))
    assert.equal("9223372036000000000", decimal.difference("9223372036854775807", 854775807))
    assert.equal("1", decimal.difference("9223372036854775807", "9223372036854775806"))
    assert.equal("0", decimal.difference("9223372036854775807", "9223372036854775807"))
  end)

  it("are multiples of a scale", function()
    assert.equal("0.75", decimal.scaled(750000, 1e-6))
    assert.equal("9007199254740992000", decimal.scaled("9007199254740992", 1000))
    assert.equal("0", decimal.scaled(0, 0.1))
    assert.equal("15", decimal.scaled("15000000000", 1e-9))
    assert.equal("4.9406564584125e-324", decimal.scaled(1, 5e-324))
    assert.equal("1.7976931348623157e+308", decimal.scaled(300000000, 1e300))
  end)

  it("are what the run itself says of its measures", function()
    for _, scale in ipairs { 1e-6, 0.007, 1 / 3, 0.25, 3, 1e9, 1e300 } do
      local tracker = exectrack.new { measures = { { name = "m", scale = scale } } }
      for _, parts in ipairs { 1, 3, 2000, 1e6, 123456789 } do
        tracker:record { tool = "a", status = "success", measures = { m = parts * scale } }
        local sum = tracker:snapshot():to_table().tools[1].measures[1].sum
        assert.equal(tracker:measure_total("m"), tonumber(decimal.scaled(sum, scale)))
      end
    end
  end)

  it("are seconds, exact to the microsecond", function()
    assert.equal("0", decimal.seconds(0))
    assert.equal("0.000001", decimal.seconds(1))
    assert.equal("0.1", decimal.seconds(100000))
    assert.equal("10", decimal.seconds(10000000))
    assert.equal("1000.05", decimal.seconds(1000050000))
    assert.equal("9223372036854.775807", decimal.seconds("9223372036854775807"))
  end)

  it("are nanoseconds, of 64 bits at most", function()
    assert.equal("1767225600000001000", decimal.nanoseconds(1767225600, 1))
    assert.equal("0", decimal.nanoseconds(0, 0))
    assert.equal("999999000", decimal.nanoseconds(0, 999999))
    assert.equal("18446744073709551000", decimal.nanoseconds(18446744073, 709551))
    assert.equal("18446744073709551615", decimal.nanoseconds(18446744073, 709552))
    assert.equal("18446744073709551615", decimal.nanoseconds(18446744074, 0))
  end)
end)
