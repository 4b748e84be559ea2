local stratified = require("exectrack.report.statistics.stratified")

--- The same stratum `count` times: of 10 each, so many are marked.
local function strata(count, marked_a, marked_b)
  local list = {}
  for i = 1, count do
    list[i] = { marked_a = marked_a, count_a = 10, marked_b = marked_b, count_b = 10 }
  end
  return list
end

describe("the test of shares in strata", function()
  it("adds up what is beyond the expected, and its variance", function()
    -- 4 strata: 3 expected, 4 found; variance 6 * 14 * 100 / 400 / 19 each
    local p, least_p, excess = stratified(strata(4, 2, 4))
    assert.equal(4, excess)
    assert.equal("0.0960", ("%.4f"):format(p)) -- z = 3.5 / sqrt(4 * 1.105263) = 1.6646
    assert.equal("4.5e-08", ("%.1e"):format(least_p)) -- z = 11.5 / sqrt(4 * 1.105263) = 5.4694
  end)

  it("takes no share that differs between strata for one between samples", function()
    local p, _, excess = stratified {
      { marked_a = 80, count_a = 100, marked_b = 16, count_b = 20 },
      { marked_a = 4, count_a = 20, marked_b = 20, count_b = 100 },
    }
    assert.is_true(math.abs(excess) < 1e-9 and p == 1)
  end)

  it("knows nothing of too few", function()
    assert.is_nil(stratified(strata(4, 0, 2)))
    assert.is_nil(stratified {})
    assert.is_number((stratified(strata(5, 0, 2))))
  end)
end)
