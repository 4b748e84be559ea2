local check = require("exectrack.report.check")
local reports = require("spec.support.reports")

local NAN, INF = 0 / 0, math.huge

local function assert_refused(expected, report)
  assert.same({ nil, expected }, { check(report) })
end

--- A report with one section.
local function with_section(section)
  section.title = section.title or "s"
  return { title = "t", sections = { section } }
end

local function with_column(column, rows)
  return with_section { columns = { column }, rows = rows or {} }
end

local function with_chart(chart)
  return with_section { chart = chart }
end

describe("A report", function()
  it("passes with all that it may have", function()
    assert.is_true(check(reports.sample()))
    assert.is_true(check(reports.hostile()))
    assert.equal(1, select("#", check(reports.sample())))
  end)

  it("passes with as little as it must have", function()
    assert.is_true(check { title = "", sections = {} })
    assert.is_true(check(with_section {}))
    assert.is_true(check(with_section { columns = {}, rows = { {} } }))
  end)

  it("is a table with a title and sections", function()
    assert_refused("report: a table expected, got nil", nil)
    assert_refused("report: a table expected, got function", print)
    assert_refused("title: a string expected, got nil", { sections = {} })
    assert_refused("title: a string expected, got 5", { title = 5, sections = {} })
    assert_refused("subtitle: a string expected, got boolean",
      { title = "t", subtitle = true, sections = {} })
    assert_refused("sections: an array expected, got nil", { title = "t" })
    assert_refused("sections: an array expected, got 'x'", { title = "t", sections = "x" })
  end)

  it("has no other fields: the first of them, in the order of their text, is named", function()
    assert_refused("report: unknown field 'a'", { title = "t", sections = {}, z = 1, a = 2 })
    assert_refused("report: unknown field '1'", { title = "t", sections = {}, "x" })
    assert_refused("report: unknown field 'report.x'",
      { title = "t", sections = {}, ["report.x"] = 1 })
    assert_refused([[report: unknown field '\x1b[0m\n']], { sections = {}, ["\27[0m\n"] = 1 })
  end)
end)

describe("An array of a report", function()
  local FAULT = ": an array expected, got a table with holes or other keys"

  it("has no other keys", function()
    assert_refused("sections" .. FAULT, { title = "t", sections = { title = "s" } })
    assert_refused("sections[1].rows" .. FAULT, with_column({ field = "a" }, { a = 1 }))
    assert_refused("sections[1].rows" .. FAULT, with_column({ field = "a" }, { n = 1, {} }))
    assert_refused("sections[1].columns" .. FAULT,
      with_section { columns = { field = "a" }, rows = {} })
    assert_refused("sections[1].chart.bars" .. FAULT,
      with_chart { kind = "bars", bars = { label = "a", value = 1 } })
  end)

  it("has no holes", function()
    assert_refused("sections[1].rows" .. FAULT, with_column({ field = "a" }, { {}, nil, {} }))
    assert_refused("sections[1].rows" .. FAULT, with_column({ field = "a" }, { [2] = {} }))
  end)
end)

describe("A section", function()
  it("is a table with a title", function()
    assert_refused("sections[2]: a table expected, got 'x'",
      { title = "t", sections = { { title = "s" }, "x" } })
    assert_refused("sections[1].title: a string expected, got nil",
      { title = "t", sections = { {} } })
    assert_refused("sections[1].text: a string expected, got table", with_section { text = {} })
    assert_refused("sections[1]: unknown field 'row'", with_section { row = {} })
  end)

  it("is laid out as a table or as figures", function()
    assert.is_true(check(with_section { layout = "table" }))
    assert.is_true(check(with_section { layout = "figures" }))
    assert_refused([[sections[1].layout: one of 'table', 'figures' expected, got 'a\n']],
      with_section { layout = "a\n" })
  end)

  it("has columns and rows, or neither", function()
    local expected = "sections[1]: columns and rows expected, or neither"
    assert_refused(expected, with_section { columns = {} })
    assert_refused(expected, with_section { rows = {} })
  end)
end)

