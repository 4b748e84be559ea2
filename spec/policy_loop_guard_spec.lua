local clocks = require("spec.support.clock")
local exectrack = require("exectrack")
local policy = require("exectrack.policy")
local portable = require("spec.support.portable")

local clock, tracker

before_each(function()
  clock = clocks.new()
  tracker = exectrack.new { max_in_flight = 2, clock = clock.read }
end)

local function ask(guard, tool, args_hash)
  return guard {
    tracker = tracker,
    tool = tool or "grep",
    args_hash = args_hash or 7,
    now = clock.us / 1e6,
  }
end

local function action(...)
  local decision = ask(...)
  return decision and decision.action
end

local function record(count, tool, args_hash, status)
  for _ = 1, count do
    tracker:record { tool = tool or "grep", status = status or "success", duration_ms = 0,
      args_hash = args_hash or 7 }
  end
end

describe("a loop guard", function()
  it("warns of the third call that is the same, and denies the fourth", function()
    local guard = policy.loop_guard()
    assert.is_nil(ask(guard))
    record(1)
    assert.is_nil(ask(guard))
    record(1)
    assert.same({
      action = "warn",
      policy = "loop_guard",
      reason = "repeated_call",
      message = "The same call of 'grep' was made 2 times already (arguments 00000007); unless "
        .. "something has changed since, it will end as before. Use that result, change the "
        .. "arguments, or do something else first. If you go on repeating this call, it will be "
        .. "denied.",
    }, ask(guard))
    record(1)
    local denial = {
      action = "deny",
      policy = "loop_guard",
      reason = "repeated_call",
      message = "The same call of 'grep' was made 3 times already (arguments 00000007); unless "
        .. "something has changed since, it will end as before. It is denied now. Use that result, "
        .. "change the arguments, or do something else first.",
    }
    local first, second = ask(guard), ask(guard)
    assert.same(denial, first)
    assert.same(denial, second)
    assert.not_equal(first, second)
  end)

  it("says once for one", function()
    record(1)
    assert.equal("The same call of 'grep' was made once already (arguments 00000007); unless "
      .. "something has changed since, it will end as before. It is denied now. Use that result, "
      .. "change the arguments, or do something else first.",
      ask(policy.loop_guard { repeats = 1 }).message)
  end)

  it("says what the arguments were if their text is kept", function()
    tracker = exectrack.new { args_texts = 8 }
    for _ = 1, 2 do
      tracker:record("grep", "success", 0, false, nil, { pattern = "x" })
    end
    local hash = exectrack.fingerprint { pattern = "x" }
    assert.truthy(ask(policy.loop_guard(), "grep", hash).message:find(
      ("2 times already (arguments %08x: {pattern=\"x\"}); unless"):format(hash), 1, true))
  end)

  it("says that there were no arguments", function()
    local wrapped = tracker:wrap("lint", function() return "fine" end, {
      policy = policy.loop_guard { repeats = 1 } })
    wrapped()
    assert.truthy(select(2, wrapped()):find("made once already (without arguments); ", 1, true))
  end)

  it("takes calls with other arguments or of other tools for others", function()
    local guard = policy.loop_guard()
    for hash = 1, 6 do
      record(1, "grep", hash)
      record(1, "read_file", 7)
    end
    assert.is_nil(ask(guard))
    assert.is_nil(ask(guard, "grep", 6))
    assert.is_nil(ask(guard, "ls", 6))
    assert.equal("deny", action(guard, "read_file"))
  end)

  it("never takes calls for the same whose arguments aren't known", function()
    local guard = policy.loop_guard { warn_at = 1 }
    assert.is_nil(ask(guard, "grep", 0))
    record(10, "grep", 0)
    assert.is_nil(ask(guard, "grep", 0))
  end)

  it("takes calls of another session for others", function()
    local wrapped = {}
    for _, name in ipairs { "one", "two" } do
      wrapped[name] = tracker:session(name):wrap("grep", function() return true end,
        { policy = policy.loop_guard { warn_at = false } })
    end
    for _ = 1, 3 do
      assert.is_true(wrapped.one("x"))
      assert.is_true(wrapped.two("x"))
    end
    assert.is_nil(wrapped.one("x"))
    assert.is_nil(wrapped.two("x"))
    assert.is_true(tracker:wrap("grep", function() return true end,
      { policy = policy.loop_guard { repeats = 1 } })("x"))
  end)

  it("has a window of the session's records, up to 2,000 of all", function()
    tracker = exectrack.new { max_history = 3000 }
    tracker:session("one"):record("grep", "success", 1, false, nil, "x")
    for i = 1, 1999 do
      tracker:record("ls", "success", 1, false, nil, i)
    end
    local function decides(options)
      return policy.loop_guard(options) { tracker = tracker, tool = "grep", session = "one",
        args_hash = exectrack.fingerprint("x"), now = 0 } ~= nil
    end
    local function by_tool(execution) return execution.tool end
    assert.is_true(decides { repeats = 1, window = 1 })
    assert.is_true(decides { repeats = 1, window = 1, key = by_tool })
    tracker:record("ls", "success", 1)
    assert.is_false(decides { repeats = 1, window = 2000 })
    assert.is_false(decides { repeats = 1, window = 2000, key = by_tool })
    assert.is_true(decides { repeats = 1, window = 2001 })
    assert.is_true(decides { repeats = 1, window = 2001, key = by_tool })
    tracker:session("one"):record("edit", "success", 1)
    for _ = 1, 2 do
      tracker:session("one"):record("grep", "success", 1, false, nil, "x")
      for _ = 1, 500 do
        tracker:record("ls", "success", 1)
      end
    end
    tracker:record("ls", "success", 1)
    for _ = 1, 998 do
      tracker:record("ls", "success", 1)
    end
    assert.is_true(decides { repeats = 2, window = 2999 })
  end)

  it("finds repeats among the newest records, as many as the window", function()
    local guard = policy.loop_guard { window = 5 }
    record(3)
    record(2, "ls")
    assert.equal("deny", action(guard))
    record(1, "ls")
    assert.equal("warn", action(guard))
    record(1, "ls")
    assert.is_nil(ask(guard))
  end)

  it("has a window of 20 records by default", function()
    local guard = policy.loop_guard()
    record(3)
    record(17, "ls", 1)
    assert.equal("deny", action(guard))
    record(1, "ls", 2)
    assert.equal("warn", action(guard))
  end)

  it("has a window that holds as many repeats as are allowed", function()
    local guard = policy.loop_guard { repeats = 30 }
    record(29)
    assert.equal("warn", action(guard))
    record(1)
    assert.equal("deny", action(guard))
  end)

  it("counts what is in flight and listed", function()
    local guard = policy.loop_guard { window = 1 }
    local args = { "x" }
    local hash = exectrack.fingerprint(args)
    local spans = { tracker:start("grep", args), tracker:start("grep", args) }
    assert.equal("warn", action(guard, "grep", hash))
    assert.is_nil(ask(guard, "ls", hash))
    spans[3] = tracker:start("grep", args)
    assert.equal("warn", action(guard, "grep", hash))
    spans[3]:finish()
    assert.equal("deny", action(guard, "grep", hash))
    spans[1]:finish()
    assert.equal("warn", action(guard, "grep", hash))
    spans[2]:finish()
    assert.is_nil(ask(guard, "grep", hash))
  end)

  it("warns and denies from the counts that it is given", function()
    record(2)
    assert.equal("warn", action(policy.loop_guard { repeats = 6 }))
    tracker:clear()
    local guard = policy.loop_guard { repeats = 6, warn_at = 4 }
    local actions = {}
    for i = 1, 7 do
      record(1)
      actions[i] = action(guard) or "none"
    end
    assert.same({ "none", "none", "none", "warn", "warn", "deny", "deny" }, actions)
  end)

  it("doesn't warn when it shall not", function()
    local guard = policy.loop_guard { warn_at = false }
    record(2)
    assert.is_nil(ask(guard))
    record(1)
    assert.equal("deny", action(guard))
  end)

  it("warns before it denies if there is a repeat before", function()
    record(1)
    assert.equal("warn", action(policy.loop_guard { repeats = 2 }))
    assert.equal("deny", action(policy.loop_guard { repeats = 1 }))
    tracker:clear()
    assert.is_nil(ask(policy.loop_guard { repeats = 1 }))
  end)

  it("leaves exempt tools alone", function()
    local guard = policy.loop_guard { exempt = { "wait", "grep" } }
    record(9)
    record(9, "ls")
    assert.is_nil(ask(guard))
    assert.equal("deny", action(guard, "ls"))
  end)
end)

