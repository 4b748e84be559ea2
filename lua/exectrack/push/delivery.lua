--- Sends one request, as often as it takes and may be tried.
-- Used only by `exectrack.push`.
local answer = require("exectrack.push.answer")
local delay = require("exectrack.push.delay")
local push_options = require("exectrack.push.options")

local MOST_TRIES = 6

--- The body to send; or nil and an outcome.
local function compressed(compress, body)
  if not compress then
    return body
  end
  local worked, bytes = pcall(compress, body)
  if not worked then
    return nil, answer.raised("compress", bytes)
  elseif type(bytes) ~= "string" then
    return nil, answer.raised("compress", "a string expected, got " .. type(bytes))
  end
  return bytes
end

local function try(options, signal, body)
  local worked, status, headers, text = pcall(options.post, options.urls[signal],
    push_options.headers(options), body)
  if not worked then
    return answer.raised("post", status)
  end
  return answer.read(signal, options.protocol, status, headers, text)
end

--- Whether to try again; then has waited.
local function may_try_again(sending, outcome, tries)
  local options = sending.options
  if outcome.kind ~= "unavailable" or outcome.is_final or not options.sleep or tries == MOST_TRIES
      or sending.waited + outcome.seconds > options.max_wait then
    return false
  end
  options.on_note(("%s; trying again in %.1f seconds"):format(outcome.message, outcome.seconds))
  options.sleep(outcome.seconds)
  sending.waited = sending.waited + outcome.seconds
  return true
end

--- Judges an answer that may say that the content is at fault. That is known only of a receiver
-- that has accepted others. Only spans are dropped then.
local function judge_content(sending, signal, outcome, count)
  local is_known = sending.accepted[signal]
  local can_drop = count and not (outcome.is_too_large and count > 1)
  outcome.kind = is_known and can_drop and "dropped" or "refused"
  outcome.is_of_content = true
  if outcome.kind == "dropped" and outcome.is_too_large then
    sending.accepted[signal] = nil -- else a receiver that came to take nothing would destroy all
  end
  if not is_known and outcome.hint then
    outcome.message = outcome.message .. " (" .. outcome.hint .. ")"
  end
end

--- Counts failures in a row, and sets what is known only of the whole request.
local function judge(sending, signal, outcome, count)
  local failures = sending.failures
  local place = push_options.shown(sending.options.urls[signal]) .. ": "
  outcome.message = outcome.message and place .. outcome.message
  outcome.note = outcome.note and place .. outcome.note
  if outcome.kind == "unavailable" then
    failures[signal] = (failures[signal] or 0) + 1
    outcome.seconds = delay.seconds(outcome.headers, failures[signal], sending.seed)
  elseif outcome.kind ~= "post" then
    failures[signal] = 0
  end
  if outcome.kind == "content" then
    judge_content(sending, signal, outcome, count)
  elseif outcome.kind == "accepted" then
    sending.accepted[signal] = true
  end
end

--- Sends a request with this body, which has `count` spans, nil for metrics. `sending` has the
-- `options`, the `failures` in a row and whether any was `accepted`, by signal, of a pusher;
-- `seed`, any text; and `waited`, the seconds that were waited. Returns what `answer.read` does,
-- with the URL in its texts and, if it may be tried again, `seconds`. Instead of `content` its kind
-- is `dropped` or `refused`; then it `is_of_content`.
return function(sending, signal, body, count)
  local options = sending.options
  local bytes, outcome = compressed(options.compress, body)
  local tries = 0
  while bytes do
    tries = tries + 1
    outcome = try(options, signal, bytes)
    judge(sending, signal, outcome, count)
    if not may_try_again(sending, outcome, tries) then
      break
    end
  end
  return outcome
end
