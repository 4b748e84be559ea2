--- Figures as text for people. Each function returns a string, which is empty for nil.
local numbers = require("exectrack.numbers")
local unicode = require("exectrack.report.unicode")

local M = {}

local MINUTE, HOUR, DAY = 60, 3600, 86400

local function check(name, value)
  if type(value) ~= "number" then
    error(name .. ": a number expected, got " .. type(value), 3)
  end
end

--- The text of a number that isn't finite; nil for a finite one.
local function special(value)
  if value ~= value then
    return "not a number"
  elseif value == math.huge then
    return "infinite"
  elseif value == -math.huge then
    return "-infinite"
  end
  return nil
end

--- A number with three significant digits, or more if it has more before the point. Zeros at the
-- end stay, so that a column of such numbers is aligned.
local function three_digits(value)
  local decimals = value >= 99.95 and 0 or value >= 9.995 and 1 or 2
  return numbers.fixed(value, decimals)
end

local function long_duration(seconds)
  if seconds < HOUR then
    return ("%d min %02d s"):format(math.floor(seconds / MINUTE), seconds % MINUTE)
  elseif seconds < DAY then
    return ("%d h %02d min"):format(math.floor(seconds / HOUR), math.floor(seconds % HOUR / MINUTE))
  end
  -- In Lua 5.1 and LuaJIT, % isn't exact for large numbers.
  return ("%.0f d %02d h"):format(math.floor(seconds / DAY),
    math.floor(math.fmod(seconds, DAY) / HOUR))
end

--- A duration: `0.25 ms`, `12.5 ms`, `180 ms`, `2.40 s`, `1 min 05 s`, `3 h 12 min`, `2 d 04 h`.
function M.duration(ms)
  if ms == nil then
    return ""
  end
  check("duration", ms)
  if special(ms) then
    return special(ms)
  elseif ms < 0 then
    return "-" .. M.duration(-(ms + 0.0)) -- the least integer has no positive one
  elseif ms == 0 then
    return "0 ms"
  elseif ms < 999.5 then
    return (ms < 0.005 and "<0.01" or three_digits(ms)) .. " ms"
  elseif ms < 59950 then
    return three_digits(ms / 1000) .. " s"
  end
  return long_duration(math.floor(ms / 1000 + 0.5))
end

--- A share: `0 %`, `0.4 %`, `12.5 %`, `100 %`. Only exactly none and all are `0 %` and `100 %`; a
-- share close to these is `<0.1 %` or `>99.9 %`.
function M.percent(fraction)
  if fraction == nil then
    return ""
  end
  check("percent", fraction)
  if special(fraction) then
    return special(fraction)
  elseif fraction < 0 then
    return "-" .. M.percent(-(fraction + 0.0))
  elseif fraction > 0 and fraction < 0.0005 then
    return "<0.1 %"
  elseif fraction < 1 and fraction >= 0.9995 then
    return ">99.9 %"
  elseif fraction == 0 or fraction >= 0.9995 then
    return numbers.fixed(fraction * 100, 0) .. " %"
  end
  return numbers.fixed(fraction * 100, 1) .. " %"
end

--- A number of things: `1,234,567`. A fraction is shown to two digits.
function M.count(number)
  if number == nil then
    return ""
  end
  check("count", number)
  if special(number) then
    return special(number)
  end
  local text = number % 1 == 0 and numbers.whole(number) or numbers.fixed(number, 2)
  if number > -1000 and number < 1000 then
    return text
  end
  local sign, digits, rest = text:match("^(-?)(%d+)(.*)$")
  digits = digits:reverse():gsub("(%d%d%d)", "%1,"):reverse():gsub("^,", "")
  return sign .. digits .. rest
end

--- A size: `512 B`, `1.50 KiB`, `24.0 MiB`.
function M.bytes(number)
  if number == nil then
    return ""
  end
  check("bytes", number)
  if special(number) then
    return special(number)
  elseif number < -0.5 then
    return "-" .. M.bytes(-(number + 0.0))
  elseif number < 1023.5 then
    return numbers.fixed(number, 0) .. " B"
  end
  local unit = 0
  repeat
    number, unit = number / 1024, unit + 1
  until number < 1023.5 or unit == 6
  return three_digits(number) .. " " .. ("KMGTPE"):sub(unit, unit) .. "iB"
end

-- 9999-12-31 23:59:59, the last second with a year of four digits.
local LAST_SECOND = 253402300799

local function two_parts(seconds, zone)
  local layout = "%Y-%m-%d %H:%M:%S"
  if zone ~= "local" then
    seconds, layout = seconds + (zone or 0) * MINUTE, "!" .. layout
  end
  if seconds ~= seconds or seconds < 0 or seconds >= LAST_SECOND + 1 then
    return nil
  end
  return os.date(layout, math.floor(seconds)):match("^(%S+) (%S+)$")
end

--- The day and the time of day of a point in time, rounded down to the second: `2026-01-31` and
-- `23:59:58`; nil for one that `time` doesn't show so. `zone` is the same as there.
function M.day_and_time(seconds, zone)
  check("day_and_time", seconds)
  return two_parts(seconds, zone)
end

--- A point in time, rounded down to the second: `2026-01-31 23:59:58`. `zone` is nil for UTC, or
-- how many minutes a time zone is ahead of UTC, or `"local"` for that of the machine, with its
-- daylight saving time.
function M.time(seconds, zone)
  if seconds == nil then
    return ""
  end
  check("time", seconds)
  if special(seconds) then
    return special(seconds)
  end
  local day, time = two_parts(seconds, zone)
  return day and day .. " " .. time or numbers.fixed(seconds, 0) .. " s"
end

--- The name of a zone as `time` takes it: `UTC`, `+05:30`, `local time`.
function M.zone(zone)
  if zone == "local" then
    return "local time"
  elseif (zone or 0) == 0 then
    return "UTC"
  end
  local minutes = math.abs(zone)
  return ("%s%02d:%02d"):format(zone < 0 and "-" or "+", math.floor(minutes / 60), minutes % 60)
end

--- A point in time relative to another, rounded down to a unit: `now`, `12 s ago`, `3 min ago`,
-- `in 2 h`.
function M.relative_time(seconds, now)
  if seconds == nil then
    return ""
  end
  check("relative_time", seconds)
  check("relative_time", now)
  local distance = math.abs(now - seconds)
  if special(distance) then
    return special(distance)
  elseif distance < 1 then
    return "now"
  end
  local unit, name = 1, "s"
  if distance >= DAY then
    unit, name = DAY, "d"
  elseif distance >= HOUR then
    unit, name = HOUR, "h"
  elseif distance >= MINUTE then
    unit, name = MINUTE, "min"
  end
  local text = ("%.0f %s"):format(math.floor(distance / unit), name)
  return seconds > now and "in " .. text or text .. " ago"
end

--- A change as a share of what was before: `+12.5 %`, `-3.0 %`, `0 %`; from twice as much on as a
-- factor: `2.40 times` for 1.4.
function M.change(share)
  if share == nil then
    return ""
  end
  check("change", share)
  if share >= 1 and not special(share) then
    return three_digits(share + 1) .. " times"
  end
  local text = M.percent(share)
  return share > 0 and "+" .. text or text
end

--- An untrusted name for use in a sentence, as cells of the unit `name` show it: on one line, with
-- escapes for characters that would end the line, control a terminal, or hide or reorder text, and
-- so that no other name looks like it.
function M.name(text)
  if text == nil then
    return ""
  elseif type(text) ~= "string" then
    error("name: a string expected, got " .. type(text), 2)
  end
  return unicode.name(text)
end

return M
