--- The columns of a run's records, by their fields, for several parts of a report to share.
-- Used only by the built-in reports.

--- Returns a table that reads each column of `snapshot` when it is first asked for.
return function(snapshot)
  return setmetatable({}, {
    __index = function(columns, field)
      local column = snapshot:column(field)
      columns[field] = column
      return column
    end,
  })
end
