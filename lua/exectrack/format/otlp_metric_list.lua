--- The metrics of a run in OpenTelemetry's terms.
--
-- A metric is `{ name =, description =, unit =, kind =, points = }`: `kind` is `histogram`,
-- `counter` or `gauge`. A point is `{ attributes =, value =, is_double = }`, whose `value` is the
-- text of a whole number, or of a decimal one if `is_double`; that of a histogram is a table with
-- the fields of `exectrack.Histogram`, and `count`, a number, and `sum`, `min` and `max`, texts or
-- nil.
-- Used only by formats.
local decimal = require("exectrack.format.decimal")
local field = require("exectrack.format.field")
local lifetime = require("exectrack.format.lifetime")
local metrics_of = require("exectrack.format.metrics").of

local M = {}

--- OpenTelemetry's default of the most buckets of a histogram.
M.MOST_BUCKETS = 160

--- The tool that counts what had no room, and the attribute that OpenTelemetry gives such points.
local OVERFLOW_TOOL, OVERFLOW = "(other)", { "otel.metric.overflow", true }

local ERROR = { "error.type", "_OTHER" }

local function tool_attribute(tool)
  return tool == OVERFLOW_TOOL and OVERFLOW or { "gen_ai.tool.name", tool }
end

--- The attribute for a label; nil for none.
local function label_attribute(label)
  local name, value = label[1], label[2]
  if name == "outcome" then
    return value == "other" and ERROR or nil
  elseif name == "unit" and value == "" then
    return nil
  end
  return { "exectrack." .. name, value }
end

--- A function that returns the attributes of a point. Equal ones are one table.
local function attributes_reader(run)
  local agent = run.label ~= "" and { "gen_ai.agent.name", run.label } or nil
  local of_tool, of_label = field.remembered(tool_attribute), field.remembered(label_attribute)
  return function(point)
    local attributes = point.tool and { of_tool[point.tool], agent } or {}
    for _, label in ipairs(point.labels) do
      attributes[#attributes + 1] = of_label[label]
    end
    return attributes
  end
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

--- The value of a histogram's point; nil if it counts nothing.
local function durations_of(value, most_buckets)
  local tool, count = value.tool, lifetime.count(value.histogram)
  local is_only = count == lifetime.count(tool.histogram) + lifetime.count(tool.other_histogram)
  local histogram = fit(value.histogram, most_buckets)
  return count > 0 and { scale = histogram.scale, zero_count = histogram.zero_count,
    offset = histogram.offset, bucket_counts = histogram.bucket_counts, count = count,
    sum = value.sum, min = is_only and decimal.seconds(tool.min_duration_us) or nil,
    max = is_only and decimal.seconds(tool.max_duration_us) or nil } or nil
end

local function points_of(metric, attributes_of, most_buckets)
  local points = {}
  for _, point in ipairs(metric.points) do
    local value = point.value
    if metric.kind == "histogram" then
      value = durations_of(value, most_buckets)
    end
    points[#points + 1] = value and { attributes = attributes_of(point), value = value,
      is_double = not metric.is_whole } or nil
  end
  return points
end

--- The metrics of a run that `lifetime.of` returned, which have points.
function M.of(run, most_buckets)
  local list, attributes_of = {}, attributes_reader(run)
  for _, metric in ipairs(metrics_of(run)) do
    local points = points_of(metric, attributes_of, most_buckets or M.MOST_BUCKETS)
    list[#list + 1] = points[1] and { name = metric.otlp_name, description = metric.description,
      unit = metric.unit, kind = metric.kind, points = points } or nil
  end
  return list
end

return M
