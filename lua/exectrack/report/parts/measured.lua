--- Rows whose durations weren't measured.
-- Used only by the built-in reports.
local M = {}

--- How many executions of a row of `group_by` were measured.
function M.count(row)
  return row.count - row.untimed - row.elapsed
end

--- Removes the total from rows of `group_by` in which no execution was measured: it isn't known.
-- Returns `rows`.
function M.without_unknown_totals(rows)
  for _, row in ipairs(rows) do
    if row.count > 0 and M.count(row) == 0 then
      row.total_duration_ms = nil
    end
  end
  return rows
end

return M
