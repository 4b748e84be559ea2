--- What stands out in a run, tool by tool.
-- Used only for the health section of the overview.
local add_counts = require("exectrack.numbers").add_counts
local calls_again = require("exectrack.report.parts.calls_again")
local deaths = require("exectrack.report.parts.deaths")
local denials = require("exectrack.report.parts.denials")
local format = require("exectrack.report.format")
local next_step = require("exectrack.report.parts.next_step")
local streaks_of = require("exectrack.report.parts.streaks")
local words = require("exectrack.report.parts.words")

local M = {}

--- From how many failures on, in a row or altogether, something stands out, if those altogether
-- are also this share; from which share on time-outs do; and repeated calls, from this number.
M.FAILURES, M.SHARE, M.TIMEOUT_SHARE, M.REPEATS = 3, 0.1, 0.05, 5

--- A call in flight hangs if it takes longer than this, and than so many times the longest.
M.HANGING_MS, M.HANGING_FACTOR = 10000, 3

--- A call that took so long, and may have waited for a person, is worth a note.
M.WAITING_MS = 600000

--- Repeated calls, and the streaks of a part of a run, are searched among so many of the newest
-- executions, as each of them takes time and memory.
M.RECENT = 10000

--- The statuses of failures.
M.FAILED = { "failed", "timed_out" }

--- What calls took: `us` of those that were `measured`, and how many of them weren't.
function M.no_time()
  return { us = 0.0, measured = 0, unmeasured = 0 }
end

--- Adds to `sum`, as `no_time` returns it, another such one, `factor` times.
function M.add_time(sum, time, factor)
  for field, number in pairs(time) do
    sum[field] = sum[field] + factor * number
  end
end

--- Gives a finding what its calls took: `lost`, and `lost_ms`, nil if none of them was measured.
function M.set_lost(found, lost)
  found.lost, found.is_partly = lost, lost.unmeasured > 0
  found.lost_ms = (lost.measured > 0 or not found.is_partly) and lost.us / 1000 or nil
end

--- What the calls that failed or timed out took, without the failures made within them, by tool and
-- status, and as `all` of both.
local function time_of_failures(snapshot)
  local failures, names, by_tool = snapshot:filter { status = M.FAILED }, snapshot:tools(), {}
  local ids, statuses = failures:column("tool_id"), failures:column("status")
  local timings = failures:column("timing")
  for _, tool in ipairs(names) do
    by_tool[tool] = { failed = M.no_time(), timed_out = M.no_time(), all = M.no_time() }
  end
  for place, ms in ipairs(failures:column("self_duration_ms")) do
    local time = by_tool[names[ids[place]]][statuses[place]]
    if timings[place] == "measured" then
      time.us, time.measured = time.us + math.floor(ms * 1000 + 0.5), time.measured + 1
    else
      time.unmeasured = time.unmeasured + 1
    end
  end
  for _, lost in pairs(by_tool) do
    M.add_time(lost.all, lost.failed, 1)
    M.add_time(lost.all, lost.timed_out, 1)
  end
  return by_tool
end

--- The calls that took long and may have waited for a person: rows of `group_by`, by the tool.
local function long_waits(snapshot)
  local by_tool = {}
  local long = snapshot:filter { timing = "elapsed", min_duration_ms = M.WAITING_MS }
  local rows = long:group_by("tool", { quantiles = {} })
  for _, row in ipairs(deaths.take_out(rows, long, "tool")) do
    by_tool[row.tool] = row.elapsed > 0 and row or nil
  end
  return by_tool
end

local function counts_of(rows)
  local by_tool = {}
  for _, row in ipairs(rows) do
    by_tool[row.tool] = add_counts(by_tool[row.tool] or 0, row.count)
  end
  return by_tool
end

local function longest_of_all(snapshot)
  local longest_ms = 0
  for _, tool in ipairs(snapshot:tools()) do
    longest_ms = math.max(longest_ms, snapshot:stats(tool).max_duration_ms or 0)
  end
  return longest_ms
end

--- Whether a selection isn't only of tools: whether a denial belongs to others isn't known.
local function has_other_than_tools(selection)
  for _, part in ipairs { "session", "status", "since", "before", "last" } do
    if selection and selection[part] then
      return true
    end
  end
  return false
end

