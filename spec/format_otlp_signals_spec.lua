local signals = require("exectrack.format.otlp_signals")

describe("signals", function()
  it("are known for each object of calls", function()
    local calls, other = {}, {}
    assert.equal(signals.of(calls), signals.of(calls))
    assert.not_equal(signals.of(calls), signals.of(other))
  end)

  it("tell about a call if they did first, and always about one without an identifier", function()
    local told = signals.of {}
    assert.is_true(told:takes("span", "s", "a"))
    assert.is_false(told:takes("event", "s", "a"))
    assert.is_true(told:takes("span", "s", "a"))
    assert.is_true(told:takes("event", "t", "a"))
    assert.is_true(told:takes("event", nil, "a"))
    assert.is_false(told:takes("span", nil, "a"))
    assert.is_true(told:takes("event", "s", nil))
    assert.is_true(told:takes("span", "s", nil))
  end)
end)
