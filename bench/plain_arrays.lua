--- A tracker in plain Lua, as one writes it who has read about garbage: parallel arrays, each a
-- ring. It counts by tool and in all, over the lifetime and over what it retains.
local Tracker = {}
Tracker.__index = Tracker

local function new_stats()
  return {
    executions = 0, success = 0, failed = 0, timed_out = 0, cancelled = 0, cached_hits = 0,
    total_ms = 0, window_executions = 0, window_ms = 0,
  }
end

local function new(max_history)
  return setmetatable({
    tool = {}, status = {}, duration_ms = {}, was_cached = {}, timestamp = {},
    max_history = max_history, next = 1, stats = new_stats(), tools = {},
  }, Tracker)
end

function Tracker:record(tool, status, duration_ms, was_cached)
  local all, one = self.stats, self.tools[tool]
  if not one then
    one = new_stats()
    self.tools[tool] = one
  end
  all.executions = all.executions + 1
  all[status] = all[status] + 1
  all.total_ms = all.total_ms + duration_ms
  one.executions = one.executions + 1
  one[status] = one[status] + 1
  one.total_ms = one.total_ms + duration_ms
  if was_cached then
    all.cached_hits = all.cached_hits + 1
    one.cached_hits = one.cached_hits + 1
  end

  local place, its_tool, its_duration_ms = self.next, self.tool, self.duration_ms
  local oldest = its_tool[place]
  if oldest then
    local its = self.tools[oldest]
    its.window_executions = its.window_executions - 1
    its.window_ms = its.window_ms - its_duration_ms[place]
  end
  its_tool[place] = tool
  its_duration_ms[place] = duration_ms
  self.status[place] = status
  self.was_cached[place] = was_cached
  self.timestamp[place] = os.time()
  self.next = place < self.max_history and place + 1 or 1
  one.window_executions = one.window_executions + 1
  one.window_ms = one.window_ms + duration_ms
end

return { new = new }
