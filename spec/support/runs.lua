--- Random runs with something of everything in them, and plain answers about their records.
local clocks = require("spec.support.clock")
local exectrack = require("exectrack")
local portable = require("spec.support.portable")
local random = require("spec.support.random")

local M = {}

M.STATUSES = { "success", "failed", "timed_out", "cancelled" }
M.TOOLS = { "read_file", "grep", "", "a\0b", "\255\254", "ls", "(other)", ("x"):rep(255) }
M.SESSIONS = { false, "chat 17", "a\0b", ("s"):rep(64), "#fedcba98" }
M.ERROR_TYPES = { "ENOENT", "EIO", "a\0b", "\195", ("e"):rep(255) }

--- Microseconds as the milliseconds that methods return.
function M.ms(us)
  return us % 1000 == 0 and math.floor(us / 1000) or us / 1000
end

--- Which of `count` sorted values the quantile is that was written as the decimal `q`.
function M.rank(q, count)
  return math.max(1, math.ceil(q * count - 1e-9))
end

--- The duration of a record in microseconds, exactly while it is below 2^53; 0 if it is untimed.
function M.duration_us(record)
  return math.floor((record.duration_ms or 0) * 1000 + 0.5)
end

--- When a record ended, in microseconds, exactly until the year 2106; 0 if it is undated.
function M.end_us(record)
  return math.floor((record.timestamp or 0) * 1e6 + 0.5)
end

--- A random execution, as `tracker:record` takes it. Few values are common, so that executions
-- have much in common. One in eight ended at a random time.
function M.execution()
  local us = random.pick { 0, 1, 999, 1000, 1500, math.random(0, 5000), random.integer(0, 2 ^ 40) }
  return {
    tool = random.pick(M.TOOLS),
    status = random.pick(M.STATUSES),
    duration_ms = us / 1000,
    was_cached = random.pick { true, false },
    error_type = math.random(2) == 1 and random.pick(M.ERROR_TYPES) or nil,
    args_hash = random.pick { 0, 1, 0xFFFFFFFF, math.random(0, 9), random.integer(0, 0xFFFFFFFF) },
    result_hash = random.pick { nil, 1, 0xFFFFFFFF },
    session = random.pick(M.SESSIONS) or nil,
    depth = random.pick { 0, 0, 1, 7 },
    timestamp = math.random(8) == 1 and random.integer(0, 4000000000000000) / 1e6 or nil,
  }
end

--- Whether random executions may be untimed, elapsed or undated.
M.has_unknowns = false

--- Has `execution` be untimed, elapsed or undated at random.
local function make_unknown(execution)
  execution.timing = random.pick { "measured", "elapsed", "untimed" }
  if execution.timing == "untimed" then
    execution.duration_ms = nil
  end
  if math.random(4) == 1 then
    execution.timestamp = false
  end
end

--- Records `count` random executions while `clock` goes on. Returns them as they were recorded.
function M.record(tracker, clock, count)
  local executions = {}
  for i = 1, count do
    clock.advance_us(random.pick { 0, 0, 1, 1000, math.random(0, 3000000) })
    executions[i] = M.execution()
    if M.has_unknowns then
      make_unknown(executions[i])
    end
    tracker:record(executions[i])
    if executions[i].timestamp == nil then
      executions[i].timestamp = clock.us / 1e6
    end
  end
  return executions
end

--- Makes a tracker with a random run of `count` executions, or a random number, and some in
-- flight. `options` are those of `exectrack.new`; `clock` is one of its own unless it is given.
-- Returns it, its clock, its executions and its spans, in flight as long as they are kept.
function M.tracker(options, count, clock)
  clock = clock or clocks.new()
  local all = { clock = clock.read }
  for name, value in pairs(options or {}) do
    all[name] = value
  end
  local tracker = exectrack.new(all)
  local executions = M.record(tracker, clock, count or random.pick { 0, 1, 2, 10, 70, 200 })
  local spans = {}
  for i = 1, math.random(0, 3) do
    spans[i] = tracker:start(random.pick(M.TOOLS), random.pick { 1, "x" })
    clock.advance_us(math.random(0, 1000))
  end
  return tracker, clock, executions, spans
end

--- A snapshot of such a run.
function M.snapshot(options, count)
  local tracker, _, _, spans = M.tracker(options, count)
  local snapshot = tracker:snapshot()
  assert(spans) -- which kept them in flight until here
  return snapshot
end

--- The instance of a run that is to be equal to others.
M.INSTANCE_ID = "00010203-0405-4607-8809-0a0b0c0d0e0f"

