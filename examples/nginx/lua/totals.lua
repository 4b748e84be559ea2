-- Totals of what the trackers of all workers have counted, in a shared dictionary. They never fall:
--
-- - A worker only ever adds what its tracker has counted since the worker last added it. `incr`
--   adds at once, and nothing here yields, so that no other worker or request comes between.
-- - What a worker has added stays when it ends. At the end of a request, once a second, and when it
--   leaves after a reload or a signal, it adds what it hasn't yet: only a worker that crashes takes
--   something with it, at most that of its last second.
-- - `clear` adds first. If the tracker is cleared elsewhere, its counting begins again at 0: then
--   all that it has counted since is new.
-- - A dictionary that is full refuses new keys: `safe_add` and `incr` remove no others, as `set`
--   and `incr` with a first value do. What didn't fit is added once it fits.
--
-- So no number falls from one reading to the next, nor does any sum of them, though they aren't all
-- read at once. A reload keeps the dictionary, unless its size changes. When nginx itself ends,
-- counting begins again.
local M = {}
M.__index = M

local FIELDS = {
  success = "successful", failed = "failed", timed_out = "timed_out", cancelled = "cancelled",
  cached = "cached_hits",
}

--- Adds `tracker` to the totals in the shared dictionary `sums`.
function M.new(tracker, sums)
  return setmetatable({ tracker = tracker, sums = sums, cleared = 0, published = {} }, M)
end

--- What the tracker has counted since it was last cleared: whole numbers by field and tool.
local function counted(tracker)
  local counts = {}
  for _, tool in ipairs(tracker:tools()) do
    local stats = tracker:stats(tool)
    for name, field in pairs(FIELDS) do
      counts[name .. " " .. tool] = stats[field]
    end
    counts["duration_us " .. tool] = math.floor(stats.total_duration_ms * 1000 + 0.5)
  end
  for _, denial in ipairs((tracker:denials())) do
    local key = "denied " .. denial.tool
    counts[key] = (counts[key] or 0) + denial.count
  end
  return counts
end

--- Adds to a sum. False if it is new and has no room.
local function add(sums, key, count)
  local sum, message = sums:incr(key, count)
  if message == "not found" then
    sums:safe_add(key, 0) -- unless another worker just has
    sum = sums:incr(key, count)
  end
  return sum ~= nil
end

--- Adds what the tracker has counted since this was last called.
function M:publish()
  if self.tracker:cleared() ~= self.cleared then
    self.cleared, self.published = self.tracker:cleared(), {}
  end
  for key, count in pairs(counted(self.tracker)) do
    local new = count - (self.published[key] or 0)
    if new > 0 and add(self.sums, key, new) then
      self.published[key] = count
    end
  end
end

--- Clears the tracker, but not the totals.
function M:clear()
  self:publish()
  self.tracker:clear()
end

--- The totals of all workers, by tool and field.
function M:read()
  self:publish()
  local tools = {}
  for _, key in ipairs(self.sums:get_keys(0)) do
    local field, tool = key:match("^(%S+) (.*)$")
    tools[tool] = tools[tool] or {}
    tools[tool][field] = self.sums:get(key)
  end
  return tools
end

return M
