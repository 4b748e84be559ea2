local clocks = require("spec.support.clock")
local exectrack = require("exectrack")
local policy = require("exectrack.policy")
local portable = require("spec.support.portable")

local clock, tracker

before_each(function()
  clock = clocks.new()
  tracker = exectrack.new { max_in_flight = 2, clock = clock.read }
end)

local function ask(breaker, tool)
  return breaker { tracker = tracker, tool = tool or "fetch", args_hash = 7, now = clock.us / 1e6 }
end

--- Records executions that take no time, so that each starts when the one before has ended.
local function record(status, count)
  for _ = 1, count or 1 do
    tracker:record("fetch", status, 0)
  end
end

--- Asserts that the circuit is open for exactly another `us`, and goes to where that is over.
local function assert_opens_in(us, breaker)
  assert.equal("circuit_open", ask(breaker).reason)
  clock.advance_us(us - 1)
  assert.equal("circuit_open", ask(breaker).reason)
  assert.equal(0.001, ask(breaker).retry_after_ms)
  clock.advance_us(1)
  assert.is_nil(ask(breaker))
end

describe("a circuit by its failures in a row", function()
  it("is closed for a tool that was never called, or never failed", function()
    local breaker = policy.circuit_breaker()
    assert.is_nil(ask(breaker))
    record("success", 20)
    assert.is_nil(ask(breaker))
    record("cancelled", 20)
    assert.is_nil(ask(breaker))
  end)

  it("opens at the fifth by default", function()
    local breaker = policy.circuit_breaker {}
    record("failed", 4)
    assert.is_nil(ask(breaker))
    record("failed")
    assert.same({
      action = "deny",
      policy = "circuit_breaker",
      reason = "circuit_open",
      message = "'fetch' may not be called yet: it keeps failing (failures in a row: 5). "
        .. "Wait 5 s, then call it again, or do without it.",
      retry_after_ms = 5000,
    }, ask(breaker))
  end)

  it("stays open until the cooldown is over, to the microsecond", function()
    local breaker = policy.circuit_breaker { failures = 1, cooldown_ms = 1.5 }
    record("failed")
    assert.equal(1.5, ask(breaker).retry_after_ms)
    clock.advance_us(1)
    assert.equal(1.499, ask(breaker).retry_after_ms)
    assert_opens_in(1499, breaker)
    clock.advance_us(1)
    assert.is_nil(ask(breaker))
  end)

  it("says how long it stays open, as an integer when that is whole", function()
    local breaker = policy.circuit_breaker { failures = 1, cooldown_ms = 7.0 }
    record("failed")
    clock.advance_us(2000)
    assert.equal(5, ask(breaker).retry_after_ms)
    assert.is_true(portable.is_integer(ask(breaker).retry_after_ms))
  end)

  it("counts from the end of the last failure", function()
    local breaker = policy.circuit_breaker { failures = 2, cooldown_ms = 10 }
    record("failed")
    clock.advance_us(4000)
    tracker:record("fetch", "failed", 3)
    assert.equal(10, ask(breaker).retry_after_ms)
  end)

  it("counts time-outs, and is closed by a success", function()
    local breaker = policy.circuit_breaker { failures = 3 }
    record("timed_out", 2)
    record("failed")
    assert.equal("circuit_open", ask(breaker).reason)
    record("success")
    assert.is_nil(ask(breaker))
    record("failed", 2)
    assert.is_nil(ask(breaker))
    record("timed_out")
    assert.equal("circuit_open", ask(breaker).reason)
  end)

  it("is neither opened nor closed by what was cancelled", function()
    local breaker = policy.circuit_breaker { failures = 2, cooldown_ms = 10 }
    record("failed")
    record("cancelled", 5)
    assert.is_nil(ask(breaker))
    record("failed")
    clock.advance_us(3000)
    record("cancelled", 5)
    assert.equal(7, ask(breaker).retry_after_ms)
  end)

  it("is each tool's own", function()
    local breaker = policy.circuit_breaker { failures = 1 }
    record("failed")
    assert.is_nil(ask(breaker, "grep"))
    tracker:record("grep", "success", 0)
    assert.is_nil(ask(breaker, "grep"))
    assert.equal("circuit_open", ask(breaker).reason)
  end)

  it("opens after a failure at time 0 as at any other", function()
    clock.us = 0
    tracker = exectrack.new { clock = clock.read }
    local breaker = policy.circuit_breaker { failures = 1, cooldown_ms = 1 }
    record("failed")
    assert.equal(1, ask(breaker).retry_after_ms)
    assert_opens_in(1000, breaker)
  end)
end)

