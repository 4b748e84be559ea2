local assert = require("luassert")
local check = require("exectrack.report.check")
local clocks = require("spec.support.clock")
local exectrack = require("exectrack")
local golden = require("spec.support.golden")
local loops = require("exectrack.report.builtin.loops")
local odd_runs = require("spec.support.odd_runs")
local random = require("spec.support.random")
local repeats = require("exectrack.report.parts.repeats")
local runs = require("spec.support.runs")
local sections = require("spec.support.sections")
local text = require("exectrack.report.renderer.text")

local cells = sections.cells

local clock, tracker

before_each(function()
  clock = clocks.new()
  tracker = exectrack.new { max_history = 1000, clock = clock.read }
end)

local START = 1767225600

--- Records an execution that ends a second after the one before, with the same result as others.
local function record(tool, args_hash, duration_ms, status, was_cached)
  clock.advance_us(1000000)
  tracker:record { tool = tool, args_hash = args_hash, duration_ms = duration_ms or 1,
    status = status or "success", was_cached = was_cached, result_hash = 9 }
end

local function report(options)
  local made = loops(tracker:snapshot(), options)
  assert.is_true(check(made))
  return made
end

local function record_small_run()
  record("read", 255, 8)
  record("grep", 255, 100)
  record("read", 255, 0.5, "success", true)
  record("read", 7, 30, "failed")
  record("ls", 1, 1000)
  record("read", 7, 40.25, "timed_out")
  record("read", 255, 20)
  record("read", 0, 5)
  record("read", 0, 5)
  record("grep", 255, 90, "cancelled")
  record("read", 7, 0.25)
end

