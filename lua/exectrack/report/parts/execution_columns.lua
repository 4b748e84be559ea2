--- The columns of a list of executions.
-- In use by reports that list executions.
-- @submodule exectrack.report
return {
  { field = "timestamp", heading = "Ended", unit = "time" },
  { field = "tool", heading = "Tool" },
  { field = "status", heading = "Status", unit = "status" },
  { field = "duration_ms", heading = "Duration", unit = "ms" },
  { field = "was_cached", heading = "Cached" },
  { field = "error_type", heading = "Error type" },
}
