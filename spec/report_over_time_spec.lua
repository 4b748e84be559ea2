local made_up = require("spec.support.made_up")
local over_time = require("exectrack.report.parts.over_time")

local START = 1767225600

local LINES = { { "errors", "error_rate" }, { "all", "count" } }

--- A run of executions `{ seconds from the start, status }`.
local function run(list)
  local records = {}
  for i, execution in ipairs(list) do
    records[i] = { tool = "a", timestamp = START + execution[1], status = execution[2] }
  end
  return made_up.run(records)
end

describe("figures over time", function()
  it("have no value where nothing was executed", function()
    local chart, length = over_time(run { { 0, "failed" }, { 7, "success" }, { 80, "success" },
      { 80.5, "failed" }, { 85, "cancelled" } }, "percent", LINES)
    assert.equal("5 s", length)
    assert.equal(5, chart.every)
    local shown = {}
    for i, point in ipairs(chart.lines[1].points) do
      assert.equal(START + (i - 1) * 5, point.time)
      shown[i] = point.value or "gap"
    end
    local gap = "gap"
    assert.same({ 1, 0, gap, gap, gap, gap, gap, gap, gap, gap, gap, gap, gap, gap, gap, gap, 0.5,
      gap }, shown) -- all of the last interval were cancelled
    assert.equal(1, chart.lines[2].points[18].value)
  end)

  it("aren't drawn of one interval, or of nothing that has a time", function()
    assert.is_nil(over_time(run { { 0, "failed" }, { 0.5, "success" } }, "percent", LINES))
    assert.is_nil(over_time(run {}, "percent", LINES))
  end)
end)
