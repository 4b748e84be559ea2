local clocks = require("spec.support.clock")
local exectrack = require("exectrack")
local loops = require("spec.support.loops")
local policy = require("exectrack.policy")
local portable = require("spec.support.portable")
local random = require("spec.support.random")

local ROUNDS = tonumber(os.getenv("ROUNDS")) or 100 -- fewer under valgrind
local STEPS = 80
local TOOLS = { "run", "edit" }

local seed

setup(function()
  seed = random.seed("loop_model_spec")
end)

--- A run of few calls with few results, so that many are repeated. Of `executions` the newest is
-- the first.
local World = {}
World.__index = World

local function new_world()
  local clock = clocks.new()
  local max_history = random.pick { 0, 4, 15, 100 }
  return setmetatable({ clock = clock, max_history = max_history, executions = {}, listed = {},
    denied = {}, spans = {}, sessions = random.pick { { false }, { false, "a" } },
    results = random.pick { { 1 }, { 1, 2 }, { false, 1, 2 } },
    tracker = exectrack.new { max_history = max_history, clock = clock.read } }, World)
end

function World:call()
  return { tool = random.pick(TOOLS), args_hash = random.pick { 0, 1, 1, 2, 3, 4, 5 },
    session = random.pick(self.sessions) or nil }
end

local function add_first(list, item, most)
  table.insert(list, 1, item)
  list[most + 1] = nil
end

function World:record(execution)
  self.clock.advance_us(math.random(0, 2))
  execution.end_us = self.clock.us
  execution.is_undated = math.random(16) == 1
  add_first(self.executions, execution, self.max_history)
  self.tracker:record { tool = execution.tool, args_hash = execution.args_hash, duration_ms = 0,
    session = execution.session, status = execution.status, error_type = execution.error_type,
    was_cached = execution.was_cached, result_hash = execution.result_hash,
    timestamp = not execution.is_undated and execution.end_us / 1e6 }
end

function World:record_any()
  local execution = self:call()
  execution.status = random.pick { "success", "success", "success", "failed", "failed", "timed_out",
    "cancelled" }
  execution.was_cached = math.random(8) == 1
  execution.result_hash = random.pick(self.results) or nil
  execution.error_type = execution.status ~= "success"
    and random.pick { false, "EIO", "EIO", "EPERM" } or nil
  self:record(execution)
end

--- Records failures of one kind with different arguments.
function World:fail_in_a_row()
  local execution = self:call()
  for args_hash = 1, 4 do
    self:record { tool = execution.tool, args_hash = args_hash, session = execution.session,
      status = "failed", error_type = "EIO" }
  end
end

--- Records the newest executions once more.
function World:go_round()
  local length = math.random(6)
  for _ = 1, math.random(2) * length do
    local before = self.executions[length]
    if before then
      local copy = {}
      for field, value in pairs(before) do
        copy[field] = value
      end
      self:record(copy)
    end
  end
end

