local clocks = require("spec.support.clock")
local exectrack = require("exectrack")
local random = require("spec.support.random")
local runs = require("spec.support.runs")

local STEPS = tonumber(os.getenv("STEPS")) or 4000 -- fewer under valgrind
local MAX_TOOLS = 6
local MAX_IN_FLIGHT = 3
local STATUSES = { "success", "failed", "timed_out", "cancelled" }
local TOOLS = { "read_file", "grep", "", "a\0b", "\xff\xfe", ("x"):rep(300), "cc", "ls", "(other)",
  "sed" }
local ERROR_TYPES = { "", "ENOENT", "EIO", ("e"):rep(300), "a\0b" }

--- What a tracker must do, as plainly as it can be said: all executions since the last clear
-- in an array, and every answer by going through them. Times and durations are microseconds.
local Model = {}
Model.__index = Model

local function new_model(max_history, clock)
  return setmetatable({
    max_history = max_history,
    clock = clock,
    latest_us = clock.us,
    names = {},
    name_bytes = 0,
    executions = {},
    spans = {},
    overflowed = 0,
  }, Model)
end

local function ms(us)
  return us % 1000 == 0 and us // 1000 or us / 1000
end

function Model:now_us()
  self.latest_us = math.max(self.latest_us, self.clock.us)
  return self.latest_us
end

function Model:id_of(tool)
  for id, name in ipairs(self.names) do
    if name == tool:sub(1, 255) then
      return id
    end
  end
end

--- `(other)` has a place and bytes of its own.
function Model:has_room(name)
  local others = self:id_of("(other)") and 1 or 0
  return #self.names - others < MAX_TOOLS
    and self.name_bytes - others * #"(other)" + #name <= MAX_TOOLS * 64
end

