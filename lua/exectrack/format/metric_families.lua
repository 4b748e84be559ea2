--- The metrics of a run in Prometheus's terms, from which its two text formats are made.
--
-- A family is `{ name =, kind =, help =, unit =, samples = }`: `kind` is `info`, `counter`, `gauge`
-- or `histogram`, and `name` has no suffix such as `_total`. A sample is `{ labels, value }`, both
-- of them text; of a histogram `{ labels, counts, count, sum }`, with the array of how many
-- durations are up to each limit. Used only by formats.
local core = require("exectrack.core")
local decimal = require("exectrack.format.decimal")

local M = {}

--- The limits of buckets, in seconds, unless others are chosen: powers of 2, which are limits of
-- our buckets at every scale.
M.LIMITS = {}
for exponent = -10, 9 do
  M.LIMITS[#M.LIMITS + 1] = 2 ^ exponent
end

--- The coarsest scale of a histogram: its limits are limits at every scale.
local COARSEST = 3

local STATUSES = { { "cancelled", "cancelled" }, { "failed", "failed" },
  { "success", "successful" }, { "timed_out", "timed_out" } }

local ESCAPES = { ["\\"] = "\\\\", ['"'] = '\\"', ["\n"] = "\\n" }

--- A label: its name and its value in quotation marks.
local function label(name, value)
  return name .. '="' .. value:gsub('[\\"\n]', ESCAPES) .. '"'
end

--- The family with samples of each tool, which `add` is called for with a function that adds one.
local function of_tools(run, family, add)
  family.samples = {}
  local samples = family.samples
  for _, tool in ipairs(run.tools) do
    add(tool, function(labels, value)
      samples[#samples + 1] = { labels and tool.label .. "," .. labels or tool.label, value }
    end)
  end
  return family
end

local function counter(run, name, help, field)
  return of_tools(run, { name = name, kind = "counter", help = help }, function(tool, add)
    add(nil, decimal.whole(tool[field]))
  end)
end

local function executions(run)
  return of_tools(run, { name = "exectrack_tool_executions", kind = "counter",
    help = "Executions that have ended, by how they ended." }, function(tool, add)
    for _, status in ipairs(STATUSES) do
      add('status="' .. status[1] .. '"', decimal.whole(tool[status[2]]))
    end
  end)
end

local function unmeasured(run)
  return of_tools(run, { name = "exectrack_tool_unmeasured_executions", kind = "counter",
    help = "Executions that no duration counts: it isn't known, or it is from request to result." },
    function(tool, add)
      add('timing="elapsed"', decimal.whole(tool.elapsed))
      add('timing="untimed"', decimal.whole(tool.untimed))
    end)
end

local function seconds(run, name, help, field)
  return of_tools(run, { name = name, kind = "counter", help = help, unit = "seconds" },
    function(tool, add)
      add(nil, decimal.seconds(tool[field]))
    end)
end

--- For each limit in seconds, the index of the nearest limit of a bucket of the coarsest scale.
local function indexes_of(limits)
  local indexes = {}
  for i, limit in ipairs(limits) do
    indexes[i] = math.floor(math.log(limit) / math.log(2) * 2 ^ COARSEST + 0.5)
  end
  return indexes
end

--- How many durations of a histogram are up to each of the limits with these indexes, as text; and
-- how many there are.
local function cumulative(histogram, indexes)
  local texts, in_buckets, offset = {}, histogram.bucket_counts, histogram.offset
  local per_step = 2 ^ (histogram.scale - COARSEST)
  local count, i = histogram.zero_count, 1
  for j, index in ipairs(indexes) do
    local last = math.min(index * per_step - offset, #in_buckets)
    while i <= last do
      count, i = count + in_buckets[i], i + 1
    end
    texts[j] = ("%d"):format(count)
  end
  while i <= #in_buckets do
    count, i = count + in_buckets[i], i + 1
  end
  return texts, ("%.0f"):format(count)
end

local function durations(run, limits)
  local family = { name = "exectrack_tool_duration_seconds", kind = "histogram", unit = "seconds",
    help = "Durations of executions, where they were measured.", samples = {} }
  local samples, indexes = family.samples, indexes_of(limits)
  for _, tool in ipairs(run.tools) do
    for _, outcome in ipairs(tool.outcomes) do
      local counts, count = cumulative(outcome[2], indexes)
      samples[#samples + 1] = { tool.label .. ',outcome="' .. outcome[1] .. '"', counts, count,
        decimal.seconds(outcome[3]) }
    end
  end
  return family
end

local function denials(run)
  local samples = {}
  for i, denial in ipairs(run.denials) do
    samples[i] = { label("tool", denial.tool) .. "," .. label("reason", denial.reason),
      decimal.whole(denial.count) }
  end
  return { name = "exectrack_tool_denials", kind = "counter",
    help = "Calls that a policy denied, by the reason.", samples = samples }
end

local function gauge(run, name, help, field)
  local family = counter(run, name, help, field)
  family.kind = "gauge"
  return family
end

--- The two families of a run's measures.
local function measures(run)
  local all = run.measures
  local sums = of_tools(run, { name = "exectrack_tool_measure", kind = "counter",
    help = "Sums of the measures of executions, in the unit of each." }, function(tool, add)
    for i, measure in ipairs(all) do
      add(measure.label, decimal.scaled(tool.measures[i].sum, measure.scale))
    end
  end)
  local counts = of_tools(run, { name = "exectrack_tool_measure_executions", kind = "counter",
    help = "Executions that have a value of a measure." }, function(tool, add)
    for i, measure in ipairs(all) do
      add(measure.label, decimal.whole(tool.measures[i].count))
    end
  end)
  return sums, counts
end

local function overflow(run)
  local samples = {}
  for i, kind in ipairs { "denials", "error_types", "tools" } do
    local field = kind == "tools" and "overflowed" or kind .. "_overflowed"
    samples[i] = { 'kind="' .. kind .. '"', decimal.whole(run[field]) }
  end
  return { name = "exectrack_overflow", kind = "counter", samples = samples,
    help = "Executions and denials that had no room to be counted by name." }
end

local function build()
  local version = core._VERSION:match("%S+$")
  return { name = "exectrack_build", kind = "info", help = "The version of exectrack.",
    samples = { { label("version", version), "1" } } }
end

local function set_labels(run)
  for _, tool in ipairs(run.tools) do
    tool.label = label("tool", tool.name)
  end
  for _, measure in ipairs(run.measures) do
    measure.label = label("measure", measure.name) .. "," .. label("unit", measure.unit)
  end
end

--- The families of a run that `lifetime.of` returned, which have samples, in the order of their
-- names.
function M.of(run, limits)
  set_labels(run)
  local sums, counts = measures(run)
  local families = {
    build(),
    overflow(run),
    counter(run, "exectrack_tool_cached_executions", "Executions that a cache answered.",
      "cached_hits"),
    denials(run),
    durations(run, limits),
    seconds(run, "exectrack_tool_elapsed_seconds",
      "Time from request to result of executions that weren't measured.", "elapsed_us"),
    executions(run),
    gauge(run, "exectrack_tool_failure_streak", "Failures and time-outs in a row.",
      "failure_streak"),
    not run.has_ended and gauge(run, "exectrack_tool_in_flight",
      "Executions that have started and not ended.", "in_flight") or { samples = {} },
    sums,
    counts,
    seconds(run, "exectrack_tool_measured_seconds",
      "Time that executions took, where it was measured.", "total_duration_us"),
    unmeasured(run),
  }
  local present = {}
  for _, family in ipairs(families) do
    present[#present + 1] = #family.samples > 0 and family or nil
  end
  return present
end

return M
