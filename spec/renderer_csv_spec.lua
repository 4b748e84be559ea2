local golden = require("spec.support.golden")
local render = require("exectrack.report.renderer.csv")
local reports = require("spec.support.reports")

local START = reports.START

local function report(sections)
  return { title = "t", sections = sections }
end

--- A section with one column and its values.
local function section(title, column, ...)
  local rows = {}
  for i, value in ipairs { ... } do
    rows[i] = { [column.field] = value }
  end
  return { title = title, columns = { column }, rows = rows }
end

local function lines(...)
  return table.concat({ ... }, "\r\n") .. "\r\n"
end

describe("A report as CSV", function()
  it("has the rows and charts of all sections", function()
    golden.assert_equal("sample.csv", render(reports.sample()))
  end)

  it("is harmless text, whatever the report says", function()
    local csv = render(reports.hostile())
    for _, separators in ipairs { ",\r\n", ";\r\n", "\t\r\n" } do
      for cell in (csv .. "\n"):gmatch("([^" .. separators .. "]*)[" .. separators .. "]") do
        assert.is_nil(cell:gsub("＝", "="):find("^[ \"]*[=+@-]"), cell)
      end
    end
    assert.is_nil(csv:find("[%z\1-\8\11\12\14-\31\127]"))
  end)

  it("has each field once, in the order in which they come", function()
    assert.equal(lines("section,b,a,c", "one,1,2,", "two,,4,3"), render(report {
      { title = "one", columns = { { field = "b" }, { field = "a" }, { field = "b" } },
        rows = { { a = 2, b = 1 } } },
      { title = "text", text = "alone" },
      { title = "two", columns = { { field = "c" }, { field = "a" } },
        rows = { { a = 4, b = 5, c = 3 } } },
    }))
  end)

  it("has no lines for sections of text, and no fields without sections", function()
    assert.equal(lines("section"), render(report {}))
    assert.equal(lines("section"), render(report { { title = "a", text = "b" } }))
    assert.equal(lines("section,b"), render(report { section("a", { field = "b" }) }))
  end)

  it("leaves a field that is called section its name", function()
    assert.equal(lines("section_title,section", "a,x"),
      render(report { section("a", { field = "section" }, "x") }))
    assert.equal(lines("section_title_title,section_title,section", "a,y,", "b,,x"),
      render(report { section("a", { field = "section_title" }, "y"),
        section("b", { field = "section" }, "x") }))
    assert.equal(lines("section", "x"),
      render(report { section("a", { field = "section" }, "x") }, { section = "a" }))
  end)

  it("has headers and titles that are no formulas", function()
    assert.equal(lines("section,'=b,\"\"", "'@a,1,", '"",,2'), render(report {
      section("@a", { field = "=b", heading = "B" }, 1), section("", { field = "" }, 2),
    }))
  end)

  it("has all rows, whatever others show at first, and an empty cell for a gap", function()
    local one = section("a", { field = "b" }, 1, 2, 3)
    one.limit = 2
    assert.equal(lines("section,b", "a,1", "a,2", "a,3"), render(report { one }))
    assert.equal(lines("section,line,time,value", "a,b,1970-01-01T00:00:01.000000Z,2",
      "a,b,1970-01-01T00:00:02.000000Z,"), render(report { { title = "a", chart = {
        kind = "line", lines = { { label = "b", points = { { time = 1, value = 2 },
          { time = 2 } } } } } } }))
  end)

  it("has commands that can be pasted, unless they hold a formula", function()
    assert.equal(lines("section,run", "a,exectrack report a.run --tool 'x -y'",
      [[a,"exectrack report a.run --tool 'x;'-y'"]]), render(report { section("a",
      { field = "run", unit = "command" }, "exectrack report a.run --tool 'x -y'",
      "exectrack report a.run --tool 'x;-y'") }))
  end)

  it("has a byte-order mark if that is asked for", function()
    local made = report { section("a", { field = "b" }, 1) }
    assert.equal("\239\187\191" .. lines("section,b", "a,1"), render(made, { bom = true }))
    assert.equal("\239\187\191" .. lines("b", "1"), render(made, { bom = true, section = 1 }))
    assert.same({ nil, "option 'bom': true or false expected, got 1" },
      { render(made, { bom = 1 }) })
  end)

  it("has the rows of a section that has a chart, too", function()
    assert.equal(lines("line", "p50", "p95"), render(reports.sample(), { section = "Line" }))
  end)
end)

