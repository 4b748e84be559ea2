--- The metrics of a run, from which Prometheus's texts and requests of OTLP are made.
-- Used only by formats.
local decimal = require("exectrack.format.decimal")

local M = {}

-- Units as OTLP has them; Prometheus has only that of times.
local EXECUTIONS, CALLS, RUNS, SECONDS, NONE = "{execution}", "{call}", "{run}", "s", ""

-- Fields of a tool, and the labels of what they count.
local STATUSES = {
  { "cancelled", { "status", "cancelled" } },
  { "failed", { "status", "failed" } },
  { "successful", { "status", "success" } },
  { "timed_out", { "status", "timed_out" } },
}
local TIMINGS = {
  { "elapsed", { "timing", "elapsed" } },
  { "untimed", { "timing", "untimed" } },
}
local OUTCOMES = { success = { "outcome", "success" }, other = { "outcome", "other" } }

--- The points of all tools, for each of which `add_of` is called with a function that adds one.
local function of_tools(run, add_of)
  local points = {}
  for _, tool in ipairs(run.tools) do
    add_of(tool, function(value, ...)
      points[#points + 1] = { tool = tool.name, value = value, labels = { ... } }
    end)
  end
  return points
end

-- These make functions of a run.

local function of_field(field, text_of)
  text_of = text_of or decimal.whole
  return function(run)
    return of_tools(run, function(tool, add) add(text_of(tool[field])) end)
  end
end

local function of_fields(fields)
  return function(run)
    return of_tools(run, function(tool, add)
      for _, field in ipairs(fields) do
        add(decimal.whole(tool[field[1]]), field[2])
      end
    end)
  end
end

--- `text_of` is called with what a tool has of a measure, and the measure.
local function of_measures(text_of)
  return function(run)
    local names, units = {}, {}
    for i, measure in ipairs(run.measures) do
      names[i], units[i] = { "measure", measure.name }, { "unit", measure.unit }
    end
    return of_tools(run, function(tool, add)
      for i, measure in ipairs(run.measures) do
        add(text_of(tool.measures[i], measure), names[i], units[i])
      end
    end)
  end
end

local function durations(run)
  return of_tools(run, function(tool, add)
    for _, outcome in ipairs(tool.outcomes) do
      add({ histogram = outcome[2], sum = decimal.seconds(outcome[3]), tool = tool },
        OUTCOMES[outcome[1]])
    end
  end)
end

local function denials(run)
  local points = {}
  for i, denial in ipairs(run.denials) do
    points[i] = { tool = denial.tool, value = decimal.whole(denial.count),
      labels = { { "reason", denial.reason } } }
  end
  return points
end

local function overflow(run)
  local points = {}
  for i, kind in ipairs { "denials", "error_types", "tools" } do
    local field = kind == "tools" and "overflowed" or kind .. "_overflowed"
    points[i] = { value = decimal.whole(run[field]), labels = { { "kind", kind } } }
  end
  return points
end

--- How many runs are in each state, if it is a sum of runs.
local function runs(run)
  local points = {}
  for i, state in ipairs(run.runs and { "closed", "died", "live", "saved" } or {}) do
    points[i] = { value = decimal.whole(run.runs[state]), labels = { { "state", state } } }
  end
  return points
end

local in_flight = of_field("in_flight")

-- In the order of their names in Prometheus.
local METRICS = {
  { kind = "counter", name = "exectrack_overflow", otlp_name = "exectrack.overflow",
    unit = EXECUTIONS, points_of = overflow,
    description = "Executions and denials that had no room to be counted by name." },
  { kind = "gauge", name = "exectrack_runs", unit = RUNS, points_of = runs, -- of `serve` alone
    description = "Runs that were seen, by the state of the process that records." },
  { kind = "counter", name = "exectrack_tool_cached_executions",
    otlp_name = "exectrack.tool.cached_executions", unit = EXECUTIONS,
    points_of = of_field("cached_hits"), description = "Executions that a cache answered." },
  { kind = "counter", name = "exectrack_tool_denials", otlp_name = "exectrack.tool.denials",
    unit = CALLS, points_of = denials, description = "Calls that a policy denied, by the reason." },
  { kind = "histogram", name = "exectrack_tool_duration_seconds",
    otlp_name = "gen_ai.execute_tool.duration", unit = SECONDS, points_of = durations,
    description = "Durations of executions, where they were measured." },
  { kind = "counter", name = "exectrack_tool_elapsed_seconds",
    otlp_name = "exectrack.tool.elapsed_time", unit = SECONDS,
    points_of = of_field("elapsed_us", decimal.seconds),
    description = "Time from request to result of executions that weren't measured." },
  { kind = "counter", name = "exectrack_tool_executions", otlp_name = "exectrack.tool.executions",
    unit = EXECUTIONS, points_of = of_fields(STATUSES),
    description = "Executions that have ended, by how they ended." },
  { kind = "gauge", name = "exectrack_tool_failure_streak",
    otlp_name = "exectrack.tool.failure_streak", unit = EXECUTIONS,
    points_of = of_field("failure_streak"), description = "Failures and time-outs in a row." },
  { kind = "gauge", name = "exectrack_tool_in_flight", otlp_name = "exectrack.tool.in_flight",
    unit = EXECUTIONS, points_of = function(run) return run.has_ended and {} or in_flight(run) end,
    description = "Executions that have started and not ended." },
  { kind = "counter", name = "exectrack_tool_measure", otlp_name = "exectrack.tool.measure",
    unit = NONE,
    points_of = of_measures(function(stats, measure)
      return decimal.scaled(stats.sum, measure.scale)
    end),
    description = "Sums of the measures of executions, in the unit of each." },
  { kind = "counter", name = "exectrack_tool_measure_executions",
    otlp_name = "exectrack.tool.measure_executions", unit = EXECUTIONS,
    points_of = of_measures(function(stats) return decimal.whole(stats.count) end),
    description = "Executions that have a value of a measure." },
  { kind = "counter", name = "exectrack_tool_measured_seconds",
    otlp_name = "exectrack.tool.measured_time", unit = SECONDS,
    points_of = of_field("total_duration_us", decimal.seconds),
    description = "Time that executions took, where it was measured." },
  { kind = "counter", name = "exectrack_tool_unmeasured_executions",
    otlp_name = "exectrack.tool.unmeasured_executions", unit = EXECUTIONS,
    points_of = of_fields(TIMINGS),
    description = "Executions whose duration isn't known, or is from request to result." },
}

--- The metrics of a run that `lifetime.of` returned, which have points. Each has these fields:
--
-- - `kind`: `counter`, `gauge` or `histogram`
-- - `name`, in Prometheus, without a suffix such as `_total`, and `otlp_name`
-- - `unit`, in OTLP, and `is_whole`, whether the values are whole numbers
-- - `description`, a sentence
-- - `points`, each with `value`, the text of a number; `labels`, pairs of a name and a text; and
--   `tool`, a name, or nil for a point of no tool. The value of a histogram is a table with
--   `histogram`; `sum`, the text of a number; and the `tool`
function M.of(run)
  local metrics = {}
  for _, its in ipairs(METRICS) do
    local points = its.points_of(run)
    if #points > 0 then
      metrics[#metrics + 1] = { kind = its.kind, name = its.name, otlp_name = its.otlp_name,
        unit = its.unit, is_whole = its.unit == EXECUTIONS or its.unit == CALLS,
        description = its.description, points = points }
    end
  end
  return metrics
end

return M
