local answers = require("exectrack.command.http_answer")
local servers = require("exectrack.command.http_server")

local GET = "GET /%s HTTP/1.1\r\nHost: a\r\n\r\n"

local now, waiting, queue, rounds, ending, timeouts, accept_problem

--- A client whose server sends and receives through it. It takes up to `room` bytes at once, and
-- has no more room until `room` is set again.
local Client = {}
Client.__index = Client

local function client(sent, room)
  return setmetatable({ sent = sent or "", received = "", room = room or math.huge,
    is_open = true }, Client)
end

function Client.settimeout(_, seconds)
  assert.equal(0, seconds)
end

function Client:receive(count)
  local bytes = self.sent:sub(1, count)
  self.sent = self.sent:sub(count + 1)
  if #bytes == count then
    return bytes
  end
  return nil, self.problem or "timeout", bytes
end

function Client:send(text, place)
  local last = math.min(#text, place + self.room - 1)
  self.received = self.received .. text:sub(place, last)
  self.room = self.room - (last - place + 1)
  if self.send_problem or last < #text then
    return nil, self.send_problem or "timeout", last
  end
  return last
end

function Client:shutdown(how)
  assert.equal("send", how)
  self.is_shut = true
end

function Client:close()
  self.is_open = false
end

local listener = {}

function listener.accept()
  if accept_problem then
    return nil, accept_problem
  end
  local first = table.remove(queue, 1)
  return first, not first and "timeout" or nil
end

function listener:close()
  self.is_closed = true
end

--- As LuaSocket's, but it never waits.
local function select(to_read, to_write, timeout)
  local readable, writable = {}, {}
  timeouts[#timeouts + 1] = timeout or "none"
  waiting = #to_read + #to_write
  for _, one in ipairs(to_read) do
    if one == listener and #queue > 0 or one == ending and ending.is_ready
        or one.sent and (one.sent ~= "" or one.problem) then
      readable[#readable + 1], readable[one] = one, #readable + 1
    end
  end
  for _, one in ipairs(to_write) do
    if one.room > 0 then
      writable[#writable + 1], writable[one] = one, #writable + 1
    end
  end
  return readable, writable
end

local server

before_each(function()
  now, queue, rounds, ending, timeouts, accept_problem = 1000, {}, {}, {}, {}, nil
  listener.is_closed = nil
  server = servers.new {
    listener = listener, select = select, ending = ending,
    monotonic = function() return now end,
    time = function() return 1767225600 end,
    answer_all = function(requests)
      local list = {}
      for i, request in ipairs(requests) do
        list[i] = answers.text(200, request.path)
      end
      rounds[#rounds + 1] = #list
      return list
    end,
  }
end)

local function step(times)
  for _ = 1, times or 1 do
    assert.is_true(server:step())
  end
end

--- Has clients connect.
local function connect(...)
  for _, one in ipairs { ... } do
    queue[#queue + 1] = one
  end
  return ...
end

--- Many clients that send this.
local function crowd(count, sent)
  local list = {}
  for i = 1, count do
    list[i] = connect(client(sent))
  end
  return list
end

describe("a server", function()
  it("answers each request, those that came together in one round, and closes", function()
    local a, b = connect(client(GET:format("a")), client(GET:format("b")))
    step(2)
    assert.same({ 2 }, rounds)
    assert.truthy(a.received:find("^HTTP/1.1 200 OK\r\n.*\r\n\r\n/a\n$"))
    assert.truthy(b.received:find("\r\n\r\n/b\n$"))
    assert.same({ false, false }, { a.is_open, b.is_open })
    step()
    assert.equal(2, waiting) -- for a client and a signal
  end)

  it("takes a request in pieces, and answers in pieces", function()
    local slow = connect(client("GET /slow HT", 5))
    step(2)
    assert.equal("", slow.received)
    slow.sent = "TP/1.1\r\nHost: a\r\n\r\n"
    step(3)
    assert.equal("HTTP/", slow.received)
    for _ = 1, 1000 do
      slow.room = 7
      step()
    end
    assert.truthy(slow.received:find("\r\n\r\n/slow\n$"))
    assert.is_false(slow.is_open)
  end)

  it("waits until something can be done, and for no client longer than that", function()
    step()
    connect(client("GET"))
    step()
    now = 1004
    step()
    assert.same({ "none", "none", 6 }, timeouts)
  end)

  it("lets slow and silent clients wait, not others", function()
    local silent, never_reads, half = connect(client(), client(GET:format("x"), 10), client("GET"))
    step(2)
    now = 1009.5
    local fast = connect(client(GET:format("fast")))
    step(2)
    assert.truthy(fast.received:find("/fast\n$"))
    now = 1010
    step()
    assert.is_false(silent.is_open)
    step()
    assert.truthy(half.received:find("^HTTP/1.1 408 "))
    assert.same({ true, true }, { half.is_shut, half.is_open })
    now = 1030
    step()
    assert.same({ false, false }, { half.is_open, never_reads.is_open })
    assert.equal(10, #never_reads.received)
  end)

  it("closes the oldest of too many connections that says nothing", function()
    local busy = connect(client(GET:format("x"), 10))
    local silent = crowd(63)
    step(5)
    assert.equal(66, waiting)
    local fast = connect(client(GET:format("fast")))
    step(2)
    assert.same({ true, false, true }, { busy.is_open, silent[1].is_open, silent[2].is_open })
    assert.truthy(fast.received:find("/fast\n$"))
  end)

  it("closes the oldest of too many that don't read their answers", function()
    for _ = 1, 64 do
      connect(client(GET:format("x"), 10))
    end
    local first = queue[1]
    step(6)
    local fast = connect(client(GET:format("fast")))
    step(2)
    assert.is_false(first.is_open)
    assert.truthy(fast.received:find("/fast\n$"))
  end)

  it("reads requests before it accepts too many others", function()
    local fast = connect(client(GET:format("fast")))
    crowd(1000)
    step(2)
    assert.truthy(fast.received:find("/fast\n$"))
    step(100)
    assert.equal(66, waiting)
  end)

  it("goes on when there is no descriptor for another connection", function()
    local silent = crowd(2)
    step(2)
    accept_problem = "Too many open files"
    local late = connect(client(GET:format("late")))
    step()
    assert.same({ false, true }, { silent[1].is_open, silent[2].is_open })
    step()
    assert.equal(2, waiting) -- not for others
    assert.equal(1, timeouts[#timeouts])
    accept_problem, now = nil, 1001
    step(2)
    assert.truthy(late.received:find("/late\n$"))
  end)

  it("closes connections that break", function()
    local broken, gone, reset = connect(client(), client(GET:format("x")), client(GET:format("x")))
    broken.problem, gone.send_problem, reset.send_problem = "closed", "closed", "Connection reset"
    step(2)
    assert.same({ false, false, false }, { broken.is_open, gone.is_open, reset.is_open })
    local other = connect(client("GET"))
    step(2)
    other.problem = "Connection reset by peer"
    step()
    assert.is_false(other.is_open)
  end)

  it("takes what comes after a bad request, so that the client sees the answer", function()
    local bad = connect(client("?"))
    step(2)
    assert.truthy(bad.received:find("^HTTP/1.1 400 "))
    bad.sent = ("x"):rep(100000)
    step(2)
    assert.equal(100000 - 2 * 8192, #bad.sent)
    assert.is_true(bad.is_open)
    now = 1002
    step()
    assert.is_false(bad.is_open)
  end)

  it("ends at a signal, and closes all", function()
    local one = connect(client())
    step()
    ending.is_ready = true
    assert.is_false(server:step())
    server:close()
    assert.same({ false, true }, { one.is_open, listener.is_closed })
  end)
end)
