--- Decimal numbers that a run has as a count of small parts, exact in every version of Lua.
-- Used only by formats.
local numbers = require("exectrack.numbers")

local M = {}

--- The digits of a whole number, which may be a text of them.
function M.whole(value)
  return type(value) == "string" and value or numbers.whole(value)
end

--- Microseconds as seconds, without zeros at the end.
function M.seconds(us)
  local digits = M.whole(us)
  digits = ("0"):rep(7 - #digits) .. digits
  local text = digits:sub(1, -7) .. "." .. digits:sub(-6)
  return (text:gsub("%.?0+$", ""))
end

return M
