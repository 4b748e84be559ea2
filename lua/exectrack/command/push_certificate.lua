--- Whether a certificate is that of a server: LuaSec checks who issued it, but not for whom.
-- Used only by the command.
local socket = require("socket")

local M = {}

local ALTERNATIVE_NAMES = "2.5.29.17" -- the identifier of this part of a certificate

--- The address in the form that all that are equal have; nil if `host` is a name.
local function address_of(host)
  local is_address = host:find(":", 1, true) or host:find("^%d+%.%d+%.%d+%.%d+$")
  local found = is_address and socket.dns.getaddrinfo(host)
  return found and found[1] and found[1].addr
end

--- Whether `pattern`, which may begin with `*.`, stands for the name: the asterisk stands for one
-- label, and at least two must follow.
local function is_match(pattern, name)
  pattern, name = pattern:lower():gsub("%.$", ""), name:lower():gsub("%.$", "")
  if pattern:sub(1, 2) ~= "*." then
    return pattern == name
  end
  local rest = pattern:sub(2)
  return rest:find("^%.[^.*]+%.[^*]+$") ~= nil and name:match("^[^.]+(%..+)$") == rest
end

--- Whether the certificate, an object of LuaSec, is for `host`, a name or an address.
function M.is_for(certificate, host)
  local names = certificate:extensions()[ALTERNATIVE_NAMES] or {}
  local address = address_of(host)
  for _, name in ipairs(names[address and "iPAddress" or "dNSName"] or {}) do
    if address and address_of(name) == address or not address and is_match(name, host) then
      return true
    end
  end
  return false
end

--- Whether a host is given by its address, for which TLS has no server name.
function M.is_address(host)
  return address_of(host) ~= nil
end

return M
