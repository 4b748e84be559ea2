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
      message = "The same call of 'grep' was made 2 times already; unless something has changed "
        .. "since, it will end as before. Use that result, change the arguments, or do something "
        .. "else first. If you go on repeating this call, it will be denied.",
    }, ask(guard))
    record(1)
    local denial = {
      action = "deny",
      policy = "loop_guard",
      reason = "repeated_call",
      message = "The same call of 'grep' was made 3 times already; unless something has changed "
        .. "since, it will end as before. It is denied now. Use that result, change the arguments, "
        .. "or do something else first.",
    }
    local first, second = ask(guard), ask(guard)
    assert.same(denial, first)
    assert.same(denial, second)
    assert.not_equal(first, second)
  end)

  it("says once for one", function()
    record(1)
    assert.equal("The same call of 'grep' was made once already; unless something has changed "
      .. "since, it will end as before. It is denied now. Use that result, change the arguments, "
      .. "or do something else first.", ask(policy.loop_guard { repeats = 1 }).message)
  end)

  it("counts calls whatever became of them", function()
    record(1, "grep", 7, "failed")
    record(1, "grep", 7, "timed_out")
    record(1, "grep", 7, "cancelled")
    assert.equal("deny", action(policy.loop_guard()))
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

  it("isn't asked for exempt tools", function()
    local guard = policy.loop_guard { key = error, exempt = { "grep" } }
    record(3)
    assert.is_nil(ask(guard))
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
      ["option 'warn_at': false or an integer from 1 expected, got 0"] = { warn_at = 0 },
      ["option 'warn_at': below the repeats of 3 expected, got 3"] = { warn_at = 3 },
      ["option 'key': a function expected, got string"] = { key = "tool" },
      ["option 'exempt': an array expected, got string"] = { exempt = "grep" },
      ["option 'exempt': element 2: a string expected, got nil"] =
        { exempt = { "a", [3] = "b" } },
    } do
      assert.equal(prefix .. message, refusal(given))
    end
  end)

  it("doesn't keep its options", function()
    local exempt = {}
    local options = { repeats = 1, exempt = exempt }
    local guard = policy.loop_guard(options)
    options.repeats = 100
    exempt[1] = "grep"
    record(1)
    assert.equal("deny", action(guard))
  end)
end)
