--- Columns of a run's measures.
-- Used by built-in reports and the command.

--- What a row has of a measure: its sum, of rows that count executions, or its value, of records;
-- nil for none.
local function value_of(row, name)
  local value = row.measures and row.measures[name]
  if type(value) == "table" then
    return value.count > 0 and value.sum or nil
  end
  return value
end

--- Those of unit `By` are sizes, and those of a whole scale count.
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

--- Returns `columns` and after them one for each measure of `run`, which shows what `rows` have of
-- it: these are records, or rows of `group_by`, `summary` or `stats`, and get its field.
return function(run, rows, columns)
  local all = {}
  for i, column in ipairs(columns) do
    all[i] = column
  end
  for _, measure in ipairs(run:measures()) do
    local column = column_of(measure)
    all[#all + 1] = column
    for _, row in ipairs(rows) do
      row[column.field] = value_of(row, measure.name)
    end
  end
  return all
end
