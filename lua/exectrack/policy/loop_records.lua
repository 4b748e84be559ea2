--- What the records of a session say about a loop, newest first.
-- Used only by loop_guard. `id_of` is a function of a record: what is equal for those of one call;
-- nil for one that is like no other. With `same_result`, calls are repeats if they ended alike.
local time = require("exectrack.policy.time")

local M = {}

local FAILURES = { failed = true, timed_out = true }

--- What is compared of the result of `record`; nil if it isn't known.
local function result_of(record)
  if FAILURES[record.status] then
    return record.error_type or ""
  end
  return record.result_hash ~= 0 and record.result_hash or nil
end

--- Makes a function of a record and what its call is, for one record after the other, the oldest
-- first: whether it shows that something has changed. That is another result than before, or a
-- success for which `is_reset` is true.
local function change_finder(is_reset, same_result)
  local results, has_succeeded = {}, {}
  return function(record, id)
    local is_like_others = id ~= nil and id == id -- it may be NaN
    local its, before = same_result and result_of(record), is_like_others and results[id]
    local is_success = record.status == "success"
    local is_repeated = is_like_others and has_succeeded[id] or false
    if is_like_others then
      results[id], has_succeeded[id] = its or before, is_success or is_repeated
    end
    return its and before and its ~= before or is_success and is_reset(record, is_repeated)
  end
end

--- How many of `records` count: those before the first that ended more than `within_us` before
-- `call`; false for no limit. The time of the call isn't read if no record has one: in a replay, it
-- may be undated itself.
function M.recent(records, call, within_us)
  local after_us
  for i, record in ipairs(within_us and records or {}) do
    if record.timestamp then
      after_us = after_us or time.us_of_seconds(call.now) - within_us
      if time.us_of_seconds(record.timestamp) < after_us then
        return i - 1
      end
    end
  end
  return #records
end

--- How many of `records` are newer than the latest that shows that something has changed. What was
-- cached or cancelled doesn't, nor does the call `wanted` itself.
function M.newer_than_change(records, id_of, wanted, is_reset, same_result)
  local is_change = change_finder(is_reset, same_result)
  local newer = #records
  for i = #records, 1, -1 do
    local record = records[i]
    local id = id_of(record)
    if not record.was_cached and record.status ~= "cancelled" and id ~= wanted
      and is_change(record, id) then
      newer = i - 1
    end
  end
  return newer
end

--- How many of the first `most` records are the call `wanted` and ended alike, from the newest on;
-- and the newest of the call, however it ended.
local function count_records(records, most, id_of, wanted, same_result)
  local count, newest, result = 0, nil, nil
  local is_counting = true
  for i = 1, most do
    local record = records[i]
    if not (same_result and record.status == "cancelled") and id_of(record) == wanted then
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
local function count(others, session, id_of, wanted)
  local found = 0
  for _, other in ipairs(others) do
    if other.session == session and id_of(other) == wanted then
      found = found + 1
    end
  end
  return found
end

--- The calls that were denied as repeated ones after `record` ended, an undated one before all.
local function denied_after(tracker, record)
  local found = {}
  for _, denied in ipairs(tracker:denied()) do
    if denied.reason == "repeated_call" and denied.timestamp > (record.timestamp or 0) then
      found[#found + 1] = denied
    end
  end
  return found
end

--- How often the call `wanted` was made, and how often it was denied since: what the method `loop`
-- says for the same tool and arguments. Of `records` the newest `most` count.
function M.repeats(call, records, most, id_of, wanted, same_result)
  local tracker = call.tracker
  local session = call.session and tracker:session_name(call.session)
  local repeats, newest = count_records(records, most, id_of, wanted, same_result)
  return repeats + count(tracker:in_flight(), session, id_of, wanted),
    newest and count(denied_after(tracker, newest), session, id_of, wanted) or 0
end

return M
