--- JSON Lines: an execution a line, as an object with the fields that `tracker:record` takes.
-- @module exectrack.format.jsonl
local field = require("exectrack.format.field")
local json = require("exectrack.json")
local options = require("exectrack.options")
local pieces = require("exectrack.format.pieces")

local duration = field.duration

local M = {}

local LINE = '{"tool":%s,"status":"%s","duration_ms":%s,"was_cached":%s%s%s,"timestamp":%.6f}\n'
local ERROR_TYPE = ',"error_type":'
local ARGS_HASH = ',"args_hash":%.0f'

--- Makes an iterator over pieces of text: the records, oldest first. Each byte of a name that isn't
-- UTF-8 becomes U+FFFD. An error type and a fingerprint that aren't there are left out.
-- @function encode
-- @tparam Snapshot snapshot
-- @treturn function returns the next piece; nil at the end
function M.encode(snapshot)
  options.check("jsonl.encode", snapshot, options.snapshot)
  local tools = field.remembered(json.string)
  local error_types = field.remembered(function(text) return ERROR_TYPE .. json.string(text) end)
  return pieces("", #snapshot, function(i)
    local record = snapshot[i]
    local error_type, hash = record.error_type, record.args_hash
    return LINE:format(tools[record.tool], record.status, duration(record.duration_ms),
      record.was_cached and "true" or "false", error_type and error_types[error_type] or "",
      hash ~= 0 and ARGS_HASH:format(hash) or "", record.timestamp)
  end, "")
end

return M
