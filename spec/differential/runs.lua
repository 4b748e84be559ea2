-- Random runs with something of everything, which every version of Lua makes alike: all of them
-- follows from `random`.
local exectrack = require("exectrack")
local policies = require("exectrack.policy")

local M = {}

local START_US = 1767225600000000 -- 2026-01-01 00:00 UTC
local INSTANCE_ID = "00010203-0405-4607-8809-0a0b0c0d0e0f"

M.TOOLS = { "read_file", "grep", "", "a\0b", "\255\0\254", "<b>\n\27[31m|", "(other)", "=1+1",
  ("x"):rep(255) }
M.SESSIONS = { "chat 17", "a\0b", ("s"):rep(64), "#fedcba98" }
M.ERROR_TYPES = { "ENOENT", "(none)", "a\0b", "\195", ("e"):rep(255) }
local STATUSES = { "success", "success", "failed", "timed_out", "cancelled" }
local TIMINGS = { "measured", "measured", "elapsed", "untimed" }
local DURATIONS_MS = { 0, 0.001, 0.5, 1, 1.25, 2.5, 12.25, 99.95, 999.5, 1000, 59950, 3.6e6, 1e9 }
local NOTHING = {} -- nil, which no array has

-- Values that versions of Lua tell apart in their own ways, if at all.
M.VALUES = { NOTHING, true, false, 0, 1, -1, tonumber("-0.0"), 1.5, 1 / 3, 1e15, 2 ^ 53, 1e300,
  5e-324, math.huge, "", "text", "a\0b", "\255", { 1, 2, { "three", x = 4.5 } },
  { id = 7, path = "/tmp/\0" },
  { [1.5] = "a", [-3] = "b", [true] = "c", password = "hidden", { {} } },
  "GET /?api_key=0123456789abcdef0123 HTTP/1.1" }

-- One of the values, which may be nil.
local function value(random)
  local chosen = random:pick(M.VALUES)
  return chosen ~= NOTHING and chosen or nil
end

local function maybe(random, choices)
  return random:once_in(2) and random:pick(choices) or nil
end

local function options(random, clock)
  return {
    clock = clock,
    instance_id = INSTANCE_ID,
    label = random:pick { "", "a run", "a\0b \255 <b>" },
    max_history = random:pick { 0, 1, 30, 1000, 1000, 1000 },
    max_tools = random:pick { 3, 100 },
    max_in_flight = random:pick { 0, 2, 64 },
    session_names = random:pick { 0, 2, 64 },
    args_texts = random:pick { 0, 4, 64 },
    error_texts = random:pick { 0, 4, 64 },
    ignore_args = random:once_in(4) and { "id" } or nil,
    measures = random:once_in(2) and { { name = "cost", unit = "USD", scale = 1e-6 },
      { name = "tokens" }, { name = "read\0", unit = "By" } } or nil,
  }
end

-- A run that is being made: a tracker, its clock, what can end what is in flight, and what was
-- returned, raised or decided meanwhile.
local function new(random)
  local run = { random = random, now_us = START_US, spans = {}, begun = {}, callbacks = {},
    said = {} }
  run.options = options(random, function() return run.now_us / 1e6 end)
  run.tracker = exectrack.new(run.options)
  return run
end

local function measures(run)
  local random = run.random
  if not run.options.measures or random:once_in(2) then
    return nil
  end
  return { cost = random:between(0, 9999999) / 1e6, tokens = maybe(random, { 0, 5, 2 ^ 40 }),
    ["read\0"] = maybe(random, { 1, 1023, 1536, 1e9 }) }
end

-- What records: the tracker, or one of its sessions.
local function recorder(run)
  return run.random:once_in(2) and run.tracker
    or run.tracker:session(run.random:pick(M.SESSIONS))
end

-- A timestamp out of order, one that is far away, none at all, or nil: now.
local function timestamp(random)
  if random:once_in(8) then
    return false
  elseif random:once_in(64) then
    return random:pick { 18446744073.75, 9.2e12 }
  end
  return random:once_in(8) and random:between(0, 2000000000) + random:between(0, 999999) / 1e6
    or nil
end

local function record(run)
  local random = run.random
  local timing, hash = random:pick(TIMINGS), maybe(random, { 0, 1, 4294967295 })
  recorder(run):record {
    tool = random:pick(M.TOOLS),
    status = random:pick(STATUSES),
    timing = timing,
    duration_ms = timing ~= "untimed"
      and (maybe(random, DURATIONS_MS) or random:between(0, 4999999) / 1000) or nil,
    was_cached = random:once_in(4),
    error_type = maybe(random, M.ERROR_TYPES),
    error_text = maybe(random, { "it failed: token=ghp_0123456789", "a\0b" }),
    args_hash = hash,
    args = not hash and value(random) or nil,
    result = value(random),
    depth = random:pick { 0, 0, 1, 7 },
    measures = measures(run),
    timestamp = timestamp(random),
  }
