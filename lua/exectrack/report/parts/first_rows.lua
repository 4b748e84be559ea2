--- Limits the number of rows, so that a table stays readable.
-- Used only by the built-in reports.
local format = require("exectrack.report.format")

--- Returns `rows`; or, if there are more than `most`, the first of them, and a sentence that says
-- so, in which `what` is what the rows are.
return function(rows, most, what)
  if #rows <= most then
    return rows
  end
  local first = {}
  for i = 1, most do
    first[i] = rows[i]
  end
  return first, ("These are the first %s of %s %s."):format(format.count(most),
    format.count(#rows), what)
end
