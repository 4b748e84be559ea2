local field = require("exectrack.format.field")
local random = require("spec.support.random")

describe("a duration in a format", function()
  it("is in milliseconds to the microsecond, without zeros at the end", function()
    for text, ms in pairs { ["0"] = 0, ["12"] = 12, ["12.3"] = 12.3, ["12.34"] = 12.34,
      ["12.345"] = 12.345, ["0.001"] = 0.001, ["0.01"] = 0.01, ["0.1"] = 0.1, ["100.01"] = 100.01,
      ["99999999999.999"] = 99999999999.999, ["1099511627776"] = 2 ^ 40,
      ["4503599627370.496"] = 2 ^ 52 / 1000, ["1000"] = 1e3, ["2"] = 1.9996,
      ["4468701196406.646"] = 4468701196406.6464844 } do
      assert.equal(text, field.duration(ms))
    end
  end)

  it("is read back as it is recorded, whatever it is", function()
    random.seed("format_field_spec")
    for _ = 1, 2000 do
      local us = random.integer(0, 2 ^ random.integer(1, 52))
      assert.equal(us / 1000, tonumber(field.duration(us / 1000)))
    end
  end)
end)

describe("a time in a format", function()
  it("is in seconds, with six digits", function()
    for text, seconds in pairs { ["0.000000"] = 0, ["0.000001"] = 1e-6,
      ["1767225600.123456"] = 1767225600.123456, ["1767225600.999999"] = 1767225600.999999,
      ["1767225600.500000"] = 1767225600.5, ["9223372036854.000000"] = 9223372036854,
      ["2147483649.000000"] = 2 ^ 31 + 1 - 2 ^ -21 } do
      assert.equal(text, field.time(seconds))
    end
  end)

  it("is read back as it is recorded, whatever it is", function()
    random.seed("format_field_spec")
    for _ = 1, 2000 do
      local us = random.integer(0, 2 ^ random.integer(1, 52))
      assert.equal(us / 1e6, tonumber(field.time(us / 1e6)))
    end
  end)
end)
