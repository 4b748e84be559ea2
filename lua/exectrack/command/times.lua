--- Parses points in time that a user types.
-- Used only by the command.
local numbers = require("exectrack.numbers")
local time = require("exectrack.format.time")

local M = {}

local SPANS = { s = 1, m = 60, h = 3600, d = 86400 }

--- Makes a converter for argparse for the value of `option`, a point in time: Unix seconds, a date,
-- a date and a time, or how long before the end of the run.
function M.converter(option)
  return function(text)
    local amount, unit = text:match("^(%d+%.?%d*)([smhd]?)$")
    if unit == "" then
      return { seconds = numbers.read(amount) }
    elseif unit then
      return { before_end = numbers.read(amount) * SPANS[unit] }
    end
    local seconds = time.iso(text)
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
