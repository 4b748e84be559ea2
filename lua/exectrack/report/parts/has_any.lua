--- Whether a column would show anything.
-- Used only by the built-in reports.

--- Whether any of `rows` has `field`.
return function(rows, field)
  for _, row in ipairs(rows) do
    if row[field] then
      return true
    end
  end
  return false
end
