--- Chooses the format of metrics by the field Accept of a request (RFC 9110).
-- Used only by `exectrack serve`.

--- The quality of a media range, from 0 to 1, and its version, nil if it has none.
local function parameters_of(text)
  local quality, version = 1, nil
  for name, value in text:gmatch(";[ \t]*([%w-]+)=\"?([^;\"]*)\"?") do
    name = name:lower()
    if name == "q" then
      quality = value:find("^[01]%.?%d*[ \t]*$") and math.min(1, tonumber(value)) or 0
    elseif name == "version" then
      version = value:match("^[^ \t]*")
    end
  end
  return quality, version
end

--- Returns "openmetrics" if OpenMetrics 1.0 is named, and no less wanted than Prometheus's text;
-- else "prometheus".
return function(accept)
  local open, text, any = 0, nil, 0
  for range in (accept or ""):gmatch("[^,]+") do
    local name = range:match("^[ \t]*([^; \t]+)")
    name = name and name:lower()
    local quality, version = parameters_of(range)
    if name == "application/openmetrics-text" and (version or "1.0.0") == "1.0.0" then
      open = math.max(open, quality)
    elseif name == "text/plain" and (version or "0.0.4") == "0.0.4" then
      text = math.max(text or 0, quality)
    elseif name == "text/*" or name == "*/*" then
      any = math.max(any, quality)
    end
  end
  return open > 0 and open >= (text or any) and "openmetrics" or "prometheus"
end
