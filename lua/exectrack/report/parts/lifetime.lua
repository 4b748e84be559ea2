--- What a run counted in its lifetime, also of executions that it no longer retains.
-- Used only by built-in reports.
local add_counts = require("exectrack.numbers").add_counts
local words = require("exectrack.report.parts.words")

local COUNTS = { "total_executions", "failed", "timed_out", "cancelled", "cached_hits", "untimed",
  "elapsed" }
local TIMES = { "total_duration_ms", "elapsed_ms" }

--- The names of the run's tools that `selection` chooses; nil if it doesn't choose tools only.
local function chosen_tools(snapshot, selection)
  for part in pairs(selection) do
    if part ~= "tool" and part ~= "exclude" then
      return nil
    end
  end
  local is_chosen, tools = {}, {}
  for _, tool in ipairs(selection.tool or snapshot:tools()) do
    is_chosen[tool] = true
  end
  for _, tool in ipairs(selection.exclude or {}) do
    is_chosen[tool] = nil
  end
  for _, tool in ipairs(snapshot:tools()) do
    tools[#tools + 1] = is_chosen[tool] and tool or nil
  end
  return tools
end

--- The sums of what a run counted of these tools.
local function sum_of(snapshot, tools)
  local row = {}
  for _, field in ipairs(COUNTS) do
    row[field] = 0
  end
  for _, field in ipairs(TIMES) do
    row[field] = 0
  end
  for _, tool in ipairs(tools) do
    local stats = snapshot:stats(tool)
    for _, field in ipairs(COUNTS) do
      row[field] = add_counts(row[field], stats[field])
    end
    for _, field in ipairs(TIMES) do
      row[field] = row[field] + stats[field]
    end
  end
  return row
end

--- The longest of these tools; nil if none was measured.
local function longest(snapshot, tools)
  local longest_ms
  for _, tool in ipairs(tools) do
    local ms = snapshot:stats(tool).max_duration_ms
    longest_ms = ms and math.max(longest_ms or 0, ms) or longest_ms
  end
  return longest_ms
end

--- What was counted of the tools that `selection` chooses, or of all, for nil; nil if that isn't
-- known.
local function counts_of(snapshot, selection)
  if selection then
    local tools = chosen_tools(snapshot, selection)
    return tools and sum_of(snapshot, tools), tools
  end
  return not snapshot:is_filtered() and snapshot:stats() or nil, snapshot:tools()
end

--- What was counted of all that was chosen of a run, like a row of `group_by` without quantiles;
-- nil if all of it is retained, or if it was chosen by what only records have. `chosen` are the
-- options of the report.
return function(snapshot, chosen)
  local row, tools = counts_of(snapshot, chosen.selection)
  if not row or not words.retained(snapshot, chosen.retained)
    or row.total_executions <= #snapshot then
    return nil
  end
  row.of, row.count = "whole run", row.total_executions
  local counted = row.count - row.cancelled
  row.error_rate = counted > 0 and add_counts(row.failed, row.timed_out) / counted or nil
  row.max_duration_ms = longest(snapshot, tools)
  return row
end
