local clocks = require("spec.support.clock")
local exectrack = require("exectrack")
local policy = require("exectrack.policy")
local portable = require("spec.support.portable")
local runs = require("spec.support.runs")

local clock, tracker

before_each(function()
  clock = clocks.new()
  tracker = exectrack.new { max_history = 2, max_in_flight = 1, clock = clock.read }
end)

local function ask(budget, tool)
  return budget { tracker = tracker, tool = tool or "grep", args_hash = 7, now = clock.us / 1e6 }
end

local function reason(...)
  local decision = ask(...)
  return decision and decision.reason
end

local function record(count, status, duration_ms, tool)
  for _ = 1, count do
    tracker:record(tool or "grep", status or "success", duration_ms or 0)
  end
end

describe("a budget of executions", function()
  it("is used up when so many have been made, of all tools", function()
    local budget = policy.budget { max_executions = 4 }
    record(3, "cancelled")
    assert.is_nil(ask(budget))
    record(1, "success", 0, "ls")
    assert.same({
      action = "deny",
      policy = "budget",
      reason = "budget_executions",
      message = "'grep' may not be called: the budget for calls of all tools is used up "
        .. "(limit: 4). Call no more tools and use what you have.",
    }, ask(budget))
  end)

  it("counts what is in flight, listed or not", function()
    local budget = policy.budget { max_executions = 3 }
    local spans = { tracker:start("ls"), tracker:start("ls") }
    assert.is_nil(ask(budget))
    spans[3] = tracker:start("ls")
    assert.equal("budget_executions", reason(budget))
    for _, span in ipairs(spans) do
      span:finish()
    end
    assert.equal("budget_executions", reason(budget))
  end)

  it("is whole again after a clear, but for what is in flight", function()
    local budget = policy.budget { max_executions = 2 }
    record(2)
    local span = tracker:start("grep")
    tracker:clear()
    assert.is_nil(ask(budget))
    record(1)
    assert.equal("budget_executions", reason(budget))
    span:finish()
    assert.equal("budget_executions", reason(budget))
  end)

  it("is used up by as many as can be counted, and one more in flight", function()
    tracker = runs.with_full_counts()
    local budget = policy.budget { max_executions = portable.MAX_INTEGER }
    assert.equal("budget_executions", reason(budget))
  end)

  it("of none allows none", function()
    assert.equal("budget_executions", reason(policy.budget { max_executions = 0 }))
  end)
end)

describe("a budget of time", function()
  it("is used up to the microsecond, whatever the calls came to", function()
    local budget = policy.budget { max_duration_ms = 2.5 }
    record(1, "failed", 1)
    record(1, "cancelled", 1.499)
    assert.is_nil(ask(budget))
    record(1, "success", 0.001)
    assert.same({
      action = "deny",
      policy = "budget",
      reason = "budget_duration",
      message = "'grep' may not be called: the budget for the time of all tools is used up "
        .. "(limit: 2.5 ms). Call no more tools and use what you have.",
    }, ask(budget))
  end)

  it("doesn't count what is in flight", function()
    local budget = policy.budget { max_duration_ms = 1 }
    local span = tracker:start("grep")
    clock.advance_us(1000)
    assert.is_nil(ask(budget))
    span:finish()
    assert.equal("budget_duration", reason(budget))
  end)

  it("is met by a sum that isn't exact in floating point", function()
    record(1, "success", 0.3)
    assert.equal("budget_duration", reason(policy.budget { max_duration_ms = 0.1 + 0.2 }))
  end)

  it("of none allows none", function()
    assert.equal("budget_duration", reason(policy.budget { max_duration_ms = 0 }))
  end)
end)

describe("a budget of failures", function()
  it("is used up by failures and time-outs", function()
    local budget = policy.budget { max_failures = 3 }
    record(2, "failed")
    record(5, "cancelled")
    record(5, "success")
    assert.is_nil(ask(budget))
    record(1, "timed_out", 0, "ls")
    assert.same({
      action = "deny",
      policy = "budget",
      reason = "budget_failures",
      message = "'grep' may not be called: the budget for failures of all tools is used up "
        .. "(limit: 3). Call no more tools and use what you have.",
    }, ask(budget))
  end)

  it("of none allows none", function()
    assert.equal("budget_failures", reason(policy.budget { max_failures = 0 }))
  end)
end)

describe("a budget of measures", function()
  before_each(function()
    tracker = exectrack.new { measures = { { name = "cost", unit = "USD", scale = 0.1 },
      { name = "tokens", scale = 1 } }, clock = clock.read }
  end)

  --- Records an execution with these measures.
  local function spend(measures, tool, status)
    tracker:record { tool = tool or "grep", status = status or "success", duration_ms = 1,
      measures = measures }
  end

  it("is used up when the sum of all executions reaches it", function()
    local budget = policy.budget { max = { cost = 0.3, tokens = 1000 } }
    spend { cost = 0.1 }
    spend({ cost = 0.1, tokens = 999 }, "ls", "failed")
    spend()
    assert.is_nil(ask(budget))
    spend({ cost = 0.1 }, "ls", "cancelled")
    assert.same({
      action = "deny",
      policy = "budget",
      reason = "budget_cost",
      message = "'grep' may not be called: the budget for 'cost' of all tools is used up "
        .. "(limit: 0.3 USD). Call no more tools and use what you have.",
    }, ask(budget))
    tracker:clear()
    assert.is_nil(ask(budget))
    spend { tokens = 1000 }
    assert.equal("'grep' may not be called: the budget for 'tokens' of all tools is used up "
      .. "(limit: 1000). Call no more tools and use what you have.", ask(budget).message)
  end)

  it("may be that of one tool", function()
    local budget = policy.budget { tool = "grep", max = { cost = 1 } }
    spend({ cost = 5 }, "ls")
    assert.is_nil(ask(budget))
    spend { cost = 1 }
    assert.equal("budget_cost", reason(budget))
    assert.is_nil(ask(budget, "ls"))
  end)

  it("names the first of several by name, after the other limits", function()
    local limits = { max = { tokens = 0, cost = 0 }, max_failures = 1 }
    assert.equal("budget_cost", reason(policy.budget(limits)))
    spend(nil, "ls", "failed")
    assert.equal("budget_failures", reason(policy.budget(limits)))
  end)

  it("is replayed", function()
    for _ = 1, 4 do
      spend { cost = 2 }
      clock.advance_us(2000)
    end
    assert.equal(2, policy.replay(tracker:snapshot(), policy.budget { max = { cost = 3 } }).summary
      .denied)
  end)

  it("is an error if the tracker has no such measure, when it is asked", function()
    local ok, message = pcall(ask, policy.budget { max = { cost = 1, bytes = 1 } })
    assert.is_false(ok)
    assert.equal("budget: option 'max': the tracker has no measure 'bytes'", message)
  end)
end)

