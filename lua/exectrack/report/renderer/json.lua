--- Renders reports as JSON: the same tables, but rows only have the fields of the columns.
-- Used only by `report.render`.
local json = require("exectrack.json_text")
local options = require("exectrack.options")

local REPORT = { "title", "subtitle", "source", "sections" }
local SOURCE = { "files", "version", "taken", "chosen" }
local SECTION = { "title", "text", "layout", "columns", "rows", "limit", "noun", "chart" }
local COLUMN = { "field", "heading", "unit", "bar", "priority" }
local CHART = { "kind", "title", "unit", "bars", "spans", "buckets", "lines" }

--- The results of `f` for each element; nil for nil.
local function map(elements, f)
  local results = elements and {}
  for i, element in ipairs(elements or {}) do
    results[i] = f(element)
  end
  return results
end

local function column_object(column)
  return json.object(column, COLUMN)
end

--- The fields of the columns, each once.
local function fields_of(columns)
  local fields, seen = {}, {}
  for _, column in ipairs(columns or {}) do
    if not seen[column.field] then
      seen[column.field] = true
      fields[#fields + 1] = column.field
    end
  end
  return fields
end

local function section_object(section)
  local fields = fields_of(section.columns)
  local object = json.object(section, SECTION)
  object.columns = map(section.columns, column_object)
  object.rows = map(section.rows, function(row)
    return json.object(row, fields)
  end)
  object.chart = section.chart and json.object(section.chart, CHART)
  return object
end

local check_options = options.fields {}

--- Renders a report that was checked.
return function(report, given)
  local chosen, problem = check_options(given)
  if not chosen then
    return nil, problem
  end
  local object = json.object(report, REPORT)
  object.source = report.source and json.object(report.source, SOURCE)
  object.sections = map(report.sections, section_object)
  return json.encode_lines(object)
end
