--- A run of a million executions, and the peers that hold the same in other forms.
local M = {}

local TOOLS = 32
local STATUSES = { "success", "success", "success", "success", "success", "success", "success",
  "failed", "timed_out", "cancelled" }

--- Calls `use(i, tool, status, duration_ms, was_cached, timestamp)` for each execution i of a run
-- of `count`: 32 tools in random order, log-uniform durations, one execution a millisecond.
function M.each(count, use)
  math.randomseed(42)
  for i = 1, count do
    use(i, string.format("tool_%02d", math.random(TOOLS)), STATUSES[math.random(#STATUSES)],
      math.floor(math.exp(10 * math.random()) * 1000) / 1000, math.random(8) == 1,
      1767225600 + i / 1000)
  end
end

--- Records the run into `tracker`.
function M.fill(tracker, count)
  M.each(count, function(_, tool, status, duration_ms, was_cached, timestamp)
    tracker:record { tool = tool, status = status, duration_ms = duration_ms,
      was_cached = was_cached, timestamp = timestamp }
  end)
end

--- A tracker that retains the run.
function M.tracker(count)
  local tracker = require("exectrack").new(count)
  M.fill(tracker, count)
  return tracker
end

--- A table `executions` of an SQLite database in memory; `column` and `value(tool)` say how it
-- keeps the tool.
function M.sqlite(count, column, value)
  local connection = require("luasql.sqlite3").sqlite3():connect(":memory:")
  assert(connection:execute("create table executions (tool " .. column .. [[,
    status text, duration_ms real, was_cached integer, timestamp real)]]))
  assert(connection:execute("begin"))
  local rows = {}
  M.each(count, function(i, tool, status, duration_ms, was_cached, timestamp)
    rows[#rows + 1] = string.format("(%s, '%s', %.3f, %d, %.3f)", value(tool), status,
      duration_ms, was_cached and 1 or 0, timestamp)
    if #rows == 500 or i == count then
      assert(connection:execute("insert into executions values " .. table.concat(rows, ",")))
      rows = {}
    end
  end)
  assert(connection:execute("commit"))
  return connection
end

return M
