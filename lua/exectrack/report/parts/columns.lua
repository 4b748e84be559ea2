--- Which columns a table of executions, or of counts of them, has.
-- Used by built-in reports and the command.
local M = {}

--- Whether any of `rows` has `field`, so that its column would show anything.
function M.has_any(rows, field)
  for _, row in ipairs(rows) do
    if row[field] then
      return true
    end
  end
  return false
end

--- The columns for which `is_kept` returns true.
local function those(columns, is_kept)
  local kept = {}
  for _, column in ipairs(columns) do
    kept[#kept + 1] = is_kept(column) and column or nil
  end
  return kept
end

local OF_TIME = { ms = true, change = true, time = true }

--- Returns `columns` without those of durations, their changes, and points in time that no row
-- knows. All stay where there are no rows.
function M.known(columns, rows)
  return #rows == 0 and columns or those(columns, function(column)
    return not OF_TIME[column.unit] or M.has_any(rows, column.field)
  end)
end

local OF_CACHES = { was_cached = true, cached_rate = true, cached_hits = true }

--- Returns `columns`; without those that say what a cache answered if the records of `run` come
-- from a log that says it of none: mostly, such logs don't say it at all. O(records).
function M.of_caches(run, columns)
  if not run:has_places() or run:summary({ quantiles = {} }).cached_hits > 0 then
    return columns
  end
  return those(columns, function(column)
    return not OF_CACHES[column.field]
  end)
end

--- The figure of a measure in a row: the sum in rows that count executions, the value in records;
-- nil if there is none.
local function value_of(row, name)
  local value = row.measures and row.measures[name]
  if type(value) == "table" then
    return value.count > 0 and value.sum or nil
  end
  return value
end

--- Measures with the unit `By` are sizes, and those with a whole scale are counts.
local function column_of(measure)
  local column = { field = "measures." .. measure.name, heading = measure.name, priority = 4 }
  if measure.unit == "By" then
    column.unit = "bytes"
    return column
  elseif measure.unit ~= "" then
    column.heading = measure.name .. " (" .. measure.unit .. ")"
  end
  column.unit = measure.scale % 1 == 0 and "count" or nil
  return column
end

--- Returns `columns`, followed by one for each measure of `run`, and adds its field to `rows`,
-- which are records, or rows of `group_by`, `summary` or `stats`. If the run comes from a log, its
-- measures are all that logs of its kind may have, and those that no row has are left out.
function M.of_measures(run, rows, columns)
  local all = those(columns, function() return true end)
  for _, measure in ipairs(run:measures()) do
    local column = column_of(measure)
    for _, row in ipairs(rows) do
      row[column.field] = value_of(row, measure.name)
    end
    if not run:has_places() or M.has_any(rows, column.field) then
      all[#all + 1] = column
    end
  end
  return all
end

return M
