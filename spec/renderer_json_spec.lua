local cjson = require("cjson")
local golden = require("spec.support.golden")
local render = require("exectrack.report.renderer.json")
local reports = require("spec.support.reports")

local function report(sections)
  return { title = "t", sections = sections }
end

describe("A report as JSON", function()
  it("is its tables", function()
    golden.assert_equal("sample_tables.json", render(reports.sample("^All")))
  end)

  it("is the data of its charts", function()
    golden.assert_equal("sample_bars.json", render(reports.sample("^Bars", "^Histogram")))
    golden.assert_equal("sample_timeline.json", render(reports.sample("^Timeline")))
    golden.assert_equal("sample_lines.json", render(reports.sample("^Line")))
  end)

  it("is printable text, whatever the report says", function()
    local text = render(reports.hostile())
    assert.is_nil(text:gsub("\n", ""):find("%c"))
    assert.equal(#reports.HOSTILE, #cjson.decode(text).sections[1].rows)
  end)

  it("has its parts in the order in which they are read", function()
    assert.equal([=[
{
  "schema": "exectrack-report",
  "version": 1,
  "title": "t",
  "subtitle": "s",
  "sections": [
    {
      "title": "a",
      "text": "b",
      "layout": "figures",
      "columns": [
        {"field": "z", "heading": "Z", "unit": "ms", "bar": true},
        {"field": "a"}
      ],
      "rows": [
        {"z": 1.5, "a": "x"}
      ],
      "chart": {
        "kind": "bars",
        "title": "c",
        "unit": "ms",
        "bars": [
          {"label": "d", "status": "failed", "value": 1}
        ]
      }
    }
  ]
}
]=], render { title = "t", subtitle = "s", sections = { {
      title = "a",
      text = "b",
      layout = "figures",
      columns = { { field = "z", heading = "Z", unit = "ms", bar = true }, { field = "a" } },
      rows = { { a = "x", z = 1.5 } },
      chart = { kind = "bars", title = "c", unit = "ms",
        bars = { { label = "d", value = 1, status = "failed" } } },
    } } })
  end)

  it("has those fields of the rows that columns name, each once", function()
    assert.equal([=[
{
  "schema": "exectrack-report",
  "version": 1,
  "title": "t",
  "sections": [
    {
      "title": "a",
      "columns": [
        {"field": "b"},
        {"field": "a"},
        {"field": "b", "bar": true}
      ],
      "rows": [
        {"b": false, "a": 1},
        {"b": null},
        {}
      ]
    }
  ]
}
]=], render(report { {
      title = "a",
      columns = { { field = "b" }, { field = "a" }, { field = "b", bar = true } },
      rows = { { a = 1, b = false, c = {} }, { b = 0 / 0, [1] = 2 }, { c = print } },
    } }))
  end)

  it("has arrays where there is nothing", function()
    assert.truthy(render(report {}):find('\n  "title": "t",\n  "sections": []\n}\n', 1, true))
    assert.truthy(render(report { { title = "a", columns = {}, rows = {} } })
      :find('    {\n      "title": "a",\n      "columns": [],\n      "rows": []\n    }', 1, true))
    assert.truthy(render(report { { title = "a", columns = {}, rows = { {} } } })
      :find('"rows": [\n        {}\n      ]', 1, true))
  end)

  it("has all rows, whatever others show at first, and null for a gap in a line", function()
    local rows = {}
    for i = 1, 300 do
      rows[i] = { a = i }
    end
    local read = cjson.decode(render(report { {
      title = "a", limit = 50, noun = "tools", columns = { { field = "a", priority = 2 } },
      rows = rows, chart = { kind = "line", lines = { { label = "b", points = {
        { time = 1, value = 2 }, { time = 2 } } } } },
    } })).sections[1]
    assert.same({ rows, 50, "tools" }, { read.rows, read.limit, read.noun })
    assert.same({ { time = 1, value = 2 }, { time = 2, value = cjson.null } },
      read.chart.lines[1].points)
  end)

  it("says where the report came from", function()
    local source = { files = { "a.run" }, version = "1.0", taken = 5, chosen = "tool a" }
    assert.same(source, cjson.decode(render { title = "t", source = source, sections = {} }).source)
  end)

  it("reads back as what it was", function()
    local function sample()
      local made = reports.sample()
      local row = made.sections[2].rows[4]
      assert(row.count ~= row.count and row.ms == math.huge)
      row.count, row.ms = cjson.null, cjson.null
      made.schema, made.version = "exectrack-report", 1
      return made
    end
    assert.same(sample(), cjson.decode(render(reports.sample())))
  end)

  it("leaves the report as it is", function()
    local made = report { { title = "a", columns = { { field = "b" } }, rows = { { b = 1 } } } }
    render(made)
    assert.same(report {
      { title = "a", columns = { { field = "b" } }, rows = { { b = 1 } } },
    }, made)
    assert.is_nil(getmetatable(made))
    assert.is_nil(getmetatable(made.sections[1].rows[1]))
  end)

  it("has no options", function()
    assert.equal(render(report {}), render(report {}, {}))
    assert.same({ nil, "unknown option 'indent'" }, { render(report {}, { indent = 2 }) })
    assert.same({ nil, "a table of options expected, got 5" }, { render(report {}, 5) })
  end)
end)
