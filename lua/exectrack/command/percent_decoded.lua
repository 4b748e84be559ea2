--- Percent-encoded text, as in URLs (RFC 3986, section 2.1) and in OpenTelemetry's variables.
-- Used only by the command.

--- The bytes that a text stands for; nil if two hexadecimal digits are missing behind a `%`.
return function(text)
  if text:gsub("%%%x%x", ""):find("%", 1, true) then
    return nil
  end
  return (text:gsub("%%(%x%x)", function(digits) return string.char(tonumber(digits, 16)) end))
end
