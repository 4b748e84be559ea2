--- What is timed of instrumented tools and policies. As in peers.lua, each function makes its peer
-- and returns a function that does `n` operations.
local exectrack = require("exectrack")
local policy = require("exectrack.policy")
local run = require("run")

local M = {}

local HISTORY = 1000

-- A tool that does nothing, so that only what is around it is timed.
local function tool(path)
  return path
end

local PATHS = {}
for i = 1, 64 do
  PATHS[i] = string.format("src/file_%02d.c", i)
end

local function calls(call)
  return function(n)
    for i = 1, n do
      call(PATHS[i % 64 + 1])
    end
  end
end

local function wrapped(options)
  return calls(exectrack.new(HISTORY):wrap("read_file", tool, options))
end

local function usual_policies()
  return policy.all {
    policy.circuit_breaker {},
    policy.loop_guard {},
    policy.budget { max_executions = 1e12 },
  }
end

function M.bare()
  return calls(tool)
end

--- What a wrapped call does, by hand, and without regard to errors.
function M.by_hand()
  local tracker = exectrack.new(HISTORY)
  return calls(function(path)
    local span = tracker:start("read_file", path)
    local result = tool(path)
    span:finish("success")
    return result
  end)
end

function M.wrapped()
  return wrapped()
end

--- A policy that never objects: the price of asking.
function M.asked()
  return wrapped { policy = function() end }
end

function M.guarded()
  return wrapped { policy = usual_policies() }
end

--- Calls that a rate limit denies, as so many started in its time.
function M.denied()
  return wrapped { policy = policy.rate_limit { executions = 100, per_ms = 3600000 } }
end

--- Replays a run of `count` calls, one a millisecond.
local function replays_of_calls(count, decide)
  local tracker = exectrack.new(count)
  for i = 1, count do
    tracker:record { tool = "read_file", status = "success", duration_ms = 0,
      timestamp = 1767225600 + i / 1000 }
  end
  local snapshot = tracker:snapshot()
  return function(n)
    for _ = 1, n do
      policy.replay(snapshot, decide, { enforce = false })
    end
  end
end

function M.replay_calls(count)
  return replays_of_calls(count, function() end)
end

--- With a rate limit that always has `executions` in its time, and so objects to each further one.
function M.replay_edge(count, executions)
  return replays_of_calls(count,
    policy.rate_limit { executions = executions, per_ms = executions + 0.5 })
end

local function replays(count, make_policy)
  local snapshot = run.tracker(count):snapshot()
  return function(n)
    for _ = 1, n do
      policy.replay(snapshot, make_policy())
    end
  end
end

function M.replay(count)
  return replays(count, function() return function() end end)
end

function M.replay_usual(count)
  return replays(count, usual_policies)
end

function M.replay_rate(count)
  return replays(count, function()
    return policy.rate_limit { executions = 100, per_ms = 100 }
  end)
end

return M