function Model:intern(tool)
  local name = tool:sub(1, 255)
  if not self:id_of(name) and not self:has_room(name) then
    self.overflowed = self.overflowed + 1
    name = "(other)"
  end
  if not self:id_of(name) then
    self.names[#self.names + 1] = name
    self.name_bytes = self.name_bytes + #name
  end
  return self:id_of(name)
end

--- `execution` has `status`, `duration_us` and `end_us`, and perhaps the rest.
function Model:record(tool_id, execution)
  execution.tool_id = tool_id
  self.executions[#self.executions + 1] = execution
end

function Model:clear()
  self.executions = {}
  self.overflowed = 0
end

function Model:retained()
  local first = math.max(1, #self.executions - self.max_history + 1)
  return { table.unpack(self.executions, first) }
end

local function of_tool(executions, tool_id)
  local found = {}
  for _, execution in ipairs(executions) do
    if tool_id == nil or execution.tool_id == tool_id then
      found[#found + 1] = execution
    end
  end
  return found
end

local function counts(executions)
  local result = {
    total_executions = #executions,
    successful = 0,
    failed = 0,
    timed_out = 0,
    cancelled = 0,
    cached_hits = 0,
  }
  local total_us = 0
  for _, execution in ipairs(executions) do
    local field = execution.status == "success" and "successful" or execution.status
    result[field] = result[field] + 1
    result.cached_hits = result.cached_hits + (execution.was_cached and 1 or 0)
    total_us = total_us + execution.duration_us
  end
  result.total_duration_ms = ms(total_us)
  return result, total_us
end

local function with_average(executions)
  local result, total_us = counts(executions)
  if #executions > 0 then
    result.avg_duration_ms = total_us / #executions / 1000
  end
  return result
end

local function failure_streak(executions)
  local streak = 0
  for _, execution in ipairs(executions) do
    if execution.status == "success" then
      streak = 0
    elseif execution.status ~= "cancelled" then
      streak = streak + 1
    end
  end
  return streak
end

function Model:stats()
  local result = counts(self.executions)
  result.overflowed = self.overflowed
  result.error_types_overflowed = 0
  result.in_flight = #self.spans
  result.window = with_average(self:retained())
  return result
end

function Model:tool_stats(tool_id)
  local executions = of_tool(self.executions, tool_id)
  local result = with_average(executions)
  for _, execution in ipairs(executions) do
    local us, last = execution.duration_us, execution.end_us / 1e6
    result.min_duration_ms = math.min(result.min_duration_ms or math.huge, us / 1000)
    result.max_duration_ms = math.max(result.max_duration_ms or 0, us / 1000)
    result.last_timestamp = math.max(result.last_timestamp or 0, last)
  end
  result.failure_streak = failure_streak(executions)
  result.in_flight = #of_tool(self.spans, tool_id)
  result.window = with_average(of_tool(self:retained(), tool_id))
  return result
end

function Model:recent_executions(n)
  local records, newest_first = {}, runs.newest_first(self:retained())
  for i = 1, math.min(#newest_first, n) do
    local execution = newest_first[i]
    records[i] = {
      tool = self.names[execution.tool_id],
      tool_id = execution.tool_id,
      status = execution.status,
      duration_ms = ms(execution.duration_us),
      was_cached = execution.was_cached or false,
      error_type = execution.error_type ~= "" and execution.error_type
        and execution.error_type:sub(1, 255) or nil,
      args_hash = execution.args_hash or 0,
      timestamp = execution.end_us / 1e6,
    }
  end
  return records
end

function Model:in_flight()
  local listed, now_us = {}, self:now_us()
  for _, span in ipairs(self.spans) do
    if span.is_listed then
      listed[#listed + 1] = {
        tool = self.names[span.tool_id],
        tool_id = span.tool_id,
        started = span.start_us / 1e6,
        elapsed_ms = ms(now_us - span.start_us),
        args_hash = span.args_hash,
      }
    end
  end
  return listed
end

function Model:count_listed()
  local count = 0
  for _, span in ipairs(self.spans) do
    count = count + (span.is_listed and 1 or 0)
  end
  return count
end

--- A tracker and its model, to which each step does the same.
local Pair = {}
Pair.__index = Pair

local function new_pair(max_history)
  local clock = clocks.new()
  local model = new_model(max_history, clock)
  local function read()
    model:now_us() -- whatever it is read for, it doesn't go back after it
    return clock.read()
  end
  local tracker = exectrack.new {
    max_history = max_history,
    max_tools = MAX_TOOLS,
    max_in_flight = MAX_IN_FLIGHT,
    clock = read,
  }
  return setmetatable({ clock = clock, model = model, tracker = tracker }, Pair)
end

local function random_duration_us()
  return random.pick { 0, 1, 999, 1000, math.random(0, 5000000), math.random(0, 1 << 45) }
end

local function random_execution()
  return {
    status = random.pick(STATUSES),
    duration_us = random_duration_us(),
    was_cached = random.pick { true, false },
    error_type = random.pick(ERROR_TYPES),
  }
end

function Pair:record()
  local execution, tool = random_execution(), random.pick(TOOLS)
  local args = random.pick { false, 1, "x" }
  execution.args_hash = exectrack.fingerprint(args)
  execution.end_us = self.model:now_us()
  self.tracker:record(tool, execution.status, ms(execution.duration_us), execution.was_cached,
    execution.error_type, args)
  self.model:record(self.model:intern(tool), execution)
end

function Pair:record_table()
  local execution, tool = random_execution(), random.pick(TOOLS)
  execution.args_hash = math.random(0, 0xFFFFFFFF)
  execution.end_us = math.random(0, 4000000000000000)
  self.tracker:record {
    tool = tool,
    status = execution.status,
    duration_ms = execution.duration_us / 1000,
    was_cached = execution.was_cached,
    error_type = execution.error_type,
    args_hash = execution.args_hash,
    timestamp = execution.end_us / 1e6,
  }
  self.model:record(self.model:intern(tool), execution)
end

function Pair:start()
  local tool = random.pick(TOOLS)
  local is_listed = self.model:count_listed() < MAX_IN_FLIGHT
  table.insert(self.model.spans, {
    handle = self.tracker:start(tool),
    tool_id = self.model:intern(tool),
    start_us = self.model:now_us(),
    args_hash = 0,
    is_listed = is_listed,
  })
end

--- Takes a span out of the model and returns it, or nil if none is in flight.
function Pair:take_span()
  local spans = self.model.spans
  return #spans > 0 and table.remove(spans, math.random(#spans)) or nil
end

function Pair:end_span(span, end_us, outcome)
  outcome.duration_us = end_us - span.start_us
  outcome.end_us = end_us
  outcome.args_hash = span.args_hash
  self.model:record(span.tool_id, outcome)
  return ms(outcome.duration_us)
end

function Pair:finish()
  local span = self:take_span()
  if span then
    local outcome = random_execution()
    local duration_ms = self:end_span(span, self.model:now_us(), outcome)
    assert.equal(duration_ms,
      span.handle:finish(outcome.status, outcome.was_cached, outcome.error_type))
    assert.is_false(pcall(span.handle.finish, span.handle))
  end
end

function Pair:close_span()
  local span = self:take_span()
  if span then
    local fails = random.pick { true, false }
    local ok = pcall(function()
      local _ <close> = span.handle
      assert(not fails)
    end)
    assert.equal(not fails, ok)
    self:end_span(span, self.model:now_us(), { status = fails and "failed" or "cancelled" })
  end
end

--- Finalizes a span as the collector does, whose moment a stale slot of the stack may delay.
function Pair:abandon_span()
  local span = self:take_span()
  if span then
    getmetatable(span.handle).__gc(span.handle)
    self:end_span(span, self.model.latest_us,
      { status = "cancelled", error_type = "abandoned" })
  end
end

function Pair:move_clock()
  self.clock.advance_us(random.pick { 0, 1, 1000, -5000, math.random(0, 10000000) })
end

function Pair:misuse()
  local tracker = self.tracker
  random.pick {
    function() assert.is_false(pcall(tracker.record, tracker, "new", "done", 1)) end,
    function() assert.is_false(pcall(tracker.record, tracker, "new", "failed", -1)) end,
    function() assert.is_false(pcall(tracker.record, tracker, { tool = "new" })) end,
    function() assert.is_false(pcall(tracker.start, tracker)) end,
    function() assert.is_false(pcall(tracker.recent_executions, tracker, -1)) end,
  }()
end

function Pair:clear()
  self.tracker:clear()
  self.model:clear()
end

--- Each step as often as it is here.
local STEP_NAMES = { "record", "record", "record", "record", "record", "record_table",
  "record_table", "start", "start", "start", "finish", "finish", "close_span", "move_clock",
  "move_clock", "misuse" }

function Pair:step()
  local chance = math.random(300)
  if chance == 1 then
    self:clear()
  elseif chance <= 10 then
    self:abandon_span()
  else
    self[random.pick(STEP_NAMES)](self)
  end
end

local QUANTILES = { p50 = 0.5, p90 = 0.9, p95 = 0.95, p99 = 0.99 }

--- Compares the estimates in `stats`, which it takes out, with the element of the nearest rank.
local function check_quantiles(executions, stats)
  local sorted = {}
  for i, execution in ipairs(executions) do
    sorted[i] = execution.duration_us / 1000
  end
  table.sort(sorted)
  for name, q in pairs(QUANTILES) do
    local field = name .. "_duration_ms"
    local exact = sorted[runs.rank(q, #sorted)]
    if exact then
      assert.is_true(math.abs(stats[field] - exact) <= 0.044 * exact, field)
    end
    assert.equal(exact == nil, stats[field] == nil)
    stats[field] = nil
  end
end

function Pair:check_tool(tool)
  local model, tracker = self.model, self.tracker
  local id = model:id_of(tool)
  local stats = tracker:stats(tool)
  if not id then
    assert.is_nil(stats)
    assert.is_nil(tracker:avg_duration_for_tool(tool))
    return
  end
  check_quantiles(of_tool(model.executions, id), stats)
  local expected = model:tool_stats(id)
  assert.same(expected, stats)
  assert.equal(expected.window.avg_duration_ms, tracker:avg_duration_for_tool(tool))
  assert.equal(model.names[id], tracker:get_tool_name(id))
end

function Pair:check()
  local model, tracker = self.model, self.tracker
  local n = math.random(0, 12)
  assert.same(model:recent_executions(n), tracker:recent_executions(n))
  assert.equal(math.min(#model.executions, model.max_history), #tracker)
  self:check_tool(random.pick(TOOLS))
end

function Pair:check_all()
  local model, tracker = self.model, self.tracker
  assert.same(model:recent_executions(math.huge), tracker:recent_executions(math.maxinteger))
  assert.same(model:stats(), tracker:stats())
  assert.same(model.names, tracker:tools())
  assert.same(model:in_flight(), tracker:in_flight())
  assert.equal(string.format("exectrack.Tracker (%d %s, %d/%d records)", #model.names,
    #model.names == 1 and "tool" or "tools", math.min(#model.executions, model.max_history),
    model.max_history), tostring(tracker))
  for _, tool in ipairs(TOOLS) do
    self:check_tool(tool)
  end
end

describe("a tracker agrees with its model", function()
  setup(function()
    random.seed("model_spec")
  end)

  for _, max_history in ipairs { 0, 1, 7, 100 } do
    it("with a history of " .. max_history, function()
      local pair = new_pair(max_history)
      pair:check_all()
      for step = 1, STEPS do
        pair:step()
        pair:check()
        if step % 20 == 0 then
          pair:check_all()
        end
      end
      pair:check_all()
    end)
  end
end)