describe("what says nothing about a tool", function()
  it("is what a cache answered: all real calls fail, and the circuit opens", function()
    local breaker = policy.circuit_breaker()
    for i = 1, 15 do
      tracker:record("fetch", i % 3 == 0 and "failed" or "success", 0, i % 3 ~= 0)
    end
    assert.equal(5000, ask(breaker).retry_after_ms)
    tracker:record("fetch", "failed", 0, true)
    assert.equal(5000, ask(breaker).retry_after_ms)
    tracker:record("fetch", "success", 0, true)
    assert.equal(5000, ask(breaker).retry_after_ms)
  end)

  it("is the success of a call that started before the latest failure ended", function()
    local breaker = policy.circuit_breaker { failures = 3 }
    local early = tracker:start("fetch")
    clock.advance_us(1)
    record("failed", 3)
    early:finish()
    assert.equal("circuit_open", ask(breaker).reason)
    record("success")
    assert.is_nil(ask(breaker))
  end)

  it("is a failure that the caller caused", function()
    local breaker = policy.circuit_breaker { failures = 2, min_calls = 2 }
    for _, error_type in ipairs { "http_404", "user not found", "ENOENT" } do
      tracker:record("fetch", "failed", 0, false, error_type)
    end
    assert.is_nil(ask(breaker))
    tracker:record("fetch", "failed", 0, false, "http_503")
    tracker:record("fetch", "failed", 0, false, "http_404")
    assert.is_nil(ask(breaker))
    tracker:record("fetch", "failed", 0, false, "http_503")
    assert.equal("circuit_open", ask(breaker).reason)
    assert.truthy(ask(breaker).message:find("(failures in a row: 2)", 1, true))
  end)

  it("is what the option says", function()
    tracker:record("fetch", "failed", 0, false, "http_404")
    assert.equal("circuit_open", ask(policy.circuit_breaker { failures = 1, ignore = {} }).reason)
    assert.equal("circuit_open", ask(policy.circuit_breaker { failures = 1,
      ignore = { "http_400" } }).reason)
    local given
    assert.is_nil(ask(policy.circuit_breaker { failures = 1, ignore = function(failure)
      given = failure
      return true
    end }))
    assert.same(tracker:recent_executions(1)[1], given)
  end)
end)

describe("failures in calls that overlap", function()
  it("are in a row if no other call ended between them, whenever that started", function()
    local breaker = policy.circuit_breaker { failures = 3, failure_rate = false }
    local spans = {}
    for i = 1, 9 do
      spans[i] = tracker:start("fetch")
    end
    clock.advance_us(1)
    for _, status in ipairs { "failed", "failed", "success", "failed", "failed" } do
      table.remove(spans):finish(status)
    end
    assert.is_nil(ask(breaker))
    table.remove(spans):finish("failed")
    assert.truthy(ask(breaker).message:find("(failures in a row: 3)", 1, true))
    table.remove(spans):finish("success")
    table.remove(spans):finish("failed")
    assert.truthy(ask(breaker).message:find("(failures in a row: 4)", 1, true))
  end)
end)

describe("a cooldown", function()
  it("doubles with each round beyond the threshold, up to the longest", function()
    local breaker = policy.circuit_breaker { failures = 2, cooldown_ms = 3, max_cooldown_ms = 20 }
    record("failed")
    for _, cooldown_ms in ipairs { 3, 6, 12, 20, 20 } do
      record("failed")
      assert.equal(cooldown_ms, ask(breaker).retry_after_ms)
      assert_opens_in(cooldown_ms * 1000, breaker)
    end
  end)

  it("is at most two minutes by default", function()
    local breaker = policy.circuit_breaker()
    for failures, cooldown_ms in pairs { [5] = 5000, [6] = 10000, [9] = 80000, [10] = 120000 } do
      tracker:clear()
      record("failed", failures)
      assert.equal(cooldown_ms, ask(breaker).retry_after_ms)
    end
  end)

  it("is the longest after so many rounds that no number is large enough", function()
    record("failed", 3000)
    assert.equal(120000, ask(policy.circuit_breaker()).retry_after_ms)
    assert.is_nil(ask(policy.circuit_breaker { cooldown_ms = 0 }))
  end)

  it("doesn't double by failures in parallel, which are one round", function()
    local breaker = policy.circuit_breaker { failures = 5, cooldown_ms = 10 }
    local spans = {}
    for i = 1, 64 do
      spans[i] = tracker:start("fetch")
    end
    for i = 1, 64 do
      clock.advance_us(1)
      spans[i]:finish("failed")
    end
    assert.equal(10, ask(breaker).retry_after_ms)
    record("failed", 4)
    assert.equal(10, ask(breaker).retry_after_ms)
    record("failed")
    assert.equal(20, ask(breaker).retry_after_ms)
  end)

  it("can be longer than the default of the longest", function()
    record("failed", 6)
    local breaker = policy.circuit_breaker { cooldown_ms = 120001 }
    assert.equal(120001, ask(breaker).retry_after_ms)
  end)
end)

