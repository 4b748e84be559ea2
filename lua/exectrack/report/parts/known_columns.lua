--- Leaves out columns about time that would be empty.
-- Used by built-in reports and the command.
local has_any = require("exectrack.report.parts.has_any")

local LEFT_OUT = { ms = true, time = true }

--- Returns `columns` without those of durations and of points in time that no row knows. All stay
-- where there are no rows.
return function(columns, rows)
  if #rows == 0 then
    return columns
  end
  local known = {}
  for _, column in ipairs(columns) do
    if not LEFT_OUT[column.unit] or has_any(rows, column.field) then
      known[#known + 1] = column
    end
  end
  return known
end
