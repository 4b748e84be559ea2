--- OpenMetrics 1.0: the counters of a run, and histograms of durations.
local exposition = require("exectrack.format.exposition")
local field = require("exectrack.format.field")

local M = {}

--- Prometheus 3.5 ends with an error at a `_created` that is older, if it is told to read them.
local LONGEST_S = 3600

local FORMAT = { NAME = "openmetrics.encode", SUFFIXES = { info = "_info", counter = "_total" } }

local HAS_CREATED = { counter = true, histogram = true }

function FORMAT.head(family)
  local lines = { "# TYPE " .. family.name .. " " .. family.kind }
  if family.unit then
    lines[2] = "# UNIT " .. family.name .. " " .. family.unit
  end
  lines[#lines + 1] = "# HELP " .. family.name .. " " .. family.help
  return lines
end

--- A limit is a float, even if it is whole.
function FORMAT.limit(seconds)
  local text = exposition.limit(seconds)
  return text:find("[.e]") and text or text .. ".0"
end

local function time(run, prefix)
  return run[prefix .. "_seconds"] + run[prefix .. "_microseconds"] / 1e6
end

--- Counters and histograms are followed by the time at which counting began, unless that is too
-- long ago.
function FORMAT.after(run)
  local cleared = time(run, "cleared")
  if time(run, "taken") - cleared > LONGEST_S then
    return nil
  end
  local value = "} " .. field.time(cleared)
  return function(family, labels)
    return HAS_CREATED[family.kind] and family.name .. "_created{" .. labels .. value or nil
  end
end

--- Makes an iterator over pieces of text.
function M.encode(snapshot, options)
  return exposition.encode(FORMAT, snapshot, options, "# EOF\n")
end

return M
