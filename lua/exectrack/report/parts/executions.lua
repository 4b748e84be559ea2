--- A list of executions.
-- In use by the overview and the command.
-- @submodule exectrack.report
local execution_rows = require("exectrack.report.parts.execution_rows")
local measure_columns = require("exectrack.report.parts.measure_columns")

local COLUMNS = {
  { field = "timestamp", heading = "Ended", unit = "time" },
  { field = "tool", heading = "Tool" },
  { field = "status", heading = "Status", unit = "status" },
  { field = "duration_ms", heading = "Duration", unit = "ms" },
  { field = "was_cached", heading = "Cached" },
  { field = "error_type", heading = "Error type" },
}

--- The section that lists `records` of `run`.
-- @local
return function(title, run, records)
  local rows = execution_rows(records)
  return { title = title, columns = measure_columns(run, rows, COLUMNS), rows = rows }
end
