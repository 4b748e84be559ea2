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
local function is_closing(reason)
  return reason == "closed" or reason ~= nil and reason:find("unexpected eof", 1, true) ~= nil
end

--- The reason of LuaSocket or LuaSec in plain words, if `what` wasn't there in time, or before the
-- end.
local function explain(self, reason, what)
  if reason == "timeout" or reason == "wantread" or reason == "wantwrite" then
    return ("no %s within %g s"):format(what, self.limit_s)
  end
  return is_closing(reason) and "no " .. what .. ", it closed the connection" or reason
end

--- A socket that is connected to an address; or nil and a reason.
local function connect_to(address, port, limit_s)
  local tcp = (address.family == "inet6" and socket.tcp6 or socket.tcp4)()
  tcp:settimeout(limit_s, "t")
  local ok, reason = tcp:connect(address.addr, port)
  if not ok then
    tcp:close()
    return nil, reason
  end
  return tcp
end

--- A socket that is connected to a host. Its addresses are tried in turn; none takes the time that
-- is left for the others.
local function connect(self)
  local addresses = socket.dns.getaddrinfo(self.host) or {}
  local tcp, reason = nil, "the host's name can't be resolved"
  for i, address in ipairs(addresses) do
    tcp, reason = connect_to(address, self.port, remaining_s(self) / (#addresses - i + 1))
    if tcp then
      break
    end
  end
  return tcp, reason
end

--- The words for a failed handshake, and whether it will fail the next time.
local function explain_handshake(self, reason)
  if reason == tls.NOT_TRUSTED then
    local tcp = connect(self)
    local why = tcp and tls.reason(self.tls, tcp, self.host, remaining_s(self))
    return "its certificate isn't trusted" .. (why and ": " .. why or ""), true
  elseif reason:find("wrong version number", 1, true) then
    return "it doesn't speak TLS: the URL may have to begin with http://", true
  elseif reason == tls.NOT_FOR_HOST then
    return reason .. self.host, true
  end
  return explain(self, reason, "answer to TLS's greeting")
end

--- Connects to `host` at `port`, within `limit_s` seconds, which are those for all that is done on
-- the connection; with an object of `push_tls`, for https. Returns the connection; or nil, a reason
-- in plain words, and whether it will be the same the next time.
function M.open(host, port, limit_s, tls_of_all)
  local self = setmetatable({ host = host, port = port, limit_s = limit_s, tls = tls_of_all,
    ends = system.monotonic() + limit_s }, Connection)
  local reason
  self.socket, reason = connect(self)
  if not self.socket then
    return nil, explain(self, reason, "connection")
  elseif tls_of_all then
    self.socket, reason = tls.secure(tls_of_all, self.socket, host, remaining_s(self))
  end
  if not self.socket then
    return nil, explain_handshake(self, reason)
  end
  return self
end

--- Sends bytes. Returns true; or nil, a reason, and whether the other end has closed the
-- connection.
function Connection:send(bytes)
  self.socket:settimeout(remaining_s(self), "t")
  local sent, reason = self.socket:send(bytes)
  return sent and true, reason and explain(self, reason, "room for what it is sent"),
    is_closing(reason)
end

--- Receives so many bytes. Returns them; or nil, a reason, those that there are, and whether the
-- other end has closed the connection.
function Connection:receive(count)
  self.socket:settimeout(remaining_s(self), "t")
  local bytes, reason, some = self.socket:receive(count)
  return bytes, reason and explain(self, reason, "answer"), some, is_closing(reason)
end

function Connection:close()
  self.socket:close()
end

return M
