local exectrack = require("exectrack")
local needs = require("spec.support.needs")
local policy = require("exectrack.policy")
local portable = require("spec.support.portable")
local types = require("spec.support.types")

local assert_fields = types.assert_fields

local function deny()
  return { action = "deny", reason = "no" }
end

--- A tracker with a success, a failure and a cancelled execution of "a".
local function new_tracker()
  local tracker = exectrack.new(10)
  for _, status in ipairs { "success", "failed", "cancelled" } do
    tracker:record("a", status, 1)
  end
  return tracker
end

local CIRCUIT = { failures = 1, min_calls = 1, cooldown_ms = 1, max_cooldown_ms = 1 }

--- What the constructors take: all options, and those without which they raise. Where these are
-- none, some that may stand alone.
local CONSTRUCTORS = {
  circuit_breaker = { class = "exectrack.CircuitBreakerOptions", required = {}, alone = {},
    all = { failures = 1, cooldown_ms = 1, max_cooldown_ms = 1, failure_rate = false,
      min_calls = 1, ignore = { "EIO" }, only = { "EIO" } } },
  default = { class = "exectrack.DefaultOptions", required = {}, alone = {},
    all = { circuit_breaker = { failures = 1 }, loop_guard = { repeats = 5 } } },
  loop_guard = { class = "exectrack.LoopGuardOptions", required = {}, alone = {},
    all = { repeats = 3, window = 1, within_ms = 1, warn_at = false, same_result = false,
      resets = { "a" }, similar_failures = 4, key = print, exempt = { "a" } } },
  budget = { class = "exectrack.BudgetOptions", required = {}, alone = { max_executions = 1 },
    all = { max_executions = 1, max_duration_ms = 1, max_failures = 1, max = { cost = 1 },
      tool = "a" } },
  rate_limit = { class = "exectrack.RateLimitOptions", required = { executions = 1, per_ms = 1 },
    all = { executions = 1, per_ms = 1, tool = "a" } },
  concurrency = { class = "exectrack.ConcurrencyOptions", required = { max = 1 },
    all = { max = 1, tool = "a" } },
  adaptive_timeout = { class = "exectrack.AdaptiveTimeoutOptions", required = {}, alone = {},
    all = { quantile = 1, factor = 1, floor_ms = 1, ceiling_ms = 1, min_samples = 1 } },
}

describe("the types of a constructor's options", function()
  for _, name in ipairs(types.names_of(CONSTRUCTORS)) do
    local options = CONSTRUCTORS[name]

    it("name exactly those of " .. name, function()
      assert.is_function(policy[name](options.all))
      assert.is_function(policy[name](options.alone or options.required))
      assert.has_error(function() policy[name] { other = 1 } end,
        name .. ": unknown option 'other'")
      assert_fields(options.class, options.all, options.required)
    end)

    it("say which those of " .. name .. " are required", function()
      for option in pairs(options.required) do
        local given = {}
        for other, value in pairs(options.required) do
          given[other] = other ~= option and value or nil
        end
        assert.error_matches(function() policy[name](given) end,
          name .. ": option '" .. option .. "': .* expected, got nil")
      end
    end)
  end

  it("are of all constructors that take options", function()
    local classes, expected = {}, {}
    for _, declaration in ipairs(types.functions()) do
      local first = declaration.parameters[1]
      if declaration.owner == "policies" and first.name == "given" then
        classes[declaration.name] = first.type:match("^exectrack%.%a+Options$")
      end
    end
    for name, options in pairs(CONSTRUCTORS) do
      expected[name] = options.class
    end
    assert.same(expected, classes)
  end)
end)

