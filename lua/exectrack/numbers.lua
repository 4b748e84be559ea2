-- Numbers as text and back, the same in every version of Lua and in every locale. Lua's own
-- functions differ:
--
-- - `tostring` and `..` give the float 3 as `3.0` from Lua 5.3 on, but as `3` before, and 1e15 as
--   `1e+15`; from 5.5 on they give other floats in more digits
-- - `string.format` rounds a number that is halfway between two texts to an even digit, as C does,
--   but away from zero in LuaJIT
-- - `tonumber` accepts `inf` and `nan` in Lua 5.1 and LuaJIT, and `0b1` in LuaJIT
--
-- Used by policies, reports, formats and the command.
local M = {}

-- The largest count of a run: 2^63 - 1, or 2^63 where all numbers are floats.
M.MOST_INTEGER = tonumber("9223372036854775807")

-- The sum of two counts of runs. Like these, it stops at the largest integer.
function M.add_counts(a, b)
  local sum = a + b
  return sum >= 0 and math.min(sum, M.MOST_INTEGER) or M.MOST_INTEGER -- integers wrap around
end

local ROUNDS_HALVES_UP = ("%.0f"):format(0.5) == "1"

local function with_point(text)
  if text:find(".", 1, true) then
    return text
  end
  return (text:gsub("[^%de+-]+", ".")) -- a locale may have another decimal point
end

-- Rounds to an even digit: `text` is a number that was halfway, rounded away from zero.
local function to_even(text)
  local before, digit, exponent = text:match("^([^e]*)(%d)(.*)$")
  return before .. digit - digit % 2 .. exponent
end

local FIXED = { [0] = "%.0f", "%.1f", "%.2f" } -- those that reports need

-- A number with `decimals` digits after the point. One that is rounded to 0 has no sign.
function M.fixed(number, decimals)
  local text = (FIXED[decimals] or "%." .. decimals .. "f"):format(number)
  if ROUNDS_HALVES_UP and number * 2 ^ (decimals + 1) % 2 == 1 then
    text = to_even(text)
  end
  return with_point(number <= 0 and text:find("^%-0[^1-9]*$") and text:sub(2) or text)
end

-- Whether a number is halfway between two numbers of so many digits, and the one nearer to zero
-- ends in an even digit: then only a 5 and zeros follow its digits. A number that is merely close
-- to the middle has another digit among the first 60.
local function is_above_even(number, digits)
  local exact = ("%.60e"):format(number):gsub("[^%de+-]+", "")
  return exact:find("^%-?" .. ("%d"):rep(digits - 1) .. "[02468]50*e")
end

-- A number with up to `digits` digits, 1 to 17, as `%g` has them.
function M.significant(number, digits)
  local text = ("%." .. digits .. "g"):format(number)
  if ROUNDS_HALVES_UP and is_above_even(number, digits) then
    text = to_even(text):gsub("%D*0+e", "e")
  end
  return with_point(text)
end

-- A whole number with all its digits.
function M.whole(number)
  if number + 0.0 ~= number then -- an integer with more bits than a float has
    return ("%d"):format(number)
  end
  return ("%.0f"):format(number + 0.0) -- not -0
end

-- A number in the fewest digits, from 14, that read back equal; `nan`, `inf` and `-inf`.
function M.text(number)
  if number ~= number then
    return "nan"
  elseif number == math.huge or number == -math.huge then
    return number > 0 and "inf" or "-inf"
  elseif number % 1 == 0 and number >= -2 ^ 63 and number < 2 ^ 63 then
    return M.whole(number)
  end
  local digits = 14
  while digits < 17 and tonumber(("%." .. digits .. "g"):format(number)) ~= number do
    digits = digits + 1
  end
  return M.significant(number, digits)
end

-- The same as `tostring`, but numbers are written by `text`.
function M.tostring(value)
  return type(value) == "number" and M.text(value) or tostring(value)
end

-- `text` with the decimal point of the locale, which `tonumber` expects before Lua 5.3.
local function with_local_point(text)
  return (text:gsub("%.", (("%.1f"):format(0.5):gsub("%d", ""))))
end

-- The number that `text` is, in decimal digits; nil for any other text.
function M.read(text)
  if text:find("^[%d.eE+-]+$") then
    return tonumber(text) or tonumber(with_local_point(text))
  end
  return nil
end

return M