--- Records calls of "grep", a letter each: `r` and `s` are results, `u` one that isn't known, `c`
-- the result `r` from a cache, `e` and `f` errors, `n` one without a type, `t` a timeout with the
-- type of `e`, `x` a cancelled call.
local function record_ends(ends)
  local ENDS = {
    r = { result_hash = 1 }, s = { result_hash = 2 }, u = {},
    c = { result_hash = 1, was_cached = true },
    e = { status = "failed", error_type = "EIO", result_hash = 3 },
    f = { status = "failed", error_type = "EPERM" }, n = { status = "failed" },
    t = { status = "timed_out", error_type = "EIO" }, x = { status = "cancelled", result_hash = 1 },
  }
  for letter in ends:gmatch(".") do
    local its = ENDS[letter]
    tracker:record { tool = "grep", args_hash = 7, duration_ms = 0,
      status = its.status or "success", was_cached = its.was_cached, error_type = its.error_type,
      result_hash = its.result_hash }
  end
end

describe("a loop guard counts calls", function()
  --- The actions after each of several runs, by the ends of their calls.
  local function assert_actions(expected, options)
    local actions = {}
    for ends in pairs(expected) do
      tracker:clear()
      record_ends(ends)
      actions[ends] = action(policy.loop_guard(options)) or "none"
    end
    assert.same(expected, actions)
  end

  it("whose results are the same, back to the first with another", function()
    assert_actions { rr = "warn", rrr = "deny", rs = "none", rrs = "none", srr = "warn",
      rrrs = "none", rsr = "none", srrr = "deny", rrsr = "none" }
  end)

  it("whose error types are the same, if they failed or timed out", function()
    assert_actions { ee = "warn", et = "warn", ete = "deny", ef = "none", eer = "none", nn = "warn",
      nnn = "deny", ne = "none", re = "none" }
  end)

  it("of which the result isn't known as if it were the same", function()
    assert_actions { uuu = "deny", rur = "deny", ruu = "deny", usr = "none", suur = "deny",
      euu = "deny" }
  end)

  it("that a cache answered, and none that were cancelled", function()
    assert_actions { rcc = "deny", ccc = "deny", cs = "none", xxx = "none", rxxr = "warn" }
  end)

  it("whatever became of them, if it shall", function()
    assert_actions({ rsr = "deny", ref = "deny", rxs = "deny", xx = "warn", r = "none" },
      { same_result = false })
  end)

  it("so that one whose answer changes may go on", function()
    local guard = policy.loop_guard()
    for i = 1, 9 do
      tracker:record { tool = "grep", args_hash = 7, status = "success", duration_ms = 0,
        result_hash = i }
      assert.is_nil(ask(guard))
    end
  end)
end)

