--- The URLs of servers.
-- Used only by the command.
local M = {}

local PORTS = { http = 80, https = 443 }

--- The host and the port of `authority`, the part of a URL that names them; nil if it is wrong.
local function host_and_port(authority)
  local host, port = authority:match("^%[([%x:.]+%%?[%w._-]*)%](.*)$")
  if not host then
    host, port = authority:match("^([^%[%]:@]+)(.*)$")
  end
  local digits = port and port:match("^:?(%d*)$")
  if not digits or port ~= "" and port:sub(1, 1) ~= ":" then
    return nil
  end
  local number = tonumber(digits)
  if number and (number < 1 or number > 65535) then
    return nil
  end
  return host, number
end

--- The parts of a URL: `scheme`, http or https; `host`, without brackets, and `port`; `authority`,
-- which is both as the URL has them; and `path`, which begins with a slash and has the query. Or
-- nil and what is wrong with it, without the URL itself, as that may hold a password.
function M.parse(text)
  local scheme, authority, path = text:match("^(%a+)://([^/?#]*)([^#]*)")
  scheme = scheme and scheme:lower()
  if not PORTS[scheme] then
    return nil, "a URL that begins with http:// or https:// expected"
  elseif text:find("[^\33-\126]") then
    return nil, "a URL has neither spaces nor characters beyond ASCII"
  elseif authority:find("@", 1, true) then
    return nil, "user names and passwords go into a header, not into the URL"
  end
  local host, port = host_and_port(authority)
  if not host then
    return nil, "a URL with a host, such as http://localhost:4318, expected"
  end
  return { scheme = scheme, host = host, port = port or PORTS[scheme], authority = authority,
    path = path:sub(1, 1) == "/" and path or "/" .. path }
end

return M
