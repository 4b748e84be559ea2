local html = require("exectrack.report.renderer.html_markup")
local svg = require("exectrack.report.renderer.html_svg")

describe("the axes of charts", function()
  it("have round figures that include 0 and all values", function()
    assert.same({ 0, 5, 10, 15, 20 }, svg.round_figures(3, 17))
    assert.same({ -10, 0, 10, 20 }, svg.round_figures(-4, 17))
    assert.same({ -1, -0.5, 0 }, svg.round_figures(-1, -0.7))
    assert.same({ 0, 0.5, 1 }, svg.round_figures(0, 0))
    assert.same({ 0, 1 }, svg.round_figures(0, 1, "count"))
    assert.same({ 0, 15000, 30000, 45000 }, svg.round_figures(0, 42000, "ms"))
    assert.same({ 0, 0.01 }, svg.round_figures(0, 0.002, "ms"))
    assert.same({ 0, 0.001 }, svg.round_figures(0, 0.0001, "percent"))
    assert.same({ 0, 512, 1024, 1536, 2048 }, svg.round_figures(0, 1800, "bytes"))
    assert.same({ 0, 1 }, svg.round_figures(0, 0.5, "bytes"))
    assert.near(5e-6, svg.round_figures(0, 2e-5)[2], 1e-12) -- 10 ^ -6 is less than 1e-6
    assert.equal(2 ^ 29, svg.round_figures(0, 2 ^ 31, "bytes")[2]) -- its logarithm is above 29
  end)

  it("have what there is where round figures can't be told apart, or are too large", function()
    assert.same({ -1.7e308, 1.7e308 }, svg.round_figures(-1.7e308, 1.7e308))
    assert.same({ 0, 5e-324 }, svg.round_figures(0, 5e-324))
  end)
end)

describe("numbers in HTML", function()
  it("have few digits, and a point whatever the locale has", function()
    local format = string.format
    rawset(string, "format", function(...)
      return (format(...):gsub("%.", ","))
    end)
    local numbers = { html.number(1.5), html.number(100), html.number(-0.001),
      html.number(1 / 3), html.percent(0.5), html.number(10.10) }
    rawset(string, "format", format)
    assert.same({ "1.5", "100", "0", "0.33", "50%", "10.1" }, numbers)
  end)
end)
