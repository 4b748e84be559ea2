--- Shorter times in tables of text: the day is said once, or each day on a line of its own.
-- Used only by `text_columns`.
local format = require("exectrack.report.format")

local M = {}

--- The days and the times of day in a column, by row; nil if one can't be parted so.
local function parts_of(drawn, rows, style)
  local days, times = {}, {}
  for i, row in ipairs(rows) do
    if row[drawn.field] ~= nil then
      days[i], times[i] = format.day_and_time(row[drawn.field], style.timezone)
      if not days[i] then
        return nil
      end
    end
  end
  return days, times
end

--- The rows that a new day begins at, by their number; nil if a day comes again.
local function first_of_days(days, count)
  local first, seen, current = {}, {}, nil
  for i = 1, count do
    local day = days[i]
    if day and day ~= current then
      if seen[day] then
        return nil
      end
      first[current and i or 1], seen[day], current = day, true, day
    end
  end
  return first
end

--- What all days of several columns have in common by `pattern`; nil if they differ.
local function common(days_of, pattern, count)
  local found
  for _, days in ipairs(days_of) do
    for i = 1, count do
      local part = days[i] and days[i]:match(pattern)
      if part and found and part ~= found then
        return nil
      end
      found = found or part
    end
  end
  return found
end

--- Replaces the texts of a column of times by what `text` makes of a day and a time of day.
local function replace_times(drawn, days, times, text)
  for i in pairs(days) do
    drawn.texts[i] = text(days[i], times[i])
  end
  drawn.heading = drawn.name
end

local function time_alone(_, time)
  return time
end

local function without_year(day, time)
  return day:match("%-(.*)") .. " " .. time:match("^%d+:%d+")
end

--- How times are written shorter: what makes the text of one, and the lines above rows that say the
-- rest; nil if they can't be.
local function shorter(days_of, count, zone)
  local day, year = common(days_of, ".+", count), common(days_of, "^%d+", count)
  local first = day and { day } or #days_of == 1 and first_of_days(days_of[1], count)
  if first then
    for i, its in pairs(first) do
      first[i] = ("%s (%s)"):format(its, format.zone(zone))
    end
    return time_alone, first
  elseif year then
    return without_year, { ("month-day hour:minute of %s (%s)"):format(year, format.zone(zone)) }
  end
end

--- Makes the columns of times narrower, and calls `set_width` for each. Returns the lines above
-- rows that say their days, by the number of the row; nil if there are none.
function M.shorten(columns, rows, style, set_width)
  local drawn, days_of, times_of = {}, {}, {}
  for _, column in ipairs(columns) do
    if column.unit == "time" then
      local days, times = parts_of(column, rows, style)
      if not days then
        return nil
      end
      drawn[#drawn + 1], days_of[#days_of + 1], times_of[#times_of + 1] = column, days, times
    end
  end
  local text, lines = shorter(days_of, #rows, style.timezone)
  for i, column in ipairs(text and drawn or {}) do
    replace_times(column, days_of[i], times_of[i], text)
    set_width(column, style)
  end
  return lines
end

return M