describe("a loop guard counts anew", function()
  --- A test that fails three times, with an execution in between.
  local function decide(options, between)
    tracker:clear()
    for _ = 1, 3 do
      record_ends("e")
      tracker:record { tool = between.tool or "edit_file", args_hash = between.args_hash or 8,
        duration_ms = 0, status = between.status or "success", was_cached = between.was_cached }
    end
    return action(policy.loop_guard(options)) or "none"
  end

  it("when a tool that changes something, by its name, has succeeded", function()
    assert.equal("none", decide({}, {}))
    assert.equal("deny", decide({}, { tool = "read_file" }))
    assert.equal("deny", decide({}, { status = "failed" }))
    assert.equal("deny", decide({}, { status = "cancelled" }))
    assert.equal("deny", decide({}, { was_cached = true }))
  end)

  it("when one of the tools in resets has, by their whole names", function()
    assert.equal("none", decide({ resets = { "look", "sed" } }, { tool = "sed" }))
    assert.equal("deny", decide({ resets = { "look", "sed" } }, {}))
    assert.equal("deny", decide({ resets = { "edit" } }, {}))
    assert.equal("deny", decide({ resets = {} }, {}))
  end)

  it("when a success is one for which the function resets returns true", function()
    local function resets(made) return made.tool == "sed" and made.args_hash == 9 end
    assert.equal("none", decide({ resets = resets }, { tool = "sed", args_hash = 9 }))
    assert.equal("deny", decide({ resets = resets }, { tool = "sed", args_hash = 8 }))
  end)

  it("from the newest such success, and in its session alone", function()
    local guard = policy.loop_guard()
    record_ends("eee")
    tracker:session("a"):record("edit_file", "success", 0)
    assert.equal("deny", action(guard))
    record(1, "edit_file", 8)
    record_ends("ee")
    assert.equal("warn", action(guard))
    record_ends("e")
    assert.equal("deny", action(guard))
  end)

  it("not when the very call is repeated that changes something", function()
    record(3, "edit_file", 8)
    assert.equal("deny", action(policy.loop_guard(), "edit_file", 8))
    record(1, "edit_file", 9)
    assert.is_nil(ask(policy.loop_guard(), "edit_file", 8))
  end)

  it("when another call has ended otherwise than before", function()
    local guard = policy.loop_guard()
    for progress = 1, 5 do
      assert.is_nil(ask(guard, "wait", 5))
      tracker:record { tool = "wait", args_hash = 5, status = "success", duration_ms = 0,
        result_hash = 1 }
      tracker:record { tool = "poll", args_hash = 6, status = "success", duration_ms = 0,
        result_hash = progress }
    end
    record_ends("eee")
    assert.equal("deny", action(guard))
    assert.equal("deny", action(policy.loop_guard { same_result = false }, "wait", 5))
    tracker:record { tool = "poll", args_hash = 6, status = "failed", duration_ms = 0 }
    assert.is_nil(ask(guard))
    record_ends("ee")
    tracker:record { tool = "poll", args_hash = 6, status = "success", duration_ms = 0,
      result_hash = 9, was_cached = true }
    assert.equal("warn", action(guard))
  end)

  it("when a tool that runs commands has succeeded in one that is new", function()
    local guard = policy.loop_guard()
    local function bash(args_hash, status)
      tracker:record { tool = "bash", args_hash = args_hash, status = status or "success",
        error_type = status and "exit_1", duration_ms = 0, result_hash = 1 }
    end
    for edit = 1, 4 do
      bash(edit)
      assert.is_nil(ask(guard, "bash", 9))
      bash(9, "failed")
    end
    for _ = 1, 3 do
      bash(1)
      bash(9, "failed")
    end
    assert.equal("deny", action(guard, "bash", 9))
  end)

  it("so that denials before are forgotten", function()
    local guard = policy.loop_guard()
    record_ends("eee")
    for _ = 1, 3 do
      clock.advance_us(1)
      assert.is_nil((tracker:begin("grep", { policy = function()
        return ask(guard)
      end })))
    end
    record(1, "edit_file", 8)
    assert.is_nil(ask(guard))
  end)
end)

