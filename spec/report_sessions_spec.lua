local assert = require("luassert")
local check = require("exectrack.report.check")
local clocks = require("spec.support.clock")
local directory = require("spec.support.directory")
local exectrack = require("exectrack")
local odd_runs = require("spec.support.odd_runs")
local process = require("spec.support.process")
local sections = require("spec.support.sections")
local sessions = require("exectrack.report.builtin.sessions")

local START = 1767225600

local clock, tracker, spans

before_each(function()
  clock, spans = clocks.new(), {}
  tracker = exectrack.new { max_history = 1000, clock = clock.read, session_names = 64 }
end)

--- Records an execution that ends a second after the one before.
local function record(session, fields)
  clock.advance_us(1000000)
  local execution = { session = session, tool = "a", status = "success", duration_ms = 100 }
  for name, value in pairs(fields or {}) do
    execution[name] = value
  end
  tracker:record(execution)
end

local function start(session, tool)
  spans[#spans + 1] = tracker:session(session):start(tool)
end

local function report(options, snapshot)
  local made = sessions(snapshot or tracker:snapshot(), options)
  assert.is_true(check(made))
  return made
end

--- By session, the fields of its row that are asked for.
local function fields(names, made)
  local found = {}
  for _, row in ipairs(sections.find(made or report(), "Sessions").rows) do
    found[row.session] = {}
    for i, name in ipairs(names) do
      found[row.session][i] = row[name] == nil and "-" or row[name]
    end
  end
  return found
end

describe("a report of sessions", function()
  it("says what each session did, how it ended, and how to look closer", function()
    record("one", { tool = "read" })
    record("one", { tool = "grep", status = "failed" })
    record("one", { tool = "read", status = "timed_out", duration_ms = 300 })
    record("it's two")
    record()
    local made = report { run = "agent.run" }
    assert.equal("Sessions", made.title)
    assert.equal("1 execution belongs to no session.", made.sections[1].text)
    assert.same({ { 2, 1, 0, 0, 0, 1, 100 } }, sections.cells(made.sections[1]))
    assert.same({
      { "it's two", START + 3.9, START + 4, 100, 1, 0, 0, 100, "a", "success",
        [[exectrack report agent.run --session 'it'\''s two']] },
      { "one", START + 0.9, START + 3, 2100, 3, 2, 0, 500, "read", "timed_out",
        "exectrack report agent.run --session one" },
    }, sections.cells(made.sections[2]))
    assert.same({ 50, "sessions" }, { made.sections[2].limit, made.sections[2].noun })
    assert.equal(7, report({ top = 7 }).sections[2].limit)
  end)

  it("marks sessions with far more calls, failures and loops than the others", function()
    local function call(session, count, last, more)
      for i = 1, count do
        record(session, { args_hash = i, status = i > last and "success" or "failed",
          result_hash = i })
      end
      for _ = 1, more or 0 do
        record(session, { args_hash = 99, result_hash = 99 })
      end
    end
    for i = 1, 5 do
      call("usual " .. i, 4 + i, 1)
    end
    call("failing", 8, 3)
    call("looping", 4, 0, 3)
    call("long", 30, 0)
    call("all", 30, 30, 3)
    local found = fields { "marks", "loops" }
    for i = 1, 5 do
      assert.same({ "-", 0 }, found["usual " .. i])
    end
    assert.same({ "more failures", 0 }, found.failing)
    assert.same({ "loops", 1 }, found.looping)
    assert.same({ "more calls", 0 }, found.long)
    assert.same({ "more calls, more failures, loops", 1 }, found.all)
    local rows = report().sections[2].rows
    assert.same({ "all", "long", "looping", "failing", "usual 5" }, { rows[1].session,
      rows[2].session, rows[3].session, rows[4].session, rows[5].session })
    assert.equal("A session stands out from 10 calls, 3 failures or 1 loop on, if it has more than "
      .. "twice the median of all, and more than the median and 3 times the scaled median absolute "
      .. "deviation. A loop is a call that was made 3 or more times in a row with the same result.",
      report().sections[2].text)
  end)

  it("compares no fewer than five sessions", function()
    for _ = 1, 40 do
      record("long", { status = "failed" })
    end
    for i = 1, 3 do
      record("short " .. i)
    end
    assert.same({ "-" }, fields({ "marks" }).long)
    assert.matches("^Fewer than 5 sessions aren't compared%.", report().sections[2].text)
    record("short 4")
    assert.same({ "more calls, more failures" }, fields({ "marks" }).long)
  end)

  it("has a row for a session that only has calls in flight", function()
    record("three")
    record("one")
    start("one", "b")
    start("two", "b")
    start("two", "c")
    clock.advance_us(2500000)
    local names = { "count", "ended", "in_flight", "started", "length_ms", "total_duration_ms",
      "tool" }
    assert.same({
      one = { 1, "in flight", 1, START + 1.9, 2600, 100, "a" },
      two = { 0, "in flight", 2, START + 2, 2500, "-", "-" },
      three = { 1, "success", "-", START + 0.9, 100, 100, "a" },
    }, fields(names))
    local chosen = tracker:snapshot():filter { session = "one" }
    assert.is_nil(fields(names, report(nil, chosen)).two)
    local only_two = tracker:snapshot():filter { session = "two" }
    local found = fields(names, report({ selection = { session = "two" } }, only_two))
    assert.is_nil(found.one)
    assert.equal(2, found.two[3])
  end)

  it("says what was in flight when the process that wrote the run died", function()
    local folder = directory.make()
    tracker = assert(exectrack.open(folder .. "/a.run", { clock = clock.read, session_names = 8,
      any_file_system = true }))
    record("one")
    start("two", "b")
    local died = assert(exectrack.from_bytes(process.read_file(folder .. "/a.run")))
    tracker:close()
    directory.remove(folder)
    local made = report(nil, died)
    assert.same({ one = { "success", "-", "-" },
      two = { "in flight when its writer died", "-", 1 } },
      fields({ "ended", "in_flight", "at_death" }, made))
    assert.same({ 0, 1 }, { made.sections[1].rows[1].in_flight, made.sections[1].rows[1].at_death })
  end)

  it("counts calls that were made within others once in the time in tools", function()
    record("one", { depth = 1, duration_ms = 60, timestamp = START + 9.9 })
    record("one", { duration_ms = 200, timestamp = START + 10 })
    assert.same({ 200, 200 }, fields({ "total_duration_ms", "length_ms" }).one)
  end)

  it("has the same lengths in every version of Lua, rounded where floats are", function()
    record("one", { timestamp = 9200000000000, duration_ms = 4071.022 })
    assert.same({ 4071.424 }, fields({ "length_ms" }).one)
  end)

  it("leaves the time in tools unknown where no call was measured", function()
    record("one", { timing = "elapsed" })
    tracker:record { session = "two", tool = "a", status = "success", timestamp = false }
    local found = fields { "total_duration_ms", "length_ms", "started" }
    assert.same({ "-", 100, START + 0.9 }, found.one)
    assert.same({ "-", "-", "-" }, found.two)
  end)

  it("names no command for a session whose name no argument can have", function()
    record("a\0b")
    assert.same({ "-" }, fields({ "next" })["a\0b"])
  end)

  it("looks closer at the calls that were chosen where only the newest were", function()
    record("many")
    record("many")
    assert.same({ "exectrack report agent.run --session many --last 2" },
      fields({ "next" }, report { run = "agent.run --last 9" }).many)
  end)

  it("says so if there are none, and if executions are missing", function()
    record()
    assert.same({ { title = "Totals", text = "No execution belongs to a session." } },
      report().sections)
    tracker = exectrack.new { max_history = 1, clock = clock.read, session_names = 8 }
    record("one")
    record("two")
    assert.matches("Executions that are no longer retained are missing%.$",
      report().sections[2].text)
  end)

  it("names the option that is wrong", function()
    assert.has_error(function() sessions(tracker:snapshot(), { top = -1 }) end,
      "sessions: option 'top': an integer from 0 expected, got -1")
  end)

  for _, odd in ipairs(odd_runs.all()) do
    it(odd[1] .. " is a report", function()
      report(nil, odd[2])
    end)
  end
end)
