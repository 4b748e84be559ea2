local clocks = require("spec.support.clock")
local exectrack = require("exectrack")
local needs = require("spec.support.needs")
local portable = require("spec.support.portable")

local pack, unpack = portable.pack, portable.unpack

local tracker, clock

before_each(function()
  clock = clocks.new()
  tracker = exectrack.new { max_history = 10, clock = clock.read }
end)

local function newest()
  return tracker:recent_executions(1)[1]
end

--- Asserts how the newest execution ended.
local function assert_ended(status, was_cached, error_type)
  assert.equal(status, newest().status)
  assert.equal(was_cached, newest().was_cached)
  assert.equal(error_type, newest().error_type)
end

local function echo(...)
  return ...
end

describe("tracker:wrap", function()
  it("cuts a name as recording does, so that a policy knows the tool by it", function()
    local long = ("x"):rep(300)
    local asked
    local options = { policy = function(call) asked = call.tool end }
    tracker:wrap(long, echo, options)()
    assert.equal(long:sub(1, 255), asked)
    assert.equal(asked, newest().tool)
    tracker:instrument({ [long] = { read = echo } }, options)[long].read()
    assert.equal(long:sub(1, 255), asked)
    tracker:wrap(long:sub(1, 255), echo, options)()
    assert.equal(long:sub(1, 255), asked)
    assert.same({ long:sub(1, 255) }, tracker:tools())
  end)

  it("gives a function that runs the tool whenever it is called", function()
    local grep = tracker:wrap("grep", function(...)
      clock.advance_us(2500)
      return select("#", ...), ...
    end)
    assert.equal(0, #tracker)
    assert.same({ n = 4, 3, "x", nil, 5 }, pack(grep("x", nil, 5)))
    assert.same({
      tool = "grep",
      tool_id = 1,
      status = "success",
      duration_ms = 2.5,
      was_cached = false,
      args_hash = exectrack.fingerprint("x", nil, 5),
      result_hash = exectrack.fingerprint(3, "x", nil, 5),
      depth = 0,
      timestamp = 1767225600.0025,
    }, newest())
    assert.same({ n = 1, 0 }, pack(grep()))
    assert.equal(2, #tracker)
  end)

  it("takes nil or an empty table for no options", function()
    assert.equal("function", type(tracker:wrap("a", echo, nil)))
    assert.equal(1, tracker:wrap("a", echo, nil)(1))
    assert.equal(1, tracker:wrap("a", echo, {})(1))
    assert_ended("success", false, nil)
    assert.equal(exectrack.fingerprint(1), newest().args_hash)
  end)

  it("raises every error as it is, and returns what says one", function()
    for _, value in ipairs { false, {}, io.stdout, "no" } do
      local ok, err = pcall(tracker:wrap("a", error), value, 0)
      assert.is_false(ok)
      assert.is_true(rawequal(value, err))
    end
    assert.same({ n = 2, false }, pack(pcall(tracker:wrap("a", error))))
    assert.equal(5, tracker:stats("a").failed)
    assert.same({ n = 2, nil, "timeout" }, pack(tracker:wrap("a", echo)(nil, "timeout")))
    assert_ended("timed_out", false, nil)
  end)

  it("wraps what is wrapped already, which counts twice", function()
    local outer = tracker:wrap("outer", tracker:wrap("inner", echo))
    assert.equal(7, outer(7))
    assert.equal("outer", newest().tool)
    assert.equal("inner", tracker:recent_executions(2)[2].tool)
  end)

  it("wraps what can be called", function()
    local callable = setmetatable({}, { __call = function(self, ...) return self, ... end })
    assert.same({ callable, 1 }, { tracker:wrap("a", callable)(1) })
    assert.equal(exectrack.fingerprint(1), newest().args_hash)
  end)

  it("doesn't keep the table of its options", function()
    local options = { classify = function() return "failed" end, args = false }
    local wrapped = tracker:wrap("a", echo, options)
    options.classify, options.args = nil, nil
    wrapped(1)
    assert_ended("failed", false, nil)
    assert.equal(0, newest().args_hash)
  end)

  it("keeps its tracker alive", function()
    local trackers = setmetatable({ exectrack.new(1) }, { __mode = "v" })
    local wrapped = trackers[1]:wrap("a", echo)
    collectgarbage()
    wrapped()
    assert.equal(1, trackers[1]:stats("a").successful)
  end)

  it("refuses what it can't use", function()
    local function assert_refused(message, ...)
      local arguments = pack(...)
      assert.has_error(function()
        tracker:wrap(unpack(arguments, 1, arguments.n))
      end, message)
    end
    assert_refused("bad argument #1 to 'wrap' (string expected, got no value)")
    assert_refused("bad argument #1 to 'wrap' (string expected, got number)", 5, echo)
    assert_refused("bad argument #2 to 'wrap' (function expected, got no value)", "a")
    assert_refused("bad argument #2 to 'wrap' (function expected, got table)", "a", {})
    assert_refused("bad argument #3 to 'wrap' (table expected, got boolean)", "a", echo, true)
    assert_refused("bad argument #3 to 'wrap' (unknown option 'clasify')", "a", echo,
      { clasify = echo })
    assert_refused("bad argument #3 to 'wrap' (unknown option '1')", "a", echo, { echo })
    assert_refused("bad argument #3 to 'wrap' (enforce: boolean expected, got string)", "a", echo,
      { enforce = "false" })
    assert_refused("bad argument #3 to 'wrap' (args: function expected, got boolean)", "a", echo,
      { args = true })
    assert_refused("bad argument #3 to 'wrap' (results: function expected, got boolean)", "a", echo,
      { results = true })
    for _, option in ipairs { "classify", "args", "results", "policy", "on_warn",
      "on_policy_error" } do
      assert_refused("bad argument #3 to 'wrap' (" .. option .. ": function expected, got table)",
        "a", echo, { [option] = {} })
    end
    for _, option in ipairs { "classify", "policy", "on_warn", "on_policy_error" } do
      assert_refused("bad argument #3 to 'wrap' (" .. option
        .. ": function expected, got boolean)", "a", echo, { [option] = false })
    end
  end)

  it("takes callable tables for its options", function()
    local calls = {}
    local function callable(name, result)
      return setmetatable({}, { __call = function(_, first)
        calls[#calls + 1] = { name, first }
        return result
      end })
    end
    local wrapped = tracker:wrap("a", echo, {
      classify = callable("classify", "cancelled"),
      args = callable("args", 42),
    })
    assert.equal("x", wrapped("x"))
    assert.same({ { "args", "x" }, { "classify", true } }, calls)
    assert_ended("cancelled", false, nil)
    assert.equal(exectrack.fingerprint(42), newest().args_hash)
  end)

  it("of a closed tracker raises, and so does what it gave", function()
    local wrapped = tracker:wrap("a", error, { args = error })
    tracker:close()
    local closed = "attempt to use a closed tracker"
    assert.has_error(function() wrapped("called") end, closed)
    assert.has_error(function() tracker:wrap() end, closed)
  end)
end)

describe("classify", function()
  --- Calls `tool` with `...`, classified by `classify`, in protected mode.
  local function call(classify, tool, ...)
    return pcall(tracker:wrap("a", tool, { classify = classify }), ...)
  end

  --- A `classify` that returns `...`.
  local function saying(...)
    local says = pack(...)
    return function() return unpack(says, 1, says.n) end
  end

  it("is given true and all results, once", function()
    local given = {}
    call(function(...) given[#given + 1] = pack(...) end, echo, nil, 2, nil)
    call(function(...) given[#given + 1] = pack(...) end, echo)
    assert.same({ { n = 4, true, nil, 2, nil }, { n = 1, true } }, given)
  end)

  it("is given false and the error, once", function()
    local problem, given = {}, {}
    local function classify(...) given[#given + 1] = pack(...) end
    call(classify, error, problem)
    call(classify, error, nil)
    assert.same({ { n = 2, false, problem }, { n = 2, false, nil } }, given)
    assert.equal(problem, given[1][2])
  end)

  it("may say each status", function()
    for _, status in ipairs { "success", "failed", "timed_out", "cancelled" } do
      call(saying(status), echo, "fine")
      assert_ended(status, false, nil)
    end
  end)

  it("may say that a cache answered", function()
    call(saying(nil, true), echo, "fine")
    assert_ended("success", true, nil)
    call(saying(nil, true), echo, nil, "out of paper")
    assert_ended("failed", true, "out of paper")
    call(saying("failed", false), echo, "fine")
    assert_ended("failed", false, nil)
  end)

  it("may say the error type, up to 255 bytes of it", function()
    call(saying(nil, nil, "E_SHAPE"), echo, nil, "out of paper")
    assert_ended("failed", false, "E_SHAPE")
    call(saying("timed_out", false, "a\0b"), echo, "fine")
    assert_ended("timed_out", false, "a\0b")
    call(saying("failed", nil, ("e"):rep(300)), echo)
    assert_ended("failed", false, ("e"):rep(255))
    call(saying("failed", nil, ""), echo, nil, "out of paper")
    assert_ended("failed", false, nil)
  end)

  it("leaves as it is what it returns nil for", function()
    for _, classify in ipairs { saying(), saying(nil), saying(nil, nil, nil, "more") } do
      call(classify, echo, "fine")
      assert_ended("success", false, nil)
      call(classify, echo, nil, "timeout")
      assert_ended("timed_out", false, nil)
      call(classify, error, "out of paper")
      assert_ended("failed", false, "out of paper")
    end
  end)

  it("keeps the error type unless it says success", function()
    call(saying("timed_out"), echo, nil, "out of paper")
    assert_ended("timed_out", false, "out of paper")
    call(saying("success"), echo, nil, "out of paper")
    assert_ended("success", false, nil)
    call(saying("success", nil, "partial"), echo, nil, "out of paper")
    assert_ended("success", false, "partial")
  end)

  it("classifies an error, which is raised all the same", function()
    local problem = { code = "E_BUSY" }
    local ok, err = call(saying("timed_out", true), error, problem)
    assert.is_false(ok)
    assert.equal(problem, err)
    assert_ended("timed_out", true, "E_BUSY")
    ok, err = call(saying("success"), error, problem)
    assert.is_false(ok)
    assert.equal(problem, err)
    assert_ended("success", false, nil)
  end)

  it("doesn't change the results, of which there may be thousands", function()
    local many = {}
    local count = portable.RUN_IS_LUA and 1000 or 5000
    for i = 1, count do
      many[i] = i
    end
    local given
    local results = { call(function(...) given = select("#", ...) end, echo, unpack(many)) }
    assert.equal(count + 1, given)
    assert.equal(count + 1, #results)
    assert.equal(count, results[count + 1])
  end)

  it("counts in the time that the call takes", function()
    call(function() clock.advance_us(3000) end, echo)
    assert.equal(3, newest().duration_ms)
  end)

  it("raises what it raises about a call that returned, which is recorded first", function()
    local problem = {}
    local ok, err = call(function() error(problem) end, echo, nil, "out of paper")
    assert.is_false(ok)
    assert.equal(problem, err)
    assert_ended("failed", false, "out of paper")
    assert.equal(1, tracker:stats().total_executions)
    assert.equal(0, tracker:stats("a").in_flight)
  end)

  it("doesn't hide the tool's error by raising", function()
    local ok, err = call(error, error, "out of paper")
    assert.is_false(ok)
    assert.equal("out of paper", err)
    assert_ended("failed", false, "out of paper")
  end)

  it("that can't be given all results raises, and the call is recorded as it was", function()
    needs.large_stack(pending)
    local many = tracker:wrap("a", function() return unpack({}, 1, 600000) end,
      { classify = error })
    assert.has_error(function() many() end, "too many results for classify")
    assert_ended("success", false, nil)
  end)

  it("that returns what it mustn't raises, and the call is recorded as it was", function()
    local function assert_wrong(message, ...)
      local ok, err = call(saying(...), echo, nil, "out of paper")
      assert.is_false(ok)
      assert.equal("classify must return " .. message, err)
      assert_ended("failed", false, "out of paper")
    end
    assert_wrong("a status or nil as its first result, got 'ok'", "ok")
    assert_wrong("a status or nil as its first result, got 'Success'", "Success")
    assert_wrong("a status or nil as its first result, got '" .. ("x"):rep(40) .. "'",
      ("x"):rep(50))
    assert_wrong("a status or nil as its first result, got 5", 5)
    assert_wrong("a status or nil as its first result, got boolean", false)
    assert_wrong("a boolean or nil as its second result, got 1", "success", 1)
    assert_wrong("a boolean or nil as its second result, got 'true'", nil, "true")
    assert_wrong("a string or nil as its third result, got 404", "success", true, 404)
    assert_wrong("a string or nil as its third result, got table", nil, nil, {})
    assert.equal(9, tracker:stats("a").failed)
  end)

  it("that is wrong about an error doesn't hide it", function()
    local ok, err = call(saying("no status"), error, "out of paper")
    assert.is_false(ok)
    assert.equal("out of paper", err)
    assert_ended("failed", false, "out of paper")
  end)

  it("can't yield, which is raised", function()
    local thread = coroutine.create(tracker:wrap("a", echo, { classify = coroutine.yield }))
    local ok, err = coroutine.resume(thread)
    assert.is_false(ok)
    assert.equal(portable.NO_YIELD, err)
    assert.equal(1, tracker:stats("a").successful)
  end)

  it("isn't asked about a call whose coroutine is closed", function()
    needs.coroutine_close(pending)
    local asked = 0
    local thread = coroutine.create(tracker:wrap("a", coroutine.yield, {
      classify = function() asked = asked + 1 end,
    }))
    coroutine.resume(thread)
    coroutine.close(thread)
    assert.equal(0, asked)
    assert_ended("cancelled", false, nil)
  end)
end)

describe("args", function()
  --- The fingerprint of a call with `...` when `args` chooses.
  local function hash(args, ...)
    local count = select("#", ...)
    tracker:wrap("a", function(...) assert.equal(count, select("#", ...)) end, { args = args })(...)
    return newest().args_hash
  end

  it("chooses what counts", function()
    local function second(_, value) return value end
    assert.equal(exectrack.fingerprint("x"), hash(second, "now", "x"))
    assert.equal(hash(second, "then", "x"), hash(second, "now", "x", nil))
    assert.equal(exectrack.fingerprint(nil), hash(second))
    assert.equal(exectrack.fingerprint(nil), hash(function() return nil end, 1))
    assert.equal(exectrack.fingerprint(1, nil, nil), hash(echo, 1, nil, nil))
    assert.equal(exectrack.fingerprint { path = "/" }, hash(function() return { path = "/" } end))
  end)

  it("leaves the fingerprint out for none, or with false in its place", function()
    assert.equal(0, hash(function() end, 1, 2))
    assert.equal(0, hash(false, 1, 2))
    assert.equal(0, hash(false))
    assert.equal(0, hash(echo))
  end)

  it("is called once, before the clock is read", function()
    local calls, readings = 0, clock.readings
    hash(function()
      calls = calls + 1
      assert.equal(readings, clock.readings)
      clock.advance_us(5000)
    end, 1)
    assert.equal(1, calls)
    assert.equal(0, newest().duration_ms)
  end)

  it("that raises has the tool not called", function()
    local problem = {}
    local wrapped = tracker:wrap("a", error, { args = function() error(problem) end })
    local ok, err = pcall(wrapped, "called")
    assert.is_false(ok)
    assert.equal(problem, err)
    assert.equal(0, tracker:stats().total_executions)
    assert.same({}, tracker:in_flight())
  end)

  it("that closes the tracker has the tool not called", function()
    local wrapped = tracker:wrap("a", error, {
      args = function() tracker:close() end,
    })
    assert.has_error(function() wrapped("called") end, "attempt to use a closed tracker")
  end)
end)
