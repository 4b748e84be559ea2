--- The metrics of a run in OpenTelemetry's terms.
--
-- A metric is `{ name =, description =, unit =, kind =, points = }`: `kind` is `histogram`,
-- `counter` or `gauge`. A point is `{ attributes =, value =, is_double = }`, whose `value` is the
-- text of a whole number, or of a decimal one if `is_double`; that of a histogram is a table with
-- the fields of `exectrack.Histogram`, and `count`, a number, and `sum`, `min` and `max`, texts or
-- nil.
-- Used only by formats.
local decimal = require("exectrack.format.decimal")
local lifetime = require("exectrack.format.lifetime")

local M = {}

--- OpenTelemetry's default of the most buckets of a histogram.
M.MOST_BUCKETS = 160

--- The tool that counts what had no room, and the attribute that OpenTelemetry gives such points.
local OVERFLOW_TOOL, OVERFLOW = "(other)", "otel.metric.overflow"

-- Fields of a tool, and the attributes of what they count.
local STATUSES = {
  { "cancelled", { "exectrack.status", "cancelled" } },
  { "failed", { "exectrack.status", "failed" } },
  { "successful", { "exectrack.status", "success" } },
  { "timed_out", { "exectrack.status", "timed_out" } },
}
local TIMINGS = {
  { "elapsed", { "exectrack.timing", "elapsed" } },
  { "untimed", { "exectrack.timing", "untimed" } },
}
local ERRORS = { other = { "error.type", "_OTHER" } }

local EXECUTIONS = "{execution}"

--- The attributes that all points of a tool have: its name, and that of the agent.
local function attributes_of(name, agent)
  return { name == OVERFLOW_TOOL and { OVERFLOW, true } or { "gen_ai.tool.name", name }, agent }
end

--- Gives each tool its `attributes`, and a denial those of its tool and the reason.
local function set_attributes(run)
  local agent, by_name = run.label ~= "" and { "gen_ai.agent.name", run.label } or nil, {}
  for _, tool in ipairs(run.tools) do
    tool.attributes = attributes_of(tool.name, agent)
    by_name[tool.name] = tool.attributes
  end
  for _, denial in ipairs(run.denials) do
    denial.attributes = by_name[denial.tool]
  end
end

