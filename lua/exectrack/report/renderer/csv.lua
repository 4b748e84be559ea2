--- Renders reports as CSV: the rows of one section, or of all, with the section's title first. For
-- a section without rows, these are the figures of its chart.
-- Used only by `report.render`.
local chart_table = require("exectrack.report.chart_table")
local csv = require("exectrack.csv")
local numbers = require("exectrack.numbers")
local options = require("exectrack.options")
local unicode = require("exectrack.report.unicode")

local whole = options.integer(1)

local function title_or_number(value)
  if type(value) == "string" then
    return value
  end
  local used, message = whole(value)
  return used, message and "a title or " .. message
end

local check_options = options.fields {
  { "section", title_or_number },
  { "bom", options.boolean, default = false },
}

-- 9999-12-31 23:59:59: ISO 8601 has years of four digits.
local LAST_SECOND = 253402300799

--- A time in ISO 8601, to the microsecond. All have the same length, so that they can be sorted as
-- text. A time with a year of more digits stays a number.
local function iso_time(seconds)
  local second = math.floor(seconds)
  local microseconds = math.floor((seconds - second) * 1e6 + 0.5)
  if microseconds == 1000000 then
    second, microseconds = second + 1, 0
  end
  if not (second >= 0 and second <= LAST_SECOND) then
    return seconds
  end
  return os.date("!%Y-%m-%dT%H:%M:%S", second) .. (".%06dZ"):format(microseconds)
end

--- The columns and rows of a section; nil if it only has text.
local function table_of(section)
  if section.rows then
    return section.columns, section.rows
  elseif section.chart then
    return chart_table(section.chart)
  end
  return nil
end

--- The fields of the sections' tables, each once, in their order.
local function fields_of(sections)
  local fields, seen = {}, {}
  for _, section in ipairs(sections) do
    for _, column in ipairs(table_of(section) or {}) do
      if not seen[column.field] then
        seen[column.field] = true
        fields[#fields + 1] = column.field
      end
    end
  end
  return fields, seen
end

--- The values of a row's cells, by field.
local function cells_of(row, columns)
  local cells = {}
  for _, column in ipairs(columns) do
    local value = row[column.field]
    cells[column.field] = column.unit == "time" and value and iso_time(value) or value
  end
  return cells
end

--- Appends the lines of a section. With `title`, it is the first cell of each.
local function add_lines(lines, section, fields, title)
  local columns, rows = table_of(section)
  for _, row in ipairs(rows or {}) do
    local cells, values = cells_of(row, columns), { title }
    local before = #values
    for i, field in ipairs(fields) do
      values[before + i] = cells[field]
    end
    lines[#lines + 1] = csv.row(values, before + #fields)
  end
end

local function render_section(section)
  local fields = fields_of { section }
  local lines = { csv.row(fields) }
  add_lines(lines, section, fields)
  return table.concat(lines)
end

local function render_all(sections)
  local fields, seen = fields_of(sections)
  local heading = "section"
  while seen[heading] do -- a field of the report with this name keeps it
    heading = heading .. "_title"
  end
  local header = { heading }
  for i, field in ipairs(fields) do
    header[i + 1] = field
  end
  local lines = { csv.row(header) }
  for _, section in ipairs(sections) do
    add_lines(lines, section, fields, section.title)
  end
  return table.concat(lines)
end

local function unknown(sections, chosen)
  local titles = {}
  for _, section in ipairs(sections) do
    if table_of(section) then
      titles[#titles + 1] = "'" .. unicode.visible(section.title) .. "'"
    end
  end
  local known = #titles > 0 and "not one of " .. table.concat(titles, ", ") or "there are none"
  return ("unknown section '%s', %s"):format(unicode.visible(numbers.tostring(chosen)), known)
end

--- The section with the number `chosen`, or the first with this title; it must have a table.
local function find(sections, chosen)
  for i, section in ipairs(sections) do
    if (i == chosen or section.title == chosen) and table_of(section) then
      return section
    end
  end
  return nil, unknown(sections, chosen)
end

--- Renders a report that was checked.
return function(report, given)
  local chosen, message = check_options(given)
  if not chosen then
    return nil, message
  end
  local mark = chosen.bom and csv.BYTE_ORDER_MARK or ""
  if not chosen.section then
    return mark .. render_all(report.sections)
  end
  local section
  section, message = find(report.sections, chosen.section)
  if not section then
    return nil, message
  end
  return mark .. render_section(section)
end
