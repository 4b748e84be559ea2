local clocks = require("spec.support.clock")
local exectrack = require("exectrack")
local needs = require("spec.support.needs")

local tracker

before_each(function()
  tracker = exectrack.new(10)
end)

--- Calls `body` with a function that returns a new object, notes it and lets go of it. Asserts that
-- afterwards, while the tracker is there, none of at least `count` objects is.
local function assert_nothing_kept(count, body)
  local objects, made = setmetatable({}, { __mode = "k" }), 0
  body(function(object)
    object = object or {}
    made = made + 1
    objects[object] = true
    return object
  end)
  if package.loaded.jit then
    package.loaded.jit.flush() -- compiled code keeps the functions that it calls
  end
  collectgarbage()
  collectgarbage() -- what a finalizer could reach goes in the second round
  assert.is_true(made >= count)
  assert.is_nil(next(objects))
  assert.matches("^exectrack%.Tracker %(%d", tostring(tracker))
end

--- Calls `wrapped` with a new object. Whether it raises or returns doesn't matter.
local function call(wrapped, new)
  pcall(wrapped, new())
end

describe("nothing retains of a finished call", function()
  it("its function, arguments and results", function()
    assert_nothing_kept(3, function(new)
      tracker:run("a", new(function(...) return new(), ... end), new())
    end)
    assert.equal(1, tracker:stats("a").successful)
  end)

  it("the error that it returned", function()
    assert_nothing_kept(2, function(new)
      tracker:run("a", function() return nil, new { code = "E_PAPER" }, new() end)
    end)
    assert.equal("E_PAPER", tracker:recent_executions(1)[1].error_type)
  end)

  it("the error that it raised", function()
    assert_nothing_kept(1, function(new)
      pcall(tracker.run, tracker, "a", error, new { code = "E_PAPER" })
    end)
    assert.equal("E_PAPER", tracker:recent_executions(1)[1].error_type)
  end)

  it("what an inner call was given and gave", function()
    assert_nothing_kept(3, function(new)
      local inner = tracker:wrap("inner", function(...) return new(), ... end)
      tracker:run("outer", function() return inner(new(), new()) end)
    end)
  end)
end)

describe("a call that waits", function()
  it("keeps its arguments no longer than the tool does", function()
    needs.tools_called_by_c(pending)
    local thread = coroutine.create(tracker:wrap("a", function(object)
      object.used = true
      object = nil
      coroutine.yield()
      return object
    end, { policy = function() return { action = "warn" } end, args = function() end }))
    assert_nothing_kept(1, function(new) assert(coroutine.resume(thread, new())) end)
    assert.equal(1, tracker:in_flight_count())
    assert(coroutine.resume(thread))
    assert.equal(1, tracker:stats("a").successful)
  end)
end)

describe("nothing retains after a wrapped function is dropped", function()
  it("the tool, its options and their functions", function()
    assert_nothing_kept(7, function(new)
      local options = new {}
      for _, name in ipairs { "classify", "args", "policy", "on_warn", "on_policy_error" } do
        options[name] = new(function() return nil, new() end)
      end
      call(tracker:wrap("a", new(function() return options end), options), new)
    end)
    assert.equal(1, tracker:stats("a").total_executions)
  end)

  it("the tracker", function()
    local trackers = setmetatable({ exectrack.new(1) }, { __mode = "v" })
    trackers[1]:wrap("a", print, { policy = function(question) return nil, question end })
    trackers[1]:instrument { a = { b = print } }
    collectgarbage()
    collectgarbage()
    assert.is_nil(trackers[1])
  end)

  it("a table of tools or its copy, though it holds itself", function()
    assert_nothing_kept(4, function(new)
      local tools = new { fs = new { stat = new(function() return new() end) } }
      tools.self = tools
      local copy = new(tracker:instrument(tools))
      copy.fs.stat(new())
    end)
    assert.equal(1, tracker:stats("fs.stat").successful)
  end)
end)

describe("a wrapped function retains nothing of a call", function()
  --- Wraps `tool`, or one that returns, with the options that `make_options` returns. Asserts that
  -- the wrapped function, while it is there, keeps none of at least `count` objects.
  local function assert_wrapped_keeps_nothing(count, make_options, tool)
    local wrapped
    assert_nothing_kept(count, function(new)
      tool = tool or function(...) return new(), ... end
      wrapped = tracker:wrap("a", tool, make_options(new))
      call(wrapped, new)
    end)
    assert.equal("function", type(wrapped))
  end

  it("without options", function()
    assert_wrapped_keeps_nothing(2, function() end)
  end)

  it("with classify, that it succeeds, fails or is wrong", function()
    assert_wrapped_keeps_nothing(3, function(new)
      return { classify = function() return nil, nil, nil, new() end }
    end)
    assert_wrapped_keeps_nothing(3, function(new)
      return { classify = function() error(new()) end }
    end)
    assert_wrapped_keeps_nothing(3, function(new)
      return { classify = function() return new() end }
    end)
    assert_wrapped_keeps_nothing(2, function(new)
      return { classify = function() error(new()) end }
    end, error)
  end)

  it("with args, that it chooses or fails", function()
    assert_wrapped_keeps_nothing(3, function(new)
      return { args = function(...) return new { ... } end }
    end)
    assert_wrapped_keeps_nothing(2, function(new)
      return { args = function() error(new()) end }
    end)
  end)

  it("with a policy that allows, warns or denies", function()
    assert_wrapped_keeps_nothing(3, function(new)
      return { policy = function(question) new(question) end }
    end)
    assert_wrapped_keeps_nothing(4, function(new)
      return {
        policy = function(question)
          new(question)
          return new { action = "warn" }
        end,
        on_warn = function() return new() end,
      }
    end)
    assert_wrapped_keeps_nothing(3, function(new)
      return { policy = function(question) return new { action = "deny", of = new(question) } end }
    end)
    assert.equal(1, tracker:denials()[1].count)
  end)

  it("with a denial that isn't enforced", function()
    assert_wrapped_keeps_nothing(3, function(new)
      return { enforce = false, policy = function() return new { action = "deny" } end }
    end)
    assert.equal(1, tracker:denials()[1].count)
  end)

  it("with a policy that fails", function()
    assert_wrapped_keeps_nothing(3, function(new)
      return {
        policy = function() error(new()) end,
        on_policy_error = function() return new { action = "deny" } end,
      }
    end, error)
    assert_wrapped_keeps_nothing(3, function(new)
      return {
        policy = function() return new() end,
        on_policy_error = function() error(new()) end,
      }
    end, error)
  end)
end)