--- `attributes` and up to two more.
local function with(attributes, first, second)
  local all = { attributes[1], attributes[2] }
  all[#all + 1] = first
  all[#all + 1] = second
  return all
end

--- The metric with points of each tool, which `add` is called for with a function that adds one.
local function of_tools(run, metric, add)
  local points = {}
  metric.points = points
  for _, tool in ipairs(run.tools) do
    add(tool, function(value, ...)
      points[#points + 1] = { attributes = with(tool.attributes, ...), value = value,
        is_double = metric.is_double }
    end)
  end
  return metric
end

--- A metric of one field of each tool.
local function of_field(run, kind, name, unit, field, description)
  return of_tools(run, { name = name, kind = kind, unit = unit, description = description },
    function(tool, add) add(decimal.whole(tool[field])) end)
end

local function seconds(run, name, field, description)
  return of_tools(run, { name = name, kind = "counter", unit = "s", description = description,
    is_double = true }, function(tool, add) add(decimal.seconds(tool[field])) end)
end

local function executions(run)
  return of_tools(run, { name = "exectrack.tool.executions", kind = "counter", unit = EXECUTIONS,
    description = "Executions that have ended, by how they ended." }, function(tool, add)
    for _, status in ipairs(STATUSES) do
      add(decimal.whole(tool[status[1]]), status[2])
    end
  end)
end

local function unmeasured(run)
  return of_tools(run, { name = "exectrack.tool.unmeasured_executions", kind = "counter",
    unit = EXECUTIONS,
    description = "Executions whose duration isn't known, or is from request to result." },
    function(tool, add)
      for _, timing in ipairs(TIMINGS) do
        add(decimal.whole(tool[timing[1]]), timing[2])
      end
    end)
end

--- The histogram at the next coarser scale, where two buckets are one.
local function halved(histogram)
  local offset, counts = math.floor(histogram.offset / 2), {}
  for i, count in ipairs(histogram.bucket_counts) do
    local place = math.floor((histogram.offset + i - 1) / 2) - offset + 1
    counts[place] = (counts[place] or 0) + count
  end
  return { scale = histogram.scale - 1, zero_count = histogram.zero_count, offset = offset,
    bucket_counts = counts }
end

--- The histogram, at the finest scale at which it has at most `most` buckets, at least 2.
local function fit(histogram, most)
  while #histogram.bucket_counts > most do
    histogram = halved(histogram)
  end
  return histogram
end

--- What a point says about the durations of one outcome of a tool.
local function durations_of(tool, outcome, most_buckets)
  local histogram = outcome[2]
  local count = lifetime.count(histogram)
  local is_only = count == lifetime.count(tool.histogram) + lifetime.count(tool.other_histogram)
  local value = fit(histogram, most_buckets)
  return { scale = value.scale, zero_count = value.zero_count, offset = value.offset,
    bucket_counts = value.bucket_counts, count = count, sum = decimal.seconds(outcome[3]),
    min = is_only and decimal.seconds(tool.min_duration_us) or nil,
    max = is_only and decimal.seconds(tool.max_duration_us) or nil }
end

local function durations(run, most_buckets)
  return of_tools(run, { name = "gen_ai.execute_tool.duration", kind = "histogram", unit = "s",
    description = "Durations of executions, where they were measured." }, function(tool, add)
    for _, outcome in ipairs(tool.outcomes) do
      if lifetime.count(outcome[2]) > 0 then
        add(durations_of(tool, outcome, most_buckets), ERRORS[outcome[1]])
      end
    end
  end)
end

local function denials(run)
  local points = {}
  for i, denial in ipairs(run.denials) do
    points[i] = { value = decimal.whole(denial.count),
      attributes = with(denial.attributes, { "exectrack.reason", denial.reason }) }
  end
  return { name = "exectrack.tool.denials", kind = "counter", unit = "{call}", points = points,
    description = "Calls that a policy denied, by the reason." }
end

local function overflow(run)
  local points = {}
  for i, kind in ipairs { "denials", "error_types", "tools" } do
    local field = kind == "tools" and "overflowed" or kind .. "_overflowed"
    points[i] = { value = decimal.whole(run[field]), attributes = { { "exectrack.kind", kind } } }
  end
  return { name = "exectrack.overflow", kind = "counter", unit = EXECUTIONS, points = points,
    description = "Executions and denials that had no room to be counted by name." }
end

--- A metric of the measures, whose points are `value_of(tool, measure, i)`.
local function of_measures(run, metric, value_of)
  return of_tools(run, metric, function(tool, add)
    for i, measure in ipairs(run.measures) do
      add(value_of(tool.measures[i], measure), { "exectrack.measure", measure.name },
        measure.unit ~= "" and { "exectrack.unit", measure.unit } or nil)
    end
  end)
end

local function measure_sums(run)
  return of_measures(run, { name = "exectrack.tool.measure", kind = "counter", unit = "",
    is_double = true, description = "Sums of the measures of executions, in the unit of each." },
    function(stats, measure) return decimal.scaled(stats.sum, measure.scale) end)
end

local function measure_counts(run)
  return of_measures(run, { name = "exectrack.tool.measure_executions", kind = "counter",
    unit = EXECUTIONS, description = "Executions that have a value of a measure." },
    function(stats) return decimal.whole(stats.count) end)
end

--- The metrics of a run that `lifetime.of` returned, in the order of their names but for durations,
-- which are last. Those without points are left out.
function M.of(run, most_buckets)
  set_attributes(run)
  local all = {
    overflow(run),
    of_field(run, "counter", "exectrack.tool.cached_executions", EXECUTIONS, "cached_hits",
      "Executions that a cache answered."),
    denials(run),
    seconds(run, "exectrack.tool.elapsed_time", "elapsed_us",
      "Time from request to result of executions that weren't measured."),
    executions(run),
    of_field(run, "gauge", "exectrack.tool.failure_streak", EXECUTIONS, "failure_streak",
      "Failures and time-outs in a row."),
    run.has_ended and { points = {} } or of_field(run, "gauge", "exectrack.tool.in_flight",
      EXECUTIONS, "in_flight", "Executions that have started and not ended."),
    measure_sums(run),
    measure_counts(run),
    seconds(run, "exectrack.tool.measured_time", "total_duration_us",
      "Time that executions took, where it was measured."),
    unmeasured(run),
    durations(run, most_buckets or M.MOST_BUCKETS),
  }
  local present = {}
  for _, metric in ipairs(all) do
    present[#present + 1] = #metric.points > 0 and metric or nil
  end
  return present
end

return M
