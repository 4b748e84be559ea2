--- What stands out in a run.
-- Used only by the overview.
local add_counts = require("exectrack.numbers").add_counts
local first_rows = require("exectrack.report.parts.first_rows")
local format = require("exectrack.report.format")
local places = require("exectrack.report.parts.places")
local repeats_of = require("exectrack.report.parts.repeats")
local streaks_of = require("exectrack.report.parts.streaks")
local words = require("exectrack.report.parts.words")

-- From how many on something stands out: failures in a row; failures in total, if their share is at
-- least this; repeated calls that no cache answered, if their share is at least this.
local STREAK, FAILURES, REPEATS, SHARE = 3, 3, 5, 0.1

-- Streaks and repeated calls are searched among so many of the newest executions, as each of them
-- takes time and memory.
local RECENT = 10000

local MOST_FINDINGS = 30

local COLUMNS = {
  { field = "tool", heading = "Tool" },
  { field = "severity", heading = "Severity", unit = "status" },
  { field = "finding", heading = "Finding" },
}

--- The repeated calls of each tool that no cache answered, by the tool's name: their `count`, and
-- the `place` of the last one.
local function calls_again(snapshot)
  local uncached, by_tool = snapshot:filter { was_cached = false }, {}
  for _, call in ipairs((repeats_of(uncached))) do
    local again = by_tool[call.tool] or { count = 0, last_index = 0 }
    again.count = again.count + call.count - 1
    again.last_index = math.max(again.last_index, call.last_index)
    by_tool[call.tool] = again
  end
  for _, again in pairs(by_tool) do
    again.place = uncached[again.last_index].place
  end
  return by_tool
end

local function calls_of(snapshot)
  local by_tool = {}
  for _, row in ipairs(snapshot:group_by("tool", { quantiles = {} })) do
    by_tool[row.tool] = row.count
  end
  return by_tool
end

local function denied_calls(snapshot)
  local by_tool = {}
  for _, denial in ipairs((snapshot:denials())) do
    by_tool[denial.tool] = add_counts(by_tool[denial.tool] or 0, denial.count)
  end
  return by_tool
end

--- How long the oldest listed execution in flight of each tool has been in flight.
local function longest_running(snapshot)
  local by_tool = {}
  for _, execution in ipairs(snapshot:in_flight()) do
    by_tool[execution.tool] = math.max(by_tool[execution.tool] or 0, execution.elapsed_ms)
  end
  return by_tool
end

--- A tool isn't failing if most of the calls succeed that overlap its failures.
local function failing(facts, row)
  local streak = facts.streaks[row.tool]
  if streak and streak.current >= STREAK and streak.current > streak.late then
    return format.count(streak.current) .. " failures or time-outs"
      .. (streak.late == 0 and " in a row" or ", no success that started since")
  end
end

local function often_failing(_, row)
  local counted = row.count - row.cancelled
  if row.failed + row.timed_out >= FAILURES and row.error_rate >= SHARE then
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
  local again = facts.repeats[row.tool]
  if again and again.count >= REPEATS and again.count >= SHARE * facts.recent_calls[row.tool] then
    return words.counted(again.count, "call") .. " made again, without a cache", again.place
  end
end

local function hanging(facts, row)
  local longest_ms = facts.running[row.tool]
  local is_known = row.max_duration_ms or row.count == 0
  if longest_ms and is_known and longest_ms > (row.max_duration_ms or 0) then
    return "in flight for " .. format.duration(longest_ms)
      .. (row.max_duration_ms and ", longer than any that ended" or "")
  end
end

-- The possible findings about a tool, the most important first: a severity; a function of the
-- facts and the tool's row of group_by that returns the finding, if there is one, and its place, if
-- it knows it; and the statuses of the executions that the finding is about, if it doesn't.
local FINDINGS = {
  { "bad", failing, { "failed", "timed_out" } },
  { "bad", often_failing, { "failed", "timed_out" } },
  { "warning", hanging },
  { "warning", timed_out, { "timed_out" } },
  { "warning", denied },
  { "warning", repeated },
}

--- The rows of `by_tool`; if the snapshot has all executions of its run, also one for each tool
-- without any, such as one that was only denied.
local function all_tools(snapshot, by_tool)
  local rows, has_row = {}, {}
  for i, row in ipairs(by_tool) do
    rows[i], has_row[row.tool] = row, true
  end
  if #snapshot < snapshot:stats().total_executions then
    return rows
  end
  for _, tool in ipairs(snapshot:tools()) do
    if not has_row[tool] then
      rows[#rows + 1] = { tool = tool, count = 0, cancelled = 0, failed = 0, timed_out = 0 }
    end
  end
  return rows
end

--- Adds findings about names that exceeded the run's limits, over its lifetime.
local function add_overflows(rows, snapshot)
  local stats = snapshot:stats()
  local function add(count, what)
    if count > 0 then
      rows[#rows + 1] = { tool = "(other)", severity = "warning",
        finding = words.counted(count, "execution") .. what }
    end
  end
  add(stats.overflowed, " of tools beyond the run's limit")
  add(stats.error_types_overflowed, " with error types beyond the limit")
end

--- The findings, and the statuses of the executions that some of them are about, by the finding.
local function find(snapshot, by_tool)
  local recent = #snapshot > RECENT and snapshot:filter { last = RECENT } or snapshot
  local facts = { snapshot = snapshot, streaks = streaks_of(recent), repeats = calls_again(recent),
    recent_calls = calls_of(recent), denied = denied_calls(snapshot),
    running = longest_running(snapshot) }
  local rows, statuses, tools = {}, {}, all_tools(snapshot, by_tool)
  for _, kind in ipairs(FINDINGS) do
    for _, row in ipairs(tools) do
      local finding, place = kind[2](facts, row)
      if finding then
        local found = { tool = row.tool, severity = kind[1], finding = finding, place = place }
        rows[#rows + 1], statuses[found] = found, kind[3]
      end
    end
  end
  add_overflows(rows, snapshot)
  return rows, statuses
end

local function criteria()
  return ("Nothing stands out. Looked for: %d failures or time-outs in a row up to now; %d in all, "
    .. "if they are %.0f %% of a tool's executions; executions in flight for longer than any that "
    .. "ended; time-outs; denied calls; %d calls made again without a cache, if they are %.0f %%.")
    :format(STREAK, FAILURES, 100 * SHARE, REPEATS, 100 * SHARE)
end

--- A sentence about a run that is too long to search all of it; else nil.
local function limits(snapshot)
  return #snapshot > RECENT and ("Failures in a row and calls made again are counted in the newest "
    .. "%s executions."):format(format.count(RECENT)) or nil
end

--- The section of findings. `by_tool` are the rows of the snapshot's `group_by`, in the order in
-- which tools are listed.
return function(snapshot, by_tool)
  local found, statuses = find(snapshot, by_tool)
  local rows, note = first_rows(found, MOST_FINDINGS, "findings")
  if #rows == 0 then
    return { title = "Health", text = words.joined(criteria(), limits(snapshot)) }
  end
  places.add(snapshot, rows, function(row)
    return statuses[row] and { tool = row.tool, status = statuses[row] }
  end)
  return { title = "Health", text = words.joined(note, limits(snapshot)),
    columns = places.columns(COLUMNS, rows, "Last at"), rows = rows }
end
