local circuits = require("spec.support.circuits")
local clocks = require("spec.support.clock")
local exectrack = require("exectrack")
local policy = require("exectrack.policy")
local random = require("spec.support.random")
local runs = require("spec.support.runs")

local ROUNDS = tonumber(os.getenv("ROUNDS")) or 60 -- fewer under valgrind

local clock, tracker

before_each(function()
  clock = clocks.new()
  tracker = exectrack.new { max_history = 3000, clock = clock.read }
end)

--- Settings by which each failure opens the circuit, with those of `other`.
local function settings(other)
  local all = { failures = 1, min_calls = 200, cooldown_ms = 10, max_cooldown_ms = 1000 }
  for name, value in pairs(other or {}) do
    all[name] = value
  end
  return all
end

--- Records executions one after the other.
local function record(status, count, error_type)
  for _ = 1, count or 1 do
    clock.advance_us(1000)
    tracker:record("a", status, 1, false, error_type)
  end
end

--- The failures in a row that opened the circuit; nil if it is closed.
local function streak(other)
  local circuit = tracker:circuit("a", settings(other))
  return circuit and circuit.streak
end

describe("the circuit of a tool", function()
  it("is closed for a tool that there isn't, and without failures", function()
    assert.is_nil(streak())
    record("success")
    record("cancelled")
    assert.is_nil(streak())
    assert.is_nil(tracker:circuit("b", settings()))
  end)

  it("is a table of what opened it, and for how long", function()
    record("success", 5)
    record("failed", 3)
    local ends = (clock.us + 20000) / 1e6
    assert.same({ cause = "streak", streak = 3, failures = 3, calls = 8, open_until = ends,
      half_open_until = ends }, tracker:circuit("a", settings { failures = 2 }))
    assert.equal("rate", tracker:circuit("a", settings { failures = 4, min_calls = 8,
      failure_rate = 3 / 8 }).cause)
  end)

  it("follows from the newest 200 executions that say something", function()
    local given = settings { failures = 9, failure_rate = 0.025 }
    record("failed", 5)
    record("success", 195)
    record("failed")
    assert.equal(5, tracker:circuit("a", given).failures)
    record("cancelled", 300)
    tracker:record("a", "failed", 0, true)
    assert.equal(200, tracker:circuit("a", given).calls)
    record("failed", 2, "EIO")
    given.ignore = { "EIO" } -- which are among the newest all the same
    assert.is_nil(tracker:circuit("a", given))
  end)

  it("looks for them among the newest 2,000 records", function()
    record("failed")
    for _ = 1, 1999 do
      tracker:record("b", "success", 0)
    end
    assert.equal(1, streak())
    tracker:record("b", "success", 0)
    assert.is_nil(streak())
  end)

  it("never stays open longer than the longest times", function()
    record("failed", 3)
    local circuit = tracker:circuit("a", settings { cooldown_ms = 1e300, max_cooldown_ms = 1e308 })
    assert.equal(clock.us / 1e6 + 4503599627.370495, circuit.open_until)
  end)
end)

