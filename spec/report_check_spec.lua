local check = require("exectrack.report.check")
local reports = require("spec.support.reports")

local NAN, INF = 0 / 0, math.huge

local function assert_refused(expected, report)
  assert.same({ nil, expected }, { check(report) })
end

--- What is said of a field that is none of `names`, a list in quotes.
local function unknown(field, names)
  return ("unknown field '%s', not one of %s"):format(field, names)
end

--- A report with one section.
local function with_section(section)
  section.title = section.title or "s"
  return { title = "t", sections = { section } }
end

local function with_column(column, rows)
  return with_section { columns = { column }, rows = rows or {} }
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
    local names = "'title', 'subtitle', 'source', 'sections'"
    for field, report in pairs {
      a = { title = "t", sections = {}, z = 1, a = 2 },
      ["1"] = { title = "t", sections = {}, "x" },
      ["report.x"] = { title = "t", sections = {}, ["report.x"] = 1 },
      [ [[\x1b[0m\n]] ] = { sections = {}, ["\27[0m\n"] = 1 },
    } do
      assert_refused("report: " .. unknown(field, names), report)
    end
  end)
end)

describe("The source of a report", function()
  local function with_source(source)
    return { title = "t", source = source, sections = {} }
  end

  it("has files, a version, a time and what was chosen, or less", function()
    assert.is_true(check(with_source {}))
    assert.is_true(check(with_source { files = { "a.run" }, version = "1", taken = 0.5,
      chosen = "tool a" }))
  end)

  it("has nothing else", function()
    assert_refused("source.files[1]: a string expected, got 5", with_source { files = { 5 } })
    assert_refused("source.taken: a finite number expected, got nan", with_source { taken = NAN })
    assert_refused("source: "
      .. unknown("file", "'files', 'version', 'taken', 'chosen'"), with_source { file = "a" })
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
      with_section { chart = { kind = "bars", bars = { label = "a", value = 1 } } })
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
    assert_refused("sections[1]: "
      .. unknown("row", "'title', 'text', 'layout', 'columns', 'rows', 'limit', "
      .. "'noun', 'chart'"),
      with_section { row = {} })
  end)

  it("is laid out as a table or as figures", function()
    assert.is_true(check(with_section { layout = "table" }))
    assert.is_true(check(with_section { layout = "figures" }))
    assert_refused([[sections[1].layout: one of 'table', 'figures' expected, got 'a\n']],
      with_section { layout = "a\n" })
  end)

  it("may say how many of its rows are shown at first, and what they are", function()
    assert.is_true(check(with_section { columns = {}, rows = {}, limit = 0, noun = "tools" }))
    for shown, limit in pairs { ["-1"] = -1, ["1.5"] = 1.5, inf = INF, ["'5'"] = "5" } do
      assert_refused("sections[1].limit: an integer from 0 expected, got " .. shown,
        with_section { columns = {}, rows = {}, limit = limit })
    end
    assert_refused("sections[1].noun: a string expected, got 5", with_section { noun = 5 })
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
    assert.is_true(check(with_column { field = "a", bar = false, priority = 1 }))
    assert_refused(place .. ".priority: an integer from 1 expected, got 0",
      with_column { field = "a", priority = 0 })
    assert_refused(place .. ": " .. unknown("head", "'field', 'heading', 'unit', 'bar', "
      .. "'none', 'none_counts', 'priority', 'data_only'"),
      with_column { field = "a", head = "b" })
    for _, unit in ipairs { "ms", "percent", "change", "count", "time", "bytes", "name",
      "status", "place", "command" } do
      assert.is_true(check(with_column { field = "a", unit = unit, none = "(none)" }))
    end
    assert_refused(place .. ".unit: one of 'ms', 'percent', 'change', 'count', 'time', 'bytes', "
      .. "'name', 'status', 'place', 'command' expected, got 's'",
      with_column { field = "a", unit = "s" })
    assert_refused(place .. ".unit: one of 'ms', 'percent', 'change', 'count', 'time', 'bytes', "
      .. "'name', 'status', 'place', 'command' expected, got 5",
      with_column { field = "a", unit = 5 })
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
      with_column({ field = "\n\27", unit = "ms" }, { { ["\n\27"] = "\255" } }))
  end)
end)
