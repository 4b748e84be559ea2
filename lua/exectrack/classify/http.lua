local codes = require("exectrack.codes")

local FIELDS = { "status", "status_code", "statusCode", "code" }

--- The status that a value is; nil if it is none.
local function of_status(value)
  local number = codes.integer(value)
  if number then
    return codes.http(number)
  end
end

--- Says how a call ended by its HTTP status: the first result, a field of that, or the second
-- result, as LuaSocket returns it.
return function(ok, first, second)
  if not ok then
    return nil
  elseif type(first) == "table" then
    for _, field in ipairs(FIELDS) do
      local status, error_type = of_status(rawget(first, field))
      if status then
        return status, nil, error_type
      end
    end
    return nil
  end
  local status, error_type = of_status(type(first) == "number" and first)
  if not status and (type(first) == "string" or first == 1) then
    status, error_type = of_status(type(second) == "number" and second)
  end
  return status, nil, error_type
end
