--- CSV (RFC 4180): a header, then one row per record.
local csv = require("exectrack.csv")
local field = require("exectrack.format.field")
local json = require("exectrack.json_text")
local options = require("exectrack.options")
local pieces = require("exectrack.format.pieces")

local duration = field.duration

local M = {}

local COLUMNS = { "tool", "status", "duration_ms", "timing", "was_cached", "error_type",
  "args_hash", "result_hash", "session", "depth", "timestamp" }
local ROW = "%s,%s,%s,%s,%s,%s,%.0f,%.0f,%s,%.0f,%s%s\r\n"

--- All columns, and a function that returns the fields of the measures' columns.
local function all_columns(snapshot)
  local names, columns = {}, {}
  for i, column in ipairs(COLUMNS) do
    columns[i] = column
  end
  for i, measure in ipairs(snapshot:measures()) do
    names[i], columns[#columns + 1] = measure.name, "measures." .. measure.name
  end
  return columns, function(values)
    if #names == 0 then -- the usual case: makes no table per record
      return ""
    end
    local cells = {}
    for i, name in ipairs(names) do
      local value = values and values[name]
      cells[i] = "," .. (value and json.number(value) or "")
    end
    return table.concat(cells)
  end
end

--- Makes an iterator over pieces of text: a header, then the records in the order of recording.
-- A value that a record doesn't have is an empty field.
function M.encode(snapshot)
  options.check("csv.encode", snapshot, options.snapshot)
  local texts = field.remembered(function(text) return (csv.row({ text }):gsub("\r\n$", "")) end)
  local columns, values = all_columns(snapshot)
  return pieces(csv.row(columns), #snapshot, function(i)
    local record = snapshot[i]
    local error_type, session = record.error_type, record.session
    local ms, ended = record.duration_ms, record.timestamp
    return ROW:format(texts[record.tool], record.status, ms and duration(ms) or "",
      record.timing or "", record.was_cached and "true" or "false",
      error_type and texts[error_type] or "",
      record.args_hash, record.result_hash or 0, session and texts[session] or "", record.depth,
      ended and ("%.6f"):format(ended) or "", values(record.measures))
  end, "")
end

return M
