--- Asks a policy about the calls of a recorded run.
local checks = require("exectrack.options")
local time = require("exectrack.policy.time")

local FIELDS = checks.fields {
  { "enforce", checks.boolean, default = true },
}

-- The time saved is in microseconds, whose sums are exact, until all are counted.
local function new_row(tool, reason)
  return { tool = tool, reason = reason, denied = 0, failures_avoided = 0, successes_lost = 0,
    time_saved_ms = 0 }
end

--- Counts in `row` that the execution at `index` was denied.
local function count(row, columns, index)
  local status = columns.status[index]
  row.denied = row.denied + 1
  if columns.timing[index] == "measured" then
    row.time_saved_ms = row.time_saved_ms + time.us_of_ms(columns.duration_ms[index])
  end
  if status == "success" then
    row.successes_lost = row.successes_lost + 1
  elseif status ~= "cancelled" then
    row.failures_avoided = row.failures_avoided + 1
  end
end

--- The row of this tool and reason, which is added to `rows` if it is new.
local function row_of(rows, by_tool, tool, reason)
  local by_reason = by_tool[tool] or {}
  by_tool[tool] = by_reason
  if not by_reason[reason] then
    by_reason[reason] = new_row(tool, reason)
    rows[#rows + 1] = by_reason[reason]
  end
  return by_reason[reason]
end

--- The reason under which `denials` would count the decision.
local function reason_of(decision)
  local reason = decision.reason
  return reason == "" and "(other)" or reason or "denied"
end

local function sort(rows)
  table.sort(rows, function(a, b)
    if a.tool ~= b.tool then
      return a.tool < b.tool
    end
    return a.reason < b.reason
  end)
end

--- Adds the counts of `row` to those of `all`.
local function add(all, row)
  for _, field in ipairs { "denied", "failures_avoided", "successes_lost", "time_saved_ms" } do
    all[field] = all[field] + row[field]
  end
end

--- What is counted of executions, as columns: cheaper than a record for each.
local function columns_of(snapshot)
  return { status = snapshot:column("status"), timing = snapshot:column("timing"),
    duration_ms = snapshot:column("duration_ms") }
end

local function summarize(snapshot, decisions)
  local all, rows, by_tool = new_row(), {}, {}
  local columns = decisions[1] and columns_of(snapshot)
  for _, entry in ipairs(decisions) do
    if entry.decision.action == "deny" then
      count(row_of(rows, by_tool, entry.tool, reason_of(entry.decision)), columns, entry.index)
    end
  end
  for _, row in ipairs(rows) do
    add(all, row)
    row.time_saved_ms = time.ms(row.time_saved_ms)
  end
  sort(rows)
  all.time_saved_ms = time.ms(all.time_saved_ms)
  all.executions, all.by_tool_and_reason = #snapshot, rows
  all.warned = #decisions - all.denied
  return all
end

--- What a policy would have decided about a run, and the consequences; or nil, a message and
-- `undated` if the policy reads the time of an undated call.
return function(snapshot, policy, options)
  checks.check("replay", snapshot, checks.snapshot)
  checks.check("replay", policy, checks.callable)
  local decisions, message, code =
    snapshot:decisions(policy, checks.check("replay", options, FIELDS))
  if not decisions then
    return nil, message, code
  end
  return { decisions = decisions, summary = summarize(snapshot, decisions) }
end