describe("a half-open circuit", function()
  local breaker

  before_each(function()
    breaker = policy.circuit_breaker { failures = 1, cooldown_ms = 1 }
    record("failed")
  end)

  it("lets one call through, and denies others while that is in flight", function()
    clock.advance_us(1000)
    assert.is_nil(ask(breaker))
    local probe = tracker:start("fetch")
    clock.advance_us(5)
    assert.same({
      action = "deny",
      policy = "circuit_breaker",
      reason = "circuit_half_open",
      message = "'fetch' may not be called yet: it keeps failing (failures in a row: 1), and "
        .. "another call is testing whether it works again. Wait until that one has ended, 1 ms at "
        .. "most, or do without it.",
      retry_after_ms = 0.995,
    }, ask(breaker))
    probe:finish()
    assert.is_nil(ask(breaker))
  end)

  it("has what waits ask again soon, as the trial may end any time", function()
    breaker = policy.circuit_breaker { failures = 1 }
    clock.advance_us(5000000)
    local probe = tracker:start("fetch")
    assert.equal(50, ask(breaker).retry_after_ms)
    assert.truthy(ask(breaker).message:find("has ended, 5 s at most", 1, true))
    probe:finish()
  end)

  it("takes only what started at the end of the cooldown or later for that call", function()
    clock.advance_us(999)
    local before = tracker:start("fetch")
    clock.advance_us(1)
    assert.is_nil(ask(breaker))
    local probe = tracker:start("fetch")
    assert.equal("circuit_half_open", ask(breaker).reason)
    before:finish("cancelled")
    assert.equal("circuit_half_open", ask(breaker).reason)
    probe:finish("cancelled")
    assert.is_nil(ask(breaker))
  end)

  it("takes a call that lasts for another cooldown as lost, and lets one more through", function()
    clock.advance_us(1200)
    local lost = tracker:start("fetch")
    clock.advance_us(999)
    assert.equal("circuit_half_open", ask(breaker).reason)
    assert.equal(0.001, ask(breaker).retry_after_ms)
    clock.advance_us(1)
    assert.is_nil(ask(breaker))
    clock.advance_us(5000)
    assert.is_nil(ask(breaker))
    local probe = tracker:start("fetch")
    assert.equal(1, ask(breaker).retry_after_ms)
    clock.advance_us(1000)
    assert.is_nil(ask(breaker))
    probe:finish("failed")
    assert.equal("circuit_open", ask(breaker).reason)
    lost:finish() -- started before that
    assert.equal("circuit_open", ask(breaker).reason)
  end)

  it("takes each that isn't listed as lost after one more cooldown", function()
    tracker = exectrack.new { max_in_flight = 0, clock = clock.read }
    record("failed")
    local spans = { tracker:start("fetch"), tracker:start("fetch") }
    clock.advance_us(1000)
    assert.equal(2, ask(breaker).retry_after_ms)
    clock.advance_us(1999)
    assert.equal("circuit_half_open", ask(breaker).reason)
    clock.advance_us(1)
    assert.is_nil(ask(breaker))
    spans[3] = tracker:start("fetch")
    assert.equal(1, ask(breaker).retry_after_ms)
    for _, span in ipairs(spans) do
      span:finish("cancelled")
    end
    assert.is_nil(ask(breaker))
  end)

  it("takes what isn't listed for that call, whenever it started", function()
    local spans = { tracker:start("fetch"), tracker:start("fetch"), tracker:start("fetch") }
    clock.advance_us(1000)
    assert.equal("circuit_half_open", ask(breaker).reason)
    spans[3]:finish("cancelled")
    assert.is_nil(ask(breaker))
  end)

  it("isn't concerned with other tools", function()
    clock.advance_us(1000)
    local other = tracker:start("grep")
    assert.is_nil(ask(breaker))
    other:finish()
  end)

  it("opens again when that call fails, for twice as long", function()
    clock.advance_us(1000)
    local probe = tracker:start("fetch")
    clock.advance_us(300)
    probe:finish("failed")
    assert.equal(2, ask(breaker).retry_after_ms)
    assert_opens_in(2000, breaker)
  end)

  it("is closed by a success of that call", function()
    clock.advance_us(1000)
    tracker:start("fetch"):finish()
    local probe = tracker:start("fetch")
    assert.is_nil(ask(breaker))
    probe:finish("failed")
    assert.equal(1, ask(breaker).retry_after_ms)
  end)

  it("stays half-open when that call is cancelled", function()
    clock.advance_us(1000)
    tracker:start("fetch"):finish("cancelled")
    assert.is_nil(ask(breaker))
    local probe = tracker:start("fetch")
    assert.equal("circuit_half_open", ask(breaker).reason)
    probe:finish()
  end)
end)

