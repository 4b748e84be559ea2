local cjson = require("cjson")
local directory = require("spec.support.directory")
local exectrack = require("exectrack")
local portable = require("spec.support.portable")
local process = require("spec.support.process")
local reports = require("spec.support.reports")
local utf8 = require("spec.support.utf8")

local u = utf8.text

local FORMATS = { "text", "markdown", "html", "json", "csv" }
local BUILT_IN = { "overview", "failures", "latency", "loops", "sessions", "compare", "policy" }
local STATUSES = { "failed", "timed_out", "success", "cancelled", "failed" }

--- A run in which everything that has a name is called by each of the hostile names.
local function hostile_run(factor)
  local now = reports.START
  local tracker = exectrack.new { label = reports.HOSTILE[1], session_names = 64,
    clock = function() return now end }
  local spans = {}
  for round = 1, 5 do
    for i, name in ipairs(reports.HOSTILE) do
      now = now + 1
      tracker:record { tool = name, status = STATUSES[round], duration_ms = factor * i,
        error_type = name, args_hash = i, session = name }
    end
  end
  for i, name in ipairs(reports.HOSTILE) do
    tracker:wrap(name, error, { policy = function()
      return { action = "deny", reason = name }
    end })()
    spans[i] = tracker:start(name)
  end
  local snapshot = tracker:snapshot()
  for _, span in ipairs(spans) do
    span:finish("cancelled")
  end
  return snapshot
end

local function deny(call)
  return { action = "deny", reason = call.tool, message = call.tool, policy = call.tool }
end

--- The report made of everything, and the built-in ones of the run, by name.
local function all_reports()
  local run, before = hostile_run(2), hostile_run(1)
  local made = { hostile = reports.hostile() }
  for _, name in ipairs(BUILT_IN) do
    made[name] = require("exectrack.report.builtin." .. name)(run, {
      before = name == "compare" and before or nil,
      policy = name == "policy" and deny or nil,
    })
  end
  return made
end

local NAMES = { "hostile", portable.unpack(BUILT_IN) }

-- What commands a terminal, ends lines, hides or reorders: U+007F to U+009F, U+200B, U+200E,
-- U+200F, U+2028 to U+202E, U+2066 to U+2069 and U+FEFF.
local HARMFUL = { "\127", "\194[\128-\159]", "\226\128[\139\142\143\168-\174]",
  "\226\129[\166-\169]", "\239\187\191" }

local CONTROLS = { HARMFUL[1], HARMFUL[2] }

local function assert_harmless(text, place, patterns)
  assert(utf8.len(text), place .. " is UTF-8")
  for _, pattern in ipairs(patterns or HARMFUL) do
    assert(not text:find(pattern), place .. " has no " .. pattern)
  end
end

--- Text as it is read back from JSON: each byte that isn't UTF-8 is replaced.
local function readable(text)
  local _, invalid = utf8.len(text)
  while invalid do
    text = text:sub(1, invalid - 1) .. u[[\u{FFFD}]] .. text:sub(invalid + 1)
    _, invalid = utf8.len(text)
  end
  return text
end

--- A value of a report as it is read back from JSON.
local function as_read(value)
  if type(value) == "table" then
    local copy = {}
    for key, element in pairs(value) do
      copy[key] = as_read(element)
    end
    return copy
  elseif type(value) == "number" and (value ~= value or math.abs(value) == math.huge) then
    return cjson.null
  end
  return type(value) == "string" and readable(value) or value
end

--- A report as JSON has it: its schema, no fields without a column, and null for gaps in lines.
local function as_in_json(report)
  report.schema, report.version = "exectrack-report", 1
  for _, section in ipairs(report.sections) do
    for _, line in ipairs(section.chart and section.chart.lines or {}) do
      for _, point in ipairs(line.points) do
        point.value = point.value or cjson.null
      end
    end
    for i, row in ipairs(section.rows or {}) do
      local named = {}
      for _, column in ipairs(section.columns) do
        named[column.field] = row[column.field]
      end
      section.rows[i] = named
    end
  end
  return report