describe("A section as CSV", function()
  it("is chosen by its title", function()
    assert.equal(lines("count,error_rate,total_ms,label", "12345,0.125,65000,nightly"),
      render(reports.sample(), { section = "Totals" }))
    assert.equal(lines("a"), render(reports.sample(), { section = "No rows" }))
  end)

  it("is chosen by its number", function()
    assert.equal(lines("a"), render(reports.sample(), { section = 4 }))
    assert.equal(lines("a"), render(reports.sample(), { section = 4.0 }))
  end)

  it("is the first with a table of several of the same title", function()
    assert.equal(lines("b", "1"), render(report {
      { title = "a", text = "alone" }, section("a", { field = "b" }, 1),
      section("a", { field = "c" }, 2),
    }, { section = "a" }))
  end)

  it("is a number in text if it is called so", function()
    local made = report { section("2", { field = "b" }), section("1", { field = "c" }) }
    assert.equal(lines("c"), render(made, { section = "1" }))
    assert.equal(lines("b"), render(made, { section = 1 }))
  end)

  it("without rows is the table of its chart", function()
    local sample = reports.sample()
    assert.equal(lines("label,value,status", "llm,1200,", "read_file,12.5,success",
      "none,0,failed"), render(sample, { section = "Bars" }))
    assert.equal(lines("lane,from,duration_ms,status,label",
      "llm,2026-01-01T00:00:00.000000Z,1500,success,",
      "read_file,2026-01-01T00:00:01.500000Z,100,failed,ENOENT",
      "read_file,2026-01-01T00:00:01.700000Z,0,cancelled,",
      "llm,2026-01-01T00:00:02.000000Z,2000,timed_out,",
      "other,2026-01-01T00:00:03.000000Z,500,,"), render(sample, { section = "Timeline" }))
    assert.equal(lines("from,to,count", "1,2,4", "2,4,40", "4,8,0", "8,16,1"),
      render(sample, { section = "Histogram" }))
    assert.equal(lines("label,value"), render(sample, { section = "Empty charts" }))
    sample.sections[8].rows, sample.sections[8].columns = nil, nil
    assert.equal(lines("line,time,value", "p50,2026-01-01T00:00:00.000000Z,10",
      "p50,2026-01-01T00:01:00.000000Z,20", "p50,2026-01-01T00:03:00.000000Z,15",
      "p95,2026-01-01T00:00:00.000000Z,100", "p95,2026-01-01T00:01:00.000000Z,250"),
      render(sample, { section = "Line" }))
  end)

  it("that isn't there is unknown", function()
    local made = report { section("a", { field = "b" }), { title = "text", text = "alone" },
      section("c\n\27", { field = "b" }) }
    local known = [[, not one of 'a', 'c\n\x1b']]
    for shown, chosen in pairs { x = "x", ["x\\n"] = "x\n", ["4"] = 4, text = "text", ["2"] = 2,
      ["1"] = "1" } do
      assert.same({ nil, "unknown section '" .. shown .. "'" .. known },
        { render(made, { section = chosen }) })
    end
    assert.same({ nil, "unknown section 'x', there are none" },
      { render(report {}, { section = "x" }) })
  end)

  it("is chosen by nothing else", function()
    for shown, value in pairs { ["0"] = 0, ["1.5"] = 1.5, ["true"] = true, table = {} } do
      assert.same({ nil, "option 'section': a title or an integer from 1 expected, got " .. shown },
        { render(report {}, { section = value }) })
    end
    assert.same({ nil, "unknown option 'sections'" }, { render(report {}, { sections = 1 }) })
  end)
end)

describe("A time in CSV", function()
  local function cells(...)
    return (render(report { section("a", { field = "at", unit = "time" }, ...) }, { section = 1 })
      :gsub("^at\r\n", ""))
  end

  it("is in ISO 8601, with six digits, so that times sort as text", function()
    assert.equal(lines("2026-01-01T00:00:00.000000Z", "2026-01-01T00:00:00.250000Z",
      "2026-01-01T00:00:00.000001Z", "2026-01-01T00:00:59.123456Z"),
      cells(START, START + 0.25, START + 1e-6, START + 59.123456))
    assert.equal(lines("1970-01-01T00:00:00.000000Z", "1970-01-01T00:00:00.500000Z"),
      cells(0, 0.5))
  end)

  it("is rounded to the microsecond", function()
    assert.equal(lines("1970-01-01T00:00:01.100000Z", "1970-01-01T00:00:02.000000Z",
      "1970-01-01T00:00:01.000000Z"), cells(1.1, 1.9999996, 1.0000004))
  end)

  it("that ISO 8601 can't write is a number", function()
    assert.equal(lines("9999-12-31T23:59:59.000000Z", "253402300800", "1e+300", "-1", "-0.5"),
      cells(253402300799, 253402300800, 1e300, -1, -0.5))
  end)

  it("that is missing or isn't finite is empty", function()
    assert.equal(lines("section,at,x", "a,,1", "a,,2", "a,,3"), render(report { {
      title = "a", columns = { { field = "at", unit = "time" }, { field = "x" } },
      rows = { { x = 1 }, { at = 0 / 0, x = 2 }, { at = 1 / 0, x = 3 } },
    } }))
  end)

  it("is one by the column of its own section", function()
    assert.equal(lines("section,at", "a,1970-01-01T00:00:01.000000Z", "b,1"), render(report {
      section("a", { field = "at", unit = "time" }, 1), section("b", { field = "at" }, 1),
    }))
  end)
end)
