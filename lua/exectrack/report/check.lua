--- Checks that a value is a report, before it is rendered.
local numbers = require("exectrack.numbers")
local unicode = require("exectrack.report.unicode")

local UNITS = { "ms", "percent", "count", "time", "bytes", "status", "place" }
local TEXT_UNITS = { status = true, place = true }
local FIGURE_UNITS = { "ms", "percent", "count", "bytes" }
local LAYOUTS = { "table", "figures" }

-- A check is a function of a value and its place. It returns a message if the value is wrong.

local function shown(value)
  if type(value) == "string" then
    return "'" .. unicode.visible(value) .. "'"
  end
  return type(value) == "number" and numbers.text(value) or type(value)
end

local function expected(what, value, place)
  return place .. ": " .. what .. " expected, got " .. shown(value)
end

local function of_type(kind)
  return function(value, place)
    if type(value) ~= kind then
      return expected("a " .. kind, value, place)
    end
  end
end

local text = of_type("string")
local number = of_type("number")
local boolean = of_type("boolean")

local function finite(value, place)
  if type(value) ~= "number" or value ~= value or math.abs(value) == math.huge then
    return expected("a finite number", value, place)
  end
end

local function from_zero(value, place)
  if finite(value, place) or value < 0 then
    return expected("a finite number from 0", value, place)
  end
end

local function one_of(words)
  return function(value, place)
    for _, word in ipairs(words) do
      if value == word then
        return nil
      end
    end
    return expected("one of '" .. table.concat(words, "', '") .. "'", value, place)
  end
end

--- Whether the keys of a table are 1 to n.
local function is_array(value)
  local count = 0
  for _ in pairs(value) do
    count = count + 1
    if value[count] == nil then
      return false
    end
  end
  return true
end

local function array_of(check)
  return function(value, place)
    if type(value) ~= "table" then
      return expected("an array", value, place)
    elseif not is_array(value) then
      return place .. ": an array expected, got a table with holes or other keys"
    end
    for i, element in ipairs(value) do
      local problem = check(element, ("%s[%d]"):format(place, i))
      if problem then
        return problem
      end
    end
  end
end

--- The first key of `value`, sorted as text, that isn't in `fields`.
local function unknown_field(value, fields)
  local unknown
  for key in pairs(value) do
    local name = numbers.tostring(key)
    if fields[key] == nil and (unknown == nil or name < unknown) then
      unknown = name
    end
  end
  return unknown
end

--- A check for tables with these fields: `{ name, check, required }` each.
local function fields(list)
  local known, names = {}, {}
  for i, field in ipairs(list) do
    known[field[1]], names[i] = true, field[1]
  end
  return function(value, place)
    if type(value) ~= "table" then
      return expected("a table", value, place)
    end
    local unknown = unknown_field(value, known)
    if unknown then
      return place .. ": unknown field '" .. unicode.visible(unknown) .. "', not one of '"
        .. table.concat(names, "', '") .. "'"
    end
    for _, field in ipairs(list) do
      local name, check, required = field[1], field[2], field[3]
      if value[name] ~= nil or required then
        local problem = check(value[name], place .. "." .. name)
        if problem then
          return problem
        end
      end
    end
  end
end

local column = fields {
  { "field", text, true },
  { "heading", text },
  { "unit", one_of(UNITS) },
  { "bar", boolean },
}

local CHARTS = {
  bars = fields {
    { "kind", text },
    { "title", text },
    { "unit", one_of(FIGURE_UNITS) },
    { "bars", array_of(fields {
      { "label", text, true },
      { "value", from_zero, true },
      { "status", text },
    }), true },
  },
  timeline = fields {
    { "kind", text },
    { "title", text },
    { "spans", array_of(fields {
      { "lane", text, true },
      { "from", finite, true },
      { "to", finite, true },
      { "status", text },
      { "label", text },
    }), true },
  },
  histogram = fields {
    { "kind", text },
    { "title", text },
    { "unit", one_of(FIGURE_UNITS) },
    { "buckets", array_of(fields {
      { "from", finite, true },
      { "to", finite, true },
      { "count", from_zero, true },
    }), true },
  },
  line = fields {
    { "kind", text },
    { "title", text },
    { "unit", one_of(FIGURE_UNITS) },
    { "lines", array_of(fields {
      { "label", text, true },
      { "points", array_of(fields {
        { "time", finite, true },
        { "value", finite, true },
      }), true },
    }), true },
  },
}

local chart_kind = one_of { "bars", "timeline", "histogram", "line" }

--- The first element that is before the previous one, or whose end is before its start.
local function out_of_order(elements, from, to)
  for i, element in ipairs(elements) do
    if to and element[to] < element[from] or i > 1 and element[from] < elements[i - 1][from] then
      return i
    end
  end
end

local function chart_order(chart, place)
  if chart.kind == "histogram" and out_of_order(chart.buckets, "from", "to") then
    return ("%s.buckets[%d]: out of order, ascending expected"):format(place,
      out_of_order(chart.buckets, "from", "to"))
  elseif chart.kind == "timeline" then
    for i, span in ipairs(chart.spans) do
      if span.to < span.from then
        return ("%s.spans[%d]: ends before it starts"):format(place, i)
      end
    end
  end
  for i, line in ipairs(chart.kind == "line" and chart.lines or {}) do
    local j = out_of_order(line.points, "time")
    if j then
      return ("%s.lines[%d].points[%d]: out of order, ascending expected"):format(place, i, j)
    end
  end
end

local function chart(value, place)
  if type(value) ~= "table" then
    return expected("a table", value, place)
  end
  return chart_kind(value.kind, place .. ".kind")
    or CHARTS[value.kind](value, place)
    or chart_order(value, place)
end

local function cell(value, place)
  local kind = type(value)
  if kind ~= "nil" and kind ~= "string" and kind ~= "number" and kind ~= "boolean" then
    return expected("a string, a number or a boolean", value, place)
  end
end

local function check_row(row, columns, place)
  if type(row) ~= "table" then
    return expected("a table", row, place)
  end
  for _, its in ipairs(columns) do
    local value = row[its.field]
    local needs_number = its.unit and not TEXT_UNITS[its.unit] and value ~= nil
    local problem = cell(value, "") or needs_number and number(value, "")
    if problem then
      return place .. "." .. unicode.visible(its.field) .. problem
    end
  end
end

local section_fields = fields {
  { "title", text, true },
  { "text", text },
  { "layout", one_of(LAYOUTS) },
  { "columns", array_of(column) },
  { "rows", array_of(function() end) },
  { "chart", chart },
}

local function section(value, place)
  local problem = section_fields(value, place)
  if not problem and (value.columns == nil) ~= (value.rows == nil) then
    problem = place .. ": columns and rows expected, or neither"
  end
  for i, row in ipairs(not problem and value.rows or {}) do
    problem = problem or check_row(row, value.columns, ("%s.rows[%d]"):format(place, i))
  end
  return problem
end

local report = fields {
  { "title", text, true },
  { "subtitle", text },
  { "sections", array_of(section), true },
}

--- Checks that a value is a report. Returns true; or nil and a message that begins with the place,
-- such as `sections[2].columns[1].unit: …`.
return function(value)
  local problem = report(value, "report")
  if problem then
    return nil, (problem:gsub("^report%.", "", 1))
  end
  return true
end