describe("a budget of one tool", function()
  it("counts that tool and denies only that", function()
    local budget = policy.budget { tool = "grep", max_executions = 2, max_failures = 2,
      max_duration_ms = 5 }
    record(9, "failed", 9, "ls")
    local span = tracker:start("ls")
    assert.is_nil(ask(budget))
    record(1, "failed", 2)
    assert.is_nil(ask(budget))
    record(1, "failed", 2)
    assert.is_nil(ask(budget, "ls"))
    assert.equal("'grep' may not be called: the budget for calls of 'grep' is used up (limit: 2). "
      .. "Do without it and use what you have.", ask(budget).message)
    span:finish()
  end)

  it("counts what is in flight of that tool", function()
    local budget = policy.budget { tool = "grep", max_executions = 1 }
    local span = tracker:start("grep")
    assert.equal("budget_executions", reason(budget))
    span:finish()
  end)

  it("counts its time and its failures", function()
    record(1, "failed", 2)
    local advice = "Do without it and use what you have."
    assert.equal("'grep' may not be called: the budget for the time of 'grep' is used up "
      .. "(limit: 2 ms). " .. advice,
      ask(policy.budget { tool = "grep", max_duration_ms = 2 }).message)
    assert.equal("'grep' may not be called: the budget for failures of 'grep' is used up "
      .. "(limit: 1). " .. advice, ask(policy.budget { tool = "grep", max_failures = 1 }).message)
    assert.is_nil(ask(policy.budget { tool = "ls", max_failures = 1 }))
    assert.is_nil(ask(policy.budget { tool = "ls", max_failures = 1 }, "ls"))
  end)
end)

describe("budget", function()
  it("names executions first, then time, then failures", function()
    record(1, "failed", 1)
    local limits = { max_executions = 1, max_duration_ms = 1, max_failures = 1 }
    assert.equal("budget_executions", reason(policy.budget(limits)))
    limits.max_executions = 2
    assert.equal("budget_duration", reason(policy.budget(limits)))
    limits.max_duration_ms = 1.001
    assert.equal("budget_failures", reason(policy.budget(limits)))
    limits.max_failures = 2
    assert.is_nil(ask(policy.budget(limits)))
  end)

  it("refuses what is wrong where it is called", function()
    local function refusal(given)
      local agent = portable.load("local make, given = ... local made = make(given) return made",
        "=agent")
      return select(2, pcall(agent, policy.budget, given))
    end
    local none = "agent:1: budget: one of the options 'max_executions', 'max_duration_ms', "
      .. "'max_failures' and 'max' expected, got none"
    assert.equal(none, refusal())
    assert.equal(none, refusal { max = {} })
    assert.equal(none, refusal { tool = "grep" })
    for message, given in pairs {
      ["a table of options expected, got 5"] = 5,
      ["unknown option 'max_calls'"] = { max_calls = 5 },
      ["option 'max_executions': an integer from 0 expected, got -1"] = { max_executions = -1 },
      ["option 'max_duration_ms': a finite number from 0 expected, got nan"] =
        { max_duration_ms = 0 / 0 },
      ["option 'max_failures': an integer from 0 expected, got 1.5"] = { max_failures = 1.5 },
      ["option 'tool': a string expected, got 5"] = { max_failures = 1, tool = 5 },
      ["option 'max': a table expected, got 5"] = { max = 5 },
      ["option 'max': a string as key expected, got 1"] = { max = { "cost" } },
      ["option 'max': 'cost': a finite number from 0 expected, got -1"] = { max = { cost = -1 } },
      ["option 'max': 'cost': a finite number from 0 expected, got string"] =
        { max = { cost = "5" } },
      ["option 'max': names of 1 to 32 bytes expected, got ''"] = { max = { [""] = 5 } },
      ["option 'max': names of 1 to 32 bytes expected, got '" .. ("x"):rep(33) .. "'"] =
        { max = { [("x"):rep(33)] = 5 } },
    } do
      assert.equal("agent:1: budget: " .. message, refusal(given))
    end
  end)

  it("doesn't keep its options", function()
    local options = { max_executions = 0, max = { cost = 0 } }
    local budget = policy.budget(options)
    options.max_executions, options.tool, options.max.cost = 100, "ls", 100
    assert.equal("budget_executions", reason(budget))
    options.max_executions, options.max.cost = nil, 0
    budget = policy.budget(options)
    options.max.cost, options.max.bytes = 100, 0
    tracker = exectrack.new { measures = { { name = "cost" } } }
    assert.equal("budget_cost", reason(budget, "ls"))
  end)
end)
