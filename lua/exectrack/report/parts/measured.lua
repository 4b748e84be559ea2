--- What rows say of durations.
-- Used only by the built-in reports.
local M = {}

--- How many executions of a row of `group_by` were measured.
function M.count(row)
  return row.count - row.untimed - row.elapsed
end

--- Takes the total out of the rows of `group_by` of which none was measured: how long those took
-- isn't known. Returns `rows`.
function M.without_unknown_totals(rows)
  for _, row in ipairs(rows) do
    if row.count > 0 and M.count(row) == 0 then
      row.total_duration_ms = nil
    end
  end
  return rows
end

return M
