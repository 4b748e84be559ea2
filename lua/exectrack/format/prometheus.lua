--- Prometheus's text format, version 0.0.4: the counters of a run, and histograms of durations.
local exposition = require("exectrack.format.exposition")

local M = {}

--- The metric is called as its samples are, and an info is a gauge.
local TYPES = { info = "gauge", counter = "counter", gauge = "gauge", histogram = "histogram" }

local FORMAT = {
  NAME = "prometheus.encode",
  SUFFIXES = { info = "_info", counter = "_total" },
  limit = exposition.limit,
}

function FORMAT.head(family)
  local name = family.name .. (FORMAT.SUFFIXES[family.kind] or "")
  return { "# HELP " .. name .. " " .. family.help, "# TYPE " .. name .. " " .. TYPES[family.kind] }
end

--- Makes an iterator over pieces of text.
function M.encode(snapshot, options)
  return exposition.encode(FORMAT, snapshot, options)
end

return M
