local Style = require("exectrack.report.renderer.text_style")
local clocks = require("spec.support.clock")
local draw = require("exectrack.command.top_frame")
local exectrack = require("exectrack")
local golden = require("spec.support.golden")
local models = require("exectrack.command.top_model")
local unicode = require("exectrack.report.unicode")

local clock, tracker, model, spans

local function record(count, tool, status, duration_ms)
  for _ = 1, count do
    tracker:record(tool, status, duration_ms)
  end
end

--- Begins an execution that stays in flight.
local function start(tool, args, session)
  spans[#spans + 1] = (session and tracker:session(session) or tracker):start(tool, args)
end

--- A file as a watch finds it.
local function file_of(run, state)
  return { path = "runs/a.run", snapshot = run:snapshot(), state = state,
    writer = state and { state = state, pid = 4711 } }
end

local function look(...)
  model:look({ ... }, {}, clock.us / 1e6)
end

--- The frame as one text, of `width` columns; nothing is wider.
local function frame(width, height, options)
  options = options or {}
  options.width = width
  local lines = draw(model, Style.new(options), height)
  assert.is_true(not height or #lines == height)
  for _, line in ipairs(lines) do
    local plain = line:gsub("\27%[%d*m", "")
    assert.is_true(unicode.width(plain) <= width, line)
  end
  return table.concat(lines, "\n") .. "\n"
end

--- The names of tools, in their order.
local function tools()
  local names = {}
  for i, row in ipairs(model:tools()) do
    names[i] = row.tool
  end
  return table.concat(names, " ")
end

before_each(function()
  clock, spans = clocks.new(), {}
  tracker = exectrack.new { clock = clock.read, max_history = 5000, label = "agent", args_texts = 8,
    instance_id = "00000000-0000-0000-0000-0000000000aa" }
  model = models.new("calls", "")
  record(12, "read_file", "success", 12.5)
  record(3, "web_fetch", "failed", 2400)
  start("web_fetch", { url = "https://example.org/a" })
  look(file_of(tracker, "live"))
  clock.advance_us(1000000)
  record(1234, "read_file", "success", 0.75)
  record(1, "web_fetch", "success", 180)
  start("run_tests", { suite = "all" })
  start("a tool with a very long name, which is cut", nil, "chat\n17")
  look(file_of(tracker, "live"))
  clock.advance_us(2000000)
  record(600, "read_file", "success", 0.75)
  look(file_of(tracker, "live"))
end)

describe("a frame of top", function()
  it("is as wide and as high as the terminal", function()
    golden.assert_equal("top.txt", frame(80, 24))
    golden.assert_equal("top_narrow.txt", frame(40, 12, { ascii = true }))
    golden.assert_equal("top_color.txt", frame(100, 18, { color = true }))
  end)

  it("fits all widths and heights", function()
    for _, width in ipairs { 1, 2, 5, 9, 10, 15, 18, 20, 21, 30, 50, 79, 81, 120, 200, 1000 } do
      for height = 1, 30 do
        frame(width, height)
      end
    end
  end)

  it("names the columns left out for want of room, which are never that of the order", function()
    model:press("9")
    for width, left_out in pairs { [40] = "Errors, Flight, p50", [60] = "p50" } do
      assert.equal(left_out, frame(width):match("\nLeft out: ([^\n]+)\nTool .* p95▼"))
    end
    assert.truthy(frame(66):find("\n\nTool  *Calls  *Rate  *Errors  *p50  *p95▼  *Flight\n"))
  end)

  it("has all rows, and no help with keys, where there is no terminal", function()
    local text = frame(80)
    assert.truthy(text:find("\nweb_fetch ", 1, true))
    assert.truthy(text:find("    3.00 s  web_fetch  {url=\"https://example.org/a\"}\n", 1, true))
    assert.is_nil(text:find("quit", 1, true))
  end)

  it("says how many rows there is no room for", function()
    for i = 1, 30 do
      record(1, "tool " .. i, "success", 1)
      start("tool " .. i)
    end
    look(file_of(tracker, "live"))
    local text = frame(80, 24)
    assert.truthy(text:find("\nand 23 more tools", 1, true))
    assert.truthy(text:find("\nand 29 more in flight", 1, true))
    local _, lines = text:gsub("\n", "")
    assert.equal(24, lines)
  end)

  it("says that a writer died, and since when", function()
    local file = file_of(tracker, "died")
    look(file)
    local text = frame(80)
    assert.truthy(text:find("  errors 0.2 %  in flight 0  at a death 3 ", 1, true))
    assert.truthy(text:find("\nIn flight at a death\n", 1, true))
    assert.equal(0, model:tools()[1].flight)
    assert.truthy(text:find("died  2026-01-01 00:00:03 UTC\n", 1, true))
    assert.truthy(text:find("\nIts writer, process 4711, died. The last time known is "
      .. "2026-01-01 00:00:03 UTC.", 1, true))
    model.zone = 330
    look(file)
    assert.truthy(frame(100):find("is 2026-01-01 05:30:03 +05:30.", 1, true))
    assert.truthy(text:find("web_fetch  (its writer died)  {url", 1, true))
    clock.advance_us(60000000)
    local other = exectrack.new { clock = clock.read }
    spans[#spans + 1] = other:start("web_fetch")
    look(file, file_of(other, "live"))
    text = frame(80)
    model:press("t")
    assert.same({ 1, 3, 1 }, { model.all.flight, model.all.at_death, model:tools()[4].flight })
    assert.truthy(text:find("\nIn flight\n", 1, true))
    assert.truthy(text:find("exectrack top  2 runs", 1, true))
    assert.truthy(text:find("1 live, 1 died  2026-01-01 00:01:03 UTC\n", 1, true))
    assert.truthy(text:find("    3.00 s  web_fetch  (its writer died)", 1, true))
    look(file_of(other, "died")) -- which did nothing else
    assert.truthy(frame(80):find("\n   unknown  web_fetch  (its writer died)\n", 1, true))
  end)

  it("shows a problem for ten seconds", function()
    local file = file_of(tracker, "live")
    model:look({ file }, { { message = "b.run: it is empty" } }, clock.us / 1e6)
    assert.truthy(frame(80):find("\nb.run: it is empty", 1, true))
    clock.advance_us(9000000)
    look(file)
    assert.truthy(frame(80):find("\nb.run: it is empty", 1, true))
    clock.advance_us(1000000)
    look(file)
    assert.is_nil(frame(80):find("b.run", 1, true))
  end)

  it("of no run yet is empty", function()
    model = models.new("calls", "")
    look()
    assert.truthy(frame(80, 24):find("\n0 executions  0/s  errors -  in flight 0", 1, true))
  end)

  it("leaves runs out of the figures whose measures don't fit", function()
    local files = {}
    for i, unit in ipairs { "USD", "EUR" } do
      local measures = { { name = "cost", unit = unit } }
      local run = exectrack.new { clock = clock.read, measures = measures }
      run:record("a", "success", 1)
      spans[i] = run:start("b")
      files[i] = file_of(run, "live")
    end
    look(files[1], files[2])
    assert.equal(1, model.all.calls)
    assert.same({ 2, 2 }, { model.all.flight, #model:in_flight() })
  end)
end)

describe("keys in top", function()
  it("sort, by the largest first, then by name", function()
    for key, expected in pairs {
      c = "read_file web_fetch a tool with a very long name, which is cut run_tests",
      e = "web_fetch read_file a tool with a very long name, which is cut run_tests",
      ["5"] = "web_fetch read_file a tool with a very long name, which is cut run_tests",
      ["9"] = "web_fetch read_file a tool with a very long name, which is cut run_tests",
      f = "a tool with a very long name, which is cut run_tests web_fetch read_file",
      t = "a tool with a very long name, which is cut read_file run_tests web_fetch",
      r = "read_file web_fetch a tool with a very long name, which is cut run_tests",
    } do
      assert.is_false(model:press(key))
      assert.equal(expected, tools(), key)
    end
  end)

  it("filter by a part of the name", function()
    model:press("/WEB")
    assert.truthy(frame(80, 24):find("\nTools with: WEB_ ", 1, true))
    assert.equal("web_fetch", tools())
    assert.equal(1, #model:in_flight())
    model:press("\r")
    assert.truthy(frame(80, 24):find("\nTools with: WEB  Esc: all", 1, true))
    model:press("/\127\127\8t") -- t doesn't sort now
    assert.equal("web_fetch a tool with a very long name, which is cut run_tests", tools())
    model:press("\21é\127\127\27[A\27OPr")
    assert.equal("r", model.filter)
    model:press("\27")
    assert.equal("", model.filter)
    model:press("/x\n\27")
    assert.equal("", model.filter)
  end)

  it("quit, unless the filter is being changed", function()
    assert.is_true(model:press("q"))
    assert.is_true(model:press("\4"))
    assert.is_false(model:press("/q"))
    assert.is_true(model:press("\nq"))
    assert.is_false(model:press("\27[A\255zZ"))
  end)
end)
