local clocks = require("spec.support.clock")
local exectrack = require("exectrack")
local needs = require("spec.support.needs")
local portable = require("spec.support.portable")

local pack = portable.pack

local tracker, clock

before_each(function()
  clock = clocks.new()
  tracker = exectrack.new { max_history = 20, error_texts = 8, measures = { { name = "cost" } },
    clock = clock.read }
end)

local function newest()
  return tracker:recent_executions(1)[1]
end

--- Asserts that `count` calls have ended, the latest of them so.
local function assert_ended(count, status, error_type, duration_ms)
  assert.equal(count, tracker:stats().total_executions)
  local record = newest()
  assert.same({ status, error_type, duration_ms },
    { record.status, record.error_type, record.duration_ms })
end

local function nothing() end

--- A tool that keeps its callback, its second argument, as `answer`, and returns its arguments.
local answer
local function ask_later(...)
  answer = select(2, ...)
  return ...
end

--- `ask_later` as a wrapped tool that answers through its second argument.
local function wrapped(options)
  options = options or {}
  options.callback = 2
  return tracker:wrap("a", ask_later, options)
end

describe("a tool with a callback", function()
  it("ends when that is called, as a call that returned what it is called with", function()
    local given
    local function callback(...)
      given = pack(...)
      return "from the callback", nil
    end
    local results = pack(wrapped()("q", callback, nil))
    assert.same({ n = 3, "q", answer, nil }, results)
    clock.advance_us(2500)
    assert.equal(1, tracker:in_flight_count("a"))
    assert.equal(0, #tracker)
    assert.same({ n = 2, "from the callback", nil }, pack(answer(1, nil, "x", nil)))
    assert.same({ n = 4, 1, nil, "x", nil }, given)
    assert.same({
      tool = "a", tool_id = 1, status = "success", duration_ms = 2.5, was_cached = false,
      args_hash = exectrack.fingerprint("q", nil), -- without the callback
      result_hash = exectrack.fingerprint(1, nil, "x", nil),
      depth = 0, timestamp = 1767225600.0025,
    }, newest())
    assert.equal(0, tracker:in_flight_count("a"))
  end)

  it("ends by the conventions of results, with the text of its error", function()
    wrapped()(1, nothing)
    answer(nil, "out of paper")
    assert_ended(1, "failed", "out of paper", 0)
    assert.equal("out of paper", tracker:error_text("a", "out of paper"))
    wrapped()(1, nothing)
    answer(false, "timeout")
    assert_ended(2, "timed_out", nil, 0)
    wrapped()(1, function() end)
    answer()
    assert_ended(3, "success", nil, 0)
  end)

  it("ends once, though its callback is called again", function()
    local calls = 0
    wrapped()(1, function() calls = calls + 1 end)
    answer("first")
    clock.advance_us(1000)
    answer(nil, "second")
    assert.equal(2, calls)
    assert_ended(1, "success", nil, 0)
    assert.equal(exectrack.fingerprint("first"), newest().result_hash)
  end)

  it("may call it before it returns", function()
    local asked = 0
    local tool = tracker:wrap("a", function(done)
      clock.advance_us(1000)
      done("x")
      clock.advance_us(1000)
      return nil, "which isn't asked about"
    end, { callback = 1, classify = function() asked = asked + 1 end })
    assert.same({ nil, "which isn't asked about" }, { tool(nothing) })
    assert_ended(1, "success", nil, 1)
    assert.equal(1, asked)
  end)

  it("ends when it returns, without a function in that place", function()
    for _, arguments in ipairs { pack(), pack(1), pack(1, nil), pack(1, "f"), pack(1, {}) } do
      local results = pack(wrapped()(portable.unpack(arguments, 1, arguments.n)))
      assert.same(arguments, results)
      assert.equal(exectrack.fingerprint(portable.unpack(arguments, 1, arguments.n)),
        newest().result_hash)
    end
    assert_ended(5, "success", nil, 0)
  end)

  it("may be called with a table that can be called", function()
    local callback = setmetatable({}, { __call = function(_, ...) return "called", ... end })
    wrapped()(1, callback)
    assert.same({ "called", 5 }, { answer(5) })
    assert_ended(1, "success", nil, 0)
  end)

  it("ends at once if it returns nil and an error", function()
    local calls = 0
    local tool = tracker:wrap("a", function(done)
      answer = done
      return nil, "busy"
    end, { callback = 1 })
    assert.same({ nil, "busy" }, { tool(function() calls = calls + 1 end) })
    assert_ended(1, "failed", "busy", 0)
    answer("late")
    assert.equal(1, calls)
    assert_ended(1, "failed", "busy", 0)
  end)

  it("doesn't end its next call by the callback of one that has ended", function()
    local answers = {}
    local tool = tracker:wrap("a", function(problem, done)
      answers[#answers + 1] = done
      return nil, problem
    end, { callback = 2 })
    tool("busy", nothing)
    tool(nil, nothing)
    answers[1]("late")
    assert.equal(1, tracker:in_flight_count())
    answers[2]("in time")
    assert_ended(2, "success", nil, 0)
    assert.equal(exectrack.fingerprint("in time"), newest().result_hash)
  end)

  it("goes on if it returns a single nil or false", function()
    for _, result in ipairs { pack(nil), pack(false), pack(nil, nil), pack() } do
      tracker:wrap("a", function(done)
        answer = done
        return portable.unpack(result, 1, result.n)
      end, { callback = 1 })(nothing)
      assert.equal(1, tracker:in_flight_count())
      answer(1)
    end
    assert_ended(4, "success", nil, 0)
  end)

  it("ends at once with its error, whatever that is", function()
    for _, problem in ipairs { "out of paper", { code = "E_PAPER" }, false } do
      local before = tracker:stats().total_executions
      local ok, err = pcall(tracker:wrap("a", function(done)
        answer = done
        error(problem, 0)
      end, { callback = 1 }), nothing)
      assert.is_false(ok)
      assert.equal(problem, err)
      assert.equal("failed", newest().status)
      answer("late")
      assert.equal(before + 1, tracker:stats().total_executions)
    end
    assert.same({ n = 2, false }, pack(pcall(tracker:wrap("a", function() error(nil) end,
      { callback = 1 }), nothing)))
    assert.equal("failed", newest().status)
  end)

  it("has one end if it calls back and then raises, which classify isn't asked about", function()
    local asked = {}
    local ok, err = pcall(tracker:wrap("a", function(done)
      done("fine")
      error("too late", 0)
    end, { callback = 1, classify = function(...) asked[#asked + 1] = pack(...) end }), nothing)
    assert.same({ false, "too late" }, { ok, err })
    assert.same({ { n = 2, true, "fine" } }, asked)
    assert_ended(1, "success", nil, 0)
  end)

  it("has ended when the callback runs, whose error is its caller's", function()
    local problem, in_flight = {}, nil
    wrapped()(1, function()
      in_flight = tracker:in_flight_count()
      error(problem)
    end)
    local ok, err = pcall(answer, "fine")
    assert.is_false(ok)
    assert.equal(problem, err)
    assert.equal(0, in_flight)
    assert_ended(1, "success", nil, 0)
  end)

  it("is classified, measured and fingerprinted by what the callback is called with", function()
    local given = {}
    wrapped {
      classify = function(...)
        given[1] = pack(...)
        return "success", true
      end,
      measure = function(...)
        given[2] = pack(...)
        return { cost = 7 }
      end,
      results = function(...)
        given[3] = pack(...)
        return "chosen"
      end,
    }(1, nothing)
    assert.same({}, given)
    answer(nil, "data")
    assert.same({ { n = 3, true, nil, "data" }, { n = 3, true, nil, "data" },
      { n = 2, nil, "data" } }, given)
    assert_ended(1, "success", nil, 0)
    assert.is_true(newest().was_cached)
    assert.same({ cost = 7 }, newest().measures)
    assert.equal(exectrack.fingerprint("chosen"), newest().result_hash)
  end)

  it("is recorded when classify raises, which keeps the callback from being called", function()
    local called
    wrapped { classify = function() error("wrong", 0) end }(1, function() called = true end)
    assert.has_error(function() answer(nil, "out of paper") end, "wrong")
    assert.is_nil(called)
    assert_ended(1, "failed", "out of paper", 0)
    answer(1)
    assert.is_true(called)
    assert_ended(1, "failed", "out of paper", 0)
  end)

  it("may be called with hundreds of arguments and call back with as many", function()
    local many = {}
    for i = 1, 240 do
      many[i] = i
    end
    many[250] = function(...) return select("#", ...) end
    local tool = tracker:wrap("a", function(...) return (select(250, ...))(...) end,
      { callback = 250 })
    assert.equal(250, tool(portable.unpack(many, 1, 250)))
    assert_ended(1, "success", nil, 0)
  end)

  it("counts as a level only until it returns", function()
    local inner = tracker:wrap("inner", function() end)
    tracker:wrap("a", function(done)
      inner()
      answer = done
    end, { callback = 1 })(nothing)
    assert.equal(1, newest().depth)
    inner()
    assert.equal(0, newest().depth)
    answer()
    assert.equal(0, newest().depth)
  end)

  it("may be in flight many times, and end in any order", function()
    local answers = {}
    local tool = tracker:wrap("a", function(i, done) answers[i] = done end, { callback = 2 })
    for i = 1, 5 do
      tool(i, nothing)
      clock.advance_us(1000)
    end
    for _, i in ipairs { 3, 1, 5, 4, 2 } do
      answers[i](i)
    end
    assert.same({ 3, 5, 1, 2, 4 }, tracker:snapshot():column("duration_ms"))
    assert_ended(5, "success", nil, 4)
  end)

  it("belongs to its session", function()
    tracker:session("chat 17"):wrap("a", ask_later, { callback = 2 })(1, nothing)
    answer()
    assert.equal("chat 17", newest().session)
  end)

  it("does no harm when its tracker is closed", function()
    local called
    wrapped { classify = error }(1, function(...) called = pack(...) end)
    tracker:close()
    answer(1)
    assert.same({ n = 1, 1 }, called)
  end)

  it("of a table of tools is the same argument for each", function()
    local tools = tracker:instrument({ read = ask_later, net = { get = ask_later } },
      { callback = 2 })
    tools.read(1, nothing)
    answer(1)
    tools.net.get(1, nothing)
    answer(nil, "EIO")
    assert.same({ "read", "net.get" }, tracker:snapshot():column("tool"))
    assert_ended(2, "failed", "EIO", 0)
  end)
end)

describe("a tool whose callback is found by a function", function()
  it("is called with what the function leaves in the list", function()
    local seen
    local tool = tracker:wrap("a", function(...)
      answer = select(2, ...).on_exit
      return select("#", ...), ...
    end, { callback = function(args, done)
      seen = { n = args.n, args[1], args[3] }
      args[2] = { on_exit = done }
      args.n = 4
    end })
    local results = pack(tool("ls", {}, nil))
    assert.same({ n = 3, "ls", nil }, seen)
    assert.same({ n = 5, 4, "ls" }, { n = results.n, results[1], results[2] })
    clock.advance_us(1000)
    assert.equal(0, select("#", answer("output")))
    assert_ended(1, "success", nil, 1)
    assert.equal(exectrack.fingerprint("output"), newest().result_hash)
    assert.equal(exectrack.fingerprint("ls", {}, nil), newest().args_hash)
  end)

  it("may wrap done into a callback of its own", function()
    local tool = tracker:wrap("a", function(options) answer = options.on_exit end, {
      callback = function(args, done)
        args[1] = { on_exit = function(code) done(code == 0 or nil, "exit " .. code) end }
      end,
    })
    tool {}
    answer(2)
    assert_ended(1, "failed", "exit_2", 0)
  end)

  it("raises what that raises, and the tool isn't called", function()
    local problem = {}
    local tool = tracker:wrap("a", function() error("called") end,
      { callback = function() error(problem) end })
    local ok, err = pcall(tool)
    assert.is_false(ok)
    assert.equal(problem, err)
    assert.equal(0, tracker:stats().total_executions)
    assert.equal(0, tracker:in_flight_count())
  end)

  it("is called with what was put at the end of the list, too", function()
    local seen
    local tool = tracker:wrap("a", function(...)
      seen = pack(...)
      answer = seen[seen.n]
    end, { callback = function(args, done) args[#args + 1] = done end })
    tool("x", "y")
    assert.same({ n = 3, "x", "y", answer }, seen)
    answer(1)
    assert_ended(1, "success", nil, 0)
  end)

  it("stays in flight if it calls done before the tool is called", function()
    tracker:wrap("a", function(done) answer = done end, { callback = function(args, done)
      done("too early")
      args[1] = done
    end })()
    assert.equal(0, #tracker)
    answer("now")
    assert_ended(1, "success", nil, 0)
    assert.equal(exectrack.fingerprint("now"), newest().result_hash)
  end)
end)

describe("a policy of a tool with a callback", function()
  it("denies it before anything is called", function()
    local tool = tracker:wrap("a", error, {
      policy = function() return { action = "deny", message = "no more" } end,
      callback = error,
    })
    assert.same({ nil, "no more", { action = "deny", message = "no more" } }, { tool(1) })
    assert.equal(0, tracker:in_flight_count())
    assert.equal(1, tracker:denials()[1].count)
  end)

  it("warns of it, or denies it for the count alone", function()
    local warned = {}
    local function on_warn(decision) warned[#warned + 1] = decision.action end
    for _, action in ipairs { "warn", "deny" } do
      wrapped { policy = function() return { action = action } end, on_warn = on_warn,
        enforce = false }(1, nothing)
      answer(1)
    end
    assert.same({ "warn", "deny" }, warned)
    assert_ended(2, "success", nil, 0)
  end)
end)

describe("a coroutine that calls a tool with a callback", function()
  it("may yield in the policy, in the tool and in the callback", function()
    local thread = coroutine.create(tracker:wrap("a", function(done)
      coroutine.yield("tool")
      return done(1, nil)
    end, { callback = 1, policy = function() coroutine.yield("policy") end }))
    local function callback(...) return coroutine.yield("callback", ...) end
    assert.same({ true, "policy" }, { coroutine.resume(thread, callback) })
    clock.advance_us(1000)
    assert.same({ true, "tool" }, { coroutine.resume(thread) })
    clock.advance_us(1000)
    assert.same({ true, "callback", 1, nil }, { coroutine.resume(thread) })
    assert_ended(1, "success", nil, 2)
    assert.same({ n = 3, true, "end", nil }, pack(coroutine.resume(thread, "end", nil)))
    assert_ended(1, "success", nil, 2)
  end)

  it("may be gone when that is called", function()
    coroutine.wrap(wrapped())(1, nothing)
    collectgarbage()
    assert.equal(1, tracker:in_flight_count())
    clock.advance_us(1000)
    answer(1)
    assert_ended(1, "success", nil, 1)
  end)

  it("may be another than the one that calls it", function()
    local thread = coroutine.create(tracker:wrap("a", function(done)
      answer = done
      coroutine.yield()
      return nil, "which isn't asked about"
    end, { callback = 1 }))
    coroutine.resume(thread, nothing)
    coroutine.wrap(function() answer(1) end)()
    assert_ended(1, "success", nil, 0)
    assert.same({ true, nil, "which isn't asked about" }, { coroutine.resume(thread) })
    assert_ended(1, "success", nil, 0)
  end)

  it("ends it when it is closed in the tool", function()
    needs.coroutine_close(pending)
    local thread = coroutine.create(tracker:wrap("a", function(done)
      answer = done
      coroutine.yield()
    end, { callback = 1 }))
    coroutine.resume(thread, nothing)
    coroutine.close(thread)
    assert_ended(1, "cancelled", nil, 0)
    answer(1)
    assert_ended(1, "cancelled", nil, 0)
  end)
end)

describe("a callback that nothing can call any more", function()
  --- Asserts that the next collection finds a call that was abandoned, and no other.
  local function assert_found(call)
    local before = tracker:stats().total_executions
    call()
    answer = nil
    collectgarbage()
    collectgarbage()
    assert_ended(before + 1, "cancelled", "abandoned", 0)
    assert.equal(0, tracker:in_flight_count())
  end

  it("ends its call when it is collected", function()
    assert_found(function() wrapped()(1, nothing) end)
    assert_found(coroutine.wrap(function() wrapped()(1, nothing) end))
    assert_found(function()
      tracker:wrap("a", nothing, { callback = function(args, done) args[1] = done end })()
    end)
  end)

  it("ends it while the wrapped function is there, though that was called before", function()
    local tool = wrapped()
    for _ = 1, 3 do
      tool(1) -- without a callback
      assert_found(function() tool(1, nothing) end)
    end
  end)

  it("ends it while the coroutine goes on that called the tool", function()
    local go_on = coroutine.wrap(function()
      wrapped()(1, nothing)
      coroutine.yield()
    end)
    assert_found(go_on)
    go_on()
  end)
end)

it("wrap refuses a callback that is none", function()
  local function assert_refused(callback, message)
    assert.has_error(function() tracker:wrap("a", nothing, { callback = callback }) end,
      "bad argument #3 to 'wrap' (callback: " .. message .. ")")
  end
  assert_refused(0, "an integer from 1 to 250 expected, got 0")
  assert_refused(251, "an integer from 1 to 250 expected, got 251")
  assert_refused(1.5, "an integer from 1 to 250 expected, got 1.5")
  assert_refused("1", "function expected, got string")
  assert_refused(false, "function expected, got boolean")
end)
