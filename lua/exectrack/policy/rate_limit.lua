--- Limits how many calls start per time.
local numbers = require("exectrack.numbers")
local options = require("exectrack.options")
local time = require("exectrack.policy.time")

local FIELDS = options.fields {
  { "executions", options.integer(1), required = true },
  { "per_ms", options.ms, required = true },
  { "tool", options.string },
}

--- A limit above `max_history` could never be reached, as the tracker can't count so many.
local function raise_unreachable(executions, most)
  error("rate_limit: option 'executions': " .. numbers.text(executions)
    .. " is more than the tracker's max_history of " .. numbers.text(most), 0)
end

-- So many messages are kept: to make one takes as long as to find out that a call is denied, and
-- there are few, as the waits in them are rounded.
local MOST_MESSAGES = 1000

--- Makes a function of a tool and microseconds: it makes the message about a call of the tool that
-- may be made so much later.
local function messages(tool, limit)
  local because = "' may not be called yet: the calls of "
    .. (tool and "'" .. tool .. "'" or "all tools") .. " have reached their limit (" .. limit
    .. "). Wait "
  local kept, count = {}, 0
  return function(called, left_us)
    local wait_us = time.rounded_up(left_us)
    local message = kept[called] and kept[called][wait_us]
    if message then
      return message
    elseif count == MOST_MESSAGES then
      kept, count = {}, 0
    end
    message = "'" .. called .. because .. time.text(wait_us)
      .. ", then call it again, or use what you have."
    kept[called] = kept[called] or {}
    kept[called][wait_us], count = message, count + 1
    return message
  end
end

local function deny(message, left_us)
  return {
    action = "deny",
    policy = "rate_limit",
    reason = "rate_limit",
    message = message,
    retry_after_ms = time.ms(left_us),
  }
end

--- Makes a policy that denies calls when `executions` calls have started in the last `per_ms`. It
-- raises an error if the tracker retains fewer.
return function(given)
  local chosen = options.check("rate_limit", given, FIELDS)
  local executions, tool = chosen.executions, chosen.tool
  local per_us = time.us_of_ms(chosen.per_ms)
  local message_of = messages(tool, numbers.text(executions) .. " per " .. time.exact_text(per_us))

  return function(call)
    if tool and call.tool ~= tool then
      return nil
    end
    local tracker = call.tracker
    local most = tracker:max_history()
    if executions > most then
      raise_unreachable(executions, most)
    end
    local now_us = time.us_of_seconds(call.now)
    local count, nth = tracker:starts_after(time.seconds(now_us - per_us), tool, executions)
    if count >= executions then
      -- An unlisted execution counts as started at the clock's latest reading, which may be after
      -- call.now if another policy has read the clock.
      local nth_us = math.min(time.us_of_seconds(nth), now_us)
      local left_us = nth_us + per_us - now_us
      return deny(message_of(call.tool, left_us), left_us)
    end
    return nil
  end
end
