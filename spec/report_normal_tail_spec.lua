local normal_tail = require("exectrack.report.statistics.normal_tail")

local function assert_close(expected, actual)
  assert.is_true(math.abs(actual / expected - 1) < 1e-11, ("%.15g isn't %.15g"):format(actual,
    expected))
end

describe("the tail of the normal distribution", function()
  it("is half of it at its middle", function()
    assert.equal(0.5, normal_tail(0))
  end)

  -- To 12 digits; also in Abramowitz and Stegun, Handbook of Mathematical Functions, tables 26.1
  -- and 26.2.
  it("is as in tables", function()
    assert_close(0.308537538726, normal_tail(0.5))
    assert_close(0.158655253931, normal_tail(1))
    assert_close(0.0227501319482, normal_tail(2))
    assert_close(0.00134989803163, normal_tail(3))
    assert_close(2.86651571879e-07, normal_tail(5))
    assert_close(7.61985302416e-24, normal_tail(10))
    assert_close(2.75362411861e-89, normal_tail(20))
  end)

  it("has no step where the method changes", function()
    local below, above = normal_tail(3 - 1e-9), normal_tail(3)
    assert.is_true(below > above and below - above < 1e-11)
  end)

  it("vanishes far out", function()
    assert.equal(0, normal_tail(1000))
  end)
end)