--- The streaks of the `recent` executions of a snapshot. Those of a whole run may have begun before
-- its oldest record.
local function streaks(snapshot, recent)
  local by_tool = streaks_of(recent)
  for _, tool in ipairs(snapshot:is_filtered() and {} or snapshot:tools()) do
    local current = snapshot:failure_streak(tool)
    if current > (by_tool[tool] and by_tool[tool].current or 0) then
      by_tool[tool] = by_tool[tool] or { late = 0 }
      by_tool[tool].current = current
    end
  end
  return by_tool
end

--- What findings are made of. `by_tool` are the rows of the snapshot's `group_by`; `chosen` are the
-- options of the report, whose `selection` may have all options that choose executions; `flights`
-- is what `in_flight.of` returns.
function M.facts(snapshot, by_tool, chosen, flights)
  local selection = chosen.selection
  local recent = #snapshot > M.RECENT and snapshot:filter { last = M.RECENT } or snapshot
  return {
    snapshot = snapshot,
    run = chosen.run,
    longest_ms = longest_of_all(snapshot),
    streaks = streaks(snapshot, recent),
    repeats = calls_again(recent),
    recent_calls = counts_of(recent == snapshot and by_tool
      or recent:group_by("tool", { quantiles = {} })),
    lost = time_of_failures(snapshot),
    waits = long_waits(snapshot),
    denied = has_other_than_tools(selection) and {}
      or counts_of((denials.of(snapshot, selection))),
    flights = flights.now.by_tool,
    at_death = flights.at_death.by_tool,
    deaths = deaths.by_tool(snapshot),
    knows_selection = selection ~= nil,
    judges_failures = not (selection and selection.status),
  }
end

--- How failures are called of which all, or none, timed out.
local function failures_called(row, failed, timed_out, both)
  return row.timed_out == 0 and failed or row.failed == 0 and timed_out or both
end

--- A tool isn't failing if most of the calls succeed that overlap its failures.
local function streak_text(streak, row)
  if streak and streak.current >= M.FAILURES and streak.current > streak.late then
    return format.count(streak.current)
      .. failures_called(row, " failures", " time-outs", " failures or time-outs")
      .. (streak.late == 0 and " in a row" or ", no success that started since")
  end
end

--- Whether so many of a row's calls are a share of them that stands out.
function M.is_often(count, row, share)
  return count >= M.FAILURES and count >= share * (row.count - row.cancelled)
end

--- Which share of a row's calls failed, in words; with `times_out`, how many timed out, too.
function M.share_text(row, times_out)
  return ("%s of %s %s"):format(format.percent(row.error_rate), format.count(row.count
    - row.cancelled), failures_called(row, "failed", "timed out", "failed or timed out"))
    .. (times_out and row.failed > 0 and (", %s timed out"):format(format.count(row.timed_out))
      or "")
end

--- What the newest failures took that make a streak. Those that are gone weren't measured.
local function time_of_streak(snapshot, tool, count)
  local lost = time_of_failures(snapshot:filter { tool = tool, status = M.FAILED,
    was_cached = false, last = count })[tool].all
  lost.unmeasured = count - lost.measured
  return lost
end

--- The finding about failures and time-outs of a tool: in a row, often, or both.
local function failing(facts, row)
  local streak, lost = facts.streaks[row.tool], facts.lost[row.tool]
  local failures = row.failed + row.timed_out
  local in_a_row = streak_text(streak, streak and streak.current > failures
    and facts.snapshot:stats(row.tool) or row)
  local times_out = M.is_often(row.timed_out, row, M.TIMEOUT_SHARE)
  local found = { severity = "bad", calls = failures, statuses = M.FAILED, report = "failures",
    in_a_row = in_a_row ~= nil }
  if M.is_often(failures, row, M.SHARE) then
    found.finding = (in_a_row and in_a_row .. "; " or "") .. M.share_text(row, times_out)
    M.set_lost(found, lost.all)
  elseif in_a_row then
    found.finding, found.calls = in_a_row, streak.current
    M.set_lost(found, time_of_streak(facts.snapshot, row.tool, streak.current))
  elseif times_out then
    found.finding = ("%s of %s timed out"):format(format.count(row.timed_out),
      format.count(row.count - row.cancelled))
    found.severity, found.calls, found.statuses = "warning", row.timed_out, { "timed_out" }
    M.set_lost(found, lost.timed_out)
  end
  return found.finding and facts.judges_failures and found or nil
end

local NONE = { count = 0, elapsed_ms = {}, known = 0, total_ms = 0 }

