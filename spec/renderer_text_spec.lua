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
  it("renders tables and figures of all units", function()
    golden.assert_equal("sample_tables.txt", render(reports.sample("^Totals", "^All", "^No rows")))
  end)

  it("renders charts", function()
    golden.assert_equal("sample_charts.txt",
      render(reports.sample("^Timeline", "^Histogram", "^Line")))
  end)

  it("renders in colours", function()
    golden.assert_equal("sample_color.txt",
      render(reports.sample("^All", "^Timeline"), { color = true }))
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
    assert.same({ [[Na\u{00ef}ve \u{65e5}]] },
      lines_of({ text = "Naïve 日" }, { ascii = true }))
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
    assert.equal("\\u{65e5}\\u{672c}\n================\nwhy\n\nTools\n-----\n",
      render(report, { ascii = true }))
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

  local function line_at(columns, rows, width, options)
    options = options or {}
    options.width = width
    return table_of(columns, rows, options)[3]
  end

  it("shortens the bars of a wide table", function()
    local columns = { { field = "name" }, { field = "a", unit = "count", bar = true },
      { field = "b", unit = "count", bar = true } }
    local rows = { { name = "twelve_chars", a = 1000, b = 1000000 } }
    assert.equal("twelve_chars  1,000 ████████████████  1,000,000 ████████████████",
      line_at(columns, rows, 64))
    assert.equal("twelve_chars  1,000 ███████████████  1,000,000 ███████████████",
      line_at(columns, rows, 63))
    assert.equal("twelve_chars  1,000 ████  1,000,000 ████", line_at(columns, rows, 40))
    assert.equal("twelve_chars  1,000  1,000,000", line_at(columns, rows, 39))
    assert.equal("twelve_chars  1,000  1,000,000", line_at(columns, rows, 30))
  end)

  it("shortens texts, then leaves out columns, by their priority", function()
    local columns = { { field = "name" }, { field = "n", heading = "Calls", unit = "count" },
      { field = "a", heading = "Arguments", priority = 3 },
      { field = "b", heading = "Size", unit = "bytes", priority = 4 },
      { field = "c", heading = "Max", unit = "ms", priority = 2 } }
    local rows = { { name = "read_file", n = 12, a = "twenty-five chars of text", b = 0, c = 1 } }
    assert.same({
      "name       Calls  Arguments             Size      Max",
      "─────────  ─────  ────────────────────  ────  ───────",
      "read_file     12  twenty-five chars o…   0 B  1.00 ms",
    }, table_of(columns, rows, { width = 53 }))
    assert.same({
      "name       Calls  Arguments                 Max",
      "─────────  ─────  ────────────────────  ───────",
      "read_file     12  twenty-five chars o…  1.00 ms",
      "Left out: Size. A wider terminal or --format", "csv has it.",
    }, table_of(columns, rows, { width = 47 }))
    assert.same({
      "name       Calls      Max",
      "─────────  ─────  ───────",
      "read_file     12  1.00 ms",
      "Left out: Arguments, Size.", "A wider terminal or", "--format csv has them.",
    }, table_of(columns, rows, { width = 26 }))
  end)

  it("breaks headings and names before it leaves out columns", function()
    local columns = { { field = "name", heading = "Tool" },
      { field = "n", heading = "Calls in flight", unit = "count" },
      { field = "ms", heading = "p50 before", unit = "ms", priority = 2 } }
    local rows = { { name = "read_all_files_in_a_folder", n = 12, ms = 1 } }
    assert.same({
      "                  Calls in      p50",
      "Tool                flight   before",
      "──────────────  ──────────  ───────",
      "read_all_               12  1.00 ms",
      "files_in_a_",
      "folder",
    }, table_of(columns, rows, { width = 35 }))
  end)

  it("leaves out what was before and after together", function()
    local columns = { { field = "name" }, { field = "before_n", heading = "Before", priority = 2 },
      { field = "after_n", heading = "After", priority = 3 }, { field = "p", priority = 2 } }
    local rows = { { name = "read_file", before_n = 1, after_n = 2, p = 0.5 } }
    assert.same({ "name         p", "─────────  ───", "read_file  0.5",
      "Left out: Before, After. A", "wider terminal or --format", "csv has them.",
    }, table_of(columns, rows, { width = 26 }))
  end)

  it("breaks no line between a number and its unit", function()
    local section = { title = "",
      text = "All of 5,159 calls took 5 min 32 s, less than 5 %, or 12 ms each." }
    local text = render({ title = "", sections = { section } }, { width = 25 })
    assert.equal("All of 5,159 calls took\n5 min 32 s, less than\n5 %, or 12 ms each.\n", text)
  end)

  it("lists rows below each other that don't fit beside each other", function()
    local columns = { { field = "name", heading = "Tool" },
      { field = "n", heading = "Calls", unit = "count" },
      { field = "s", heading = "Status", unit = "status" } }
    local rows = { { name = "a_longer_name_of_a_tool", n = 1234567, s = "failed" },
      { name = "b", s = "" } }
    assert.same({
      "Tool    a_longer_",
      "        name_of_a_",
      "        tool",
      "Calls   1,234,567",
      "Status  failed",
      "",
      "Tool    b",
    }, table_of(columns, rows, { width = 20 }))
    assert.equal("Status  \27[31mfailed\27[0m",
      table_of(columns, rows, { width = 20, color = true })[5])
  end)

  it("shows the first rows up to the limit", function()
    local columns = { { field = "n", unit = "count" } }
    local section = { columns = columns, rows = { { n = 1 }, { n = 2 }, { n = 3000 } }, limit = 2,
      noun = "tools" }
    assert.same({ "n", "─", "1", "2", "The first 2 of 3 tools; --format csv has all." },
      lines_of(section))
    section.limit = 3
    assert.equal(5, #lines_of(section))
  end)

  it("says the day once where times don't fit", function()
    local columns = { { field = "tool" }, { field = "at", heading = "Ended", unit = "time" } }
    local rows = { { at = reports.START, tool = "read" }, { tool = "b" },
      { at = reports.START + 61, tool = "c" } }
    assert.same({
      "tool  Ended",
      "────  ────────",
      "2026-01-01 (UTC)",
      "read  00:00:00",
      "b",
      "c     00:01:01",
    }, table_of(columns, rows, { width = 24 }))
    assert.equal("2026-01-01 (+02:00)",
      table_of(columns, rows, { width = 24, timezone = 120 })[3])
    assert.equal("tool  Ended (UTC)", table_of(columns, rows, { width = 25 })[1])
  end)

  it("says each day where times don't fit, if they are in order, else the year", function()
    local columns = { { field = "tool" }, { field = "at", heading = "Ended", unit = "time" } }
    local rows = { { tool = "a", at = reports.START + 86400 }, { tool = "b", at = reports.START },
      { tool = "c", at = reports.START + 1 } }
    assert.same({ "2026-01-02 (UTC)", "a     00:00:00", "2026-01-01 (UTC)", "b     00:00:00",
      "c     00:00:01" }, portable.move(table_of(columns, rows, { width = 24 }), 3, 7, 1, {}))
    rows[4] = { tool = "d", at = reports.START + 86400 }
    assert.same({ "month-day hour:minute of", "2026 (UTC)", "a     01-02 00:00" },
      portable.move(table_of(columns, rows, { width = 24 }), 3, 5, 1, {}))
    rows[5] = { tool = "e", at = 0 }
    assert.same({ "tool       a", "Ended      2026-01-02", "(UTC)      00:00:00" },
      portable.move(table_of(columns, rows, { width = 24 }), 1, 3, 1, {}))
  end)

  it("goes on in another line with a sentence, and with a name that is longer than 40", function()
    local columns = { { field = "n", unit = "count" }, { field = "text" } }
    assert.same({ "1  ready to break where", "   spaces are" }, portable.move(table_of(columns,
      { { n = 1, text = "ready to break where spaces are" } }, { width = 28 }), 3, 4, 1, {}))
    local name = ("0123456789"):rep(5)
    assert.same({ "1  " .. name:sub(1, 40), "   0123456789" }, portable.move(table_of(columns,
      { { n = 1, text = name } }, { width = 43 }), 3, 4, 1, {}))
    columns[3] = { field = "more", unit = "count" }
    assert.same({ "1  " .. name:sub(1, 33) .. "     1", "   " .. name:sub(34) },
      portable.move(table_of(columns, { { n = 1, text = name, more = 1 } }, { width = 42 }),
        3, 4, 1, {}))
  end)

  it("has a sentence below its row that would take many lines beside others", function()
    local columns = { { field = "n", unit = "count" }, { field = "text", heading = "Message" } }
    local text = ("word "):rep(20) .. "end"
    assert.same({ "n", "─", "1", "  Message: word word word word", "  word word word word word" },
      portable.move(table_of(columns, { { n = 1, text = text } }, { width = 30 }), 1, 5, 1, {}))
    assert.equal("1  word word word word word word word",
      line_at(columns, { { n = 1, text = text } }, 38))
  end)

  it("has other sentences below their rows before it leaves out what matters most", function()
    local columns = { { field = "name", heading = "Tool" }, { field = "text", heading = "Message" },
      { field = "n", heading = "Calls", unit = "count", priority = 2 } }
    local rows = { { name = "web_fetch", text = "a text of some more words than fit", n = 12 } }
    assert.same({ "Tool       Calls", "─────────  ─────", "web_fetch     12",
      "  Message: a text of some more words", "  than fit" },
      table_of(columns, rows, { width = 38 }))
  end)

  it("cuts a name in its middle, and what has a space at its end", function()
    local columns = { { field = "n", unit = "count" }, { field = "name", priority = 2 } }
    local function cut(name, options)
      return (line_at(columns, { { n = 1, name = name } }, 23, options):gsub("^1  ", ""))
    end
    assert.equal("read_files_in_folder", cut("read_files_in_folder"))
    assert.equal("read_all_f…_a_folder", cut("read_all_files_in_a_folder"))
    assert.equal("read_all_...a_folder", cut("read_all_files_in_a_folder", { ascii = true }))
    assert.equal("日本語のフ…本のイル", cut("日本語のファイル日本のイル"))
    assert.equal([[\x1b[31mab…[0m\xff]], cut("\27[31mabcdef\27[0m\255"))
    assert.equal("read the whole file…", cut("read the whole file again"))
  end)

  it("cuts names only as far as they differ", function()
    local columns = { { field = "n", unit = "count" }, { field = "name", priority = 2 } }
    local rows = { { n = 1, name = "conversation_1_with_someone" },
      { n = 1, name = "conversation_2_with_someone" } }
    assert.equal("1  conversation_1_with_someone", line_at(columns, rows, 30))
    assert.equal("1", line_at(columns, rows, 29))
    rows[2].name = "conversation_1_with_everyone"
    assert.equal("1  conversati…_everyone", line_at(columns, { rows[2] }, 23))
  end)

  it("keeps the end of a place, from a folder or file on if one fits", function()
    local columns = { { field = "n", unit = "count" }, { field = "place", unit = "place" } }
    local function cut(place, width, options)
      return (line_at(columns, { { n = 1, place = place } }, width or 80, options)
        :gsub("^ *1  ", ""))
    end
    assert.equal("/home/me/logs/a_long_name.json:1", cut("/home/me/logs/a_long_name.json:1"))
    assert.equal("…/me/logs/a_long_name.jsonl:12", cut("/home/me/logs/a_long_name.jsonl:12"))
    assert.equal("…\\logs\\a_long_name.jsonl:12345",
      cut("C:\\Users\\me\\logs\\a_long_name.jsonl:12345"))
    assert.equal("…_name_without_a_folder.jsonl:12",
      cut("a_longer_name_without_a_folder.jsonl:12"))
    assert.equal("…e.json: messages[17].tool_calls", cut("a_name.json: messages[17].tool_calls"))
    assert.equal("…/a_file.jsonl:12", cut("/home/me/logs/a_file.jsonl:12", 23))
    assert.equal("…_long_name.jsonl:12", cut("/home/logs/very_long_name.jsonl:12", 23))
    assert.equal(".../a_file.jsonl:12", cut("/home/me/logs/a_file.jsonl:12", 23, { ascii = true }))
  end)

  it("shortens a place before other texts, but leaves it the end", function()
    local columns = { { field = "place", unit = "place" }, { field = "text", priority = 2 } }
    local rows = { { place = "/logs/long_name.jsonl:12", text = "twenty-five chars of text" } }
    assert.equal("/logs/long_name.jsonl:12  twenty-five chars of text", line_at(columns, rows, 51))
    assert.equal("…/long_name.jsonl:12  twenty-five chars of text", line_at(columns, rows, 47))
    assert.equal("…/long_name.jsonl:12  twenty-five chars of…", line_at(columns, rows, 43))
    assert.equal("…/long_name.jsonl:12  twenty-five chars o…", line_at(columns, rows, 42))
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
    assert.same({ "Executio  12,345", "ns", "Result    failed", "日本      a text of",
      "          many words" }, portable.move(lines_of(section, { width = 20 }), 1, 5, 1, {}))
    assert.equal("Result      \27[31mfailed\27[0m", lines_of(section, { color = true })[2])
  end)

  it("has commands on lines of their own, which can be pasted", function()
    local section = { columns = { { field = "n", unit = "count" },
      { field = "next", heading = "Look closer", unit = "command" } },
      rows = { { n = 1, next = "exectrack report a.run --tool 'b c'" }, { n = 2 } } }
    assert.same({ "n", "─", "1", "  exectrack report a.run --tool 'b c'", "2" }, lines_of(section))
    assert.same({ "  exectrack report \\", "    a.run --tool \\", "    'b c'" },
      portable.move(lines_of(section, { width = 20 }), 4, 6, 1, {}))
    section.layout = "figures"
    assert.same({ "n  1", "  exectrack report a.run --tool 'b c'", "", "n  2" }, lines_of(section))
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