describe("a circuit by its rate of failures", function()
  it("opens when enough calls were made and enough of them failed", function()
    local breaker = policy.circuit_breaker()
    record("success", 5)
    record("failed", 2)
    record("timed_out", 2)
    assert.is_nil(ask(breaker))
    tracker:clear()
    record("failed", 2)
    record("success", 5)
    record("failed", 3)
    assert.same({
      action = "deny",
      policy = "circuit_breaker",
      reason = "circuit_open",
      message = "'fetch' may not be called yet: it fails too often (5 of 10 calls). "
        .. "Wait 5 s, then call it again, or do without it.",
      retry_after_ms = 5000,
    }, ask(breaker))
  end)

  it("is closed below the rate, or with too few calls", function()
    record("failed", 4)
    record("success", 5)
    record("failed")
    assert.is_nil(ask(policy.circuit_breaker { failure_rate = 0.51 }))
    assert.is_nil(ask(policy.circuit_breaker { min_calls = 11 }))
    assert.equal("circuit_open", ask(policy.circuit_breaker()).reason)
  end)

  it("leaves out what was cancelled", function()
    record("failed", 4)
    record("success", 4)
    record("cancelled", 5)
    record("failed")
    assert.is_nil(ask(policy.circuit_breaker()))
    record("cancelled")
    assert.equal("circuit_open", ask(policy.circuit_breaker { min_calls = 9 }).reason)
  end)

  it("counts from when it was closed last", function()
    local breaker = policy.circuit_breaker()
    record("failed", 50)
    record("success", 40)
    record("failed")
    assert.is_nil(ask(breaker))
    record("success", 3)
    record("failed", 4)
    record("success")
    record("failed", 4)
    assert.is_nil(ask(breaker)) -- 9 of 52
    record("failed")
    assert.equal("circuit_open", ask(breaker).reason)
    record("success")
    record("failed", 4)
    record("success", 5)
    assert.is_nil(ask(breaker))
    record("failed")
    assert.truthy(ask(breaker).message:find("(5 of 10 calls)", 1, true))
  end)

  it("is opened by a failure only", function()
    local breaker = policy.circuit_breaker { min_calls = 4 }
    record("failed", 2)
    record("success", 2)
    assert.is_nil(ask(breaker))
    record("cancelled")
    assert.is_nil(ask(breaker))
    record("failed")
    assert.equal("circuit_open", ask(breaker).reason)
  end)

  it("knows the retained records only", function()
    tracker = exectrack.new { max_history = 10, clock = clock.read }
    local breaker = policy.circuit_breaker()
    record("success", 6)
    record("failed", 4)
    assert.is_nil(ask(breaker))
    tracker:record("grep", "success", 0)
    assert.is_nil(ask(breaker))
    assert.is_nil(ask(policy.circuit_breaker { min_calls = 9, failure_rate = 0.45 }))
    assert.equal("circuit_open", ask(policy.circuit_breaker { min_calls = 9, failure_rate = 4 / 9 })
      .reason)
  end)

  it("never doubles its cooldown", function()
    local breaker = policy.circuit_breaker { failures = 100, cooldown_ms = 3 }
    record("failed", 50)
    assert.equal(3, ask(breaker).retry_after_ms)
    assert_opens_in(3000, breaker)
    local probe = tracker:start("fetch")
    assert.equal("circuit_half_open", ask(breaker).reason)
    assert.equal("'fetch' may not be called yet: it fails too often (50 of 50 calls), and another "
      .. "call is testing whether it works again. Wait until that one has ended, 3 ms at most, or "
      .. "do without it.", ask(breaker).message)
    probe:finish("failed")
    assert_opens_in(3000, breaker)
  end)

  it("can be left out", function()
    record("failed", 4)
    record("success")
    record("failed", 4)
    local options = { failures = 5, failure_rate = 0.5, min_calls = 1 }
    assert.equal("circuit_open", ask(policy.circuit_breaker(options)).reason)
    options.failure_rate = false
    assert.is_nil(ask(policy.circuit_breaker(options)))
  end)

  it("comes after the failures in a row", function()
    record("failed", 12)
    local decision = ask(policy.circuit_breaker { failures = 10, cooldown_ms = 3 })
    assert.equal(12, decision.retry_after_ms)
    assert.equal("'fetch' may not be called yet: it keeps failing (failures in a row: 12). "
      .. "Wait 12 ms, then call it again, or do without it.", decision.message)
  end)
end)

