--- How formats write the fields of a record, the same in every locale.
-- Used only by formats.
local floor = math.floor

local M = {}

--- From this duration on, milliseconds as a float may not be exact to the microsecond.
M.LARGE_MS = 1e11

--- `encode`, but each text is encoded only once.
function M.remembered(encode)
  return setmetatable({}, { __index = function(texts, text)
    local encoded = encode(text)
    texts[text] = encoded
    return encoded
  end })
end

--- Milliseconds, to the microsecond, without zeros at the end.
function M.duration(ms)
  local whole = floor(ms)
  local rest = floor((ms - whole) * 1000 + 0.5)
  if rest == 0 or rest == 1000 then
    return ("%.0f"):format(whole + rest / 1000)
  elseif rest % 10 ~= 0 then
    return ("%.0f.%03d"):format(whole, rest)
  elseif rest % 100 ~= 0 then
    return ("%.0f.%02d"):format(whole, rest / 10)
  end
  return ("%.0f.%d"):format(whole, rest / 100)
end

--- Unix seconds with six digits behind the point.
function M.time(seconds)
  local whole = floor(seconds)
  local us = floor((seconds - whole) * 1e6 + 0.5)
  if us == 1000000 then
    whole, us = whole + 1, 0
  end
  return ("%.0f.%06d"):format(whole, us)
end

return M
