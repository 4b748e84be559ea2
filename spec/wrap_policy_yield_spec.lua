local clocks = require("spec.support.clock")
local exectrack = require("exectrack")
local needs = require("spec.support.needs")
local portable = require("spec.support.portable")

local pack, unpack = portable.pack, portable.unpack

local tracker, clock

before_each(function()
  clock = clocks.new()
  tracker = exectrack.new { clock = clock.read }
end)

local WARNING = { action = "warn", reason = "r", message = "m" }
local DENIAL = { action = "deny", reason = "r", message = "m" }

--- A coroutine that calls `tool` with these options.
local function calling(tool, options)
  return coroutine.create(tracker:wrap("a", tool, options))
end

--- Resumes `thread` with `...`, and asserts that it gives the values of `expected` and no more.
local function assert_gives(expected, thread, ...)
  local values = pack(true, unpack(expected, 1, expected.n))
  assert.same(values, pack(coroutine.resume(thread, ...)))
end

describe("a guarded call in a coroutine", function()
  it("may yield in the policy, in on_policy_error, in on_warn and in the tool", function()
    local question
    local thread = calling(function(...)
      return ..., coroutine.yield("tool", ...)
    end, {
      policy = function(call)
        question = call
        error(coroutine.yield("policy"))
      end,
      on_policy_error = function(problem, call)
        assert.equal(question, call)
        return coroutine.yield("on_policy_error", problem)
      end,
      on_warn = function(decision, call)
        assert.equal(question, call)
        coroutine.yield("on_warn", decision)
      end,
    })
    local problem = {}
    assert_gives({ "policy" }, thread, 1, nil)
    clock.advance_us(1000)
    assert_gives({ "on_policy_error", problem }, thread, problem)
    assert.same({}, tracker:in_flight())
    assert_gives({ "on_warn", WARNING }, thread, WARNING)
    clock.advance_us(1000)
    assert_gives({ n = 3, "tool", 1, nil }, thread)
    assert.equal(clocks.START_US / 1e6, tracker:in_flight()[1].started)
    assert_gives({ n = 3, 1, 2, nil }, thread, 2, nil)
    assert.equal(2, tracker:recent_executions(1)[1].duration_ms)
    assert.equal(1, tracker:stats("a").successful)
    assert.same({}, tracker:denials())
  end)

  it("runs after a policy that yielded has no objection", function()
    local thread = calling(function(...) return ... end, { policy = coroutine.yield })
    assert.is_true(coroutine.resume(thread, 1, nil))
    assert_gives({ n = 2, 1, nil }, thread, nil)
    assert.equal(1, tracker:stats("a").successful)
  end)

  it("is denied after a yield at the time when the policy was asked", function()
    local thread = calling(error, { policy = coroutine.yield })
    assert.is_true(coroutine.resume(thread, "called"))
    clock.advance_us(9000000)
    tracker:in_flight() -- which reads the clock
    assert_gives({ n = 3, nil, "m", DENIAL }, thread, DENIAL)
    assert.equal(clocks.START_US / 1e6, tracker:denials()[1].last_timestamp)
    assert.equal(0, tracker:stats().total_executions)
  end)

  it("is nothing when it is closed or dropped before its tool", function()
    needs.coroutine_close(pending)
    for _, option in ipairs { "policy", "on_warn", "on_policy_error" } do
      local policies = { on_warn = function() return WARNING end, on_policy_error = error }
      local options = { policy = policies[option], [option] = coroutine.yield }
      local thread = calling(error, options)
      assert.is_true(coroutine.resume(thread, "called"))
      assert.equal("suspended", coroutine.status(thread))
      assert.is_true(coroutine.close(thread))
      coroutine.resume(calling(error, options))
    end
    collectgarbage()
    collectgarbage()
    assert.equal(0, tracker:stats().total_executions)
    assert.same({}, tracker:tools())
  end)

  it("raises when its tracker is closed while the policy waits", function()
    for _, decision in ipairs { DENIAL, WARNING, false } do
      tracker = exectrack.new()
      local thread = calling(error, { policy = coroutine.yield })
      assert.is_true(coroutine.resume(thread, "called"))
      tracker:close()
      assert.same({ false, "attempt to use a closed tracker" },
        { coroutine.resume(thread, decision) })
    end
  end)
end)
