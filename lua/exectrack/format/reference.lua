--- Records in the form of the reference implementation: tools are numbered from 0, statuses are in
-- CamelCase, durations are whole milliseconds, and there are no times.
local core = require("exectrack.core")
local document = require("exectrack.format.document")
local numbers = require("exectrack.numbers")
local options = require("exectrack.options")

local M = {}

local MOST_TOOLS, MOST_RECORDS = 65535, 268435456
local MOST_NAME_BYTES, BYTES_PER_NAME = 255, 64
local DEFAULT_TOOLS = 512

local STATUSES = { Success = "success", Failed = "failed", TimedOut = "timed_out",
  Cancelled = "cancelled" }

local function difference(expected, value)
  local shown = value == nil and "nothing" or type(value)
  if type(value) == "number" then
    shown = numbers.text(value)
  end
  return ("%s expected, got %s"):format(expected, shown)
end

local function mismatch(place, expected, value)
  return nil, place .. ": " .. difference(expected, value)
end

--- The array in a field of the run and how many elements it has; or nil and a message.
local function read_array(run, field, most)
  local array, count = rawget(run, field), 0
  if type(array) ~= "table" then
    return mismatch(field, "a table", array)
  end
  for _ in next, array do
    count = count + 1
  end
  for i = 1, count do
    if rawget(array, i) == nil then
      return nil, field .. ": an array without holes and fields expected"
    end
  end
  if count > most then
    return nil, ("%s: at most %d elements expected, got %d"):format(field, most, count)
  end
  return array, count
end

--- The names of the tools, how many there are and how many bytes they have in total; or nil and a
-- message.
local function read_names(run)
  local names, count = read_array(run, "tool_ids", MOST_TOOLS)
  if not names then
    return nil, count
  end
  local bytes, most_bytes = 0, MOST_TOOLS * BYTES_PER_NAME
  for i = 1, count do
    local name = rawget(names, i)
    if type(name) ~= "string" then
      return mismatch(("tool_ids[%d]"):format(i), "a string", name)
    elseif #name > MOST_NAME_BYTES then
      return nil, ("tool_ids[%d]: at most %d bytes expected, got %d"):format(i, MOST_NAME_BYTES,
        #name)
    end
    bytes = bytes + #name
  end
  if bytes > most_bytes then
    return nil, ("tool_ids: names of at most %d bytes in total expected, got %d"):format(
      most_bytes, bytes)
  end
  return names, count, bytes
end

--- An integer of at least 0, which may be given as a string of digits; nil for anything else.
local function to_integer(value)
  if type(value) == "string" and value:find("^%d+$") then
    value = tonumber(value)
  end
  local is_integer = type(value) == "number" and value % 1 == 0 and value >= 0
  return is_integer and value <= numbers.MOST_INTEGER and value or nil
end

--- Returns nil and a message: a field of a record isn't what is `expected`.
local function wrong_field(record, field, expected)
  return mismatch(field, expected, rawget(record, field))
end

local function read_status(record)
  local word = rawget(record, "status")
  if type(word) ~= "string" then
    return wrong_field(record, "status", "a string")
  elseif not STATUSES[word] then
    return nil, "status: 'Success', 'Failed', 'TimedOut' or 'Cancelled' expected, got '"
      .. word:sub(1, 40) .. "'"
  end
  return STATUSES[word]
end

local function read_duration(record)
  local duration_ms = to_integer(rawget(record, "duration_ms"))
  if not duration_ms then
    return wrong_field(record, "duration_ms", "an integer from 0 to 9223372036854775807")
  end
  return duration_ms
end

local function read_tool(record, run)
  local id, count = to_integer(rawget(record, "tool_id")), run.name_count
  if id and id < count then
    return rawget(run.names, id + 1)
  end
  return wrong_field(record, "tool_id", count == 0 and "nothing" or count == 1 and "0"
    or "an integer from 0 to " .. count - 1)
end

--- A record as an execution, with a `timestamp`; or nil and a message, which begins with a field's
-- name if the record is a table.
local function read_record(record, run, timestamp)
  if type(record) ~= "table" then
    return nil, difference("a table", record)
  end
  local made, message = { was_cached = rawget(record, "was_cached"), timestamp = timestamp }
  made.status, message = read_status(record)
  if not message then
    made.duration_ms, message = read_duration(record)
  end
  if not message and type(made.was_cached) ~= "boolean" then
    return wrong_field(record, "was_cached", "a boolean")
  end
  if not message then
    made.tool, message = read_tool(record, run)
  end
  return not message and made or nil, message
end

--- The arrays of a run and their lengths, read without metamethods; or nil and a message.
local function read_run(given)
  local names, name_count, name_bytes = read_names(given)
  if not names then
    return nil, name_count
  end
  local records, record_count = read_array(given, "records", MOST_RECORDS)
  if not records then
    return nil, record_count
  end
  return { names = names, name_count = name_count, name_bytes = name_bytes, records = records,
    record_count = record_count }
end

--- An iterator over the executions, with the places of their records; or the place, nil and a
-- message.
local function executions(run)
  local i = 0
  return function()
    if i < run.record_count then
      i = i + 1
      return ("records[%d]"):format(i), read_record(rawget(run.records, i), run, false)
    end
  end
end

--- Makes an iterator over the executions in a JSON document, of which `next_piece` returns the next
-- piece, and nil at the end. It returns the place of a record, such as `records[1]`, and a table
-- that `tracker:record` takes; or the place, nil and a message. A message about the whole document
-- has an empty place.
function M.decode(next_piece)
  options.check("reference.decode", next_piece, options.callable)
  local form, message = document.read("reference.decode", next_piece)
  local run
  if form then
    run, message = read_run(form)
  end
  return run and executions(run) or document.unreadable(message)
end

--- A tracker without executions that knows the tools in this order; or nil if two have the same
-- name.
local function new_tracker(run)
  local tracker = core.new {
    max_history = run.record_count,
    max_tools = math.max(run.name_count, math.ceil(run.name_bytes / BYTES_PER_NAME), DEFAULT_TOOLS),
    clock = function() return 0 end,
  }
  for i = 1, run.name_count do
    tracker:record(rawget(run.names, i), "success", 0)
  end
  tracker:clear()
  return tracker, #tracker:tools() == run.name_count
end

--- Records all executions, at the time 0, so that policies can be replayed. Returns true; or nil
-- and a message with the place of what is wrong.
local function record_all(tracker, run)
  for i = 1, run.record_count do
    local record = rawget(run.records, i)
    local execution, message = read_record(record, run, 0)
    if message then
      return nil, ("records[%d]"):format(i) .. (type(record) == "table" and "." or ": ") .. message
    end
    tracker:record(execution)
  end
  return true
end

--- The snapshot of such a run, with its tools in the same order; or nil, a message and `invalid`.
function M.snapshot(given)
  options.check("reference.snapshot", given, options.table)
  local run, message = read_run(given)
  if not run then
    return nil, message, "invalid"
  end
  local tracker, are_different = new_tracker(run)
  local ok
  ok, message = record_all(tracker, run)
  if not ok then
    return nil, message, "invalid"
  elseif not are_different then
    return nil, "a table of names has the same name twice", "invalid"
  end
  local form = tracker:snapshot():to_table()
  form.recorded = run.record_count -- without the executions that only added the tools
  return core.from_table(form)
end

return M
