--- What stands out in a run.
-- In use by the overview alone.
-- @submodule exectrack.report
local first_rows = require("exectrack.report.parts.first_rows")
local format = require("exectrack.report.format")
local streaks_of = require("exectrack.report.parts.streaks")
local words = require("exectrack.report.parts.words")

-- From when on something stands out.
local STREAK, ERROR_RATE, ERROR_RATE_OF, REPEATS = 3, 0.1, 10, 5

-- In how many of the newest executions streaks and repeated calls are looked for, as that takes
-- time and memory for each of them.
local RECENT = 10000

local MOST_FINDINGS = 30

local COLUMNS = {
  { field = "tool", heading = "Tool" },
  { field = "status", heading = "Status", unit = "status" },
  { field = "finding", heading = "Finding" },
}

--- The row of the call that each tool was given most often, by the tool's name.
local function repeats_of(snapshot)
  local by_tool = {}
  for _, row in ipairs(snapshot:group_by("tool", "args_hash", { quantiles = {} })) do
    local most = by_tool[row.tool]
    if row.args_hash ~= 0 and row.count > (most and most.count or 0) then
      by_tool[row.tool] = row
    end
  end
  return by_tool
end

local function denied_calls(snapshot)
  local by_tool = {}
  for _, denial in ipairs((snapshot:denials())) do
    by_tool[denial.tool] = (by_tool[denial.tool] or 0) + denial.count
  end
  return by_tool
end

--- For how long the first of each tool's executions in flight has been, of those that are listed.
local function longest_running(snapshot)
  local by_tool = {}
  for _, execution in ipairs(snapshot:in_flight()) do
    by_tool[execution.tool] = math.max(by_tool[execution.tool] or 0, execution.elapsed_ms)
  end
  return by_tool
end

local function failing(facts, row)
  local streak = facts.streaks[row.tool]
  if streak and streak.current >= STREAK then
    return format.count(streak.current) .. " failures or time-outs in a row"
  end
end

local function often_failing(_, row)
  local counted = row.count - row.cancelled
  if counted >= ERROR_RATE_OF and row.error_rate >= ERROR_RATE then
    return ("%s of %s failed or timed out"):format(format.percent(row.error_rate),
      format.count(counted))
  end
end

local function timed_out(_, row)
  if row.timed_out > 0 then
    return ("%s of %s timed out"):format(format.count(row.timed_out), format.count(row.count))
  end
end

local function denied(facts, row)
  local count = facts.denied[row.tool]
  return count and "a policy denied " .. words.counted(count, "call")
end

local function repeated(facts, row)
  local most = facts.repeats[row.tool]
  if most and most.count >= REPEATS then
    return ("the same call %s times"):format(format.count(most.count))
      .. (most.cached_hits > 0 and ", of which a cache answered "
        .. format.count(most.cached_hits) or "")
  end
end

local function in_flight(facts, row)
  local count, longest_ms = facts.snapshot:in_flight_count(row.tool), facts.running[row.tool]
  if count > 0 then
    return format.count(count) .. " in flight"
      .. (longest_ms and ", the longest for " .. format.duration(longest_ms) or "")
  end
end

-- What may be found about a tool, what matters most first: a status, and a function of the facts
-- and the tool's row of group_by that returns the finding, or nothing.
local FINDINGS = {
  { "failed", failing },
  { "failed", often_failing },
  { "timed_out", timed_out },
  { "deny", denied },
  { "warning", repeated },
  { "warning", in_flight },
}

--- The rows of `by_tool`, and one for each tool without records, such as one that was only denied.
local function all_tools(snapshot, by_tool)
  local rows, has_row = {}, {}
  for i, row in ipairs(by_tool) do
    rows[i], has_row[row.tool] = row, true
  end
  for _, tool in ipairs(snapshot:tools()) do
    if not has_row[tool] then
      rows[#rows + 1] = { tool = tool, count = 0, cancelled = 0, timed_out = 0 }
    end
  end
  return rows
end

--- Adds what there is to say about names beyond the run's limits, over its lifetime.
local function add_overflows(rows, snapshot)
  local stats = snapshot:stats()
  local function add(count, what)
    if count > 0 then
      rows[#rows + 1] = { tool = "(other)", status = "warning",
        finding = words.counted(count, "execution") .. what }
    end
  end
  add(stats.overflowed, " of tools beyond the run's limit")
  add(stats.error_types_overflowed, " with error types beyond the limit")
end

local function find(snapshot, by_tool)
  local recent = #snapshot > RECENT and snapshot:filter { last = RECENT } or snapshot
  local facts = { snapshot = snapshot, streaks = streaks_of(recent), repeats = repeats_of(recent),
    denied = denied_calls(snapshot), running = longest_running(snapshot) }
  local rows, tools = {}, all_tools(snapshot, by_tool)
  for _, kind in ipairs(FINDINGS) do
    for _, row in ipairs(tools) do
      local finding = kind[2](facts, row)
      if finding then
        rows[#rows + 1] = { tool = row.tool, status = kind[1], finding = finding }
      end
    end
  end
  add_overflows(rows, snapshot)
  return rows
end

local function criteria(snapshot)
  return ("Looked for: %d failures or time-outs in a row up to now; errors in %.0f %% or more of "
    .. "at least %d executions; time-outs; denied calls; the same call %d times; executions in "
    .. "flight.%s")
    :format(STREAK, 100 * ERROR_RATE, ERROR_RATE_OF, REPEATS, #snapshot > RECENT
      and (" Failures in a row and repeated calls are counted in the newest %s executions.")
        :format(format.count(RECENT)) or "")
end

--- The section that says what stands out. `by_tool` are the rows of the snapshot's `group_by`, in
-- the order in which to speak of tools.
-- @local
return function(snapshot, by_tool)
  local rows, note = first_rows(find(snapshot, by_tool), MOST_FINDINGS, "findings")
  if #rows == 0 then
    return { title = "Health", text = "Nothing stands out.\n\n" .. criteria(snapshot) }
  end
  return { title = "Health", text = criteria(snapshot) .. (note and " " .. note or ""),
    columns = COLUMNS, rows = rows }
end
