--- What exit codes, signals and HTTP statuses say of how a call ended. The binding has the same
-- facts for error messages, in message_code.c.
-- Used only by classifiers and formats.
local numbers = require("exectrack.numbers")

local M = {}

local MOST_EXIT_CODE = 2 ^ 32 -- some systems have unsigned ones

local EXIT_CODES = { [124] = "timed_out", [130] = "cancelled", [143] = "cancelled" }
local SIGNALS = { [2] = "cancelled", [15] = "cancelled" }
local HTTP_STATUSES = { [408] = "timed_out", [499] = "cancelled", [504] = "timed_out" }

--- The integer that a value is, which may be text; nil for any other value.
function M.integer(value)
  local number = type(value) == "string" and numbers.read(value) or value
  return type(number) == "number" and number % 1 == 0 and number or nil
end

local function ended(statuses, prefix, code)
  return statuses[code] or "failed", prefix .. numbers.whole(code)
end

--- The status of an exit code, an integer, and an error type unless that is `success`, or the code
-- is too large for one.
function M.exit(code)
  if code == 0 then
    return "success"
  elseif math.abs(code) > MOST_EXIT_CODE then
    return "failed"
  end
  return ended(EXIT_CODES, "exit_", code)
end

--- The same for a signal, an integer above 0.
function M.signal(signal)
  return ended(SIGNALS, "signal_", signal)
end

--- The same for an HTTP status; nil for any other integer.
function M.http(status)
  if status < 100 or status > 599 then
    return nil
  elseif status < 400 then
    return "success"
  end
  return ended(HTTP_STATUSES, "http_", status)
end

return M
