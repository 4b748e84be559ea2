--- Prometheus's text format, version 0.0.4, and OpenMetrics 1.0: the counters of a run, and
-- histograms of durations.
local core = require("exectrack.core")
local field = require("exectrack.format.field")
local lifetime = require("exectrack.format.lifetime")
local metrics_of = require("exectrack.format.metrics").of
local numbers = require("exectrack.numbers")

local M = {}

--- The upper limits of buckets, in seconds, unless others are chosen: powers of 2, which are limits
-- of our buckets at every scale.
local LIMITS = {}
for exponent = -10, 9 do
  LIMITS[#LIMITS + 1] = 2 ^ exponent
end

--- What follows a metric's name in samples, by its kind.
local SUFFIXES = { info = "_info", counter = "_total" }

--- Prometheus 3.5 was seen to end with an error at a `_created` that is older, if it is told to
-- read them; 3.5.3 ignores these.
local LONGEST_S = 3600

local HAS_CREATED = { counter = true, histogram = true }

local BUILD = { kind = "info", name = "exectrack_build", description = "The version of exectrack.",
  points = { { value = "1", labels = { { "version", core._VERSION:match("%S+$") } } } } }

local ESCAPES = { ["\\"] = "\\\\", ['"'] = '\\"', ["\n"] = "\\n" }

local function label(name, value)
  return name .. '="' .. value:gsub('[\\"\n]', ESCAPES) .. '"'
end

--- A function that returns the labels of a point as text. Each text is made only once.
local function labels_writer()
  local of_tool = field.remembered(function(tool) return label("tool", tool) end)
  local of_label = field.remembered(function(pair) return label(pair[1], pair[2]) end)
  return function(point)
    local texts = { point.tool and of_tool[point.tool] }
    for _, pair in ipairs(point.labels) do
      texts[#texts + 1] = of_label[pair]
    end
    return table.concat(texts, ",")
  end
end

--- For each limit in seconds, the index of the nearest limit of a bucket of the coarsest scale.
local function indexes_of(limits)
  local indexes = {}
  for i, limit in ipairs(limits) do
    indexes[i] = math.floor(math.log(limit) / math.log(2) * 2 ^ lifetime.COARSEST_SCALE + 0.5)
  end
  return indexes
end

--- How many durations of a histogram are up to each of the limits with these indexes, and how many
-- there are.
local function cumulative(histogram, indexes)
  local counts, in_buckets, offset = {}, histogram.bucket_counts, histogram.offset
  local per_step = 2 ^ (histogram.scale - lifetime.COARSEST_SCALE)
  local count, i = histogram.zero_count, 1
  local function add_up_to(last)
    while i <= last do
      count, i = count + in_buckets[i], i + 1
    end
    return ("%.0f"):format(count)
  end
  for j, index in ipairs(indexes) do
    counts[j] = add_up_to(math.min(index * per_step - offset, #in_buckets))
  end
  return counts, add_up_to(#in_buckets)
end

--- Adds the lines of a histogram: a bucket for each limit, the sum, and the count. `limits` has
-- their `texts` and `indexes`.
local function add_histogram(lines, name, labels, value, limits)
  local counts, count = cumulative(value.histogram, limits.indexes)
  local before = name .. "_bucket{" .. labels .. ',le="'
  for i, text in ipairs(limits.texts) do
    lines[#lines + 1] = before .. text .. '"} ' .. counts[i]
  end
  lines[#lines + 1] = before .. '+Inf"} ' .. count
  lines[#lines + 1] = name .. "_sum{" .. labels .. "} " .. value.sum
  lines[#lines + 1] = name .. "_count{" .. labels .. "} " .. count
end

--- The lines of a metric, which `lines` begins. If `created` is given, each sample of a counter or
-- a histogram is followed by a line with it.
local function metric_text(lines, metric, labels_of, limits, created)
  local name = metric.name .. (SUFFIXES[metric.kind] or "")
  for _, point in ipairs(metric.points) do
    local labels = labels_of(point)
    if metric.kind == "histogram" then
      add_histogram(lines, name, labels, point.value, limits)
    else
      lines[#lines + 1] = name .. "{" .. labels .. "} " .. point.value
    end
    lines[#lines + 1] = created and HAS_CREATED[metric.kind]
      and metric.name .. "_created{" .. labels .. "} " .. created or nil
  end
  lines[#lines + 1] = ""
  return table.concat(lines, "\n")
end

local function limits_of(given, text_of)
  local texts = {}
  for i, limit in ipairs(given) do
    texts[i] = text_of(limit)
  end
  return { texts = texts, indexes = indexes_of(given) }
end

--- Makes an iterator over pieces of text: the metrics, one a piece, and then `last`. `format` has:
--
-- - `head(metric)`, which returns the lines before the samples, an array
-- - `limit(seconds)`, the text of the limit of a bucket
-- - optionally `created(run)`, the text of the time at which counting began, or nil
-- - optionally `last`
local function encode(format, run, options)
  local limits = limits_of(options and options.buckets or LIMITS, format.limit)
  local metrics, labels_of = metrics_of(run), labels_writer()
  table.insert(metrics, 1, BUILD)
  local created = format.created and format.created(run)
  local i = 0
  return function()
    i = i + 1
    if metrics[i] then
      return metric_text(format.head(metrics[i]), metrics[i], labels_of, limits, created)
    end
    return i == #metrics + 1 and format.last or nil
  end
end

--- In Prometheus's text a metric is called as its samples are, and an info is a gauge.
local PROMETHEUS = { limit = numbers.text }

function PROMETHEUS.head(metric)
  local name = metric.name .. (SUFFIXES[metric.kind] or "")
  local kind = metric.kind == "info" and "gauge" or metric.kind
  return { "# HELP " .. name .. " " .. metric.description, "# TYPE " .. name .. " " .. kind }
end

local OPENMETRICS = { last = "# EOF\n" }

function OPENMETRICS.head(metric)
  local lines = { "# TYPE " .. metric.name .. " " .. metric.kind }
  lines[2] = metric.unit == "s" and "# UNIT " .. metric.name .. " seconds" or nil
  lines[#lines + 1] = "# HELP " .. metric.name .. " " .. metric.description
  return lines
end

--- A limit is a float, even if it is whole.
function OPENMETRICS.limit(seconds)
  local text = numbers.text(seconds)
  return text:find("[.e]") and text or text .. ".0"
end

local function time(run, prefix)
  return run[prefix .. "_seconds"] + run[prefix .. "_microseconds"] / 1e6
end

--- The time is left out if it is too long ago, or isn't known. A run that has ended may be read at
-- any time later, and the lifetimes of a sum began at several.
function OPENMETRICS.created(run)
  local cleared = run.cleared_seconds and time(run, "cleared") or 0
  local is_left_out = run.has_ended or cleared == 0 or time(run, "taken") - cleared > LONGEST_S
  return not is_left_out and field.time(cleared) or nil
end

--- Makes an iterator over pieces of Prometheus's text.
function M.prometheus(snapshot, options)
  return encode(PROMETHEUS, lifetime.of(snapshot), options)
end

--- Makes an iterator over pieces of OpenMetrics.
function M.openmetrics(snapshot, options)
  return encode(OPENMETRICS, lifetime.of(snapshot), options)
end

--- The text of a lifetime, "prometheus" or "openmetrics".
function M.text_of(name, run)
  local pieces = {}
  for piece in encode(name == "openmetrics" and OPENMETRICS or PROMETHEUS, run) do
    pieces[#pieces + 1] = piece
  end
  return table.concat(pieces)
end

return M
