--- Converts times to whole microseconds, which are exact, and back to the units of methods and
-- messages.
-- Used only by the policies.
local numbers = require("exectrack.numbers")

local ceil, floor = math.ceil, math.floor -- for speed

local M = {}

--- A number rounded to the nearest integer, halves up.
function M.nearest(number)
  return floor(number + 0.5)
end

--- Seconds as whole microseconds, rounded to the nearest.
function M.us_of_seconds(seconds)
  return floor(seconds * 1e6 + 0.5)
end

--- Milliseconds as whole microseconds, rounded to the nearest.
function M.us_of_ms(ms)
  return floor(ms * 1000 + 0.5)
end

--- Whole microseconds as seconds.
function M.seconds(us)
  return us / 1e6
end

--- Whole microseconds as milliseconds: an integer when whole, else a float.
function M.ms(us)
  return us % 1000 == 0 and floor(us / 1000) or us / 1000
end

-- From so many on, a tenth of such a number has more digits than its text.
local MOST_TENTHS = 1e14

--- Microseconds rounded up to whole milliseconds, and from a second on to tenths of a second.
function M.rounded_up(us)
  local unit = us < 1000000 and 1e3 or 1e5 -- floats, which don't overflow
  return ceil(us / unit) * unit
end

--- Microseconds as a time to wait, in a message: rounded up, so that the wait is long enough.
function M.text(us)
  us = M.rounded_up(us)
  if us < 1000000 then
    return ("%d ms"):format(us / 1000)
  end
  local tenths = us / 100000
  if tenths >= MOST_TENTHS or tenths % 10 == 0 then
    return numbers.text(tenths / 10) .. " s"
  end
  return ("%d.%d s"):format(floor(tenths / 10), tenths % 10)
end

--- Microseconds as a limit, in a message: exact.
function M.exact_text(us)
  -- In Lua 5.1 and LuaJIT, % isn't exact for large numbers.
  local is_short = us >= 1000000 and math.fmod(us, 100000) == 0
  return is_short and M.text(us) or numbers.text(M.ms(us)) .. " ms"
end

return M
