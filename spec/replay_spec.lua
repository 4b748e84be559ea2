local clocks = require("spec.support.clock")
local exectrack = require("exectrack")
local policy = require("exectrack.policy")
local portable = require("spec.support.portable")

local pack, unpack = portable.pack, portable.unpack

--- Makes the run of `executions`, one after another: arrays of a tool, a status, how long it took
-- in microseconds, and arguments.
local function run_of(executions)
  local clock = clocks.new()
  local tracker = exectrack.new { clock = clock.read }
  for _, execution in ipairs(executions) do
    local tool, status, us, args = unpack(execution)
    local span = tracker:start(tool, args)
    clock.advance_us(us)
    span:finish(status)
    clock.advance_us(1)
  end
  return tracker:snapshot()
end

--- A run in which grep is called in a loop, and fetch fails until it is called no more.
local function small_run()
  return run_of {
    { "grep", "success", 1000, "x" },
    { "grep", "success", 1500, "x" },
    { "fetch", "failed", 30000, 1 },
    { "grep", "success", 1000, "x" },
    { "fetch", "timed_out", 60000, 2 },
    { "grep", "success", 2001, "x" },
    { "fetch", "failed", 30000, 3 },
    { "fetch", "timed_out", 60000, 4 },
    { "grep", "failed", 500, "x" },
    { "fetch", "success", 10, 5 },
    { "fetch", "cancelled", 77, 6 },
    { "ls", "success", 4000 },
  }
end

local function guard()
  return policy.all {
    policy.loop_guard { repeats = 3, warn_at = 2 },
    policy.circuit_breaker { failures = 2, cooldown_ms = 1000 },
  }
end

local function row(tool, reason, denied, failures_avoided, successes_lost, time_saved_ms)
  return { tool = tool, reason = reason, denied = denied, failures_avoided = failures_avoided,
    successes_lost = successes_lost, time_saved_ms = time_saved_ms }
end

