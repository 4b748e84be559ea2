--- Points in time and durations, as logs write them.
-- Used only by formats and the command.
local numbers = require("exectrack.numbers")

local byte, find, floor, match, sub = string.byte, string.find, math.floor, string.match, string.sub

local M = {}

-- 2200-01-01: what would be later in one unit of Unix time is in the next smaller one.
M.LATEST = 7258118400

local DAY = 86400
local HALF = byte("5")

local DAYS_BEFORE_MONTH = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 }

local function is_leap(year)
  return year % 4 == 0 and (year % 100 ~= 0 or year % 400 == 0)
end

local function days_in(year, month)
  return month == 2 and (is_leap(year) and 29 or 28)
    or (DAYS_BEFORE_MONTH[month + 1] or 365) - DAYS_BEFORE_MONTH[month]
end

--- Days from 1970-01-01 to this one.
local function days_since_1970(year, month, day)
  local before = year - 1
  local leap_days = floor(before / 4) - floor(before / 100) + floor(before / 400)
  local days = before * 365 + leap_days - 719162 + DAYS_BEFORE_MONTH[month] + day - 1
  return month > 2 and is_leap(year) and days + 1 or days
end

--- The Unix seconds at which a date begins in UTC; nil if there is no such date.
local function midnight(date)
  local year, month, day = match(date, "^(%d%d%d%d)%-(%d%d)%-(%d%d)$")
  year, month, day = tonumber(year), tonumber(month), tonumber(day)
  if year and month >= 1 and month <= 12 and day >= 1 and day <= days_in(year, month) then
    return days_since_1970(year, month, day) * DAY
  end
end

local latest_date, latest_midnight -- as most lines of a log have the date of the line before

local function remembered_midnight(date)
  if date ~= latest_date then
    latest_date, latest_midnight = date, midnight(date)
  end
  return latest_midnight
end

-- The seconds by which a zone is ahead of UTC. Those with digits are added when they are met.
local offsets = { Z = 0, z = 0, UTC = 0, GMT = 0, [" UTC"] = 0, [" GMT"] = 0, [" Z"] = 0 }

--- The same for zones such as `+01:00`, `-0530` and `+01`; nil for what isn't one.
local function offset_of(zone)
  local sign, hour, minute = match(zone, "^ ?([+-])(%d%d):?(%d?%d?)$")
  local hours, minutes = tonumber(hour), minute == "" and 0 or tonumber(minute)
  if not sign or hours > 23 or #minute == 1 or minutes > 59 or find(zone, ":$") then
    return nil
  end
  offsets[zone] = (sign == "-" and -1 or 1) * (hours * 3600 + minutes * 60)
  return offsets[zone]
end

--- A time in ISO 8601's basic format, such as 20260131T235958Z, in the extended one. Returns any
-- other text as it is.
local function extended(text)
  local year, month, day, hour, minute, rest =
    match(text, "^(%d%d%d%d)(%d%d)(%d%d)T(%d%d)(%d%d)(.*)$")
  if not year then
    return text
  end
  return ("%s-%s-%sT%s:%s%s"):format(year, month, day, hour, minute,
    find(rest, "^%d") and ":" .. rest or rest)
end

--- The microseconds, to the nearest, that the digits of a fraction of a second mean.
local function microseconds(digits)
  local us = tonumber(sub(digits .. "000000", 1, 6))
  return byte(digits, 7) and byte(digits, 7) >= HALF and us + 1 or us
end

--- The seconds from midnight to a time; nil if there is none such. `rest` is what follows the
-- minute: the second, its fraction and the zone, each of which may be missing. Also returns the
-- microseconds and the zone.
local function seconds_in_day(hour, minute, rest)
  local second, point, digits, zone = match(rest, "^:(%d%d)([.,]?)(%d*)(.*)$")
  if not second then
    second, point, digits, zone = "0", "", "", rest
  end
  hour, minute, second = tonumber(hour), tonumber(minute), tonumber(second)
  if hour > 23 or minute > 59 or second > 60 or (point == "") ~= (digits == "") then
    return nil
  end
  return hour * 3600 + minute * 60 + second, digits == "" and 0 or microseconds(digits), zone,
    second == 60
end

