local clocks = require("spec.support.clock")
local command = require("spec.support.command")
local directory = require("spec.support.directory")
local exectrack = require("exectrack")
local in_flight = require("exectrack.report.parts.in_flight")
local json = require("exectrack").json
local process = require("spec.support.process")
local reports = require("exectrack.report")
local sections = require("spec.support.sections")

local folder, path

before_each(function()
  folder = directory.make()
  path = folder .. "/a.run"
end)

after_each(function()
  directory.remove(folder)
end)

--- The recorder that a process leaves, which runs this after it has opened `tracker`. Its clock
-- begins at 2026-01-01 00:00:00 UTC, and `at(seconds)` sets it.
local function recorder_of(script)
  local _, stderr = process.run_lua(([[
    local exectrack, now = require("exectrack"), %d
    local function at(seconds) now = %d + seconds end
    local tracker = assert(exectrack.open(%q, { args_texts = 8, max_in_flight = 2,
      clock = function() return now end, any_file_system = true }))
    local kept = {}
    local function start(...) kept[#kept + 1] = tracker:start(...) end
    %s
    os.exit(0)]]):format(clocks.START_US / 1e6, clocks.START_US / 1e6, path, script))
  assert(stderr == "", stderr)
  return assert(exectrack.load(path))
end

--- The same at another path, and of another recorder each time.
local function save_recorder(name, script)
  local before = path
  path = folder .. "/" .. name
  local snapshot = recorder_of(script)
  path = before
  return snapshot
end

--- What the reports call the process that wrote a run.
local function writer_of(snapshot)
  local writer = snapshot:writer()
  return ("process %.0f on %s"):format(writer.pid, writer.host)
end

--- The section about what is in flight, or was when the writer died, if there is one.
local function section_of(snapshot, note, chosen)
  local at_death, now = in_flight.sections(in_flight.of(snapshot, chosen), note)
  assert(not (at_death and now))
  return at_death or now
end

--- A section as text, without its title.
local function text_of(section)
  local text = reports.render({ title = "R", sections = { section } }, "text", { width = 1000 })
  return text:match("^R\n═\n\n[^\n]*\n[^\n]*\n(.*)$")
end

--- The sections of the report that the command makes in the folder, by title.
local function sections_of(arguments)
  local stdout, stderr, code = process.run(("cd %s && %s%s %s --format json"):format(folder,
    command.ENVIRONMENT, command.PROGRAM, arguments))
  assert.same({ "", 0 }, { stderr, code })
  local by_title = {}
  for _, section in ipairs(json.decode(stdout).sections) do
    by_title[section.title] = section
  end
  return by_title
end

--- Fields of the rows of a section, as texts.
local function texts_of(section, ...)
  local texts = {}
  for i, row in ipairs(section and section.rows or {}) do
    local values = {}
    for j, field in ipairs { ... } do
      values[j] = tostring(row[field])
    end
    texts[i] = table.concat(values, " ")
  end
  return texts
end

describe("the section about what is in flight", function()
  it("is missing if nothing is, and the writer closed the run, or isn't known", function()
    assert.is_nil(section_of(exectrack.new():snapshot()))
    assert.is_nil(section_of(recorder_of("tracker:close()")))
  end)

  it("lists the longest first", function()
    local clock = clocks.new()
    local tracker = exectrack.new { clock = clock.read }
    local first = tracker:start("a")
    clock.advance_us(2500000)
    local second = tracker:session("chat"):start("b")
    local other = exectrack.new { clock = clock.read, max_in_flight = 0 }
    local third = other:start("c")
    local section = section_of(exectrack.merge { tracker:snapshot(), other:snapshot() },
      "A note.")
    assert.equal("In flight", section.title)
    assert.equal([[
A note. Its list had room for 2 of 3 executions.

Tool  Started (UTC)           For  Session
────  ───────────────────  ──────  ───────
a     2026-01-01 00:00:00  2.50 s
b     2026-01-01 00:00:02    0 ms  chat
]], text_of(section))
    assert(first and second and third)
  end)

  it("says when the writer died, and with what", function()
    local snapshot = recorder_of([[
      at(1) start("fetch", { url = "a" })
      at(2) start("grep")
      at(3) start("make")
      at(60) tracker:record("edit", "success", 1)]])
    local section = section_of(snapshot)
    assert.equal("In flight when its writer died", section.title)
    local found = sections.find(require("exectrack.report").overview(snapshot), "Health").rows
    assert.same({ "make", false }, { found[2].tool, found[2].lost_ms or false })
    assert.same({ "grep", 58000 }, { found[3].tool, found[3].lost_ms })
    assert.equal("Its writer, " .. writer_of(snapshot) .. [[, died. The last time known is ]]
      .. [[2026-01-01 00:01:00 UTC. Its list had room for 2 of 3 executions.

Tool   Started (UTC)        At least  Arguments
─────  ───────────────────  ────────  ─────────
fetch  2026-01-01 00:00:01    59.0 s  {url="a"}
grep   2026-01-01 00:00:02    58.0 s
]], text_of(section))
  end)

  it("says what the writer left unfinished when it closed the run", function()
    local snapshot = recorder_of("start('fetch') tracker:close()")
    local section = section_of(snapshot)
    assert.equal("In flight", section.title)
    assert.equal("Its writer, " .. writer_of(snapshot) .. ", closed it before these had ended.",
      section.text)
    assert.equal("For", section.columns[3].heading)
    local run = require("exectrack.command.contents")(snapshot, 0).sections[1].rows[1]
    assert.equal("closed, " .. writer_of(snapshot), run.writer)
  end)

  it("says that the writer died with nothing in flight", function()
    local snapshot = recorder_of("at(5) tracker:record('edit', 'success', 1)")
    assert.same({ title = "In flight when its writer died", text = "Its writer, "
      .. writer_of(snapshot) .. ", died. The last time known is 2026-01-01 00:00:05 UTC. "
      .. "Nothing was in flight." }, section_of(snapshot))
  end)

  it("says that a run is live", function()
    local tracker = assert(exectrack.open(path, { any_file_system = true }))
    local snapshot = assert(exectrack.load(path))
    local about = ("The run is live: %s has been writing it since %s UTC."):format(
      writer_of(snapshot), reports.format.time(snapshot:writer().started))
    assert.same({ title = "In flight", text = about .. " Nothing is in flight." },
      section_of(snapshot))
    local span = tracker:start("fetch")
    assert.equal(about, section_of(exectrack.load(path)).text)
    span:finish("success")
    tracker:close()
  end)

  it("is unknown how long where the process did nothing else", function()
    local snapshot = recorder_of([[
      at(1) tracker:record("edit", "success", 50) start("fetch")]])
    local section = section_of(snapshot)
    assert.same({ "fetch nil" }, texts_of(section, "tool", "elapsed_ms"))
    assert.matches("fetch +2026%-01%-01 00:00:01 +unknown\n$", text_of(section))
    local found = sections.find(reports.overview(snapshot), "Health").rows[1]
    assert.same({ "1 call in flight when the process died", false },
      { found.finding, found.lost_ms or false })
    assert(exectrack.open(path, { args_texts = 8, max_in_flight = 2, any_file_system = true }))
      :close()
    found = sections.find(reports.overview(exectrack.load(path)), "Health").rows[1]
    assert.same({ "1 call in flight when the process died", false },
      { found.finding, found.lost_ms or false })
  end)

  it("is of the chosen tools and sessions", function()
    local snapshot = recorder_of([[
      at(1) start("fetch") tracker:session("a"):record("edit", "success", 1)
      kept[#kept + 1] = tracker:session("a"):start("make")
      start("fetch") at(60) tracker:record("edit", "success", 1)]])
    local function tools(selection)
      local names = {}
      for i, row in ipairs(section_of(snapshot, nil, { selection = selection }).rows or {}) do
        names[i] = row.tool
      end
      return table.concat(names, " ")
    end
    assert.equal("fetch make", tools())
    assert.equal("fetch", tools { tool = "fetch" })
    assert.equal("fetch", tools { exclude = { "make" } })
    assert.equal("make", tools { session = { "a" } })
    assert.equal("make", tools { session = snapshot:session_name("a"), tool = { "make", "fetch" } })
    assert.equal("", tools { session = { "a" }, tool = { "fetch" } })
    local function count(selection)
      return in_flight.of(snapshot, { selection = selection }).at_death.count
    end
    assert.same({ 3, 2, 1, 2, 1 }, { count(), count { tool = "fetch" }, count { exclude = "fetch" },
      count { exclude = { "make" } }, count { session = { "a" } } })
    assert.matches("%. Nothing of what was chosen was in flight%.$",
      section_of(snapshot, nil, { selection = { tool = "edit" } }).text)
  end)

  it("is a finding of the health after a death, whatever else is in flight", function()
    local snapshot = recorder_of([[
      at(1) start("fetch") start("make") start("make")
      at(60) tracker:record("edit", "success", 1)]])
    local function findings(run)
      local texts = {}
      for i, row in ipairs(sections.find(reports.overview(run), "Health").rows or {}) do
        texts[i] = ("%s %s: %s %d"):format(row.tool, row.severity, row.finding, row.calls)
      end
      return texts
    end
    assert.same({ "make bad: 2 calls in flight when the process died, for at least 59.0 s 2",
      "fetch bad: 1 call in flight when the process died, for at least 59.0 s 1" },
      findings(snapshot))
  end)

  it("is the first behind the figures after a death, in the overview and in show", function()
    local snapshot = recorder_of("at(1) start('fetch')")
    local overview = reports.overview(snapshot).sections
    assert.same({ "Totals", "In flight when its writer died" },
      { overview[1].title, overview[2].title })
    local contents = require("exectrack.command.contents")(snapshot, 5).sections
    assert.same({ "Run", "In flight when its writer died" },
      { contents[1].title, contents[2].title })
    assert.equal("0 executions, 1 in flight at a death", reports.overview(snapshot).subtitle)
    local of_bytes = reports.overview(exectrack.from_bytes(snapshot:bytes()))
    assert.equal("0 executions, 1 in flight", of_bytes.subtitle)
    overview = of_bytes.sections
    assert.equal("In flight", overview[#overview].title)
  end)
end)

describe("the reports of several runs", function()
  local first, second

  before_each(function()
    first = save_recorder("a.run", [[
      tracker:record("edit", "success", 1) at(1) tracker:session("one"):record("edit", "success", 1)
      kept[#kept + 1] = tracker:session("two"):start("fetch")
      at(60) tracker:record("edit", "success", 1)]])
    second = save_recorder("b.run", [[
      at(5) start("fetch", { url = "b" }) start("make")
      at(10) tracker:record("edit", "success", 1)]])
    save_recorder("c.run", "start('make') tracker:close()")
  end)

  it("list what was in flight at the death of any process", function()
    for _, runs in ipairs { ".", "a.run c.run b.run" } do
      local its = sections_of("report " .. runs)
      local section = its["In flight when a writer died"]
      assert.equal("The writers of 2 runs died.", section.text)
      local before = runs == "." and "./" or ""
      assert.same({ ("fetch 59000 two nil %sa.run %s"):format(before, writer_of(first)),
        ("fetch 5000 nil {url=\"b\"} %sb.run %s"):format(before, writer_of(second)),
        ("make 5000 nil nil %sb.run %s"):format(before, writer_of(second)) },
        texts_of(section, "tool", "elapsed_ms", "session", "args", "run", "writer"))
      assert.same({ "fetch 2 calls in flight when the process died, for at least 59.0 s",
        "make 1 call in flight when the process died, for at least 5.00 s" },
        texts_of(its.Health, "tool", "finding"))
      assert.same({ "nil 3" }, texts_of(its.Totals, "in_flight", "at_death"))
      assert.is_nil(its.Totals.text) -- all that ended were measured
      assert.same({ "edit nil nil", "fetch nil 2", "make nil 1" },
        texts_of(its["By tool"], "tool", "in_flight", "at_death"))
    end
    assert.same({ "in flight when its writer died", "success" },
      texts_of(sections_of("report . --report sessions").Sessions, "ended"))
  end)

  it("list that of what was chosen, and say from which run if only one died", function()
    local title = "In flight when a writer died"
    local section = sections_of("report . --session two")[title]
    assert.same({ "fetch two" }, texts_of(section, "tool", "session"))
    section = sections_of("report . --exclude fetch")[title]
    assert.same({ "make" }, texts_of(section, "tool"))
    assert.equal("The writers of 2 runs died. Nothing of what was chosen was in flight.",
      sections_of("report . --tool edit")[title].text)
    section = sections_of("report a.run#one c.run")[title]
    assert.equal(("The writer of a.run, %s, died. The last time known is 2026-01-01 00:01:00 UTC. "
      .. "Nothing of what was chosen was in flight."):format(writer_of(first)), section.text)
    for _, runs in ipairs { "a.run#two c.run", "a.run#one a.run#two" } do
      section = sections_of("report " .. runs)[title]
      assert.equal(("The writer of a.run, %s, died. The last time known is 2026-01-01 00:01:00 "
        .. "UTC."):format(writer_of(first)), section.text)
      assert.same({ "fetch two" }, texts_of(section, "tool", "session"))
    end
  end)

  it("list that of the processes that died at the time that was chosen", function()
    local title = "In flight when a writer died"
    for arguments, tools in pairs { ["--since 2026-01-01T00:00:30"] = { "fetch" },
      ["--since 30s"] = { "fetch" }, ["--before 2026-01-01T00:00:30"] = { "fetch", "make" } } do
      for _, subcommand in ipairs { "report", "show" } do
        assert.same(tools, texts_of(sections_of(subcommand .. " . " .. arguments)[title], "tool"))
      end
    end
    assert.equal("The writers of 2 runs died. Nothing of what was chosen was in flight.",
      sections_of("report . --since 2026-01-01T00:01:01 --status success")[title].text)
  end)

  it("are shown with it by show, too", function()
    local its = sections_of("show .")
    assert.same({ "0 3" }, texts_of(its.Run, "in_flight", "at_death"))
    assert.same({ "fetch", "fetch", "make" }, texts_of(its["In flight when a writer died"], "tool"))
  end)
end)

describe("what was in flight when runs were saved that are merged", function()
  it("is known until its own was, in reports, in checks and in a file of all", function()
    local clock, kept = clocks.new(), {}
    for name, tool in pairs { a = "fetch", b = "make" } do
      clock.us = clocks.START_US + (name == "a" and 0 or 290 * 86400000000)
      local tracker = exectrack.new { clock = clock.read }
      tracker:record("edit", "success", 20)
      kept[name] = tracker:start(tool)
      clock.advance_us(9000000)
      assert(tracker:snapshot():save(("%s/%s.run"):format(folder, name)))
    end
    assert(exectrack.merge({ exectrack.load(path), exectrack.load(folder .. "/b.run") })
      :save(folder .. "/all.run"))
    for _, runs in ipairs { "a.run b.run", "all.run" } do
      local its = sections_of("report " .. runs)
      assert.equal("Each is known until its own run was taken.", its["In flight"].text)
      assert.same({ "fetch 9000", "make 9000" }, texts_of(its["In flight"], "tool", "elapsed_ms"))
      assert.same({}, its.Health.rows)
      assert.same({ "ok: 2 checks passed\n", "", 0 }, { process.run(("cd %s && %s%s check %s "
        .. "--max-duration 10s --min-calls 1"):format(folder, command.ENVIRONMENT,
        command.PROGRAM, runs)) })
    end
    assert(kept.a and kept.b)
  end)
end)

describe("what an earlier process had in flight when it died", function()
  it("is found, and isn't taken for waiting", function()
    recorder_of([[
      tracker:record("edit", "success", 1)
      tracker:record { tool = "ask", status = "success", duration_ms = 900, timing = "elapsed" }
      kept[#kept + 1] = tracker:session("one"):start("make")
      start("make") at(1200) tracker:record("edit", "success", 1)]])
    recorder_of([[
      at(2000) start("make") start("read")
      at(2001) tracker:record("edit", "success", 1)]])
    local its = sections_of("report a.run")
    assert.same({
      { tool = "make",
        finding = "3 calls in flight when the process died, for at least 20 min 00 s",
        severity = "bad", calls = 3, lost_ms = 2401000,
        next = "exectrack report a.run --tool make --status cancelled" },
      { tool = "read", finding = "1 call in flight when the process died, for at least 1.00 s",
        severity = "bad", calls = 1, lost_ms = 1000, next = "exectrack report a.run --tool read" },
    }, its.Health.rows)
    local totals = its.Totals.rows[1]
    assert.same({ 1, 900, 4 }, { totals.elapsed, totals.elapsed_ms, totals.at_death,
      totals.in_flight })
    assert.same({ "edit nil nil", "make nil 3", "ask 900 nil", "read nil 1" },
      texts_of(its["By tool"], "tool", "waited_ms", "at_death"))
    assert.equal("1 execution may have waited for a person within the time shown.",
      its.Timeline.text)
    assert.same({ "one in flight when its writer died nil 1" },
      texts_of(sections_of("report a.run --report sessions").Sessions, "session", "ended",
        "waited_ms", "at_death"))
    its = sections_of("report a.run --tool make --status cancelled")
    assert.same({ "make writer_died", "make writer_died" },
      texts_of(its["Most recent"], "tool", "error_type"))
  end)

  it("isn't in the time of calls that were made within others, either", function()
    recorder_of([[
      tracker:record { tool = "ask", status = "success", duration_ms = 900, timing = "elapsed" }
      tracker:run("make", function()
        tracker:run("cc", function()
          at(5)
          tracker:record("edit", "success", 1)
          os.exit(0)
        end)
      end)]])
    local tracker = assert(exectrack.open(path, { args_texts = 8, max_in_flight = 2,
      any_file_system = true }))
    tracker:session("one"):record { tool = "ask", status = "failed", duration_ms = 500,
      timing = "elapsed", error_type = "writer_died" } -- another's, not one of the writer's
    tracker:close()
    local totals = sections_of("report a.run").Totals.rows[1]
    assert.same({ 2, 1400, 2 }, { totals.elapsed, totals.elapsed_ms, totals.at_death })
    assert.same({ "one failed 500" },
      texts_of(sections_of("report a.run --report sessions").Sessions, "session", "ended",
        "waited_ms"))
  end)
end)
