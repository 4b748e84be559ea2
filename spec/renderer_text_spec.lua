local golden = require("spec.support.golden")
local portable = require("spec.support.portable")
local render = require("exectrack.report.renderer.text")
local reports = require("spec.support.reports")
local utf8 = require("spec.support.utf8")

--- The lines of a section without its heading. `fields` are those of the section but its title.
local function lines_of(fields, options)
  fields.title = "S"
  local text = assert(render({ title = "", sections = { fields } }, options))
  local lines = {}
  for line in text:gmatch("([^\n]*)\n") do
    lines[#lines + 1] = line
  end
  return portable.move(lines, 3, #lines, 1, {})
end

local function table_of(columns, rows, options)
  return lines_of({ columns = columns, rows = rows }, options)
end

describe("the renderer of text", function()
  it("renders every part of a report", function()
    local sample = reports.sample()
    golden.assert_equal("sample.txt", render(sample))
    golden.assert_equal("sample_ascii.txt", render(sample, { ascii = true }))
    golden.assert_equal("sample_color.txt", render(sample, { color = true }))
    golden.assert_equal("sample_narrow.txt", render(sample, { width = 40 }))
  end)

  it("renders names that could do harm", function()
    golden.assert_equal("hostile.txt", render(reports.hostile()))
  end)

  it("lets no name command the terminal", function()
    for _, options in ipairs { {}, { ascii = true }, { width = 20 }, { color = true } } do
      local text = render(reports.hostile(), options)
      if options.color then
        text = text:gsub("\27%[%d+m", "")
      end
      assert.is_nil(text:find("[^\n\32-\126\128-\255]"))
      assert.is_truthy(utf8.len(text))
    end
  end)

  it("writes nothing but ASCII on request", function()
    for _, report in ipairs { reports.sample(), reports.hostile() } do
      assert.is_nil(render(report, { ascii = true }):find("[^\n\32-\126]"))
    end
    assert.same({ "Na?ve ??" }, lines_of({ text = "Naïve 日本" }, { ascii = true }))
  end)

  it("leaves no space at the end of a line, and ends with one line feed", function()
    for _, report in ipairs { reports.sample(), reports.hostile() } do
      for _, options in ipairs { {}, { ascii = true }, { color = true }, { width = 20 } } do
        local text = render(report, options)
        assert.is_nil(text:find(" \n"))
        assert.is_truthy(text:find("[^\n]\n$"))
      end
    end
  end)

  it("underlines the title and the headings", function()
    local report = { title = "日本", subtitle = "why", sections = { { title = "Tools" } } }
    assert.equal("日本\n════\nwhy\n\nTools\n─────\n", render(report))
    assert.equal("??\n==\nwhy\n\nTools\n-----\n", render(report, { ascii = true }))
    assert.equal("\27[1m日本\27[0m\n\27[1m════\27[0m\nwhy\n\n\27[1mTools\27[0m\n"
      .. "\27[1m─────\27[0m\n", render(report, { color = true }))
  end)

  it("renders a report of nothing", function()
    assert.equal("\n", render { title = "", sections = {} })
  end)

  it("wraps paragraphs to the width by the columns that they take", function()
    assert.same({ "one two three four", "five", "", "six seven" },
      lines_of({ text = " one two\tthree\nfour five\r\n\r\n\n \nsix\rseven\n" }, { width = 20 }))
    assert.same({ "12345678901234567890", "1", "日本語日本語日本語日", "本語" },
      lines_of({ text = "12345678901234567890 1 日本語日本語日本語日本語" }, { width = 20 }))
    assert.same({ "12345678901234567890", "123 5" },
      lines_of({ text = "12345678901234567890123 5" }, { width = 20 }))
    local long = ("long "):rep(9)
    local narrow = render({ title = long, subtitle = long, sections = {
      { title = long, chart = { kind = "bars", title = long .. "er", bars = {} } },
    } }, { width = 20 })
    for line in narrow:gmatch("[^\n]+") do
      assert.is_true(utf8.len(line) <= 20)
    end
  end)

  it("aligns tables: figures to the right, the rest to the left", function()
    assert.same({
      "Tool  Calls  Last (UTC)           Status  x",
      "────  ─────  ───────────────────  ──────  ─────────",
      "日本  1,200  2026-01-01 00:00:00  failed  1",
      "b         3                               more text",
    }, table_of({
      { field = "tool", heading = "Tool" }, { field = "calls", heading = "Calls", unit = "count" },
      { field = "at", heading = "Last", unit = "time" },
      { field = "status", heading = "Status", unit = "status" }, { field = "x" },
    }, {
      { tool = "日本", calls = 1200, at = reports.START, status = "failed", x = 1 },
      { tool = "b", calls = 3, x = "more text" },
    }))
  end)

  it("colours a status by its meaning, and no other text", function()
    local rows = {}
    for i, status in ipairs { "success", "failed", "warn", "cancelled", "who knows" } do
      rows[i] = { status = status }
    end
    assert.same({ "\27[32msuccess\27[0m", "\27[31mfailed\27[0m", "\27[33mwarn\27[0m",
      "\27[2mcancelled\27[0m", "who knows" },
      portable.move(table_of({ { field = "status", unit = "status" } }, rows, { color = true }),
        3, 7, 1, {}))
    assert.equal("failed", table_of({ { field = "status" } }, rows, { color = true })[4])
  end)

  it("draws bars to an eighth of a column, and a small one of what is more than nothing", function()
    local columns = { { field = "n", unit = "count", bar = true } }
    local rows = { { n = 128 }, { n = 64 }, { n = 9 }, { n = 0.25 }, { n = 0 }, { n = -1 },
      { n = 0 / 0 }, { n = 1 / 0 }, {} }
    assert.same({
      "           n",
      "─────────────────────────────",
      "         128 ████████████████",
      "          64 ████████",
      "           9 █▏",
      "        0.25 ▏",
      "           0",
      "          -1",
      "not a number",
      "    infinite",
      "",
    }, table_of(columns, rows))
    assert.same({ "         128 ################", "          64 ########", "           9 #",
      "        0.25 #" }, portable.move(table_of(columns, rows, { ascii = true }), 3, 6, 1, {}))
    assert.equal("1 \27[36m████████████████\27[0m",
      table_of(columns, { { n = 1 } }, { color = true })[3])
    assert.same({ "n", "──────────────────", "0" }, table_of(columns, { { n = 0 } }))
  end)

  it("shortens the bars of a wide table first, then its text, and never its figures", function()
    local columns = { { field = "name" }, { field = "a", unit = "count", bar = true },
      { field = "b", unit = "count", bar = true }, { field = "other" } }
    local rows = { { name = "twelve chars", a = 1000, b = 1000000, other = "eleven char" } }
    local function line(width)
      return table_of(columns, rows, { width = width })[3]
    end
    assert.equal("twelve chars  1,000 ████████████████  1,000,000 ████████████████  eleven char",
      line(77))
    assert.equal("twelve chars  1,000 ███████████████  1,000,000 ███████████████  eleven char",
      line(76))
    assert.equal("twelve chars  1,000 ████  1,000,000 ████  eleven char", line(53))
    assert.equal("twelve chars  1,000  1,000,000  eleven char", line(52))
    assert.equal("twelve cha…  1,000  1,000,000  eleven char", line(42))
    assert.equal("twelve ch…  1,000  1,000,000  eleven ch…", line(40))
    assert.equal("twelve ch…  1,000  1,000,000  eleven ch…", line(20))
    assert.equal("123456789012  1,234,567,890.12  text text…", table_of({ { field = "plain" },
      { field = "n", unit = "count" }, { field = "text" } }, {
      { plain = 123456789012, n = 1234567890.12, text = "text text text" } }, { width = 20 })[3])
    local wide = "日本語日本語日本語"
    assert.equal("日本語日…日本語    1", table_of({ { field = "a", heading = wide },
      { field = "n", heading = "nn" } }, { { a = wide, n = 1 } }, { width = 20 })[3])
    assert.equal("a longer ...       1", table_of({ { field = "a" },
      { field = "n", heading = "number" } }, { { a = "a longer name of it", n = 1 } },
      { width = 20, ascii = true })[3])
  end)

  it("cuts a name in its middle, and what has a space at its end", function()
    local columns = { { field = "n", unit = "count" }, { field = "name" } }
    local rows = { { n = 1234567890, name = "" } }
    local function cut(name, options)
      rows[1].name, options.width = name, 25
      return (table_of(columns, rows, options)[3]:gsub("^1,234,567,890  ", ""))
    end
    assert.equal("read_file_", cut("read_file_", {}))
    assert.equal("read_…le_b", cut("read_file_b", {}))
    assert.equal("read_…le_c", cut("read_the_whole_file_c", {}))
    assert.equal("read...e_c", cut("read_the_whole_file_c", { ascii = true }))
    assert.equal("read the …", cut("read the whole file c", {}))
    assert.equal("read th...", cut("read the whole file c", { ascii = true }))
    assert.equal("read_the_…", cut("read_the_whole_file c", {}))
    assert.equal("日本…イル", cut("日本語のファイル", {}))
    assert.equal([[\x1b[…\x1b]], cut("\27[31m\27", {}))
  end)

  it("keeps the end of a place, from a folder or file on if one fits", function()
    local columns = { { field = "n", unit = "count" }, { field = "place", unit = "place" } }
    local function cut(place, options)
      return (table_of(columns, { { n = 1, place = place } }, options)[3]:gsub("^ *1  ", ""))
    end
    assert.equal("/home/me/logs/a_long_name.json:1", cut("/home/me/logs/a_long_name.json:1"))
    assert.equal("…/me/logs/a_long_name.jsonl:12", cut("/home/me/logs/a_long_name.jsonl:12"))
    assert.equal("…\\logs\\a_long_name.jsonl:12345",
      cut("C:\\Users\\me\\logs\\a_long_name.jsonl:12345"))
    assert.equal("…_name_without_a_folder.jsonl:12",
      cut("a_longer_name_without_a_folder.jsonl:12"))
    assert.equal("…e.json: messages[17].tool_calls", cut("a_name.json: messages[17].tool_calls"))
    local narrow = { width = 20 }
    assert.equal("…/logs/a.jsonl:12", cut("/home/logs/a.jsonl:12", narrow))
    assert.equal("…/a.jsonl:123456", cut("/home/logs/a.jsonl:123456", narrow))
    assert.equal("…_long_name.jsonl:12", cut("/home/logs/very_long_name.jsonl:12", narrow))
    assert.equal(".../logs/a.jsonl:12",
      cut("/home/logs/a.jsonl:12", { width = 20, ascii = true }))
  end)

  it("shortens a place before other texts, but leaves it the end", function()
    local columns = { { field = "place", unit = "place" }, { field = "text" } }
    local rows = { { place = "/logs/long_name.jsonl:12", text = "twenty-five chars of text" } }
    local function line(width)
      return table_of(columns, rows, { width = width })[3]
    end
    assert.equal("/logs/long_name.jsonl:12  twenty-five chars of text", line(51))
    assert.equal("…/long_name.jsonl:12  twenty-five chars of text", line(47))
    assert.equal("…/long_name.jsonl:12  twenty-five chars of…", line(43))
    assert.equal("…/long_name.jsonl:12  twenty-fi…", line(20))
  end)

  it("says that a table without rows has none", function()
    assert.same({ "(none)" }, table_of({ { field = "a" } }, {}))
    assert.same({ "(none)" }, table_of({}, { { a = 1 } }))
    assert.same({ "(none)" }, lines_of { layout = "figures", columns = { { field = "a" } },
      rows = {} })
  end)

  it("lists figures with their headings, row by row", function()
    local section = {
      layout = "figures",
      columns = { { field = "n", heading = "Executions", unit = "count", bar = true },
        { field = "s", heading = "Result", unit = "status" }, { field = "x", heading = "日本" } },
      rows = { { n = 12345, s = "failed", x = "a text of many words" }, {} },
    }
    assert.same({
      "Executions  12,345",
      "Result      failed",
      "日本        a text of many words",
      "",
      "Executions",
      "Result",
      "日本",
    }, lines_of(section))
    assert.equal("日本        a text …", lines_of(section, { width = 20 })[3])
    assert.equal("Result      \27[31mfailed\27[0m", lines_of(section, { color = true })[2])
    section.columns[3].heading = "a heading that is long"
    assert.equal("a heading…  a text …", lines_of(section, { width = 20 })[3])
  end)

  it("puts the text above the table, and the table above the chart", function()
    assert.same({ "Text.", "", "a", "─", "b", "", "Title", "(no data)" }, lines_of {
      text = "Text.", columns = { { field = "a" } }, rows = { { a = "b" } },
      chart = { kind = "bars", title = "Title", bars = {} },
    })
  end)

  it("says the title of a chart if it isn't the section's", function()
    assert.same({ "(no data)" }, lines_of { chart = { kind = "bars", title = "S", bars = {} } })
  end)

  it("names a wrong option", function()
    local report = { title = "t", sections = {} }
    for problem, options in pairs {
      ["option 'width': an integer from 20 to 1000 expected, got 19"] = { width = 19 },
      ["option 'width': an integer from 20 to 1000 expected, got 1001"] = { width = 1001 },
      ["option 'color': true or false expected, got 1"] = { color = 1 },
      ["option 'ascii': true or false expected, got string"] = { ascii = "yes" },
      ["unknown option 'colour'"] = { colour = true },
    } do
      local text, got = render(report, options)
      assert.is_nil(text)
      assert.equal(problem, got)
    end
  end)
end)
