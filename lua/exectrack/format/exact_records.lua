--- The records of a run with exact times, in the order of their starts, as formats of spans and of
-- events need them.
-- Used only by formats.
local floor = math.floor

local M = {}

--- When a record with a time started, in seconds and microseconds; not before 1970. Untimed ones
-- count as having taken no time.
function M.start(record)
  local duration_us = tonumber(record.duration_us) or 0
  local whole_s = floor(duration_us / 1000000)
  local seconds = record.end_seconds - whole_s
  local microseconds = record.end_microseconds - (duration_us - whole_s * 1000000)
  if microseconds < 0 then
    seconds, microseconds = seconds - 1, microseconds + 1000000
  end
  if seconds < 0 then
    return 0, 0
  end
  return seconds, microseconds
end

return M
