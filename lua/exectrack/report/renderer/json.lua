--- Renders reports as JSON: the same tables, but rows only have the fields of the columns, and a
-- point of a line without a value has null.
-- Used only by `report.render`.
local json = require("exectrack.json_text")
local options = require("exectrack.options")

-- What the text is, and the version of this form of it.
local SCHEMA, VERSION = "exectrack-report", 1

local REPORT = { "schema", "version", "title", "subtitle", "source", "sections" }
local SOURCE = { "files", "version", "taken", "chosen" }
local SECTION = { "title", "text", "layout", "columns", "rows", "limit", "noun", "chart" }
local COLUMN = { "field", "heading", "unit", "none", "none_counts", "bar", "priority", "data_only" }
local CHART = { "kind", "title", "unit", "every", "from", "bars", "spans", "cells",
  "buckets", "lines" }
local LINE = { "label", "points" }
local POINT = { "time", "value" }
local NULL = 0 / 0 -- as numbers that aren't finite are written

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

local function point_object(point)
  local object = json.object(point, POINT)
  object.value = point.value or NULL
  return object
end

local function line_object(line)
  local object = json.object(line, LINE)
  object.points = map(line.points, point_object)
  return object
end

local function chart_object(chart)
  local object = json.object(chart, CHART)
  object.lines = map(chart.lines, line_object)
  return object
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
  object.chart = section.chart and chart_object(section.chart)
  return object
end

local check_options = options.fields {}

--- Renders a report that was checked.
return function(report, given)
  local chosen, message = check_options(given)
  if not chosen then
    return nil, message
  end
  local object = json.object(report, REPORT)
  object.schema, object.version = SCHEMA, VERSION
  object.source = report.source and json.object(report.source, SOURCE)
  object.sections = map(report.sections, section_object)
  return json.encode_lines(object)
end
