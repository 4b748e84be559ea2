--- The intervals in which a run is shown over time.
-- Used only by the reports.

local MINUTE, HOUR, DAY = 60, 3600, 86400

local LENGTHS = {
  1, 2, 5, 10, 15, 30,
  MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE,
  HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR,
  DAY, 2 * DAY, 7 * DAY, 14 * DAY, 28 * DAY,
}

local MOST = 24

local function fits(length, first, last)
  return math.floor(last / length) - math.floor(first / length) < MOST
end

--- A length of time as text: `15 s`, `1 min`, `12 h`, `7 d`.
local function text(length)
  if length < MINUTE then
    return ("%d s"):format(length)
  elseif length < HOUR then
    return ("%d min"):format(length / MINUTE)
  elseif length < DAY then
    return ("%d h"):format(length / HOUR)
  end
  return ("%d d"):format(length / DAY)
end

--- The length of an interval in seconds, and its text: the shortest usual length with which at most
-- 24 intervals, aligned to Unix time, contain the times from `first` to `last`.
return function(first, last)
  local i, length = 1, LENGTHS[1]
  while not fits(length, first, last) do
    i = i + 1
    length = LENGTHS[i] or 2 * length
  end
  return length, text(length)
end
