local cjson = require("cjson")
local golden = require("spec.support.golden")
local render = require("exectrack.report.renderer.json")
local reports = require("spec.support.reports")

local function report(sections)
  return { title = "t", sections = sections }
end

describe("A report as JSON", function()
  it("is its tables, all kinds of them", function()
    golden.assert_equal("sample.json", render(reports.sample()))
  end)

  it("is printable text, whatever the report says", function()
    golden.assert_equal("hostile.json", render(reports.hostile()))
  end)

  it("has its parts in the order in which they are read", function()
    assert.equal([=[
{
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
    assert.same({ title = "t", sections = {} }, cjson.decode(render(report {})))
    assert.equal('{\n  "title": "t",\n  "sections": []\n}\n', render(report {}))
    assert.truthy(render(report { { title = "a", columns = {}, rows = {} } })
      :find('    {\n      "title": "a",\n      "columns": [],\n      "rows": []\n    }', 1, true))
    assert.truthy(render(report { { title = "a", columns = {}, rows = { {} } } })
      :find('"rows": [\n        {}\n      ]', 1, true))
  end)

  it("reads back as what it was", function()
    local function sample()
      local made = reports.sample()
      local row = made.sections[2].rows[4]
      assert(row.count ~= row.count and row.ms == math.huge)
      row.count, row.ms = cjson.null, cjson.null
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