describe("A column", function()
  it("has a field", function()
    assert_refused("sections[1].columns[1].field: a string expected, got nil", with_column {})
    assert_refused("sections[1].columns[1].field: a string expected, got 1",
      with_column { field = 1 })
    assert_refused("sections[1].columns[1]: a table expected, got 'a'", with_column("a"))
  end)

  it("may have a heading, a unit and bars", function()
    local place = "sections[1].columns[1]"
    assert_refused(place .. ".heading: a string expected, got 5",
      with_column { field = "a", heading = 5 })
    assert_refused(place .. ".bar: a boolean expected, got 1", with_column { field = "a", bar = 1 })
    assert_refused(place .. ": unknown field 'head'", with_column { field = "a", head = "b" })
    for _, unit in ipairs { "ms", "percent", "count", "time", "bytes", "status" } do
      assert.is_true(check(with_column { field = "a", unit = unit }))
    end
    assert_refused(place .. ".unit: one of 'ms', 'percent', 'count', 'time', 'bytes', 'status' "
      .. "expected, got 's'", with_column { field = "a", unit = "s" })
    assert_refused(place .. ".unit: one of 'ms', 'percent', 'count', 'time', 'bytes', 'status' "
      .. "expected, got 5", with_column { field = "a", unit = 5 })
  end)
end)

describe("A row", function()
  it("is a table", function()
    assert_refused("sections[1].rows[2]: a table expected, got 'x'",
      with_column({ field = "a" }, { {}, "x" }))
  end)

  it("has strings, numbers and booleans", function()
    for _, value in ipairs { "", 0, 1.5, NAN, INF, true, false } do
      assert.is_true(check(with_column({ field = "a" }, { { a = value } })))
      assert.is_true(check(with_column({ field = "a", unit = "status" }, { { a = value } })))
    end
    assert_refused("sections[1].rows[1].a: a string, a number or a boolean expected, got table",
      with_column({ field = "a" }, { { a = {} } }))
    assert_refused("sections[1].rows[2].a: a string, a number or a boolean expected, got function",
      with_column({ field = "a", unit = "status" }, { {}, { a = print } }))
  end)

  it("has numbers where the column has a unit, or nothing", function()
    for _, unit in ipairs { "ms", "percent", "count", "time", "bytes" } do
      assert.is_true(check(with_column({ field = "a", unit = unit }, { { a = 5 }, { a = NAN } })))
      assert.is_true(check(with_column({ field = "a", unit = unit }, { {} })))
      assert_refused("sections[1].rows[1].a: a number expected, got '5'",
        with_column({ field = "a", unit = unit }, { { a = "5" } }))
      assert_refused("sections[1].rows[1].a: a number expected, got boolean",
        with_column({ field = "a", unit = unit }, { { a = false } }))
    end
  end)

  it("may have anything in fields that no column names", function()
    assert.is_true(check(with_column({ field = "a" }, { { a = 1, b = {}, [1] = print } })))
  end)

  it("is named on one line, whatever its field is called", function()
    assert_refused([[sections[1].rows[1].\n\x1b: a number expected, got '\xff']],
      with_column({ field = "\n\27", unit = "ms" }, { { ["\n\27"] = "\xFF" } }))
  end)
end)

