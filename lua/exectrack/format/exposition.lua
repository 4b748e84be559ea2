--- The lines that Prometheus's text format and OpenMetrics have in common.
-- Used only by formats.
local families_of = require("exectrack.format.metric_families")
local lifetime = require("exectrack.format.lifetime")
local numbers = require("exectrack.numbers")

local M = {}

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

--- The lines of a family; each sample may be followed by what `after` returns, a line or nil.
local function family_text(format, family, limits, after)
  local lines = format.head(family)
  local name = family.name .. (format.SUFFIXES[family.kind] or "")
  for _, sample in ipairs(family.samples) do
    if family.kind == "histogram" then
      add_histogram(lines, name, sample, limits)
    else
      lines[#lines + 1] = name .. "{" .. sample[1] .. "} " .. sample[2]
    end
    lines[#lines + 1] = after and after(family, sample[1])
  end
  lines[#lines + 1] = ""
  return table.concat(lines, "\n")
end

--- Makes an iterator over pieces of text: the families, one a piece, and then `last`. `format` has:
--
-- - `NAME`, that of the encoder
-- - `head(family)`, which returns the lines before the samples, an array
-- - `SUFFIXES`, what follows a family's name in samples, by its kind
-- - `limit(seconds)`, the text of the limit of a bucket
-- - optionally `after(run)`, which returns a function, or nil: of a family and the labels of a
--   sample, the
--   line after the sample
function M.encode(format, snapshot, options, last)
  local run = lifetime.of(format.NAME, snapshot)
  local limits = options and options.buckets or families_of.LIMITS
  local families, texts = families_of.of(run, limits), {}
  for i, limit in ipairs(limits) do
    texts[i] = format.limit(limit)
  end
  local after = format.after and format.after(run)
  local i = 0
  return function()
    i = i + 1
    if families[i] then
      return family_text(format, families[i], texts, after)
    end
    return i == #families + 1 and last or nil
  end
end

--- A limit in seconds as text.
M.limit = numbers.text

return M
