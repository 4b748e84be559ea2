--- Parses points in time that a user types.
-- Used only by the command.
local M = {}

local SPANS = { s = 1, m = 60, h = 3600, d = 86400 }
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
  local leap_days = math.floor(before / 4) - math.floor(before / 100) + math.floor(before / 400)
  local days = before * 365 + leap_days - 719162 + DAYS_BEFORE_MONTH[month] + day - 1
  return month > 2 and is_leap(year) and days + 1 or days
end

--- The Unix seconds at which a date begins; nil if it isn't a date from 1970 on.
local function from_date(text)
  local year, month, day = text:match("^(%d%d%d%d)%-(%d%d)%-(%d%d)$")
  year, month, day = tonumber(year), tonumber(month), tonumber(day)
  if year and year >= 1970 and month >= 1 and month <= 12 and day >= 1
      and day <= days_in(year, month) then
    return days_since_1970(year, month, day) * 86400
  end
end

--- The seconds from midnight to a time such as 23:59 or 23:59:58.5; nil if it isn't a time.
local function from_time(text)
  local hour, minute, second = text:match("^(%d%d):(%d%d):(%d%d%.?%d*)$")
  if not hour then
    hour, minute = text:match("^(%d%d):(%d%d)$")
  end
  hour, minute, second = tonumber(hour), tonumber(minute), tonumber(second or 0)
  if not hour or hour > 23 or minute > 59 or second >= 60 then
    return nil
  end
  return hour * 3600 + minute * 60 + second
end

local function from_date_and_time(text)
  local date, time = text:match("^(.-)[T ]([^Z]*)Z?$")
  local day = from_date(date or text)
  local second = not date and 0 or from_time(time)
  return day and second and day + second
end

--- Makes a converter for argparse for the value of `option`, a point in time: Unix seconds, a date,
-- a date and a time, or how long before the end of the run.
function M.converter(option)
  return function(text)
    local amount, unit = text:match("^(%d+%.?%d*)([smhd]?)$")
    if unit == "" then
      return { seconds = tonumber(amount) }
    elseif unit then
      return { before_end = tonumber(amount) * SPANS[unit] }
    end
    local seconds = from_date_and_time(text)
    if not seconds then
      return nil, option .. ": '" .. text .. "' isn't a time: Unix seconds, a date such as "
        .. "2026-01-31 or 2026-01-31T23:59:58, or a span such as 90s, 15m, 2h or 7d expected"
    end
    return { seconds = seconds }
  end
end

--- The Unix seconds of such a point in time, in a run whose newest record ended at `last`.
function M.resolve(point, last)
  return point.seconds or last - point.before_end
end

return M