describe("A chart", function()
  local place = "sections[1].chart"

  it("is a table of one of four kinds", function()
    assert_refused(place .. ": a table expected, got 'bars'", with_chart("bars"))
    local kinds = place .. ".kind: one of 'bars', 'timeline', 'histogram', 'line' expected, got "
    assert_refused(kinds .. "nil", with_chart {})
    assert_refused(kinds .. "'pie'", with_chart { kind = "pie" })
  end)

  it("has what it draws, and nothing of another kind", function()
    for kind, field in pairs { bars = "bars", timeline = "spans", histogram = "buckets",
      line = "lines" } do
      assert.is_true(check(with_chart { kind = kind, title = "a", [field] = {} }))
      assert_refused(place .. "." .. field .. ": an array expected, got nil",
        with_chart { kind = kind })
      assert_refused(place .. "." .. field .. "[1]: a table expected, got 5",
        with_chart { kind = kind, [field] = { 5 } })
      assert_refused(place .. ": unknown field 'axis'",
        with_chart { kind = kind, [field] = {}, axis = 1 })
      assert_refused(place .. ".title: a string expected, got 1",
        with_chart { kind = kind, [field] = {}, title = 1 })
    end
    assert_refused(place .. ": unknown field 'spans'",
      with_chart { kind = "bars", bars = {}, spans = {} })
  end)

  it("has a unit of figures, but a timeline has none", function()
    for kind, field in pairs { bars = "bars", histogram = "buckets", line = "lines" } do
      for _, unit in ipairs { "ms", "percent", "count", "bytes" } do
        assert.is_true(check(with_chart { kind = kind, [field] = {}, unit = unit }))
      end
      assert_refused(place .. ".unit: one of 'ms', 'percent', 'count', 'bytes' expected, "
        .. "got 'time'", with_chart { kind = kind, [field] = {}, unit = "time" })
    end
    assert_refused(place .. ": unknown field 'unit'",
      with_chart { kind = "timeline", spans = {}, unit = "ms" })
  end)

  --- Asserts what is said of each value in place of a field's of the one element.
  local function assert_element(chart, elements, element, cases)
    chart[elements] = { element }
    assert.is_true(check(with_chart(chart)))
    for expected, case in pairs(cases) do
      local field, value = case[1], element[case[1]]
      element[field] = case[2]
      assert_refused(("%s.%s[1].%s: %s"):format(place, elements, field, expected),
        with_chart(chart))
      element[field] = value
    end
    element.other = 1
    assert_refused(("%s.%s[1]: unknown field 'other'"):format(place, elements), with_chart(chart))
  end

  it("of bars has labels and values from 0", function()
    assert_element({ kind = "bars" }, "bars", { label = "a", value = 0, status = "ok" }, {
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
      assert_refused(place .. ".bars[2].value: a finite number from 0 expected, got nan",
        with_chart { kind = "bars", bars = {
          { label = "a", value = 1 }, { label = "b", value = value },
        } })
    end
  end)

  it("of a timeline has spans from a time to one that isn't before", function()
    assert_element({ kind = "timeline" }, "spans",
      { lane = "a", from = 1, to = 1, status = "ok", label = "b" }, {
        ["a string expected, got nil"] = { "lane", nil },
        ["a string expected, got 1"] = { "status", 1 },
        ["a string expected, got boolean"] = { "label", true },
        ["a finite number expected, got nil"] = { "from", nil },
        ["a finite number expected, got inf"] = { "to", INF },
        ["a finite number expected, got -inf"] = { "from", -INF },
      })
    assert_refused(place .. ".spans[2]: ends before it starts", with_chart {
      kind = "timeline",
      spans = { { lane = "a", from = 5, to = 6 }, { lane = "a", from = 2, to = 1.5 } },
    })
    assert.is_true(check(with_chart { kind = "timeline", spans = {
      { lane = "a", from = 5, to = 6 }, { lane = "a", from = 1, to = 2 },
    } }))
  end)

  it("of a histogram has ascending buckets with counts from 0", function()
    assert_element({ kind = "histogram" }, "buckets", { from = -1, to = 2, count = 0 }, {
      ["a finite number expected, got nil"] = { "from", nil },
      ["a finite number expected, got inf"] = { "to", INF },
      ["a finite number from 0 expected, got -1"] = { "count", -1 },
    })
    assert.is_true(check(with_chart { kind = "histogram", buckets = {
      { from = 1, to = 1, count = 1 }, { from = 1, to = 2, count = 0 },
    } }))
    for _, second in ipairs { { from = 0, to = 9, count = 1 }, { from = 2, to = 1, count = 1 } } do
      assert_refused(place .. ".buckets[2]: out of order", with_chart {
        kind = "histogram", buckets = { { from = 1, to = 2, count = 1 }, second },
      })
    end
    assert_refused(place .. ".buckets[1]: out of order", with_chart {
      kind = "histogram", buckets = { { from = 2, to = 1, count = 1 } },
    })
  end)

  it("of lines has points that ascend in time", function()
    assert_element({ kind = "line" }, "lines", { label = "a", points = {} }, {
      ["a string expected, got nil"] = { "label", nil },
      ["an array expected, got nil"] = { "points", nil },
    })
    local function with_points(points)
      return with_chart { kind = "line", lines = {
        { label = "a", points = {} }, { label = "b", points = points },
      } }
    end
    local points = place .. ".lines[2].points"
    assert.is_true(check(with_points { { time = 1, value = -1 }, { time = 1, value = 0 } }))
    assert_refused(points .. "[2]: out of order",
      with_points { { time = 1, value = 0 }, { time = 0.5, value = 0 } })
    assert_refused(points .. "[1].time: a finite number expected, got nil",
      with_points { { value = 0 } })
    assert_refused(points .. "[1].value: a finite number expected, got inf",
      with_points { { time = 1, value = INF } })
    assert_refused(points .. "[1]: unknown field 'x'",
      with_points { { time = 1, value = 0, x = 1 } })
  end)
end)
