local chart_table = require("exectrack.report.chart_table")
local reports = require("spec.support.reports")

local START = reports.START

--- The columns and rows of a chart, as one table.
local function table_of(chart)
  local columns, rows = chart_table(chart)
  return { columns = columns, rows = rows }
end

describe("The table of a chart", function()
  it("of bars has their labels and values", function()
    local bars = { { label = "a", value = 1.5 }, { label = "b", value = 0 } }
    assert.same({
      columns = {
        { field = "label", heading = "Bar" },
        { field = "value", heading = "Value", unit = "ms" },
      },
      rows = bars,
    }, table_of { kind = "bars", unit = "ms", bars = bars })
  end)

  it("of bars has their statuses if any has one", function()
    local bars = { { label = "a", value = 1 }, { label = "b", value = 2, status = "failed" } }
    assert.same({
      columns = {
        { field = "label", heading = "Bar" },
        { field = "value", heading = "Value" },
        { field = "status", heading = "Status", unit = "status" },
      },
      rows = bars,
    }, table_of { kind = "bars", bars = bars })
  end)

  it("of a timeline has its spans with their durations", function()
    assert.same({
      columns = {
        { field = "lane", heading = "Lane" },
        { field = "from", heading = "From", unit = "time" },
        { field = "duration_ms", heading = "Duration", unit = "ms" },
        { field = "status", heading = "Status", unit = "status" },
        { field = "label", heading = "Label" },
      },
      rows = {
        { lane = "a", from = START, duration_ms = 1500, status = "failed", label = "ENOENT" },
        { lane = "b", from = START, duration_ms = 0 },
        { lane = "c", from = START },
      },
    }, table_of { kind = "timeline", spans = {
      { lane = "a", from = START, to = START + 1.5, status = "failed", label = "ENOENT" },
      { lane = "b", from = START, to = START },
      { lane = "c", from = START, to = START, untimed = true },
    } })
  end)

  it("of a timeline has durations that are exact to the microsecond", function()
    local _, rows = chart_table { kind = "timeline", spans = {
      { lane = "a", from = START + 1.5, to = START + 1.6 },
      { lane = "a", from = START, to = START + 0.000001 },
      { lane = "a", from = START, to = START + 0.123456 },
      { lane = "a", from = -1e300, to = 1e300 },
    } }
    assert.equal(100, rows[1].duration_ms)
    assert.equal(0.001, rows[2].duration_ms)
    assert.equal(123.456, rows[3].duration_ms)
    assert.equal(2e303, rows[4].duration_ms)
  end)

  it("of a density has its counts", function()
    local cells = { { lane = "a", time = START, count = 3, failed = 1 } }
    assert.same({
      columns = {
        { field = "lane", heading = "Lane" },
        { field = "time", heading = "From", unit = "time" },
        { field = "count", heading = "Calls", unit = "count" },
        { field = "failed", heading = "Failed", unit = "count" },
      },
      rows = cells,
    }, table_of { kind = "density", every = 60, cells = cells })
  end)

  it("of a histogram has its buckets", function()
    local buckets = { { from = 1, to = 2, count = 3 } }
    assert.same({
      columns = {
        { field = "from", heading = "From", unit = "bytes" },
        { field = "to", heading = "To", unit = "bytes" },
        { field = "count", heading = "Count", unit = "count" },
      },
      rows = buckets,
    }, table_of { kind = "histogram", unit = "bytes", buckets = buckets })
  end)

  it("of lines has their points, one line after the other", function()
    assert.same({
      columns = {
        { field = "line", heading = "Line" },
        { field = "time", heading = "Time", unit = "time" },
        { field = "value", heading = "Value", unit = "percent" },
      },
      rows = {
        { line = "b", time = START, value = 1 },
        { line = "b", time = START + 1, value = 2 },
        { line = "a", time = START, value = 3 },
      },
    }, table_of { kind = "line", unit = "percent", lines = {
      { label = "b", points = { { time = START, value = 1 }, { time = START + 1, value = 2 } } },
      { label = "empty", points = {} },
      { label = "a", points = { { time = START, value = 3 } } },
    } })
  end)

  it("is empty for a chart without anything", function()
    for _, chart in ipairs { { kind = "bars", bars = {} }, { kind = "timeline", spans = {} },
      { kind = "histogram", buckets = {} }, { kind = "line", lines = {} } } do
      local columns, rows = chart_table(chart)
      assert.same({}, rows)
      assert.truthy(#columns >= 2)
    end
  end)
end)