describe("nothing retains of a call that isn't wrapped", function()
  local OPTIONS = { "policy", "on_warn", "classify", "results" }

  it("its options, arguments and results, when it has ended or was collected", function()
    assert_nothing_kept(22, function(new)
      for _, how in ipairs { "done", "failed", "close", "abandon" } do
        local options = { args = new(), session = "s" }
        for _, name in ipairs(OPTIONS) do
          options[name] = new(function() return nil end)
        end
        local span = new(tracker:begin("a", new(options)))
        if how == "abandon" then
          tracker:session("s"):abandon()
        else
          span[how](span, new())
        end
      end
      new(tracker:begin("a", { timeout_ms = 1e6 })):finish()
    end)
    assert.equal(5, tracker:stats().total_executions)
  end)

  it("its options if it was denied", function()
    assert_nothing_kept(3, function(new)
      tracker:begin("a", { args = new(), policy = new(function()
        return new { action = "deny" }
      end) })
    end)
  end)
end)

describe("a callback retains", function()
  local answer
  local function ask(...)
    answer = select(-1, ...)
  end

  it("nothing of its call's arguments while it may come", function()
    local wrapped = tracker:wrap("a", ask, { callback = 2 })
    assert_nothing_kept(1, function(new) wrapped(new(), type) end)
    assert.equal(1, tracker:in_flight_count())
    answer(1)
  end)

  it("nothing when nothing can call it any more", function()
    local clock = clocks.new()
    tracker = exectrack.new { clock = clock.read }
    local wrapped = tracker:wrap("a", ask, { callback = 2, timeout_ms = 1 })
    tracker:wrap("a", ask, { callback = 2 })(1, type)
    assert_nothing_kept(4, function(new)
      for _, ends in ipairs { function() answer(new()) end, tracker.stats } do
        wrapped(new(), new(function() end))
        clock.advance_us(1000)
        ends(tracker)
      end
      answer = nil
    end)
    assert.equal(0, tracker:in_flight_count())
  end)
end)

describe("nothing retains of a coroutine", function()
  --- A coroutine that yields in a tool that a tool calls, each of them given a new object.
  local function suspended(new)
    local thread = new(coroutine.create(tracker:wrap("outer", new(function(...)
      local inner = tracker:wrap("inner", new(function(...) return coroutine.yield(new(), ...) end))
      return inner(new(), ...)
    end))))
    assert(coroutine.resume(thread, new()))
    return thread
  end

  it("that ran to its end", function()
    assert_nothing_kept(7, function(new) assert(coroutine.resume(suspended(new), new())) end)
    assert.equal(2, tracker:stats().successful)
  end)

  it("that was closed", function()
    needs.coroutine_close(pending)
    assert_nothing_kept(6, function(new) coroutine.close(suspended(new)) end)
    assert.equal(2, tracker:stats().cancelled)
  end)

  it("that was abandoned", function()
    assert_nothing_kept(6, suspended)
    assert.equal(2, tracker:stats().cancelled)
    assert.equal(0, tracker:in_flight_count())
  end)

  local function die(new)
    local thread = new(coroutine.create(tracker:wrap("a", error)))
    assert.is_false(coroutine.resume(thread, new { code = "E_PAPER" }))
    return thread
  end

  it("that died of an error and was dropped", function()
    assert_nothing_kept(2, die)
    assert.equal(1, tracker:stats("a").failed)
  end)

  it("that died of an error and was closed", function()
    needs.coroutine_close(pending)
    assert_nothing_kept(2, function(new) coroutine.close(die(new)) end)
    assert.equal(1, tracker:stats("a").failed)
  end)

  it("that was abandoned in a policy, in on_warn or in on_policy_error", function()
    local function warn() return { action = "warn" } end
    local function abandon(new, make_options)
      local options = make_options(new(function(...) coroutine.yield(new(), ...) end))
      local thread = new(coroutine.create(tracker:wrap("a", new(function() end), options)))
      assert(coroutine.resume(thread, new()))
      assert.equal("suspended", coroutine.status(thread))
    end
    assert_nothing_kept(15, function(new)
      abandon(new, function(wait) return { policy = wait } end)
      abandon(new, function(wait) return { policy = warn, on_warn = wait } end)
      abandon(new, function(wait) return { policy = error, on_policy_error = wait } end)
    end)
    assert.equal(0, tracker:stats().total_executions)
  end)

  it("that holds its own wrapped function", function()
    assert_nothing_kept(3, function(new)
      local thread
      local wrapped = new(tracker:wrap("a", new(function() coroutine.yield(thread) end)))
      thread = new(coroutine.create(function() wrapped(wrapped) end))
      assert(coroutine.resume(thread))
    end)
    assert.equal("abandoned", tracker:recent_executions(1)[1].error_type)
  end)
end)
