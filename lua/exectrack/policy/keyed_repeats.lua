--- Counts the repeats of a call if a function says which calls are the same.
-- Used only by loop_guard. It does what the method `loop` does for the same tool and arguments.

local FAILURES = { failed = true, timed_out = true }

--- What is compared of the result of `record`; nil if it isn't known.
local function result_of(record)
  if FAILURES[record.status] then
    return record.error_type or ""
  end
  return record.result_hash ~= 0 and record.result_hash or nil
end

--- How many of the first `most` records are the call `wanted` and ended alike, from the newest on;
-- and the newest of the call, however it ended.
local function count_records(records, most, key, wanted, same_result)
  local count, newest, result = 0, nil, nil
  local is_counting = true
  for i = 1, most do
    local record = records[i]
    if not (same_result and record.status == "cancelled") and key(record) == wanted then
      local its = same_result and result_of(record) or nil
      newest = newest or record
      result = result or its
      is_counting = is_counting and (its == nil or its == result)
      count = count + (is_counting and 1 or 0)
    end
  end
  return count, newest
end

--- How many of `others` are the call `wanted` in the session.
local function count(others, session, key, wanted)
  local found = 0
  for _, other in ipairs(others) do
    if other.session == session and key(other) == wanted then
      found = found + 1
    end
  end
  return found
end

--- The calls that were denied as repeated ones after `record` ended; none if that isn't known.
local function denied_after(tracker, record)
  local found = {}
  if record and record.timestamp then
    for _, denied in ipairs(tracker:denied()) do
      if denied.reason == "repeated_call" and denied.timestamp > record.timestamp then
        found[#found + 1] = denied
      end
    end
  end
  return found
end

--- How often the call that has the key `wanted` was made, with the same result if `same_result`,
-- and how often it was denied since. Of `records`, those of its session, the newest `most` count.
return function(call, records, most, key, wanted, same_result)
  local tracker = call.tracker
  local session = call.session and tracker:session_name(call.session)
  local repeats, newest = count_records(records, most, key, wanted, same_result)
  local before = newest or records[most + 1] or records[#records]
  return repeats + count(tracker:in_flight(), session, key, wanted),
    count(denied_after(tracker, before), session, key, wanted)
end
