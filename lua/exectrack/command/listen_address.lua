--- The address that `exectrack serve` listens on.
-- Used only by `exectrack serve`.
local M = {}

-- What a client on this machine connects to instead.
local LOOPBACK = { ["0.0.0.0"] = "127.0.0.1", ["::"] = "::1" }

--- A converter for argparse: HOST:PORT or [IPv6]:PORT, as a table with `host`, without brackets,
-- and `port`, a number.
function M.read(text)
  local host, port = text:match("^%[([%x:.]+)%]:(%d+)$")
  if not host then
    host, port = text:match("^([%w.-]+):(%d+)$")
  end
  port = port and #port <= 5 and tonumber(port)
  if not port or port > 65535 then
    return nil, "option '--listen': HOST:PORT or [IPV6]:PORT expected, got '" .. text .. "'"
  end
  return { host = host, port = port }
end

--- A host and a port as an address has them.
function M.text(host, port)
  return (host:find(":", 1, true) and "[" .. host .. "]" or host) .. (":%d"):format(port)
end

--- The beginning of the addresses of pages for clients on this machine.
function M.url(host, port)
  return "http://" .. M.text(LOOPBACK[host] or host, port)
end

return M
