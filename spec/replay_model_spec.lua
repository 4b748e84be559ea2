local clocks = require("spec.support.clock")
local exectrack = require("exectrack")
local needs = require("spec.support.needs")
local policy = require("exectrack.policy")
local random = require("spec.support.random")
local runs = require("spec.support.runs")
local types = require("spec.support.types")

local ROUNDS = tonumber(os.getenv("ROUNDS")) or 150

local TOOLS = { "read", "grep", "fetch", "a\0b" }

local seed

setup(function()
  seed = random.seed("replay_model_spec")
end)

--- A tool, or nil, which is all of them.
local function some_tool()
  return math.random(2) == 1 and random.pick(TOOLS) or nil
end

local function key_of_tool(execution)
  return execution.tool ~= "grep" and execution.tool or nil
end

--- The measures of all runs.
local MEASURES = { { name = "cost", scale = 0.5 }, { name = "bytes" } }

--- Random options of each policy, for runs of at most `max_history`. Each option that a policy has
-- is given now and then: a new one is added here alone.
local OPTIONS = {
  circuit_breaker = function(max_history)
    return {
      failures = math.random(1, math.min(4, max_history)),
      cooldown_ms = random.pick { 0, 0.5, 2, 20 },
      max_cooldown_ms = random.pick { 20, 50 },
      failure_rate = random.pick { false, 0.3, 1 },
      min_calls = math.random(1, 6),
      ignore = random.pick { {}, { "EIO" }, function(its) return its.status == "timed_out" end },
      only = random.pick { false, { "EIO" } },
    }
  end,
  loop_guard = function()
    local repeats = math.random(1, 4)
    return {
      repeats = repeats,
      window = math.random(1, 30),
      within_ms = random.pick { false, 0.5, 5, 1000 },
      warn_at = repeats > 1 and random.pick { false, math.random(1, repeats - 1) } or nil,
      key = math.random(3) == 1 and key_of_tool or nil,
      same_result = random.pick { true, false },
      resets = random.pick { { "grep", "fetch" }, {},
        function(record) return record.tool == "read" end },
      similar_failures = random.pick { false, 2 },
      exempt = math.random(3) == 1 and { random.pick(TOOLS) } or nil,
    }
  end,
  budget = function()
    return {
      max_executions = math.random(10, 60),
      max_duration_ms = random.pick { nil, 30, 500 },
      max_failures = math.random(2) == 1 and math.random(1, 20) or nil,
      max = math.random(2) == 1 and { cost = math.random(60) / 2, bytes = math.random(60) } or nil,
      tool = some_tool(),
    }
  end,
  rate_limit = function(max_history)
    return {
      executions = math.random(1, math.min(6, max_history)),
      per_ms = random.pick { 0.5, 3, 11.001, 1000 },
      tool = some_tool(),
    }
  end,
  concurrency = function()
    return { max = math.random(1, 5), tool = some_tool() }
  end,
}

local NAMES = types.names_of(OPTIONS)

--- Which options were given, by policy.
local given = {}
for _, name in ipairs(NAMES) do
  given[name] = {}
end

local function make(name, max_history)
  local options = OPTIONS[name](max_history)
  for option in pairs(options) do
    given[name][option] = true
  end
  return policy[name](options)
end

