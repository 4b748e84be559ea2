--- What `exectrack push` and `exectrack serve` share.
-- Used only by the command.
local M = {}

--- Loads LuaSocket. Returns it; or nil and a message that says how to install it.
function M.socket()
  local is_there, socket = pcall(require, "socket")
  if not is_there then
    return nil, "LuaSocket isn't installed: luarocks install luasocket, "
      .. "or on Debian apt-get install lua-socket"
  end
  return socket
end

--- The bytes that percent-encoded text stands for, as in URLs (RFC 3986, section 2.1) and in
-- OpenTelemetry's variables; nil if two hexadecimal digits are missing behind a `%`.
function M.decoded(text)
  if text:gsub("%%%x%x", ""):find("%", 1, true) then
    return nil
  end
  return (text:gsub("%%(%x%x)", function(digits) return string.char(tonumber(digits, 16)) end))
end

return M
