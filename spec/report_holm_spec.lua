local holm = require("exectrack.report.statistics.holm")

local function corrected(probabilities)
  local tests, result = {}, {}
  for i, p in ipairs(probabilities) do
    tests[i] = { p = p }
  end
  holm(tests)
  for i, test in ipairs(tests) do
    result[i] = test.p
  end
  return result
end

describe("Holm's correction", function()
  it("multiplies each probability by how many aren't smaller", function()
    assert.same({ 0.5, 0.0625, 0.1875, 0.5 }, corrected { 0.5, 0.015625, 0.0625, 0.25 })
  end)

  it("keeps their order, and none above 1", function()
    assert.same({ 0.75, 0.75, 0.75 }, corrected { 0.25, 0.3125, 0.375 })
    assert.same({ 1, 1 }, corrected { 0.75, 0.875 })
  end)

  it("treats equal probabilities alike", function()
    assert.same({ 0.25, 0.25, 0.25, 0.25 }, corrected { 0.0625, 0.0625, 0.0625, 0.0625 })
  end)

  it("does nothing to one test, or none", function()
    assert.same({ 0.03 }, corrected { 0.03 })
    assert.same({}, corrected {})
  end)
end)
