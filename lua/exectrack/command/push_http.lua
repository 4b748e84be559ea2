--- Sends requests of HTTP/1.1, and reads their answers.
-- LuaSocket's own functions for this take what isn't HTTP for a success, read as much as a server
-- sends, and have no time limit for all of it.
-- Used only by the command.
local connection = require("exectrack.command.push_connection")
local json_text = require("exectrack.json_text")

local M = {}

local MOST_HEAD_BYTES, MOST_BODY_BYTES = 32768, 65536

local MOST_DIGITS = 8 -- of a chunk's size; more are more than is kept

local IS_GRPC = "this looks like the gRPC port; OTLP over HTTP is on 4318"
local GRPC_PORT = 4317

local IS_TLS = "it speaks TLS: the URL may have to begin with https://"
local MAY_BE_TLS = "if it speaks TLS, the URL has to begin with https://"
local NOT_HTTP = "its answer isn't HTTP"
local LOST = "the connection was lost in the middle of the answer"

-- A server that speaks HTTP/2 begins with a frame of one of these types, of the whole connection.
local SETTINGS, GOAWAY = 4, 7

local ALERT = 21 -- how TLS says that something is wrong

local Reader = {}
Reader.__index = Reader

--- Ends the reading. `read` returns the message, and whether it will be the same the next time.
local function fail(message, is_final)
  error({ message = message, is_final = is_final }, 0)
end

--- What bytes are that aren't the beginning of an answer of HTTP/1.
local function explain_bytes(bytes)
  local first, second, _, type_of_frame, _, a, b, c, d = bytes:byte(1, 9)
  if first == 0 and (type_of_frame == SETTINGS or type_of_frame == GOAWAY)
      and a == 0 and b == 0 and c == 0 and d == 0 then
    return IS_GRPC
  elseif first == ALERT and second == 3 then
    return IS_TLS
  end
  return NOT_HTTP
end

--- What a server may be that closes a connection without a word; nil if that isn't known.
local function explain_silence(port, tls)
  return port == GRPC_PORT and IS_GRPC or not tls and MAY_BE_TLS or nil
end

--- Receives so many bytes after the first ones of an answer.
function Reader:receive(count)
  local bytes, message, _, is_closed = self.connection:receive(count)
  return bytes or fail(is_closed and LOST or message)
end

--- Receives a line of the head or between chunks. Returns it without its end.
function Reader:line()
  local bytes = {}
  repeat
    self.head_bytes = self.head_bytes + 1
    if self.head_bytes > MOST_HEAD_BYTES then
      fail("the head of its answer is too long")
    end
    bytes[#bytes + 1] = self:receive(1)
  until bytes[#bytes] == "\n"
  return (table.concat(bytes):gsub("\r?\n$", ""))
end

--- Whether an answer of HTTP/1 begins with these bytes, which may be less than 9.
local function may_be_http(bytes)
  return (bytes .. ("HTTP/1.1 "):sub(#bytes + 1)):find("^HTTP/1%.%d ") ~= nil
end

--- Receives the first line. Returns the status.
function Reader:status()
  local bytes, message, some, is_closed = self.connection:receive(9)
  local beginning = bytes or some or ""
  if beginning == "" then
    fail(is_closed and self.hint and message .. ": " .. self.hint or message)
  elseif not may_be_http(beginning) then
    fail(explain_bytes(beginning), true)
  elseif not bytes then
    fail(is_closed and LOST or message)
  end
  return tonumber(self:line():match("^(%d%d%d)%f[^%d]")) or fail(NOT_HTTP, true)
end

--- Receives the other lines of the head. Returns the headers, by names in small letters.
function Reader:headers()
  local headers = {}
  local line = self:line()
  while line ~= "" do
    local name, value = line:match("^([^:%s]+):%s*(.-)%s*$")
    if name then
      name = name:lower()
      headers[name] = headers[name] and headers[name] .. ", " .. value or value
    end
    line = self:line()
  end
  return headers
end

--- Receives a body in chunks, as much as is kept.
function Reader:chunks()
  local chunks, room = {}, MOST_BODY_BYTES
  while room > 0 do
    local digits = self:line():match("^0*(%x+)") or fail("its answer has a wrong chunk")
    local size = #digits > MOST_DIGITS and MOST_BODY_BYTES or tonumber(digits, 16)
    if size == 0 then
      break
    end
    chunks[#chunks + 1] = self:receive(math.min(size, room))
    room = room - size
    if room > 0 then
      self:line()
    end
  end
  return table.concat(chunks)
end

--- Receives a body, as much as is kept.
function Reader:body(headers)
  local length = headers["content-length"]
  if (headers["transfer-encoding"] or "identity"):lower() ~= "identity" then
    return self:chunks()
  elseif length then
    length = length:match("^0*(%d+)$") or fail("its answer has a wrong length")
    return length == "0" and "" or self:receive(math.min(tonumber(length), MOST_BODY_BYTES))
  end
  local bytes, message, some, is_closed = self.connection:receive(MOST_BODY_BYTES)
  return bytes or is_closed and some or fail(message)
end

--- Receives an answer whole.
function Reader:answer()
  local status, headers
  repeat
    status = self:status()
    headers = self:headers()
  until status >= 200 -- others only announce that one
  if (headers["content-type"] or ""):find("^application/grpc") then
    fail(IS_GRPC, true)
  elseif status == 204 or status == 304 then
    return { status = status, headers = headers, body = "" }
  end
  return { status = status, headers = headers, body = self:body(headers) }
end

--- Reads the answer to a request. `hint`, or nil, is what a server may be that gives none. Returns
-- what `M.post` does.
local function read(opened, hint)
  local reader = setmetatable({ connection = opened, hint = hint, head_bytes = 0 }, Reader)
  local ok, answer = pcall(reader.answer, reader)
  if ok then
    return answer.status, answer.headers, answer.body
  elseif type(answer) ~= "table" then
    error(answer, 0)
  end
  return nil, answer.message, answer.is_final
end

--- A header, which the caller has checked.
local function header_line(name, value)
  return name .. ": " .. value .. "\r\n"
end

local function head(url, headers, body)
  local lines = { "POST " .. url.path .. " HTTP/1.1\r\n", header_line("Host", url.authority) }
  for _, name in ipairs(json_text.sorted_keys(headers)) do
    lines[#lines + 1] = header_line(name, headers[name])
  end
  lines[#lines + 1] = header_line("Content-Length", ("%d"):format(#body))
  lines[#lines + 1] = header_line("Connection", "close")
  return table.concat(lines) .. "\r\n"
end

--- Sends a POST request to `url`, a table of `push_values.url`, within `limit_s` seconds; with an
-- object of `push_tls`, for https. Returns the status of the answer, its headers, by names in small
-- letters, and its body, of which 64 KiB are kept; or nil, a message in plain words, and whether it
-- will be the same the next time. A redirection isn't followed.
function M.post(url, headers, body, limit_s, tls)
  local opened, message, is_final = connection.open(url.host, url.port, limit_s, tls)
  if not opened then
    return nil, message, is_final
  end
  local sent, is_closed
  sent, message, is_closed = opened:send(head(url, headers, body))
  if sent then
    sent, message, is_closed = opened:send(body)
  end
  -- A server may answer, and close the connection, before it has read all.
  local status, its_headers, its_body = read(opened, explain_silence(url.port, tls))
  opened:close()
  if not status and not sent and not is_closed and not its_body then
    return nil, message
  end
  return status, its_headers, its_body
end

return M