describe("replay", function()
  it("sums up what would have come of a policy", function()
    local result = policy.replay(small_run(), guard())
    assert.same({
      executions = 12,
      warned = 1,
      denied = 6,
      failures_avoided = 3,
      successes_lost = 2,
      time_saved_ms = 92.588,
      by_tool_and_reason = {
        row("fetch", "circuit_open", 4, 2, 1, 90.087),
        row("grep", "repeated_call", 2, 1, 1, 2.501),
      },
    }, result.summary)
  end)

  it("has the decisions, in the order of time, as the snapshot has them", function()
    local snapshot = small_run()
    local result = policy.replay(snapshot, guard())
    assert.same(snapshot:decisions(guard()), result.decisions)
    local indices = {}
    for i, entry in ipairs(result.decisions) do
      indices[i] = entry.index .. " " .. entry.decision.action
      assert.same(snapshot[entry.index], entry.record)
    end
    assert.same({ "4 warn", "6 deny", "7 deny", "8 deny", "9 deny", "10 deny", "11 deny" },
      indices)
  end)

  it("names each call: its time, its session, and its arguments' fingerprint and text", function()
    local clock = clocks.new()
    local tracker = exectrack.new { clock = clock.read, args_texts = 8 }
    local session = tracker:session("s")
    tracker:record { tool = "grep", status = "success", duration_ms = 0.5, args_hash = 7,
      timestamp = clocks.START_US / 1e6 + 1 }
    session:record { tool = "ls", status = "failed", duration_ms = 2000, args = "x",
      timestamp = clocks.START_US / 1e6 + 3 }
    local snapshot = tracker:snapshot()
    local decision = { action = "warn" }
    local decisions = snapshot:decisions(function() return decision end)
    assert.same({
      { index = 1, tool = "grep", args_hash = 7, decision = decision,
        started = clocks.START_US / 1e6 + 0.9995 },
      { index = 2, tool = "ls", args_hash = exectrack.fingerprint("x"), args_text = '"x"',
        session = "s", decision = decision, started = clocks.START_US / 1e6 + 1 },
    }, decisions)
    assert.same(snapshot[2], decisions[2].record)
    assert.is_nil(rawget(decisions[2], "record"))
    assert.same({}, { decisions[1].other, decisions[1][1], decisions[1][false] })
  end)

  it("has what is denied take place without enforce", function()
    local summary = policy.replay(small_run(), guard(), { enforce = false }).summary
    assert.same({
      executions = 12,
      warned = 1,
      denied = 5,
      failures_avoided = 3,
      successes_lost = 2,
      time_saved_ms = 92.511,
      by_tool_and_reason = {
        row("fetch", "circuit_open", 3, 2, 1, 90.01),
        row("grep", "repeated_call", 2, 1, 1, 2.501),
      },
    }, summary)
  end)

  it("gives the same result for the same run and policy", function()
    for _, enforce in ipairs { true, false } do
      local snapshot, same_policy = small_run(), guard()
      local first = policy.replay(snapshot, same_policy, { enforce = enforce })
      assert.same(first, policy.replay(snapshot, same_policy, { enforce = enforce }))
      assert.same(first, policy.replay(small_run(), guard(), { enforce = enforce }))
      local saved = assert(exectrack.from_bytes(snapshot:bytes()))
      assert.same(first, policy.replay(saved, same_policy, { enforce = enforce }))
    end
  end)

  it("of a policy without objections saves and loses nothing", function()
    assert.same({ decisions = {}, summary = { executions = 12, warned = 0, denied = 0,
      failures_avoided = 0, successes_lost = 0, time_saved_ms = 0, by_tool_and_reason = {} } },
      policy.replay(small_run(), policy.all {}))
  end)

  it("of an empty run has nothing", function()
    assert.same({ decisions = {}, summary = { executions = 0, warned = 0, denied = 0,
      failures_avoided = 0, successes_lost = 0, time_saved_ms = 0, by_tool_and_reason = {} } },
      policy.replay(run_of {}, error))
  end)

  it("orders its rows by the bytes of tools, then of reasons", function()
    local reasons = { "b", "a\0", "a", "\255", "B" }
    local executions = {}
    for i, tool in ipairs { "b", "a", "a\0", "B", "" } do
      for j = 1, #reasons do
        executions[#executions + 1] = { tool, "success", 1000 * i, j }
      end
    end
    local asked = 0
    local summary = policy.replay(run_of(executions), function()
      asked = asked + 1
      return { action = "deny", reason = reasons[asked % 5 + 1] }
    end).summary
    local keys = {}
    for i, one in ipairs(summary.by_tool_and_reason) do
      keys[i] = one.tool .. "/" .. one.reason
    end
    local expected = {}
    for _, tool in ipairs { "", "B", "a", "a\0", "b" } do
      for _, reason in ipairs { "B", "a", "a\0", "b", "\255" } do
        expected[#expected + 1] = tool .. "/" .. reason
      end
    end
    assert.same(expected, keys)
    assert.equal(25, summary.denied)
    assert.equal(75, summary.time_saved_ms)
  end)

  it("counts a denial without a reason as 'denied'", function()
    local run = run_of { { "a", "failed", 1000 }, { "a", "success", 500 } }
    local reasons = { nil, "denied" }
    local asked = 0
    local summary = policy.replay(run, function()
      asked = asked + 1
      return { action = "deny", reason = reasons[asked] }
    end).summary
    assert.same({ row("a", "denied", 2, 1, 1, 1.5) }, summary.by_tool_and_reason)
  end)

  it("counts cancelled executions neither as avoided nor as lost", function()
    local summary = policy.replay(run_of { { "a", "cancelled", 7000 } }, function()
      return { action = "deny", reason = "never" }
    end).summary
    assert.same({ row("a", "never", 1, 0, 0, 7) }, summary.by_tool_and_reason)
  end)

  it("adds up the time to the microsecond, an integer when it is whole", function()
    local executions = {}
    for i = 1, 1000 do
      executions[i] = { "a", "success", 1 }
    end
    local function deny() return { action = "deny", reason = "never" } end
    local summary = policy.replay(run_of(executions), deny).summary
    assert.equal(1, summary.time_saved_ms)
    assert.is_true(portable.is_integer(summary.time_saved_ms))
    executions[1000] = nil
    assert.equal(0.999, policy.replay(run_of(executions), deny).summary.time_saved_ms)
  end)

  it("counts an empty reason and none as denials do", function()
    local reasons = { a = "", b = "(other)" }
    local rows = policy.replay(run_of { { "a", "success", 1 }, { "b", "failed", 1 },
      { "c", "failed", 1 } }, function(call)
      return { action = "deny", reason = reasons[call.tool] }
    end).summary.by_tool_and_reason
    assert.equal("(other)", rows[1].reason)
    assert.equal("(other)", rows[2].reason)
    assert.equal("denied", rows[3].reason)
  end)

  it("names what is neither a snapshot nor a policy", function()
    local function assert_refuses(message, ...)
      local arguments = pack(...)
      assert.has_error(function() policy.replay(unpack(arguments, 1, arguments.n)) end,
        message)
    end
    assert_refuses("replay: a snapshot expected, got nil", nil, print)
    assert_refuses("replay: a snapshot expected, got string", "a.run", print)
    assert_refuses("replay: a snapshot expected, got userdata", io.stdout, print)
    assert_refuses("replay: a snapshot expected, got a tracker: call its snapshot()",
      exectrack.new(1), print)
    assert_refuses("replay: a function expected, got nil", small_run())
    assert_refuses("replay: a function expected, got table", small_run(), {})
  end)

  it("raises what the policy raises", function()
    local raised = {}
    local ok, value = pcall(policy.replay, small_run(), function() error(raised) end)
    assert.is_false(ok)
    assert.equal(raised, value)
  end)

  it("leaves the run as it was", function()
    local snapshot = small_run()
    local before = snapshot:bytes()
    policy.replay(snapshot, guard())
    assert.equal(before, snapshot:bytes())
  end)
end)
