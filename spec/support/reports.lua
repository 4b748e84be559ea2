--- Reports to render: one with everything that a report may have, and one whose every text is an
-- attack.
local u = require("spec.support.utf8").text
local M = {}

--- 2026-01-01 00:00:00 UTC.
M.START = 1767225600

local function keep_sections(report, patterns)
  local kept = {}
  for _, section in ipairs(report.sections) do
    for _, pattern in ipairs(patterns) do
      kept[#kept + 1] = section.title:find(pattern) and section or nil
    end
  end
  report.sections = kept
  return report
end

--- A report with every unit, layout and kind of chart, empty cells, an empty table and a section of
-- text alone; or with those of its sections whose titles match one of some patterns.
function M.sample(...)
  local patterns = { ... }
  local report = {
    title = "A sample",
    subtitle = "every unit, every chart",
    sections = {
      {
        title = "Totals",
        layout = "figures",
        columns = {
          { field = "count", heading = "Executions", unit = "count" },
          { field = "error_rate", heading = "Error rate", unit = "percent" },
          { field = "total_ms", heading = "Total time", unit = "ms" },
          { field = "label", heading = "Label" },
        },
        rows = { { count = 12345, error_rate = 0.125, total_ms = 65000, label = "nightly" } },
      },
      {
        title = "All units",
        text = "First paragraph, which is long enough that a narrow terminal has to wrap it at "
          .. "least once.\n\nSecond paragraph.",
        columns = {
          { field = "tool", heading = "Tool" },
          { field = "count", heading = "Calls", unit = "count", bar = true },
          { field = "rate", heading = "Errors", unit = "percent", bar = true },
          { field = "ms", heading = "p95", unit = "ms" },
          { field = "bytes", heading = "Size", unit = "bytes", priority = 2 },
          { field = "at", heading = "Last", unit = "time" },
          { field = "status", heading = "Status", unit = "status" },
          { field = "ratio", heading = "Ratio", priority = 3 },
          { field = "cached", priority = 4 },
        },
        rows = {
          { tool = "read_file", count = 1200, rate = 0, ms = 0.25, bytes = 1536, at = M.START,
            status = "success", ratio = 1.8, cached = true },
          { tool = "日本語", count = 3, rate = 1, ms = 12.5, bytes = 0, at = M.START + 61,
            status = "failed", ratio = 2, cached = false },
          { tool = "a tool with quite a long name that has to be cut somewhere", count = 600,
            rate = 0.0001, ms = 187200000, status = "timed_out" },
          { tool = "", count = 0 / 0, ms = 1 / 0, status = "cancelled", ratio = -0.5 },
        },
      },
      { title = "Only text", text = "Nothing to see." },
      { title = "No rows", columns = { { field = "a", heading = "A" } }, rows = {} },
      {
        title = "Bars",
        chart = { kind = "bars", unit = "ms", bars = {
          { label = "llm", value = 1200 },
          { label = "read_file", value = 12.5, status = "success" },
          { label = "none", value = 0, status = "failed" },
        } },
      },
      {
        title = "Timeline",
        chart = { kind = "timeline", title = "What ran when", spans = {
          { lane = "llm", from = M.START, to = M.START + 1.5, status = "success" },
          { lane = "read_file", from = M.START + 1.5, to = M.START + 1.6, status = "failed",
            label = "ENOENT" },
          { lane = "read_file", from = M.START + 1.7, to = M.START + 1.7, status = "cancelled" },
          { lane = "llm", from = M.START + 2, to = M.START + 4, status = "timed_out" },
          { lane = "other", from = M.START + 3, to = M.START + 3.5 },
        } },
      },
      {
        title = "Histogram",
        chart = { kind = "histogram", unit = "ms", buckets = {
          { from = 1, to = 2, count = 4 },
          { from = 2, to = 4, count = 40 },
          { from = 4, to = 8, count = 0 },
          { from = 8, to = 16, count = 1 },
        } },
      },
      {
        title = "Line",
        text = "With a table beside it.",
        columns = { { field = "line", heading = "Line" } },
        rows = { { line = "p50" }, { line = "p95" } },
        chart = { kind = "line", unit = "ms", lines = {
          { label = "p50", points = {
            { time = M.START, value = 10 }, { time = M.START + 60, value = 20 },
            { time = M.START + 180, value = 15 },
          } },
          { label = "p95", points = {
            { time = M.START, value = 100 }, { time = M.START + 60, value = 250 },
          } },
        } },
      },
      { title = "Empty charts", chart = { kind = "bars", bars = {} } },
      { title = "No spans", chart = { kind = "timeline", spans = {} } },
      { title = "No buckets", chart = { kind = "histogram", buckets = {} } },
      { title = "No points", chart = { kind = "line", lines = { { label = "a", points = {} } } } },
    },
  }
  return #patterns > 0 and keep_sections(report, patterns) or report
end

--- Names that tools may have, and that could do harm somewhere.
M.HOSTILE = {
  "<script>alert(1)</script>",
  "</style></svg>&amp;<img src=x onerror=alert(1)>",
  "a|b",
  "a\nb\r\n# c\n```\n| d |",
  "it's \"quoted\"",
  "=cmd|' /C calc'!A0",
  "+1", "-1", "@SUM(A1)", "\t=1", "\r=1",
  "\27[31mred\27[0m\27]0;title\7",
  "\155\49m", -- a control sequence introducer of one byte, where UTF-8 isn't used
  "\255\254", "\237\160\128", "\192\128", "\226\130",
  "zero\0byte",
  u[[a\u{202E}b]], u[[\u{200B}]], u[[\u{FFFE}]], u[[\u{85}]], u[[\u{2028}]],
  "`code`", "**bold**", "[link](http://example.org/)", "![image](http://example.org/x.png)",
  "http://example.org/", "www.example.org", "&lt;", "\\|", "~~~", "1. one", "$x$", "<!--", "]]>",
  "", " ", "a,b;c", ("x"):rep(255), "日本語のツール", u[[e\u{301}]], "👩‍👩‍👧",
}

--- A report in which every text is each of these names in turn.
function M.hostile()
  local rows, bars, spans = {}, {}, {}
  for i, name in ipairs(M.HOSTILE) do
    rows[i] = { name = name, status = name, count = i }
    bars[i] = { label = name, value = i, status = name }
    spans[i] = { lane = name, from = M.START + i, to = M.START + i + 1, status = name,
      label = name }
  end
  local all = table.concat(M.HOSTILE, " ")
  return {
    title = all,
    subtitle = all,
    sections = {
      {
        title = all,
        text = all,
        columns = {
          { field = "name", heading = all },
          { field = "status", heading = "<b>", unit = "status" },
          { field = "count", heading = "|", unit = "count", bar = true },
          { field = "missing", none = all },
        },
        rows = rows,
        chart = { kind = "bars", title = all, bars = bars },
      },
      { title = "=1", chart = { kind = "timeline", title = all, spans = spans } },
      { title = "<h1>", chart = { kind = "line", title = all, lines = {
        { label = all, points = { { time = M.START, value = 1 }, { time = M.START, value = 2 } } },
      } } },
    },
  }
end

--- A section with more rows than are shown at first, and a command in each.
function M.many_rows()
  local rows = {}
  for i = 1, 300 do
    rows[i] = { name = "tool " .. i, count = i,
      run = ("exectrack report a.run --tool 'tool %d'"):format(i) }
  end
  return { title = "Tools", limit = 50, noun = "tools", rows = rows, columns = {
    { field = "name" }, { field = "count", unit = "count" }, { field = "run", unit = "command" },
  } }
end

return M
