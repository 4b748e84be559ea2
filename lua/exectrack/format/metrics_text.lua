--- Prometheus's text format, version 0.0.4, and OpenMetrics 1.0: the counters of a run, and
-- histograms of durations.
local families_of = require("exectrack.format.metric_families")
local field = require("exectrack.format.field")
local lifetime = require("exectrack.format.lifetime")
local numbers = require("exectrack.numbers")

local M = {}

--- What follows a family's name in samples, by its kind.
local SUFFIXES = { info = "_info", counter = "_total" }

--- Prometheus 3.5 ends with an error at a `_created` that is older, if it is told to read them.
local LONGEST_S = 3600

local HAS_CREATED = { counter = true, histogram = true }

--- Adds the lines of a histogram: a bucket for each limit, whose text is in `limits`, the sum, and
-- the count.
local function add_histogram(lines, name, sample, limits)
  local labels, counts = sample[1], sample[2]
  local before = name .. "_bucket{" .. labels .. ',le="'
  for i = 1, #limits do
    lines[#lines + 1] = before .. limits[i] .. '"} ' .. counts[i]
  end
  lines[#lines + 1] = before .. '+Inf"} ' .. sample[3]
  lines[#lines + 1] = name .. "_sum{" .. labels .. "} " .. sample[4]
  lines[#lines + 1] = name .. "_count{" .. labels .. "} " .. sample[3]
end

--- The lines of a family, which `lines` begins; each sample is followed by what `created` returns
-- for its labels, a line or nil.
local function family_text(lines, family, limits, created)
  local name = family.name .. (SUFFIXES[family.kind] or "")
  for _, sample in ipairs(family.samples) do
    if family.kind == "histogram" then
      add_histogram(lines, name, sample, limits)
    else
      lines[#lines + 1] = name .. "{" .. sample[1] .. "} " .. sample[2]
    end
    lines[#lines + 1] = created and created(family, sample[1])
  end
  lines[#lines + 1] = ""
  return table.concat(lines, "\n")
end

--- Makes an iterator over pieces of text: the families, one a piece, and then `last`. `format` has:
--
-- - `head(family)`, which returns the lines before the samples, an array
-- - `limit(seconds)`, the text of the limit of a bucket
-- - optionally `created(run)`, which returns a function, or nil: of a family and the labels of a
--   sample, the line after the sample
local function encode(format, snapshot, options)
  local run = lifetime.of(snapshot)
  local limits = options and options.buckets or families_of.LIMITS
  local families, texts = families_of.of(run, limits), {}
  for i, limit in ipairs(limits) do
    texts[i] = format.limit(limit)
  end
  local created = format.created and format.created(run)
  local i = 0
  return function()
    i = i + 1
    if families[i] then
      return family_text(format.head(families[i]), families[i], texts, created)
    end
    return i == #families + 1 and format.last or nil
  end
end

--- In Prometheus's text a metric is called as its samples are, and an info is a gauge.
local PROMETHEUS = { limit = numbers.text }

function PROMETHEUS.head(family)
  local name = family.name .. (SUFFIXES[family.kind] or "")
  local kind = family.kind == "info" and "gauge" or family.kind
  return { "# HELP " .. name .. " " .. family.help, "# TYPE " .. name .. " " .. kind }
end

local OPENMETRICS = { last = "# EOF\n" }

function OPENMETRICS.head(family)
  local lines = { "# TYPE " .. family.name .. " " .. family.kind }
  lines[2] = family.unit and "# UNIT " .. family.name .. " " .. family.unit or nil
  lines[#lines + 1] = "# HELP " .. family.name .. " " .. family.help
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

--- Counters and histograms are followed by the time at which counting began, unless that is too
-- long ago, or isn't known. A run that has ended may be read at any time later.
function OPENMETRICS.created(run)
  local cleared = time(run, "cleared")
  if run.has_ended or cleared == 0 or time(run, "taken") - cleared > LONGEST_S then
    return nil
  end
  local value = "} " .. field.time(cleared)
  return function(family, labels)
    return HAS_CREATED[family.kind] and family.name .. "_created{" .. labels .. value or nil
  end
end

--- Makes an iterator over pieces of Prometheus's text.
function M.prometheus(snapshot, options)
  return encode(PROMETHEUS, snapshot, options)
end

--- Makes an iterator over pieces of OpenMetrics.
function M.openmetrics(snapshot, options)
  return encode(OPENMETRICS, snapshot, options)
end

return M
