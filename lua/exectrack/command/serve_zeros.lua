--- Shows what is new at 0 first: PromQL's rate and increase don't count what a series begins with.
-- Used only by `exectrack serve`.
local Zeros = {}
Zeros.__index = Zeros

-- So long a new series is 0, so that each of several clients sees that.
local SECONDS = 60

local IS_GAUGE = { in_flight = true, failure_streak = true }

local EMPTY = { scale = 0, zero_count = 0, offset = 0, bucket_counts = {} }

--- Whether the series of a thing are new at the time `now`.
local function is_new(self, now, kind, name, more)
  local key = ("%s%d:%s%s"):format(kind, #name, name, more or "")
  self.shown[key] = self.shown[key] or now
  return now - self.shown[key] < SECONDS
end

local function clear_measures(tool, is_cleared)
  for i, its in ipairs(tool.measures) do
    if is_cleared(i) then
      its.sum, its.count = 0, 0
    end
  end
end

local function clear_tool(tool)
  for field, value in pairs(tool) do
    if type(value) == "number" and not IS_GAUGE[field] then
      tool[field] = 0
    end
  end
  for _, outcome in ipairs(tool.outcomes) do
    outcome[2], outcome[3] = EMPTY, 0
  end
  clear_measures(tool, function() return true end)
end

--- Sets what is new in a lifetime to 0, at a time in seconds of a clock that never goes back.
-- Returns the lifetime.
function Zeros:apply(run, now)
  local new_measures = {}
  for i, measure in ipairs(run.measures) do
    new_measures[i] = is_new(self, now, "measure", measure.name, measure.unit)
  end
  for _, tool in ipairs(run.tools) do
    if is_new(self, now, "tool", tool.name) then
      clear_tool(tool)
    end
    clear_measures(tool, function(i) return new_measures[i] end)
  end
  for _, denial in ipairs(run.denials) do
    if is_new(self, now, "denial", denial.tool, denial.reason) then
      denial.count = 0
    end
  end
  return run
end

--- Makes it for a server that has this lifetime at its start, of which nothing is new.
local function new(run)
  local self = setmetatable({ shown = {} }, Zeros)
  self:apply(run, -math.huge)
  return self
end

return { new = new }
