--- Lanes for the calls of each session, so that those of one lane follow each other or nest, and
-- never overlap: a call is in the lane of the call that it was made within, or in the first that is
-- free.
-- Used only by formats.
local records = require("exectrack.format.records")

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

--- Removes the calls at the top of a lane that are over at `now_us`.
local function pop(lane, now_us)
  while lane[1] and lane[#lane].end_us <= now_us do
    lane[#lane] = nil
  end
end

--- The number of the lane in which `call` has its place.
local function lane_for(lanes, call, around)
  local lane = around and lanes[around.lane]
  if lane then
    pop(lane, call.start_us)
    if lane[#lane] == around then
      return around.lane
    end
  end
  for number = 1, #lanes do
    pop(lanes[number], call.start_us)
    if not lanes[number][1] then
      return number
    end
  end
  return #lanes + 1
end

local function put(lanes, call, around)
  local number = lane_for(lanes, call, around)
  lanes[number] = lanes[number] or {}
  table.insert(lanes[number], call)
  call.lane = number
end

--- The calls as above, with `lane`, the number of a lane among those of its session, from 1; the
-- second from which their times count; and how many executions have no time.
function M.of(snapshot, run)
  local base = first_second(run)
  local calls, undated = sorted_calls(run, base)
  local parents, by_place, by_session = snapshot:parents(), {}, {}
  for _, call in ipairs(calls) do
    local session = call.record.session or NO_SESSION
    by_session[session] = by_session[session] or {}
    by_place[call.place] = call
    put(by_session[session], call, by_place[parents[call.place]])
  end
  return calls, base, undated
end

return M
