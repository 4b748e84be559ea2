local made_up = require("spec.support.made_up")
local reports = require("exectrack.report")
local sections = require("spec.support.sections")
local over_time = require("exectrack.report.parts.over_time")

local START = 1767225600

local LINES = { { "errors", "error_rate" }, { "all", "count" } }

--- A run of executions `{ seconds from the start, status }`.
local function run(list, duration_ms)
  local records = {}
  for i, execution in ipairs(list) do
    records[i] = { tool = "a", timestamp = START + execution[1], status = execution[2],
      duration_ms = duration_ms }
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

  it("are those of intervals that begin at local midnight", function()
    local list = {}
    for day = 0, 19 do -- a second before midnight at +05:30, and midnight
      list[#list + 1] = { day * 86400 + 66599, day == 3 and "failed" or "success" }
      list[#list + 1] = day ~= 4 and { day * 86400 + 66600, "success" } or nil
    end
    local chart, length = over_time(run(list), "percent", LINES, { 0.5 }, 330)
    assert.equal("1 d", length)
    local errors, all = chart.lines[1].points, chart.lines[2].points
    for day = 0, 20 do
      local its = all[day + 1]
      assert.same({ START + day * 86400 - 19800, (day == 0 or day == 5 or day == 20) and 1 or 2 },
        { its.time, its.value })
      assert.equal(day == 3 and 0.5 or 0, errors[day + 1].value)
    end
    assert.equal(21, #all)
  end)

  it("begin at local times in all reports that draw them", function()
    local list = {}
    for day = 0, 19 do
      list[#list + 1] = { day * 86400 + 40000, "failed" }
    end
    for _, name in ipairs { "failures", "latency", "overview" } do
      local made = reports[name](run(list, 1),
        { timezone = 330, timeline = name == "overview" and 5 or nil })
      local chart = sections.find(made, "Over time").chart
      assert.is_true(chart.every >= 43200)
      assert.equal(0, ((chart.cells or chart.lines[1].points)[1].time + 19800) % chart.every)
    end
  end)

  it("aren't drawn of one interval, or of nothing that has a time", function()
    assert.is_nil(over_time(run { { 0, "failed" }, { 0.5, "success" } }, "percent", LINES))
    assert.is_nil(over_time(run {}, "percent", LINES))
  end)
end)
