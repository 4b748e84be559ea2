--- Parquet: the records as a table, one row each, in the order of recording.
local core = require("exectrack.core")
local options = require("exectrack.options")
local parquet_file = require("exectrack.format.parquet_file")
local records = require("exectrack.format.records")
local unicode = require("exectrack.report.unicode")

local M = {}

local function unless_zero(hash)
  return hash ~= 0 and hash or nil
end

local OPTIONAL, NAMED = { is_optional = true }, { has_dictionary = true }
local OPTIONAL_NAME = { is_optional = true, has_dictionary = true }

--- The columns of facts that every run has.
local function columns_of(run)
  local list = run.records
  local function column(name, kind, value, how)
    how = how or {}
    return { name = name, kind = kind, is_optional = how.is_optional,
      has_dictionary = how.has_dictionary, value = function(i) return value(list[i]) end }
  end
  return {
    column("instance_id", "text", function() return run.instance_id end, NAMED),
    column("label", "text", function() return run.label end, NAMED),
    column("session", "text", function(record)
      return run.valid_session[record.session] or record.session
    end, OPTIONAL_NAME),
    column("tool", "text", function(record) return run.tools[record.tool_id].name end, NAMED),
    column("status", "text", function(record) return record.status end, NAMED),
    column("error_type", "text", function(record)
      return run.error_types[record.error_type_id]
    end, OPTIONAL_NAME),
    column("was_cached", "boolean", function(record) return record.was_cached end),
    column("start_time", "time", function(record)
      return not record.undated and record.duration_us and { records.start(record) } or nil
    end, OPTIONAL),
    column("end_time", "time", function(record)
      return not record.undated and { record.end_seconds, record.end_microseconds } or nil
    end, OPTIONAL),
    column("duration_us", "int64", function(record) return record.duration_us end, OPTIONAL),
    column("timing", "text", function(record) return record.timing or "measured" end, NAMED),
    column("depth", "uint32", function(record) return record.depth or 0 end),
    column("args_hash", "uint32", function(record)
      return unless_zero(record.args_hash)
    end, OPTIONAL),
    column("result_hash", "uint32", function(record) return record.result_hash end, OPTIONAL),
    column("place", "text", function(record)
      return record.place and unicode.valid(record.place)
    end, OPTIONAL),
  }
end

--- Adds a column for each measure, and returns their units as facts of the file.
local function add_measures(columns, run)
  local units = {}
  for i, measure in ipairs(run.measures) do
    local name = "measure_" .. measure.name
    columns[#columns + 1] = { name = name, kind = "double", is_optional = true,
      value = function(row) return measure.values[row] or nil end }
    units[i] = { name .. ".unit", measure.unit }
  end
  return units
end

--- Adds the columns of kept texts.
local function add_texts(columns, run)
  local args_text, error_text = records.texts(run, true)
  local function add(name, text)
    columns[#columns + 1] = { name = name, kind = "text", is_optional = true,
      value = function(i) return text(run.records[i]) end }
  end
  add("args_text", args_text)
  add("error_text", error_text)
end

--- Makes an iterator over pieces of bytes.
function M.encode(snapshot, given)
  options.check("parquet.encode", snapshot, options.snapshot)
  local run = records.read(snapshot)
  local columns = columns_of(run)
  local units = add_measures(columns, run)
  if given and given.texts then
    add_texts(columns, run)
  end
  return parquet_file.encode({ columns = columns, facts = units, created_by = core._VERSION },
    #run.records)
end

return M