function World:start()
  local args = random.pick { 1, 2 }
  local session = random.pick(self.sessions) or nil
  local listed = { tool = random.pick(TOOLS), args_hash = exectrack.fingerprint(args),
    session = session }
  local of = session and self.tracker:session(session) or self.tracker
  self.spans[#self.spans + 1] = of:start(listed.tool, args)
  self.listed[#self.listed + 1] = listed
end

function World:finish()
  if #self.spans > 0 then
    local execution = table.remove(self.listed)
    execution.status, execution.end_us = "success", self.clock.us
    table.remove(self.spans):finish()
    add_first(self.executions, execution, self.max_history)
  end
end

function World:deny()
  local args = random.pick { 1, 2 }
  local session = random.pick(self.sessions) or nil
  local reason = random.pick { "repeated_call", "repeated_call", "rate_limit" }
  local tool = random.pick(TOOLS)
  for _ = 1, math.random(3) do
    self.clock.advance_us(math.random(0, 1))
    assert.is_nil((self.tracker:begin(tool, { args = args, session = session, policy = function()
      return { action = "deny", reason = reason }
    end })))
    add_first(self.denied, { tool = tool, args_hash = exectrack.fingerprint(args),
      session = session, reason = reason, denied_us = self.clock.us }, 256)
  end
end

function World:clear()
  self.tracker:clear()
  self.executions, self.denied = {}, {}
end

function World:step()
  local chance = math.random(100)
  local name = chance <= 1 and "clear" or chance <= 8 and "deny" or chance <= 14 and "start"
    or chance <= 20 and "finish" or chance <= 24 and "fail_in_a_row" or chance <= 44 and "go_round"
    or "record_any"
  self[name](self)
end

--- A call to ask about, sometimes one whose fingerprint is that of calls in flight and denied.
function World:question()
  local call = self:call()
  if math.random(3) == 1 then
    call.args_hash = exectrack.fingerprint(random.pick { 1, 2 })
  end
  return call
end

describe("the method loop", function()
  it("returns what a naive model does, in random runs", function()
    local most, round = { 0, 0, 0, 0, 0 }, 0
    repeat -- until each of the numbers was seen above 1, which a hundred rounds may lack
      round = round + 1
      local world = new_world()
      for step = 1, STEPS do
        world:step()
        local call = world:question()
        local records, ignores = random.pick { 0, 1, 5, 20, 200 }, random.pick { true, false }
        local expected = { loops.loop(world, call, records, not ignores) }
        local run = step == STEPS and world.tracker:snapshot() or world.tracker
        assert.same(expected,
          { run:loop(call.tool, call.args_hash, records, call.session, ignores) },
          "SEED=" .. seed .. ", round " .. round)
        for i, number in ipairs(expected) do
          most[i] = math.max(most[i], number)
        end
      end
      local are_seen = math.min(portable.unpack(most)) > 1
    until round >= ROUNDS and (are_seen or ROUNDS < 100) or round == 20 * ROUNDS
    assert.is_true(round < 20 * ROUNDS or ROUNDS < 100)
  end)
end)

--- Options of the loop guard, of which `resets` is a set, as the model has it.
local function random_options()
  local repeats = math.random(1, 5)
  return {
    repeats = repeats,
    warn_at = repeats > 1 and math.random(1, repeats - 1),
    window = random.pick { 1, 6, 20 },
    within_ms = random.pick { false, 0.004, 0.01, 0.04 },
    same_result = random.pick { true, false },
    resets = random.pick { {}, { edit = "always" }, { edit = "always", run = "if new" } },
    similar_failures = random.pick { false, 2, 3 },
    key = random.pick { false, false, function(other) return other.tool end,
      function(other) return other.args_hash ~= 0 and other.args_hash or nil end } or nil,
  }
end

--- The same options as the loop guard takes them.
local function as_given(options)
  local given = {}
  for name, value in pairs(options) do
    given[name] = value
  end
  local set = options.resets
  if set.run or math.random(2) == 1 then
    given.resets = function(record, is_repeated)
      return set[record.tool] == "always" or set[record.tool] == "if new" and not is_repeated
    end
  else
    given.resets = { (next(set)) }
  end
  return given
end

describe("the loop guard", function()
  it("decides what a naive model does, in random runs", function()
    local counts = {}
    for round = 1, ROUNDS do
      local world, options = new_world(), random_options()
      local guard = policy.loop_guard(as_given(options))
      for _ = 1, STEPS do
        world:step()
        local call = world:question()
        local action, reason = loops.guard(world, options, call, world.clock.us)
        local decision = guard { tracker = world.tracker, tool = call.tool, session = call.session,
          args_hash = call.args_hash, now = world.clock.us / 1e6 }
        assert.same({ action, reason }, { (decision or {}).action, (decision or {}).reason },
          "SEED=" .. seed .. ", round " .. round)
        counts[reason or "none"] = (counts[reason or "none"] or 0) + 1
      end
    end
    for _, reason in ipairs { "none", "repeated_call", "similar_failures" } do
      assert.is_true(counts[reason] ~= nil or ROUNDS < 100)
    end
  end)
end)
