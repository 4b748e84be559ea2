--- The formats in which a run's records leave exectrack, one record at a time.
--
-- A format is a function of a snapshot, and returns `before` and `after`, which stand around all
-- records, and `row(i)`, which returns record `i` as text.
-- In use by the command alone.
local csv = require("exectrack.csv")
local json = require("exectrack.json")

local M = {}

local COLUMNS = { "tool", "status", "duration_ms", "was_cached", "error_type", "args_hash",
  "timestamp" }

-- From these on a duration has more than 14 digits, and a time is no more exact to the microsecond.
local LARGE_MS = 1e11
local LARGE_S = 2 ^ 33 -- in the year 2242

local LINE = '{"tool":%s,"status":"%s","duration_ms":%s,"was_cached":%s%s%s,"timestamp":%.6f}\n'
local ROW = "%s,%s,%s,%s,%s,%.0f,%.6f\r\n"
local RECORD = '{"args_hash":%.0f,"duration_us":%.0f,"end_microseconds":%.0f,"end_seconds":%.0f%s,'
  .. '"status":"%s","tool_id":%.0f,"was_cached":%s}'

local LINE_ERROR_TYPE = ',"error_type":'
local LINE_ARGS_HASH = ',"args_hash":%.0f'
local RECORD_ERROR_TYPE = ',"error_type_id":%.0f'

--- `encode`, but each text is encoded only once.
local function remembered(encode)
  return setmetatable({}, { __index = function(texts, text)
    local encoded = encode(text)
    texts[text] = encoded
    return encoded
  end })
end

local function duration_text(ms)
  return ms < LARGE_MS and ("%.14g"):format(ms) or json.number(ms)
end

--- JSON Lines, as `import` takes them.
-- @local
function M.jsonl(snapshot)
  local tools = remembered(json.string)
  local error_types = remembered(function(text) return LINE_ERROR_TYPE .. json.string(text) end)
  return "", "", function(i)
    local record = snapshot[i]
    local error_type, hash = record.error_type, record.args_hash
    return LINE:format(tools[record.tool], record.status, duration_text(record.duration_ms),
      record.was_cached and "true" or "false", error_type and error_types[error_type] or "",
      hash ~= 0 and LINE_ARGS_HASH:format(hash) or "", record.timestamp)
  end
end

--- CSV with a header.
-- @local
function M.csv(snapshot)
  local texts = remembered(function(text) return (csv.row({ text }):gsub("\r\n$", "")) end)
  return csv.row(COLUMNS), "", function(i)
    local record = snapshot[i]
    local error_type = record.error_type
    return ROW:format(texts[record.tool], record.status, duration_text(record.duration_ms),
      record.was_cached and "true" or "false", error_type and texts[error_type] or "",
      record.args_hash, record.timestamp)
  end
end

--- A function that returns the text of record `i` in the table form.
local function table_row(snapshot, ids)
  local error_types = {}
  for id, text in ipairs(ids) do
    error_types[text] = RECORD_ERROR_TYPE:format(id)
  end
  return function(i)
    local record = snapshot[i]
    local seconds = math.floor(record.timestamp)
    return RECORD:format(record.args_hash, record.duration_ms * 1000,
      (record.timestamp - seconds) * 1e6, seconds, error_types[record.error_type] or "",
      record.status, record.tool_id, record.was_cached and "true" or "false")
  end
end

--- The same for large durations and times, which only the table form itself has exactly: it takes
-- memory for all records.
local function large_table_row(snapshot)
  local records = snapshot:to_table().records
  return function(i) return json.encode(records[i]) end
end

local function has_large_values(snapshot)
  return #snapshot:filter { min_duration_ms = LARGE_MS } > 0
    or #snapshot:filter { since = LARGE_S } > 0
end

--- The table form, `snapshot:to_table()`.
-- @local
function M.json(snapshot)
  local run = snapshot:filter({ last = 0 }):to_table()
  local row = has_large_values(snapshot) and large_table_row(snapshot)
    or table_row(snapshot, run.error_types)
  local fields = {}
  for i, key in ipairs(json.sorted_keys(run)) do
    fields[i] = json.string(key) .. ":" .. json.encode(run[key])
  end
  local before, after = table.concat(fields, ",\n"):match('^(.-\n"records":%[)(%].*)$')
  return "{" .. before, after .. "}\n", function(i)
    return (i > 1 and ",\n" or "\n") .. row(i)
  end
end

return M