end

local function record_fast(run)
  local random = run.random
  recorder(run):recorder(random:pick(M.TOOLS))(random:pick(STATUSES), random:pick(DURATIONS_MS),
    random:once_in(4), maybe(random, M.ERROR_TYPES), value(random))
end

local function start(run)
  table.insert(run.spans, recorder(run):start(run.random:pick(M.TOOLS), value(run.random)))
end

-- One of the elements of `list`, which is taken out; nil if there are none.
local function take(run, list)
  return #list > 0 and table.remove(list, run.random:between(1, #list)) or nil
end

local function finish(run)
  local random, span = run.random, take(run, run.spans)
  if span then -- which may have been abandoned
    table.insert(run.said, { pcall(span.finish, span, random:pick(STATUSES), random:once_in(4),
      maybe(random, M.ERROR_TYPES), measures(run)) })
  end
end

-- What a wrapped tool does: it returns, or raises.
local ENDINGS = {
  function(...) return ... end,
  function(result) return result, nil, 0.5 end,
  function() return nil, "timeout" end,
  function() return false, "cancelled" end,
  function() return nil, "/tmp/x 17: No such file or directory", 2 end,
  function() return nil, { code = "E_LIMIT", message = "too \0 many" } end,
  function() error("connection 12 to 'host' refused: password=hunter2") end,
  function() error("without a position", 0) end,
  function() error({ type = "http_429" }) end,
  function() error(12.5, 0) end, -- without 0, some versions put a position before it
}

local POLICIES = {
  policies.loop_guard { repeats = 2 },
  policies.budget { max_duration_ms = 1234.5 },
  policies.rate_limit { executions = 1, per_ms = 2500.5 },
  policies.circuit_breaker { failures = 1, cooldown_ms = 1500.25 },
  policies.concurrency { max = 1 },
  function() return { action = "deny", reason = "a\0b", message = "no" } end,
}

-- What `wrap` and `begin` have in common: a policy, and a time that a call may take.
local function guards(run)
  local random = run.random
  return {
    policy = random:once_in(2) and random:pick(POLICIES) or nil,
    on_policy_error = function(err) table.insert(run.said, err) end,
    timeout_ms = random:once_in(4) and random:pick { 0.001, 1500.5, 1e6 } or nil,
  }
end

local function call(run)
  local random = run.random
  local ending = random:pick(ENDINGS)
  local tool = recorder(run):wrap(random:pick(M.TOOLS), function(...)
    run.now_us = run.now_us + random:between(0, 3000000)
    return ending(...)
  end, guards(run))
  table.insert(run.said, { pcall(tool, value(random), value(random)) })
end

-- Calls a tool that answers later: `call_back` does. The callback doesn't count as an argument, as
-- it is another one each time in some versions alone.
local function call_later(run)
  local random, how = run.random, guards(run)
  how.callback, how.args = 2, function(argument) return argument end
  local tool = recorder(run):wrap(random:pick(M.TOOLS), function(_, callback)
    table.insert(run.callbacks, callback)
  end, how)
  table.insert(run.said, { tool(value(random), function(...) return ... end) })
end

local function call_back(run)
  local callback = take(run, run.callbacks)
  if callback then
    table.insert(run.said, { pcall(callback, pcall(run.random:pick(ENDINGS), value(run.random))) })
  end
end

local function begin(run)
  local random, how = run.random, guards(run)
  how.args, how.session = value(random), maybe(random, M.SESSIONS)
  local span, message, decision = run.tracker:begin(random:pick(M.TOOLS), how)
  table.insert(run.begun, span)
  table.insert(run.said, { message = message, decision = decision })
end

local function end_begun(run)
  local span = take(run, run.begun)
  if span then
    local ok, result, err = pcall(run.random:pick(ENDINGS), value(run.random))
    local finish_it = ok and span.done or span.failed
    table.insert(run.said, { finish_it(span, result, err) })
  end
end

local function abandon(run)
  table.insert(run.said, run.tracker:session(run.random:pick(M.SESSIONS)):abandon())
end

local ACTIONS = { record, record, record, record_fast, start, finish, call, call, call_later,
  call_back, begin, end_begun, abandon }

-- Makes a run. Returns its snapshot, and what its wrapped tools returned or raised.
function M.make(random)
  local run = new(random)
  for _ = 1, random:pick { 0, 1, 20, 60, 150 } do
    run.now_us = run.now_us + random:pick { 0, 1, 1000, random:between(0, 90000000) }
    random:pick(ACTIONS)(run)
  end
  return run.tracker:snapshot(), run.said
end

return M
