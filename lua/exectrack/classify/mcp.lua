local convention = require("exectrack.core").convention

--- Says how a call ended that returned a result of the Model Context Protocol, or the response of
-- JSON-RPC that it is in.
return function(ok, result)
  if not ok or type(result) ~= "table" then
    return nil
  end
  local inner = rawget(result, "result")
  if type(inner) == "table" then
    result = inner
  end
  local status, was_cached, error_type = convention(true, result)
  local is_result = type(rawget(result, "content")) == "table"
    or type(rawget(result, "structuredContent")) == "table"
  if status == "success" and not is_result then
    return nil
  end
  return status, was_cached, error_type
end
