--- Parquet: the records as a table, one row each, in the order of recording.
local core = require("exectrack.core")
local exact_records = require("exectrack.format.exact_records")
local field = require("exectrack.format.field")
local kept_texts = require("exectrack.format.kept_texts")
local options = require("exectrack.options")
local parquet_file = require("exectrack.format.parquet_file")
local unicode = require("exectrack.report.unicode")

local M = {}

local function unless_zero(hash)
  return hash ~= 0 and hash or nil
end

--- The columns of facts that every run has. `valid` makes a text valid UTF-8, and nil of nil.
local function columns_of(run, valid)
  local records = run.records
  local instance_id, label = run.instance_id, valid(run.label)
  local function column(name, kind, value, how)
    how = how or {}
    return { name = name, kind = kind, is_optional = how.is_optional,
      has_dictionary = how.has_dictionary, value = function(i) return value(records[i]) end }
  end
  local optional, named = { is_optional = true }, { has_dictionary = true }
  local optional_name = { is_optional = true, has_dictionary = true }
  return {
    column("instance_id", "text", function() return instance_id end, named),
    column("label", "text", function() return label end, named),
    column("session", "text", function(record) return valid(record.session) end, optional_name),
    column("tool", "text", function(record)
      return valid(run.tools[record.tool_id].name)
    end, named),
    column("status", "text", function(record) return record.status end, named),
    column("error_type", "text", function(record)
      return valid(run.error_types[record.error_type_id])
    end, optional_name),
    column("was_cached", "boolean", function(record) return record.was_cached end),
    column("start_time", "time", function(record)
      return not record.undated and record.duration_us and { exact_records.start(record) } or nil
    end, optional),
    column("end_time", "time", function(record)
      return not record.undated and { record.end_seconds, record.end_microseconds } or nil
    end, optional),
    column("duration_us", "int64", function(record) return record.duration_us end, optional),
    column("timing", "text", function(record) return record.timing or "measured" end, named),
    column("depth", "uint32", function(record) return record.depth or 0 end),
    column("args_hash", "uint32", function(record)
      return unless_zero(record.args_hash)
    end, optional),
    column("result_hash", "uint32", function(record) return record.result_hash end, optional),
    column("place", "text", function(record) return valid(record.place) end, optional),
  }
end

--- Adds a column for each measure, and returns their units as facts of the file.
local function add_measures(columns, snapshot)
  local units = {}
  for i, measure in ipairs(snapshot:measures()) do
    local values, name = snapshot:column("measures." .. measure.name), "measure_" .. measure.name
    columns[#columns + 1] = { name = unicode.valid(name), kind = "double", is_optional = true,
      value = function(row) return values[row] or nil end }
    units[i] = { unicode.valid(name) .. ".unit", unicode.valid(measure.unit) }
  end
  return units
end

--- Adds the columns of kept texts.
local function add_texts(columns, run, valid)
  local args_text, error_text = kept_texts(run, true)
  local function add(name, text)
    columns[#columns + 1] = { name = name, kind = "text", is_optional = true,
      value = function(i) return valid(text(run.records[i])) end }
  end
  add("args_text", args_text)
  add("error_text", error_text)
end

--- Makes an iterator over pieces of bytes.
function M.encode(snapshot, given)
  options.check("parquet.encode", snapshot, options.snapshot)
  local run, texts = snapshot:to_table(), field.remembered(unicode.valid)
  local function valid(text)
    return text and texts[text]
  end
  local columns = columns_of(run, valid)
  local units = add_measures(columns, snapshot)
  if given and given.texts then
    add_texts(columns, run, valid)
  end
  return parquet_file.encode({ columns = columns, facts = units, created_by = core._VERSION },
    #run.records)
end

return M
