-- Writes exports of a run with all kinds of records into the current directory, and what readers of
-- them should find: `rows.json`, the rows of the Parquet file.
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

local function save(name, bytes)
  local file = assert(io.open(name, "wb"))
  assert(file:write(bytes))
  assert(file:close())
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
  save("rows.json", "[" .. table.concat(rows, ",\n") .. "]\n")
  save("run.parquet", (snapshot:export("parquet")))
  local newest = snapshot:filter { last = 10000 }
  save("metrics.pb", (newest:export("otlp", { signal = "metrics" })))
  save("traces.pb", (newest:export("otlp", { signal = "traces" })))
  save("otlp.jsonl", (newest:export("otlp-json")))
  save("empty.parquet", (exectrack.new(1):snapshot():export("parquet")))
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
  local snapshot = tracker:snapshot()
  save("nested.trace.json", (snapshot:export("chrome")))
  save("nested.folded", (snapshot:export("folded")))
end

write_records()
write_nested()
