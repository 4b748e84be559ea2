local clocks = require("spec.support.clock")
local exectrack = require("exectrack")
local needs = require("spec.support.needs")
local policy = require("exectrack.policy")
local portable = require("spec.support.portable")

local pack = portable.pack

local START = clocks.START_US / 1e6

local tracker, clock

before_each(function()
  clock = clocks.new()
  tracker = exectrack.new { clock = clock.read }
end)

local function echo(...)
  return ...
end

--- A sleep that moves the clock, and keeps for how long it was called in `slept`.
local function sleeper()
  local slept = {}
  return function(...)
    assert.equal(1, select("#", ...))
    slept[#slept + 1] = ...
    clock.advance_us(math.floor(... * 1e6 + 0.5))
  end, slept
end

--- A policy that denies `count` calls, each with the next `retry_after_ms` of `retries`.
local function denying(count, retries)
  local asked = 0
  return function()
    asked = asked + 1
    return asked <= count and { action = "deny", reason = "r", message = "no " .. asked,
      retry_after_ms = retries[asked] } or nil
  end
end

--- Wraps `tool`, or `echo`, as "a" with `options`, which may lack a sleep and a longest wait.
local function waiting(options, tool)
  options.sleep = options.sleep or function() end
  options.max_wait_ms = options.max_wait_ms or 1000
  return tracker:wrap("a", tool or echo, options)
end

local function assert_nothing_happened()
  assert.equal(0, tracker:stats().total_executions)
  assert.equal(0, tracker:in_flight_count())
  assert.same({}, tracker:denials())
end

describe("a call that waits", function()
  it("sleeps for what the decision says, and runs when it is allowed", function()
    local sleep, slept = sleeper()
    local guarded = waiting({ policy = denying(3, { 250, 0.5, 1 / 3 }), sleep = sleep },
      function(...)
        clock.advance_us(7000)
        return ...
      end)
    assert.same({ n = 2, 1, nil }, pack(guarded(1, nil)))
    assert.same({ 0.25, 0.0005, 0.000333 }, slept)
    assert.same({}, tracker:denials())
    assert.same({}, tracker:denied())
    local record = tracker:recent_executions(1)[1]
    assert.equal(7, record.duration_ms)
    assert.equal((clocks.START_US + 250833 + 7000) / 1e6, record.timestamp)
  end)

  it("has its policy asked anew, at the time that it is then", function()
    local questions, sleep = {}, sleeper()
    local decide = denying(1, { 20 })
    waiting({ policy = function(call)
      questions[#questions + 1] = call
      call.tool = "changed"
      return decide(call)
    end, sleep = sleep })("x")
    assert.equal(2, #questions)
    assert.is_false(rawequal(questions[1], questions[2]))
    assert.same({ tracker = tracker, tool = "changed", now = START + 0.02,
      args_hash = exectrack.fingerprint("x") }, questions[2])
  end)

  it("is denied when a wait doesn't fit into the time that is left, at once", function()
    local sleep, slept = sleeper()
    local guarded = waiting({ policy = denying(9, { 30, 30, 40.001 }), sleep = sleep,
      max_wait_ms = 100 }, error)
    local _, message, decision = guarded("called")
    assert.same({ 0.03, 0.03 }, slept)
    assert.equal("no 3", message)
    assert.equal(40.001, decision.retry_after_ms)
    assert.equal(1, tracker:denials()[1].count)
    assert.equal(START + 0.06, tracker:denied()[1].timestamp)
    assert.equal(0, tracker:stats().total_executions)
    sleep, slept = sleeper()
    assert.equal(1, (waiting({ policy = denying(3, { 30, 30, 40 }), sleep = sleep,
      max_wait_ms = 100 })(1)))
    assert.same({ 0.03, 0.03, 0.04 }, slept)
    assert.equal(1, (waiting({ policy = denying(1, { 2.007 }), max_wait_ms = 2.007 })(1)))
  end)

  it("counts what a sleep took too long", function()
    local slept = 0
    local guarded = waiting({ policy = denying(9, { 30, 30, 30 }), max_wait_ms = 100,
      sleep = function()
        slept = slept + 1
        clock.advance_us(45000)
      end }, error)
    assert.equal("no 3", select(2, guarded("called")))
    assert.equal(2, slept)
  end)

  it("ends even if sleeps return early and the clock doesn't move", function()
    for _, retry_ms in ipairs { 0, 0.001, 1, 1.5 } do
      local slept = 0
      local guarded = waiting({ policy = function()
        return { action = "deny", message = "m", retry_after_ms = retry_ms }
      end, sleep = function(seconds)
        assert.equal(retry_ms / 1000, seconds)
        slept = slept + 1
      end, max_wait_ms = 30 }, error)
      assert.equal("m", select(2, guarded("called")))
      assert.equal(retry_ms == 1.5 and 20 or 30, slept)
    end
  end)

  it("doesn't wait for what isn't a time, nor longer than it may", function()
    local function refuse(decision, max_wait_ms)
      decision.action = "deny"
      assert.is_nil((waiting({ policy = function() return decision end, sleep = error,
        max_wait_ms = max_wait_ms }, error)("called")))
    end
    for _, retry in ipairs { -1, 0 / 0, math.huge, 1000.001, 2 ^ 64 } do
      refuse { retry_after_ms = retry }
    end
    refuse {}
    refuse(setmetatable({}, { __index = { retry_after_ms = 5 } }))
    refuse({ retry_after_ms = 0 }, 0)
    refuse({ retry_after_ms = 1 }, 0.999)
  end)

  it("warns when it may run at last", function()
    local decide, warned = denying(2, { 5, 5 }), {}
    assert.equal(1, (waiting({ policy = function(call)
      return decide(call) or { action = "warn", reason = "again", retry_after_ms = 5 }
    end, on_warn = function(...) warned[#warned + 1] = pack(...) end })(1)))
    assert.equal(1, #warned)
    assert.equal("again", warned[1][1].reason)
  end)

  it("waits for what on_policy_error decides, too", function()
    local decide, sleep, slept = denying(2, { 5, 5 }), sleeper()
    assert.equal(1, (waiting({ policy = error, on_policy_error = decide, sleep = sleep })(1)))
    assert.same({ 0.005, 0.005 }, slept)
  end)

  it("doesn't wait where denied calls are made nevertheless", function()
    local guarded = waiting { policy = denying(9, { 5, 5 }), sleep = error, enforce = false }
    assert.equal(1, (guarded(1)))
    assert.equal(1, tracker:denials()[1].count)
  end)

  it("raises what the sleep raises, and nothing has happened", function()
    local problem = {}
    local guarded = waiting({ policy = denying(1, { 5 }), sleep = function() error(problem) end },
      echo)
    local ok, err = pcall(guarded, "called")
    assert.is_false(ok)
    assert.equal(problem, err)
    assert_nothing_happened()
    assert.equal(1, (guarded(1)))
    assert.equal(1, tracker:stats("a").successful)
  end)

  it("raises when its tracker was closed in its sleep", function()
    local guarded = waiting({ policy = denying(1, { 5 }), sleep = function() tracker:close() end },
      error)
    assert.has_error(function() guarded("called") end, "attempt to use a closed tracker")
  end)

  it("may wait again in another call", function()
    local sleep, slept = sleeper()
    local guarded = waiting { policy = denying(1, { 900 }), sleep = sleep }
    for i = 1, 3 do
      assert.equal(i, (guarded(i)))
    end
    local other = waiting { policy = denying(2, { 900, 200 }), sleep = sleep }
    assert.is_nil((other(1)))
    assert.equal(2, (other(2)))
    assert.same({ 0.9, 0.9 }, slept)
  end)

  it("may call back", function()
    local answer
    local sleep = sleeper()
    waiting({ policy = denying(2, { 5, 5 }), sleep = sleep, callback = 1 }, function(callback)
      answer = callback
    end)(function() end)
    assert.equal(START + 0.01, tracker:in_flight()[1].started)
    answer(nil, "timeout")
    assert.equal("timed_out", tracker:recent_executions(1)[1].status)
  end)
end)

describe("a call that waits in a coroutine", function()
  it("may yield in its sleep, in the coroutine that called it", function()
    local thread
    thread = coroutine.create(waiting({ policy = denying(2, { 5, 10 }), sleep = function(seconds)
      assert.equal(thread, coroutine.running())
      assert.equal("woken", coroutine.yield(seconds))
    end }, function(...) return coroutine.yield("tool", ...) end))
    assert.same({ true, 0.005 }, { coroutine.resume(thread, 1) })
    clock.advance_us(5000)
    assert.equal(0, tracker:in_flight_count())
    assert.same({ true, 0.01 }, { coroutine.resume(thread, "woken") })
    clock.advance_us(10000)
    assert.same({ true, "tool", 1 }, { coroutine.resume(thread, "woken") })
    assert.equal(START + 0.015, tracker:in_flight()[1].started)
    assert.same({ true, 2 }, { coroutine.resume(thread, 2) })
    assert.equal(1, tracker:stats("a").successful)
  end)

  it("is nothing when it is dropped or closed in its sleep", function()
    local function asleep()
      local thread = coroutine.create(waiting({ policy = denying(1, { 5 }),
        sleep = coroutine.yield }, error))
      assert.is_true(coroutine.resume(thread, "called"))
      return thread
    end
    asleep()
    collectgarbage()
    collectgarbage()
    assert_nothing_happened()
    needs.coroutine_close(pending)
    assert.is_true(coroutine.close(asleep()))
    assert_nothing_happened()
  end)

  --- Calls `guarded` in `count` coroutines. One that waits is resumed when its time has come.
  local function run_all(count, guarded)
    local tasks, most = {}, 0
    for i = 1, count do
      tasks[i] = { at = clock.us, thread = coroutine.create(guarded) }
    end
    while #tasks > 0 do
      table.sort(tasks, function(a, b) return a.at < b.at end)
      local task = tasks[1]
      clock.us = math.max(clock.us, task.at)
      local ok, seconds = coroutine.resume(task.thread)
      assert(ok, seconds)
      most = math.max(most, tracker:in_flight_count())
      task.at = clock.us + (seconds or 0) * 1e6
      if coroutine.status(task.thread) == "dead" then
        table.remove(tasks, 1)
      end
    end
    return most
  end

  it("is made when another one has ended, with a limit of concurrency", function()
    local guarded = waiting({ policy = policy.concurrency { max = 2 }, sleep = coroutine.yield,
      max_wait_ms = 60000 }, function() coroutine.yield(0.12) end)
    assert.equal(2, run_all(9, guarded))
    assert.equal(9, tracker:stats("a").successful)
    assert.same({}, tracker:denials())
    assert.equal(120, tracker:stats("a").max_duration_ms)
  end)

  it("is made when a rate limit allows it, to the microsecond", function()
    local guarded = waiting({ policy = policy.rate_limit { executions = 3, per_ms = 1000 },
      sleep = coroutine.yield, max_wait_ms = 60000 })
    run_all(9, guarded)
    local times = {}
    for i, record in ipairs(tracker:snapshot():records()) do
      times[i] = record.timestamp - START
    end
    assert.same({ 0, 0, 0, 1, 1, 1, 2, 2, 2 }, times)
    assert.same({}, tracker:denials())
  end)

  it("is made when another one has timed out", function()
    local options = { policy = policy.concurrency { max = 1 }, sleep = (sleeper()),
      timeout_ms = 120, callback = 1 }
    local guarded = waiting(options, function() end)
    guarded(print)
    guarded(print)
    assert.equal(1, tracker:stats("a").timed_out)
    assert.equal(START + 0.15, tracker:in_flight()[1].started)
  end)
end)

describe("the options of waiting", function()
  it("go together", function()
    local function refusal(options)
      return select(2, pcall(tracker.wrap, tracker, "a", echo, options))
    end
    local bad = "bad argument #4 to '?' ("
    assert.equal(bad .. "sleep: given without 'max_wait_ms')", refusal { sleep = echo })
    assert.equal(bad .. "max_wait_ms: given without 'sleep')", refusal { max_wait_ms = 5 })
    assert.equal(bad .. "sleep: function expected, got number)",
      refusal { sleep = 1, max_wait_ms = 5 })
    for _, wrong in ipairs { -1, 0 / 0, math.huge } do
      assert.matches("^bad argument #4 to '%?' %(max_wait_ms: ",
        refusal { sleep = echo, max_wait_ms = wrong })
    end
    assert.equal(bad .. "max_wait_ms: number expected, got string)",
      refusal { sleep = echo, max_wait_ms = "5" })
  end)

  it("are of instrument, too, but not of begin", function()
    local sleep, slept = sleeper()
    local tools = tracker:instrument({ a = { b = echo } }, { policy = denying(1, { 5 }),
      sleep = sleep, max_wait_ms = 5 })
    assert.equal(1, (tools.a.b(1)))
    assert.same({ 0.005 }, slept)
    for _, option in ipairs { "sleep", "max_wait_ms" } do
      assert.has_error(function() tracker:begin("a", { [option] = 1 }) end,
        "bad argument #2 to 'begin' (unknown option '" .. option .. "')")
    end
  end)
end)

describe("run with options", function()
  it("does what a wrapped function does, once", function()
    local sleep, slept = sleeper()
    local options = { tool = "b", policy = denying(1, { 5 }), sleep = sleep, max_wait_ms = 5 }
    assert.same({ n = 3, 1, nil, nil }, pack(tracker:run(options, echo, 1, nil, nil)))
    assert.same({ 0.005 }, slept)
    local record = tracker:recent_executions(1)[1]
    assert.equal("b", record.tool)
    assert.equal(exectrack.fingerprint(1, nil, nil), record.args_hash)
    assert.same({ n = 0 }, pack(tracker:run({ tool = "b" }, echo)))
    local session = tracker:session("s")
    assert.is_nil((session:run({ tool = "b", policy = denying(1, {}) }, error, "called")))
    assert.equal("s", tracker:denied()[1].session)
    assert.same({ tool = "b" }, (function(given)
      tracker:run(given, echo)
      return given
    end) { tool = "b" })
  end)

  it("raises what its tool raises, and may yield", function()
    local problem = {}
    local ok, err = pcall(tracker.run, tracker, { tool = "b" }, error, problem)
    assert.same({ false, problem }, { ok, err })
    local thread = coroutine.create(function() return tracker:run({ tool = "b" }, coroutine.yield,
      1) end)
    assert.same({ true, 1 }, { coroutine.resume(thread) })
    assert.same({ true, 2, 3 }, { coroutine.resume(thread, 2, 3) })
    assert.equal(1, tracker:stats("b").successful)
  end)

  it("refuses what is wrong, where it is called", function()
    local function refusal(...)
      return select(2, pcall(portable.load("local self = ... self:run(select(2, ...))", "=agent"),
        tracker, ...))
    end
    assert.equal("agent:1: bad argument #1 to 'run' (tool: string expected, got nil)",
      refusal({}, echo))
    assert.equal("agent:1: bad argument #1 to 'run' (unknown option 'tools')",
      refusal({ tools = "a" }, echo))
    assert.equal("agent:1: bad argument #2 to 'run' (function expected, got number)",
      refusal({ tool = "a" }, 5))
    assert.equal("agent:1: bad argument #2 to 'run' (function expected, got no value)",
      refusal { tool = "a" })
    assert.has_error(function() tracker:wrap("a", echo, { tool = "a" }) end,
      "bad argument #3 to 'wrap' (unknown option 'tool')")
  end)
end)
