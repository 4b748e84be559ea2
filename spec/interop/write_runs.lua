-- Saves runs that other programs are to read into the current directory, and what is in them:
--
-- - calls.run has names that are hard to write and all that metrics count. calls.json has
--   its calls.
-- - records.run has all kinds of records, and newest.run the newest of them. rows.json has the rows
--   of its Parquet file.
-- - boundaries.run has durations next to the boundaries of the finest buckets, of octaves by tool,
--   and of all of them. boundaries.json has the durations.
-- - nested.run has calls within calls, concurrent.run many that overlap or touch, empty.run
--   nothing.
local exectrack = require("exectrack")
local json = require("exectrack.json_text")

local STARTED = 1767225600
local ROWS = 140000 -- more than one group of a Parquet file

local STATUSES = { "success", "failed", "timed_out", "cancelled" }
local TOOLS = { "read_file", "search; all", "run_tests", "Überall", "bash" }

local function record_of(i)
  local status, kind = STATUSES[i % 4 + 1], i % 10
  return {
    tool = TOOLS[i % 5 + 1], status = status, was_cached = i % 7 == 0,
    duration_ms = kind > 0 and i * 7919 % 5000 / 8 or nil,
    timing = kind == 1 and "elapsed" or nil,
    error_type = status == "failed" and "E" .. i % 300 or nil,
    args_hash = i % 3 > 0 and i * 2654435761 % 2 ^ 32 or nil,
    result_hash = i % 11 == 0 and i or nil,
    session = i % 4 > 0 and "talk " .. i % 90 or nil,
    timestamp = kind ~= 2 and STARTED + i * 0.37 or false,
    measures = i % 6 == 0 and { cost = i % 1000 / 1000 } or nil,
  }
end

local function write(name, text)
  local file = assert(io.open(name, "wb"))
  assert(file:write(text))
  assert(file:close())
end

local function save(name, run)
  assert(run:snapshot():save(name))
end

local function microseconds(record)
  if not record.undated then
    return ("%d%06d"):format(record.end_seconds, record.end_microseconds)
  end
end

-- A row in JSON: integers of 64 bits and times are text, and what isn't known is left out.
local function row_of(record, value, run)
  return json.encode {
    instance_id = run.instance_id, label = run.label, session = record.session,
    tool = run.tools[record.tool_id].name, status = record.status,
    error_type = run.error_types[record.error_type_id], was_cached = record.was_cached,
    end_time = microseconds(record), timing = record.timing or "measured",
    duration_us = record.duration_us and ("%d"):format(record.duration_us),
    depth = record.depth or 0, args_hash = record.args_hash ~= 0 and record.args_hash or nil,
    result_hash = record.result_hash, measure_cost = value or nil,
  }
end

local function write_records()
  local tracker = exectrack.new { max_history = ROWS, label = "interop",
    measures = { { name = "cost", unit = "USD", scale = 0.001 } } }
  for i = 1, ROWS do
    tracker:record(record_of(i))
  end
  local snapshot = tracker:snapshot()
  local run, values, rows = snapshot:to_table(), snapshot:column("measures.cost"), {}
  for i, record in ipairs(run.records) do
    rows[i] = row_of(record, values[i], run)
  end
  write("rows.json", "[" .. table.concat(rows, ",\n") .. "]\n")
  save("records.run", tracker)
  assert(snapshot:filter({ last = 10000 }):save("newest.run"))
  save("empty.run", exectrack.new(1))
end

local function write_nested()
  local tracker = exectrack.new { max_history = 10, label = "interop" }
  for _, call in ipairs { { "read_file", 1, 2, 1 }, { "search", 2, 5, 1 }, { "list", 1.5, 4, 1 },
    { "sub_agent", 0, 8, 0 }, { "bash", 3, 3, 0 }, { "read_file", 9, 9.5, 0 } } do
    tracker:record { tool = call[1], status = "success", duration_ms = (call[3] - call[2]) * 1000,
      depth = call[4], timestamp = STARTED + call[3] }
  end
  local denied = tracker:wrap("bash", print, { policy = function()
    return { action = "deny" }
  end })
  denied()
  save("nested.run", tracker)
end

-- Times are multiples of a millisecond, so that many are equal.
local function write_concurrent()
  local tracker = exectrack.new { max_history = 3000, label = "interop" }
  local number = 1
  local function random(n)
    number = number * 16807 % 2147483647
    return number % n
  end
  for i = 1, 3000 do
    tracker:record { tool = "tool " .. random(5), status = "success", depth = random(3),
      duration_ms = random(4) * random(5), timestamp = STARTED + i / 1000 + random(20) / 1000 }
  end
  save("concurrent.run", tracker)
end

local NAMES = { "search", "", 'a "b" \\c\n', "x\0y\r", "\195\188n\195\175code", "\255", "\254",
  "\239\191\189" }
