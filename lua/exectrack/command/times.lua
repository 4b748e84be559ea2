--- Parses points in time that a user types.
-- Used only by the command.
local numbers = require("exectrack.numbers")
local time = require("exectrack.format.time")

local M = {}

local MINUTE = 60
local LAST_SECOND = 253402300799 -- of the year 9999; milliseconds since 1978 are beyond it

local SPANS = { s = 1, m = 60, h = 3600, d = 86400 }

--- Makes a converter for argparse for the value of `option`, a point in time: Unix seconds, a date,
-- a date and a time, or how long before the end of the run.
function M.converter(option)
  return function(text)
    local amount, unit = text:match("^(%d+%.?%d*)([smhd]?)$")
    if unit == "" and numbers.read(amount) <= LAST_SECOND then
      return { text = text, seconds = numbers.read(amount) }
    elseif unit and unit ~= "" then
      return { text = text, before_end = numbers.read(amount) * SPANS[unit] }
    end
    local seconds, has_zone = time.iso(text)
    if not seconds then
      return nil, option .. ": '" .. text .. "' isn't a time: Unix seconds, a date such as "
        .. "2026-01-31 or 2026-01-31T23:59:58, or a span such as 90s, 15m, 2h or 7d expected"
    end
    return { text = text, seconds = seconds, is_zoneless = not has_zone }
  end
end

--- The Unix seconds when clocks in `zone`, which is as `M.zone` makes it, show what they show in
-- UTC at `seconds`.
local function shifted(seconds, zone)
  if zone ~= "local" then
    return seconds - (zone or 0) * MINUTE
  end
  local whole = math.floor(seconds)
  local fields = os.date("!*t", whole)
  fields.isdst = nil -- whether it is summer there isn't known yet
  return (os.time(fields) or whole) + (seconds - whole)
end

--- The Unix seconds of such a point in time, in a run whose newest record ended at `last`. A date
-- without an offset is one in `zone`, nil for UTC.
function M.resolve(point, last, zone)
  if point.is_zoneless then
    return shifted(point.seconds, zone)
  end
  return point.seconds or last - point.before_end
end

--- A converter for argparse for time zones: how many minutes `+02:00` is ahead of UTC, also 0 for
-- `UTC`; `local` as it is.
function M.zone(text)
  local name = text:lower()
  if name == "local" then
    return "local"
  elseif name == "utc" or name == "z" then
    return 0
  end
  local sign, hours, minutes = text:match("^([+-])(%d%d):?(%d?%d?)$")
  hours, minutes = tonumber(hours), minutes == "" and 0 or tonumber(minutes)
  if not sign or hours > 23 or minutes > 59 then
    return nil, "--timezone: UTC, local or an offset such as +02:00 expected, got '" .. text
      .. "'; for a place, set TZ and give --local"
  end
  return (sign == "-" and -1 or 1) * (hours * 60 + minutes)
end

return M
