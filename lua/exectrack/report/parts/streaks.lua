--- Failures in a row of the same tool.
-- Used only by the built-in reports.

local function count_failure(streak, place)
  if streak.current == 0 then
    streak.start = place
  end
  streak.current = streak.current + 1
  if streak.current > streak.longest then
    streak.longest, streak.first, streak.last = streak.current, streak.start, place
  end
end

--- The streaks of each tool that failed or timed out, by its name, over the records in their order:
-- `longest`, the number of failures in the longest streak, the earliest if several are equal;
-- `first` and `last`, the indices of its first and last failure; `current`, the number of failures
-- since the tool's last success. Cancelled executions neither count nor end a streak. O(records).
return function(snapshot)
  local ids, statuses, by_id = snapshot:column("tool_id"), snapshot:column("status"), {}
  for place, id in ipairs(ids) do
    local status, streak = statuses[place], by_id[id]
    if status == "failed" or status == "timed_out" then
      if not streak then
        streak = { current = 0, longest = 0 }
        by_id[id] = streak
      end
      count_failure(streak, place)
    elseif status == "success" and streak then
      streak.current = 0
    end
  end
  local by_tool = {}
  for id, streak in pairs(by_id) do
    by_tool[snapshot:get_tool_name(id)] = streak
  end
  return by_tool
end
