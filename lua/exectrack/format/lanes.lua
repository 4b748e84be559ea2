--- Lanes for the calls of each session, so that those of one lane follow each other or nest, and
-- never overlap: a call is in the lane of the call that it was made within, or in the first that is
-- free.
-- Used only by formats.
local records = require("exectrack.format.records")

local floor = math.floor

local M = {}

local NO_SESSION = false

--- A time as microseconds since the second `base`: a float, rounded in the same way in all versions
-- of Lua where it is above 2^53.
function M.microseconds(seconds, microseconds, base)
  return (seconds - base) * 1e6 + microseconds
end

--- The earliest second in which a record starts or a call was denied; 0 if there are none.
local function first_second(run)
  local first
  for _, record in ipairs(run.records) do
    local seconds = not record.undated and records.start(record)
    first = seconds and math.min(first or seconds, seconds) or first
  end
  for _, call in ipairs(run.denied) do
    first = math.min(first or call.denied_seconds, call.denied_seconds)
  end
  return first or 0
end

--- The calls that have a time, in the order of their starts; a call comes before those within it.
-- Each has `record`, `place` (its index among the records), `start_us` since the second `base`,
-- and `end_us`. Also returns how many have none.
local function sorted_calls(run, base)
  local calls, undated = {}, 0
  for place, record in ipairs(run.records) do
    if record.undated then
      undated = undated + 1
    else
      local seconds, microseconds = records.start(record)
      local start_us = M.microseconds(seconds, microseconds, base)
      local end_us = M.microseconds(record.end_seconds, record.end_microseconds, base)
      calls[#calls + 1] = { record = record, place = place, depth = record.depth or 0,
        start_us = start_us, end_us = math.max(start_us, end_us) } -- rounded ones may be less
    end
  end
  table.sort(calls, function(a, b)
    if a.start_us ~= b.start_us then
      return a.start_us < b.start_us
    elseif a.end_us ~= b.end_us then
      return a.end_us > b.end_us
    elseif a.depth ~= b.depth then
      return a.depth < b.depth
    end
    return a.place < b.place
  end)
  return calls, undated
end

--- Adds an entry to a heap: an array in which none has a lower `key` than that at half its index.
local function push(heap, entry)
  local i = #heap + 1
  local above = floor(i / 2)
  while above > 0 and entry.key < heap[above].key do
    heap[i] = heap[above]
    i, above = above, floor(above / 2)
  end
  heap[i] = entry
end

--- Removes the entry with the lowest `key` from a heap and returns it.
local function pop(heap)
  local first, last = heap[1], table.remove(heap)
  local count, i = #heap, 1
  while 2 * i <= count do
    local below = 2 * i
    if below < count and heap[below + 1].key < heap[below].key then
      below = below + 1
    end
    if last.key <= heap[below].key then
      break
    end
    heap[i], i = heap[below], below
  end
  heap[i] = count > 0 and last or nil
  return first
end

--- Takes the first lane that is free at `now_us`. `lanes` has all by their numbers, and the heaps
-- `busy`, by the times at which they become free, and `free`, by their numbers.
local function take(lanes, now_us)
  while lanes.busy[1] and lanes.busy[1].key <= now_us do
    local lane = pop(lanes.busy)
    lane.key = lane.number
    push(lanes.free, lane)
  end
  if lanes.free[1] then
    return pop(lanes.free)
  end
  lanes[#lanes + 1] = { number = #lanes + 1, calls = {} }
  return lanes[#lanes]
end

--- Whether the innermost call of a lane at `now_us` is `call`.
local function is_innermost(call, lane, now_us)
  local calls = lane.calls
  while calls[1] and calls[#calls].end_us <= now_us do
    calls[#calls] = nil
  end
  return calls[#calls] == call
end

local function put(lanes, call, around)
  local lane = around and lanes[around.lane]
  if not lane or not is_innermost(around, lane, call.start_us) then
    lane = take(lanes, call.start_us)
    lane.key = call.end_us
    push(lanes.busy, lane)
  end
  table.insert(lane.calls, call)
  call.lane = lane.number
end

--- The calls as above, with `lane`, the number of a lane among those of its session, from 1; the
-- second from which their times count; and how many executions have no time.
function M.of(snapshot, run)
  local base = first_second(run)
  local calls, undated = sorted_calls(run, base)
  local parents, by_place, by_session = snapshot:parents(), {}, {}
  for _, call in ipairs(calls) do
    local session = call.record.session or NO_SESSION
    by_session[session] = by_session[session] or { busy = {}, free = {} }
    by_place[call.place] = call
    put(by_session[session], call, by_place[parents[call.place]])
  end
  return calls, base, undated
end

return M
