--- Denies calls that an agent repeats too often.
local numbers = require("exectrack.numbers")
local options = require("exectrack.options")

local DEFAULT_WINDOW, DEFAULT_WARN_AT = 20, 2

-- Records of a session are searched among so many, or among the window if that is more.
local RECENT_RECORDS = 2000

local FIELDS = options.fields {
  { "repeats", options.integer(1), default = 3 },
  { "window", options.integer(1) },
  { "warn_at", options.false_or(options.integer(1)) },
  { "key", options.callable },
  { "exempt", options.array_of(options.string), default = {} },
}

--- The default of `warn_at`; false, for never, if the first repeat is already denied.
local function default_warn_at(repeats)
  return repeats > 1 and math.min(DEFAULT_WARN_AT, repeats - 1)
end

--- The first `most` of `executions` that are of `session`.
local function of_session(executions, session, most)
  local found = {}
  for _, execution in ipairs(executions) do
    if execution.session == session and #found < most then
      found[#found + 1] = execution
    end
  end
  return found
end

--- The newest `window` executions of `session`. As those of other sessions are among them, more and
-- more executions are read.
local function recent_of(tracker, session, window)
  local most = window
  while true do
    local executions = tracker:recent_executions(most)
    local found = of_session(executions, session, window)
    if #found == window or #executions < most or most >= RECENT_RECORDS then
      return found
    end
    most = math.min(4 * most, RECENT_RECORDS)
  end
end

local function count_keys(executions, key, wanted)
  local count = 0
  for _, execution in ipairs(executions) do
    if key(execution) == wanted then
      count = count + 1
    end
  end
  return count
end

local function repeats_by_key(call, key, window)
  local wanted = key(call)
  if wanted == nil then
    return 0
  end
  local tracker = call.tracker
  local session = call.session and tracker:session_name(call.session)
  return count_keys(recent_of(tracker, session, window), key, wanted)
    + count_keys(of_session(tracker:in_flight(), session, math.huge), key, wanted)
end

local function repeats_of(call, key, window)
  if key then
    return repeats_by_key(call, key, window)
  end
  return call.args_hash ~= 0
    and call.tracker:repeats(call.tool, call.args_hash, window, call.session) or 0
end

local ADVICE = {
  warn = "Use that result, change the arguments, or do something else first. If you go on "
    .. "repeating this call, it will be denied.",
  deny = "It is denied now. Use that result, change the arguments, or do something else first.",
}

local function decision(action, call, count)
  return {
    action = action,
    policy = "loop_guard",
    reason = "repeated_call",
    message = "The same call of '" .. call.tool .. "' was made "
      .. (count == 1 and "once" or numbers.text(count) .. " times") .. " already; unless something "
      .. "has changed since, it will end as before. " .. ADVICE[action],
  }
end

local function set_of(names)
  local set = {}
  for _, name in ipairs(names) do
    set[name] = true
  end
  return set
end

--- Makes a policy that warns when a call repeats an earlier one of its session, and denies it when
-- there were too many.
return function(given)
  local chosen = options.check("loop_guard", given, FIELDS)
  local repeats, key = chosen.repeats, chosen.key
  local window = chosen.window or math.max(DEFAULT_WINDOW, repeats)
  local warn_at, is_exempt = chosen.warn_at, set_of(chosen.exempt)
  if warn_at == nil then
    warn_at = default_warn_at(repeats)
  elseif warn_at and warn_at >= repeats then
    error("loop_guard: option 'warn_at': below the repeats of " .. numbers.text(repeats)
      .. " expected, got " .. numbers.text(warn_at), 2)
  end

  return function(call)
    if is_exempt[call.tool] then
      return nil
    end
    local count = repeats_of(call, key, window)
    if count >= repeats then
      return decision("deny", call, count)
    elseif warn_at and count >= warn_at then
      return decision("warn", call, count)
    end
    return nil
  end
end
