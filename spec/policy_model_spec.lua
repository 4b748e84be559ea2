local circuits = require("spec.support.circuits")
local clocks = require("spec.support.clock")
local exectrack = require("exectrack")
local loops = require("spec.support.loops")
local policy = require("exectrack.policy")
local portable = require("spec.support.portable")
local random = require("spec.support.random")
local runs = require("spec.support.runs")

local ROUNDS = tonumber(os.getenv("ROUNDS")) or 120 -- fewer under valgrind
local STEPS = 150
local TOOLS = { "grep", "ls", "fetch" }

--- What happened, as plainly as it can be said: all executions since the last clear in the order
-- in which they were recorded, and all that run. Times are microseconds.
local World = {}
World.__index = World

local function new_world()
  local clock = clocks.new()
  local max_in_flight = random.pick { 0, 2, 64 }
  local max_history = random.pick { 5, 20, 300 }
  return setmetatable({
    clock = clock,
    max_in_flight = max_in_flight,
    max_history = max_history,
    tracker = exectrack.new { max_history = max_history, max_in_flight = max_in_flight,
      session_names = random.pick { 0, 8 }, clock = clock.read },
    executions = {},
    running = {},
    statuses = { "success" },
  }, World)
end

local function hash_of(args)
  return args and exectrack.fingerprint(args) or 0
end

local function random_session()
  return random.pick { false, "a", "b", "#0000000c" } or nil
end

local function random_args()
  return random.pick { false, 1, 1, 2, "x" } or nil
end

local function random_error_type()
  return random.pick { "EIO", "EIO", "http_404", "user not found" }
end

--- Those of `executions` that are of `tool`, or all for nil.
local function of_tool(executions, tool)
  return runs.select(executions, function(execution)
    return tool == nil or execution.tool == tool
  end)
end

