--- Sends requests over HTTP.
-- Used only by the command.
local answer = require("exectrack.command.push_answer")
local connection = require("exectrack.command.push_connection")

--- A header, which the caller has checked.
local function header_line(name, value)
  return name .. ": " .. value .. "\r\n"
end

local function head(url, headers, body)
  local names = {}
  for name in pairs(headers) do
    names[#names + 1] = name
  end
  table.sort(names)
  local lines = { "POST " .. url.path .. " HTTP/1.1\r\n", header_line("Host", url.authority) }
  for _, name in ipairs(names) do
    lines[#lines + 1] = header_line(name, headers[name])
  end
  lines[#lines + 1] = header_line("Content-Length", ("%d"):format(#body))
  lines[#lines + 1] = header_line("Connection", "close")
  return table.concat(lines) .. "\r\n"
end

--- Sends a POST request to `url`, an object of `push_url`, within `limit_s` seconds; with an object
-- of `push_tls`, for https. Returns the status of the answer, its headers, by names in small
-- letters, and its body, of which 64 KiB are kept; or nil, a reason in plain words, and whether it
-- will be the same the next time. A redirection isn't followed.
return function(url, headers, body, limit_s, tls)
  local opened, reason, is_final = connection.open(url.host, url.port, limit_s, tls)
  if not opened then
    return nil, reason, is_final
  end
  local sent, problem = opened:send(head(url, headers, body))
  if sent then
    sent, problem = opened:send(body)
  end
  -- A server may answer, and close the connection, before it has read all.
  local status, its_headers, its_body = answer.read(opened, url.port)
  opened:close()
  if not status and not sent then
    return nil, problem
  end
  return status, its_headers, its_body
end
