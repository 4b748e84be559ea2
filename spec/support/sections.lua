--- What stands in the sections of a report.
local M = {}

--- The section of this title, or nil.
function M.find(report, title)
  for _, section in ipairs(report.sections) do
    if section.title == title then
      return section
    end
  end
end

--- The titles of all sections.
function M.titles(report)
  local titles = {}
  for i, section in ipairs(report.sections) do
    titles[i] = section.title
  end
  return titles
end

--- The rows of a section as arrays of what the columns show; what a column says of nothing, or "-".
function M.cells(section)
  local rows = {}
  for i, row in ipairs(section.rows) do
    rows[i] = {}
    for j, column in ipairs(section.columns) do
      rows[i][j] = row[column.field]
      if rows[i][j] == nil then
        rows[i][j] = row[column.none_counts] ~= 0 and column.none or "-"
      end
    end
  end
  return rows
end

return M
