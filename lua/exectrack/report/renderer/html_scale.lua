--- Scales of axes: where values are, and which values have labels.
-- Used only by the HTML renderer.
local format = require("exectrack.report.format")
local steps = require("exectrack.report.steps")

local M = {}

--- A function that returns where a value is between `low` and `high`, from 0 to 1. It halves before
-- it subtracts, as the difference of two finite numbers may be infinite.
function M.position(low, high)
  local length = high / 2 - low / 2
  return function(value)
    local position = (value / 2 - low / 2) / length
    return position == position and math.max(0, math.min(1, position)) or 0
  end
end

--- The lowest number of at least `least` that is 1, 2 or 5 times a power of ten.
local function decimal_step(least)
  local power = 10 ^ math.floor(math.log(least) / math.log(10))
  for _, factor in ipairs { 1, 2, 5 } do
    if factor * power >= least * 0.999999 then
      return factor * power
    end
  end
  return 10 * power
end

local function binary_step(least)
  return 2 ^ math.ceil(math.log(least) / math.log(2) - 1e-9)
end

local function seconds_step(least)
  return least <= 1 and decimal_step(least) or steps.at_least(least)
end

-- The smallest steps at which labels still differ.
local STEPS = {
  ms = function(least)
    if least <= 1000 then
      return math.max(0.01, decimal_step(least))
    end
    return 1000 * seconds_step(least / 1000)
  end,
  percent = function(least)
    return math.max(0.001, decimal_step(least))
  end,
  count = function(least)
    return math.max(1, decimal_step(least))
  end,
  bytes = function(least)
    return math.max(1, binary_step(least))
  end,
}

--- The multiples `first` to `last` of `step`; nil if there are none, two are equal, or their
-- distance isn't finite.
local function multiples(step, first, last)
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

--- Round values for an axis of figures of `unit`: 5 or a few more. The axis begins and ends with
-- such a value, and includes 0, `low` and `high`.
function M.figures(low, high, unit)
  low, high = math.min(low, 0), math.max(high, 0)
  if low == high then
    high = 1
  end
  local step = (STEPS[unit] or decimal_step)(high / 4 - low / 4)
  return multiples(step, math.floor(low / step), math.ceil(high / step)) or { low, high }
end

--- Round points in time from `low` to `high`, at most 7, and the seconds between them.
function M.times(low, high)
  local least = high / 6 - low / 6
  if least > 0 then
    local step = seconds_step(least)
    local values = multiples(step, math.ceil(low / step), math.floor(high / step))
    if values then
      return values, step
    end
  end
  return { low }, 1
end

--- The seconds within a minute, with as many digits after the point as multiples of `step` have.
local function fraction(time, step)
  local digits = math.min(6, math.ceil(-math.log(step) / math.log(10) - 1e-9))
  local unit = 10 ^ digits
  local rounded = math.floor(time * unit + 0.5)
  local whole = math.floor(rounded / unit)
  return whole, ("%0" .. digits .. ".0f"):format(rounded - whole * unit)
end

--- The label of a point in time on an axis that has one every `step` seconds. `is_one_day` says
-- that all are on the same day.
function M.time_label(time, step, is_one_day)
  local rest = ""
  if step < 1 then
    time, rest = fraction(time, step)
    rest = "." .. rest
  end
  local date, clock = format.time(time):match("^(%d+%-%d+%-%d+) (%d+:%d+:%d+)$")
  if not date then
    return format.time(time)
  elseif step >= steps.DAY then
    return date
  end
  clock = step % 60 == 0 and clock:sub(1, 5) or clock .. rest
  return is_one_day and clock or date:sub(6) .. " " .. clock
end

--- The day of a point in time; nil if it is outside the calendar's range.
function M.day(time)
  return format.time(time):match("^%d+%-%d+%-%d+")
end

return M
