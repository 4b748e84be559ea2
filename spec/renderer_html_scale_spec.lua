local escape = require("exectrack.report.renderer.html_escape")
local reports = require("spec.support.reports")
local scale = require("exectrack.report.renderer.html_scale")

local START = reports.START

describe("the axes of charts", function()
  it("have round figures that include 0 and all values", function()
    assert.same({ 0, 5, 10, 15, 20 }, scale.figures(3, 17))
    assert.same({ -10, 0, 10, 20 }, scale.figures(-4, 17))
    assert.same({ -1, -0.5, 0 }, scale.figures(-1, -0.7))
    assert.same({ 0, 0.5, 1 }, scale.figures(0, 0))
    assert.same({ 0, 1 }, scale.figures(0, 1, "count"))
    assert.same({ 0, 15000, 30000, 45000 }, scale.figures(0, 42000, "ms"))
    assert.same({ 0, 0.01 }, scale.figures(0, 0.002, "ms"))
    assert.same({ 0, 0.001 }, scale.figures(0, 0.0001, "percent"))
    assert.same({ 0, 512, 1024, 1536, 2048 }, scale.figures(0, 1800, "bytes"))
    assert.same({ 0, 1 }, scale.figures(0, 0.5, "bytes"))
    assert.near(5e-6, scale.figures(0, 2e-5)[2], 1e-12) -- 10 ^ -6 is less than 1e-6
    assert.equal(2 ^ 29, scale.figures(0, 2 ^ 31, "bytes")[2]) -- its logarithm is above 29
  end)

  it("have round times between the first and the last", function()
    local hour, day = 3600, 86400
    for _, case in ipairs { { 10, 2 }, { 59, 10 }, { 60, 10 }, { 61, 15 }, { 0.05, 0.01 },
      { 3 * hour, 0.5 * hour }, { 3 * day, 0.5 * day }, { 30 * day, 7 * day },
      { 5000 * day, 896 * day } } do
      local values, step = scale.times(0, case[1])
      assert.near(case[2], step, 1e-12)
      assert.equal(0, values[1])
      assert.is_true(values[#values] <= case[1] and values[#values] + step > case[1])
    end
    assert.same({ { 20, 30, 40, 50, 60 }, 10 }, { scale.times(11, 61) })
  end)

  it("have what there is where round values can't be told apart, or are too large", function()
    assert.same({ { 5 }, 1 }, { scale.times(5, 5) })
    assert.same({ { 1e17 }, 1 }, { scale.times(1e17, 1e17 + 16) })
    assert.same({ -1.7e308, 1.7e308 }, scale.figures(-1.7e308, 1.7e308))
    assert.same({ 0, 5e-324 }, scale.figures(0, 5e-324))
  end)

  it("say of a time what the step asks for", function()
    assert.equal("00:00:01", scale.time_label(START + 1, 1, true))
    assert.equal("00:01", scale.time_label(START + 60, 60, true))
    assert.equal("01-01 00:01", scale.time_label(START + 60, 60, false))
    assert.equal("01-01 00:00:30", scale.time_label(START + 30, 30, false))
    assert.equal("2026-01-02", scale.time_label(START + 86400, 86400, false))
    assert.equal("00:00:01.0", scale.time_label(START + 0.999999, 0.1, true))
    assert.equal("00:00:00.25", scale.time_label(START + 0.25, 0.05, true))
    assert.equal("00:00:00.002000", scale.time_label(START + 0.002, 1e-7, true))
    assert.equal("-5 s", scale.time_label(-5, 1, true))
  end)
end)

describe("numbers in HTML", function()
  it("have few digits, and a point whatever the locale has", function()
    local format = string.format
    rawset(string, "format", function(...)
      return (format(...):gsub("%.", ","))
    end)
    local numbers = { escape.number(1.5), escape.number(100), escape.number(-0.001),
      escape.number(1 / 3), escape.percent(0.5), escape.number(10.10) }
    rawset(string, "format", format)
    assert.same({ "1.5", "100", "0", "0.33", "50%", "10.1" }, numbers)
  end)
end)
