local clocks = require("spec.support.clock")
local exectrack = require("exectrack")
local needs = require("spec.support.needs")
local portable = require("spec.support.portable")
local process = require("spec.support.process")

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
local function assert_ended(status, error_type)
  assert.equal(status, newest().status)
  assert.equal(error_type, newest().error_type)
  assert.is_false(newest().was_cached)
end

--- A function that returns `...`.
local function returning(...)
  local results = pack(...)
  return function()
    return unpack(results, 1, results.n)
  end
end

describe("tracker:run", function()
  it("records the tool, the time that it took and what it was called with", function()
    tracker:run("grep", function(_, changed)
      clock.advance_us(2500)
      changed[1] = 2
    end, "x", { 1 })
    assert.same({
      tool = "grep",
      tool_id = 1,
      status = "success",
      duration_ms = 2.5,
      was_cached = false,
      args_hash = exectrack.fingerprint("x", { 1 }),
      result_hash = exectrack.fingerprint(),
      depth = 0,
      timestamp = 1767225600.0025,
    }, newest())
    assert.equal(1, #tracker)
  end)

  it("reads the clock once at the start and once at the end", function()
    local readings = clock.readings
    tracker:run("a", function() assert.equal(readings + 1, clock.readings) end)
    assert.equal(readings + 2, clock.readings)
    pcall(tracker.run, tracker, "a", error)
    assert.equal(readings + 4, clock.readings)
  end)

  it("passes all arguments on, trailing nils too", function()
    for count = 0, 4 do
      tracker:run("a", function(...)
        assert.equal(count, select("#", ...))
        assert.same({ n = count }, pack(...))
      end, unpack({}, 1, count))
      assert.equal(exectrack.fingerprint(unpack({}, 1, count)), newest().args_hash)
    end
    local object = {}
    tracker:run("a", function(...) assert.same({ n = 3, nil, object }, pack(...)) end,
      nil, object, nil)
  end)

  it("returns exactly what the function returns", function()
    for _, results in ipairs {
      pack(), pack(nil), pack(nil, nil), pack(false), pack(1, nil, 3),
      pack(nil, "no", nil), pack({}, print, nil),
    } do
      local tool = returning(unpack(results, 1, results.n))
      assert.same(results, pack(tracker:run("a", tool)))
    end
  end)

  it("returns thousands of results, and passes thousands of arguments on", function()
    local many = {}
    for i = 1, 5000 do
      many[i] = i
    end
    assert.same(many, { tracker:run("a", function(...) return ... end, unpack(many)) })
  end)

  it("calls what can be called", function()
    local callable = setmetatable({}, { __call = function(self, ...) return self, ... end })
    assert.same({ callable, 1, 2 }, { tracker:run("a", callable, 1, 2) })
    assert.equal(exectrack.fingerprint(1, 2), newest().args_hash)
  end)

  it("refuses what it can't use, and records nothing", function()
    local calls = 0
    local function tool() calls = calls + 1 end
    assert.has_error(function() tracker:run() end,
      "bad argument #1 to 'run' (string expected, got no value)")
    assert.has_error(function() tracker:run(5, tool) end,
      "bad argument #1 to 'run' (string expected, got number)")
    assert.has_error(function() tracker:run("a") end,
      "bad argument #2 to 'run' (function expected, got no value)")
    assert.has_error(function() tracker:run("a", {}) end,
      "bad argument #2 to 'run' (function expected, got table)")
    assert.has_error(function() tracker.run(io.stdout, "a", tool) end,
      "bad argument #1 to 'run' (exectrack.Tracker expected, got " .. portable.FILE .. ")")
    assert.equal(0, calls)
    assert.equal(0, tracker:stats().total_executions)
    assert.same({}, tracker:tools())
  end)
end)

describe("a function that returns", function()
  local function assert_success(...)
    tracker:run("a", returning(...))
    assert_ended("success", nil)
  end

  it("nothing, or a first result that is true, succeeded", function()
    assert_success()
    assert_success(true)
    assert_success(0, "an error")
    assert_success("", "timeout")
    assert_success({}, "cancelled")
  end)

  it("nil or false without an error succeeded", function()
    assert_success(nil)
    assert_success(false)
    assert_success(nil, nil)
    assert_success(false, nil, "late")
    assert_success(nil, false)
    assert_success(false, false, "late")
  end)

  it("nil or false and an error failed", function()
    tracker:run("a", returning(nil, "no such key"))
    assert_ended("failed", "no such key")
    tracker:run("a", returning(false, { code = "E_QUOTA" }, nil))
    assert_ended("failed", "E_QUOTA")
    tracker:run("a", returning(nil, 17))
    assert_ended("failed", "number")
    tracker:run("a", returning(nil, 404))
    assert_ended("failed", "http_404")
  end)

  it("only a table that tells of an error failed", function()
    tracker:run("a", returning({ isError = true, content = { { text = "no such key" } } }))
    assert_ended("failed", "no such key")
    tracker:run("a", returning({ error = "boom" }))
    assert_ended("failed", "boom")
    tracker:run("a", returning({ error = { code = -32001, message = "Request timed out" } }))
    assert_ended("timed_out", "-32001")
    for _, value in ipairs { true, 7, { code = "E_QUOTA" } } do
      tracker:run("a", returning({ error = value }))
      assert.equal("failed", newest().status)
    end
  end)

  it("a table that tells of no error, or not only that, succeeded", function()
    assert_success({ isError = false, error = false })
    assert_success({ isError = "true", isERROR = true, errors = "x" })
    for _, value in ipairs { "", 0, {}, print, io.stdout } do
      assert_success({ error = value })
    end
    assert_success({ error = "boom" }, nil)
    assert_success({ isError = true }, "more")
    assert_success(setmetatable({}, { __index = { isError = true, error = "boom" } }))
    assert_success({ { error = "boom" } })
  end)

  it("a timeout as its error timed out", function()
    tracker:run("a", returning(nil, "timeout"))
    assert_ended("timed_out", nil)
    tracker:run("a", returning(nil, "x.lua:3: Operation timed out after 1000 ms"))
    assert_ended("timed_out", nil)
    tracker:run("a", returning(nil, "ETIMEDOUT: connect"))
    assert_ended("timed_out", "ETIMEDOUT")
    tracker:run("a", returning(false, "timeout", "partial"))
    assert_ended("timed_out", nil)
  end)

  it("a cancellation as its error was cancelled", function()
    tracker:run("a", returning(nil, "cancelled"))
    assert_ended("cancelled", nil)
    tracker:run("a", returning(false, "cancelled"))
    assert_ended("cancelled", nil)
  end)

  it("words that only resemble these failed", function()
    tracker:run("a", returning(nil, "invalid timeout value"))
    assert_ended("failed", "invalid timeout value")
    tracker:run("a", returning(nil, "cannot cancel: already cancelled"))
    assert_ended("failed", "cannot cancel already cancelled")
    tracker:run("a", returning(nil, "timeout must be a number"))
    assert_ended("failed", "timeout must be a number")
  end)

  it("what the system refused failed by the system's name for it", function()
    tracker:run("a", io.open, "/nowhere/at all")
    assert_ended("failed", "ENOENT")
  end)
end)

describe("a function that raises", function()
  --- Asserts that `value` comes through `run` as it is.
  local function assert_raised(value, error_type)
    local results = pack(pcall(tracker.run, tracker, "a", error, value, 0))
    assert.equal(2, results.n)
    assert.is_false(results[1])
    assert.is_true(rawequal(value, results[2]))
    assert_ended("failed", error_type)
  end

  it("any value raises just that", function()
    assert_raised(nil, "nil")
    assert_raised(false, "boolean")
    assert_raised(true, "boolean")
    assert_raised(42, "number")
    assert_raised({}, "table")
    assert_raised({ code = "E_AUTH" }, "E_AUTH")
    assert_raised({ type = "rate_limit" }, "rate_limit")
    assert_raised({ code = 17 }, "17")
    assert_raised(io.stdout, "userdata")
    assert_raised(print, "function")
    assert_raised(coroutine.create(function() end), "thread")
    assert.equal(0, tracker:stats("a").in_flight)
  end)

  it("what means that it timed out or was cancelled did, as if it had returned it", function()
    local function assert_both(value, status, error_type)
      for _, tool in ipairs { returning(nil, value), function() error(value) end } do
        pcall(tracker.run, tracker, "a", tool)
        assert_ended(status, error_type)
      end
    end
    assert_both("timed out", "timed_out", nil)
    assert_both("exit code 130", "cancelled", "exit_130")
    assert_both("HTTP 404 in 7 ms", "failed", "http_404")
    assert_both({ status = 504 }, "timed_out", "http_504")
    assert_both(503, "failed", "http_503")
    assert_both("invalid timeout value", "failed", "invalid timeout value")
  end)

  it("a table with metamethods doesn't have them called", function()
    local function fail() error("a metamethod was called") end
    assert_raised(setmetatable({}, {
      __index = fail, __newindex = fail, __tostring = fail, __eq = fail, __len = fail,
      __concat = fail, __call = fail, __close = fail, __metatable = "hidden",
    }), "table")
  end)

  it("a string raises it with the position that it has, and is timed until then", function()
    local ok, message = pcall(tracker.run, tracker, "a", function()
      clock.advance_us(7000)
      error("no luck")
    end)
    assert.is_false(ok)
    assert.matches("^[^\n]*run_spec%.lua:%d+: no luck$", message)
    assert_ended("failed", "no luck")
    assert.equal(7, newest().duration_ms)
  end)

  it("leaves its frames to a traceback", function()
    needs.tools_called_by_c(pending)
    local function culprit()
      error("lost")
    end
    local ok, traceback = xpcall(tracker.run, debug.traceback, tracker, "a", function()
      culprit()
    end)
    assert.is_false(ok)
    local position = "[^\n]*run_spec%.lua:%d+: "
    assert.matches("^" .. position .. "lost\nstack traceback:\n"
      .. "\t%[C%]: in function 'error'\n"
      .. "\t" .. position .. "in upvalue 'culprit'\n"
      .. "\t" .. position .. "in function <[^\n]*>\n"
      .. "\t%[C%]: in [^\n]*\n"
      .. "\t%[C%]: in function 'xpcall'\n", traceback)
  end)

  it("a runtime error or a stack overflow has failed too", function()
    local ok, message = pcall(tracker.run, tracker, "a", function(t) return t.x end)
    assert.is_false(ok)
    assert.matches(portable.NAMES_COME_LAST and "attempt to index a nil value %(local 't'%)$"
      or "attempt to index local 't' %(a nil value%)$", message)
    assert.equal("failed", newest().status)
    local function recurse() return 1 + recurse() end
    ok, message = pcall(tracker.run, tracker, "deep", recurse)
    assert.is_false(ok)
    assert.matches("stack overflow", message)
    assert_ended("failed", "stack overflow")
    assert.equal(0, tracker:stats("deep").in_flight)
  end)
end)

describe("a call within a call", function()
  it("is recorded before the one that it is in", function()
    local result = tracker:run("outer", function()
      clock.advance_us(1000)
      local inner = tracker:run("inner", function()
        assert.equal(1, tracker:stats("outer").in_flight)
        assert.equal(1, tracker:stats("inner").in_flight)
        clock.advance_us(2000)
        return "found"
      end)
      clock.advance_us(4000)
      return inner
    end)
    assert.equal("found", result)
    local records = tracker:recent_executions(2)
    assert.equal("outer", records[1].tool)
    assert.equal(7, records[1].duration_ms)
    assert.equal("inner", records[2].tool)
    assert.equal(2, records[2].duration_ms)
  end)

  it("fails them both with an error that nothing in between catches", function()
    local problem = { code = "E_INNER" }
    local ok, err = pcall(tracker.run, tracker, "outer", function()
      tracker:run("inner", error, problem)
    end)
    assert.is_false(ok)
    assert.equal(problem, err)
    assert.equal(1, tracker:stats("inner").failed)
    assert.equal(1, tracker:stats("outer").failed)
    assert_ended("failed", "E_INNER")
  end)

  it("fails alone when the tool catches the error", function()
    tracker:run("outer", function() pcall(tracker.run, tracker, "inner", error) end)
    assert.equal(1, tracker:stats("inner").failed)
    assert.equal(1, tracker:stats("outer").successful)
  end)

  it("of itself without end fails all of them, and leaves none in flight", function()
    local calls = 0
    local function recurse()
      calls = calls + 1
      tracker:run("again", recurse)
    end
    assert.is_false(pcall(recurse))
    assert.is_true(calls > 1)
    local stats = tracker:stats("again")
    assert.equal(stats.total_executions, stats.failed)
    assert.is_true(stats.failed >= calls - 1)
    assert.equal(0, stats.in_flight)
  end)
end)

describe("clear while a function runs", function()
  it("has it counted when it ends", function()
    tracker:run("a", function()
      clock.advance_us(1000)
      tracker:clear()
      assert.equal(1, tracker:stats("a").in_flight)
      clock.advance_us(1000)
    end)
    assert.equal(2, newest().duration_ms)
    assert.equal(1, tracker:stats("a").successful)
  end)
end)

describe("a clock that fails", function()
  local works

  before_each(function()
    works = true
    tracker = exectrack.new {
      clock = function() return works and clock.read() or error("broken") end,
    }
  end)

  it("at the start has nothing called", function()
    works = false
    assert.error_matches(function() tracker:run("a", error, "called") end, "broken$")
    works = true
    assert.equal(0, tracker:stats().total_executions)
    assert.same({}, tracker:in_flight())
  end)

  it("at the end is raised, when the call is recorded as it was, by its last reading", function()
    assert.error_matches(function()
      tracker:run("a", function()
        works = false
        clock.advance_us(3000)
      end)
    end, "broken$")
    works = true
    assert_ended("success", nil)
    assert.equal(0, newest().duration_ms)
    assert.same({}, tracker:in_flight())
  end)

  it("doesn't hide the tool's error, which is timed by its last reading", function()
    assert.has_error(function()
      tracker:run("a", function()
        clock.advance_us(3000)
        tracker:in_flight()
        works = false
        error("out of paper", 0)
      end)
    end, "out of paper")
    works = true
    assert_ended("failed", "out of paper")
    assert.equal(3, newest().duration_ms)
  end)
end)

describe("a tracker that is closed", function()
  local CLOSED = "attempt to use a closed tracker"
  local function close()
    tracker:close()
  end

  it("calls nothing, and says so before it looks at the arguments", function()
    close()
    assert.has_error(function() tracker:run("a", error, "called") end, CLOSED)
    assert.has_error(function() tracker:run() end, CLOSED)
  end)

  it("by the function that runs lets it return, and raise", function()
    assert.same({ 1, nil, 3 }, { tracker:run("a", function()
      close()
      return 1, nil, 3
    end) })
    tracker = exectrack.new { clock = clock.read }
    assert.has_error(function()
      tracker:run("a", function()
        close()
        error("later", 0)
      end)
    end, "later")
    assert.equal("exectrack.Tracker (closed)", tostring(tracker))
  end)

  it("by its clock raises", function()
    local closes = false
    tracker = exectrack.new { clock = function()
      if closes then
        close()
      end
      return 1
    end }
    closes = true
    assert.has_error(function() tracker:run("a", error, "called") end, CLOSED)
  end)
end)

describe("a host that replaces Lua's functions for coroutines", function()
  it("can load the module where they raise, as while a worker of nginx starts", function()
    local printed, complaints = process.run_lua([[
      coroutine.create, coroutine.resume, coroutine.yield = error, error, error
      print(require("exectrack").new():run("read_file", string.upper, "text"))]])
    assert.equal("", complaints)
    assert.equal("TEXT\n", printed)
  end)
end)
