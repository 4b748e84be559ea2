--- JSON Lines: one execution per line, an object with the fields that `tracker:record` takes.
local check_options = require("exectrack.format.decoder_options")
local field = require("exectrack.format.field")
local json = require("exectrack.json_text")
local lines = require("exectrack.format.lines")
local options = require("exectrack.options")
local order_of_ends = require("exectrack.format.order_of_ends")
local pieces = require("exectrack.format.pieces")
local places = require("exectrack.format.place")

local byte, find = string.byte, string.find
local decode = require("exectrack.json").decode
local duration, time = field.duration, field.time

local M = {}

local LINE = '{"tool":%s,"status":"%s"%s%s,"was_cached":%s%s%s%s%s%s%s%s,"timestamp":%s}\n'
local DURATION = ',"duration_ms":%s'
local TIMING = ',"timing":"%s"'
local ERROR_TYPE = ',"error_type":'
local ARGS_HASH = ',"args_hash":%.0f'
local RESULT_HASH = ',"result_hash":%.0f'
local SESSION = ',"session":'
local DEPTH = ',"depth":%.0f'
local PLACE = ',"place":'

local OPENING_BRACE = byte("{")

--- A function that returns the field `measures` of a record as text; empty if it has none.
local function measures_of(snapshot)
  local order, labels = {}, {}
  for i, measure in ipairs(snapshot:measures()) do
    order[i] = measure.name
  end
  table.sort(order)
  for i, name in ipairs(order) do
    labels[i] = json.string(name) .. ":"
  end
  return function(values)
    if not values then
      return ""
    end
    local texts = {}
    for i, name in ipairs(order) do
      texts[#texts + 1] = values[name] and labels[i] .. json.number(values[name])
    end
    return ',"measures":{' .. table.concat(texts, ",") .. "}"
  end
end

--- Makes an iterator over pieces of text: one line per record, in the order of their ends, with the
-- fields that it has.
function M.encode(snapshot)
  options.check("jsonl.encode", snapshot, options.snapshot)
  local tools = field.remembered(json.string)
  local error_types = field.remembered(function(text) return ERROR_TYPE .. json.string(text) end)
  local sessions = field.remembered(function(text) return SESSION .. json.string(text) end)
  local measures, order = measures_of(snapshot), order_of_ends(snapshot)
  return pieces("", #snapshot, function(i)
    local record = snapshot[order and order[i] or i]
    local error_type, hash = record.error_type, record.args_hash
    local result_hash, session = record.result_hash, record.session
    local ms, timing, ended = record.duration_ms, record.timing, record.timestamp
    local place = record.place
    return LINE:format(tools[record.tool], record.status,
      ms and DURATION:format(duration(ms)) or "", timing and TIMING:format(timing) or "",
      record.was_cached and "true" or "false", error_type and error_types[error_type] or "",
      hash ~= 0 and ARGS_HASH:format(hash) or "",
      result_hash and RESULT_HASH:format(result_hash) or "", session and sessions[session] or "",
      record.depth > 0 and DEPTH:format(record.depth) or "", measures(record.measures),
      place and PLACE .. json.string(place) or "", ended and time(ended) or "false")
  end, "")
end

--- The object that a line is; or nil and a message.
local function read_object(line, number)
  local value, message = decode(line)
  if message then
    local ends_early = number == 1 and message:find("the text ends too early", 1, true)
    return nil, message:gsub("^line 1, ", "")
      .. (ends_early and ": a document of several lines becomes one by jq -c . FILE" or "")
  elseif type(value) ~= "table" or byte(line) ~= OPENING_BRACE and not find(line, "^%s*{") then
    return nil, "an object expected"
  end
  return value
end

--- Makes an iterator over the executions in a text, of which `next_piece` returns the next piece,
-- and nil at the end. It returns the number of a line and a table that `tracker:record` takes; or
-- the number, nil and a message. Also returns a function that returns notes on what was taken for
-- what, sentences. Keeps at most one line and one piece in memory. `take` is that of the iterator
-- over lines.
function M.decode(next_piece, given, take)
  options.check("jsonl.decode", next_piece, options.callable)
  local chosen = options.check("jsonl.decode", given, check_options)
  local mapping, source = chosen.mapping, chosen.source
  local next_line = lines(options.pieces("jsonl.decode", next_piece), chosen.max_line_bytes, take)
  return function()
    local number, line, message = next_line()
    if not line then
      return number, nil, message
    end
    local fields
    fields, message = read_object(line, number)
    if not fields then
      return number, nil, message
    end
    local execution
    execution, message = mapping:execution(fields)
    if execution and source and not mapping.is_own then
      execution.place = execution.place or places.text(source, number)
    end
    return number, execution, message
  end, function() return mapping:notes() end
end

return M