describe("the types of policies", function()
  it("call parameters what they are called", function()
    needs.parameter_names(pending)
    for _, declaration in ipairs(types.functions()) do
      local name = declaration.name
      if declaration.owner == "policies" then
        local called = {}
        for i = 1, debug.getinfo(policy[name], "u").nparams do
          called[i] = debug.getlocal(policy[name], i)
        end
        assert.equal(table.concat(called, ", "), declaration.names, name)
      end
    end
  end)

  it("name exactly the fields of what a policy is asked", function()
    local live
    local tracker = new_tracker()
    tracker:wrap("a", print, { policy = function(call)
      live = call
      return deny()
    end })()
    local replayed
    tracker:record { tool = "a", status = "success", duration_ms = 0, session = "s" }
    tracker:snapshot():decisions(function(call) replayed = call end)
    assert_fields("exectrack.Call", replayed, live)
  end)

  it("name exactly the fields of what a policy decides", function()
    local limit = policy.rate_limit { executions = 1, per_ms = 1e9 }
    local _, _, decision = new_tracker():wrap("a", print, { policy = limit })()
    local bare = { action = "deny" }
    local _, _, obeyed = new_tracker():wrap("a", print, { policy = function() return bare end })()
    assert.equal(bare, obeyed)
    assert_fields("exectrack.Decision", decision, bare)
  end)

  it("say what a policy may decide", function()
    local actions = {}
    for action in types.fields_of_class("exectrack.Decision").action.type:gmatch('"(%a+)"') do
      actions[#actions + 1] = action
      local decisions = new_tracker():snapshot():decisions(function()
        return { action = action }
      end)
      assert.equal(3, #decisions)
    end
    assert.has_error(function()
      new_tracker():snapshot():decisions(function() return { action = "allow" } end)
    end, ("a decision's action must be '%s' or '%s', got 'allow'"):format(portable.unpack(actions)))
  end)

  it("name exactly the settings and the fields of a circuit", function()
    local tracker, given = new_tracker(), { failure_rate = 1, ignore = { "EIO" }, only = { "" } }
    for name, value in pairs(CIRCUIT) do
      given[name] = value
    end
    local circuit = tracker:circuit("a", CIRCUIT)
    assert_fields("exectrack.Circuit", circuit, tracker:circuit("a", given))
    assert_fields("exectrack.CircuitSettings", given, CIRCUIT)
  end)

  it("name exactly the fields of denials", function()
    local tracker = new_tracker()
    tracker:wrap("a", print, { policy = deny })()
    local denial = tracker:denials()[1]
    assert_fields("exectrack.Denial", denial, denial)
    local form = tracker:snapshot():to_table()
    form.denied[1].session = "s"
    local call = assert(exectrack.from_table(form)):denied()[1]
    assert_fields("exectrack.DeniedCall", call, tracker:denied()[1])
  end)

  it("name exactly the fields of a replay", function()
    local tracker = exectrack.new { args_texts = 8 }
    tracker:record { tool = "a", status = "success", duration_ms = 0, timestamp = false }
    tracker:record { tool = "a", status = "success", duration_ms = 0, session = "s", args = "x" }
    local result = policy.replay(tracker:snapshot(), deny)
    local bare, full = result.decisions[1], result.decisions[2]
    local row = result.summary.by_tool_and_reason[1]
    assert_fields("exectrack.Replay", result, result)
    for _, entry in ipairs { bare, full } do
      entry.record = entry.record -- which is made when it is read
    end
    assert_fields("exectrack.DecisionEntry", full, bare)
    assert_fields("exectrack.ReplaySummary", result.summary, result.summary)
    assert_fields("exectrack.ReplayRow", row, row)
  end)

  it("name exactly the options of a replay", function()
    local run = new_tracker():snapshot()
    local options = { enforce = false }
    assert.equal(3, #run:decisions(deny, options))
    assert.equal(3, policy.replay(run, deny, options).summary.denied)
    assert.has_error(function() run:decisions(deny, { other = 1 }) end,
      "bad argument #2 to 'decisions' (unknown option 'other')")
    assert_fields("exectrack.ReplayOptions", options, {})
  end)
end)

describe("the types of wrapping", function()
  local OPTIONS = { classify = print, measure = print, args = print, policy = print,
    on_warn = print, on_policy_error = print, results = print, describe = print,
    ignore_args = {}, enforce = false, callback = 1, timeout_ms = 60000, sleep = print,
    max_wait_ms = 1 }

  it("name exactly the options", function()
    local tracker = new_tracker()
    assert.is_function(tracker:wrap("a", print, OPTIONS))
    assert.is_function(tracker:instrument({ a = print }, OPTIONS).a)
    assert.has_error(function() tracker:wrap("a", print, { other = 1 }) end,
      "bad argument #3 to 'wrap' (unknown option 'other')")
    assert.has_error(function() tracker:instrument({}, { other = 1 }) end,
      "bad argument #2 to 'instrument' (unknown option 'other')")
    assert_fields("exectrack.WrapOptions", OPTIONS, {})
  end)

  it("name exactly the options of run", function()
    local tracker, options = new_tracker(), { tool = "b" }
    for name, value in pairs(OPTIONS) do
      options[name] = value == print and function() end or value
    end
    tracker:run(options, function() end)
    assert.equal(1, tracker:stats("b").successful)
    assert.has_error(function() tracker:run({ tool = "a", other = 1 }, print) end,
      "bad argument #1 to 'run' (unknown option 'other')")
    assert_fields("exectrack.RunOptions", options, { tool = "b" })
  end)

  it("name exactly the options of begin", function()
    local options = { classify = print, measure = print, args = {}, policy = function() end,
      on_warn = print, on_policy_error = print, results = print, ignore_args = {},
      enforce = false, timeout_ms = 1, session = "s" }
    assert.is_userdata(new_tracker():begin("a", options))
    assert.has_error(function() new_tracker():begin("a", { callback = 1 }) end,
      "bad argument #2 to 'begin' (unknown option 'callback')")
    assert_fields("exectrack.BeginOptions", options, {})
  end)
end)

describe("the types of what policies decide from", function()
  it("say how many values are returned", function()
    local arguments = { totals = {}, measure_total = { "a" }, failure_streak = { "a" },
      error_rate = { "a" }, circuit = { "a", CIRCUIT }, repeats = { "a", 0, 1 },
      loop = { "a", 1, 1 }, starts_after = { 0, "a", 1 }, in_flight_count = {},
      recent_quantile = { "a", 0.5 }, max_history = {}, denials = {},
      denied = {} }
    local tracker, live, typed = new_tracker(), {}, {}
    for name, given in pairs(arguments) do
      live[name] = select("#", tracker[name](tracker, portable.unpack(given)))
    end
    for name in pairs(arguments) do
      typed[name] = #types.function_called("Run:" .. name).returns
    end
    assert.same(live, typed)
  end)
end)
