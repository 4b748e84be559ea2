--- Failures in a row of the same tool.
-- Used only by the built-in reports.
local record_columns = require("exectrack.report.parts.record_columns")

local function count_failure(streak, place)
  if streak.current == 0 then
    streak.start, streak.late = place, 0
  end
  streak.current = streak.current + 1
  if streak.current > streak.longest then
    streak.longest, streak.first, streak.last = streak.current, streak.start, place
  end
end

--- When a record ended and started, in microseconds; nil if it is undated.
local function times(columns, place)
  local end_seconds = columns.timestamp[place]
  if not end_seconds then
    return nil
  end
  local end_us = math.floor(end_seconds * 1e6 + 0.5)
  return end_us, math.max(0, end_us - math.floor((columns.duration_ms[place] or 0) * 1000 + 0.5))
end

--- Counts a failure, which may be the first of its tool.
local function fail(by_id, columns, place)
  local id, end_us = columns.tool_id[place], times(columns, place)
  local streak = by_id[id] or { current = 0, longest = 0, late = 0, last_us = 0 }
  by_id[id] = streak
  count_failure(streak, place)
  streak.last_us = math.max(streak.last_us, end_us or 0)
end

--- Counts a success while a streak lasts: that ends, unless the call had started before its latest
-- failure ended.
local function succeed(streak, columns, place)
  local _, start_us = times(columns, place)
  if start_us and start_us < streak.last_us then
    streak.late = streak.late + 1
  else
    streak.current = 0
  end
end

--- The streaks of each tool that failed or timed out, by its name, over the records in their order:
-- `longest`, the number of failures in the longest streak, the earliest if several are equal;
-- `first` and `last`, the indices of its first and last failure; `current`, the number of failures
-- in the streak that hasn't ended; `late`, the successes since that began, which didn't end it as
-- they had started before its latest failure. It counts what `Run:failure_streak` does. O(records).
return function(snapshot)
  local columns, by_id = record_columns(snapshot), {}
  local ids, statuses, was_cached = columns.tool_id, columns.status, columns.was_cached
  for place = 1, #ids do
    local streak, status = by_id[ids[place]], statuses[place]
    local is_success = status == "success"
    if is_success and streak and streak.current > 0 and not was_cached[place] then
      succeed(streak, columns, place)
    elseif not is_success and status ~= "cancelled" and not was_cached[place] then
      fail(by_id, columns, place)
    end
  end
  local by_tool = {}
  for id, streak in pairs(by_id) do
    by_tool[snapshot:get_tool_name(id)] = streak
  end
  return by_tool
end
