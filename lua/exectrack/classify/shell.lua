local codes = require("exectrack.codes")

local FIELDS = { "code", "exit_code", "exitCode", "exitcode" }

local function integer(value)
  return type(value) == "number" and value % 1 == 0 and value or nil
end

--- How a process ended that has an exit code and maybe a signal; nil without either. One that was
-- stopped by `timeout` may have both.
local function of_code_and_signal(code, signal)
  if signal and signal > 0 and code ~= 124 then
    return codes.signal(signal)
  elseif code then
    return codes.exit(code)
  end
end

--- How a process ended by the three results of `os.execute` or of a pipe's `close`, from the first
-- value `i` on; nil if these are others.
local function of_three(results, i)
  local what, number = results[i + 1], integer(results[i + 2])
  if not number or type(results[i]) ~= "boolean" and results[i] ~= nil then
    return nil
  elseif what == "exit" then
    return codes.exit(number)
  elseif what == "signal" then
    return codes.signal(number)
  end
end

--- The exit code in a single number. Of `os.execute` before Lua 5.2 it is in the upper byte.
local function of_one_number(number)
  local is_upper_byte = number >= 256 and number % 256 == 0
  return codes.exit(is_upper_byte and number / 256 or number)
end

local function of_table(result)
  local code
  for _, field in ipairs(FIELDS) do
    code = code or integer(rawget(result, field))
  end
  return of_code_and_signal(code, integer(rawget(result, "signal")))
end

local function of_results(results, count)
  local first = 1 -- after what the process wrote
  while first <= count and type(results[first]) == "string" do
    first = first + 1
  end
  local code = integer(results[first])
  if not code then
    return of_three(results, first)
  elseif first == count then
    return of_one_number(code)
  end
  return of_code_and_signal(code, integer(results[first + 1]))
end

--- Says how a call ended that ran a process.
return function(ok, ...)
  local first = ...
  local status, error_type
  if not ok then
    return nil
  elseif type(first) == "table" then
    status, error_type = of_table(first)
  else
    status, error_type = of_results({ ... }, select("#", ...))
  end
  return status, nil, error_type
end
