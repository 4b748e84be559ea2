--- Sorts the rows of a table.
-- Used only by the built-in reports.

--- Sorts `rows` by the fields in `largest_first`, in descending order, then by those in
-- `ascending`. Rows that are equal in all of these stay in their order. Returns `rows`.
return function(rows, largest_first, ascending)
  local places = {}
  for place, row in ipairs(rows) do
    places[row] = place
  end
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
    return places[a] < places[b]
  end)
  return rows
end
