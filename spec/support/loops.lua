--- What of a loop is in executions: a plain model of the method `loop` and of the loop guard.
local runs = require("spec.support.runs")

local M = {}

local function has_failed(execution)
  return execution.status == "failed" or execution.status == "timed_out"
end

--- What is compared of its result; nil if that isn't known.
local function result_of(execution)
  if has_failed(execution) then
    return "error " .. (execution.error_type or "")
  end
  return execution.result_hash
end

local function first(list, most)
  local found = {}
  for i = 1, math.min(most, #list) do
    found[i] = list[i]
  end
  return found
end

local function is_call(execution, call)
  return execution.tool == call.tool and execution.args_hash == call.args_hash
    and call.args_hash ~= 0
end

local function is_same_result(a, b, same_result)
  local one, other = result_of(a), result_of(b)
  return not same_result or one == nil or other == nil or one == other
end

--- Executions that may be repeats.
local function counting(executions, same_result)
  return runs.select(executions, function(execution)
    return not same_result or execution.status ~= "cancelled"
  end)
end

--- How many of `executions`, newest first, are the call and ended like the latest whose result is
-- known, until one didn't; and the newest of the call.
local function repeats_of(executions, is_same, same_result)
  local same = runs.select(counting(executions, same_result), is_same)
  local known = runs.select(same, result_of)[1]
  for i, execution in ipairs(same) do
    if known and not is_same_result(execution, known, same_result) then
      return i - 1, same[1]
    end
  end
  return #same, same[1]
end

--- Whether the newest `rounds` times `length` of the steps are a cycle that the call begins again.
local function is_cycle(steps, call, length, rounds, same_result)
  if #steps < rounds * length or not is_call(steps[length], call) then
    return false
  end
  local has_other = false
  for i = 1, rounds * length do
    has_other = has_other or not is_call(steps[i], call)
    local before = i <= (rounds - 1) * length and steps[i + length]
    if before and not (is_call(before, steps[i])
      and is_same_result(before, steps[i], same_result)) then
      return false
    end
  end
  return has_other
end

--- The most rounds of a cycle, and the length of the shortest with so many; 0 for none.
local function cycle_of(executions, call, same_result)
  local steps = counting(executions, same_result)
  for rounds = #steps, 2, -1 do
    for length = 2, 6 do
      if is_cycle(steps, call, length, rounds, same_result) then
        return rounds, length
      end
    end
  end
  return 0, 0
end

--- How many of `executions`, newest first, failed in a row with one error type and arguments that
-- all differ.
local function similar_failures(executions, call)
  local ran = runs.select(executions, function(execution)
    return execution.status ~= "cancelled" and not execution.was_cached
  end)
  local seen = { [0] = true, [call.args_hash] = true }
  for i, execution in ipairs(ran) do
    if not has_failed(execution) or execution.tool ~= call.tool or not execution.error_type
      or execution.error_type ~= ran[1].error_type or seen[execution.args_hash] then
      return i - 1
    end
    seen[execution.args_hash] = true
  end
  return #ran
end

--- How many of the denied calls are the call and were denied as repeated ones after the execution
-- `newest` of the call, if there is one, ended.
local function denied_after(denied, is_same, newest)
  return #runs.select(newest and denied or {}, function(other)
    return other.reason == "repeated_call" and is_same(other)
      and (newest.is_undated or other.denied_us > newest.end_us)
  end)
end

--- The executions of the session among `executions`, newest first; all have `args_hash` and
-- `end_us` unless they are undated, and `session` if they have one.
local function of_session(executions, call)
  return runs.select(executions, function(execution)
    return execution.session == call.session
  end)
end

--- What `loop` returns for a call: five numbers. `run` has `executions`, those that are retained,
-- newest first, `listed`, those in flight, and `denied`.
function M.loop(run, call, records, same_result)
  if call.args_hash == 0 then
    return 0, 0, 0, 0, 0
  end
  local recent = first(of_session(run.executions, call), records)
  local function is_same(other)
    return other.session == call.session and is_call(other, call)
  end
  local repeats, newest = repeats_of(recent, is_same, same_result)
  local rounds, length = cycle_of(recent, call, same_result)
  return repeats + #runs.select(run.listed, is_same),
    denied_after(run.denied, is_same, newest), rounds, length,
    similar_failures(recent, call)
end

--- What counts if the option `key` says which calls are the same.
local function keyed(run, call, recent, records, options)
  local function is_same(other)
    return other.session == call.session and options.key(other) == options.key(call)
  end
  local repeats, newest = repeats_of(first(recent, records), is_same, options.same_result)
  return repeats + #runs.select(run.listed, is_same),
    denied_after(run.denied, is_same, newest), 0
end

--- Whether an older execution, at a place after `i`, was the same call and succeeded; and
-- the latest known result of those that were the same call.
local function before_place(recent, i, key)
  local has_succeeded, result = false, nil
  for j = #recent, i + 1, -1 do
    local other = recent[j]
    if key(other) ~= nil and key(other) == key(recent[i]) and not other.was_cached
      and other.status ~= "cancelled" then
      has_succeeded = has_succeeded or other.status == "success"
      result = result_of(other) or result
    end
  end
  return has_succeeded, result
end

--- Whether the execution at place `i` shows that something has changed.
local function is_change(recent, i, key, options)
  local execution = recent[i]
  if execution.was_cached or execution.status == "cancelled" then
    return false
  end
  local is_repeated, before = before_place(recent, i, key)
  local result = result_of(execution)
  if options.same_result and result and before and result ~= before then
    return true
  end
  return execution.status == "success" and (options.resets[execution.tool] == "always"
    or options.resets[execution.tool] == "if new" and not is_repeated)
end

--- How many of `recent` are newer than the latest after which counting begins anew.
local function newer_than_change(recent, call, options)
  local key = options.key or function(other)
    return other.args_hash ~= 0 and other.tool .. other.args_hash or nil
  end
  for i, execution in ipairs(recent) do
    if key(execution) ~= key(call) and is_change(recent, i, key, options) then
      return i - 1
    end
  end
  return #recent
end

--- How many of `recent` are newer than the latest that ended more than `within_ms` before `now_us`.
local function newer_than_limit(recent, now_us, within_ms)
  for i, execution in ipairs(recent) do
    if within_ms and not execution.is_undated and now_us - execution.end_us > within_ms * 1000 then
      return i - 1
    end
  end
  return #recent
end

--- What the loop guard decides at `now_us`: the action and the reason. All options must be given;
-- `resets` says by the names of tools when their successes are changes: "always", or "if new".
function M.guard(run, options, call, now_us)
  local recent = first(of_session(run.executions, call), options.window)
  local in_time = newer_than_limit(recent, now_us, options.within_ms)
  local records = math.min(in_time, newer_than_change(recent, call, options))
  local repeats, denied, rounds
  if not options.key then
    repeats, denied, rounds = M.loop(run, call, records, options.same_result)
  elseif options.key(call) ~= nil then
    repeats, denied, rounds = keyed(run, call, recent, records, options)
  else
    repeats, denied, rounds = 0, 0, 0
  end
  local count = math.max(repeats + denied, rounds)
  if count >= options.repeats then
    return "deny", "repeated_call"
  elseif options.warn_at and count >= options.warn_at then
    return "warn", "repeated_call"
  elseif options.similar_failures and call.args_hash ~= 0
    and similar_failures(first(recent, in_time), call) >= options.similar_failures then
    return "warn", "similar_failures"
  end
end

return M
