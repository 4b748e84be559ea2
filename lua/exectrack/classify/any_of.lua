local options = require("exectrack.options")

local check = options.array_of(options.callable)

--- Makes a classifier that asks others in their order.
return function(given)
  local classifiers, message = check(given)
  if not classifiers then
    error("any_of: " .. message, 2)
  end
  return function(...)
    local status, was_cached, error_type
    for _, classify in ipairs(classifiers) do
      local its_status, its_was_cached, its_error_type = classify(...)
      if was_cached == nil then
        was_cached = its_was_cached
      end
      if status == nil and (its_status ~= nil or error_type == nil) then
        status, error_type = its_status, its_error_type
      end
    end
    return status, was_cached, error_type
  end
end