--- A small snapshot that has something of everything: two records, of which one is imported,
-- two tools with histograms, one execution in flight, two error types, denied calls.
function M.full()
  local clock = clocks.new()
  local tracker = exectrack.new { max_history = 2, max_tools = 4, max_in_flight = 5,
    label = "a run", instance_id = M.INSTANCE_ID, clock = clock.read }
  tracker:record("read", "success", 0)
  tracker:record("read", "failed", 1.5, false, "EIO")
  clock.advance_us(1000001)
  tracker:record("write\0", "timed_out", 5000, true, "ETIMEDOUT", "x")
  tracker:record { tool = "read", status = "cancelled", duration_ms = 1.6,
    timestamp = 1600000000.25 }
  local span = tracker:start("write\0", "y")
  clock.advance_us(7)
  local form = tracker:snapshot():to_table()
  form.denials[1] = { tool_id = 1, reason_id = 2, count = 3, last_seconds = 1767225600,
    last_microseconds = 5 }
  form.denied = {
    { tool_id = 2, reason_id = 1, args_hash = 0xFFFFFFFF, session = "#0000000a",
      denied_seconds = 1767225601, denied_microseconds = 999999 },
    { tool_id = 1, reason_id = 2, args_hash = 0, denied_seconds = 1767225600,
      denied_microseconds = 5 },
  }
  form.denials_overflowed = 9
  form.max_args_texts, form.max_error_texts = 8, 16
  form.session_names[1] = { name = "chat 17", last_seconds = 1767225600, last_microseconds = 7 }
  form.args_texts[1] = { args_hash = 0xFFFFFFFF, text = "x = 1", last_seconds = 1767225600,
    last_microseconds = 8 }
  form.error_texts[1] = { tool_id = 1, error_type_id = 1, text = "I/O error",
    last_seconds = 1767225600, last_microseconds = 9 }
  form.in_flight[1].session, form.in_flight[1].depth = "#0000000b", 1
  form.in_flight[1].known_seconds, form.in_flight[1].known_microseconds = form.taken_seconds, 3
  form.records[1].session, form.records[1].result_hash, form.records[1].depth = "#0000000c", 5, 7
  form.records[1].place = "a.jsonl:12"
  form.cleared_microseconds, form.filtered, form.ignored_args = 3, true, 0xFFFFFFFE
  span:finish()
  return assert(exectrack.from_table(form))
end

--- The records for which `passes` holds.
function M.select(records, passes)
  local selected = {}
  for _, record in ipairs(records) do
    if passes(record) then
      selected[#selected + 1] = record
    end
  end
  return selected
end

--- The records, in the order of recording, as an array from the newest on: by when they ended, and
-- of those that ended together the one recorded last is the newest.
function M.newest_first(records)
  local places, sorted = {}, {}
  for i, record in ipairs(records) do
    places[record], sorted[i] = i, record
  end
  local function end_us(record)
    return record.end_us or M.end_us(record)
  end
  table.sort(sorted, function(a, b)
    if end_us(a) ~= end_us(b) then
      return end_us(a) > end_us(b)
    end
    return places[a] > places[b]
  end)
  return sorted
end

local COUNT_FIELDS = { success = "successful", failed = "failed", timed_out = "timed_out",
  cancelled = "cancelled" }

--- What `.window` of the statistics says of `records`.
function M.window(records)
  local window = { total_executions = #records, successful = 0, failed = 0, timed_out = 0,
    cancelled = 0, cached_hits = 0, untimed = 0, elapsed = 0 }
  local total_us, elapsed_us = 0, 0
  for _, record in ipairs(records) do
    local field = COUNT_FIELDS[record.status]
    window[field] = window[field] + 1
    window.cached_hits = window.cached_hits + (record.was_cached and 1 or 0)
    if not record.timing then
      total_us = total_us + M.duration_us(record)
    else
      window[record.timing] = window[record.timing] + 1
      elapsed_us = elapsed_us + M.duration_us(record)
    end
  end
  window.total_duration_ms, window.elapsed_ms = M.ms(total_us), M.ms(elapsed_us)
  local measured = #records - window.untimed - window.elapsed
  if measured > 0 then
    window.avg_duration_ms = total_us / measured / 1000
  end
  return window
end

--- All that a tracker and a snapshot have in common to read, to be compared.
function M.answers(run)
  local answers = { length = #run, label = run:label(), tools = run:tools(), stats = run:stats(),
    recent = run:recent_executions(portable.MAX_INTEGER), in_flight = run:in_flight(),
    denials = { run:denials() }, denied = run:denied() }
  for id, tool in ipairs(answers.tools) do
    answers[id] = { name = run:get_tool_name(id), stats = run:stats(tool),
      average = run:avg_duration_for_tool(tool) or false }
  end
  return answers
end

--- A run of the tool `a`, of which as many executions failed, timed out and were denied, for two
-- reasons, as can be counted. One more is in flight.
function M.with_full_counts()
  local tracker = exectrack.new(1)
  tracker:record("a", "failed", 3600000)
  tracker:record("a", "timed_out", 3600000)
  for _, reason in ipairs { "one", "another" } do
    tracker:wrap("a", M.record, {
      policy = function() return { action = "deny", reason = reason } end,
    })()
  end
  local span = tracker:start("a")
  local form = tracker:snapshot():to_table()
  span:finish()
  form.tools[1].failed, form.tools[1].timed_out = "9223372036854775807", "9223372036854775807"
  for _, denial in ipairs(form.denials) do
    denial.count = "9223372036854775807"
  end
  return assert(exectrack.from_table(form))
end

return M