local TIMINGS = { "measured", "measured", "elapsed", "untimed" }
-- Limits of buckets and their neighbours.
local DURATIONS_US = { 0, 1, 976, 977, 15624, 15625, 15626, 250000, 250001, 999999, 1000000,
  1000001, 60000000, 512000000, 512000001 }

local function hex(name)
  return (name:gsub(".", function(byte) return ("%02x"):format(byte:byte()) end))
end

-- The ith of the calls, which follow one another.
local function call_of(i)
  local status = STATUSES[i * 7 % 31 % #STATUSES + 1]
  return {
    tool = i % 100 == 99 and "no room" or NAMES[i % #NAMES + 1], status = status,
    duration_us = DURATIONS_US[i % #DURATIONS_US + 1], timing = TIMINGS[i % 13 % 4 + 1],
    was_cached = i % 5 == 0, cost = i % 3 == 0 and i or nil,
    error_type = status == "failed" and "E" .. i or nil,
  }
end

local function record(tracker, call, i)
  local timing = call.timing
  tracker:record { tool = call.tool, status = call.status, was_cached = call.was_cached,
    duration_ms = timing ~= "untimed" and call.duration_us / 1000 or nil,
    timing = timing == "elapsed" and timing or nil, error_type = call.error_type,
    measures = call.cost and { cost = call.cost / 1000 }, timestamp = STARTED + i * 1000 }
end

-- What one call can't show: executions in flight and denials, by tool.
local IN_FLIGHT = { { tool = "search", count = 2 }, { tool = "\255", count = 1 } }
local DENIALS = { { tool = "search", reason = "slow", count = 3 },
  { tool = 'a "b" \\c\n', reason = "loop", count = 1 },
  { tool = "\254", reason = "\255", count = 2 } }

local function deny(tracker, denial)
  local denied = tracker:wrap(denial.tool, error, { policy = function()
    return { action = "deny", reason = denial.reason }
  end })
  for _ = 1, denial.count do
    denied()
  end
end

-- As JSON, in which the tool's name is in hexadecimal digits, and what it is called otherwise if it
-- isn't UTF-8.
local function fact_of(fact)
  fact.mark = ("#%08x"):format(exectrack.fingerprint(fact.tool))
  fact.reason_mark = fact.reason and ("#%08x"):format(exectrack.fingerprint(fact.reason))
  fact.tool, fact.reason = hex(fact.tool), fact.reason and hex(fact.reason)
  return fact
end

local function write_facts(tracker, calls)
  local run = tracker:snapshot():to_table()
  local facts = { calls = calls, in_flight = IN_FLIGHT, denials = DENIALS }
  for name, list in pairs(facts) do
    for i, fact in ipairs(list) do
      list[i] = json.encode(fact_of(fact))
    end
    facts[name] = "[" .. table.concat(list, ",\n") .. "]"
  end
  write("calls.json", ('{"calls":%s,"in_flight":%s,"denials":%s,"cleared":%d.%06d}'):format(
    facts.calls, facts.in_flight, facts.denials, run.cleared_seconds, run.cleared_microseconds))
end

local FINEST = 64 -- buckets in an octave
local OCTAVES = 2 -- of a tool, which has few enough to keep these buckets

-- The microseconds next to each boundary of the octaves from 2^first seconds on, in order.
local function next_to_boundaries(first)
  local list = {}
  for i = 1, OCTAVES * FINEST do
    local us = math.floor(2 ^ (first + i / FINEST) * 1e6)
    for _, one in ipairs { us, us + 1 } do
      list[#list + 1] = one > (list[#list] or 0) and one or nil
    end
  end
  return list
end

local function write_boundaries()
  local tracker, all = exectrack.new(0), { all = { 0, 0, 0 } }
  local function record_one(tool, us)
    tracker:record { tool = tool, status = "success", duration_ms = us / 1000 }
  end
  for _, us in ipairs(all.all) do
    record_one("all", us)
  end
  for first = -20, 20, OCTAVES do
    local tool = tostring(first)
    all[tool] = next_to_boundaries(first)
    for _, us in ipairs(all[tool]) do
      record_one(tool, us)
      record_one("all", us)
      all.all[#all.all + 1] = us
    end
  end
  save("boundaries.run", tracker)
  write("boundaries.json", json.encode(all))
end

local function write_calls()
  local tracker = exectrack.new { max_history = 2000, max_tools = #NAMES, label = "agent \"1\"",
    measures = { { name = "cost", unit = "USD", scale = 0.001 } } }
  local calls, spans = {}, {}
  for _, denial in ipairs(DENIALS) do
    deny(tracker, denial)
  end
  for i = 1, 1500 do
    calls[i] = call_of(i)
    record(tracker, calls[i], i)
  end
  for _, execution in ipairs(IN_FLIGHT) do
    for _ = 1, execution.count do
      spans[#spans + 1] = tracker:start(execution.tool)
    end
  end
  save("calls.run", tracker)
  write_facts(tracker, calls)
  for _, span in ipairs(spans) do
    span:finish()
  end
end

write_calls()
write_boundaries()
write_records()
write_nested()
write_concurrent()
