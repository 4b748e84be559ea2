local golden = require("spec.support.golden")
local render = require("exectrack.report.renderer.markdown")
local reports = require("spec.support.reports")
local u = require("spec.support.utf8").text

--- What follows the headings of a report with one section. `fields` are those of the section but
-- its title.
local function body_of(fields)
  fields.title = "S"
  return (render { title = "T", sections = { fields } }:gsub("^# T\n\n## S\n\n", ""))
end

--- `text` as it is written in the cell of a table.
local function cell_of(text)
  return body_of({ columns = { { field = "a" } }, rows = { { a = text } } })
    :match("^| a |\n| %-%-%- |\n| (.*) |\n$")
end

--- `text` as it is written in a paragraph.
local function paragraph_of(text)
  return body_of({ text = text }):match("^(.*)\n$")
end

describe("the renderer of Markdown", function()
  it("renders tables, figures and charts", function()
    golden.assert_equal("sample.md",
      render(reports.sample("^Totals", "^All", "^No rows", "^Bars")))
  end)

  it("renders names that could do harm as text, each in its cell", function()
    local text = render(reports.hostile())
    assert.is_nil(text:gsub("\n", ""):find("[%z\1-\31\127]"))
    local outside, rows = text:gsub("\n(```+)text\n.-\n%1\n", "\n"), 0
    assert.is_nil(outside:find("<", 1, true))
    for line in outside:gmatch("[^\n]+") do
      if line:find("^|") then
        local _, pipes = line:gsub("\\.", ""):gsub("|", "")
        assert.equal(5, pipes, line)
        rows = rows + 1
      end
    end
    assert.equal(#reports.HOSTILE + 2, rows)
  end)

  it("escapes what would be markup in names that could do harm", function()
    for _, name in ipairs(reports.HOSTILE) do
      for _, text in ipairs { cell_of(name), paragraph_of("a " .. name) } do
        local rest = text:gsub("[@:]&#8203;", ""):gsub("\\.", ""):gsub("&[%w#]+;", "")
        assert.is_nil(rest:find("[`*%[|~@#$&<\n]"), text)
        assert.is_nil(rest:lower():find("www%.") or rest:find("://", 1, true), text)
      end
    end
  end)

  it("renders a report of nothing", function()
    assert.equal("#\n", render { title = "", sections = {} })
  end)

  it("writes headings, and text in paragraphs", function()
    assert.equal("# T\n\nwhy\n\n## S\n\none two\n\nthree\n", render { title = "T", subtitle = "why",
      sections = { { title = "S", text = " one\n two \r\n\r\n\nthree" } } })
  end)

  it("writes tables with their alignment", function()
    assert.equal(table.concat({
      "| Tool | Calls | p95 | Last (UTC) |",
      "| --- | ---: | ---: | --- |",
      "| read_file | 1,200 | 12.5 ms | 2026-01-01 00:00:00 |",
      "|  | not a number |  |  |",
      "",
    }, "\n"), body_of {
      columns = { { field = "tool", heading = "Tool" },
        { field = "calls", heading = "Calls", unit = "count" },
        { field = "ms", heading = "p95", unit = "ms" },
        { field = "at", heading = "Last", unit = "time" } },
      rows = { { tool = "read_file", calls = 1200, ms = 12.5, at = reports.START },
        { calls = 0 / 0 } },
    })
  end)

  it("keeps the end of a place in a table, and all of it in a list", function()
    local section = { columns = { { field = "p", unit = "place" } },
      rows = { { p = "/home/me/logs/a_long_name.jsonl:12" } } }
    assert.equal("| p |\n| --- |\n| …/me/logs/a_long_name.jsonl:12 |\n", body_of(section))
    section.layout = "figures"
    assert.equal("- p: /home/me/logs/a_long_name.jsonl:12\n", body_of(section))
  end)

  it("writes commands as code, in which nothing is markup", function()
    local section = { columns = { { field = "a", unit = "command" } } }
    local function row(text)
      section.rows = { { a = text } }
      return body_of(section):match("%-%-%- |\n| (.-) |\n$") or body_of(section)
    end
    assert.equal("`x report a.run --tool 'x *y*'`", row("x report a.run --tool 'x *y*'"))
    assert.equal([[`a \| b`]], row("a | b"))
    assert.equal("`` a `b` ``", row("a `b`"))
    assert.equal([[a \\\| b]], row([[a \| b]]))
    section.layout = "figures"
    assert.equal("- a: `x | y`\n", row("x | y"))
  end)

  it("shows as many rows as the section's limit, and says so", function()
    local rows = {}
    for i = 1, 300 do
      rows[i] = { a = i }
    end
    assert.equal("| a |\n| ---: |\n| 1 |\n| 2 |\n\n"
      .. "The first 2 of 300 tools. CSV and JSON have all.\n",
      body_of { columns = { { field = "a" } }, rows = rows, limit = 2, noun = "tools" })
  end)

  it("says what was chosen, and has times of another zone on request", function()
    assert.equal("# t\n\nChosen: tool \\*\n\n## s\n\n| a (+01:00) |\n| --- |\n"
      .. "| 1970-01-01 01:00:00 |\n", render({ title = "t", source = { chosen = "tool *" },
      sections = { { title = "s", columns = { { field = "a", unit = "time" } },
        rows = { { a = 0 } } } } }, { timezone = 60 }))
  end)

  it("draws bars in cells, from the left", function()
    assert.equal("| n |\n| --- |\n| ██████████ 80 |\n| █████ 40 |\n| ▏ 0.50 |\n| 0 |\n|  |\n",
      body_of {
        columns = { { field = "n", unit = "count", bar = true } },
        rows = { { n = 80 }, { n = 40 }, { n = 0.5 }, { n = 0 }, {} },
      })
  end)

  it("says that a table without rows has none", function()
    assert.equal("(none)\n", body_of { columns = { { field = "a" } }, rows = {} })
    assert.equal("(none)\n", body_of { columns = {}, rows = { {} } })
  end)

  it("lists figures, row by row", function()
    assert.equal("- Calls: 1,200\n- \\- x: \\*a\\*\n\n- Calls:\n- \\- x:\n", body_of {
      layout = "figures",
      columns = { { field = "n", heading = "Calls", unit = "count" }, { field = "- x" } },
      rows = { { n = 1200, ["- x"] = "*a*" }, {} },
    })
  end)

  it("draws charts in a fence, with their title if it isn't the section's", function()
    local chart = { kind = "bars", bars = { { label = "a", value = 1 } } }
    local drawn = "```text\na  " .. ("█"):rep(40) .. " 1\n```\n"
    assert.equal(drawn, body_of { chart = chart })
    chart.title = "S"
    assert.equal(drawn, body_of { chart = chart })
    chart.title = "*C*"
    assert.equal("### \\*C\\*\n\n" .. drawn, body_of { chart = chart })
  end)

  it("makes a fence longer than any in the chart", function()
    local function fence_of(label)
      return body_of({ chart = { kind = "bars", bars = { { label = label, value = 1 } } } })
        :match("^`+")
    end
    assert.equal("```", fence_of("``"))
    assert.equal("````", fence_of("```"))
    assert.equal("``````", fence_of("a ````` b ```"))
  end)

  it("escapes markup with backslashes", function()
    for text, escaped in pairs {
      ["\\"] = "\\\\", ["a|b\\|"] = "a\\|b\\\\\\|", ["`a`"] = "\\`a\\`",
      ["**a**"] = "\\*\\*a\\*\\*",
      ["~~a~~"] = "\\~\\~a\\~\\~", ["[a](b)"] = "\\[a](b)", ["![a](b)"] = "!\\[a](b)",
      ["[^1]"] = "\\[^1]", ["# a #"] = "\\# a \\#", ["_a_"] = "\\_a\\_",
      ["a__b"] = "a\\_\\_b", ["é_é"] = "é\\_é",
      ["read_all_files_2"] = "read_all_files_2",
    } do
      assert.equal(escaped, cell_of(text))
      assert.equal(escaped, paragraph_of(text))
    end
  end)

  it("writes HTML, references of characters and formulas as references", function()
    assert.equal("&lt;b onclick=\"x\">&lt;/b>", cell_of("<b onclick=\"x\"></b>"))
    assert.equal("&lt;!-- a -->", cell_of("<!-- a -->"))
    assert.equal("&amp;lt; &amp;\\#&#8203;64; a &amp; b", cell_of("&lt; &#64; a & b"))
    assert.equal("&#36;x&#36;", cell_of("$x$"))
  end)

  it("leaves no address that becomes a link", function()
    assert.equal("http\\://a.org HTTPS\\://a.org ftp\\://a.org",
      cell_of("http://a.org HTTPS://a.org ftp://a.org"))
    assert.equal("www\\.a.org wWWW\\.a.org", cell_of("www.a.org wWWW.a.org"))
    assert.equal("me@&#8203;a.org", cell_of("me@a.org"))
  end)

  it("leaves no mention, issue or emoji", function()
    assert.equal("@&#8203;user @&#8203;a/team", cell_of("@user @a/team"))
    assert.equal("\\#&#8203;12 a/b\\#&#8203;1 GH-&#8203;3 \\#x",
      cell_of("#12 a/b#1 GH-3 #x"))
    assert.equal(":&#8203;bug::&#8203;+1:&#8203;a_b: :&#8203;100:", cell_of(":bug::+1:a_b: :100:"))
    assert.equal("12:30:45 a: b:", cell_of("12:30:45 a: b:"))
  end)

  it("begins no quote and no list with a text", function()
    for text, escaped in pairs {
      ["> a"] = "\\> a", ["- a"] = "\\- a", ["+ a"] = "\\+ a", ["---"] = "\\---",
      ["1. a"] = "1\\. a", ["20) a"] = "20\\) a", ["a > b - c + 1. d"] = "a > b - c + 1. d",
    } do
      assert.equal(escaped, paragraph_of(text))
      assert.equal("# T\n\n" .. escaped .. "\n",
        render { title = "T", subtitle = text, sections = {} })
      assert.equal(text, cell_of(text))
    end
  end)

  it("keeps a text in its place", function()
    assert.equal("# a\\\\nb\n\nc\\\\nd\n\n## e\\\\nf\n\n### g\\\\nh\n\n```text\n(no data)\n```\n",
      render {
        title = "a\nb", subtitle = "c\nd",
        sections = { { title = "e\nf", chart = { kind = "bars", title = "g\nh", bars = {} } } },
      })
    assert.equal("a\\\\r\\\\n\\| b", cell_of("a\r\n| b"))
    assert.equal("\\\\u{2028}\\\\x1b\\\\xff", paragraph_of(u"\\u{2028}\27\\xff"))
  end)

  it("knows no options", function()
    local report = { title = "T", sections = {} }
    assert.equal("# T\n", render(report, {}))
    local text, problem = render(report, { width = 80 })
    assert.is_nil(text)
    assert.equal("unknown option 'width'", problem)
  end)
end)
