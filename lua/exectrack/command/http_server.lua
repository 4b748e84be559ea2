--- A loop over sockets that answers requests: one thread, nothing waits for one client.
-- Used only by `exectrack serve`.
local connections = require("exectrack.command.http_connection")

local Server = {}
Server.__index = Server

local MOST_CONNECTIONS = 64
local MOST_ACCEPTED = 16 -- at once, so that their requests are read before the next come
local READ_BYTES = 8192
local PAUSE_S = 1 -- without a descriptor for a further connection

--- Makes a server with these options:
--
-- - `listener`, a socket that listens and doesn't wait
-- - `select`, LuaSocket's function
-- - `monotonic` and `time`, functions that return seconds
-- - `answer_all(requests)`, which returns an array with an answer for each request
-- - `ending`, something that `select` takes, which is readable once the server has to end
local function new(options)
  return setmetatable({
    listener = options.listener,
    select = options.select,
    monotonic = options.monotonic,
    time = options.time,
    answer_all = options.answer_all,
    ending = options.ending,
    open = {}, -- { socket =, connection = }, in the order in which they were accepted
    accepts_from = 0,
  }, Server)
end

--- Closes the oldest connection, but rather one that isn't being answered: it may be a client that
-- does nothing.
local function make_room(self)
  local oldest = 1
  for i, one in ipairs(self.open) do
    if one.connection.state ~= "writing" then
      oldest = i
      break
    end
  end
  local one = table.remove(self.open, oldest)
  if one then
    one.socket:close()
  end
end

local function accept(self, now)
  for _ = 1, MOST_ACCEPTED do
    local socket, message = self.listener:accept()
    if not socket then
      if message ~= "timeout" and message ~= "closed" then
        make_room(self)
        self.accepts_from = now + PAUSE_S
      end
      return
    end
    socket:settimeout(0)
    if #self.open >= MOST_CONNECTIONS then
      make_room(self)
    end
    self.open[#self.open + 1] = { socket = socket, connection = connections.new(now) }
  end
end

local function read(self, one, now)
  local bytes, message, rest = one.socket:receive(READ_BYTES)
  bytes = bytes or rest or ""
  if bytes ~= "" or message ~= "timeout" then
    one.connection:take(bytes, message == "closed", now, self.time())
  end
  if message and message ~= "timeout" and message ~= "closed" then
    one.connection.state = "closed"
  end
end

--- Writes as much as the socket takes.
local function write(one, now)
  local connection = one.connection
  while connection.state == "writing" do
    local text, place = connection:output()
    local last, message, reached = one.socket:send(text, place)
    connection:written(last or reached or place - 1, now)
    if message == "timeout" then
      return
    elseif message then
      connection.state = "closed"
    end
  end
  if connection.state == "draining" then
    one.socket:shutdown("send")
  end
end

--- Answers all requests that are there at once, so that they can share work.
local function answer(self)
  local waiting, requests = {}, {}
  for _, one in ipairs(self.open) do
    if one.connection.state == "waiting" then
      waiting[#waiting + 1], requests[#requests + 1] = one, one.connection.request
    end
  end
  if #waiting == 0 then
    return
  end
  local answers = self.answer_all(requests)
  local now = self.monotonic()
  for i, one in ipairs(waiting) do
    one.connection:answer(answers[i], now, self.time())
  end
end

local function close_done(self, now)
  local open = {}
  for _, one in ipairs(self.open) do
    one.connection:tick(now, self.time())
    if one.connection.state == "closed" then
      one.socket:close()
    else
      open[#open + 1] = one
    end
  end
  self.open = open
end

--- What to wait for: sockets to read and to write, and for how long, nil if that has no limit.
local function awaited(self, now)
  local to_read, to_write, due = { self.ending }, {}, math.huge
  if self.accepts_from <= now then
    to_read[#to_read + 1] = self.listener
  else
    due = self.accepts_from
  end
  for _, one in ipairs(self.open) do
    local list = one.connection.state == "writing" and to_write or to_read
    list[#list + 1] = one.socket
    due = math.min(due, one.connection.due)
  end
  return to_read, to_write, due < math.huge and math.max(0, due - now) or nil
end

--- Waits until there is something to do, and does it. Returns false once it has to end, else true.
function Server:step()
  local readable, writable = self.select(awaited(self, self.monotonic()))
  if readable[self.ending] then
    return false
  end
  local now = self.monotonic()
  for _, one in ipairs(self.open) do
    if readable[one.socket] then
      read(self, one, now)
    end
  end
  answer(self)
  for _, one in ipairs(self.open) do
    if one.connection.state == "writing" and (writable[one.socket] or readable[one.socket]) then
      write(one, self.monotonic())
    end
  end
  if readable[self.listener] then
    accept(self, now)
  end
  close_done(self, self.monotonic())
  return true
end

--- Closes all sockets.
function Server:close()
  self.listener:close()
  for _, one in ipairs(self.open) do
    one.socket:close()
  end
  self.open = {}
end

return { new = new }