--- The last `count` of `executions`.
local function newest(executions, count)
  return { portable.unpack(executions, math.max(1, #executions - count + 1)) }
end

function World:retained()
  return newest(self.executions, self.max_history)
end

function World:listed()
  return runs.select(self.running, function(span) return span.is_listed end)
end

function World:advance()
  self.clock.advance_us(random.pick { 0, 1, 500, 1000, math.random(0, 3000) })
end

--- What tools do from now on.
function World:change_fortune()
  self.statuses = random.pick { { "success" }, { "failed", "timed_out" }, runs.STATUSES,
    { "failed", "failed", "cancelled" }, { "success", "failed" } }
end

function World:start()
  local tool, args, session = random.pick(TOOLS), random_args(), random_session()
  local is_listed = #self:listed() < self.max_in_flight
  table.insert(self.running, {
    handle = (session and self.tracker:session(session) or self.tracker):start(tool, args),
    tool = tool,
    session = session,
    args_hash = hash_of(args),
    start_us = self.clock.us,
    is_listed = is_listed,
  })
end

function World:finish()
  local running = self.running
  if #running > 0 then
    local execution = table.remove(running, math.random(#running))
    execution.status = random.pick(self.statuses)
    execution.was_cached = math.random(6) == 1
    execution.end_us = self.clock.us
    execution.error_type = random_error_type()
    execution.handle:finish(execution.status, execution.was_cached, execution.error_type)
    table.insert(self.executions, execution)
  end
end

--- Records an execution that ended at `end_us`.
function World:record(end_us)
  local tool, args, duration_us = random.pick(TOOLS), random_args(), math.random(0, 3000)
  local execution = { tool = tool, args_hash = hash_of(args), status = random.pick(self.statuses),
    was_cached = false, session = random_session(), error_type = random_error_type(),
    start_us = end_us - duration_us, end_us = end_us }
  table.insert(self.executions, execution)
  self.tracker:record { tool = tool, args = args, status = execution.status,
    session = execution.session, error_type = execution.error_type,
    duration_ms = duration_us / 1000, timestamp = end_us / 1e6 }
end

function World:record_now()
  self:record(self.clock.us)
end

function World:import()
  self:record(self.clock.us + math.random(-8000, 100))
end

function World:clear()
  self.tracker:clear()
  self.executions = {}
end

--- Each step as often as it is here. Executions aren't imported in each world, so that the records
-- of some are in order.
local STEP_NAMES = { "advance", "advance", "advance", "start", "start", "finish", "finish",
  "record_now" }

function World:step(imports)
  local chance = math.random(100)
  if chance == 1 then
    self:clear()
  elseif chance <= 5 then
    self:change_fortune()
  elseif chance <= 15 and imports then
    self:import()
  else
    self[random.pick(STEP_NAMES)](self)
  end
end

--- Each kind of policy: its `options`, by random, and what it decides, `model`: the action, the
-- reason and the microseconds to wait. Options whose names end in `_ms` are in milliseconds.
local KINDS = {}

local function random_ms(most_us)
  return math.random(0, most_us) / 1000
end

local function us(ms)
  return math.floor(ms * 1000 + 0.5)
end

KINDS.circuit_breaker = {
  options = function()
    local cooldown_ms = random_ms(4000)
    return {
      failures = math.random(1, 4),
      cooldown_ms = cooldown_ms,
      max_cooldown_ms = cooldown_ms + random_ms(9000),
      failure_rate = random.pick { false, 0, 0.25, 0.5, 1 },
      min_calls = math.random(1, 6),
      ignore = random.pick {
        false,
        {},
        { "http_404" },
        function(record) return record.error_type == "EIO" and record.status == "failed" end,
      } or nil,
      only = random.pick { false, { "http_404", "EIO" } },
    }
  end,
}

local function failures_of(executions)
  return #runs.select(executions, function(execution)
    return execution.status == "failed" or execution.status == "timed_out"
  end)
end

function KINDS.circuit_breaker.model(world, options, call)
  local given = { ignore = policy.caller_errors }
  for name, value in pairs(options) do
    given[name] = value
  end
  local starts_us, unlisted = {}, 0
  for _, span in ipairs(of_tool(world.running, call.tool)) do
    if span.is_listed then
      table.insert(starts_us, span.start_us)
    else
      unlisted = unlisted + 1
    end
  end
  local circuit = circuits.circuit(world:retained(), starts_us, unlisted, call.tool, given)
  local now_us = world.clock.us
  if circuit and now_us < circuit.open_until then
    return "deny", "circuit_open", circuit.open_until - now_us
  elseif circuit and now_us < circuit.half_open_until then
    return "deny", "circuit_half_open", math.min(circuit.half_open_until - now_us, 50000)
  end
end

KINDS.loop_guard = {
  options = function()
    local repeats = math.random(1, 4)
    return {
      repeats = repeats,
      window = math.random(1, 12),
      warn_at = repeats > 1 and math.random(1, repeats - 1),
      exempt = random.pick { {}, { "ls" } },
      same_result = random.pick { true, false },
      resets = random.pick { {}, { "grep" } },
      key = random.pick {
        false,
        function(execution) return execution.tool ~= "grep" and execution.tool or nil end,
        function(execution) return execution.args_hash end,
      } or nil,
    }
  end,
}

function KINDS.loop_guard.model(world, options, call)
  if options.exempt[1] == call.tool then
    return nil
  end
  local executions, retained = {}, world:retained()
  for i = #retained, 1, -1 do
    executions[#executions + 1] = retained[i]
  end
  return loops.guard({ executions = executions, listed = world:listed(), denied = {} }, {
    repeats = options.repeats,
    window = options.window,
    warn_at = options.warn_at,
    same_result = options.same_result,
    resets = { [options.resets[1] or ""] = "always" },
    key = options.key,
  }, call)
end

local function random_tool()
  return random.pick { false, "grep", "ls" } or nil
end

KINDS.budget = {
  options = function()
    local options = { tool = random_tool(), max_failures = math.random(0, 20) }
    if math.random(2) == 1 then
      options.max_executions = math.random(0, 40)
    end
    if math.random(2) == 1 then
      options.max_duration_ms = random_ms(80000)
    end
    return options
  end,
}

function KINDS.budget.model(world, options, call)
  if options.tool and options.tool ~= call.tool then
    return nil
  end
  local ended = of_tool(world.executions, options.tool)
  local total_us = 0
  for _, execution in ipairs(ended) do
    total_us = total_us + execution.end_us - execution.start_us
  end
  if options.max_executions
    and #ended + #of_tool(world.running, options.tool) >= options.max_executions then
    return "deny", "budget_executions"
  elseif options.max_duration_ms and total_us >= us(options.max_duration_ms) then
    return "deny", "budget_duration"
  elseif failures_of(ended) >= options.max_failures then
    return "deny", "budget_failures"
  end
end

KINDS.rate_limit = {
  options = function()
    return { executions = math.random(1, 5), per_ms = math.random(1, 9000) / 1000,
      tool = random_tool() }
  end,
}

--- When the executions of `tool` started, the latest first. What isn't listed started now.
local function starts_of(world, tool)
  local starts = {}
  for _, execution in ipairs(of_tool(world:retained(), tool)) do
    table.insert(starts, execution.start_us)
  end
  for _, span in ipairs(of_tool(world.running, tool)) do
    table.insert(starts, span.is_listed and span.start_us or world.clock.us)
  end
  table.sort(starts, function(a, b) return a > b end)
  return starts
end

function KINDS.rate_limit.model(world, options, call)
  if options.tool and options.tool ~= call.tool then
    return nil
  end
  local nth_us = starts_of(world, options.tool)[options.executions]
  local now_us = world.clock.us -- before which one that was imported may not have started
  local left_us = nth_us and math.min(nth_us, now_us) + us(options.per_ms) - now_us or 0
  if left_us > 0 then
    return "deny", "rate_limit", left_us
  end
end

KINDS.concurrency = {
  options = function()
    return { max = math.random(1, 5), tool = random_tool() }
  end,
}

function KINDS.concurrency.model(world, options, call)
  if options.tool and options.tool ~= call.tool then
    return nil
  elseif #of_tool(world.running, options.tool) >= options.max then
    return "deny", "concurrency", 50000
  end
end

--- Asserts that the policy `name` decides so.
local function assert_decides(decision, name, call, action, reason, wait_us)
  if not action then
    assert.is_nil(decision)
    return
  end
  assert.same({
    action = action,
    policy = name,
    reason = reason,
    message = decision.message,
    retry_after_ms = wait_us and runs.ms(wait_us),
  }, decision)
  assert.truthy(decision.message:find("'" .. call.tool .. "'", 1, true))
end

--- Makes a policy of this kind with random options, and a function that compares the two.
local function new_comparison(name, world)
  local kind = KINDS[name]
  local options = kind.options()
  local decide = policy[name](options)
  return function(call)
    assert_decides(decide(call), name, call, kind.model(world, options, call))
  end
end

local function ask(world, run)
  local args = random_args()
  return { tracker = run, tool = random.pick { "never", portable.unpack(TOOLS) },
    args_hash = hash_of(args), session = random_session(), now = world.clock.us / 1e6 }
end

local function compare_in_runs(name)
  for round = 1, ROUNDS do
    local world = new_world()
    local compare = new_comparison(name, world)
    for _ = 1, STEPS do
      world:step(round % 2 == 0)
      world.tracker:in_flight() -- reads the clock, as whoever calls a tool does
      compare(ask(world, world.tracker))
    end
    compare(ask(world, world.tracker:snapshot()))
  end
end

local function plain_timeout(world, options, tool)
  local sorted = {}
  for _, execution in ipairs(of_tool(newest(world:retained(), 2000), tool)) do
    if not execution.was_cached and execution.status ~= "cancelled" then
      table.insert(sorted, execution.end_us - execution.start_us)
    end
  end
  sorted = newest(sorted, 200)
  table.sort(sorted)
  if #sorted < options.min_samples then
    return options.ceiling_ms and runs.ms(us(options.ceiling_ms))
  end
  local exact_us = sorted[runs.rank(options.quantile, #sorted)] * options.factor
  local timeout_us = math.max(math.floor(exact_us + 0.5), us(options.floor_ms))
  return runs.ms(math.min(timeout_us, options.ceiling_ms and us(options.ceiling_ms) or timeout_us))
end

describe("a policy agrees with its model", function()
  setup(function()
    random.seed("policy_model_spec")
  end)

  for _, name in ipairs { "circuit_breaker", "loop_guard", "budget", "rate_limit",
    "concurrency" } do
    it("in random runs: " .. name, function()
      compare_in_runs(name)
    end)
  end

  it("in random runs: adaptive_timeout", function()
    for round = 1, ROUNDS do
      local world = new_world()
      local floor_ms = random_ms(1000)
      local options = { quantile = random.pick { 0, 0.5, 0.99, 1 }, min_samples = math.random(9),
        factor = random.pick { 0.5, 1, 1.7 }, floor_ms = floor_ms,
        ceiling_ms = random.pick { false, floor_ms + random_ms(4000) } or nil }
      local timeout = policy.adaptive_timeout(options)
      for _ = 1, STEPS do
        world:step(round % 2 == 0)
        local tool = random.pick(TOOLS)
        assert.equal(plain_timeout(world, options, tool), timeout(world.tracker, tool))
      end
    end
  end)
end)
