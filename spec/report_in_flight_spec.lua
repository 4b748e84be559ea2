local clocks = require("spec.support.clock")
local directory = require("spec.support.directory")
local exectrack = require("exectrack")
local in_flight = require("exectrack.report.parts.in_flight")
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

--- What the reports call the process that wrote a run.
local function writer_of(snapshot)
  local writer = snapshot:writer()
  return ("process %.0f on %s"):format(writer.pid, writer.host)
end

--- A section as text, without its title.
local function text_of(section)
  local text = reports.render({ title = "R", sections = { section } }, "text", { width = 1000 })
  return text:match("^R\n═\n\n[^\n]*\n[^\n]*\n(.*)$")
end

describe("the section about what is in flight", function()
  it("is missing if nothing is, and the writer closed the run, or isn't known", function()
    assert.is_nil(in_flight.section(exectrack.new():snapshot()))
    assert.is_nil(in_flight.section(recorder_of("tracker:close()")))
  end)

  it("lists the longest first", function()
    local clock = clocks.new()
    local tracker = exectrack.new { clock = clock.read }
    local first = tracker:start("a")
    clock.advance_us(2500000)
    local second = tracker:session("chat"):start("b")
    local other = exectrack.new { clock = clock.read, max_in_flight = 0 }
    local third = other:start("c")
    local section = in_flight.section(exectrack.merge { tracker:snapshot(), other:snapshot() },
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
    local section = in_flight.section(snapshot)
    assert.equal("In flight when its writer died", section.title)
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
    local section = in_flight.section(snapshot)
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
      .. "Nothing was in flight." }, in_flight.section(snapshot))
  end)

  it("says that a run is live", function()
    local tracker = assert(exectrack.open(path, { any_file_system = true }))
    local snapshot = assert(exectrack.load(path))
    local about = ("The run is live: %s has been writing it since %s UTC."):format(
      writer_of(snapshot), reports.format.time(snapshot:writer().started))
    assert.same({ title = "In flight", text = about .. " Nothing is in flight." },
      in_flight.section(snapshot))
    local span = tracker:start("fetch")
    assert.equal(about, in_flight.section(exectrack.load(path)).text)
    span:finish("success")
    tracker:close()
  end)

  it("is of the chosen tools and sessions", function()
    local snapshot = recorder_of([[
      at(1) start("fetch") tracker:session("a"):record("edit", "success", 1)
      kept[#kept + 1] = tracker:session("a"):start("make")
      start("fetch") at(60) tracker:record("edit", "success", 1)]])
    local function tools(selection)
      local names = {}
      for i, row in ipairs(in_flight.section(snapshot, nil, selection).rows or {}) do
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
      return (select(2, in_flight.matching(snapshot, selection)))
    end
    assert.same({ 3, 2, 1, 2, 1 }, { count(), count { tool = "fetch" }, count { exclude = "fetch" },
      count { exclude = { "make" } }, count { session = { "a" } } })
    assert.matches("%. Nothing of what was chosen was in flight%.$",
      in_flight.section(snapshot, nil, { tool = "edit" }).text)
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
    overview = reports.overview(exectrack.from_bytes(snapshot:bytes())).sections
    assert.equal("In flight", overview[#overview].title)
  end)
end)
