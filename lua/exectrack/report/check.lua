--- Checks that a value is a report, before it is rendered.
local numbers = require("exectrack.numbers")
local options = require("exectrack.options")
local unicode = require("exectrack.report.unicode")

local UNITS = { "ms", "percent", "change", "count", "time", "bytes", "name", "status", "place",
  "command" }
local TEXT_UNITS = { name = true, status = true, place = true, command = true }
local FIGURE_UNITS = { "ms", "percent", "count", "bytes" }
local LAYOUTS = { "table", "figures" }

local function shown(value)
  if type(value) == "string" then
    return "'" .. unicode.visible(value) .. "'"
  end
  return type(value) == "number" and numbers.text(value) or type(value)
end

local function value_that(passes, expected)
  return options.value_that(passes, expected, shown)
end

local function array_of(check)
  return options.list_of(check, shown)
end

local function fields(list)
  return options.record(list, shown)
end

local function of_type(kind)
  return value_that(function(value)
    return type(value) == kind
  end, "a " .. kind)
end

local text = of_type("string")
local number = of_type("number")

local function boolean(value) -- true for false, too: a check returns nil for what it refuses
  if type(value) == "boolean" then
    return true
  end
  return nil, "a boolean expected, got " .. shown(value)
end

local function is_finite(value)
  return type(value) == "number" and value - value == 0
end

local function is_from_zero(value)
  return is_finite(value) and value >= 0
end

local function is_integer_from(least)
  return function(value)
    return is_finite(value) and value >= least and value % 1 == 0
  end
end

local finite = value_that(is_finite, "a finite number")
local above_zero = value_that(function(value)
  return is_finite(value) and value > 0
end, "a finite number above 0")
local from_zero = value_that(is_from_zero, "a finite number from 0")

local function one_of(words)
  local known = {}
  for _, word in ipairs(words) do
    known[word] = true
  end
  return value_that(function(value)
    return value ~= nil and known[value]
  end, "one of '" .. table.concat(words, "', '") .. "'")
end

local column = fields {
  { "field", text, required = true },
  { "heading", text },
  { "unit", one_of(UNITS) },
  { "bar", boolean },
  { "none", text },
  { "none_counts", text },
  { "priority", value_that(is_integer_from(1), "an integer from 1") },
  { "data_only", boolean },
}

local CHARTS = {
  bars = fields {
    { "kind", text },
    { "title", text },
    { "unit", one_of(FIGURE_UNITS) },
    { "bars", array_of(fields {
      { "label", text, required = true },
      { "value", from_zero, required = true },
      { "status", text },
    }), required = true },
  },
  timeline = fields {
    { "kind", text },
    { "title", text },
    { "from", finite },
    { "spans", array_of(fields {
      { "lane", text, required = true },
      { "from", finite, required = true },
      { "to", finite, required = true },
      { "status", text },
      { "label", text },
      { "untimed", boolean },
    }), required = true },
  },
  density = fields {
    { "kind", text },
    { "title", text },
    { "every", above_zero, required = true },
    { "cells", array_of(fields {
      { "lane", text, required = true },
      { "time", finite, required = true },
      { "count", from_zero, required = true },
      { "failed", from_zero },
    }), required = true },
  },
  histogram = fields {
    { "kind", text },
    { "title", text },
    { "unit", one_of(FIGURE_UNITS) },
    { "buckets", array_of(fields {
      { "from", finite, required = true },
      { "to", finite, required = true },
      { "count", from_zero, required = true },
    }), required = true },
  },
  line = fields {
    { "kind", text },
    { "title", text },
    { "unit", one_of(FIGURE_UNITS) },
    { "every", above_zero },
    { "lines", array_of(fields {
      { "label", text, required = true },
      { "points", array_of(fields {
        { "time", finite, required = true },
        { "value", finite },
      }), required = true },
    }), required = true },
  },
}

local chart_kind = one_of { "bars", "timeline", "density", "histogram", "line" }

