--- The values of OpenTelemetry's environment variables. Each function takes a text. It returns the
-- value; or nil and what is wrong with it.
-- Used only by the command.
local decoded = require("exectrack.command.http").decoded

local M = {}

local MOST_MS = 2 ^ 31 - 1

local PORTS = { http = 80, https = 443 }

-- Headers that say what the body is, or how it is sent.
local OWN_HEADERS = { ["connection"] = true, ["content-encoding"] = true, ["content-length"] = true,
  ["content-type"] = true, ["host"] = true, ["transfer-encoding"] = true }

--- Makes a function for one of these words, in letters of any case.
function M.one_of(words, expected)
  return function(text)
    local word = text:lower()
    if words[word] == nil then
      return nil, ("%s expected, got '%s'"):format(expected, text)
    end
    return words[word]
  end
end

--- Makes a function for milliseconds, at least so many, which returns seconds.
function M.milliseconds(least)
  return function(text)
    local number = text:match("^%d+$") and tonumber(text)
    if not number or number < least or number > MOST_MS then
      return nil, ("milliseconds, an integer from %d to %d, expected, got '%s'"):format(least,
        MOST_MS, text)
    end
    return number / 1000
  end
end

--- The host and the port of `authority`, the part of a URL that names them; nil if it is wrong.
local function host_and_port(authority)
  local host, port = authority:match("^%[([%x:.]+%%?[%w._-]*)%](.*)$")
  if not host then
    host, port = authority:match("^([^%[%]:@]+)(.*)$")
  end
  local digits = port == "" and "" or port and port:match("^:(%d*)$")
  local number = digits and tonumber(digits)
  if not digits or number and (number < 1 or number > 65535) then
    return nil
  end
  return host, number
end

--- The parts of a URL: `scheme`, http or https; `host`, without brackets, and `port`; `authority`,
-- which is both as the URL has them; and `path`, which begins with a slash and has the query. Or
-- nil and what is wrong with it, without the URL itself, as that may hold a password.
function M.url(text)
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

--- The pairs of a list such as `name=value,other=value`, each an array. The values aren't in
-- messages.
local function pairs_of(text)
  local list = {}
  for part in (text .. ","):gmatch("([^,]*),") do
    local name, value = part:match("^%s*([^%s=]+)%s*=%s*(.-)%s*$")
    if not name and part:find("%S") then
      return nil, "pairs such as name=value with commas between them expected"
    end
    list[#list + 1] = name and { name, value } or nil
  end
  return list
end

--- Attributes, by name.
function M.attributes(text)
  local list, message = pairs_of(text)
  local attributes = {}
  for _, pair in ipairs(list or {}) do
    local name, value = decoded(pair[1]), decoded(pair[2])
    if not name or not value then
      return nil, "'" .. pair[1] .. "': a % is written as %25"
    end
    attributes[name] = value
  end
  return list and attributes, message
end

--- Adds a header to a table. Returns true; or nil and what is wrong with it, without the value.
function M.add_header(headers, name, value)
  if not name:find("^[A-Za-z0-9!#$%%&'*+.^_`|~-]+$") then
    return nil, "'" .. name .. "' isn't the name of a header"
  elseif OWN_HEADERS[name:lower()] then
    return nil, "'" .. name .. "': it is set by exectrack push"
  elseif value:gsub("\t", ""):find("%c") then
    return nil, "'" .. name .. "': its value has a control character"
  end
  for other in pairs(headers) do
    if other:lower() == name:lower() then
      headers[other] = nil
    end
  end
  headers[name] = value
  return true
end

--- Headers, by name.
function M.headers(text)
  local list, message = pairs_of(text)
  if not list then
    return nil, message
  end
  local headers, ok = {}
  for _, pair in ipairs(list) do
    -- A value that wasn't encoded stays as it is: tokens are copied from elsewhere.
    ok, message = M.add_header(headers, pair[1], decoded(pair[2]) or pair[2])
    if not ok then
      return nil, message
    end
  end
  return headers
end

return M
