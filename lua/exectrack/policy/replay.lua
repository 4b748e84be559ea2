--- Tries a policy on a run that was recorded.
-- @submodule exectrack.policy
local checks = require("exectrack.options")
local time = require("exectrack.policy.time")

--- The sum of two durations, exact to the microsecond.
local function add_ms(a, b)
  return time.ms(time.us_of_ms(a) + time.us_of_ms(b))
end

local function new_row(tool, reason)
  return { tool = tool, reason = reason, denied = 0, failures_avoided = 0, successes_lost = 0,
    time_saved_ms = 0 }
end

--- Counts in `row` that the execution of `record` was denied.
local function count(row, record)
  row.denied = row.denied + 1
  if not record.timing then
    row.time_saved_ms = add_ms(row.time_saved_ms, record.duration_ms)
  end
  if record.status == "success" then
    row.successes_lost = row.successes_lost + 1
  elseif record.status ~= "cancelled" then
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

--- The reason by which `denials` counts it.
local function reason_of(decision)
  return decision.reason == "" and "(other)" or decision.reason or "denied"
end

local function sort(rows)
  table.sort(rows, function(a, b)
    if a.tool ~= b.tool then
      return a.tool < b.tool
    end
    return a.reason < b.reason
  end)
end

local function summarize(executions, decisions)
  local all, rows, by_tool = new_row(), {}, {}
  all.executions, all.warned, all.by_tool_and_reason = executions, 0, rows
  for _, entry in ipairs(decisions) do
    if entry.decision.action == "deny" then
      count(all, entry.record)
      count(row_of(rows, by_tool, entry.record.tool, reason_of(entry.decision)), entry.record)
    else
      all.warned = all.warned + 1
    end
  end
  sort(rows)
  return all
end

--- Replays a run to see what a policy would have decided about it: `snapshot:decisions(policy,
-- options)`, and what would have come of it. The same run and policy give the same result.
--
-- The result has `decisions`, in the order of time: tables with the `index` of an execution in the
-- snapshot, its `record`, and the `decision`. And it has a `summary`:
--
-- - `executions`: how many the run has; `warned` and `denied`: of how many the policy warned, and
--   how many it denied
-- - `failures_avoided`: those denied that failed or timed out; `successes_lost`: those denied that
--   in truth succeeded; `time_saved_ms`: how long those denied took together, as far as that was
--   measured
-- - `by_tool_and_reason`: an array of tables with `tool`, `reason`, `denied`, `failures_avoided`,
--   `successes_lost` and `time_saved_ms`, in the order of the tools' names, then of the reasons
--
-- A policy that needs the time can't be replayed on executions that are undated; that is a policy
-- that reads the `now` of a call.
--
-- O(n * log n) in the executions, and n times the policy.
-- @function replay
-- @tparam Snapshot snapshot
-- @tparam function policy
-- @tparam[opt] table options `enforce`: whether an execution that is denied doesn't take place in
--   the replay (default true)
-- @treturn[1] table
-- @treturn[2] nil
-- @treturn[2] string message, which names an execution whose time the policy needs
-- @treturn[2] string code, `undated`
-- @raise what the policy raises, and for an argument that is wrong
return function(snapshot, policy, options)
  checks.check("replay", snapshot, checks.snapshot)
  checks.check("replay", policy, checks.callable)
  local decisions, message, code = snapshot:decisions(policy, options)
  if not decisions then
    return nil, message, code
  end
  return { decisions = decisions, summary = summarize(#snapshot, decisions) }
end