describe("a loop guard counts calls that ended", function()
  --- What is decided so many microseconds after the last of three calls ended, a millisecond apart.
  local function decide(options, us)
    tracker:clear()
    for _ = 1, 3 do
      clock.advance_us(1000)
      record_ends("e")
    end
    clock.advance_us(us)
    return action(policy.loop_guard(options)) or "none"
  end

  it("at most ten minutes ago", function()
    assert.equal("deny", decide({}, 600000000 - 2000))
    assert.equal("warn", decide({}, 600000000 - 1999))
    assert.equal("none", decide({}, 600000000 - 999))
  end)

  it("at most as long ago as it is told", function()
    for _, key in ipairs { false, function(other) return other.tool end } do
      local options = { within_ms = 5, key = key or nil }
      assert.equal("deny", decide(options, 3000))
      assert.equal("warn", decide(options, 3001))
      assert.equal("none", decide(options, 4001))
    end
    assert.equal("deny", decide({ within_ms = false }, 1e12))
  end)

  it("or whose end isn't known, up to one that doesn't count", function()
    local function record_at(timestamp)
      tracker:record { tool = "grep", args_hash = 7, status = "success", duration_ms = 0,
        timestamp = timestamp }
    end
    local guard = policy.loop_guard()
    record_at(false)
    record_at(false)
    record_at(clock.us / 1e6)
    assert.equal("deny", action(guard))
    record_at(clock.us / 1e6 - 601)
    assert.is_nil(ask(guard))
    record_at(false)
    record_at(false)
    assert.equal("warn", action(guard))
  end)

  it("without reading the time if none of them has one", function()
    local guard = policy.loop_guard { repeats = 2, warn_at = false, similar_failures = 2 }
    for args_hash = 1, 3 do
      tracker:record { tool = "grep", args_hash = args_hash, status = "failed", error_type = "EIO",
        timestamp = false }
    end
    local call = setmetatable({ tracker = tracker, tool = "grep", args_hash = 9 }, {
      __index = function(_, field) assert(field == "session") end })
    assert.equal("similar_failures", guard(call).reason)
    for _ = 1, 2 do
      tracker:record { tool = "grep", args_hash = 9, timestamp = false, status = "success" }
    end
    assert.equal("deny", guard(call).action)
  end)

  it("of cycles and similar failures, too", function()
    local guard = policy.loop_guard { similar_failures = 2 }
    local function fail(args_hash)
      tracker:record { tool = "grep", args_hash = args_hash, status = "failed", duration_ms = 0,
        error_type = "EIO" }
    end
    fail(1)
    clock.advance_us(300000000)
    fail(2)
    assert.equal("similar_failures", ask(guard).reason)
    clock.advance_us(300000001)
    assert.is_nil(ask(guard))
    for i = 1, 9 do
      record(1, "read", 1 + i % 3)
      clock.advance_us(80000000)
    end
    assert.truthy(ask(guard, "read", 2).message:find("the same 3 calls, 2 times already", 1, true))
    clock.advance_us(120000001)
    assert.is_nil(ask(guard, "read", 2))
  end)
end)

