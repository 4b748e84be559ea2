local clocks = require("spec.support.clock")
local exectrack = require("exectrack")
local portable = require("spec.support.portable")

local pack, unpack = portable.pack, portable.unpack

local tracker, clock

before_each(function()
  clock = clocks.new()
  tracker = exectrack.new { max_history = 20, args_texts = 8, error_texts = 8,
    measures = { { name = "cost" } }, clock = clock.read }
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

describe("tracker:begin", function()
  it("starts a span", function()
    local results = pack(tracker:begin("read", { args = { path = "x" } }))
    assert.equal(1, results.n)
    assert.equal("exectrack.Span (read, in flight)", tostring(results[1]))
    assert.equal(getmetatable(tracker:start("a")), getmetatable(results[1]))
    local running = tracker:in_flight()[1]
    assert.equal("read", running.tool)
    assert.equal(exectrack.fingerprint { path = "x" }, running.args_hash)
    clock.advance_us(1500)
    assert.equal(1.5, results[1]:finish("failed", true, "EIO", { cost = 2 }))
    assert.same({ tool = "read", tool_id = 1, status = "failed", duration_ms = 1.5,
      was_cached = true, error_type = "EIO", args_hash = exectrack.fingerprint { path = "x" },
      depth = 0, timestamp = 1767225600.0015, measures = { cost = 2 } }, newest())
    assert.equal('{path="x"}', tracker:args_text(newest().args_hash))
  end)

  it("takes no options, or empty ones", function()
    tracker:begin("a"):finish()
    tracker:begin("a", nil):finish()
    tracker:begin("a", {}):finish()
    assert.equal(3, tracker:stats("a").successful)
    assert.equal(0, newest().args_hash)
  end)

  it("cuts a long name, and a policy knows the tool by what is left", function()
    local asked
    local long = ("x"):rep(300)
    tracker:begin(long, { policy = function(call) asked = call.tool end }):finish()
    assert.equal(long:sub(1, 255), asked)
    assert.equal(asked, newest().tool)
  end)

  it("leaves out of the fingerprint what its ignore_args names, not the tracker's", function()
    tracker = exectrack.new { max_history = 5, ignore_args = { "thought" }, args_texts = 4 }
    local args = { path = "x", thought = 1, time = 2 }
    tracker:begin("a", { args = args }):finish()
    assert.equal(exectrack.fingerprint { path = "x", time = 2 }, newest().args_hash)
    tracker:begin("a", { args = args, ignore_args = { "time" } }):finish()
    assert.equal(exectrack.fingerprint { path = "x", thought = 1 }, newest().args_hash)
    assert.equal('{path="x", thought=1}', tracker:args_text(newest().args_hash))
  end)

  it("belongs to the session that is named, or that begins it", function()
    local session = tracker:session("chat 17")
    tracker:begin("a", { session = "chat 17" }):finish()
    session:begin("a"):finish()
    session:begin("a", { session = "chat 17" }):finish()
    session:begin("a", { session = session:name() }):finish()
    tracker:begin("a"):finish()
    assert.same({ "chat 17", "chat 17", "chat 17", "chat 17", false },
      tracker:snapshot():column("session"))
    tracker:begin("a", { session = "new " .. "name", policy = function()
      collectgarbage()
      assert(("x"):rep(100))
    end }):finish()
    assert.equal("new name", newest().session)
    assert.has_error(function() session:begin("a", { session = "chat 18" }) end,
      "bad argument #2 to 'begin' (session: isn't the session that it is recorded for)")
    assert.equal(0, tracker:in_flight_count())
  end)

  it("has the depth of what it is begun in, and isn't a level itself", function()
    tracker:run("outer", function()
      local span = tracker:begin("a")
      tracker:run("b", type, 1)
      span:finish()
    end)
    assert.same({ 1, 1, 0 }, tracker:snapshot():column("depth"))
  end)

  it("is recorded as abandoned when it is collected", function()
    tracker:begin("a")
    collectgarbage()
    assert_ended(1, "cancelled", "abandoned", 0)
  end)

  it("keeps its tracker alive", function()
    local span = exectrack.new { clock = clock.read }:begin("a", { session = "s" })
    collectgarbage()
    clock.advance_us(1000)
    assert.equal(1, span:finish())
  end)

  it("names what it refuses, at the caller's position", function()
    local function assert_refused(message, ...)
      local arguments = pack(...)
      local ok, err = pcall(function()
        tracker:begin(unpack(arguments, 1, arguments.n))
      end)
      assert.is_false(ok)
      assert.matches("^[^\n]*begin_spec%.lua:%d+: ", err)
      assert.equal(message, (err:gsub("^.-:%d+: ", "")))
    end
    assert_refused("bad argument #1 to 'begin' (string expected, got no value)")
    assert_refused("bad argument #1 to 'begin' (string expected, got number)", 5)
    assert_refused("bad argument #2 to 'begin' (table expected, got boolean)", "a", true)
    assert_refused("bad argument #2 to 'begin' (unknown option 'arg')", "a", { arg = 1 })
    assert_refused("bad argument #2 to 'begin' (unknown option 'callback')", "a", { callback = 1 })
    assert_refused("bad argument #2 to 'begin' (unknown option 'describe')", "a",
      { describe = type })
    assert_refused("bad argument #2 to 'begin' (session: string expected, got number)", "a",
      { session = 5 })
    assert_refused("bad argument #2 to 'begin' (enforce: boolean expected, got string)", "a",
      { enforce = "no" })
    assert_refused("bad argument #2 to 'begin' (results: function expected, got boolean)", "a",
      { results = true })
    assert_refused("bad argument #2 to 'begin' (ignore_args: table expected, got boolean)", "a",
      { ignore_args = true })
    for _, option in ipairs { "classify", "measure", "policy", "on_warn", "on_policy_error" } do
      assert_refused("bad argument #2 to 'begin' (" .. option .. ": function expected, got number)",
        "a", { [option] = 5 })
    end
    for _, self in ipairs { 5, "a", {}, io.stdout } do
      local ok, err = pcall(function() tracker.begin(self, "a") end)
      assert.is_false(ok)
      assert.matches("begin_spec%.lua:%d+: .*exectrack%.Tracker expected, got ", err)
    end
    local ok, err = pcall(function() tracker:session("s").begin(5) end)
    assert.is_false(ok)
    assert.matches("begin_spec%.lua:%d+: .*exectrack%.Session expected, got number", err)
  end)

  it("of a closed tracker raises", function()
    local session = tracker:session("s")
    tracker:close()
    assert.has_error(function() tracker:begin("a") end, "attempt to use a closed tracker")
    assert.has_error(function() session:begin() end, "attempt to use a closed tracker")
  end)
end)

describe("a policy of begin", function()
  local DENIAL = { action = "deny", reason = "r", message = "no more" }

  it("is asked once about the call, before it starts", function()
    local asked
    local span = tracker:session("s"):begin("a", { args = "x", policy = function(call)
      assert.is_nil(asked)
      asked = call
      assert.equal(0, tracker:in_flight_count())
      clock.advance_us(2000)
    end })
    assert.equal(tracker, asked.tracker)
    assert.same({ "a", "s", exectrack.fingerprint("x") },
      { asked.tool, asked.session, asked.args_hash })
    assert.equal(2, span:finish())
  end)

  it("denies with nil, the message and the decision, and nothing starts", function()
    local results = pack(tracker:begin("a", { args = "x", policy = function() return DENIAL end }))
    assert.same({ n = 3, nil, "no more", DENIAL }, results)
    assert.equal(DENIAL, results[3])
    assert.equal(0, tracker:in_flight_count())
    assert.equal(0, tracker:stats().total_executions)
    local denied = tracker:denied()[1]
    assert.same({ "a", "r", exectrack.fingerprint("x") },
      { denied.tool, denied.reason, denied.args_hash })
  end)

  it("is counted but not obeyed without enforce", function()
    local warned
    local span = tracker:begin("a", { policy = function() return DENIAL end, enforce = false,
      on_warn = function(decision) warned = decision end })
    assert.equal(DENIAL, warned)
    assert.equal(1, tracker:denials()[1].count)
    span:done(1)
    assert_ended(1, "success", nil, 0)
  end)

  it("warns", function()
    local warned
    local warning = { action = "warn" }
    assert(tracker:begin("a", { policy = function() return warning end,
      on_warn = function(decision, call) warned = { decision, call.tool } end })):done()
    assert.same({ warning, "a" }, warned)
    assert.has_error(function()
      tracker:begin("a", { policy = function() return warning end,
        on_warn = function() error("on_warn", 0) end })
    end, "on_warn")
    assert.equal(0, tracker:in_flight_count())
  end)

  it("that raises is decided by on_policy_error", function()
    local problem, given = {}, nil
    local function raise() error(problem) end
    assert.same({ nil, "no more", DENIAL }, { tracker:begin("a", { policy = raise,
      on_policy_error = function(err, call)
        given = { err, call.tool }
        return DENIAL
      end }) })
    assert.same({ problem, "a" }, given)
    assert.equal(problem, given[1])
    assert(tracker:begin("a", { policy = raise, on_policy_error = function() end })):finish()
    assert.has_error(function()
      tracker:begin("a", { policy = raise, on_policy_error = function() error("handler", 0) end })
    end, "handler")
    assert.equal(0, tracker:in_flight_count())
  end)

  it("may yield, as may on_warn and on_policy_error", function()
    local thread = coroutine.create(function()
      return tracker:begin("a", {
        policy = function() error(coroutine.yield("policy")) end,
        on_policy_error = function(err) return coroutine.yield("on_policy_error", err) end,
        on_warn = function(decision) coroutine.yield("on_warn", decision) end,
      })
    end)
    local problem, warning = {}, { action = "warn" }
    assert.same({ true, "policy" }, { coroutine.resume(thread) })
    clock.advance_us(1000)
    assert.same({ true, "on_policy_error", problem }, { coroutine.resume(thread, problem) })
    assert.same({ true, "on_warn", warning }, { coroutine.resume(thread, warning) })
    assert.equal(0, tracker:in_flight_count())
    local ok, span = coroutine.resume(thread)
    assert.is_true(ok)
    assert.equal(1, span:finish())
  end)

  it("may be abandoned, and nothing has started", function()
    coroutine.wrap(function() tracker:begin("a", { policy = coroutine.yield }) end)()
    collectgarbage()
    assert.equal(0, tracker:stats().total_executions)
    assert.equal(0, tracker:in_flight_count())
  end)

  it("may close the tracker, which raises", function()
    assert.has_error(function()
      tracker:begin("a", { policy = function() tracker:close() end })
    end, "attempt to use a closed tracker")
  end)
end)

describe("span:done", function()
  it("ends as a call that returned these values, and returns them", function()
    local span = tracker:begin("a")
    clock.advance_us(1500)
    assert.same({ n = 3, 1, nil, nil }, pack(span:done(1, nil, nil)))
    assert_ended(1, "success", nil, 1.5)
    assert.equal(exectrack.fingerprint(1, nil, nil), newest().result_hash)
    assert.same({ n = 0 }, pack(tracker:begin("a"):done()))
    assert_ended(2, "success", nil, 0)
    assert.same({ n = 2, nil, "out of paper" }, pack(tracker:begin("a"):done(nil, "out of paper")))
    assert_ended(3, "failed", "out of paper", 0)
    assert.equal("out of paper", tracker:error_text("a", "out of paper"))
    tracker:begin("a"):done(false, "timeout")
    assert_ended(4, "timed_out", nil, 0)
    tracker:begin("a"):done(nil, "cancelled")
    assert_ended(5, "cancelled", nil, 0)
  end)

  it("ends what start started, too", function()
    tracker:start("a"):done(nil, "EIO")
    assert_ended(1, "failed", "EIO", 0)
  end)

  it("may be given thousands of values", function()
    local many = {}
    for i = 1, 3000 do
      many[i] = i
    end
    local span = tracker:begin("a", {
      classify = function(...) return nil, select("#", ...) == 3001 end,
    })
    assert.equal(3000, select("#", span:done(unpack(many))))
    assert.is_true(newest().was_cached)
  end)

  it("asks classify, measure and results", function()
    local given = {}
    local options = {
      classify = function(...)
        given[1] = pack(...)
        return "failed", true, "E"
      end,
      measure = function(...)
        given[2] = pack(...)
        return { cost = 3 }
      end,
      results = function() error("of a failure") end,
    }
    tracker:begin("a", options):done(1, nil)
    assert.same({ { n = 3, true, 1, nil }, { n = 3, true, 1, nil } }, given)
    assert_ended(1, "failed", "E", 0)
    assert.same({ cost = 3 }, newest().measures)
    tracker:begin("a", { results = function(_, second) return second end }):done(1, 2)
    assert.equal(exectrack.fingerprint(2), newest().result_hash)
    tracker:begin("a", { results = false }):done(1, 2)
    assert.is_nil(newest().result_hash)
  end)

  it("raises what these raise, when it is recorded", function()
    for _, option in ipairs { "classify", "measure", "results" } do
      local problem = {}
      local span = tracker:begin("a", { [option] = function() error(problem) end })
      local ok, err = pcall(span.done, span, 1)
      assert.is_false(ok)
      assert.equal(problem, err)
      assert.has_error(function() span:done(1) end, "attempt to finish a span twice")
    end
    assert_ended(3, "success", nil, 0)
  end)

  it("raises the second time, as failed and finish do", function()
    local span = tracker:begin("a")
    span:done()
    for _, method in ipairs { "done", "failed", "finish" } do
      assert.has_error(function() span[method](span) end, "attempt to finish a span twice")
    end
    span:close("E")
    assert_ended(1, "success", nil, 0)
    assert.equal("exectrack.Span (finished)", tostring(span))
  end)

  it("of a closed tracker raises", function()
    local span = tracker:begin("a")
    tracker:close()
    for _, method in ipairs { "done", "failed", "finish" } do
      assert.has_error(function() span[method](span) end, "attempt to use a closed tracker")
    end
    span:close()
    assert.equal("exectrack.Span (of a closed tracker)", tostring(span))
  end)

  it("raises for what is no span", function()
    local span = tracker:begin("a")
    assert.has_error(function() span.done(tracker) end,
      "bad argument #1 to 'done' (exectrack.Span expected, got exectrack.Tracker)")
    assert.has_error(function() span.failed() end,
      "bad argument #1 to 'failed' (exectrack.Span expected, got no value)")
    assert.has_error(function() span.close(5) end,
      "bad argument #1 to 'close' (exectrack.Span expected, got number)")
  end)
end)

describe("span:failed", function()
  it("ends as a call that raised this error, and returns nil and it", function()
    for _, problem in ipairs { "input:7: out of paper", { code = "E_PAPER" }, 5, true } do
      local span = tracker:begin("a")
      assert.same({ n = 2, nil, problem }, pack(span:failed(problem, "more")))
    end
    assert.same({ n = 2, nil, nil }, pack(tracker:begin("a"):failed()))
    assert.same({ "out of paper", "E_PAPER", "number", "boolean", "nil" },
      tracker:snapshot():column("error_type"))
    assert.equal(5, tracker:stats().failed)
    assert.equal("input:7: out of paper", tracker:error_text("a", "out of paper"))
  end)

  it("asks classify with false and the error, and hides what it raises", function()
    local given
    tracker:begin("a", { classify = function(...)
      given = pack(...)
      return "timed_out"
    end }):failed("out of paper")
    assert.same({ n = 2, false, "out of paper" }, given)
    assert_ended(1, "timed_out", "out of paper", 0)
    assert.same({ nil, "EIO" }, { tracker:begin("a", { classify = error, measure = error })
      :failed("EIO") })
    assert_ended(2, "failed", "EIO", 0)
  end)

  it("ends at the last reading of a clock that raises", function()
    local works = true
    tracker = exectrack.new { max_history = 5, clock = function()
      assert(works)
      return clock.read()
    end }
    local span = tracker:begin("a")
    clock.advance_us(1000)
    works = false
    assert.same({ nil, "EIO" }, { span:failed("EIO") })
    local begin = tracker.begin
    assert.is_false((pcall(begin, tracker, "a")))
    works = true
    assert_ended(1, "failed", "EIO", 0)
  end)
end)

describe("span:close", function()
  it("cancels what isn't finished, or has it fail by an error", function()
    tracker:begin("a"):close()
    assert_ended(1, "cancelled", nil, 0)
    local span = tracker:start("a")
    assert.equal(0, select("#", span:close("out of paper")))
    assert_ended(2, "failed", nil, 0)
    assert.equal("out of paper", tracker:error_text("a", nil))
    span:close("again")
    span:close()
    assert_ended(2, "failed", nil, 0)
  end)
end)