describe("a report of loops", function()
  it("says how much was repeated", function()
    record_small_run()
    local made = report()
    assert.equal("Loops", made.title)
    assert.equal("11 executions, 2026-01-01 00:00:01 to 2026-01-01 00:00:11 UTC", made.subtitle)
    local totals = made.sections[1]
    assert.equal("Totals", totals.title)
    assert.equal("figures", totals.layout)
    assert.equal("2 executions were recorded without arguments, so they can't be compared.",
      totals.text)
    assert.same({ { 9, 5, 4, 128, 128 / 1299 } }, cells(totals))
  end)

  it("lists the calls, those first of which the repeats took longest", function()
    record_small_run()
    local its = report().sections[2]
    assert.equal("Repeated calls", its.title)
    assert.same({
      { "grep", "000000ff", 2, 2, 2, 0, 0, 90, START + 2, START + 10 },
      { "read", "00000007", 2, 2, "-", 0, 2, 30, START + 4, START + 6 },
      { "read", "000000ff", 3, 2, "-", 1, 0, 8, START + 1, START + 7 },
    }, cells(its))
  end)

  it("tells calls of another session or with another result apart, and shows sessions", function()
    local function call(session, result_hash, status, error_type)
      tracker:record { tool = "a", args_hash = 1, session = session, result_hash = result_hash,
        duration_ms = 5, status = status or "success", error_type = error_type }
    end
    for _, session in ipairs { "one", "two" } do
      call(session, 1)
      call(session, 2)
      call(session, 0, "failed", "EIO")
      call(session, 0, "failed", "ENOENT")
    end
    assert.equal("No call was repeated.", report().sections[1].text)
    call("two", 2)
    call("two", 7, "timed_out", "EIO")
    local its = report().sections[2]
    assert.same({ { "a", "00000001", "two", 2, 1, 0, 0, 5, START, START } }, cells(its))
    assert.equal("Session", its.columns[3].heading)
    call("two", 0, "timed_out", "EIO")
    call("two", 7, "failed", "EIO")
    assert.same({
      { "a", "00000001", "two", 2, 1, 0, 0, 5, START, START },
      { "a", "00000001", "two", 2, 1, 0, 2, 5, START, START },
      { "a", "00000001", "two", 2, 1, 0, 2, 5, START, START },
    }, cells(report().sections[2]))
  end)

  it("lists first what goes on and fails, then what goes on, then what failed in a row", function()
    local function call(session, args_hash, ms, statuses)
      for _, status in ipairs(statuses) do
        tracker:record { tool = "a", args_hash = args_hash, session = session, result_hash = 1,
          duration_ms = ms, status = status }
      end
    end
    call("s", 1, 1000, { "success", "success" })
    call("s", 2, 3, { "failed", "failed", "failed" })
    call("s", 3, 2, { "success", "success", "success" })
    call("t", 4, 1, { "failed", "failed", "failed" })
    local order = {}
    for i, row in ipairs(report().sections[2].rows) do
      order[i] = { row.args_hash, row.in_a_row, row.current }
    end
    assert.same({ { 4, 3, 3 }, { 3, 3, 3 }, { 2, 3 }, { 1, 2 } }, order)
    assert.matches("from 3 on they come first, failing ones before others%.$",
      report().sections[2].text)
  end)

  it("counts apart what may have had another result, as none was recorded", function()
    local function call(times, fields)
      fields.tool, fields.args_hash, fields.duration_ms = "b", 2, 30
      fields.status = fields.status or "success"
      for _ = 1, times do
        tracker:record(fields)
      end
    end
    call(3, {})
    assert.equal("No call was repeated.\n\n2 executions have the arguments of an earlier one of "
      .. "the session, but no result that was recorded, so whether they are repeats isn't known.",
      report().sections[1].text)
    call(1, { status = "failed" })
    call(1, { status = "cancelled" })
    call(2, { result_hash = 9 })
    call(1, { status = "failed" })
    call(1, { result_hash = 9 })
    call(2, { status = "failed", error_type = "EIO" })
    local made = report()
    assert.same({ { 11, 3, 5, 3, 90, 90 / 330 } }, cells(made.sections[1]))
    local listed = {}
    for i, row in ipairs(made.sections[2].rows) do
      listed[i] = { row.count, row.in_a_row, row.again_ms }
    end
    assert.same({ { 3, 2, 60 }, { 2, 2, 30 } }, listed)
    assert.same({ { "b", 11, 3, 3 / 11, 90 } }, cells(made.sections[3]))
    assert.matches("^5 executions have the arguments of an earlier one", made.sections[1].text)
  end)

  it("has calls that were made within others save what is their own time", function()
    for i = 1, 2 do
      tracker:record { tool = "inner", args_hash = 1, status = "success", duration_ms = 30,
        depth = 1, result_hash = 1, timestamp = START + i - 0.01 }
      tracker:record { tool = "outer", args_hash = 1, status = "success", duration_ms = 100,
        result_hash = 1, timestamp = START + i }
    end
    assert.same({ { "outer", 2, 1, 0.5, 70 }, { "inner", 2, 1, 0.5, 30 } },
      cells(report().sections[3]))
  end)

  it("shows what the arguments were, where their texts are kept", function()
    tracker = exectrack.new { max_history = 10, args_texts = 8 }
    local read = tracker:wrap("read", function() return 1 end)
    for _, path in ipairs { "a", "a", "b", "b" } do
      read { path = path }
    end
    record("read", 255)
    record("read", 255)
    local texts = {}
    for i, row in ipairs(cells(report().sections[2])) do
      texts[i] = row[2]
    end
    table.sort(texts)
    assert.same({ "000000ff", '{path="a"}', '{path="b"}' }, texts)
  end)

  it("sums up each tool", function()
    record_small_run()
    local its = report().sections[3]
    assert.equal("By tool", its.title)
    assert.same({ { "grep", 2, 1, 0.5, 90 }, { "read", 6, 3, 0.5, 38 } }, cells(its))
  end)

  it("lists calls that took as long by how many they are, then by tool and arguments", function()
    local calls = { { "b", 1 }, { "a", 3 }, { "a", 2 }, { "a", 4 }, { "a", 1 }, { "c", 1 } }
    for _, call in ipairs(calls) do
      record(call[1], call[2], 0)
      record(call[1], call[2], 0)
    end
    record("c", 1, 0)
    local order = {}
    for i, row in ipairs(report().sections[2].rows) do
      order[i] = row.tool .. row.args_hash
    end
    assert.same({ "c1", "a1", "a2", "a3", "a4", "b1" }, order)
    local tools = {}
    for i, row in ipairs(report().sections[3].rows) do
      tools[i] = row.tool
    end
    assert.same({ "a", "c", "b" }, tools)
  end)

  it("has calls that a cache answered save nothing", function()
    record("a", 1, 50, "success", true)
    record("a", 1, 60, "success", true)
    record("a", 1, 10)
    assert.same({ { "a", "00000001", 3, 3, 3, 2, 0, 0, START + 1, START + 3 } },
      cells(report().sections[2]))
  end)

  it("shows 20 calls and 50 tools at first, unless told otherwise", function()
    record("a", 1)
    record("a", 1)
    local made = report()
    assert.same({ 20, "repeated calls" }, { made.sections[2].limit, made.sections[2].noun })
    assert.same({ 50, "tools that repeated calls" },
      { made.sections[3].limit, made.sections[3].noun })
    assert.equal(3, report({ top = 3 }).sections[2].limit)
  end)

  it("lists no calls if told so", function()
    record_small_run()
    local all, none = report().sections, report({ top = 0 }).sections
    assert.same({ all[1], all[3] }, none)
    assert.equal("By tool", none[2].title)
  end)

  it("says so if no call was repeated", function()
    record("a", 1)
    record("b", 1)
    assert.same({ { title = "Totals", text = "No call was repeated." } }, report().sections)
    record("a", 0)
    assert.equal("No call was repeated.\n\n1 execution was recorded without arguments, so it "
      .. "can't be compared.", report().sections[1].text)
  end)

  it("says nothing about repeats where no call has arguments", function()
    for _ = 1, 2 do
      record("a", 0)
      assert.same({ { title = "Totals", text = "Nothing can be said about repeated calls: no "
        .. "execution was recorded with its arguments." } }, report().sections)
    end
    record("a", 1)
    assert.equal("No call was repeated.\n\n2 executions were recorded without arguments, so they "
      .. "can't be compared.", report().sections[1].text)
  end)

  it("says that what repeats took isn't known if some weren't measured", function()
    for _, timing in ipairs { "measured", "elapsed" } do
      tracker:record { tool = "a", args_hash = 1, status = "success", duration_ms = 2,
        timing = timing, result_hash = 1 }
    end
    local totals = report().sections[1]
    assert.equal("Some repeats weren't measured, so what all of them took isn't known.",
      totals.text)
    assert.same({ { 2, 1, 1 } }, cells(totals))
    assert.same({ "a", "00000001", 2, 2, 2, 0, 0, START, START }, cells(report().sections[2])[1])
    assert.same({ { "a", 2, 1, 0.5 } }, cells(report().sections[3]))
  end)

  it("shows the time of the repeats that were measured where not all were", function()
    for i, duration_ms in ipairs { 4, 3, 3 } do
      tracker:record { tool = "a", args_hash = 1, status = "success", duration_ms = duration_ms,
        timing = i == 2 and "elapsed" or "measured", result_hash = 1 }
    end
    local made, note = report(),
      "Where what some calls took isn't known, \"Time again\" is of the others."
    assert.equal(note, made.sections[1].text)
    assert.same({ { 3, 1, 2, 3, 3 / 7 } }, cells(made.sections[1]))
    assert.matches(note, made.sections[2].text, 1, true)
    assert.equal(3, made.sections[2].rows[1].again_ms)
    assert.equal(note, made.sections[3].text)
    assert.same({ { "a", 3, 2, 2 / 3, 3 } }, cells(made.sections[3]))
  end)

  it("explains what it shows", function()
    local same = "Calls of a tool in one session with the same arguments and the same result; "
      .. "failures with the same error type, too."
    local in_a_row = " \"In a row\" are the most that followed each other among the session's "
      .. "calls of the tool."
    for _ = 1, 2 do
      tracker:record { tool = "a", args_hash = 1, status = "success", result_hash = 7,
        timestamp = false }
    end
    tracker:record { tool = "a", args_hash = 99, status = "success", timestamp = false }
    assert.equal(same .. in_a_row, report().sections[2].text)
    record("a", 4)
    record("a", 4)
    assert.matches(" \"Time again\" is of .* \"In a row.*\"Up to now\"", report().sections[2].text)
  end)

  it("says what repeats have of measures: all that no cache answered but the largest", function()
    tracker = exectrack.new { max_history = 100, clock = clock.read,
      measures = { { name = "cost", unit = "USD" }, { name = "tokens" } } }
    local function ask(args_hash, cost, was_cached)
      tracker:record { tool = "ask", args_hash = args_hash, status = "success", duration_ms = 1,
        was_cached = was_cached, measures = { cost = cost }, result_hash = 1 }
    end
    for _, cost in ipairs { 2, 5, 3 } do
      ask(1, cost)
    end
    ask(1, 9, true)
    ask(2, 4)
    ask(2)
    local made = report()
    for _, i in ipairs { 1, 3 } do
      local its = made.sections[i]
      assert.equal("cost (USD)", its.columns[#its.columns - 1].heading)
      local row = cells(its)[1]
      assert.same({ 5.0, "-" }, { row[#row - 1], row[#row] })
    end
    assert.equal("Measures, like the time again, are of what no cache answered, without the "
      .. "largest value of each repeated call.", made.sections[3].text)
  end)

  it("says that a run has no executions", function()
    assert.same({ { title = "Totals", text = "Nothing was recorded." } }, report().sections)
  end)

  it("names the option that is wrong", function()
    assert.has_error(function() loops(tracker:snapshot(), { top = -1 }) end,
      "loops: option 'top': an integer from 0 expected, got -1")
  end)
end)

describe("repeated calls", function()
  --- What tells a call from another.
  local function key(its)
    local is_failure = its.status == "failed" or its.status == "timed_out"
    local result = (its.result_hash or 0) .. (is_failure and "e" .. (its.error_type or "") or "")
    result = (result == "0" or result == "0e") and "unknown " .. its.index or result
    return table.concat({ its.session or "none", its.args_hash, result, its.tool }, "/")
  end

  --- What is to be counted of the `records` of one call; `all` are those of its tool and session.
  local function model(records, all)
    local uncached = runs.select(records, function(its) return not its.was_cached end)
    local call = { tool = records[1].tool, args_hash = records[1].args_hash,
      session = records[1].session, first_index = records[1].index,
      last_index = records[#records].index, count = #records,
      cached_hits = #records - #uncached, failures = 0, in_a_row = 0, current = 0,
      uncached_us = 0, longest_us = 0, measures = {}, measured = #uncached, is_dated = true,
      first_timestamp = math.huge, last_timestamp = 0 }
    for _, its in ipairs(records) do
      local is_failure = its.status == "failed" or its.status == "timed_out"
      call.failures = call.failures + (is_failure and 1 or 0)
      call.first_timestamp = math.min(call.first_timestamp, its.timestamp)
      call.last_timestamp = math.max(call.last_timestamp, its.timestamp)
    end
    for _, its in ipairs(uncached) do
      call.uncached_us = call.uncached_us + its.own_us
      call.longest_us = math.max(call.longest_us, its.own_us)
    end
    for from = 1, #all do
      local to = from
      while all[to] and key(all[to]) == key(records[1]) do
        to = to + 1
      end
      call.in_a_row = math.max(call.in_a_row, to - from)
      call.current = to > #all and math.max(call.current, to - from) or call.current
    end
    return call
  end

  --- What `repeats` is to return, the calls by their first indices.
  local function models(snapshot)
    local calls, compared, own_ms = {}, {}, snapshot:column("self_duration_ms")
    local records = snapshot:records()
    for index, record_ in ipairs(records) do
      record_.index, record_.own_us = index, math.floor(own_ms[index] * 1000 + 0.5)
    end
    for _, record_ in ipairs(records) do
      if record_.args_hash ~= 0 then
        compared[record_.tool] = (compared[record_.tool] or 0) + 1
        local all = runs.select(records, function(its)
          return its.tool == record_.tool and its.session == record_.session
        end)
        local same = runs.select(all, function(its) return key(its) == key(record_) end)
        calls[same[1].index] = #same > 1 and model(same, all) or nil
      end
    end
    return calls, compared
  end

  it("are those of a plain model in random runs", function()
    random.seed("report_loops_spec")
    for _ = 1, 20 do
      local snapshot = runs.snapshot(nil, random.pick { 0, 1, 2, 10, 100 })
      local expected, expected_compared = models(snapshot)
      local calls, compared = repeats.of(snapshot)
      local found = {}
      for _, call in ipairs(calls) do
        found[call.first_index] = call
      end
      assert.same(expected, found)
      assert.same(expected_compared, compared)
    end
  end)
end)

describe("a report of the loops of a run", function()
  for _, odd in ipairs(odd_runs.all()) do
    it(odd[1] .. " is a report", function()
      assert.is_true(check(loops(odd[2])))
    end)
  end

  it("reads well", function()
    record_small_run()
    golden.assert_equal("report_loops.txt", text(report(), { width = 100 }))
  end)
end)
