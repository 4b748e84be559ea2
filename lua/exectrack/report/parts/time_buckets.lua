--- Intervals to show a run over time by.
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

--- A length as people say it: `15 s`, `1 min`, `12 h`, `7 d`.
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

--- The least length of an interval, in seconds, of which up to 24 that are aligned to Unix time
-- hold the times from `first` to `last`, among those that people count in; and its text.
return function(first, last)
  local i, length = 1, LENGTHS[1]
  while not fits(length, first, last) do
    i = i + 1
    length = LENGTHS[i] or 2 * length
  end
  return length, text(length)
end