describe("a loop guard names a cycle", function()
  local function go_round(rounds)
    for _ = 1, rounds do
      record(1, "read", 1)
      record(1, "grep", 2)
      record(1, "ls", 3)
    end
  end

  it("that a call begins again", function()
    local guard = policy.loop_guard()
    go_round(1)
    assert.is_nil(ask(guard, "read", 1))
    go_round(1)
    assert.equal("This call of 'read' begins a round again: the same 3 calls, 2 times already: "
      .. "'read' (arguments 00000001), 'grep' (arguments 00000002), 'ls' (arguments 00000003). "
      .. "Unless something has changed since, they will end as before. Use that result, change "
      .. "the arguments, or do something else first. If you go on repeating this call, it will be "
      .. "denied.", ask(guard, "read", 1).message)
    go_round(2)
    local denial = ask(guard, "read", 1)
    assert.equal("deny", denial.action)
    assert.equal("repeated_call", denial.reason)
    assert.truthy(denial.message:find("the same 3 calls, 4 times already: ", 1, true))
    assert.truthy(ask(guard, "grep", 2).message:find("The same call of 'grep' was made 4 times", 1,
      true))
  end)

  it("of calls whose own results alternate", function()
    for _ = 1, 3 do
      record_ends("r")
      record(1, "ls", 3)
      record_ends("s")
      record(1, "ls", 3)
    end
    local denial = ask(policy.loop_guard())
    assert.equal("deny", denial.action)
    assert.truthy(denial.message:find("the same 4 calls, 3 times already: 'grep' ", 1, true))
    tracker:clear()
    record_ends("rsrsrsrs")
    assert.is_nil(ask(policy.loop_guard()))
  end)

  it("without the cancelled calls in between", function()
    go_round(1)
    record(1, "ls", 9, "cancelled")
    go_round(2)
    record(1, "ls", 9, "cancelled")
    assert.truthy(ask(policy.loop_guard(), "read", 1).message:find("3 times already: 'read' "
      .. "(arguments 00000001), 'grep' (arguments 00000002), 'ls' (arguments 00000003).", 1, true))
  end)

  it("up to the latest change", function()
    go_round(1)
    record(1, "edit_file", 1)
    go_round(1)
    record(1, "edit_file", 2)
    go_round(1)
    assert.is_nil(ask(policy.loop_guard(), "read", 1))
  end)
end)

