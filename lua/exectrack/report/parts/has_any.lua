--- Whether a column would show anything.
-- In use by the built-in reports alone.

--- Whether any of `rows` has `field`.
return function(rows, field)
  for _, row in ipairs(rows) do
    if row[field] then
      return true
    end
  end
  return false
end
