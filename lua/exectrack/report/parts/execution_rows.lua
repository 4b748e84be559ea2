--- The rows of a list of executions.
-- In use by reports that list executions.
-- @submodule exectrack.report

--- Makes rows of records, in which a time that isn't known is left out. Returns `records`.
-- @local
return function(records)
  for _, record in ipairs(records) do
    record.timestamp = record.timestamp or nil
  end
  return records
end
