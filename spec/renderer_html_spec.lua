local portable = require("spec.support.portable")
local process = require("spec.support.process")
local render = require("exectrack.report.renderer.html")
local reports = require("spec.support.reports")
local script = require("exectrack.report.renderer.html_script")
local style = require("exectrack.report.renderer.html_style")

local pack = portable.pack

--- A page with one section of these fields.
local function page(section)
  section.title = section.title or "Title"
  return assert(render { title = "Report", sections = { section } })
end

local function table_page(columns, rows)
  return page { columns = columns, rows = rows }
end

--- All captures of `pattern`, in order.
local function all(text, pattern)
  local found = {}
  for capture in text:gmatch(pattern) do
    found[#found + 1] = capture
  end
  return found
end

local function has(text, part)
  assert.truthy(text:find(part, 1, true), part)
end

--- What is wrong with `text` as XML, empty if nothing is.
local function xml_error(text)
  local name = os.tmpname()
  process.write_file(name, text)
  local _, err = process.run("python3 -c " .. process.quote([[
import sys, xml.etree.ElementTree
xml.etree.ElementTree.fromstring(open(sys.argv[1], "rb").read())]]) .. " " .. name)
  os.remove(name)
  return err
end

describe("the HTML renderer", function()
  it("has sections alone on request", function()
    local alone = assert(render(reports.sample(), { page = false }))
    has(render(reports.sample()), "\n</header>\n" .. alone .. "\n</main>\n<script>")
    assert.equal(1, alone:find("<section", 1, true))
    assert.same({ nil, "unknown option 'width'" }, { render(reports.sample(), { width = 80 }) })
    assert.same({ nil, "a table of options expected, got 1" }, { render(reports.sample(), 1) })
    assert.same({ nil, "option 'page': true or false expected, got 1" },
      { render(reports.sample(), { page = 1 }) })
    assert.equal(render(reports.sample()), render(reports.sample(), {}))
  end)

  it("makes well-formed XML", function()
    assert.equal("", xml_error(render(reports.sample())))
    assert.equal("", xml_error(render(reports.hostile())))
    assert.equal("", xml_error(render { title = "", sections = {} }))
  end)

  it("has nothing in its script and style that XML would have escaped", function()
    assert.is_nil(script.text:find("[<&]"))
    assert.is_nil(style:find("[<&]"))
    assert.is_nil(script.text:find("]]>", 1, true))
  end)

  it("names its script by its hash", function()
    local html = render(reports.hostile())
    local name = os.tmpname()
    process.write_file(name, html:match("<script>(.-)</script>"))
    local hash = process.run([[python3 -c "
import base64, hashlib, sys
print(base64.b64encode(hashlib.sha256(open(sys.argv[1], 'rb').read()).digest()).decode())" ]]
      .. name)
    os.remove(name)
    has(html, "script-src &#39;sha256-" .. hash:match("%S+") .. "&#39;; base-uri")
  end)

  it("links to its sections, if there are a few", function()
    local function links(count)
      local sections = {}
      for i = 1, count do
        sections[i] = { title = "<" .. i .. ">" }
      end
      local html = render { title = "t", sections = sections }
      return all(html:match("<nav.-</nav>") or "", '<li>(<a href="#section%-%d">.-</a>)</li>')
    end
    assert.same({}, links(2))
    assert.same({ '<a href="#section-1">&lt;1&gt;</a>', '<a href="#section-2">&lt;2&gt;</a>',
      '<a href="#section-3">&lt;3&gt;</a>' }, links(3))
  end)

  it("says where the report came from", function()
    local function source(of)
      local html = render { title = "t", source = of, sections = {} }
      return html:match("<footer><p>(.-)</p></footer>"), html:match('<p class="chosen">(.-)</p>')
    end
    assert.same({ "From <code>&lt;a&gt;.run</code>, <code>b.run</code>. As of "
      .. '<time datetime="2026-01-01T00:00:00Z">2026-01-01 00:00:00</time> UTC. '
      .. "Made by exectrack 1.2.3.", "Chosen: tool &lt;a&gt;" },
      { source { files = { "<a>.run", "b.run" }, taken = reports.START, version = "1.2.3",
        chosen = "tool <a>" } })
    local files = {}
    for i = 1, 12 do
      files[i] = "f"
    end
    assert.truthy(source({ files = files }):find("<code>f</code>, and 2 more.", 1, true))
    assert.same({}, { source {} })
    assert.same({}, { source { files = {} } })
    assert.same({}, { source(nil) })
  end)

  it("has one main heading, and one for each section", function()
    local report = reports.sample()
    local html = render(report)
    assert.same({ "A sample" }, all(html, "<h1[^>]*>(.-)</h1>"))
    local titles = all(html, "<h2[^>]*>(.-)</h2>")
    assert.equal(#report.sections, #titles)
    assert.equal("Totals", titles[1])
    assert.equal("No points", titles[#titles])
    has(html, '<html lang="en">')
    has(html, "<title>A sample</title>")
    has(html, '<p class="subtitle">every unit, every chart</p>')
  end)

  it("says of each heading of a table what it heads", function()
    local headings = all(render(reports.sample()), "<th%f[ >]([^>]*)>")
    assert.equal(25, #headings)
    for _, attributes in ipairs(headings) do
      has(attributes, ' scope="col"')
    end
  end)

  it("names what is labelled or described by elements that are there, and once", function()
    for _, report in ipairs { reports.sample(), reports.hostile() } do
      local html = render(report)
      local ids = {}
      for _, id in ipairs(all(html, ' id="([^"]*)"')) do
        assert.is_nil(ids[id], id)
        ids[id] = true
      end
      for _, id in ipairs(all(html, ' aria%-%l+edby="([^"]*)"')) do
        assert.is_true(ids[id], id)
      end
      for _, tag in ipairs { '<svg class="chart', "<table", '<div class="scroll"', "<section" } do
        for _, attributes in ipairs(all(html, tag .. "([^>]*)>")) do
          has(attributes, ' aria-labelledby="')
        end
      end
    end
  end)

  it("fetches nothing and runs nothing but its own script", function()
    local plain = render(reports.sample())
    for _, part in ipairs { "http:", "https:", "//", "src=", 'href="[^#]', "url%(", "@import" } do
      assert.is_nil(plain:find(part), part)
    end
    has(plain, 'content="default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;; '
      .. "script-src &#39;sha256-")
    has(plain, "&#39;; base-uri &#39;none&#39;; form-action &#39;none&#39;\"")
  end)

  it("has no other elements and attributes for any text", function()
    local function vocabulary(html)
      local words = {}
      for tag in html:gsub("<style>.-</style>", ""):gsub("<script>.-</script>", "")
          :gmatch("<(%a[^>]*)>") do
        words["<" .. tag:match("^%w+")] = true
        for name in tag:gsub('"[^"]*"', '""'):gmatch("%s([^%s=/]+)") do
          words[name] = true
        end
      end
      return words
    end
    local known = vocabulary(render(reports.sample()))
    for word in pairs(vocabulary(render(reports.hostile()))) do
      assert.is_true(known[word], word)
    end
    assert.is_nil(known.onerror)
    assert.same({ 1, 1 }, { #all(render(reports.hostile()), "<script>"),
      #all(render(reports.hostile()), "</script>") })
  end)
end)

describe("the HTML of a section", function()
  it("has a paragraph for each of its text's, without what harms", function()
    local html = page { text = " One <b>\n \tline. \r\n \t\r\n\nTwo\27[31m.\n\n" }
    has(html, "\n<p>One &lt;b&gt; line.</p>\n<p>Two\\x1b[31m.</p>\n</section>")
    assert.equal(0, #all(page { text = " \n\n" }, "<p>"))
  end)

  it("has text, chart and table in this order", function()
    local html = page { text = "T", columns = { { field = "a" } }, rows = { {} },
      chart = { kind = "bars", bars = { { label = "b", value = 1 } } } }
    local text, chart, rows = html:find("<p>T</p>", 1, true), html:find("<figure>", 1, true),
      html:find("</figure>\n<div", 1, true)
    assert.is_true(text < chart and chart < rows)
  end)

  it("shows figures as a list, and a dash for one that is missing", function()
    local html = page { layout = "figures", rows = { { a = 0.5, t = 0 }, { s = "failed" } },
      columns = { { field = "a", heading = "A & B", unit = "percent", bar = true },
        { field = "t", unit = "time" }, { field = "s", unit = "status" } } }
    has(html, '<dl class="figures">\n<div><dt>A &amp; B</dt><dd class="number">50.0 %</dd></div>\n'
      .. '<div><dt>t (UTC)</dt><dd><time datetime="1970-01-01T00:00:00Z">1970-01-01 00:00:00'
      .. "</time></dd></div>\n<div><dt>s</dt><dd>–</dd></div>\n</dl>\n"
      .. '<dl class="figures">\n<div><dt>A &amp; B</dt><dd>–</dd></div>')
    has(html, '<dd><span class="status bad">failed</span></dd>')
    has(page { layout = "figures", rows = {}, columns = { { field = "a" } } },
      '<p class="empty">No data</p>')
  end)

  local function numbered(count, limit)
    local rows = {}
    for i = 1, count do
      rows[i] = { a = i }
    end
    return page { columns = { { field = "a" } }, rows = rows, limit = limit, noun = "<tools>" }
  end

  it("has all rows, of which those behind its limit are shown on request", function()
    local html = numbered(300, 50)
    assert.equal(50, #all(html, "(<tr><td)"))
    assert.equal(250, #all(html, '(<tr class="more"><td)'))
    has(html, '<div class="table">\n<input type="checkbox" class="all" id="section-1-all"/>\n'
      .. '<p class="note"><label for="section-1-all">The first 50 of 300 &lt;tools&gt;. '
      .. '<span>Show all</span></label></p>\n<div class="scroll"')
    has(html, ' data-limit="50"')
    for _, other in ipairs { numbered(50, 50), numbered(300) } do
      assert.is_nil(other:find("type=", 1, true))
      assert.is_nil(other:find('class="more"', 1, true))
      assert.is_nil(other:find(" data-limit=", 1, true))
    end
  end)

  it("has at most 2,000 rows, and says so", function()
    local html = numbered(2001)
    assert.equal(2000, #all(html, "(<tr><td)"))
    has(html, '<p class="note">This page has 2,000 of them; CSV and JSON have all.</p>')
    assert.is_nil(numbered(2000):find("This page has", 1, true))
  end)

  it("has commands as code", function()
    has(table_page({ { field = "a", unit = "command" } }, { { a = "x 'a  <b>'" }, {} }),
      "<tr><td><code class=\"command\">x &#39;a  &lt;b&gt;&#39;</code></td></tr>\n"
        .. "<tr><td></td></tr>")
  end)

  it("says that there are no rows or columns", function()
    has(table_page({ { field = "a" }, { field = "b" } }, {}),
      '<tbody>\n<tr><td class="empty" colspan="2">No data</td></tr>\n</tbody>')
    has(table_page({}, { {} }), '<p class="empty">No data</p>')
  end)
end)

describe("the HTML of a cell", function()
  local function cells(column, values)
    column.field = "x"
    local rows = {}
    for i = 1, values.n do
      rows[i] = { x = values[i] }
    end
    return all(table_page({ column }, rows), "(<td.-</td>)")
  end

  it("has the number to sort by, whatever is shown", function()
    assert.same({
      '<td class="number" data-value="0.1">0.10 ms</td>',
      '<td class="number" data-value="187200000">2 d 04 h</td>',
      '<td class="number" data-value="0.3333333333333333">0.33 ms</td>',
      '<td class="number" data-value="Infinity">infinite</td>',
      '<td class="number" data-value="-Infinity">-infinite</td>',
      '<td class="number" data-value="">not a number</td>',
      '<td class="number" data-value=""></td>',
    }, cells({ unit = "ms" }, pack(0.1, 187200000, 1 / 3, 1 / 0, -1 / 0, 0 / 0, nil)))
    assert.same({ '<td class="number" data-value="1.5">1.5</td>' }, cells({}, { 1.5, n = 1 }))
  end)

  it("has a time for machines, unless it lies outside the calendar", function()
    assert.same({
      '<td data-value="1767225600.25"><time datetime="2026-01-01T00:00:00Z">'
        .. "2026-01-01 00:00:00</time></td>",
      '<td data-value="-1">-1 s</td>',
    }, cells({ unit = "time" }, pack(1767225600.25, -1)))
  end)

  it("has times of another zone on request", function()
    local html = assert(render({ title = "t", source = { taken = 3600 }, sections = { {
      title = "s", columns = { { field = "x", unit = "time" } }, rows = { { x = 0 } },
    } } }, { timezone = 90 }))
    has(html, '<th scope="col" data-sort="number">x (+01:30)</th>')
    has(html, '<time datetime="1970-01-01T00:00:00Z">1970-01-01 01:30:00</time></td>')
    has(html, 'As of <time datetime="1970-01-01T01:00:00Z">1970-01-01 02:30:00</time> +01:30.')
  end)

  it("is text without a number to sort by", function()
    assert.same({ "<td>it&#39;s &quot;1&quot;\\n</td>", "<td>2</td>", "<td>yes</td>", "<td></td>" },
      cells({}, pack("it's \"1\"\n", 2, true, nil)))
  end)

  it("is aligned and sorted as a number if it says how one changed", function()
    assert.same({ '<td class="number" data-value="0.125">+12.5 %</td>',
      '<td class="number" data-value="1.4">2.40 times</td>',
      '<td class="number" data-value=""></td>' },
      cells({ unit = "change" }, pack(0.125, 1.4, nil)))
  end)

  it("is wrapped where it is long, in a wider column where it is very long", function()
    local function class(columns)
      return cells({}, { ("x"):rep(columns), n = 1 })[1]:match("^<td([^>]*)>x")
    end
    assert.same({ "", ' class="long"', ' class="long"', ' class="long longer"' },
      { class(20), class(21), class(96), class(97) })
    assert.equal('<td class="long">mcp__<wbr/>a_<wbr/>tool_<wbr/>of_<wbr/>server</td>',
      cells({}, { "mcp__a_tool_of_server", n = 1 })[1])
    assert.same({ '<td class="number long" data-value="1e+40">' },
      all(table.concat(cells({ unit = "count" }, { 1e40, n = 1 })), "(<td.->)"))
  end)

  it("has the class of its status's tone", function()
    assert.same({
      '<td><span class="status good">ok</span></td>',
      '<td><span class="status bad">timed out</span></td>',
      '<td><span class="status warning">warn</span></td>',
      '<td><span class="status muted">not clear</span></td>',
      '<td><span class="status plain">&lt;b&gt;</span></td>',
      "<td></td>",
    }, cells({ unit = "status" }, pack("ok", "timed_out", "warn", "noise", "<b>", nil)))
  end)

  it("has a bar as long as its share of the largest", function()
    local bars = cells({ unit = "count", bar = true }, pack(30, 10, 0, 0 / 0, nil))
    local lengths = all(table.concat(bars), 'style="width:([^"]*)"')
    assert.same({ "100%", "33.33%", "0%", "0%" }, lengths)
    assert.equal('<td class="number" data-value="10">10<span class="bar" aria-hidden="true">'
      .. '<span style="width:33.33%"></span></span></td>', bars[2])
    assert.equal('<td class="number" data-value=""></td>', bars[5])
  end)
end)

describe("the style of a page", function()
  local function variables(css)
    local colors = {}
    for name, color in css:gmatch("%-%-([%w-]+): (#%x+);") do
      colors[name] = color
    end
    return colors
  end

  -- Relative luminance and contrast as WCAG 2 defines them.
  local function luminance(color)
    local sum = 0
    for i, weight in ipairs { 0.2126, 0.7152, 0.0722 } do
      local part = tonumber(color:sub(2 * i, 2 * i + 1), 16) / 255
      sum = sum + weight * (part <= 0.04045 and part / 12.92 or ((part + 0.055) / 1.055) ^ 2.4)
    end
    return sum
  end

  local function contrast(one, other)
    one, other = luminance(one) + 0.05, luminance(other) + 0.05
    return math.max(one, other) / math.min(one, other)
  end

  local light = variables(style:match(":root (%b{})"))
  local dark = variables(style:match("%(prefers%-color%-scheme: dark%) (%b{})"))

  it("computes contrast as WCAG does", function()
    assert.equal(21, contrast("#000000", "#ffffff"))
    assert.equal(4.54, math.floor(100 * contrast("#767676", "#ffffff")) / 100)
  end)

  it("is readable in both schemes", function()
    local colors = { "text", "quiet", "accent", "good", "bad", "warning", "line-1", "line-2",
      "line-3", "line-4", "line-5" }
    for scheme, its in pairs { light = light, dark = dark } do
      for _, color in ipairs(colors) do
        for _, ground in ipairs { "page", "surface", "track" } do
          local found = contrast(its[color], its[ground])
          assert.is_true(found >= 4.5, ("%s: %s on %s: %.2f"):format(scheme, color, ground, found))
        end
      end
    end
    assert.is_true(luminance(light.page) > 0.8)
    assert.is_true(luminance(dark.page) < 0.05)
  end)

  it("has each colour that it uses, in both schemes", function()
    for _, name in ipairs(all(style, "var%(%-%-([%w-]+)%)")) do
      assert.is_string(light[name], name)
      assert.is_string(dark[name], name)
    end
  end)
end)
