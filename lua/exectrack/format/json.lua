--- JSON: the whole run with its statistics. `exectrack.from_table` accepts it when it is decoded.
local core = require("exectrack.core")
local document = require("exectrack.format.document")
local field = require("exectrack.format.field")
local json = require("exectrack.json_text")
local options = require("exectrack.options")
local pieces = require("exectrack.format.pieces")

local M = {}

-- From this time on, in the year 2242, seconds as a float aren't exact to the microsecond.
local LARGE_S = 2 ^ 33

local RECORD = '{"args_hash":%.0f%s%s,"end_microseconds":%.0f,"end_seconds":%.0f'
  .. '%s%s%s%s,"status":"%s"%s,"tool_id":%.0f,"was_cached":%s}'
local DURATION = ',"duration_us":%.0f'
local TIMING = ',"timing":"%s"'
local DEPTH = ',"depth":%.0f'
local ERROR_TYPE = ',"error_type_id":%.0f'
local PLACE = ',"place":'
local RESULT_HASH = ',"result_hash":%.0f'
local SESSION = ',"session":'

--- A function that returns the text of record `i`.
local function record_text(snapshot, ids)
  local error_types = {}
  for id, text in ipairs(ids) do
    error_types[text] = ERROR_TYPE:format(id)
  end
  local sessions = field.remembered(function(text) return SESSION .. json.string(text) end)
  return function(i)
    local record = snapshot[i]
    local seconds = math.floor(record.timestamp)
    local depth, result_hash, session = record.depth, record.result_hash, record.session
    local ms, timing, place = record.duration_ms, record.timing, record.place
    return RECORD:format(record.args_hash, depth > 0 and DEPTH:format(depth) or "",
      ms and DURATION:format(ms * 1000) or "", (record.timestamp - seconds) * 1e6, seconds,
      error_types[record.error_type] or "", place and PLACE .. json.string(place) or "",
      result_hash and RESULT_HASH:format(result_hash) or "",
      session and sessions[session] or "", record.status,
      timing and TIMING:format(timing) or "", record.tool_id,
      record.was_cached and "true" or "false")
  end
end

--- The same for runs of which only the table form is exact: it needs memory for all records.
local function exact_record_text(snapshot)
  local records = snapshot:to_table().records
  return function(i) return json.encode(records[i]) end
end

--- Whether records aren't enough: there are measures, large durations or times, or undated
-- executions, whose number is in the table form only.
local function needs_exact_records(snapshot, undated)
  return #snapshot:measures() > 0 or undated ~= 0
    or #snapshot:filter { min_duration_ms = field.LARGE_MS } > 0
    or #snapshot:filter { since = LARGE_S } > 0
end

--- Makes an iterator over pieces of text: the table form, with each record on a line of its own.
function M.encode(snapshot)
  options.check("json.encode", snapshot, options.snapshot)
  local run = snapshot:filter({ last = 0 }):to_table()
  run.filtered = snapshot:is_filtered()
  local text = needs_exact_records(snapshot, run.undated) and exact_record_text(snapshot)
    or record_text(snapshot, run.error_types)
  local fields = {}
  for i, key in ipairs(json.sorted_keys(run)) do
    fields[i] = json.string(key) .. ":" .. json.encode(run[key])
  end
  local before, after = table.concat(fields, ",\n"):match('^(.-\n"records":%[)(%].*)$')
  return pieces("{" .. before, #snapshot, function(i)
    return (i > 1 and ",\n" or "\n") .. text(i)
  end, after .. "}\n")
end

--- Makes an iterator over the records in a JSON document, of which `next_piece` returns the next
-- piece, and nil at the end. It returns the place of a record, such as `records[1]`, and a table
-- that `tracker:record` takes. If the document isn't a run, it returns an empty place, nil and a
-- message.
function M.decode(next_piece)
  options.check("json.decode", next_piece, options.callable)
  local form, message = document.read("json.decode", next_piece)
  local snapshot
  if form then
    snapshot, message = core.from_table(form)
  end
  if not snapshot then
    return document.unreadable(message)
  end
  local i = 0
  return function()
    if i < #snapshot then
      i = i + 1
      return ("records[%d]"):format(i), snapshot[i]
    end
  end
end

return M
