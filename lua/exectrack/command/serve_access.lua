--- Who may see what `exectrack serve` shows: requests for the hosts that it serves, and for pages
-- those with its token.
-- Used only by `exectrack serve`.
local Access = {}
Access.__index = Access

local TOKEN_BYTES = 32

--- A token that nobody can guess: 64 hexadecimal digits; or nil and a message.
local function new_token()
  local file, message = io.open("/dev/urandom", "rb")
  local bytes
  if file then
    file:setvbuf("no") -- else it would read much more
    bytes, message = file:read(TOKEN_BYTES)
    file:close()
  end
  if not bytes or #bytes < TOKEN_BYTES then
    return nil, message or "/dev/urandom: it ended"
  end
  return (bytes:gsub(".", function(byte)
    return ("%02x"):format(byte:byte())
  end))
end

--- Makes the rules: the token, an array of names of hosts, and the port, which is in the cookie's
-- name: a cookie goes to all ports of a host.
local function new(token, hosts, port)
  local self = { token = token, cookie = ("exectrack-%d"):format(port),
    hosts = { localhost = true } }
  for _, host in ipairs(hosts) do
    self.hosts[host:lower()] = true
  end
  return setmetatable(self, Access)
end

--- Whether a request is for a host that is served. Behind an address there is no name whose owner
-- could have it lead here (DNS rebinding).
function Access:allows_host(request)
  local host = request.host
  return host == nil or request.is_v6 or host:find("^%d+%.%d+%.%d+%.%d+$") ~= nil
    or self.hosts[host] == true
end

--- Whether two texts are the same; how long it takes depends on their lengths alone.
local function are_same(a, b)
  local difference = math.abs(#a - #b)
  for i = 1, #a do
    difference = difference + math.abs(a:byte(i) - (b:byte(i) or 0))
  end
  return difference == 0
end

--- Whether a request has the token in its cookie.
function Access:has_cookie(request)
  for pair in (request.fields.cookie or ""):gmatch("[^; \t]+") do
    if pair:sub(1, #self.cookie + 1) == self.cookie .. "="
        and are_same(self.token, pair:sub(#self.cookie + 2)) then
      return true
    end
  end
  return false
end

--- Whether a request has the token in its query.
function Access:has_token(request)
  local token = ("&" .. (request.query or "")):match("&token=([^&]*)")
  return token ~= nil and are_same(self.token, token)
end

--- The field that sets the cookie.
function Access:set_cookie()
  return { "Set-Cookie", ("%s=%s; Path=/; HttpOnly; SameSite=Strict"):format(self.cookie,
    self.token) }
end

return { new = new, new_token = new_token }
