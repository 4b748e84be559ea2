local clocks = require("spec.support.clock")
local exectrack = require("exectrack")
local policy = require("exectrack.policy")
local portable = require("spec.support.portable")

--- Seconds, `us` microseconds after the start of the runs here.
local function at(us)
  return (clocks.START_US + us) / 1e6
end

--- Makes the run of `executions`, in this order: arrays of a tool, when it started and when it
-- ended in microseconds, and a status.
local function run_of(executions, options)
  local clock = clocks.new()
  local all = { clock = clock.read }
  for name, value in pairs(options or {}) do
    all[name] = value
  end
  local tracker = exectrack.new(all)
  for _, execution in ipairs(executions) do
    local tool, start_us, end_us, status = portable.unpack(execution)
    tracker:record { tool = tool, status = status or "success", timestamp = at(end_us),
      duration_ms = (end_us - start_us) / 1000, args_hash = execution.args_hash }
  end
  return tracker:snapshot()
end

local function names(executions)
  local list = {}
  for i, execution in ipairs(executions) do
    list[i] = execution.tool
  end
  return table.concat(list, ",")
end

--- Makes a policy that notes what it sees: the call, the ended ones (newest first), the running.
local function watching(seen, decision)
  return function(call)
    local us = math.floor(call.now * 1e6 + 0.5) - clocks.START_US
    seen[#seen + 1] = ("%s@%d ended:%s running:%s"):format(call.tool, us,
      names(call.tracker:recent_executions(9)), names(call.tracker:in_flight()))
    return decision
  end
end

local function assert_seen(expected, snapshot, decision, options)
  local seen = {}
  local decisions = snapshot:decisions(watching(seen, decision), options)
  assert.same(expected, seen)
  return decisions
end

local function deny_all()
  return { action = "deny", reason = "never" }
end

local function indices(decisions)
  local list = {}
  for i, entry in ipairs(decisions) do
    list[i] = entry.index
  end
  return list
end

