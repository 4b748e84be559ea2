local clocks = require("spec.support.clock")
local exectrack = require("exectrack")
local policy = require("exectrack.policy")
local portable = require("spec.support.portable")

local clock, tracker

before_each(function()
  clock = clocks.new()
  tracker = exectrack.new { max_history = 10, max_in_flight = 2, clock = clock.read }
end)

local function ask(limit, tool)
  return limit { tracker = tracker, tool = tool or "grep", args_hash = 7, now = clock.us / 1e6 }
end

--- Makes calls that each end `us` after their start, when the next one starts.
local function run(count, us, tool)
  for _ = 1, count do
    local span = tracker:start(tool or "grep")
    clock.advance_us(us)
    span:finish()
  end
end

describe("a rate limit", function()
  it("denies calls while so many started in the time before", function()
    local limit = policy.rate_limit { executions = 2, per_ms = 1500 }
    assert.is_nil(ask(limit))
    run(1, 1000)
    assert.is_nil(ask(limit))
    run(1, 1000, "ls")
    assert.same({
      action = "deny",
      policy = "rate_limit",
      reason = "rate_limit",
      message = "'grep' may not be called yet: the calls of all tools have reached their limit "
        .. "(2 per 1.5 s). Wait 1.5 s, then call it again, or use what you have.",
      retry_after_ms = 1498,
    }, ask(limit))
  end)

  it("says of which tool and for how long, whatever it said before", function()
    local limit = policy.rate_limit { executions = 1, per_ms = 600 }
    run(1, 0)
    for _, wait in ipairs { "600 ms", "599 ms", "598 ms" } do
      for i = 1, 400 do
        local expected = "'tool " .. i .. "' may not be called yet: the calls of all tools have "
          .. "reached their limit (1 per 600 ms). Wait " .. wait .. ", then call it again, or use "
          .. "what you have."
        assert.equal(expected, ask(limit, "tool " .. i).message)
        assert.equal(expected, ask(limit, "tool " .. i).message)
      end
      clock.advance_us(1000)
    end
  end)

  it("says to the microsecond when a call may be made", function()
    local limit = policy.rate_limit { executions = 2, per_ms = 10 }
    run(3, 1001)
    assert.equal(7.998, ask(limit).retry_after_ms)
    clock.advance_us(7997)
    assert.equal(0.001, ask(limit).retry_after_ms)
    clock.advance_us(1)
    assert.is_nil(ask(limit))
    run(1, 0)
    assert.equal(1.001, ask(limit).retry_after_ms)
    clock.advance_us(1000)
    assert.equal(0.001, ask(limit).retry_after_ms)
    clock.advance_us(1)
    assert.is_nil(ask(limit))
  end)

  it("says it as an integer when it is whole", function()
    local limit = policy.rate_limit { executions = 1, per_ms = 10.0 }
    run(1, 4000)
    assert.equal(6, ask(limit).retry_after_ms)
    assert.is_true(portable.is_integer(ask(limit).retry_after_ms))
  end)

  it("goes by when calls started, not by when they ended", function()
    local limit = policy.rate_limit { executions = 1, per_ms = 10 }
    run(1, 9999)
    assert.equal(0.001, ask(limit).retry_after_ms)
    run(1, 10000)
    assert.is_nil(ask(limit))
  end)

  it("counts what is in flight", function()
    local limit = policy.rate_limit { executions = 2, per_ms = 10 }
    local first = tracker:start("grep")
    clock.advance_us(3000)
    local second = tracker:start("ls")
    clock.advance_us(1000)
    assert.equal(6, ask(limit).retry_after_ms)
    clock.advance_us(6000)
    assert.is_nil(ask(limit))
    first:finish()
    second:finish()
  end)

  it("counts what is in flight and not listed as started now", function()
    local limit = policy.rate_limit { executions = 1, per_ms = 10 }
    local spans = { tracker:start("grep"), tracker:start("grep"), tracker:start("grep") }
    clock.advance_us(20000)
    assert.equal(3, #spans)
    assert.equal(2, #tracker:in_flight())
    assert.equal(10, ask(limit).retry_after_ms)
    spans[3]:finish()
    assert.is_nil(ask(limit))
  end)

  it("of one tool counts that tool and denies only that", function()
    local limit = policy.rate_limit { executions = 2, per_ms = 10, tool = "grep" }
    run(4, 1000, "ls")
    run(1, 1000)
    assert.is_nil(ask(limit))
    run(1, 1000)
    assert.is_nil(ask(limit, "ls"))
    assert.equal("'grep' may not be called yet: the calls of 'grep' have reached their limit "
      .. "(2 per 10 ms). Wait 8 ms, then call it again, or use what you have.", ask(limit).message)
  end)

  it("may be for longer than the clock has run", function()
    clock.us = 0
    tracker = exectrack.new { clock = clock.read }
    local limit = policy.rate_limit { executions = 1, per_ms = 3600000 }
    assert.is_nil(ask(limit))
    run(1, 1000)
    assert.equal(3599999, ask(limit).retry_after_ms)
  end)

  it("may be for all time", function()
    local limit = policy.rate_limit { executions = 2, per_ms = 1e300 }
    tracker:record { tool = "grep", status = "success", duration_ms = 1e300, timestamp = 0 }
    assert.is_nil(ask(limit))
    run(1, 0)
    assert.equal("rate_limit", ask(limit).reason)
  end)
end)

describe("a rate limit that no history can reach", function()
  it("is an error when the policy is asked", function()
    run(10, 0)
    assert.equal("rate_limit", ask(policy.rate_limit { executions = 10, per_ms = 1 }).reason)
    local ok, message = pcall(ask, policy.rate_limit { executions = 11, per_ms = 1 })
    assert.is_false(ok)
    assert.equal("rate_limit: option 'executions': 11 is more than the tracker's max_history of 10",
      message)
  end)
end)

describe("rate_limit", function()
  it("refuses what is wrong where it is called", function()
    local function refusal(given)
      local agent = portable.load("local make, given = ... local made = make(given) return made",
        "=agent")
      return select(2, pcall(agent, policy.rate_limit, given))
    end
    local missing = "agent:1: rate_limit: option 'executions': an integer from 1 expected, got nil"
    assert.equal(missing, refusal())
    assert.equal(missing, refusal { per_ms = 5 })
    for message, given in pairs {
      ["a table of options expected, got false"] = false,
      ["unknown option 'per_s'"] = { executions = 1, per_s = 5 },
      ["option 'executions': an integer from 1 expected, got 0"] = { executions = 0, per_ms = 5 },
      ["option 'per_ms': a finite number from 0.001 expected, got nil"] = { executions = 1 },
      ["option 'per_ms': a finite number from 0.001 expected, got 0"] =
        { executions = 1, per_ms = 0 },
      ["option 'per_ms': a finite number from 0.001 expected, got inf"] =
        { executions = 1, per_ms = math.huge },
      ["option 'tool': a string expected, got true"] =
        { executions = 1, per_ms = 1, tool = true },
    } do
      assert.equal("agent:1: rate_limit: " .. message, refusal(given))
    end
  end)

  it("doesn't keep its options", function()
    local options = { executions = 1, per_ms = 10 }
    local limit = policy.rate_limit(options)
    options.executions, options.per_ms, options.tool = 9, 0.001, "ls"
    run(1, 0)
    assert.equal(10, ask(limit).retry_after_ms)
  end)
end)
