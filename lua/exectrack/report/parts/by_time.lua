--- The executions of a run by when they ended, in intervals that people count in.
-- Used only by the built-in reports.
local steps = require("exectrack.report.steps")

--- Whether intervals begin at multiples of their length in Unix time, as those of `group_by` do.
local function are_aligned(starts, every)
  for _, start in ipairs(starts) do
    if start % every ~= 0 then
      return false
    end
  end
  return true
end

--- What `group_by` returns for intervals that begin at `starts`. O(intervals * records).
local function group_from(starts, snapshot, key, quantiles)
  local rows = {}
  for i, start in ipairs(starts) do
    local its = snapshot:filter { since = math.max(0, start), before = starts[i + 1] }
    for _, row in ipairs(key and its:group_by(key, { quantiles = quantiles })
      or #its > 0 and { its:summary { quantiles = quantiles } } or {}) do
      row.bucket, rows[#rows + 1] = start, row
    end
  end
  return rows
end

--- The rows of `Snapshot:group_by`, by `key` or nil and by when executions ended, in at most `most`
-- intervals that begin at round times of a zone; nil if all are undated. Then how long an interval
-- is, in seconds, and when each begins, from the first that isn't empty to the last; where clocks
-- change, one is shorter or longer.
return function(snapshot, key, most, quantiles, zone)
  local whole = snapshot:summary { quantiles = {} }
  if not whole.first_timestamp then
    return nil
  end
  local every, starts = steps.intervals(whole.first_timestamp, whole.last_timestamp, most, zone)
  if not are_aligned(starts, every) then
    return group_from(starts, snapshot, key, quantiles), every, starts
  end
  local options = { every = every, quantiles = quantiles }
  return key and snapshot:group_by(key, options) or snapshot:group_by(options), every, starts
end
