local clocks = require("spec.support.clock")
local exectrack = require("exectrack")
local needs = require("spec.support.needs")
local portable = require("spec.support.portable")
local random = require("spec.support.random")

local pack = portable.pack

setup(function()
  random.seed("coroutine_spec")
end)

local tracker, clock

before_each(function()
  clock = clocks.new()
  tracker = exectrack.new { max_history = 1000, clock = clock.read }
end)

local function newest()
  return tracker:recent_executions(1)[1]
end

--- Asserts how the newest execution ended, and that none is in flight.
local function assert_ended(status, error_type, duration_ms)
  assert.equal(status, newest().status)
  assert.equal(error_type, newest().error_type)
  assert.equal(duration_ms, newest().duration_ms)
  assert.equal(0, tracker:in_flight_count())
end

--- The records, oldest first, each as "tool duration".
local function history()
  local records = {}
  for _, record in ipairs(tracker:recent_executions(1000)) do
    table.insert(records, 1, record.tool .. " " .. record.duration_ms)
  end
  return records
end

--- A scheduler of coroutines that sleep on the spec's clock.
local function new_scheduler()
  local scheduler, sleepers, spawned = {}, {}, 0

  --- Has `fn` run with `...` in a coroutine, which begins at once and which is returned.
  function scheduler.spawn(fn, ...)
    spawned = spawned + 1
    local task = { thread = coroutine.create(function(...) return fn(...) end),
      number = spawned }
    scheduler.step(task, ...)
    return task.thread
  end

  --- What a task calls to sleep.
  function scheduler.sleep(us)
    return coroutine.yield(clock.us + us)
  end

  function scheduler.step(task, ...)
    local ok, wake_us = coroutine.resume(task.thread, ...)
    assert(ok, wake_us)
    if coroutine.status(task.thread) == "suspended" then
      task.wake_us = wake_us
      sleepers[#sleepers + 1] = task
      table.sort(sleepers, function(a, b)
        return a.wake_us < b.wake_us or a.wake_us == b.wake_us and a.number < b.number
      end)
    end
  end

  --- Runs until none sleeps. Between two steps it calls `watch`, if there is one.
  function scheduler.run(watch)
    while sleepers[1] do
      local task = table.remove(sleepers, 1)
      clock.us = task.wake_us
      scheduler.step(task)
      if watch then
        watch()
      end
    end
  end

  return scheduler
end

describe("a tool that yields", function()
  it("is timed from its start to its end", function()
    local thread = coroutine.create(tracker:wrap("a", function()
      clock.advance_us(1000)
      coroutine.yield()
      clock.advance_us(4000)
    end))
    assert(coroutine.resume(thread))
    clock.advance_us(2000)
    assert.equal(3, tracker:in_flight()[1].elapsed_ms)
    assert.equal(0, #tracker)
    assert(coroutine.resume(thread))
    assert_ended("success", nil, 7)
  end)

  it("yields and is resumed with any values, and returns any", function()
    local thread = coroutine.create(function(...)
      return tracker:run("a", function(...)
        return coroutine.yield(coroutine.yield(...))
      end, ...)
    end)
    assert.same({ n = 3, true, 1, nil }, pack(coroutine.resume(thread, 1, nil)))
    assert.same({ n = 3, true, nil, 2 }, pack(coroutine.resume(thread, nil, 2)))
    assert.same({ n = 4, true, 3, nil, nil }, pack(coroutine.resume(thread, 3, nil, nil)))
    assert.equal("success", newest().status)
    assert.equal(exectrack.fingerprint(1, nil), newest().args_hash)
  end)

  it("ends by what it returns in the end", function()
    local thread = coroutine.create(tracker:wrap("a", coroutine.yield))
    assert(coroutine.resume(thread))
    clock.advance_us(5000)
    assert.same({ true, nil, "timeout" }, { coroutine.resume(thread, nil, "timeout") })
    assert_ended("timed_out", nil, 5)
  end)

  it("is the body of an iterator as well as another function", function()
    local counts = {}
    for count in coroutine.wrap(tracker:wrap("a", function()
      for i = 1, 3 do
        coroutine.yield(i)
      end
    end)) do
      counts[#counts + 1] = count
    end
    assert.same({ 1, 2, 3 }, counts)
    assert.equal("success", newest().status)
    assert.equal(1, #tracker)
  end)

  it("may do so within pcall, which catches its error", function()
    needs.pcall_that_yields(pending)
    local thread = coroutine.create(function()
      return pcall(tracker:wrap("a", function()
        coroutine.yield()
        clock.advance_us(1000)
        error("out of paper", 0)
      end))
    end)
    assert(coroutine.resume(thread))
    assert.same({ true, false, "out of paper" }, { coroutine.resume(thread) })
    assert_ended("failed", "out of paper", 1)
  end)

  it("counts after a clear", function()
    local thread = coroutine.create(tracker:wrap("a", coroutine.yield))
    assert(coroutine.resume(thread))
    clock.advance_us(1000)
    tracker:clear()
    clock.advance_us(1000)
    assert(coroutine.resume(thread))
    assert_ended("success", nil, 2)
  end)
end)

describe("tools in a scheduler of coroutines", function()
  it("interleave, each with its own time", function()
    local scheduler = new_scheduler()
    local work = tracker:wrap("work", scheduler.sleep)
    for i = 1, 100 do
      scheduler.spawn(work, (101 - i) * 1000)
    end
    assert.equal(100, tracker:in_flight_count("work"))
    assert.equal(64, #tracker:in_flight())
    local left = 100
    scheduler.run(function()
      left = left - 1
      assert.equal(left, tracker:in_flight_count("work"))
    end)
    local expected = {}
    for i = 1, 100 do
      expected[i] = "work " .. i
    end
    assert.same(expected, history())
    assert.equal(100, tracker:stats("work").successful)
  end)

  it("call other tools, which are timed within them", function()
    local scheduler = new_scheduler()
    local sleep = tracker:wrap("sleep", scheduler.sleep)
    local twice = tracker:wrap("twice", function(us)
      sleep(us)
      sleep(us)
    end)
    scheduler.spawn(twice, 10000)
    scheduler.spawn(twice, 3000)
    assert.equal(4, tracker:in_flight_count())
    scheduler.run()
    assert.same({ "sleep 3", "sleep 3", "twice 6", "sleep 10", "sleep 10", "twice 20" }, history())
  end)

  it("of every depth are recorded as a naive model says, whatever the order", function()
    needs.pcall_that_yields(pending)
    local scheduler, expected = new_scheduler(), {}
    local tools = {}
    --- A tool that sleeps, calls others, fails or not, and tells the model how long it took.
    for _, name in ipairs { "a", "b", "c" } do
      tools[name] = tracker:wrap(name, function(depth)
        local start_us = clock.us
        for _ = 1, math.random(0, 3) do
          scheduler.sleep(math.random(0, 9) * 500)
          if depth < 4 then
            pcall(tools[random.pick { "a", "b", "c" }], depth + 1)
          end
        end
        local fails = math.random(4) == 1
        expected[#expected + 1] = { name, fails and "failed" or "success",
          (clock.us - start_us) / 1000 }
        return assert(not fails, "out of paper")
      end)
    end
    for _ = 1, 20 do
      scheduler.spawn(pcall, tools.a, 1)
    end
    scheduler.run()
    for i, record in ipairs(tracker:recent_executions(1000)) do
      local model = expected[#expected + 1 - i]
      assert.same(model, { record.tool, record.status, record.duration_ms + 0.0 })
    end
    assert.equal(#expected, tracker:stats().total_executions)
    assert.equal(0, tracker:in_flight_count())
  end)
end)

--- A suspended coroutine in the tool "inner", called by the tool "outer".
local function suspended()
  local thread = coroutine.create(tracker:wrap("outer", function()
    clock.advance_us(1000)
    tracker:run("inner", coroutine.yield)
  end))
  assert(coroutine.resume(thread))
  return thread
end

describe("a coroutine that is closed in a tool", function()
  it("cancels its calls, the inner one first", function()
    needs.coroutine_close(pending)
    local thread = suspended()
    assert.equal(2, tracker:in_flight_count())
    clock.advance_us(2000)
    assert.is_true(coroutine.close(thread))
    assert.same({ "inner 2", "outer 3" }, history())
    assert.equal(2, tracker:stats().cancelled)
    assert_ended("cancelled", nil, 3)
    collectgarbage()
    assert.equal(2, #tracker)
  end)

  it("after its tracker was closed does no harm", function()
    needs.coroutine_close(pending)
    local thread = suspended()
    tracker:close()
    assert.is_true(coroutine.close(thread))
  end)
end)

describe("a coroutine that is abandoned in a tool", function()
  it("cancels its calls when it is collected, at the clock's last reading", function()
    local threads = { suspended() }
    clock.advance_us(3000)
    tracker:in_flight()
    clock.advance_us(9000)
    table.remove(threads)
    local readings = clock.readings
    collectgarbage()
    assert.equal(readings, clock.readings)
    assert.equal(1, tracker:stats("inner").cancelled)
    assert.equal(1, tracker:stats("outer").cancelled)
    local durations = { inner = 3, outer = 4 }
    for _, record in ipairs(tracker:recent_executions(2)) do
      assert.equal(durations[record.tool], record.duration_ms)
      assert.equal("abandoned", record.error_type)
    end
    assert.equal(0, tracker:in_flight_count())
  end)

  it("a hundred at a time leaves the others in flight", function()
    local kept = {}
    for i = 1, 200 do
      local thread = coroutine.create(tracker:wrap("a", coroutine.yield))
      assert(coroutine.resume(thread))
      if i % 2 == 0 then
        kept[i / 2] = thread
      end
    end
    collectgarbage()
    assert.equal(100, tracker:stats("a").cancelled)
    assert.equal(100, tracker:in_flight_count("a"))
    for i = 1, 100 do
      assert(coroutine.resume(kept[i]))
    end
    assert.equal(100, tracker:stats("a").successful)
    assert.equal(0, tracker:in_flight_count())
  end)

  it("after its tracker was closed, or with it, does no harm", function()
    suspended()
    tracker:close()
    collectgarbage()
    tracker = exectrack.new()
    suspended()
    tracker = nil
    collectgarbage()
    collectgarbage()
  end)
end)

describe("a coroutine that dies of an error in a tool", function()
  local problem = { code = "E_PAPER" }

  --- A coroutine that died of `err` in two tools, 2 ms after its start.
  local function dead(err)
    local thread = coroutine.create(tracker:wrap("outer", function()
      tracker:run("inner", function()
        coroutine.yield()
        clock.advance_us(2000)
        error(err, 0)
      end)
    end))
    assert(coroutine.resume(thread))
    assert.same({ false, err }, { coroutine.resume(thread) })
    return thread
  end

  it("has its calls in flight until then", function()
    needs.tools_called_by_c(pending)
    local thread = dead(problem)
    assert.equal("dead", coroutine.status(thread))
    assert.equal(2, tracker:in_flight_count())
    assert.equal(0, #tracker)
  end)

  it("has failed when it is closed", function()
    needs.coroutine_close(pending)
    local thread = dead(problem)
    clock.advance_us(1000)
    assert.same({ false, problem }, { coroutine.close(thread) })
    assert.same({ "inner 3", "outer 3" }, history())
    assert.equal(2, tracker:stats().failed)
    assert_ended("failed", "E_PAPER", 3)
  end)

  it("has failed when it is collected, at the clock's last reading", function()
    for _, err in ipairs { problem, "out of paper", false } do
      tracker:clear()
      local threads = { dead(err) }
      tracker:in_flight()
      clock.advance_us(1000)
      table.remove(threads)
      collectgarbage()
      assert.equal(1, tracker:stats("inner").failed)
      assert.equal(1, tracker:stats("outer").failed)
      assert_ended("failed", err == problem and "E_PAPER" or err or "boolean", 2)
    end
  end)

  it("has failed when it is collected after an error of Lua's own", function()
    coroutine.resume(coroutine.create(tracker:wrap("a", function(t) return t.x end)))
    collectgarbage()
    assert_ended("failed", portable.NAMES_COME_LAST and "attempt to index a nil value local"
      or "attempt to index local a nil value", 0)
    coroutine.resume(coroutine.create(tracker:wrap("a", error)))
    collectgarbage()
    assert_ended("failed", "nil", 0)
  end)

  it("has failed at once in coroutine.wrap, which closes it", function()
    local resume = coroutine.wrap(tracker:wrap("a", function()
      coroutine.yield()
      clock.advance_us(2000)
      error(problem)
    end))
    resume()
    local ok, err = pcall(resume)
    assert.is_false(ok)
    assert.equal(problem, err)
    assert_ended("failed", "E_PAPER", 2)
  end)
end)