local function random_policy(max_history, depth)
  local kind = math.random(#NAMES + (depth > 0 and 2 or 0))
  if NAMES[kind] then
    return make(NAMES[kind], max_history)
  end
  local parts = {}
  for i = 1, 3 do
    parts[i] = random_policy(max_history, depth - 1)
  end
  if kind == #NAMES + 1 then
    return policy.all(parts)
  end
  return policy.by_tool { [TOOLS[1]] = parts[1], [TOOLS[2]] = parts[2], [TOOLS[4]] = parts[3] }
end

--- How many decisions of each kind were compared, so that it's known that some were. All are plain
-- tables: they can be logged and sent elsewhere whole.
local function tally(counts, decisions)
  for _, entry in ipairs(decisions) do
    local decision = entry.decision
    assert.is_nil(getmetatable(decision))
    assert.equal("string", type(decision.message))
    local kind = decision.policy .. " " .. decision.action
    counts[kind] = (counts[kind] or 0) + 1
  end
end

local KINDS = { "circuit_breaker deny", "loop_guard warn", "loop_guard deny", "budget deny",
  "rate_limit deny", "concurrency deny" }

local function start_us(record)
  return math.max(0, runs.end_us(record) - runs.duration_us(record))
end

local function are_in_order(records)
  for i = 2, #records do
    if runs.end_us(records[i]) < runs.end_us(records[i - 1]) then
      return false
    end
  end
  return true
end

--- The first record that is within the one at `place`, or that one: those within are just before
-- it, deeper, and didn't start earlier.
local function first_within(records, place)
  local outer, first = records[place], place
  while first > 1 and records[first - 1].depth > outer.depth
    and start_us(records[first - 1]) >= start_us(outer) do
    first = first - 1
  end
  return first
end

--- The starts and ends of `records`, in the order in which they are to be replayed. `in_order` says
-- whether all of the run were recorded in the order of their ends, those not retained too.
local function events_of(records, in_order)
  local events = {}
  for i, record in ipairs(records) do
    local from, to = start_us(record), runs.end_us(record)
    local first = in_order and first_within(records, i) or i
    local rank = 0
    for j = first, i do
      rank = start_us(records[j]) == to and 1 or rank
    end
    events[#events + 1] = { from, 1, first, 0, -i, is_start = true, record = record, index = i }
    events[#events + 1] = { to, rank, i, 1, 0, record = record, index = i }
  end
  table.sort(events, function(a, b)
    for i = 1, 5 do
      if a[i] ~= b[i] then
        return a[i] < b[i]
      end
    end
    return false
  end)
  return events
end

--- Fingerprints of arguments, and what they are of; nil for no arguments.
local ARGS = {}
for _, args in ipairs { "x", "y", 1, 2 } do
  ARGS[exectrack.fingerprint(args)] = args
end

--- The same of results.
local RESULTS = {}
do
  local tracker = exectrack.new(1)
  for _, result in ipairs { "x", "y" } do
    tracker:run("a", function() return result end)
    RESULTS[tracker:recent_executions(1)[1].result_hash] = result
  end
end

--- A naive replay, with spans of a tracker with the limits of `options`.
local function replay(records, options, decide, enforces)
  local events = events_of(records, options.in_order)
  local now_us = events[1] and start_us(events[1].record) or 0
  local tracker = exectrack.new { max_history = options.max_history,
    max_in_flight = options.max_in_flight, max_tools = options.max_tools, measures = MEASURES,
    clock = function() return now_us / 1e6 end }
  local decisions, spans = {}, {}
  for _, event in ipairs(events) do
    local record = event.record
    now_us = event[1]
    tracker:snapshot() -- reads the clock
    if event.is_start then
      local decision = decide { tracker = tracker, tool = record.tool,
        args_hash = record.args_hash, session = record.session, now = now_us / 1e6 }
      if decision then
        decisions[#decisions + 1] = { index = event.index, tool = record.tool,
          args_hash = record.args_hash, session = record.session, started = now_us / 1e6,
          record = record, decision = decision }
      end
      local self = record.session and tracker:session(record.session) or tracker
      spans[event.index] = self:begin(record.tool, {
        args = ARGS[record.args_hash],
        policy = function() return decision end, -- keeps its denial
        enforce = enforces,
        classify = function() return record.status, record.was_cached, record.error_type end,
        measure = function() return record.measures end,
        results = record.result_hash ~= nil and function(...) return ... end,
      })
    elseif spans[event.index] then
      spans[event.index]:done(RESULTS[record.result_hash])
    end
  end
  return decisions
end

--- A random run, and whether it was recorded in the order of the ends. Times are coarse, so that
-- many are equal.
local function random_run(options)
  local executions, us, results = {}, clocks.START_US, { 0 }
  for hash in pairs(RESULTS) do
    table.insert(results, hash)
  end
  table.sort(results)
  local deepest = random.pick { 0, 3, 7 }
  for i = 1, random.pick { 1, 5, 40, 120 } do
    us = us + 500 * random.pick { 0, 0, 0, 1, 2, math.random(20) }
    local hash = exectrack.fingerprint(random.pick { "x", "y", 1, 2 })
    executions[i] = { tool = random.pick(TOOLS),
      status = random.pick { "success", "success", "failed", "timed_out", "cancelled" },
      duration_ms = random.pick { 0, 0.5, 1, 2.5, math.random(30) },
      was_cached = math.random(4) == 1, error_type = random.pick { false, "EIO" } or nil,
      result_hash = random.pick(results), args_hash = random.pick { 0, hash, hash },
      session = random.pick { false, "s", "t" } or nil,
      depth = math.random(0, deepest), timestamp = us / 1e6,
      measures = math.random(3) == 1 and { cost = math.random(5) / 2, bytes = 1 } or nil }
  end
  if math.random(3) == 1 then
    random.shuffle(executions)
  end
  local tracker = exectrack.new(options)
  for _, execution in ipairs(executions) do
    tracker:record(execution)
  end
  return tracker:snapshot(), are_in_order(executions)
end

local function has_every_kind(counts)
  for _, kind in ipairs(KINDS) do
    if not counts[kind] then
      return false
    end
  end
  return true
end

--- Plays all rounds, and goes on until `counts` has every kind of decision, which few rounds may
-- lack.
local function play(counts, play_round)
  local round = 0
  repeat
    round = round + 1
    play_round(round)
  until round >= ROUNDS and has_every_kind(counts) or round == 20 * ROUNDS
  assert.is_true(has_every_kind(counts), "SEED=" .. seed .. ": a kind of decision is missing")
end

describe("the decisions about a run", function()
  it("are those of a naive replay", function()
    local counts = {}
    play(counts, function(round)
      local options = { max_history = random.pick { 1, 3, 30, 1000 },
        max_in_flight = random.pick { 0, 1, 3, 100 }, max_tools = random.pick { 1, 2, 10 },
        measures = MEASURES }
      local run, in_order = random_run(options)
      options.in_order = in_order
      for _, enforce in ipairs { true, false } do
        local decide = random_policy(options.max_history, 2)
        local expected = replay(run:records(), options, decide, enforce)
        local decisions = run:decisions(decide, { enforce = enforce })
        assert.same(expected, decisions, "SEED=" .. seed .. ", round " .. round)
        tally(counts, decisions)
      end
    end)
  end)
end)

--- An agent whose wrapped tools run in coroutines that a random scheduler resumes, closes and lets
-- end in all ways.
local Agent = {}
Agent.__index = Agent

local ERROR = { code = "EIO" }

--- What a tool does in the end.
local ENDINGS = {
  function() return "done" end,
  function() return "done" end,
  function() return "from the cache" end,
  function() return nil, "timeout" end,
  function() return false, "cancelled" end,
  function() return nil, "no such file" end,
  function() error(ERROR) end,
}

local function classify(ok, first)
  if ok and first == "from the cache" then
    return "success", true
  end
  return nil
end

local function measure()
  return math.random(3) == 1 and { cost = math.random(5) / 2, bytes = 1 } or nil
end

--- What is promised to be the same in a replay.
local function essence(call, decision)
  return { tool = call.tool, now = call.now, args_hash = call.args_hash, session = call.session,
    action = decision.action, policy = decision.policy, reason = decision.reason,
    retry_after_ms = decision.retry_after_ms }
end

--- Makes an agent that asks `decide` before each call and notes in `log` what it decided. Its clock
-- moves by `step()` microseconds before each reading, but not while a policy is asked: a call whose
-- time is over then would end before the decision. With `options.calls_back`, some of its tools
-- call back later, and some calls time out.
function Agent.new(options, decide, step)
  local us, is_asking = clocks.START_US, false
  local agent = setmetatable({ log = {}, tasks = {}, wrapped = {}, answers = {} }, Agent)
  agent.tracker = exectrack.new { max_history = 5000, max_in_flight = options.max_in_flight,
    measures = MEASURES, clock = function()
      us = is_asking and us or us + step()
      return us / 1e6
    end }
  local function watch(call)
    is_asking = true
    local decision = decide(call)
    is_asking = false
    if decision then
      table.insert(agent.log, essence(call, decision))
    end
    return decision
  end
  local tracker = agent.tracker
  for _, self in ipairs { tracker, tracker:session("s"), tracker:session("t") } do
    for _, tool in ipairs(TOOLS) do
      table.insert(agent.wrapped, self:wrap(tool, function(_, depth, answer)
        if options.calls_back and tool ~= "read" then
          table.insert(agent.answers, answer)
        end
        return agent:work(depth)
      end, {
        callback = options.calls_back and tool ~= "read" and 3 or nil,
        timeout_ms = options.calls_back and tool == "grep" and 7 or nil,
        policy = watch,
        enforce = false,
        classify = classify,
        measure = measure,
        args = tool ~= "fetch" and function(args) return args end or nil,
      }))
    end
  end
  return agent
end

--- Calls a random tool. What it raises is caught here, or not.
function Agent:call(depth)
  local tool, args = random.pick(self.wrapped), random.pick { "x", "y", { 1 } }
  if math.random(2) == 1 then
    return tool(args, depth, type)
  end
  pcall(tool, args, depth, type)
end

--- What a tool does: waits, calls others, and ends somehow.
function Agent:work(depth)
  for _ = 1, math.random(0, 3) do
    if depth > 0 and math.random(3) == 1 then
      self:call(depth - 1)
    else
      coroutine.yield()
    end
  end
  return random.pick(ENDINGS)()
end

function Agent:spawn()
  table.insert(self.tasks, coroutine.create(function()
    for _ = 1, math.random(1, 5) do
      self:call(2)
    end
  end))
end

--- Calls a random one of the callbacks that are left.
function Agent:answer()
  local answer = table.remove(self.answers, math.random(#self.answers))
  answer(random.pick { "done", "from the cache", false }, "no such file")
end

--- Resumes a task. One that has ended goes, and so may one that hasn't.
function Agent:step()
  local place = math.random(#self.tasks)
  local task = self.tasks[place]
  local ok, problem = coroutine.resume(task)
  assert(ok or problem == ERROR, problem)
  local is_dead = coroutine.status(task) == "dead"
  if coroutine.close and (is_dead or math.random(30) == 1) then
    coroutine.close(task) -- records the calls that the error has ended, or that are cancelled
    is_dead = true
  end
  if is_dead then
    table.remove(self.tasks, place)
  end
end

--- Runs so many tasks, one after another or several at a time.
function Agent:run(tasks, are_in_turn)
  for _ = 1, tasks do
    self:spawn()
    for _ = 1, are_in_turn and math.huge or math.random(0, 4) do
      if #self.tasks == 0 then
        break
      end
      self:step()
    end
    if #self.answers > 5 then
      self:answer()
    end
  end
  while #self.tasks > 0 do
    self:step()
  end
  while #self.answers > 0 do
    self:answer()
  end
end

--- The decisions as the log has them.
local function as_logged(decisions)
  local log = {}
  for i, entry in ipairs(decisions) do
    log[i] = essence({ tool = entry.tool, now = entry.started, args_hash = entry.args_hash,
      session = entry.session }, entry.decision)
  end
  return log
end

--- Lets agents decide live, and asserts that replays of their runs decide the same. Returns what
-- they met.
local function compare_with_live(step, are_in_turn)
  local counts, met = {}, { most_in_flight = 0, statuses = {} }
  play(counts, function(round)
    local options = { max_in_flight = random.pick { 0, 1, 2, 5, 1000 },
      calls_back = not are_in_turn and math.random(2) == 1 }
    local decide = random_policy(5000, 2)
    local agent = Agent.new(options, function(call)
      met.most_in_flight = math.max(met.most_in_flight, call.tracker:in_flight_count())
      return decide(call)
    end, step)
    agent:run(random.pick { 1, 5, 15, 40 }, are_in_turn)
    local run = agent.tracker:snapshot()
    assert.equal(0, run:in_flight_count())
    assert.equal(#run, run:stats().total_executions)
    local decisions = run:decisions(decide, { enforce = false })
    assert.same(agent.log, as_logged(decisions), "SEED=" .. seed .. ", round " .. round)
    tally(counts, decisions)
    for _, record in ipairs(run:records()) do
      met.statuses[record.status .. (record.was_cached and " from the cache" or "")] = true
    end
  end)
  return met
end

describe("replaying a whole run as it was decided, without enforce", function()
  it("decides what was decided live, in the same order, about the same calls", function()
    needs.pcall_that_yields(pending)
    local met = compare_with_live(function() return math.random(1, 2000) end, false)
    assert.same({ success = true, failed = true, timed_out = true, cancelled = true,
      ["success from the cache"] = true }, met.statuses)
    assert.is_true(met.most_in_flight > 5)
  end)

  it("does so, too, if calls are made in turn and the clock seldom moves", function()
    needs.pcall_that_yields(pending)
    local met = compare_with_live(function()
      return random.pick { 0, 0, 0, 0, 0, 0, 0, 1, 500, 2000 }
    end, true)
    assert.equal(2, met.most_in_flight)
  end)
end)

describe("the policies that are replayed here", function()
  it("were given all their options", function()
    for _, name in ipairs(NAMES) do
      local class = name:gsub("^%l", string.upper):gsub("_(%l)", string.upper)
      assert.same(types.names_of(types.fields_of_class("exectrack." .. class .. "Options")),
        types.names_of(given[name]), name)
    end
  end)

  it("are all that there are", function()
    local others = { adaptive_timeout = true, all = true, by_tool = true, caller_errors = true,
      default = true, replay = true, tool_errors = true, writes = true }
    for name in pairs(policy) do
      assert.is_true(OPTIONS[name] ~= nil or others[name], name)
    end
  end)
end)
