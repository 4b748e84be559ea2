--- The executions that took longest.
-- Used only by the built-in reports.

-- The least difference of two durations: they are exact to the microsecond.
local STEP_MS = 0.001

local function longest_first(snapshot)
  local records, places = snapshot:recent_executions(#snapshot), {}
  for place, record in ipairs(records) do
    places[record] = place
  end
  table.sort(records, function(a, b)
    if a.duration_ms ~= b.duration_ms then
      return a.duration_ms > b.duration_ms
    end
    return places[a] < places[b]
  end)
  return records
end

--- The `n` measured records that took longest, longest first; of equal ones, the newest first.
-- O(records), without a table of all of them.
return function(run, n)
  local snapshot = run:filter { timing = "measured" }
  n = math.min(n, #snapshot)
  if n == 0 then
    return {}
  end
  -- The shortest duration to show: number `#snapshot - n + 1` of the sorted ones. Half a place less
  -- keeps the product with their number, which is rounded up, clear of both its neighbours.
  local least_ms = snapshot:quantile((#snapshot - n + 0.5) / #snapshot)
  local longer = snapshot:filter { min_duration_ms = least_ms + STEP_MS, last = n }
  local as_long = snapshot:filter { min_duration_ms = least_ms, max_duration_ms = least_ms,
    last = n - #longer }
  local records = longest_first(longer)
  for _, record in ipairs(as_long:recent_executions(#as_long)) do
    records[#records + 1] = record
  end
  return records
end
