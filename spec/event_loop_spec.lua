local exectrack = require("exectrack")
local needs = require("spec.support.needs")
local portable = require("spec.support.portable")
local uv = require("luv")

local pack = portable.pack

local tracker

before_each(function()
  tracker = exectrack.new(1000)
end)

local current

--- The running coroutine. In Lua 5.1, whose pcall can't yield, a tool runs in one of its own within
-- it, which isn't the one to resume.
local function running()
  return _VERSION == "Lua 5.1" and current or coroutine.running()
end

local function resume(thread, ...)
  local before = current
  current = thread
  coroutine.resume(thread, ...)
  current = before
end

--- Runs `fn` with `...` in a coroutine, which is returned. An error stays in it: in a callback it
-- would end the process.
local function spawn(fn, ...)
  local thread = coroutine.create(fn)
  resume(thread, ...)
  return thread
end

--- Calls `callback` once in `ms` milliseconds, or never if the timer that it returns is closed.
local function after(ms, callback)
  local timer = uv.new_timer()
  timer:start(ms, 0, function()
    timer:close()
    callback()
  end)
  return timer
end

--- Has the running coroutine wait.
local function sleep(ms)
  local thread = running()
  after(ms, function() resume(thread) end)
  coroutine.yield()
end

--- Runs the loop until nothing is left to wait for.
local function run()
  uv.run()
  assert.is_false(uv.loop_alive())
end

--- The records, oldest first, each as "tool status".
local function history()
  local records = {}
  for _, record in ipairs(tracker:recent_executions(1000)) do
    table.insert(records, 1, record.tool .. " " .. record.status)
  end
  return records
end

describe("tools in luv's event loop", function()
  it("end in the order of their timers", function()
    local tools = tracker:instrument {
      slow = sleep,
      quick = sleep,
      fs = { at_once = function() end },
    }
    spawn(tools.slow, 4)
    spawn(tools.quick, 1)
    spawn(tools.fs.at_once)
    assert.equal(1, tracker:in_flight_count("slow"))
    assert.equal(1, tracker:in_flight_count("quick"))
    assert.same({ "fs.at_once success" }, history())
    run()
    assert.same({ "fs.at_once success", "quick success", "slow success" }, history())
    assert.equal(0, tracker:in_flight_count())
  end)

  it("run a thousand at once", function()
    needs.pcall_that_yields(pending)
    local ended = 0
    local work = tracker:wrap("work", function(ms, i)
      sleep(ms)
      assert(i % 10 ~= 0, "out of paper")
      return i
    end)
    for i = 1, 1000 do
      spawn(function()
        local ok, result = pcall(work, i % 3, i)
        assert.equal(i % 10 ~= 0, ok)
        assert.equal(ok and i, ok and result)
        ended = ended + 1
        assert.equal(1000 - ended, tracker:in_flight_count())
      end)
    end
    assert.equal(1000, tracker:in_flight_count("work"))
    run()
    assert.equal(1000, ended)
    assert.equal(900, tracker:stats("work").successful)
    assert.equal(100, tracker:stats("work").failed)
    assert.equal(0, tracker:in_flight_count())
  end)

  it("call other tools there", function()
    local step = tracker:wrap("step", sleep)
    local plan = tracker:wrap("plan", function()
      step(1)
      step(1)
      return "done"
    end)
    local result
    spawn(function() result = plan() end)
    assert.equal(2, tracker:in_flight_count())
    run()
    assert.equal("done", result)
    assert.same({ "step success", "step success", "plan success" }, history())
  end)

  it("time out when another timer is earlier", function()
    --- Waits for an answer that takes `answer_ms`, but not longer than `timeout_ms`.
    local ask = tracker:wrap("ask", function(answer_ms, timeout_ms)
      local thread = running()
      local answer = after(answer_ms, function() resume(thread, "answer") end)
      local timeout = after(timeout_ms, function() resume(thread, nil, "timeout") end)
      local result, err = coroutine.yield()
      local late = result and timeout or answer
      late:close()
      return result, err
    end)
    local results = {}
    spawn(function() results[1] = pack(ask(60000, 2)) end)
    spawn(function() results[2] = pack(ask(1, 60000)) end)
    assert.equal(2, tracker:in_flight_count("ask"))
    run()
    assert.same({ { n = 2, nil, "timeout" }, { n = 2, "answer", nil } }, results)
    assert.same({ "ask success", "ask timed_out" }, history())
  end)

  it("fail in a callback's coroutine, when that is closed", function()
    needs.coroutine_close(pending)
    local work = tracker:wrap("work", function()
      sleep(1)
      error { code = "E_PAPER" }
    end)
    local thread = spawn(work)
    run()
    assert.equal("dead", coroutine.status(thread))
    assert.same({}, history())
    local ok, err = coroutine.close(thread)
    assert.is_false(ok)
    assert.same({ code = "E_PAPER" }, err)
    assert.same({ "work failed" }, history())
    assert.equal("E_PAPER", tracker:recent_executions(1)[1].error_type)
  end)

  it("fail in a callback's coroutine, when that is collected", function()
    spawn(tracker:wrap("work", function()
      sleep(1)
      error { code = "E_PAPER" }
    end))
    run()
    collectgarbage()
    assert.same({ "work failed" }, history())
    assert.equal("E_PAPER", tracker:recent_executions(1)[1].error_type)
    assert.equal(0, tracker:in_flight_count())
  end)

  it("are cancelled with their coroutine, whose timer is harmless", function()
    needs.coroutine_close(pending)
    local work = tracker:wrap("work", sleep)
    local thread = spawn(work, 1)
    spawn(work, 2)
    assert.is_true(coroutine.close(thread))
    assert.equal(1, tracker:in_flight_count("work"))
    run()
    assert.same({ "work cancelled", "work success" }, history())
  end)

  it("are abandoned when nothing will resume them", function()
    local work = tracker:wrap("work", function()
      sleep(1)
      coroutine.yield()
    end)
    local threads = { spawn(work) }
    run()
    assert.equal(1, tracker:in_flight_count("work"))
    table.remove(threads)
    collectgarbage()
    assert.same({ "work cancelled" }, history())
    assert.equal("abandoned", tracker:recent_executions(1)[1].error_type)
  end)

  it("are denied and warned of by policies that wait for a timer", function()
    local ran, told = {}, {}
    local work = tracker:wrap("work", function(name) ran[#ran + 1] = name end, {
      policy = function(call)
        sleep(1)
        local action = call.args_hash == exectrack.fingerprint("a") and "deny" or "warn"
        return { action = action, reason = "r", message = "m" }
      end,
      on_warn = function(decision)
        sleep(1)
        told[#told + 1] = decision.action
      end,
    })
    local refused
    spawn(function() refused = pack(work("a")) end)
    spawn(work, "b")
    assert.equal(0, tracker:in_flight_count())
    run()
    assert.same({ "b" }, ran)
    assert.same({ "warn" }, told)
    assert.same({ n = 3, nil, "m", { action = "deny", reason = "r", message = "m" } }, refused)
    assert.equal(1, tracker:denials()[1].count)
    assert.same({ "work success" }, history())
  end)
end)
