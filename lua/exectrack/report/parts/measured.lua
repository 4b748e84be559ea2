--- Rows whose durations weren't measured.
-- Used only by the built-in reports.
local words = require("exectrack.report.parts.words")

local M = {}

--- How many executions of a row of `group_by` were measured; also of one of which
-- `deaths.take_out` has taken out some.
function M.count(row)
  return row.count - row.untimed - row.elapsed - (row.ended_at_death or 0)
end

--- A sentence about which executions of a row have durations; nil if all or none were measured.
function M.note(row)
  local count = M.count(row)
  return count > 0 and count < row.count and ("Durations are those of the %s that %s measured.")
    :format(words.counted(count, "execution"), count == 1 and "was" or "were") or nil
end

--- A sentence about the field with this heading if in some of `rows` it has only what is known of
-- some calls, as `is_partly` says; nil if not.
function M.partly(heading, field, rows)
  for _, row in ipairs(rows) do
    if row.is_partly and row[field] then
      return ("Where what some calls took isn't known, \"%s\" is of the others."):format(heading)
    end
  end
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
