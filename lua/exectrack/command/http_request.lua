--- Reads requests of HTTP/1.1 (RFC 9112) and 1.0 that have no body.
-- Used only by `exectrack serve`.
local decoded = require("exectrack.command.http").decoded

local M = {}

-- RFC 9110 asks for room for a line of 8,000 bytes.
M.MOST_LINE_BYTES = 8000
M.MOST_BYTES = 16384
local MOST_FIELDS = 100

local TOKEN = "[%w!#$%%&'*+.^_`|~-]+"
local FIELD = "^(" .. TOKEN .. "):[ \t]*(.*)$"
local REQUEST_LINE = "^(" .. TOKEN .. ") (%S+) HTTP/(%d)%.(%d)$"

--- The host and port of a Host field, in lower case: the host without brackets and port, and
-- whether it is an IPv6 address; nil if it isn't well-formed.
local function split_host(text)
  local v6, port = text:match("^%[([%x:.]+)%](.*)$")
  local host = v6
  if not v6 then
    host, port = text:match("^([%w._~-]+)(.*)$")
  end
  if not host or not port:find("^:?%d*$") or port:find("^%d") then
    return nil
  end
  return host:lower(), v6 ~= nil
end

--- Sets the path, the query and, for the absolute form, the host of a target.
local function read_target(request, target)
  if target:find("[^!-~]") or target:find("#", 1, true) then
    return nil, 400, "the target has characters that a URI hasn't"
  end
  local authority, path = target:match("^[Hh][Tt][Tt][Pp][Ss]?://([^/?]+)(.*)$")
  if authority then
    request.authority, target = authority, path:find("^/") and path or "/" .. path
  end
  request.path, request.query = target:match("^(/[^?]*)%??(.*)$")
  request.path = request.path and decoded(request.path)
  if not request.path and (request.method == "GET" or request.method == "HEAD") then
    return nil, 400, "the target isn't a path"
  end
  return request
end

--- The request whose first line this is; or nil, a status and a message.
local function read_line(line)
  local method, target, major, minor = line:match(REQUEST_LINE)
  if not method then
    return nil, 400, "the first line isn't one of HTTP/1.1"
  elseif major ~= "1" then
    return nil, 505, "only HTTP/1.1 is spoken here"
  end
  return read_target({ method = method, minor = tonumber(minor), fields = {} }, target)
end

--- Adds a field, whose values are put together with commas, as a list. Returns what `read_line`
-- does.
local function add_field(request, line)
  local name, value = line:match(FIELD)
  if not name or value:find("[%z\1-\8\10-\31\127]") then
    return nil, 400, "a header field isn't well-formed"
  end
  name, value = name:lower(), value:match("^.*[^ \t]") or ""
  local fields = request.fields
  if fields[name] and (name == "host" or name == "content-length") then
    return nil, 400, "there are two fields " .. name
  end
  fields[name] = fields[name] and fields[name] .. (name == "cookie" and "; " or ", ") .. value
    or value
  return request
end

--- Checks what the fields say together, and sets the host. Returns what `read_line` does.
local function check(request)
  local fields = request.fields
  local host = request.authority or fields.host
  if not fields.host and request.minor >= 1 then
    return nil, 400, "there is no field host"
  elseif fields["transfer-encoding"] or (fields["content-length"] or "0"):find("[^0]") then
    return nil, 400, "a request here has no body"
  end
  for _, given in ipairs { fields.host or host, host } do
    request.host, request.is_v6 = split_host(given)
    if not request.host then
      return nil, 400, "the host isn't well-formed"
    end
  end
  return request
end

--- The lines of a request that is complete, the first and those of fields.
local function read_lines(head)
  local request, status, message
  local count = 0
  for line in head:gmatch("(.-)\r\n") do
    if not request then
      request, status, message = read_line(line)
    else
      request, status, message = add_field(request, line)
    end
    count = count + 1
    if not request then
      return nil, status, message
    elseif count > MOST_FIELDS + 1 then
      return nil, 431, "there are too many header fields"
    end
  end
  return check(request)
end

--- What is wrong with a beginning that can no longer become a request: a status and a message; or
-- nil.
local function message_of(bytes)
  local line = bytes:match("^[^\r\n]*")
  if bytes ~= "" and not bytes:find("^[%w!#$%%&'*+.^_`|~-]") then
    return 400, "this isn't HTTP"
  elseif #line > M.MOST_LINE_BYTES then
    return 414, "the first line is too long"
  elseif bytes:find("^\n") or bytes:find("[^\r]\n") or bytes:find("\r[^\n]") then
    return 400, "lines end in CR and LF"
  elseif #bytes > M.MOST_BYTES then
    return 431, "the header fields are too long"
  end
end

--- Reads a request from the bytes that have come until now. Returns nil while it isn't complete; a
-- table with `method`, `minor`, that of the version, `path`, decoded, `query`, `host`, nil if there
-- is none, `is_v6`, whether that is an IPv6 address, and `fields`, by their names in lower case; or
-- nil, the status to answer with and a message.
function M.read(bytes)
  bytes = bytes:gsub("^\r\n", "", 1)
  local last = bytes:find("\r\n\r\n", 1, true)
  local head = last and bytes:sub(1, last + 1) or bytes
  local status, message = message_of(head)
  if status then
    return nil, status, message
  end
  if last then
    return read_lines(head)
  end
end

return M
