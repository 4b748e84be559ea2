--- The lengths of time that people count in: of intervals, and between the labels of axes.
-- Used by the reports and the renderers.
local M = {}

local MINUTE, HOUR, DAY = 60, 3600, 86400

local LENGTHS = {
  1, 2, 5, 10, 15, 30,
  MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE,
  HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR,
  DAY, 2 * DAY, 7 * DAY, 14 * DAY, 28 * DAY,
}

M.DAY = DAY

--- The shortest usual length of at least `least` seconds for which `fits` returns true, if it is
-- given. Above 28 days, lengths double.
function M.at_least(least, fits)
  local i, length = 1, LENGTHS[1]
  while length < least or fits and not fits(length) do
    i = i + 1
    length = LENGTHS[i] or 2.0 * length -- integers would overflow
  end
  return length
end

--- The length of the intervals, aligned to Unix time, of which at most `most` contain the times
-- from `first` to `last`.
function M.interval(first, last, most)
  return M.at_least((last - first) / most, function(length)
    return math.floor(last / length) - math.floor(first / length) < most
  end)
end

--- A length of time as text: `15 s`, `1 min`, `12 h`, `7 d`.
function M.text(length)
  if length < MINUTE then
    return ("%d s"):format(length)
  elseif length < HOUR then
    return ("%d min"):format(length / MINUTE)
  elseif length < DAY then
    return ("%d h"):format(length / HOUR)
  end
  return ("%.0f d"):format(length / DAY)
end

return M
