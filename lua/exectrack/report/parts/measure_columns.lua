--- Columns of a run's measures.
-- Used by built-in reports and the command.
local has_any = require("exectrack.report.parts.has_any")

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
  local column = { field = "measures." .. measure.name, heading = measure.name }
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
return function(run, rows, columns)
  local all = {}
  for i, column in ipairs(columns) do
    all[i] = column
  end
  for _, measure in ipairs(run:measures()) do
    local column = column_of(measure)
    for _, row in ipairs(rows) do
      row[column.field] = value_of(row, measure.name)
    end
    if not run:has_places() or has_any(rows, column.field) then
      all[#all + 1] = column
    end
  end
  return all
end
