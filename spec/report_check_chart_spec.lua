local check = require("exectrack.report.check")

local NAN, INF = 0 / 0, math.huge
local PLACE = "sections[1].chart"

-- The fields of each kind.
local NAMES = {
  bars = "'kind', 'title', 'unit', 'bars'",
  timeline = "'kind', 'title', 'from', 'spans'",
  density = "'kind', 'title', 'every', 'cells'",
  histogram = "'kind', 'title', 'unit', 'buckets'",
  line = "'kind', 'title', 'unit', 'every', 'lines'",
}

local function assert_refused(expected, report)
  assert.same({ nil, expected }, { check(report) })
end

--- What is said of a field that is none of `names`, a list in quotes.
local function unknown(field, names)
  return ("unknown field '%s', not one of %s"):format(field, names)
end

--- A report with one section, which has this chart.
local function with_chart(chart)
  return { title = "t", sections = { { title = "s", chart = chart } } }
end

describe("A chart", function()
  it("is a table of one of five kinds", function()
    assert_refused(PLACE .. ": a table expected, got 'bars'", with_chart("bars"))
    local kinds = PLACE
      .. ".kind: one of 'bars', 'timeline', 'density', 'histogram', 'line' expected, got "
    assert_refused(kinds .. "nil", with_chart {})
    assert_refused(kinds .. "'pie'", with_chart { kind = "pie" })
  end)

  it("has what it draws, and nothing of another kind", function()
    for kind, field in pairs { bars = "bars", timeline = "spans", histogram = "buckets",
      line = "lines" } do
      assert.is_true(check(with_chart { kind = kind, title = "a", [field] = {} }))
      assert_refused(PLACE .. "." .. field .. ": an array expected, got nil",
        with_chart { kind = kind })
      assert_refused(PLACE .. "." .. field .. "[1]: a table expected, got 5",
        with_chart { kind = kind, [field] = { 5 } })
      assert_refused(PLACE .. ": " .. unknown("axis", NAMES[kind]),
        with_chart { kind = kind, [field] = {}, axis = 1 })
      assert_refused(PLACE .. ".title: a string expected, got 1",
        with_chart { kind = kind, [field] = {}, title = 1 })
    end
    assert_refused(PLACE .. ": " .. unknown("spans", NAMES.bars),
      with_chart { kind = "bars", bars = {}, spans = {} })
  end)

  it("has a unit of figures, but a timeline has none", function()
    for kind, field in pairs { bars = "bars", histogram = "buckets", line = "lines" } do
      for _, unit in ipairs { "ms", "percent", "count", "bytes" } do
        assert.is_true(check(with_chart { kind = kind, [field] = {}, unit = unit }))
      end
      assert_refused(PLACE .. ".unit: one of 'ms', 'percent', 'count', 'bytes' expected, "
        .. "got 'time'", with_chart { kind = kind, [field] = {}, unit = "time" })
    end
    assert_refused(PLACE .. ": " .. unknown("unit", NAMES.timeline),
      with_chart { kind = "timeline", spans = {}, unit = "ms" })
  end)

  --- Asserts what is said of each value in place of a field's of the one element, which has fields
  -- of these names.
  local function assert_element(chart, elements, element, names, cases)
    chart[elements] = { element }
    assert.is_true(check(with_chart(chart)))
    for expected, case in pairs(cases) do
      local field, value = case[1], element[case[1]]
      element[field] = case[2]
      assert_refused(("%s.%s[1].%s: %s"):format(PLACE, elements, field, expected),
        with_chart(chart))
      element[field] = value
    end
    element.other = 1
    assert_refused(("%s.%s[1]: %s"):format(PLACE, elements, unknown("other", names)),
      with_chart(chart))
  end

  it("of bars has labels and values from 0", function()
    assert_element({ kind = "bars" }, "bars", { label = "a", value = 0, status = "ok" },
      "'label', 'value', 'status'", {
        ["a string expected, got nil"] = { "label", nil },
        ["a string expected, got 5"] = { "status", 5 },
        ["a finite number from 0 expected, got nil"] = { "value", nil },
        ["a finite number from 0 expected, got -0.5"] = { "value", -0.5 },
        ["a finite number from 0 expected, got inf"] = { "value", INF },
        ["a finite number from 0 expected, got '1'"] = { "value", "1" },
      })
  end)

  it("of bars has no value that isn't a number", function()
    for _, value in ipairs { NAN, -NAN } do
      assert_refused(PLACE .. ".bars[2].value: a finite number from 0 expected, got nan",
        with_chart { kind = "bars", bars = {
          { label = "a", value = 1 }, { label = "b", value = value },
        } })
    end
  end)

  it("of a timeline has spans from a time to one that isn't before", function()
    assert_element({ kind = "timeline" }, "spans",
      { lane = "a", from = 1, to = 1, status = "ok", label = "b", untimed = false },
      "'lane', 'from', 'to', 'status', 'label', 'untimed'", {
        ["a boolean expected, got 1"] = { "untimed", 1 },
        ["a string expected, got nil"] = { "lane", nil },
        ["a string expected, got 1"] = { "status", 1 },
        ["a string expected, got boolean"] = { "label", true },
        ["a finite number expected, got nil"] = { "from", nil },
        ["a finite number expected, got inf"] = { "to", INF },
        ["a finite number expected, got -inf"] = { "from", -INF },
      })
    assert_refused(PLACE .. ".spans[2]: ends before it starts", with_chart {
      kind = "timeline",
      spans = { { lane = "a", from = 5, to = 6 }, { lane = "a", from = 2, to = 1.5 } },
    })
    assert.is_true(check(with_chart { kind = "timeline", spans = {
      { lane = "a", from = 5, to = 6 }, { lane = "a", from = 1, to = 2 },
    } }))
  end)

  it("of a density has counts of intervals, of which no more failed", function()
    assert_element({ kind = "density", every = 1 }, "cells",
      { lane = "a", time = 1, count = 2, failed = 2 }, "'lane', 'time', 'count', 'failed'", {
        ["a string expected, got nil"] = { "lane", nil },
        ["a finite number expected, got nil"] = { "time", nil },
        ["a finite number from 0 expected, got -1"] = { "count", -1 },
        ["a finite number from 0 expected, got inf"] = { "failed", INF },
      })
    local function with_cell(cell, every)
      return with_chart { kind = "density", every = every,
        cells = { { lane = "a", time = 0, count = 1 }, cell } }
    end
    assert_refused(PLACE .. ".every: a finite number above 0 expected, got nil",
      with_cell({ lane = "a", time = 1, count = 1 }))
    assert_refused(PLACE .. ".cells[2]: more failed than there are",
      with_cell({ lane = "a", time = 0, count = 1, failed = 2 }, 1))
    assert.is_true(check(with_cell({ lane = "a", time = 20000, count = 1 }, 2)))
    assert_refused(PLACE .. ".cells[2]: more than 10000 intervals after the first",
      with_cell({ lane = "a", time = 20002, count = 1 }, 2))
  end)

  it("of a histogram has ascending buckets with counts from 0", function()
    assert_element({ kind = "histogram" }, "buckets", { from = -1, to = 2, count = 0 },
      "'from', 'to', 'count'", {
        ["a finite number expected, got nil"] = { "from", nil },
        ["a finite number expected, got inf"] = { "to", INF },
        ["a finite number from 0 expected, got -1"] = { "count", -1 },
      })
    assert.is_true(check(with_chart { kind = "histogram", buckets = {
      { from = 1, to = 1, count = 1 }, { from = 1, to = 2, count = 0 },
    } }))
    for _, second in ipairs { { from = 0, to = 9, count = 1 }, { from = 2, to = 1, count = 1 } } do
      assert_refused(PLACE .. ".buckets[2]: out of order, ascending expected", with_chart {
        kind = "histogram", buckets = { { from = 1, to = 2, count = 1 }, second },
      })
    end
    assert_refused(PLACE .. ".buckets[1]: out of order, ascending expected", with_chart {
      kind = "histogram", buckets = { { from = 2, to = 1, count = 1 } },
    })
  end)

  it("of lines has points that ascend in time", function()
    assert_element({ kind = "line" }, "lines", { label = "a", points = {} }, "'label', 'points'", {
      ["a string expected, got nil"] = { "label", nil },
      ["an array expected, got nil"] = { "points", nil },
    })
    local function with_points(points)
      return with_chart { kind = "line", lines = {
        { label = "a", points = {} }, { label = "b", points = points },
      } }
    end
    assert_refused(PLACE .. ".every: a finite number above 0 expected, got 0",
      with_chart { kind = "line", every = 0, lines = {} })
    local points = PLACE .. ".lines[2].points"
    assert.is_true(check(with_points { { time = 1, value = -1 }, { time = 1 } })) -- a gap
    assert_refused(points .. "[2]: out of order, ascending expected",
      with_points { { time = 1, value = 0 }, { time = 0.5, value = 0 } })
    assert_refused(points .. "[1].time: a finite number expected, got nil",
      with_points { { value = 0 } })
    assert_refused(points .. "[1].value: a finite number expected, got inf",
      with_points { { time = 1, value = INF } })
    assert_refused(points .. "[1]: " .. unknown("x", "'time', 'value'"),
      with_points { { time = 1, value = 0, x = 1 } })
  end)
end)
