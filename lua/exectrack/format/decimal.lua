--- Decimal numbers that a run has as a count of small parts, exact in every version of Lua.
-- Used only by formats.
local numbers = require("exectrack.numbers")

local M = {}

local LARGEST = 1.7976931348623157e308

--- During this second, in 2554, nanoseconds get more than 64 bits.
M.LAST_SECOND = 18446744073
local LAST_MICROSECOND = 709551
local LATEST = "18446744073709551615"

--- The digits of a whole number, which may be a text of them.
function M.whole(value)
  return type(value) == "string" and value or numbers.whole(value)
end

--- The digits of a whole number before the last nine, and these. A number of Lua may not have them
-- all.
local function halves(value)
  local digits = ("0"):rep(9) .. M.whole(value)
  return tonumber(digits:sub(1, -10)), tonumber(digits:sub(-9))
end

--- A whole number without another one, which isn't larger, as text with all its digits.
function M.difference(all, some)
  local high, low = halves(all)
  local some_high, some_low = halves(some)
  high, low = high - some_high, low - some_low
  if low < 0 then
    high, low = high - 1, low + 1e9
  end
  return (("%.0f%09.0f"):format(high, low):gsub("^0+(%d)", "%1"))
end

--- A whole number of parts of the size `scale`, as `measure_total` has it: if the scale is one part
-- of a whole number, that divides, which rounds once. At most the largest finite number.
function M.scaled(count, scale)
  if scale == 1 then
    return M.whole(count)
  end
  local number, parts = tonumber(count) + 0.0, math.floor(1 / scale + 0.5)
  number = 1 / parts == scale and number / parts or number * scale
  return numbers.text(math.min(number, LARGEST))
end

--- Microseconds as seconds, without zeros at the end.
function M.seconds(us)
  local digits = M.whole(us)
  digits = ("0"):rep(7 - #digits) .. digits
  local text = digits:sub(1, -7) .. "." .. digits:sub(-6)
  return (text:gsub("%.?0+$", ""))
end

--- A time in seconds and microseconds as nanoseconds; the largest number of 64 bits for later ones.
function M.nanoseconds(seconds, microseconds)
  if seconds == 0 then
    return ("%.0f"):format(microseconds * 1000)
  elseif seconds > M.LAST_SECOND
    or seconds == M.LAST_SECOND and microseconds > LAST_MICROSECOND then
    return LATEST
  end
  return ("%.0f%06.0f000"):format(seconds, microseconds)
end

return M
