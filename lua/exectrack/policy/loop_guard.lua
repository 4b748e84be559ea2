--- Warns of calls that an agent repeats, and denies those that it repeats too often.
local loop_records = require("exectrack.policy.loop_records")
local messages = require("exectrack.policy.loop_message")
local numbers = require("exectrack.numbers")
local options = require("exectrack.options")
local time = require("exectrack.policy.time")
local writes = require("exectrack.policy.writes")

local DEFAULT_WINDOW, DEFAULT_WARN_AT = 20, 2
local MOST_SIMILAR = 64

local NAMES = options.array_of(options.string)

local function set_of(names)
  local set = {}
  for _, name in ipairs(names) do
    set[name] = true
  end
  return set
end

--- A check for the names of tools, or a function of a record. It returns a function.
local function resets(value)
  if options.callable(value) then
    return value
  elseif type(value) ~= "table" then
    return nil, "an array or a function expected, got " .. type(value)
  end
  local names, message = NAMES(value)
  local set = names and set_of(names)
  return set and function(execution) return set[execution.tool] end, message
end

local FIELDS = options.fields {
  { "repeats", options.integer(1), default = 3 },
  { "window", options.integer(1) },
  { "within_ms", options.false_or(options.ms), default = 600000 },
  { "warn_at", options.false_or(options.integer(1)) },
  { "same_result", options.boolean, default = true },
  { "resets", resets, default = writes },
  { "similar_failures", options.false_or(options.integer(2, MOST_SIMILAR)), default = false },
  { "key", options.callable },
  { "exempt", NAMES, default = {} },
}

--- The default of `warn_at`; false, for never, if the first repeat is already denied.
local function default_warn_at(repeats)
  return repeats > 1 and math.min(DEFAULT_WARN_AT, repeats - 1)
end

--- What to do about a call that was made, or denied, `count` times.
local function action_at(settings, count)
  if count >= settings.repeats then
    return "deny"
  end
  return settings.warn_at and count >= settings.warn_at and "warn" or nil
end

local function decision(action, reason, message)
  return { action = action, policy = "loop_guard", reason = reason, message = message }
end

local function newest_records(settings, call)
  return call.tracker:session_executions(settings.window, call.session)
end

--- What is known of a loop from the session's newest `count` records.
local function find_loop(settings, call, count)
  return call.tracker:loop(call.tool, call.args_hash, count, call.session,
    not settings.same_result, settings.window)
end

--- What is equal for executions of the same call, without `key`.
local function id_of(execution)
  return execution.args_hash ~= 0 and execution.tool .. " " .. execution.args_hash or nil
end

--- The newest `count` of `records` that may be repeats, the oldest of them first.
local function last_round(records, count, same_result)
  local round = {}
  for _, record in ipairs(records) do
    if #round < count and not (same_result and record.status == "cancelled") then
      table.insert(round, 1, record)
    end
  end
  return round
end

--- How many of `records` count for the call `wanted`: those since the latest change.
local function counting(settings, call, records, key, wanted)
  return math.min(loop_records.recent(records, call, settings.within_us),
    loop_records.newer_than_change(records, key, wanted, settings.is_reset, settings.same_result))
end

--- Decides about a call that is repeated, unless something has changed meanwhile.
local function judge_repeats(settings, call)
  local records = newest_records(settings, call)
  local repeats, denied, rounds, length =
    find_loop(settings, call, counting(settings, call, records, id_of, id_of(call)))
  local action = action_at(settings, math.max(repeats + denied, rounds))
  if not action then
    return nil
  elseif rounds > 0 and rounds >= repeats then
    local round = last_round(records, length, settings.same_result)
    return decision(action, "repeated_call", messages.cycle(call, action, round, rounds, denied))
  end
  return decision(action, "repeated_call", messages.repeated(call, action, repeats, denied))
end

--- The same, if `key` says which calls are repeats.
local function judge_keyed(settings, call)
  local key = settings.key
  local wanted = key(call)
  if wanted == nil then
    return nil
  end
  local records = newest_records(settings, call)
  local most = counting(settings, call, records, key, wanted)
  local repeats, denied =
    loop_records.repeats(call, records, most, key, wanted, settings.same_result)
  local action = action_at(settings, repeats + denied)
  return action
    and decision(action, "repeated_call", messages.repeated(call, action, repeats, denied))
end

--- The error type of the newest of `records` that failed.
local function latest_error_type(records)
  for _, record in ipairs(records) do
    if record.error_type and record.status ~= "cancelled" and not record.was_cached then
      return record.error_type
    end
  end
end

--- Decides about a call that similar failures precede, enough of them if all count.
local function judge_failures(settings, call)
  local records = newest_records(settings, call)
  local _, _, _, _, failures =
    find_loop(settings, call, loop_records.recent(records, call, settings.within_us))
  return failures >= settings.similar_failures and decision("warn", "similar_failures",
    messages.similar(call, failures, latest_error_type(records)))
end

local function decide(settings, call)
  local repeats, denied, rounds, _, failures = find_loop(settings, call, settings.window)
  local judge = settings.key and judge_keyed
    or action_at(settings, math.max(repeats + denied, rounds)) and judge_repeats
  local may_be_similar = settings.similar_failures and failures >= settings.similar_failures
  return judge and judge(settings, call)
    or may_be_similar and judge_failures(settings, call) or nil
end

--- Makes a policy that warns when a call repeats an earlier one of its session, and denies it when
-- there were too many.
return function(given)
  local chosen = options.check("loop_guard", given, FIELDS)
  local repeats, warn_at = chosen.repeats, chosen.warn_at
  if warn_at == nil then
    warn_at = default_warn_at(repeats)
  elseif warn_at and warn_at >= repeats then
    options.raise("loop_guard: option 'warn_at': below the repeats of " .. numbers.text(repeats)
      .. " expected, got " .. numbers.text(warn_at), 2)
  end
  local is_exempt = set_of(chosen.exempt)
  local settings = {
    repeats = repeats,
    warn_at = warn_at,
    window = chosen.window or math.max(DEFAULT_WINDOW, repeats),
    within_us = chosen.within_ms and time.us_of_ms(chosen.within_ms),
    same_result = chosen.same_result,
    is_reset = chosen.resets,
    similar_failures = chosen.similar_failures,
    key = chosen.key,
  }

  return function(call)
    return not is_exempt[call.tool] and decide(settings, call) or nil
  end
end
