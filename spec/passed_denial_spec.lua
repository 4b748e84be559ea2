local exectrack = require("exectrack")
local policy = require("exectrack.policy")

local DENIAL = { action = "deny", reason = "circuit_open", message = "Wait 5 s." }

local tracker, inner

--- A function that returns the values that it was made with.
local function returning(...)
  local first, second, third = ...
  return function() return first, second, third end
end

before_each(function()
  tracker = exectrack.new { max_history = 10, error_texts = 8 }
  inner = tracker:wrap("inner", error, { policy = returning(DENIAL) })
end)

--- Asserts how the newest execution ended.
local function assert_ended(status, error_type)
  local newest = tracker:recent_executions(1)[1]
  assert.same({ status, error_type }, { newest.status, newest.error_type })
end

--- Runs `tool` in protected mode and asserts that it ended as the denial of another call.
local function assert_passed_on(tool)
  pcall(tracker.run, tracker, "outer", tool)
  assert_ended("cancelled", "circuit_open")
end

describe("a denial that a tool passes on", function()
  it("is returned as it is, and cancels the tool, with its reason and message", function()
    local result, message, decision = tracker:run("outer", inner)
    assert.is_nil(result)
    assert.equal("Wait 5 s.", message)
    assert.is_true(rawequal(DENIAL, decision))
    assert_ended("cancelled", "circuit_open")
    assert.equal("Wait 5 s.", tracker:error_text("outer", "circuit_open"))
    assert.equal(1, #tracker)
    assert.equal(0, (tracker:failure_streak("outer")))
  end)

  it("says nothing about the tool, which no circuit breaker denies then", function()
    local outer = tracker:wrap("outer", inner, { policy = policy.circuit_breaker { failures = 1 } })
    for i = 1, 3 do
      assert.equal("Wait 5 s.", select(2, outer()))
      assert.equal(i, tracker:stats("outer").cancelled)
    end
  end)

  it("may be that of begin, of another session or of another tracker", function()
    local options = { policy = returning(DENIAL) }
    assert_passed_on(function() return tracker:begin("inner", options) end)
    assert_passed_on(function() return tracker:session("s"):begin("inner", options) end)
    assert_passed_on(exectrack.new(1):wrap("inner", error, options))
  end)

  it("goes through any number of tools, which are all cancelled", function()
    local middle = tracker:wrap("middle", inner)
    assert_passed_on(function() return middle() end)
    assert.equal(1, tracker:stats("middle").cancelled)
  end)

  it("goes from a coroutine to another one, and over a yield", function()
    assert_passed_on(function() return coroutine.wrap(inner)() end)
    local thread = coroutine.create(function()
      return tracker:run("outer", function()
        local result, message, decision = inner()
        coroutine.yield()
        return result, message, decision
      end)
    end)
    coroutine.resume(thread)
    tracker:run("another", function() end)
    coroutine.resume(thread)
    assert_ended("cancelled", "circuit_open")
    assert.equal("outer", tracker:recent_executions(1)[1].tool)
  end)

  it("may come later than others, with another message, or by a callback", function()
    local _, _, decision = inner()
    tracker:wrap("inner", error, { policy = returning { action = "deny" } })()
    assert_passed_on(returning(nil, "search: " .. DENIAL.message, decision))
    assert_passed_on(returning(false, "no", decision))
    assert_passed_on(returning(nil, decision))
    local answer
    local outer = tracker:wrap("later", function(done) answer = done end, { callback = 1 })
    outer(function() end)
    answer(inner())
    assert_ended("cancelled", "circuit_open")
  end)

  it("may be raised", function()
    assert_passed_on(function() error((select(3, inner()))) end)
    tracker:begin("outer"):failed((select(3, inner())))
    assert_ended("cancelled", "circuit_open")
  end)

  it("is that of on_policy_error, too", function()
    local options = { policy = error, on_policy_error = returning(DENIAL) }
    assert_passed_on(tracker:wrap("inner", error, options))
  end)

  it("without a reason has the default one, and an empty one is none", function()
    for reason, expected in pairs { [""] = false, open = "open", [1] = "denied" } do
      local given = { action = "deny", reason = type(reason) == "string" and reason or nil }
      tracker:run("outer", tracker:wrap("inner", error, { policy = returning(given) }))
      assert_ended("cancelled", expected or nil)
    end
  end)

  it("can be classified in another way", function()
    local outer = tracker:wrap("outer", inner, { classify = returning("failed") })
    outer()
    assert_ended("failed", "circuit_open")
  end)
end)

describe("what only resembles a denial", function()
  it("is a table that no policy decided", function()
    for _, third in ipairs { { action = "deny", reason = "x", message = "no luck" }, "deny", 5 } do
      tracker:run("outer", returning(nil, "no luck", third))
      assert_ended("failed", "no luck")
    end
  end)

  it("is a decision that no caller got", function()
    local given = { action = "deny", reason = "x" }
    tracker:wrap("inner", returning(1), { policy = returning(given), enforce = false })()
    local warning = { action = "warn", reason = "x" }
    tracker:wrap("inner", returning(1), { policy = returning(warning) })()
    for _, third in ipairs { given, warning } do
      tracker:run("outer", returning(nil, "no luck", third))
      assert_ended("failed", "no luck")
    end
  end)

  it("is one that was changed", function()
    for field, value in pairs { action = "warn", reason = 5 } do
      local given = { action = "deny", reason = "x" }
      tracker:wrap("inner", error, { policy = returning(given) })()
      given[field] = value
      tracker:run("outer", returning(nil, "no luck", given))
      assert_ended("failed", "no luck")
    end
  end)

  it("is a result after one that says success", function()
    tracker:run("outer", returning("a page", "Wait 5 s.", (select(3, inner()))))
    assert_ended("success", nil)
    tracker:run("outer", returning(nil, nil, (select(3, inner()))))
    assert_ended("success", nil)
  end)
end)

describe("a decision that a caller got", function()
  it("is collected when nobody has it any more", function()
    local kept = setmetatable({}, { __mode = "k" })
    local call = tracker:wrap("inner", error, { policy = function()
      local decision = { action = "deny" }
      kept[decision] = true
      return decision
    end })
    for _ = 1, 5 do
      call()
    end
    collectgarbage()
    collectgarbage()
    assert.is_nil(next(kept))
  end)
end)