describe("decisions asks about each execution", function()
  it("when it started, in the order of time", function()
    assert_seen({ "c@0 ended: running:", "b@5 ended: running:c", "a@10 ended: running:c,b",
      "d@25 ended:b,a running:c" },
      run_of { { "a", 10, 20 }, { "b", 5, 22 }, { "d", 25, 30 }, { "c", 0, 40 } })
  end)

  it("after what ended at the same time, in the order of the records", function()
    assert_seen({ "a@0 ended: running:", "b@0 ended: running:a", "c@5 ended:b,a running:",
      "d@5 ended:b,a running:c" },
      run_of { { "a", 0, 5 }, { "b", 0, 5 }, { "c", 5, 9 }, { "d", 5, 9 } })
  end)

  it("that took no time when those before it in the run have ended", function()
    assert_seen({ "a@5 ended: running:", "b@5 ended:a running:", "c@5 ended:b,a running:" },
      run_of { { "a", 5, 5 }, { "b", 5, 5 }, { "c", 5, 6 } })
    assert_seen({ "b@0 ended: running:", "a@5 ended:b running:", "c@5 ended:a,b running:" },
      run_of { { "a", 5, 5 }, { "b", 0, 5 }, { "c", 5, 5 } })
    assert_seen({ "c@5 ended: running:", "a@5 ended: running:c" },
      run_of { { "c", 5, 6 }, { "a", 5, 5 } })
  end)

  it("in the order of time, too, in a run that was imported out of order", function()
    local decisions = assert_seen({ "c@0 ended: running:", "b@10 ended:c running:",
      "a@20 ended:b,c running:" },
      run_of { { "a", 20, 29 }, { "c", 0, 9 }, { "b", 10, 19 } }, { action = "warn" })
    assert.same({ 2, 3, 1 }, indices(decisions))
  end)

  it("that is retained, of a run whose oldest ones aren't", function()
    local decisions = assert_seen({ "b@20 ended: running:", "c@30 ended:b running:" },
      run_of({ { "a", 0, 9 }, { "b", 20, 29 }, { "c", 30, 39 } }, { max_history = 2 }),
      { action = "warn" })
    assert.same({ 1, 2 }, indices(decisions))
  end)

  it("and gives the policy what wrap does", function()
    local snapshot, calls = run_of { { "a\0b", 0, 9, args_hash = 0xFFFFFFFF }, { "", 3, 10 } }, {}
    snapshot:decisions(function(...)
      calls[#calls + 1] = portable.pack(...)
    end)
    assert.equal(2, #calls)
    for i, expected in ipairs { { tool = "a\0b", args_hash = 0xFFFFFFFF, now = at(0) },
      { tool = "", args_hash = 0, now = at(3) } } do
      assert.equal(1, calls[i].n)
      expected.tracker = calls[1][1].tracker
      assert.same(expected, calls[i][1])
      assert.equal("exectrack.Tracker", getmetatable(expected.tracker).__name)
    end
  end)

  it("of an empty run never, which has no decisions", function()
    assert.same({}, run_of({}):decisions(error))
    assert.same({}, run_of({ { "a", 0, 1 } }, { max_history = 0 }):decisions(error))
    assert.same({}, run_of { { "a", 0, 1 } }:filter { tool = "b" }:decisions(error))
  end)
end)

describe("what the policy's tracker knows", function()
  it("is what the run's did, by the run's own times, errors and fingerprints", function()
    local clock = clocks.new()
    local tracker = exectrack.new { clock = clock.read, label = "a run", max_history = 7 }
    tracker:record("a", "timed_out", 1.5, true, "ETIMEDOUT", { 1 })
    clock.advance_us(100)
    tracker:record("b", "cancelled", 0)
    local first = tracker:recent_executions(2)[2]
    local label, records
    tracker:snapshot():decisions(function(call)
      label, records = call.tracker:label(), call.tracker:recent_executions(9)
    end)
    assert.equal("a run", label)
    assert.same({ first }, records)
  end)

  it("begins with the first start", function()
    local created
    run_of { { "a", 7, 9 } }:decisions(function(call)
      created = call.tracker:snapshot():created()
    end)
    assert.equal(at(7), created)
  end)

  it("lists nothing in flight if the run didn't", function()
    assert_seen({ "a@0 ended: running:", "b@2 ended: running:", "c@20 ended:b,a running:" },
      run_of({ { "a", 0, 10 }, { "b", 2, 11 }, { "c", 20, 21 } }, { max_in_flight = 0 }))
  end)

  it("are the records that the run retains", function()
    local merged = exectrack.merge({ run_of { { "a", 0, 5 }, { "b", 6, 7 }, { "c", 8, 9 } } },
      { max_history = 2 })
    assert_seen({ "b@6 ended: running:", "c@8 ended:b running:" }, merged)
  end)

  it("has room for as many records as policies look at, however short the run is", function()
    for max_history, expected in pairs { [3] = 2000, [2001] = 2001 } do
      run_of({ { "a", 0, 1 } }, { max_history = max_history }):decisions(function(call)
        assert.equal(expected, call.tracker:max_history())
      end)
    end
  end)

  it("counts tools beyond the run's limit as '(other)'", function()
    local run = run_of({ { "a", 0, 1 }, { "b", 2, 3 }, { "c", 4, 9 } }, { max_tools = 1 })
    assert_seen({ "a@0 ended: running:", "(other)@2 ended:a running:",
      "(other)@4 ended:(other),a running:" }, run)
    local tools
    run:decisions(function(call)
      call.tracker:record("own", "success", 0)
      tools = call.tracker:tools()
    end)
    assert.same({ "own", "(other)" }, tools)
  end)

  it("lists no more in flight than the run's limit, and counts all", function()
    local counts = {}
    run_of({ { "a", 0, 9 }, { "b", 1, 9 }, { "c", 2, 9 } }, { max_in_flight = 1 })
      :decisions(function(call)
        counts[#counts + 1] = #call.tracker:in_flight() .. " of " .. call.tracker:in_flight_count()
      end)
    assert.same({ "0 of 0", "1 of 1", "1 of 2" }, counts)
  end)

  it("has the durations of a run of the reference, which has no times", function()
    local snapshot = assert(exectrack.from_table { tool_ids = { "a", "b" }, records = {
      { tool_id = 0, status = "Failed", duration_ms = 100, was_cached = false },
      { tool_id = 0, status = "TimedOut", duration_ms = 300, was_cached = false },
      { tool_id = 1, status = "Success", duration_ms = 7, was_cached = false },
    } })
    local seen = {}
    local decisions = snapshot:decisions(function(call)
      local rounds = select(2, call.tracker:failure_streak("a"))
      local executions, total_ms, failures = call.tracker:totals()
      seen[#seen + 1] = { call.tool, call.now, executions, total_ms, failures, rounds,
        (call.tracker:recent_quantile("a", 1)), (call.tracker:avg_duration_for_tool("a")) }
      return { action = "warn" }
    end)
    assert.same({ { "a", 0, 0, 0, 0, 0 }, { "a", 0, 1, 100, 1, 1, 100, 100 },
      { "b", 0, 2, 400, 2, 2, 300, 200 } }, seen)
    assert.same({ 1, 2, 3 }, indices(decisions))
    assert.same(snapshot[2], decisions[2].record)
    assert.same({ 3 }, indices(snapshot:decisions(policy.budget { max_duration_ms = 400 })))
  end)

  it("has a start before 1970 at 0", function()
    local clock = { us = 5 }
    local tracker = exectrack.new { clock = function() return clock.us / 1e6 end }
    tracker:record("a", "success", 1000)
    local times = {}
    tracker:snapshot():decisions(function(call) times[#times + 1] = call.now end)
    assert.same({ 0.0 }, times)
  end)

  it("is of all runs that were merged, in the order of time", function()
    local merged = exectrack.merge { run_of { { "a", 0, 4 }, { "b", 5, 8 } },
      run_of { { "c", 2, 6 }, { "d", 9, 9 } } }
    assert_seen({ "a@0 ended: running:", "c@2 ended: running:a", "b@5 ended:a running:c",
      "d@9 ended:b,c,a running:" }, merged)
  end)

  it("is only of the executions that a filter left", function()
    local run = run_of { { "a", 0, 4 }, { "b", 1, 5, "failed" }, { "c", 6, 7 } }
    assert_seen({ "a@0 ended: running:", "c@6 ended:a running:" },
      run:filter { status = "success" })
  end)
end)

describe("an execution that is denied", function()
  local run = run_of { { "a", 0, 4 }, { "b", 1, 5 }, { "a", 6, 7 } }

  local function deny_a(seen)
    local watch = watching(seen)
    return function(call)
      watch(call)
      return call.tool == "a" and deny_all() or nil
    end
  end

  it("doesn't take place", function()
    for _, options in ipairs { {}, { enforce = true } } do
      local seen = {}
      assert.same({ 1, 3 }, indices(run:decisions(deny_a(seen), options)))
      assert.same({ "a@0 ended: running:", "b@1 ended: running:", "a@6 ended:b running:" }, seen)
    end
  end)

  it("takes place all the same without enforce", function()
    local seen = {}
    assert.same({ 1, 3 }, indices(run:decisions(deny_a(seen), { enforce = false })))
    assert.same({ "a@0 ended: running:", "b@1 ended: running:a", "a@6 ended:b,a running:" }, seen)
  end)

  it("is counted as a denial at the time of its start", function()
    for _, enforce in ipairs { true, false } do
      local denials
      run:decisions(function(call)
        denials = call.tracker:denials()
        return call.tool == "a" and { action = "deny", reason = "odd" } or { action = "deny" }
      end, { enforce = enforce })
      assert.same({
        { tool = "a", tool_id = 1, reason = "odd", count = 1, last_timestamp = at(0) },
        { tool = "b", tool_id = 2, reason = "denied", count = 1, last_timestamp = at(1) },
      }, denials)
    end
  end)
end)

describe("an entry of the decisions", function()
  it("has the execution, its place in the run, and what the policy returned", function()
    local run = run_of { { "a", 0, 4 }, { "b", 1, 5500, "failed" } }
    local decision = { action = "warn", anything = { "else" } }
    local decisions = run:decisions(function(call)
      return call.tool == "b" and decision or nil
    end)
    assert.same({ { index = 2, record = run[2], decision = decision, tool = "b", args_hash = 0,
      started = at(1) } }, decisions)
    assert.equal(decision, decisions[1].decision)
    assert.is_true(portable.is_integer(decisions[1].index))
    assert.equal(5.499, decisions[1].record.duration_ms)
  end)

  it("is there for warnings and denials alone", function()
    local run = run_of { { "a", 0, 1 }, { "b", 2, 3 }, { "c", 4, 5 }, { "d", 6, 7 } }
    local by_tool = { a = false, c = { action = "warn" }, d = { action = "deny" } }
    assert.same({ 3, 4 }, indices(run:decisions(function(call) return by_tool[call.tool] end)))
  end)

  it("has a record that is the caller's own", function()
    local run = run_of { { "a", 0, 1 } }
    run:decisions(deny_all)[1].record.tool = "b"
    assert.equal("a", run:decisions(deny_all)[1].record.tool)
  end)
end)