describe("a loop guard goes on counting a denied call", function()
  local made, decision

  --- Calls "grep", which returns the same each time.
  local function call()
    clock.advance_us(1)
    made = tracker:wrap("grep", function() return "found" end,
      { policy = policy.loop_guard { window = 4 } })
    decision = select(3, made("x"))
    return decision and decision.message:match("[^.;]+; stop, and say what blocks you%.$")
      or decision and "denied" or "made"
  end

  it("and says to stop", function()
    local said = {}
    for i = 1, 6 do
      said[i] = call()
    end
    assert.same({ "made", "made", "made", "denied",
      " By now it was denied 2 times; stop, and say what blocks you.",
      " By now it was denied 3 times; stop, and say what blocks you." }, said)
  end)

  it("as long as the last one that was made is within the window", function()
    for _ = 1, 6 do
      call()
    end
    record(3, "ls", 1)
    assert.truthy(call():find("denied 4 times", 1, true))
    record(1, "ls", 1)
    assert.equal("made", call())
    assert.equal("made", call())
  end)

  it("as long as the last one that was made ended within the time", function()
    for _ = 1, 6 do
      call()
    end
    clock.advance_us(599999996)
    assert.truthy(call():find("denied 4 times", 1, true))
    assert.equal("made", call())
    assert.equal("made", call())
  end)

  it("unless no records are kept", function()
    tracker = exectrack.new { max_history = 0, clock = clock.read }
    local options = { args = "x", policy = policy.loop_guard() }
    local spans = {}
    for i = 1, 3 do
      spans[i] = tracker:begin("grep", options)
    end
    for _ = 1, 3 do
      clock.advance_us(1)
      assert.is_nil((tracker:begin("grep", options)))
    end
    for _, span in ipairs(spans) do
      span:done()
    end
    assert.truthy(tracker:begin("grep", options)):done()
  end)

  it("and not one that another policy denied", function()
    local guard = policy.loop_guard()
    record(1, "grep", exectrack.fingerprint("x"))
    for _ = 1, 3 do
      clock.advance_us(1)
      assert.is_nil((tracker:begin("grep", { args = "x", policy = function()
        return { action = "deny", reason = "rate_limit" }
      end })))
    end
    assert.is_nil(ask(guard, "grep", exectrack.fingerprint("x")))
  end)
end)

describe("a loop guard's similar failures", function()
  local function fail(args_hash, error_type, tool)
    tracker:record { tool = tool or "grep", args_hash = args_hash, status = "failed",
      duration_ms = 0, error_type = error_type or "http_422" }
  end

  it("are warned of when so many precede a call", function()
    local guard = policy.loop_guard { similar_failures = 4 }
    for args_hash = 1, 3 do
      fail(args_hash)
    end
    assert.is_nil(ask(guard))
    fail(4)
    assert.same({
      action = "warn",
      policy = "loop_guard",
      reason = "similar_failures",
      message = "The last 4 calls of 'grep' failed alike (http_422), each with other arguments. "
        .. "Find out what is wrong before you try others.",
    }, ask(guard))
    assert.is_nil(ask(guard, "ls"))
    assert.is_nil(ask(policy.loop_guard()))
  end)

  it("have one error type, and arguments that all differ", function()
    local guard = policy.loop_guard { similar_failures = 2 }
    fail(1)
    fail(2, "http_404")
    assert.is_nil(ask(guard))
    fail(2, "http_404")
    assert.is_nil(ask(guard))
    fail(3, "http_404")
    assert.equal("similar_failures", ask(guard).reason)
    assert.is_nil(ask(guard, "grep", 3))
    fail(4, "http_404", "ls")
    assert.is_nil(ask(guard))
  end)

  it("may have cached and cancelled calls in between, and no others", function()
    local guard = policy.loop_guard { similar_failures = 2 }
    fail(1)
    record(1, "ls", 1, "cancelled")
    tracker:record("ls", "success", 0, true)
    fail(2)
    tracker:record("ls", "failed", 0, true, "EIO")
    assert.equal("The last 2 calls of 'grep' failed alike (http_422), each with other arguments. "
      .. "Find out what is wrong before you try others.", ask(guard).message)
    record(1, "ls")
    assert.is_nil(ask(guard))
  end)
end)

