local clocks = require("spec.support.clock")
local exectrack = require("exectrack")
local policy = require("exectrack.policy")
local portable = require("spec.support.portable")

local clock, tracker

before_each(function()
  clock = clocks.new()
  tracker = exectrack.new { max_in_flight = 2, clock = clock.read }
end)

local function ask(limit, tool)
  return limit { tracker = tracker, tool = tool or "grep", args_hash = 7, now = clock.us / 1e6 }
end

describe("a limit of concurrency", function()
  it("denies calls while so many are in flight", function()
    local limit = policy.concurrency { max = 2 }
    tracker:record("grep", "success", 1)
    tracker:record("grep", "success", 1)
    local first = tracker:start("grep")
    assert.is_nil(ask(limit))
    local second = tracker:start("ls")
    assert.same({
      action = "deny",
      policy = "concurrency",
      reason = "concurrency",
      message = "'grep' may not be called yet: the calls in flight of all tools have reached their "
        .. "limit (2). Wait until one of them has ended, then call it again, or use what you have.",
      retry_after_ms = 50,
    }, ask(limit))
    first:finish()
    assert.is_nil(ask(limit))
    second:finish()
  end)

  it("counts what isn't listed", function()
    local limit = policy.concurrency { max = 4 }
    local spans = { tracker:start("a"), tracker:start("b"), tracker:start("c") }
    assert.is_nil(ask(limit))
    spans[4] = tracker:start("d")
    assert.equal("concurrency", ask(limit).reason)
    for _, span in ipairs(spans) do
      span:finish()
    end
    assert.is_nil(ask(limit))
  end)

  it("of one tool counts that tool and denies only that", function()
    local limit = policy.concurrency { max = 1, tool = "grep" }
    local other = tracker:start("ls")
    assert.is_nil(ask(limit))
    local span = tracker:start("grep")
    assert.is_nil(ask(limit, "ls"))
    assert.equal("'grep' may not be called yet: the calls in flight of 'grep' have reached their "
      .. "limit (1). Wait until one of them has ended, then call it again, or use what you have.",
      ask(limit).message)
    span:finish()
    assert.is_nil(ask(limit))
    other:finish()
  end)
end)

describe("concurrency", function()
  it("refuses what is wrong where it is called", function()
    local function refusal(given)
      local agent = portable.load("local make, given = ... local made = make(given) return made",
        "=agent")
      return select(2, pcall(agent, policy.concurrency, given))
    end
    assert.equal("agent:1: concurrency: option 'max': an integer from 1 expected, got nil",
      refusal())
    for message, given in pairs {
      ["unknown option 'limit'"] = { max = 1, limit = 5 },
      ["option 'max': an integer from 1 expected, got 0"] = { max = 0 },
      ["option 'tool': a string expected, got table"] = { max = 1, tool = {} },
    } do
      assert.equal("agent:1: concurrency: " .. message, refusal(given))
    end
  end)

  it("doesn't keep its options", function()
    local options = { max = 1 }
    local limit = policy.concurrency(options)
    options.max, options.tool = 9, "ls"
    local span = tracker:start("grep")
    assert.equal("concurrency", ask(limit).reason)
    span:finish()
  end)
end)
