local codes = require("exectrack.codes")
local convention = require("exectrack.core").convention

local MOST_SIGNAL = 64

local CODES = { "code", "exit_code", "exitCode", "exitcode" }
local WORDS = { exit = codes.exit, signal = codes.signal }

local function integer(value)
  return type(value) == "number" and value % 1 == 0 and value or nil
end

--- How a process ended that has an exit code and maybe a signal; nil without either, or if the
-- second number can't be a signal, as in `1, 200` of LuaSocket. One that was stopped by `timeout`
-- may have both.
local function of_code_and_signal(code, signal)
  if signal and signal > MOST_SIGNAL then
    return nil
  elseif signal and signal > 0 and code ~= 124 then
    return codes.signal(signal)
  elseif code then
    return codes.exit(code)
  end
end

--- The same for a signal's name, such as SIGTERM; nil for other values.
local function of_signal_name(name)
  if type(name) == "string" then
    local status, _, error_type = convention(false, name)
    if error_type and error_type:find("^signal_%d") then
      return status, error_type
    end
  end
end

--- Python's `returncode` is negative for a signal.
local function of_returncode(code)
  if code and code < 0 then
    return codes.signal(-code)
  end
  return of_code_and_signal(code)
end

local function of_table(result)
  local code
  for _, field in ipairs(CODES) do
    code = code or integer(rawget(result, field))
  end
  local signal = rawget(result, "signal")
  local status, error_type = of_signal_name(signal)
  if status then
    return status, error_type
  end
  status, error_type = of_code_and_signal(code, integer(signal))
  if status then
    return status, error_type
  end
  return of_returncode(integer(rawget(result, "returncode")))
end

--- The exit code in a single number. Of `os.execute` before Lua 5.2 it is in the upper byte.
local function of_one_number(number)
  local is_upper_byte = number >= 256 and number % 256 == 0
  return codes.exit(is_upper_byte and number / 256 or number)
end

--- How a process ended by "exit" or "signal" and a number, which may come after anything.
local function of_words(results, count)
  for i = 1, count - 1 do
    local read, number = WORDS[results[i]], integer(results[i + 1])
    if read and number then
      return read(number)
    end
  end
end

--- How it ended by a table or by numbers, which come first, but for what it wrote, and a boolean
-- or nil.
local function of_values(results, count)
  local i = 1
  while type(results[i]) == "string" or type(results[i]) == "table" do
    if type(results[i]) == "table" then
      local status, error_type = of_table(results[i])
      if status then
        return status, error_type
      end
    end
    i = i + 1
  end
  i = (type(results[i]) == "boolean" or results[i] == nil) and i + 1 or i
  local code = integer(results[i])
  if not code then
    return nil
  elseif i == count then
    return of_one_number(code)
  end
  return of_code_and_signal(code, integer(results[i + 1]))
end

--- Says how a call ended that ran a process.
return function(ok, ...)
  if not ok then
    return nil
  end
  local results, count = { ... }, select("#", ...)
  local status, error_type = of_words(results, count)
  if not status then
    status, error_type = of_values(results, count)
  end
  return status, nil, error_type
end
