local exectrack = require("exectrack")
local portable = require("spec.support.portable")

local unpack = portable.unpack

local NAN = 0 / 0
local MOST_SECONDS = "Unix seconds from 0 to 9223372036854 expected, got "

--- The settings of a circuit, with those of `other`.
local function settings(other)
  local all = { failures = 1, min_calls = 1, cooldown_ms = 1, max_cooldown_ms = 1 }
  for name, value in pairs(other or {}) do
    all[name] = value
  end
  return all
end

local tracker

before_each(function()
  tracker = exectrack.new(5)
end)

--- Calls `self:method(...)`. Lua's messages name a method only if the code that calls it does.
local function call(self, method, ...)
  portable.load("local self = ... self:" .. method .. "(select(2, ...))", "=call")(self, ...)
end

describe("a wrong argument", function()
  local INTEGERS = "an integer from 0 to 9223372036854775807 expected, got "
  local HASHES = "an integer from 0 to 4294967295 expected, got "
  local QUANTILES = "a number from 0 to 1 expected"

  --- The method, the number of the argument, what is said about it, and the arguments.
  local CASES = {
    { "totals", 1, "string expected, got number", 5 },
    { "totals", 1, "string expected, got boolean", false },
    { "measure_total", 1, "string expected, got no value" },
    { "measure_total", 2, "string expected, got number", "a", 5 },
    { "failure_streak", 1, "string expected, got no value" },
    { "failure_streak", 1, "string expected, got nil", n = 1 },
    { "error_rate", 1, "string expected, got no value" },
    { "error_rate", 1, "string expected, got table", {} },
    { "circuit", 1, "string expected, got no value" },
    { "circuit", 2, "table expected, got no value", "a" },
    { "circuit", 2, "table expected, got number", "a", 5 },
    { "circuit", 2, "unknown setting 'other'", "a", settings { other = 1 } },
    { "circuit", 2, "failures: an integer from 1 to 200 expected, got 0", "a",
      settings { failures = 0 } },
    { "circuit", 2, "failures: an integer from 1 to 200 expected, got 201", "a",
      settings { failures = 201 } },
    { "circuit", 2, "min_calls: number expected, got string", "a", settings { min_calls = "1" } },
    { "circuit", 2, "min_calls: an integer from 1 to 200 expected, got 1.5", "a",
      settings { min_calls = 1.5 } },
    { "circuit", 2, "cooldown_ms: milliseconds must be finite and not negative, got -1", "a",
      settings { cooldown_ms = -1 } },
    { "circuit", 2, "max_cooldown_ms: milliseconds must be finite and not negative, got inf", "a",
      settings { max_cooldown_ms = math.huge } },
    { "circuit", 2, "failure_rate: number expected, got boolean", "a",
      settings { failure_rate = true } },
    { "circuit", 2, "failure_rate: a number from 0 to 1 expected", "a",
      settings { failure_rate = 1.01 } },
    { "circuit", 2, "failure_rate: a number from 0 to 1 expected", "a",
      settings { failure_rate = NAN } },
    { "circuit", 2, "ignore: function expected, got boolean", "a", settings { ignore = true } },
    { "circuit", 2, "ignore: string expected, got number", "a", settings { ignore = { "a", 5 } } },
    { "circuit", 2, "ignore: an array without holes and fields expected", "a",
      settings { ignore = { a = "b" } } },
    { "circuit", 2, "only: table expected, got boolean", "a", settings { only = true } },
    { "circuit", 2, "only: string expected, got number", "a", settings { only = { "a", 5 } } },
    { "loop", 1, "string expected, got no value" },
    { "repeats", 3, INTEGERS .. "-1", "a", 1, -1 },
    { "repeats", 4, "string expected, got boolean", "a", 1, 1, false },
    { "loop", 2, "number expected, got no value", "a" },
    { "loop", 2, "number expected, got string", "a", "1", 1 },
    { "loop", 2, HASHES .. "-1", "a", -1, 1 },
    { "loop", 2, HASHES .. "4294967296", "a", 4294967296, 1 },
    { "loop", 2, HASHES .. "0.5", "a", 0.5, 1 },
    { "loop", 3, "number expected, got no value", "a", 1 },
    { "loop", 3, INTEGERS .. "-1", "a", 1, -1 },
    { "loop", 3, INTEGERS .. "nan", "a", 1, NAN },
    { "loop", 4, "string expected, got boolean", "a", 1, 1, false },
    { "loop", 5, "boolean expected, got number", "a", 1, 1, "s", 0 },
    { "loop", 6, INTEGERS .. "-1", "a", 1, 1, "s", false, -1 },
    { "session_executions", 1, "number expected, got no value" },
    { "session_executions", 1, INTEGERS .. "-1", -1 },
    { "session_executions", 2, "string expected, got boolean", 1, false },
    { "starts_after", 1, MOST_SECONDS .. "no value" },
    { "starts_after", 1, MOST_SECONDS .. "string", "5" },
    { "starts_after", 1, MOST_SECONDS .. "nan", NAN },
    { "starts_after", 1, MOST_SECONDS .. "inf", math.huge },
    { "starts_after", 1, MOST_SECONDS .. "9223372036855", 9223372036855 },
    { "starts_after", 2, "string expected, got number", 0, 5 },
    { "starts_after", 3, "number expected, got string", 0, nil, "1", n = 3 },
    { "starts_after", 3, "an integer from 1 to 9223372036854775807 expected, got 0", 0, "a", 0 },
    { "starts_after", 3, "an integer from 1 to 9223372036854775807 expected, got 1.5", 0, nil,
      1.5, n = 3 },
    { "in_flight_count", 1, "string expected, got number", 5 },
    { "in_flight_count", 2, MOST_SECONDS .. "-1", nil, -1, n = 2 },
    { "in_flight_count", 2, MOST_SECONDS .. "string", "a", "5" },
    { "in_flight_count", 2, MOST_SECONDS .. "boolean", nil, false, n = 2 },
    { "recent_quantile", 1, "string expected, got no value" },
    { "recent_quantile", 2, "number expected, got no value", "a" },
    { "recent_quantile", 2, "number expected, got string", "a", "0.5" },
    { "recent_quantile", 2, QUANTILES, "a", -0.001 },
    { "recent_quantile", 2, QUANTILES, "a", 1.001 },
    { "recent_quantile", 2, QUANTILES, "a", NAN },
  }

  it("is an error that names it, of trackers and of snapshots", function()
    for _, case in ipairs(CASES) do
      local method, number, expected = unpack(case, 1, 3)
      local message = string.format("bad argument #%d to '%s' (%s)", number, method, expected)
      for _, run in ipairs { tracker, tracker:snapshot() } do
        assert.has_error(function()
          call(run, method, unpack(case, 4, 3 + (case.n or #case - 3)))
        end, message)
      end
    end
  end)
end)

describe("every method for policies", function()
  local METHODS = { totals = {}, measure_total = { "a" }, failure_streak = { "a" },
    error_rate = { "a" }, circuit = { "a", settings() }, repeats = { "a", 1, 1 },
    loop = { "a", 1, 1 }, session_executions = { 1 }, starts_after = { 0 }, in_flight_count = {},
    recent_quantile = { "a", 1 }, max_history = {}, denials = {} }

  it("refuses a closed tracker", function()
    tracker:close()
    for method, arguments in pairs(METHODS) do
      assert.has_error(function()
        tracker[method](tracker, unpack(arguments))
      end, "attempt to use a closed tracker")
    end
  end)

  it("refuses what isn't its own type", function()
    local snapshot = tracker:snapshot()
    for method, arguments in pairs(METHODS) do
      for _, case in ipairs { { tracker, snapshot, "Tracker", "exectrack.Snapshot" },
        { snapshot, tracker, "Snapshot", "exectrack.Tracker" }, { tracker, {}, "Tracker", "table" },
        { snapshot, nil, "Snapshot", "nil" } } do
        local ok, message = pcall(case[1][method], case[2], unpack(arguments))
        assert.is_false(ok)
        assert.equal("bad argument #1 to '?' (exectrack." .. case[3] .. " expected, got "
          .. case[4] .. ")", message)
      end
    end
  end)
end)
