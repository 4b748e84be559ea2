--- Runs at the edges of what there can be, of which every report has to make sense.
local clocks = require("spec.support.clock")
local exectrack = require("exectrack")

local M = {}

local function run(executions, options)
  options = options or {}
  options.clock = options.clock or clocks.new().read
  local tracker = exectrack.new(options)
  for _, execution in ipairs(executions) do
    tracker:record(execution)
  end
  return tracker:snapshot()
end

local function many(count, execution)
  local executions = {}
  for i = 1, count do
    executions[i] = execution(i)
  end
  return executions
end

--- The names of the runs and their snapshots: an array of `{ name, snapshot }`.
function M.all()
  local failure = { tool = "a", status = "failed", duration_ms = 1, args_hash = 1 }
  return {
    { "without executions", run {} },
    { "with nothing retained", run({ failure, failure }, { max_history = 0 }) },
    { "of one execution", run { failure } },
    { "all cancelled", run(many(30, function()
      return { tool = "a", status = "cancelled", duration_ms = 5, args_hash = 1 }
    end)) },
    { "all from a cache", run(many(3, function(i)
      return { tool = "a", status = "success", duration_ms = i, was_cached = true }
    end)) },
    { "with names that harm", run {
      { tool = "<b>\n\27[31m\255", status = "failed", duration_ms = 3, error_type = "|\n" },
      { tool = "", status = "success", duration_ms = 3 },
    } },
    { "of 1970", run(many(3, function(i)
      return { tool = "a", status = "timed_out", duration_ms = 5000, timestamp = i - 1 }
    end)) },
    { "of durations of 0", run(many(30, function(i)
      return { tool = "a", status = i % 2 == 0 and "failed" or "success", duration_ms = 0,
        args_hash = 7, was_cached = i % 3 == 0 }
    end)) },
    { "of the longest durations", run(many(200, function()
      return { tool = "a", status = "failed", duration_ms = 2 ^ 52 / 1000, args_hash = 1 }
    end)) },
    { "of a thousand tools", run(many(2000, function(i)
      return { tool = "tool " .. i % 1000, status = i % 2 == 0 and "failed" or "success",
        duration_ms = i % 7, args_hash = 1, error_type = "E" .. i % 100 }
    end), { max_history = 2000, max_tools = 1000 }) },
    { "out of order", run(many(50, function(i)
      return { tool = "t" .. i % 3, status = i % 3 == 0 and "failed" or "success", duration_ms = i,
        timestamp = (i * 7919 % 50) * 1e8, args_hash = i % 5 }
    end)) },
    { "with names beyond the limits", run(many(600, function(i)
      return { tool = "t" .. i, status = "failed", duration_ms = 1, error_type = "e" .. i }
    end), { max_tools = 3 }) },
  }
end

return M