--- The finding about what was in flight when the process died, or an earlier one. What a call cost
-- isn't known where nothing is known of it but that it had started, or where the list of what was
-- in flight had no room for it.
local function died(facts, row)
  local earlier, flight = facts.deaths[row.tool] or NONE, facts.at_death[row.tool] or NONE
  local count = earlier.count + flight.count
  local longest_ms = (earlier.longest_ms or flight.longest_ms)
    and math.max(earlier.longest_ms or 0, flight.longest_ms or 0)
  local known = earlier.known + #flight.elapsed_ms
  return count > 0 and { severity = "bad", calls = count,
    lost_ms = known > 0 and earlier.total_ms + flight.total_ms or nil, is_partly = known < count,
    finding = words.counted(count, "call") .. " in flight when the process died"
      .. (longest_ms and ", for at least " .. format.duration(longest_ms) or ""),
    next = earlier.count > 0 and next_step.report(facts.run, nil,
      { tool = row.tool, status = "cancelled" }) } or nil
end

--- Not judged of a tool that ended calls, none of which was measured.
local function hanging(facts, row)
  local flight = facts.flights[row.tool]
  local stats = flight and facts.snapshot:stats(row.tool)
  local longest_ms = flight and stats.max_duration_ms
  if flight and not longest_ms and stats.total_executions > 0 then
    return nil
  end
  local limit_ms = math.max(M.HANGING_MS, M.HANGING_FACTOR * (longest_ms or facts.longest_ms))
  local count, lost_ms = 0, 0
  for _, ms in ipairs(flight and flight.elapsed_ms or {}) do
    if ms > limit_ms then
      count, lost_ms = count + 1, lost_ms + ms
    end
  end
  return count > 0 and { severity = "warning", calls = count, lost_ms = lost_ms,
    finding = words.counted(count, "call") .. " in flight for " .. (count > 1 and "up to " or "")
      .. format.duration(flight.longest_ms) .. (longest_ms
        and "; the longest that ended took " .. format.duration(longest_ms) or "") } or nil
end

local function denied(facts, row)
  local count = facts.denied[row.tool]
  return count and { severity = "warning", calls = count, lost_ms = 0,
    finding = "a policy denied " .. words.counted(count, "call") }
end

local function repeated(facts, row)
  local again = facts.repeats[row.tool]
  if again and again.count >= M.REPEATS
    and again.count >= M.SHARE * facts.recent_calls[row.tool] then
    return { severity = "warning", calls = again.count, lost_ms = again.lost_ms,
      is_partly = again.is_partly, report = "loops", place = again.place,
      finding = words.counted(again.count, "successful call") .. " made again, without a cache" }
  end
end

local function waiting(facts, row)
  local waits = facts.waits[row.tool]
  return waits and { severity = "note", calls = waits.elapsed,
    finding = ("%s took %s with waiting"):format(words.counted(waits.elapsed, "call"),
      format.duration(waits.elapsed_ms)),
    next = next_step.report(facts.run, nil, { exclude = row.tool }) }
end

local KINDS = { failing, died, hanging, denied, repeated, waiting }

--- The findings about one tool; `row` is its row of `group_by`. Each has the fields of a row of the
-- section: `tool`, `severity`, `finding`, `lost_ms` (nil if it isn't known of any call), `calls`
-- and `next`; `is_partly`, whether there are calls of which it isn't known; a `place` or the
-- `statuses` of the calls that it is about, if it is about some that ended; and `in_a_row`, whether
-- it is about failures in a row.
function M.of_tool(facts, row)
  local list = {}
  for _, kind in ipairs(KINDS) do
    local found = kind(facts, row)
    if found then
      found.tool = row.tool
      found.next = next_step.other(facts.run, found.next
        or next_step.report(facts.run, found.report, row))
      list[#list + 1] = found
    end
  end
  return list
end

--- Adds findings about names that exceeded the run's limits, unless only a part of it was chosen.
function M.add_of_limits(list, facts)
  local stats, is_whole = facts.snapshot:stats(), not facts.snapshot:is_filtered()
  local function add(tool, count, report, what)
    if is_whole and count > 0 then
      list[#list + 1] = { tool = tool, severity = "warning", calls = count, lost_ms = 0,
        finding = words.counted(count, "execution") .. what,
        next = next_step.other(facts.run, next_step.report(facts.run, report)) }
    end
  end
  add("(other)", stats.overflowed, nil, " of tools beyond the run's limit")
  add(nil, stats.error_types_overflowed, "failures", " with error types beyond the limit")
end

return M
