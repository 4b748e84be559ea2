--- What is timed. Each function makes its peer and returns a function that does `n` operations; it
-- is called in a Lua state of its own. Every tracker is full before it is timed.
local exectrack = require("exectrack")

local M = {}

local CALLS = 4096 -- a power of two

-- The arguments of CALLS calls, as arrays: 32 tools, mostly successes, fractional durations.
local function arguments()
  math.randomseed(42)
  local tools, statuses, durations, cached = {}, {}, {}, {}
  local by_tenth = {
    "success", "success", "success", "success", "success", "success", "success",
    "failed", "timed_out", "cancelled",
  }
  for i = 1, CALLS do
    tools[i] = string.format("tool_%02d", math.random(32))
    statuses[i] = by_tenth[math.random(10)]
    durations[i] = math.exp(3 + 2 * math.random())
    cached[i] = math.random(8) == 1
  end
  return tools, statuses, durations, cached
end

local function varied(tracker)
  local tools, statuses, durations, cached = arguments()
  return function(n)
    for i = 1, n do
      local k = i % CALLS + 1
      tracker:record(tools[k], statuses[k], durations[k], cached[k])
    end
  end
end

local function full(tracker, history)
  local run = varied(tracker)
  run(history + history // 2)
  return run
end

function M.exectrack_varied(history)
  return full(exectrack.new(history), history)
end

-- A tracker whose image is a file, which is removed with the peer.
local function in_a_file(history)
  local file = require("bench_file").new()
  return assert(exectrack.open(file.name, { max_history = history })), file
end

function M.exectrack_varied_in_a_file(history)
  local tracker, file = in_a_file(history)
  local run = full(tracker, history)
  return function(n) return run(n), file end
end

function M.empty_varied()
  return varied(require("floor"))
end

function M.plain_records(history)
  return full(require("plain_records").new(history), history)
end

function M.plain_arrays(history)
  return full(require("plain_arrays").new(history), history)
end

-- Filled just so, as every record more shifts the whole history.
function M.plain_shift(history)
  local tracker = require("plain_shift").new(history)
  local run = varied(tracker)
  run(history)
  return run
end

-- One transaction that never ends, in memory. LuaSQL prepares every statement anew.
function M.sqlite()
  local connection = require("luasql.sqlite3").sqlite3():connect(":memory:")
  assert(connection:execute([[
    create table executions (tool text, status text, duration_ms real, was_cached integer,
      timestamp integer)]]))
  assert(connection:execute("begin"))
  local insert = "insert into executions values ('%s', '%s', %.3f, %d, %d)"
  local tracker = {}
  function tracker.record(_, tool, status, duration_ms, was_cached)
    local cached = was_cached and 1 or 0
    assert(connection:execute(insert:format(tool, status, duration_ms, cached, os.time())))
  end
  return varied(tracker)
end

local function filled(history)
  local tracker = exectrack.new(history)
  full(tracker, history)
  return tracker
end

function M.average(history)
  local tracker = filled(history)
  return function(n)
    for _ = 1, n do
      tracker:avg_duration_for_tool("tool_07")
    end
  end
end

function M.stats(history)
  local tracker = filled(history)
  return function(n)
    for _ = 1, n do
      tracker:stats("tool_07")
    end
  end
end

local function spans(tracker)
  return function(n)
    for _ = 1, n do
      tracker:start("read_file"):finish("success")
    end
  end
end

function M.span(history)
  return spans(filled(history))
end

function M.span_in_a_file(history)
  local tracker, file = in_a_file(history)
  local run = spans(tracker)
  run(history + history // 2)
  return function(n) return run(n), file end
end

function M.recent(history)
  local tracker = filled(history)
  return function(n)
    for _ = 1, n do
      tracker:recent_executions(100)
    end
  end
end

function M.fingerprint()
  local args = { path = "src/tracker.c", offset = 1, limit = 200 }
  return function(n)
    for _ = 1, n do
      exectrack.fingerprint(args)
    end
  end
end

return M
