local needs = require("spec.support.needs")
local numbers = require("exectrack.numbers")
local portable = require("spec.support.portable")

describe("a number with digits behind the point", function()
  it("is the nearest, and halfway between two the one that is even", function()
    for text, number in pairs { ["0"] = 0.5, ["2"] = 1.5, ["-2"] = -2.5, ["4"] = 3.5, ["10"] = 9.5,
      ["100"] = 100.5, ["4503599627370496"] = 2 ^ 52 - 0.5, ["3"] = 2.5000000000000004 } do
      assert.equal(text, numbers.fixed(number, 0))
    end
    assert.equal("12.2", numbers.fixed(12.25, 1))
    assert.equal("-0.5", numbers.fixed(-0.45, 1)) -- a little more than that
    assert.equal("2.67", numbers.fixed(2.675, 2)) -- a little less
    assert.equal("0.12", numbers.fixed(0.125, 2))
    assert.equal("0.38", numbers.fixed(0.375, 2))
    assert.equal("1" .. ("0"):rep(22) .. ".0", numbers.fixed(1e22, 1))
    assert.equal("0.0", numbers.fixed(tonumber("-0.0"), 1))
    assert.same({ "0.00", "-0.01", "0", "-1" }, { numbers.fixed(-0.004, 2),
      numbers.fixed(-0.006, 2), numbers.fixed(-0.5, 0), numbers.fixed(-0.51, 0) })
  end)
end)

describe("a number with significant digits", function()
  it("is the nearest, and halfway between two the one that is even", function()
    assert.equal("0.001234", numbers.significant(0.001234, 4))
    assert.equal("-0.062", numbers.significant(-0.0625, 2))
    assert.equal("0.19", numbers.significant(0.1875, 2))
    assert.equal("3e+02", numbers.significant(295, 2))
    assert.equal("1.234e+15", numbers.significant(1234500000000000, 4))
    assert.equal("1e+04", numbers.significant(10005, 4))
    assert.equal("1.23e+04", numbers.significant(12305, 4))
    assert.equal("2.9802322387695312e-08", numbers.significant(2 ^ -25, 17))
    assert.equal("1234567.0004882812", numbers.significant(1234567 + 1 / 2048, 17))
  end)
end)

describe("a number as text", function()
  it("has all its digits if it is whole", function()
    for text, number in pairs { ["0"] = 0, ["-7"] = -7, ["3"] = 3.0, ["1000000000000000"] = 1e15,
      ["9007199254740992"] = 2 ^ 53, ["-9223372036854775808"] = -2 ^ 63 } do
      assert.equal(text, numbers.text(number))
    end
    assert.equal("0", numbers.text(tonumber("-0.0")))
    assert.equal("1" .. ("0"):rep(22), numbers.whole(1e22))
  end)

  it("has all digits of an integer that no float has", function()
    needs.integers(pending)
    assert.equal("9223372036854775807", numbers.text(portable.MAX_INTEGER))
    assert.equal("9007199254740993", numbers.text(9007199254740993))
  end)

  it("has else the fewest digits, from 14, that read back equal", function()
    for text, number in pairs { ["0.1"] = 0.1, ["-0.5"] = -0.5, ["0.3333333333333333"] = 1 / 3,
      ["0.30000000000000004"] = 0.1 + 0.2, ["0.123456789012345"] = 0.123456789012345,
      ["1767225600.123456"] = 1767225600.123456, ["1e-07"] = 1e-7, ["1e+300"] = 1e300,
      ["9.223372036854776e+18"] = 2 ^ 63, ["-9.223372036854778e+18"] = -2 ^ 63 - 2048,
      ["4.9406564584125e-324"] = 2 ^ -1074 } do
      assert.equal(text, numbers.text(number))
    end
  end)

  it("says what isn't finite", function()
    assert.equal("nan", numbers.text(0 / 0))
    assert.equal("inf", numbers.text(math.huge))
    assert.equal("-inf", numbers.text(-math.huge))
  end)

  it("has a point where the locale has something else", function()
    local format = string.format
    finally(function()
      string.format = format -- luacheck: ignore 122
    end)
    for _, point in ipairs { ",", "\217\171" } do
      string.format = function(...) -- luacheck: ignore 122
        return (format(...):gsub("%.", point))
      end
      assert.equal("-12.5", numbers.text(-12.5))
      assert.equal("9.3132257461547852e-10", numbers.text(2 ^ -30))
      assert.equal("0.25", numbers.fixed(0.25, 2))
    end
  end)
end)

describe("what tostring gives", function()
  it("is the same but for numbers", function()
    assert.equal("3", numbers.tostring(3.0))
    assert.equal("3.0", numbers.tostring("3.0"))
    assert.equal("false", numbers.tostring(false))
    assert.equal("nil", numbers.tostring(nil))
  end)
end)

describe("a number that is read", function()
  it("is in decimal digits", function()
    for _, number in ipairs { 0, 12, -1, 0.25, 1e3, 2.5e-6 } do
      assert.equal(number, numbers.read(numbers.text(number)))
    end
    for _, text in ipairs { "", "inf", "nan", "0x10", "0b1", "1 ", "1e", "-", "1-2" } do
      assert.is_nil(numbers.read(text))
    end
  end)
end)
