--- Sorts the rows of a table.
-- In use by the built-in reports alone.
-- @submodule exectrack.report

--- Sorts `rows` by the fields that `largest_first` lists, and where these are equal by those that
-- `ascending` lists, which have to tell any two rows apart. Returns `rows`.
-- @local
return function(rows, largest_first, ascending)
  table.sort(rows, function(a, b)
    for _, field in ipairs(largest_first) do
      if a[field] ~= b[field] then
        return a[field] > b[field]
      end
    end
    for _, field in ipairs(ascending) do
      if a[field] ~= b[field] then
        return a[field] < b[field]
      end
    end
    return false
  end)
  return rows
end
