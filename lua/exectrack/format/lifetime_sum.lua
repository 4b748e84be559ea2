--- The sum of the lifetimes of several runs, for metrics. It has no limits of a run: any number of
-- tools, reasons and measures, whatever their units.
-- Used only by `exectrack serve`.
local json = require("exectrack.json_text")

local ceil = math.ceil

local SCALE = require("exectrack.format.lifetime").COARSEST_SCALE

local Sum = {}
Sum.__index = Sum

-- What doesn't add up, of the numbers of a tool.
local NOT_ADDED = { in_flight = true, failure_streak = true, failure_rounds = true,
  min_duration_us = true, max_duration_us = true, last_end_seconds = true,
  last_end_microseconds = true, last_failure_seconds = true, last_failure_microseconds = true }

--- Whether a field of a tool counts something.
local function is_counter(field, value)
  return not NOT_ADDED[field] and field ~= "name" and tonumber(value) ~= nil
end

local OVERFLOWS = { "overflowed", "error_types_overflowed", "denials_overflowed" }

local function new()
  local sum = { tools = {}, denials = {}, measures = {} }
  for _, field in ipairs(OVERFLOWS) do
    sum[field] = 0
  end
  return setmetatable(sum, Sum)
end

--- The table at `key`, which is made if it isn't there.
local function entry(list, key)
  local found = list[key] or {}
  list[key] = found
  return found
end

--- Adds a number, which may be a text of digits.
local function add_to(list, key, value, factor)
  list[key] = (list[key] or 0) + factor * (tonumber(value) + 0.0)
end

--- Adds a histogram. The keys of `counts` are the indexes of buckets' upper limits at the coarsest
-- scale.
local function add_histogram(counts, histogram, factor)
  local per_step = 2 ^ (histogram.scale - SCALE)
  counts.zero = (counts.zero or 0) + factor * histogram.zero_count
  for i, count in ipairs(histogram.bucket_counts) do
    local index = ceil((histogram.offset + i) / per_step)
    counts[index] = (counts[index] or 0) + factor * count
  end
end

--- What identifies a measure; its name and unit alone are those of a series.
local function measure_key(measure)
  return ("%d:%s%d:%s%.17g"):format(#measure.name, measure.name, #measure.unit, measure.unit,
    measure.scale)
end

--- Adds the measures of a tool, which are those of `run`.
local function add_measures(sums, run, tool, factor)
  for i, measure in ipairs(run.measures) do
    local of = entry(sums, measure_key(measure))
    add_to(of, "sum", tool.measures[i].sum, factor)
    add_to(of, "count", tool.measures[i].count, factor)
  end
end

local function add_tool(self, run, tool, factor)
  local of = entry(self.tools, tool.name)
  local counters = entry(of, "counters")
  for field, value in pairs(tool) do
    if is_counter(field, value) then
      add_to(counters, field, value, factor)
    end
  end
  add_histogram(entry(of, "histogram"), tool.histogram, factor)
  add_histogram(entry(of, "other_histogram"), tool.other_histogram, factor)
  add_measures(entry(of, "measures"), run, tool, factor)
end

--- Adds what `lifetime.of` returned `factor` times, 1 or -1, but for what isn't counted: what is in
-- flight, and streaks.
function Sum:add(run, factor)
  for _, measure in ipairs(run.measures) do
    self.measures[measure_key(measure)] = measure
  end
  for _, tool in ipairs(run.tools) do
    add_tool(self, run, tool, factor)
  end
  for _, denial in ipairs(run.denials) do
    add_to(entry(self.denials, denial.tool), denial.reason, denial.count, factor)
  end
  for _, field in ipairs(OVERFLOWS) do
    add_to(self, field, run[field], factor)
  end
end