describe("circuit_breaker", function()
  it("refuses what is wrong where it is called", function()
    local function refusal(given)
      local agent = portable.load("local make, given = ... local made = make(given) return made",
        "=agent")
      return select(2, pcall(agent, policy.circuit_breaker, given))
    end
    local prefix = "agent:1: circuit_breaker: "
    for message, given in pairs {
      ["a table of options expected, got 5"] = 5,
      ["unknown option 'failure'"] = { failure = 5 },
      ["option 'failures': an integer from 1 to 200 expected, got 0"] = { failures = 0 },
      ["option 'cooldown_ms': a finite number from 0 expected, got -1"] = { cooldown_ms = -1 },
      ["option 'max_cooldown_ms': a finite number from 0 expected, got inf"] =
        { max_cooldown_ms = math.huge },
      ["option 'max_cooldown_ms': at least the cooldown_ms of 5000 expected, got 4999"] =
        { max_cooldown_ms = 4999 },
      ["option 'failure_rate': false or a number from 0 to 1 expected, got 1.5"] =
        { failure_rate = 1.5 },
      ["option 'min_calls': an integer from 1 to 200 expected, got 201"] = { min_calls = 201 },
      ["option 'ignore': a function or an array expected, got 5"] = { ignore = 5 },
      ["option 'ignore': element 2: a string expected, got 5"] = { ignore = { "EIO", 5 } },
      ["option 'only': false or an array expected, got true"] = { only = true },
    } do
      assert.equal(prefix .. message, refusal(given))
    end
  end)

  it("raises if the tracker doesn't retain as many as `failures`, at the first call", function()
    tracker = exectrack.new { max_history = 2, clock = clock.read }
    assert.has_error(function() ask(policy.circuit_breaker { failures = 3 }) end,
      "circuit_breaker: option 'failures': 3 is more than the tracker's max_history of 2")
    record("failed")
    assert.equal("circuit_open", ask(policy.circuit_breaker { failures = 1 }).reason)
  end)

  it("doesn't keep the ready set", function()
    local breaker = policy.circuit_breaker { failures = 1 }
    table.insert(policy.caller_errors, "EIO")
    tracker:record("fetch", "failed", 0, false, "EIO")
    assert.is_nil(ask(policy.circuit_breaker { failures = 1 }))
    table.remove(policy.caller_errors)
    assert.equal("circuit_open", ask(breaker).reason)
  end)

  it("takes a longest cooldown that is the shortest", function()
    record("failed", 6)
    local breaker = policy.circuit_breaker { cooldown_ms = 9, max_cooldown_ms = 9 }
    assert.equal(9, ask(breaker).retry_after_ms)
  end)

  it("doesn't keep its options", function()
    local options = { failures = 1 }
    local breaker = policy.circuit_breaker(options)
    options.failures = 100
    record("failed")
    assert.equal("circuit_open", ask(breaker).reason)
  end)
end)