describe("failures that are ignored", function()
  --- Whether a failure of this error type, or none, is ignored.
  local function is_ignored(error_type, ignore)
    tracker:clear()
    record("failed", 1, error_type)
    return streak { ignore = ignore } == nil
  end

  it("are those whose error type is given, or words of it", function()
    for _, error_type in ipairs { "not found", "user not found", "not found in index", "Not Found",
      "file:not found." } do
      assert.is_true(is_ignored(error_type, { "EIO", "not found" }))
    end
    for _, error_type in ipairs { "not  found", "not found\195\169", "knot found", "not found_",
      "found" } do
      assert.is_false(is_ignored(error_type, { "EIO", "not found" }))
    end
    assert.is_true(is_ignored("http_404", { "http_404" }))
    assert.is_false(is_ignored("http_4040", { "http_404" }))
    assert.is_true(is_ignored("-32602", { "-32602" }))
    for _, error_type in ipairs { "exit_1", "exit_127", "Exit", "make: exit_2 of all" } do
      assert.is_true(is_ignored(error_type, { "exit" }))
    end
    for _, error_type in ipairs { "exit_", "exit_x", "exit_1x", "exit_1_2", "exit1", "_exit_1" } do
      assert.is_false(is_ignored(error_type, { "exit" }))
    end
    assert.is_false(is_ignored("x", {}))
  end)

  it("are those without an error type for an empty one", function()
    assert.is_true(is_ignored(nil, { "" }))
    assert.is_false(is_ignored("EIO", { "" }))
    assert.is_false(is_ignored(nil, { "EIO" }))
  end)

  it("neither count nor end what failed, nor do successes with such a type", function()
    record("failed", 2, "EIO")
    record("timed_out", 1, "EINVAL")
    record("failed", 1, "EIO")
    assert.equal(3, streak { ignore = { "EINVAL" } })
    tracker:record("a", "success", 0, false, "EINVAL")
    assert.is_nil(streak { ignore = { "EINVAL" } })
  end)

  it("are told apart however many types there are", function()
    for i = 1, 40 do
      record("failed", 1, "E" .. i)
      record("failed", 1, "E" .. i % 20)
    end
    assert.equal(77, streak { ignore = { "E1" } })
    assert.equal(74, streak { ignore = { "E1", "E17" } })
  end)

  it("may be told by a function, which is given the record of each failure in turn", function()
    record("failed", 1, "EIO")
    record("success")
    record("timed_out", 1, "EINVAL")
    record("failed")
    local given = {}
    local function ignore(...)
      given[#given + 1] = select("#", ...) == 1 and ...
      return #given == 2
    end
    assert.equal(1, streak { ignore = ignore })
    local records = tracker:snapshot():records()
    assert.same({ records[1], records[3], records[4] }, given)
    assert.equal(2, streak { ignore = setmetatable({}, { __call = function() end }) })
  end)

  it("raise what the function raises, and see what it has done to the tracker", function()
    record("failed", 3)
    local problem = {}
    assert.equal(problem, select(2, pcall(streak, { ignore = function() error(problem) end })))
    assert.equal(6, streak { ignore = function() record("failed") end })
    assert.is_nil(streak { ignore = function() tracker:clear() end })
    record("failed", 2)
    assert.has_error(function()
      streak { ignore = function() tracker:close() end }
    end, "attempt to use a closed tracker")
  end)
end)

describe("the only failures that count", function()
  it("are those whose error type is given, or words of it, and those that timed out", function()
    record("failed", 1, "EIO")
    record("failed", 1, "boom")
    record("failed")
    record("failed", 1, "pool: EIO")
    assert.equal(2, streak { only = { "EIO" } })
    assert.equal(1, streak { only = { "" } })
    assert.equal(4, streak { only = false })
    assert.is_nil(streak { only = {} })
    record("timed_out", 1, "boom")
    assert.equal(1, streak { only = {} })
  end)

  it("don't count if they are ignored, too", function()
    record("timed_out", 1, "EIO")
    record("failed", 1, "EAGAIN")
    record("failed", 1, "boom")
    assert.equal(1, streak { only = { "EIO", "EAGAIN" }, ignore = { "EIO" } })
    local asked = {}
    assert.equal(2, streak { only = { "EAGAIN" }, ignore = function(failure)
      asked[#asked + 1] = failure.error_type
    end })
    assert.same({ "EIO", "EAGAIN" }, asked)
  end)

  it("are those given, whatever a function does to the list meanwhile", function()
    record("failed", 1, "E1")
    local only = { "E" .. 1 }
    assert.equal(1, streak { only = only, ignore = function()
      only[1] = nil
      collectgarbage()
    end })
  end)
end)

describe("policy.tool_errors", function()
  it("are what breaks a tool, and not what it is asked", function()
    for error_type, is_the_tools in pairs {
      http_429 = true, http_500 = true, http_503 = true, ECONNREFUSED = true, ENOSPC = true,
      ["service unavailable"] = true, UNAVAILABLE = true, overloaded_error = true,
      ["Rate limit exceeded"] = true, ["connection reset by peer"] = true, ["-32603"] = true,
      ["APIConnectionError Connection error"] = true, ["Could not connect to server"] = true,
      ["TypeError fetch failed"] = true, ["server is busy"] = true, ["Server busy"] = true,
      ["server too busy"] = true, ["resource busy"] = false,
      ["curl Could not resolve host"] = false,
      http_400 = false, http_401 = false, http_403 = false, http_404 = false, ENOENT = false,
      EACCES = false, EINVAL = false, ENOTFOUND = false, exit_1 = false, exit_127 = false,
      exit_128 = false, signal_9 = false, signal_11 = false, ["syntax error"] = false,
      ["no replacement was performed"] = false, ["not enough seats"] = false, error = false,
      ["attempt to index a nil value"] = false, ["-32602"] = false,
    } do
      tracker:clear()
      record("failed", 1, error_type)
      assert.equal(is_the_tools, streak { only = policy.tool_errors } == 1, error_type)
    end
  end)

  it("have nothing in common with policy.caller_errors", function()
    for _, error_type in ipairs(policy.tool_errors) do
      tracker:clear()
      record("failed", 1, error_type)
      assert.equal(1, streak { ignore = policy.caller_errors }, error_type)
    end
  end)
end)

describe("policy.caller_errors", function()
  it("are what wrong arguments cause, and not what breaks a tool", function()
    for error_type, is_callers in pairs {
      EINVAL = true, ENOENT = true, EACCES = true, EEXIST = true, http_400 = true, http_404 = true,
      http_409 = true, http_422 = true, exit_1 = true, exit_101 = true,
      ["validation failed"] = true, ["no such field"] = true, ["user not found"] = true,
      ["key is not unique"] = true, ["Permission denied"] = true, INVALID_ARGUMENT = true,
      ["-32602"] = true,
      ["missing required parameter"] = true, ["path is required"] = true, ["Bad Request"] = true,
      ["no such column x"] = true, ["near syntax error"] = true,
      ECONNREFUSED = false, EIO = false, ENOSPC = false, http_401 = false, http_403 = false,
      http_408 = false, http_429 = false, http_500 = false, http_503 = false,
      signal_9 = false, error = false, ["connection refused"] = false,
      ["-32603"] = false, ["invalid response"] = false,
    } do
      tracker:clear()
      record("failed", 1, error_type)
      assert.equal(is_callers, streak { ignore = policy.caller_errors } == nil, error_type)
    end
  end)
end)

--- Records a random execution: of two tools, now and then undated or out of order.
local function record_any(statuses)
  clock.advance_us(random.pick { 0, 1, 500, math.random(0, 3000) })
  tracker:record { tool = random.pick { "a", "a", "b" }, status = random.pick(statuses),
    duration_ms = random.pick { 0, 0.5, 1, math.random(0, 9000) / 1000 },
    was_cached = math.random(6) == 1,
    error_type = random.pick { "EIO", "http_404", "User not found", "not_found", false } or nil,
    timestamp = random.pick { nil, clock.us / 1e6, clock.us / 1e6, clock.us / 1e6, clock.us / 1e6,
      (clock.us - math.random(5000)) / 1e6, false } }
end

local STATUSES = { { "success", "failed" }, { "failed", "timed_out" }, runs.STATUSES,
  { "success", "success", "failed" } }

local function random_settings()
  return {
    failures = random.pick { 1, 2, 3, 5, 20 },
    min_calls = random.pick { 1, 4, 10, 100 },
    cooldown_ms = random.pick { 0, 1, 2.5, 7 },
    max_cooldown_ms = random.pick { 1, 7, 30, 1e6 },
    failure_rate = random.pick { false, nil, 0, 0.3, 0.5, 1 },
    ignore = random.pick {
      false, {}, { "EIO" }, { "not found", "" }, { "http", "eio" },
      function(its) return its.error_type == "EIO" or its.status == "timed_out" end,
    } or nil,
    only = random.pick { false, false, {}, { "EIO" }, { "not found", "" } } or nil,
  }
end

--- Asserts that the tracker and its snapshot have the circuit of the model.
local function assert_modelled(chosen)
  local run, starts_us, executions = tracker:snapshot(), {}, {}
  for i, its in ipairs(run:records()) do
    executions[i] = circuits.execution(its)
  end
  for _, running in ipairs(run:in_flight()) do
    if running.tool == "a" then
      starts_us[#starts_us + 1] = math.floor(running.started * 1e6 + 0.5)
    end
  end
  local unlisted = run:in_flight_count("a") - #starts_us
  chosen.max_cooldown_ms = math.max(chosen.cooldown_ms, chosen.max_cooldown_ms)
  local expected = circuits.circuit(executions, starts_us, unlisted, "a", chosen)
  if expected then
    expected.open_until = expected.open_until / 1e6
    expected.half_open_until = expected.half_open_until / 1e6
  end
  assert.same(expected, tracker:circuit("a", chosen))
  assert.same(expected, run:circuit("a", chosen))
  return expected
end

describe("Run:circuit", function()
  setup(function()
    random.seed("circuit_spec")
  end)

  it("agrees with a plain model in random runs", function()
    local open = 0
    for round = 1, ROUNDS do
      tracker = exectrack.new { max_history = random.pick { 10, 100, 1000 },
        max_in_flight = random.pick { 0, 1, 64 }, clock = clock.read }
      local spans = {}
      for _ = 1, round % 20 == 0 and 700 or 40 do
        local statuses = random.pick(STATUSES)
        for _ = 1, random.pick { 1, 2, 9 } do
          record_any(statuses)
        end
        if math.random(4) == 1 then
          spans[#spans + 1] = tracker:start(random.pick { "a", "b" })
        end
        if #spans > 0 and math.random(4) == 1 then
          table.remove(spans, math.random(#spans)):finish(random.pick(statuses))
        end
        if round % 20 ~= 0 or math.random(20) == 1 then
          open = open + (assert_modelled(random_settings()) and 1 or 0)
        end
      end
    end
    assert.is_true(open > ROUNDS)
  end)
end)
