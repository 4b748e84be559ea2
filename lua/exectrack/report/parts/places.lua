--- Where executions are in the logs that they were imported from.
-- Used only by the built-in reports.
local has_any = require("exectrack.report.parts.columns").has_any

local M = {}

--- Adds to each of `rows` the `place` of the newest record that passes the conditions of a filter
-- that `conditions_of` returns for the row; nothing if it returns nil. O(rows * records), or O(1)
-- for a run that wasn't imported.
function M.add(snapshot, rows, conditions_of)
  if not snapshot:has_places() then
    return
  end
  for _, row in ipairs(rows) do
    local conditions = conditions_of(row)
    if conditions then
      conditions.last = 1
      local newest = snapshot:filter(conditions)[1]
      row.place = newest and newest.place
    end
  end
end

--- Returns `columns`, with one for the places of `rows` at the end if they have any. `heading` says
-- of which execution of a row they are.
function M.columns(columns, rows, heading)
  if not has_any(rows, "place") then
    return columns
  end
  local all = {}
  for i, column in ipairs(columns) do
    all[i] = column
  end
  all[#all + 1] = { field = "place", heading = heading, unit = "place" }
  return all
end

return M