end

--- How many cells a line of a Markdown table has: a pipe with a backslash is text.
local function count_cells(line)
  local pipes = select(2, line:gsub("\\.", ""):gsub("|", ""))
  return pipes - 1
end

--- Asserts that all lines of each table have as many cells as its first, and returns how many lines
-- of tables there are. What stands in fences isn't looked at.
local function assert_tables(text, place)
  local fence, cells, count = nil, nil, 0
  for line in text:gmatch("[^\n]*") do
    local marks = line:match("^```+")
    if fence then
      fence = not (marks and #marks >= #fence and line == marks) and fence or nil
    elseif marks then
      fence, cells = marks, nil
    elseif line:sub(1, 1) == "|" then
      cells = cells or count_cells(line)
      assert.equal(cells, count_cells(line), place .. ": " .. line)
      count = count + 1
    else
      cells = nil
    end
  end
  assert.is_nil(fence, place .. " ends in a fence")
  return count
end

describe("Hostile names", function()
  local made, rendered, path

  setup(function()
    path = directory.make()
    made, rendered = all_reports(), {}
    for _, format in ipairs(FORMATS) do
      local render = require("exectrack.report.renderer." .. format)
      rendered[format] = {}
      for _, name in ipairs(NAMES) do
        assert(require("exectrack.report.check")(made[name]))
        rendered[format][name] = assert(render(made[name]))
        process.write_file(("%s/%s.%s"):format(path, name, format), rendered[format][name])
      end
    end
  end)

  teardown(function()
    directory.remove(path)
  end)

  --- What a program in Python prints that is given the names of the reports in one format.
  local function python(format, program)
    local paths = {}
    for i, name in ipairs(NAMES) do
      paths[i] = name .. "." .. format
    end
    return (process.run(("cd %s && python3 -c %s %s"):format(path, process.quote(program),
      table.concat(paths, " "))))
  end

  it("are in each of the reports", function()
    for _, name in ipairs(NAMES) do
      for _, format in ipairs(FORMATS) do
        assert.truthy(rendered[format][name]:find("alert(1)", 1, true)
          or format == "markdown" and rendered[format][name]:find("alert", 1, true),
          name .. " as " .. format)
      end
    end
  end)

  it("look different in tables that people read", function()
    local names = { "", '""', "(none)", '"(none)"', "a b", "a  b", "a b ", "a\\n", "a\n", "a\\x20",
      "\\u{200b}", u[[\u{200B}]], "é", u[[e\u{301}]], "e\\u{0301}", "&lt;", "<", "a\\|", "a|" }
    local rows = { {} }
    for i, name in ipairs(names) do
      rows[i + 1] = { name = name }
    end
    local report = { title = "t", sections = { { title = "s", rows = rows,
      columns = { { field = "name", unit = "name", none = "(none)" }, { field = "x" } } } } }
    for format, pattern in pairs { text = "\n([^\n]+)", html = "<tr><td[^>]*>(.-)</td>",
      markdown = "\n| (.-) |  |" } do
      for _, ascii in ipairs(format == "text" and { false, true } or { false }) do
        local text = require("exectrack.report.renderer." .. format)(report,
          format == "text" and { ascii = ascii } or {})
        local seen, count = {}, 0
        for cell in text:gmatch(pattern) do
          cell = cell:gsub("%s+", " ")
          count = count + (seen[cell] and 0 or 1)
          seen[cell] = true
        end
        assert.equal(#rows + (format == "text" and 5 or 0), count, format)
      end
    end
  end)

  it("give UTF-8 without control characters in every format", function()
    local allowed = { csv = "[^\t\r\n\32-\255]", html = "[^\t\n\32-\255]" }
    for _, format in ipairs(FORMATS) do
      for _, name in ipairs(NAMES) do
        local text, place = rendered[format][name], name .. " as " .. format
        assert_harmless(text, place, format == "csv" and CONTROLS) -- the rest of it is data
        assert.is_nil(text:find(allowed[format] or "[^\n\32-\255]"), place)
      end
    end
  end)

  it("give text with no escape sequences but those of colours", function()
    local render = require("exectrack.report.renderer.text")
    for _, name in ipairs(NAMES) do
      for _, ascii in ipairs { false, true } do
        local text = render(made[name], { color = true, ascii = ascii }):gsub("\27%[[%d;]*m", "")
        assert_harmless(text, name)
        assert.is_nil(text:find(ascii and "[^\n\32-\126]" or "[^\n\32-\255]"), name)
      end
    end
  end)

  it("read back from JSON as what they were", function()
    for _, name in ipairs(NAMES) do
      assert.same(as_in_json(as_read(made[name])), cjson.decode(rendered.json[name]))
    end
  end)

  it("give as many rows of CSV as there are, all as long", function()
    local chart_table, expected = require("exectrack.report.chart_table"), {}
    for i, name in ipairs(NAMES) do
      local count = 1
      for _, section in ipairs(made[name].sections) do
        count = count + #(section.rows or section.chart and select(2, chart_table(section.chart))
          or {})
      end
      expected[i] = ("%s.csv %d 1\n"):format(name, count)
    end
    assert.equal(table.concat(expected), python("csv", [[
import csv, sys
for path in sys.argv[1:]:
    rows = list(csv.reader(open(path, newline="", encoding="utf-8"), strict=True))
    print(path, len(rows), len(set(map(len, rows))))]]))
  end)

  it("give no formulas in CSV", function()
    assert.equal("", python("csv", [[
import csv, sys
for path in sys.argv[1:]:
    for row in csv.reader(open(path, newline="", encoding="utf-8"), strict=True):
        for cell in row:
            text = cell.lstrip(" ")
            try:
                float(text)
            except ValueError:
                if text[:1] in tuple("=+-@\t\r\n＝＋－＠"):
                    print(path, repr(cell))]]))
  end)

  it("give tables of Markdown whose rows are all as long", function()
    for _, name in ipairs(NAMES) do
      assert.truthy(assert_tables(rendered.markdown[name], name) > 2, name)
    end
  end)

  it("give no elements or attributes of HTML of their own", function()
    local harmless = require("exectrack.report.renderer.html")(reports.sample())
    local scripts = select(2, harmless:gsub("<script", ""))
    for _, name in ipairs(NAMES) do
      local html = rendered.html[name]
      assert.equal(scripts, select(2, html:gsub("<script", "")), name)
      for _, element in ipairs { "<img", '<a [^>]*href="[^#]', "<b>", "<!%-%-", "<iframe",
        "<link" } do
        assert.is_nil(html:find(element), name .. ": " .. element)
      end
    end
  end)

  it("give HTML that is well-formed, and with no attribute that acts", function()
    assert.equal("", python("html", [[
import sys, xml.etree.ElementTree
for path in sys.argv[1:]:
    text = open(path, encoding="utf-8").read().replace("<!DOCTYPE html>", "", 1)
    for element in xml.etree.ElementTree.fromstring(text).iter():
        for name, value in element.items():
            leads_out = name in ("src", "href", "action") and not value.startswith("#")
            if name.startswith("on") or leads_out:
                print(path, element.tag, name)]]))
  end)

  it("read back from HTML as what is visible of them", function()
    local visible, cells = require("exectrack.report.unicode").visible, {}
    for i, name in ipairs(reports.HOSTILE) do
      cells[i] = visible(name) .. "\n"
    end
    assert.equal(table.concat(cells), (process.run("cd " .. path .. [[ && python3 -c '
import xml.etree.ElementTree
text = open("hostile.html", encoding="utf-8").read().replace("<!DOCTYPE html>", "", 1)
section = next(xml.etree.ElementTree.fromstring(text).iter("section"))
for row in next(section.iter("tbody")):
    print("".join(row[0].itertext()))']])))
  end)
end)