describe("a loop guard's key", function()
  local function by_tool(execution)
    return execution.tool
  end

  it("says which calls are the same", function()
    local guard = policy.loop_guard { key = by_tool, window = 4 }
    record(1, "grep", 0)
    record(1, "grep", 1)
    assert.equal("warn", action(guard, "grep", 2))
    record(1, "grep", 3)
    assert.equal("deny", action(guard, "grep", 0))
    assert.is_nil(ask(guard, "ls", 3))
    record(2, "ls")
    assert.equal("warn", action(guard))
    record(1, "ls")
    assert.is_nil(ask(guard))
  end)

  it("counts what is in flight and listed", function()
    local guard = policy.loop_guard { key = by_tool }
    local spans = { tracker:start("grep"), tracker:start("grep", 1), tracker:start("grep") }
    assert.equal("warn", action(guard))
    record(1)
    assert.equal("deny", action(guard))
    for _, span in ipairs(spans) do
      span:finish()
    end
  end)

  it("is nil for a call that is never the same as another", function()
    local function key(execution)
      return execution.tool ~= "grep" and execution.tool or nil
    end
    local guard = policy.loop_guard { key = key, warn_at = 1 }
    assert.is_nil(ask(guard))
    record(9, "grep")
    record(9, "ls")
    assert.is_nil(ask(guard))
    assert.equal("deny", action(guard, "ls"))
  end)

  it("goes with results, resets and denials", function()
    local guard = policy.loop_guard { key = by_tool }
    record_ends("rrs")
    assert.is_nil(ask(guard, "grep", 5))
    record_ends("s")
    tracker:record { tool = "grep", args_hash = 6, status = "success", duration_ms = 0,
      result_hash = 2 }
    clock.advance_us(1)
    assert.is_nil((tracker:begin("grep", { args = 1, policy = function() return ask(guard) end })))
    assert.truthy(ask(guard, "grep", 5).message:find("3 times already (arguments 00000005); unless "
      .. "something has changed since, it will end as before. By now it was denied 2 times; stop",
      1, true))
    record(1, "edit_file")
    assert.is_nil(ask(guard, "grep", 5))
  end)

  it("isn't asked for exempt tools", function()
    local guard = policy.loop_guard { key = error, exempt = { "grep" } }
    record(3)
    assert.is_nil(ask(guard))
  end)

  it("may be NaN, which is no key of a table", function()
    local guard = policy.loop_guard { key = function(execution)
      return execution.args_hash == 0 and 0 / 0 or execution.tool
    end }
    record(3)
    record(1, "ls", 0)
    assert.equal("deny", action(guard))
    assert.is_nil(ask(guard, "ls", 0))
  end)

  it("may be false", function()
    local guard = policy.loop_guard { key = function() return false end }
    record(1, "ls")
    record(2, "grep")
    assert.equal("deny", action(guard, "wait"))
  end)
end)

describe("loop_guard", function()
  it("refuses what is wrong where it is called", function()
    local function refusal(given)
      local agent = portable.load("local make, given = ... local made = make(given) return made",
        "=agent")
      return select(2, pcall(agent, policy.loop_guard, given))
    end
    local prefix = "agent:1: loop_guard: "
    for message, given in pairs {
      ["a table of options expected, got function"] = print,
      ["unknown option 'repeat_at'"] = { repeat_at = 5 },
      ["option 'repeats': an integer from 1 expected, got 0"] = { repeats = 0 },
      ["option 'window': an integer from 1 expected, got 0"] = { window = 0 },
      ["option 'within_ms': false or a finite number from 0.001 expected, got 0"] =
        { within_ms = 0 },
      ["option 'warn_at': false or an integer from 1 expected, got 0"] = { warn_at = 0 },
      ["option 'warn_at': below the repeats of 3 expected, got 3"] = { warn_at = 3 },
      ["option 'same_result': true or false expected, got 1"] = { same_result = 1 },
      ["option 'resets': an array or a function expected, got string"] = { resets = "edit" },
      ["option 'resets': element 1: a string expected, got 5"] = { resets = { 5 } },
      ["option 'similar_failures': false or an integer from 2 to 64 expected, got 1"] =
        { similar_failures = 1 },
      ["option 'similar_failures': false or an integer from 2 to 64 expected, got 65"] =
        { similar_failures = 65 },
      ["option 'key': a function expected, got string"] = { key = "tool" },
      ["option 'exempt': an array expected, got string"] = { exempt = "grep" },
      ["option 'exempt': element 2: a string expected, got nil"] =
        { exempt = { "a", [3] = "b" } },
    } do
      assert.equal(prefix .. message, refusal(given))
    end
  end)

  it("doesn't keep its options", function()
    local exempt, resets = {}, {}
    local options = { repeats = 1, exempt = exempt, resets = resets }
    local guard = policy.loop_guard(options)
    options.repeats = 100
    exempt[1] = "grep"
    resets[1] = "ls"
    record(1)
    record(1, "ls")
    assert.equal("deny", action(guard))
  end)
end)
