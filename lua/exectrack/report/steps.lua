--- Round steps: the lengths of time that people count in, and where axes have labels.
-- Used by the built-in reports and the renderers.
local format = require("exectrack.report.format")

local M = {}

local MINUTE, HOUR, DAY = 60, 3600, 86400

local LENGTHS = {
  1, 2, 5, 10, 15, 30,
  MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE,
  HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR,
  DAY, 2 * DAY, 7 * DAY, 14 * DAY, 28 * DAY,
}

M.DAY = DAY

--- The lowest number of at least `least` that is 1, 2 or 5 times a power of ten.
function M.decimal(least)
  local power = 10 ^ math.floor(math.log(least) / math.log(10))
  for _, factor in ipairs { 1, 2, 5 } do
    if factor * power >= least * 0.999999 then
      return factor * power
    end
  end
  return 10 * power
end

--- The shortest usual length of at least `least` seconds for which `fits` returns true, if it is
-- given. Above 28 days, lengths double.
function M.time(least, fits)
  local i, length = 1, LENGTHS[1]
  while length < least or fits and not fits(length) do
    i = i + 1
    length = LENGTHS[i] or 2.0 * length -- an integer could overflow
  end
  return length
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

--- The multiples `first` to `last` of `step`; nil if there are none, two are equal, or their
-- distance isn't finite.
function M.multiples(step, first, last)
  step = step + 0.0 -- integers could overflow
  local count = last - first + 1
  local is_usable = step > 0 and count >= 1
    and (first + 1) * step > first * step and last * step - first * step < math.huge
  if not is_usable then
    return nil
  end
  local values = {}
  for i = 1, count do
    values[i] = (first + i - 1) * step
  end
  return values
end

--- The day of a point in time; nil if it is outside the calendar's range.
function M.day(time, zone)
  return (format.day_and_time(time, zone))
end

local function seconds_of(clock)
  local hours, minutes, seconds = clock:match("^(%d+):(%d+):(%d+)$")
  return hours * 3600 + minutes * 60 + seconds
end

--- By how many seconds a zone is ahead of UTC at a time.
local function offset_of(time, zone)
  if zone ~= "local" then
    return (zone or 0) * 60
  end
  local day, clock = format.day_and_time(time, zone)
  local utc_day, utc_clock = format.day_and_time(time)
  if not day or not utc_day then
    return 0
  end
  local days = day == utc_day and 0 or day > utc_day and 1 or -1
  return seconds_of(clock) - seconds_of(utc_clock) + days * DAY
end

--- The length of the intervals of which at most `most` contain the times from `first` to `last`,
-- and when each of these begins: at multiples of the length in a zone.
function M.intervals(first, last, most, zone)
  local offset, starts = offset_of(first, zone), {}
  local low, high = first + offset, last + offset_of(last, zone)
  local every = M.time(0, function(length)
    return math.floor(high / length) - math.floor(low / length) < most
  end)
  for i = math.floor(low / every), math.floor(high / every) do
    local start = i * every - offset_of(i * every - offset, zone)
    if start > (starts[#starts] or -math.huge) then -- clocks that are put forward skip some
      starts[#starts + 1] = start
    end
  end
  return every, starts
end

--- The seconds within a minute, with as many digits after the point as multiples of `step` have.
local function fraction(time, step)
  local digits = math.min(6, math.ceil(-math.log(step) / math.log(10) - 1e-9))
  local unit = 10 ^ digits
  local rounded = math.floor(time * unit + 0.5)
  local whole = math.floor(rounded / unit)
  return whole, ("%0" .. digits .. ".0f"):format(rounded - whole * unit)
end

--- The text of a point in time on an axis that has one every `step` seconds: with its day if `days`
-- says that there are several, and only that if steps are whole days; with its year if these
-- differ.
local function label_of(time, step, days, zone)
  local rest = ""
  if step < 1 then
    time, rest = fraction(time, step)
    rest = "." .. rest
  end
  local day, clock = format.day_and_time(time, zone)
  if not day then
    return format.time(time, zone)
  end
  clock = step % 60 == 0 and clock:sub(1, 5) or clock .. rest
  day = days == "years" and day or day:sub(6)
  if step >= DAY then
    return day
  end
  return days and day .. " " .. clock or clock
end

local function days_between(low, high, zone)
  local first, last = M.day(low, zone), M.day(high, zone)
  if not first or not last or first == last then
    return nil
  end
  return first:sub(1, 4) == last:sub(1, 4) and "days" or "years"
end

--- The least usual step of which at most `most` multiples and one more are from `low` to `high`.
local function step_of(low, high, most)
  local function fits(step)
    return math.floor(high / step) - math.ceil(low / step) <= most
  end
  local least = high / (most + 2) - low / (most + 2)
  if least <= 0 or least > 1 then
    return M.time(least, fits)
  end
  local step = M.decimal(least)
  while not fits(step) do
    step = M.decimal(1.1 * step)
  end
  return step
end

--- Points for the labels of an axis from `low` to `high`, at distances that people count in: at
-- most `most` and one more, `{ time =, text = }`. `zone` is as in `format.time`.
function M.ticks(low, high, most, zone)
  local offset, days = offset_of(low, zone), days_between(low, high, zone)
  local step = step_of(low + offset, high + offset, most)
  local values = high > low and M.multiples(step, math.ceil((low + offset) / step),
    math.floor((high + offset) / step))
  local ticks = {}
  for i, value in ipairs(values or { low + offset }) do
    local time = value - offset_of(value - offset, zone)
    ticks[i] = { time = time, text = label_of(time, step, days, zone) }
  end
  return ticks
end

--- Whether times are of several days.
function M.has_days(low, high, zone)
  return days_between(low, high, zone) ~= nil
end

return M
