local exectrack = require("exectrack")
local policy = require("exectrack.policy")
local portable = require("spec.support.portable")

local tracker

before_each(function()
  tracker = exectrack.new()
end)

local function record(durations_ms, status, was_cached, tool)
  for _, duration_ms in ipairs(durations_ms) do
    tracker:record(tool or "grep", status or "success", duration_ms, was_cached)
  end
end

local function one_to(n)
  local numbers = {}
  for i = 1, n do
    numbers[i] = i
  end
  return numbers
end

describe("an adaptive time-out", function()
  it("is twice the 99th percentile by default", function()
    record(one_to(100))
    assert.equal(198, policy.adaptive_timeout()(tracker, "grep"))
    record { 101 }
    assert.equal(200, policy.adaptive_timeout {}(tracker, "grep"))
  end)

  it("is the quantile times the factor that it is given", function()
    record(one_to(20))
    local function timeout(quantile, factor)
      return policy.adaptive_timeout { quantile = quantile, factor = factor }(tracker, "grep")
    end
    assert.equal(1, timeout(0, 1))
    assert.equal(10, timeout(0.5, 1))
    assert.equal(11, timeout(0.51, 1))
    assert.equal(20, timeout(1, 1))
    assert.equal(5, timeout(0.5, 0.5))
    assert.equal(12.5, timeout(0.5, 1.25))
  end)

  it("is to the nearest microsecond, and an integer when whole", function()
    record { 0.001, 10 }
    local timeout = policy.adaptive_timeout { quantile = 1, factor = 1 / 3, min_samples = 1 }
    assert.equal(3.333, timeout(tracker, "grep"))
    timeout = policy.adaptive_timeout { quantile = 0, factor = 1.5, min_samples = 1 }
    assert.equal(0.002, timeout(tracker, "grep"))
    timeout = policy.adaptive_timeout { quantile = 1, factor = 1.5, min_samples = 1 }
    assert.equal(15, timeout(tracker, "grep"))
    assert.is_true(portable.is_integer(timeout(tracker, "grep")))
  end)

  it("is never below the floor or above the ceiling", function()
    local timeout = policy.adaptive_timeout { floor_ms = 10, ceiling_ms = 20.5, min_samples = 1 }
    for _, case in ipairs { { 4.999, 10 }, { 5, 10 }, { 5.001, 10.002 }, { 10.25, 20.5 },
      { 10.251, 20.5 } } do
      tracker:clear()
      record { case[1] }
      assert.equal(case[2], timeout(tracker, "grep"))
    end
  end)

  it("can have a floor or a ceiling alone, or both the same", function()
    record { 5 }
    local function timeout(floor_ms, ceiling_ms)
      return policy.adaptive_timeout { floor_ms = floor_ms, ceiling_ms = ceiling_ms,
        min_samples = 1 }(tracker, "grep")
    end
    assert.equal(11, timeout(11))
    assert.equal(10, timeout(9))
    assert.equal(9, timeout(nil, 9))
    assert.equal(10, timeout(nil, 11))
    assert.equal(7, timeout(7, 7))
  end)

  it("is the ceiling, or nil, with too few durations", function()
    local bounded = policy.adaptive_timeout { floor_ms = 1, ceiling_ms = 30000.0 }
    local unbounded = policy.adaptive_timeout { floor_ms = 1 }
    assert.equal(30000, bounded(tracker, "grep"))
    record(one_to(19))
    assert.equal(30000, bounded(tracker, "grep"))
    assert.is_true(portable.is_integer(bounded(tracker, "grep")))
    assert.is_nil(unbounded(tracker, "grep"))
    record { 20 }
    assert.equal(40, bounded(tracker, "grep"))
    assert.equal(40, unbounded(tracker, "grep"))
    assert.is_nil(unbounded(tracker, "ls"))
  end)

  it("leaves out what was cancelled or cached, and not what failed or timed out", function()
    local timeout = policy.adaptive_timeout { min_samples = 4, factor = 1 }
    record({ 900 }, "cancelled")
    record({ 800 }, "success", true)
    record({ 700 }, "success", false, "ls")
    record { 1, 2 }
    record({ 3 }, "failed")
    assert.is_nil(timeout(tracker, "grep"))
    record({ 4 }, "timed_out")
    assert.equal(4, timeout(tracker, "grep"))
  end)
end)

describe("an adaptive time-out of a tool that is called often", function()
  it("looks at the newest 200 executions", function()
    local timeout = policy.adaptive_timeout { quantile = 1, factor = 1, min_samples = 200 }
    record { 9000 }
    record(one_to(199))
    assert.equal(9000, timeout(tracker, "grep"))
    record { 5 }
    assert.equal(199, timeout(tracker, "grep"))
  end)
end)

describe("adaptive_timeout", function()
  it("refuses what is wrong where it is called", function()
    local function refusal(given)
      local agent = portable.load("local make, given = ... local made = make(given) return made",
        "=agent")
      return select(2, pcall(agent, policy.adaptive_timeout, given))
    end
    for message, given in pairs {
      ["unknown option 'ceiling'"] = { ceiling = 5 },
      ["option 'quantile': a number from 0 to 1 expected, got 99"] = { quantile = 99 },
      ["option 'quantile': a number from 0 to 1 expected, got nan"] = { quantile = 0 / 0 },
      ["option 'factor': a finite number above 0 expected, got 0"] = { factor = 0 },
      ["option 'floor_ms': a finite number from 0 expected, got -1"] = { floor_ms = -1 },
      ["option 'floor_ms': at most the ceiling_ms of 5 expected, got 6"] =
        { floor_ms = 6, ceiling_ms = 5 },
      ["option 'ceiling_ms': a finite number from 0 expected, got string"] =
        { ceiling_ms = "5" },
      ["option 'min_samples': an integer from 1 to 200 expected, got 0"] = { min_samples = 0 },
      ["option 'min_samples': an integer from 1 to 200 expected, got 201"] =
        { min_samples = 201 },
    } do
      assert.equal("agent:1: adaptive_timeout: " .. message, refusal(given))
    end
  end)

  it("doesn't keep its options", function()
    local options = { min_samples = 1 }
    local timeout = policy.adaptive_timeout(options)
    options.quantile, options.factor, options.min_samples = 0, 9, 100
    record { 1, 2 }
    assert.equal(4, timeout(tracker, "grep"))
  end)
end)