--- The first element that is before the previous one, or whose end is before its start.
local function out_of_order(elements, from, to)
  for i, element in ipairs(elements) do
    if to and element[to] < element[from] or i > 1 and element[from] < elements[i - 1][from] then
      return i
    end
  end
end

local MOST_INTERVALS = 10000 -- of a density

local OUT_OF_ORDER = "out of order, ascending expected"

-- What is checked of the whole of a chart, by its kind. Each returns nil; or a message and a place.
local ORDERS = {
  histogram = function(chart)
    local i = out_of_order(chart.buckets, "from", "to")
    if i then
      return OUT_OF_ORDER, (".buckets[%d]"):format(i)
    end
  end,
  timeline = function(chart)
    for i, span in ipairs(chart.spans) do
      if span.to < span.from then
        return "ends before it starts", (".spans[%d]"):format(i)
      end
    end
  end,
  line = function(chart)
    for i, line in ipairs(chart.lines) do
      local j = out_of_order(line.points, "time")
      if j then
        return OUT_OF_ORDER, (".lines[%d].points[%d]"):format(i, j)
      end
    end
  end,
  bars = function() end,
  density = function(chart)
    local low
    for _, its in ipairs(chart.cells) do
      low = math.min(low or its.time, its.time)
    end
    for i, its in ipairs(chart.cells) do
      if (its.failed or 0) > its.count then
        return "more failed than there are", (".cells[%d]"):format(i)
      elseif (its.time / 2 - low / 2) / chart.every > MOST_INTERVALS / 2 then
        return ("more than %d intervals after the first"):format(MOST_INTERVALS),
          (".cells[%d]"):format(i)
      end
    end
  end,
}

local function chart(value)
  if type(value) ~= "table" then
    return nil, "a table expected, got " .. shown(value)
  end
  local kind, message = chart_kind(value.kind)
  if not kind then
    return nil, message, ".kind"
  end
  local used, its_message, place = CHARTS[kind](value)
  if not used then
    return nil, its_message, place
  end
  message, place = ORDERS[kind](value)
  return not message and value or nil, message, place
end

local function cell(value, unit)
  local kind = type(value)
  if kind ~= "nil" and kind ~= "string" and kind ~= "number" and kind ~= "boolean" then
    return "a string, a number or a boolean expected, got " .. shown(value)
  elseif unit and not TEXT_UNITS[unit] and value ~= nil then
    return select(2, number(value))
  end
end

local function check_row(row, columns)
  if type(row) ~= "table" then
    return "a table expected, got " .. shown(row), ""
  end
  for _, its in ipairs(columns) do
    local message = cell(row[its.field], its.unit)
    if message then
      return message, "." .. unicode.visible(its.field)
    end
  end
end

local section_fields = fields {
  { "title", text, required = true },
  { "text", text },
  { "layout", one_of(LAYOUTS) },
  { "columns", array_of(column) },
  { "rows", array_of(function() return true end) }, -- check_row checks them
  { "limit", value_that(is_integer_from(0), "an integer from 0") },
  { "noun", text },
  { "chart", chart },
}

local function section(value)
  local used, message, place = section_fields(value)
  if not used then
    return nil, message, place
  elseif (value.columns == nil) ~= (value.rows == nil) then
    return nil, "columns and rows expected, or neither"
  end
  for i, row in ipairs(value.rows or {}) do
    message, place = check_row(row, value.columns)
    if message then
      return nil, message, (".rows[%d]%s"):format(i, place)
    end
  end
  return value
end

local report = fields {
  { "title", text, required = true },
  { "subtitle", text },
  { "source", fields {
    { "files", array_of(text) },
    { "version", text },
    { "taken", finite },
    { "chosen", text },
  } },
  { "sections", array_of(section), required = true },
}

--- Checks that a value is a report. Returns true; or nil and a message that begins with the place,
-- such as `sections[2].columns[1].unit: …`.
return function(value)
  local used, message, place = report(value)
  if not used then
    return nil, (place and place:sub(2) or "report") .. ": " .. message
  end
  return true
end
