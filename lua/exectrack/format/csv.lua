--- CSV (RFC 4180): a record a row, under a header.
-- @module exectrack.format.csv
local csv = require("exectrack.csv")
local field = require("exectrack.format.field")
local options = require("exectrack.options")
local pieces = require("exectrack.format.pieces")

local duration = field.duration

local M = {}

local COLUMNS = { "tool", "status", "duration_ms", "was_cached", "error_type", "args_hash",
  "result_hash", "session", "depth", "timestamp" }
local ROW = "%s,%s,%s,%s,%s,%.0f,%.0f,%s,%.0f,%.6f\r\n"

--- Makes an iterator over pieces of text: a header, then the records in the order of recording.
-- Each byte of a name that isn't UTF-8 becomes U+FFFD, what could harm where it is shown an escape
-- such as `\x1b`, and what a spreadsheet would take for a formula has an apostrophe in front.
-- An error type and a session that aren't there are empty fields.
-- @function encode
-- @tparam Snapshot snapshot
-- @treturn function returns the next piece; nil at the end
function M.encode(snapshot)
  options.check("csv.encode", snapshot, options.snapshot)
  local texts = field.remembered(function(text) return (csv.row({ text }):gsub("\r\n$", "")) end)
  return pieces(csv.row(COLUMNS), #snapshot, function(i)
    local record = snapshot[i]
    local error_type, session = record.error_type, record.session
    return ROW:format(texts[record.tool], record.status, duration(record.duration_ms),
      record.was_cached and "true" or "false", error_type and texts[error_type] or "",
      record.args_hash, record.result_hash or 0, session and texts[session] or "", record.depth,
      record.timestamp)
  end, "")
end

return M