--- Adds what is in flight in a run that goes on, and its streaks: of several, the one of the run in
-- which the tool ended last.
function Sum:add_current(run)
  for _, tool in ipairs(run.tools) do
    local of = entry(self.tools, tool.name)
    local ended = tonumber(tool.last_end_seconds) + tool.last_end_microseconds / 1e6
    of.in_flight = (of.in_flight or 0) + tool.in_flight
    if ended >= (of.ended or 0) then
      of.ended, of.failure_streak = ended, tool.failure_streak
    end
  end
end

local function is_negative(value)
  if type(value) ~= "table" then
    return type(value) == "number" and value < 0
  end
  for _, element in pairs(value) do
    if is_negative(element) then
      return true
    end
  end
  return false
end

--- Whether some count of a run is less than it was `before`.
local function has_less(run, before)
  local difference = new()
  difference:add(run, 1)
  difference:add(before, -1)
  return is_negative(difference)
end

--- A histogram as in the table form.
local function histogram_of(counts)
  local least, most = math.huge, -math.huge
  for index in pairs(counts) do
    if index ~= "zero" then
      least, most = math.min(least, index), math.max(most, index)
    end
  end
  local histogram = { scale = SCALE, zero_count = counts.zero, offset = 0, bucket_counts = {} }
  for index = least, most do
    histogram.offset = least - 1
    histogram.bucket_counts[index - least + 1] = counts[index] or 0
  end
  return histogram
end

--- The measures in the order of their names and units, each with the finest of its scales, and in
-- `parts` the key of each scale and how many of the finest it is.
local function united_measures(self)
  local united, all = {}, {}
  for key, measure in pairs(self.measures) do
    all[#all + 1] = { key = key, name = measure.name, unit = measure.unit, scale = measure.scale }
  end
  table.sort(all, function(a, b)
    if a.name ~= b.name then
      return a.name < b.name
    elseif a.unit ~= b.unit then
      return a.unit < b.unit
    end
    return a.scale < b.scale
  end)
  for _, measure in ipairs(all) do
    local last = united[#united]
    if not (last and last.name == measure.name and last.unit == measure.unit) then
      last = { name = measure.name, unit = measure.unit, scale = measure.scale, parts = {} }
      united[#united + 1] = last
    end
    last.parts[#last.parts + 1] = { key = measure.key, times = measure.scale / last.scale }
  end
  return united
end

local function measures_of(tool, united)
  local measures = {}
  for i, measure in ipairs(united) do
    measures[i] = { sum = 0, count = 0 }
    for _, part in ipairs(measure.parts) do
      local of = tool.measures[part.key]
      measures[i].sum = measures[i].sum + (of and of.sum * part.times or 0)
      measures[i].count = measures[i].count + (of and of.count or 0)
    end
  end
  return measures
end

local function tool_of(name, of, united)
  local tool = { name = name, in_flight = of.in_flight or 0,
    failure_streak = of.failure_streak or 0 }
  for field, value in pairs(of.counters) do
    tool[field] = value
  end
  tool.histogram = histogram_of(of.histogram)
  tool.other_histogram = histogram_of(of.other_histogram)
  tool.outcomes = { { "success", tool.histogram, tool.success_duration_us },
    { "other", tool.other_histogram, tool.other_duration_us } }
  tool.measures = measures_of(of, united)
  return tool
end

--- The sum in the form that `lifetime.of` returns, but without times.
function Sum:lifetime()
  local run = { tools = {}, denials = {}, measures = united_measures(self), has_ended = false }
  for i, name in ipairs(json.sorted_keys(self.tools)) do
    run.tools[i] = tool_of(name, self.tools[name], run.measures)
  end
  for _, tool in ipairs(json.sorted_keys(self.denials)) do
    for _, reason in ipairs(json.sorted_keys(self.denials[tool])) do
      run.denials[#run.denials + 1] = { tool = tool, reason = reason,
        count = self.denials[tool][reason] }
    end
  end
  for _, field in ipairs(OVERFLOWS) do
    run[field] = self[field]
  end
  return run
end

return { new = new, has_less = has_less }
