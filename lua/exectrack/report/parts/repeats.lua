--- Calls that were made more than once.
-- In use by the report of loops alone.
-- @submodule exectrack.report

-- How many fingerprints there are.
local FINGERPRINTS = 4294967296

local FAILURES = { failed = true, timed_out = true }

local function columns_of(snapshot)
  local columns = {}
  for _, field in ipairs { "tool_id", "args_hash", "status", "was_cached", "duration_ms",
      "timestamp" } do
    columns[field] = snapshot:column(field)
  end
  return columns
end

-- Microseconds are whole numbers, of which sums are exact; as floats they never overflow.
local function new_call(tool, args_hash, timestamp)
  return { tool = tool, args_hash = args_hash, count = 0, cached_hits = 0, failures = 0,
    in_a_row = 1, uncached_us = 0.0, longest_us = 0.0,
    first_timestamp = timestamp, last_timestamp = timestamp }
end

local function count(call, columns, place)
  local us = math.floor(columns.duration_ms[place] * 1000 + 0.5)
  call.count = call.count + 1
  if columns.was_cached[place] then
    call.cached_hits = call.cached_hits + 1
  else
    call.uncached_us = call.uncached_us + us
    call.longest_us = math.max(call.longest_us, us)
  end
  if FAILURES[columns.status[place]] then
    call.failures = call.failures + 1
  end
  local timestamp = columns.timestamp[place]
  call.first_timestamp = math.min(call.first_timestamp, timestamp)
  call.last_timestamp = math.max(call.last_timestamp, timestamp)
end

--- The call that `seen` has for `key`, which is the place of its first execution until it is seen
-- again: then it is made, counted and added to `calls`.
local function call_again(columns, calls, seen, key, tool)
  local call = seen[key]
  if type(call) == "number" then
    local first = call
    call = new_call(tool, columns.args_hash[first], columns.timestamp[first])
    count(call, columns, first)
    calls[#calls + 1], seen[key] = call, call
  end
  return call
end

--- Returns the calls, each a tool and arguments, that were made more than once, in the order in
-- which they first were again: `tool`, `args_hash`, `count`, `cached_hits`, `failures`; `in_a_row`,
-- the most of them that came one after the other among the tool's calls; of those that no cache
-- answered `uncached_us`, and `longest_us` of the longest; `first_timestamp` and
-- `last_timestamp`. And for each tool, by its name, how many calls have arguments. O(records).
-- @local
return function(snapshot)
  local columns, names, calls, compared = columns_of(snapshot), snapshot:tools(), {}, {}
  local seen, latest, in_a_row = {}, {}, {} -- by call; by tool
  for place, id in ipairs(columns.tool_id) do
    local hash, tool = columns.args_hash[place], names[id]
    in_a_row[id] = latest[id] == hash and in_a_row[id] + 1 or 1
    latest[id] = hash
    if hash ~= 0 then
      compared[tool] = (compared[tool] or 0) + 1
      local key = id * FINGERPRINTS + hash
      if seen[key] then
        local call = call_again(columns, calls, seen, key, tool)
        count(call, columns, place)
        call.in_a_row = math.max(call.in_a_row, in_a_row[id])
      else
        seen[key] = place
      end
    end
  end
  return calls, compared
end
