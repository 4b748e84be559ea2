--- Connections to servers over LuaSocket and, for https, LuaSec. All that is done on one ends
-- within the same time limit, except for looking up the name of a host, which LuaSocket can't
-- interrupt.
-- Used only by the command.
local socket = require("socket")
local system = require("exectrack.command.system")
local tls = require("exectrack.command.push_tls")

local M = {}

local Connection = {}
Connection.__index = Connection

local function remaining_s(self)
  return math.max(0, self.ends - system.monotonic())
end

--- Whether the other end has closed the connection; many don't tell TLS of it.
local function is_closing(message)
  return message == "closed" or message ~= nil and message:find("unexpected eof", 1, true) ~= nil
end

--- The message of LuaSocket or LuaSec in plain words, if `what` wasn't there in time, or before the
-- end.
local function explain(self, message, what)
  if message == "timeout" or message == "wantread" or message == "wantwrite" then
    return ("no %s within %g s"):format(what, self.limit_s)
  end
  return is_closing(message) and "no " .. what .. ", it closed the connection" or message
end

--- A socket that is connected to an address; or nil and a message.
local function connect_to(address, port, limit_s)
  local tcp = (address.family == "inet6" and socket.tcp6 or socket.tcp4)()
  tcp:settimeout(limit_s, "t")
  local ok, message = tcp:connect(address.addr, port)
  if not ok then
    tcp:close()
    return nil, message
  end
  return tcp
end

--- A socket that is connected to a host. Its addresses are tried in turn; none takes the time that
-- is left for the others.
local function connect(self)
  local addresses = socket.dns.getaddrinfo(self.host) or {}
  local tcp, message = nil, "the host's name can't be resolved"
  for i, address in ipairs(addresses) do
    tcp, message = connect_to(address, self.port, remaining_s(self) / (#addresses - i + 1))
    if tcp then
      break
    end
  end
  return tcp, message
end

--- The words for a failed handshake, and whether it will fail the next time.
local function explain_handshake(self, message)
  if message == tls.NOT_TRUSTED then
    local tcp = connect(self)
    local why = tcp and tls.why_untrusted(self.tls, tcp, self.host, remaining_s(self))
    return "its certificate isn't trusted" .. (why and ": " .. why or ""), true
  elseif message:find("wrong version number", 1, true) then
    return "it doesn't speak TLS: the URL may have to begin with http://", true
  elseif message == tls.NOT_FOR_HOST then
    return message .. self.host, true
  end
  return explain(self, message, "answer to TLS's greeting")
end

--- Connects to `host` at `port`, within `limit_s` seconds, which are those for all that is done on
-- the connection; with an object of `push_tls`, for https. Returns the connection; or nil, a
-- message in plain words, and whether it will be the same the next time.
function M.open(host, port, limit_s, tls_of_all)
  local self = setmetatable({ host = host, port = port, limit_s = limit_s, tls = tls_of_all,
    ends = system.monotonic() + limit_s }, Connection)
  local message
  self.socket, message = connect(self)
  if not self.socket then
    return nil, explain(self, message, "connection")
  elseif tls_of_all then
    self.socket, message = tls.secure(tls_of_all, self.socket, host, remaining_s(self))
  end
  if not self.socket then
    return nil, explain_handshake(self, message)
  end
  return self
end

--- Sends bytes. Returns true; or nil, a message, and whether the other end has closed the
-- connection.
function Connection:send(bytes)
  self.socket:settimeout(remaining_s(self), "t")
  local sent, message = self.socket:send(bytes)
  return sent and true, message and explain(self, message, "room for what it is sent"),
    is_closing(message)
end

--- Receives so many bytes. Returns them; or nil, a message, those that there are, and whether the
-- other end has closed the connection.
function Connection:receive(count)
  self.socket:settimeout(remaining_s(self), "t")
  local bytes, message, some = self.socket:receive(count)
  return bytes, message and explain(self, message, "answer"), some, is_closing(message)
end

function Connection:close()
  self.socket:close()
end

return M
