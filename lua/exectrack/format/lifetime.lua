--- The lifetime of a run as metrics need it: counters that only grow until they are cleared.
-- Used only by formats.
local decimal = require("exectrack.format.decimal")
local unicode = require("exectrack.report.unicode")
local unique_names = require("exectrack.format.unique_names")

local M = {}

--- The coarsest scale of a histogram: its limits are limits at every scale.
M.COARSEST_SCALE = 3

-- The outcomes, and the fields of a tool that are their histograms and the sums of their durations.
local OUTCOMES = {
  { "success", "histogram", "success_duration_us" },
  { "other", "other_histogram", "other_duration_us" },
}

--- The tools in the order of their names, each as in the table form, but with a valid `name` that
-- no other has, and the array `outcomes`: a name, a histogram, and the sum of its microseconds.
local function named_tools(run)
  local tools = {}
  unique_names.set(run.tools)
  for i, tool in ipairs(run.tools) do
    tool.success_duration_us = decimal.difference(tool.total_duration_us, tool.other_duration_us)
    tool.outcomes = {}
    for j, outcome in ipairs(OUTCOMES) do
      tool.outcomes[j] = { outcome[1], tool[outcome[2]], tool[outcome[3]] }
    end
    tools[i] = tool
  end
  table.sort(tools, function(a, b) return a.name < b.name end)
  return tools
end

--- The denials, by tool and reason, each `{ tool =, reason =, count = }`.
local function named_denials(run)
  local reasons, list = unique_names.of(run.error_types), {}
  for i, denial in ipairs(run.denials) do
    list[i] = { tool = run.tools[denial.tool_id].name, reason = reasons[denial.reason_id],
      count = denial.count }
  end
  table.sort(list, function(a, b)
    if a.tool ~= b.tool then
      return a.tool < b.tool
    end
    return a.reason < b.reason
  end)
  return list
end

--- The measures, with a valid `name` that no other has.
local function named_measures(snapshot)
  local measures = snapshot:measures()
  unique_names.set(measures)
  for _, measure in ipairs(measures) do
    measure.unit = unicode.valid(measure.unit)
  end
  return measures
end

--- Whether nobody records into the run any more, as far as that is known.
local function has_ended(snapshot)
  local writer = snapshot:writer()
  return writer ~= nil and writer.state ~= "live"
end

--- The table form of a run without its records, whose `tools`, `denials` and `measures` are those
-- above, and `has_ended`, whether its process has closed it or died: then nothing is in flight.
function M.of(snapshot)
  local run = snapshot:filter({ last = 0 }):to_table()
  run.has_ended = has_ended(snapshot)
  local by_name = named_tools(run)
  run.denials = named_denials(run)
  run.tools, run.measures = by_name, named_measures(snapshot)
  return run
end

--- How many durations a histogram counts.
function M.count(histogram)
  local count = histogram.zero_count
  for _, in_bucket in ipairs(histogram.bucket_counts) do
    count = count + in_bucket
  end
  return count
end

return M