--- The Unix seconds, exact to the microsecond, that a text in the format of ISO 8601 says, and
-- whether it has a zone; without one it is in UTC. Between date and time there may be a space. The
-- leap second 23:59:60 is the second behind it. Nil if the text isn't a time from 1970 on.
function M.iso(text)
  local date, hour, minute, rest =
    match(text, "^(%d%d%d%d%-%d%d%-%d%d)[Tt ](%d%d):(%d%d)(.*)$")
  if not date then
    local other = extended(text)
    if other ~= text then
      return M.iso(other)
    end
    local day = midnight(text)
    return day and day >= 0 and day or nil, false
  end
  local day = remembered_midnight(date)
  local second, us, zone, is_leap_second = seconds_in_day(hour, minute, rest)
  local offset = second and (zone == "" and 0 or offsets[zone] or offset_of(zone))
  local seconds = day and offset and day + second - offset
  if not seconds or seconds < 0 or is_leap_second and seconds % DAY ~= 0 then
    return nil
  end
  return seconds + us / 1e6, zone ~= ""
end

--- The seconds that a Unix time says in seconds, milliseconds, microseconds or nanoseconds, and
-- which of these it is: the first in which it isn't after 2200. Nil if it is none.
function M.unix(number)
  if number < 0 or number ~= number then
    return nil
  elseif number <= M.LATEST then
    return number, "Unix seconds"
  elseif number <= M.LATEST * 1e3 then
    return floor(number * 1e3 + 0.5) / 1e6, "Unix milliseconds"
  elseif number <= M.LATEST * 1e6 then
    return floor(number + 0.5) / 1e6, "Unix microseconds"
  elseif number <= M.LATEST * 1e9 then
    return floor(number / 1e3 + 0.5) / 1e6, "Unix nanoseconds"
  end
  return nil
end

--- The Unix seconds that a number, or a text, says, and how it says them. Nil if it is no time.
function M.read(value)
  if type(value) == "string" then
    local seconds, has_zone = M.iso(value)
    if seconds then
      return seconds, has_zone and "ISO 8601" or "ISO 8601 without a zone, read as UTC"
    end
    value = numbers.read(value)
  end
  if type(value) == "number" then
    return M.unix(value)
  end
  return nil
end

-- The microseconds in a unit of durations.
local UNITS = { ns = 0.001, us = 1, ms = 1e3, s = 1e6, min = 6e7, h = 3.6e9 }

-- The units by the words for them, in lower case.
local WORDS = {
  ns = "ns", nsec = "ns", nano = "ns", nanos = "ns", nanosecond = "ns", nanoseconds = "ns",
  us = "us", usec = "us", micro = "us", micros = "us", microsecond = "us", microseconds = "us",
  ["\194\181s"] = "us", ["\206\188s"] = "us", -- micro sign, Greek mu
  ms = "ms", msec = "ms", milli = "ms", millis = "ms", millisecond = "ms", milliseconds = "ms",
  s = "s", sec = "s", secs = "s", second = "s", seconds = "s",
  m = "min", min = "min", mins = "min", minute = "min", minutes = "min",
  h = "h", hr = "h", hrs = "h", hour = "h", hours = "h",
}

--- The unit, of h, min, s, ms, us and ns, that a word in lower case means; nil for none of these,
-- and for `m`, which may mean other things.
function M.unit(word)
  return word ~= "m" and WORDS[word] or nil
end

local function milliseconds(us)
  return us >= 0 and us < math.huge and floor(us + 0.5) / 1e3 or nil
end

--- The microseconds that a text such as `00:01:30.5` says; nil for any other.
local function clock_time(text)
  local hours, minutes, seconds = match(text, "^(%d+):([0-5]%d):([0-5]%d%.?%d*)$")
  return hours and numbers.read(hours) * UNITS.h + numbers.read(minutes) * UNITS.min
    + numbers.read(seconds) * UNITS.s
end

--- The microseconds that a text such as `1.5s`, `12 ms`, `1m30.5s` and `00:01:30.5` says; nil for
-- any other.
local function spelled(text)
  if find(text, ":", 1, true) then
    return clock_time(text)
  end
  local us, previous, position = 0, math.huge, 1
  text = text:lower()
  while position <= #text do
    local _, last, amount, word =
      find(text, "^ *([%d.]+e?[+-]?%d*) ?([%a\194\181\206\188]+) *", position)
    local factor, number = UNITS[WORDS[word]], amount and numbers.read(amount)
    if not number or not factor or factor >= previous then
      return nil
    end
    us, previous, position = us + number * factor, factor, last + 1
  end
  return us
end

--- The milliseconds, to the nearest microsecond, of a number of a unit (h, min, s, ms, us or ns),
-- or of a text, which may say its own units. Also returns whether it did. Nil if it is no duration.
function M.duration(value, unit)
  local number = value
  if type(value) == "string" then
    number = numbers.read(value)
    local us = not number and value ~= "" and spelled(value)
    if us then
      return milliseconds(us), true
    end
  end
  return type(number) == "number" and milliseconds(number * UNITS[unit]) or nil, false
end

return M
