local connections = require("exectrack.command.http_connection")

local TIME = 1767225600
local GET = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n"
local ANSWER = { status = 200, fields = {}, body = "a body" }

local connection

before_each(function()
  connection = connections.new(100)
end)

--- What it writes, so many bytes at once.
local function written(step, now)
  local parts = {}
  while connection.state == "writing" do
    local text, place = connection:output()
    local last = math.min(#text, place + step - 1)
    parts[#parts + 1] = text:sub(place, last)
    connection:written(last, now)
  end
  return table.concat(parts)
end

describe("a connection", function()
  it("takes a request in pieces, and is closed once its answer is written", function()
    for byte in GET:sub(1, -2):gmatch(".") do
      connection:take(byte, false, 101, TIME)
      assert.equal("reading", connection.state)
    end
    connection:take("\n", false, 101, TIME)
    assert.same({ "waiting", "/a" }, { connection.state, connection.request.path })
    connection:take("more", false, 101, TIME)
    connection:answer(ANSWER, 102, TIME)
    assert.truthy(written(7, 103):find("^HTTP/1.1 200 OK\r\n.*\r\n\r\na body$"))
    assert.equal("closed", connection.state)
  end)

  it("is closed after the header of an answer to HEAD, and of one that is empty", function()
    connection:take((GET:gsub("GET", "HEAD")), false, 101, TIME)
    connection:answer(ANSWER, 102, TIME)
    assert.truthy(written(1000, 102):find("\r\nContent%-Length: 6\r\n.*\r\n\r\n$"))
    assert.equal("closed", connection.state)
    connection = connections.new(100)
    connection:take(GET, true, 101, TIME) -- its other side may still read
    connection:answer({ status = 200, fields = {}, body = "" }, 102, TIME)
    assert.truthy(written(1000, 102):find("\r\nContent%-Length: 0\r\n.*\r\n\r\n$"))
    assert.equal("closed", connection.state)
  end)

  it("refuses a request as soon as it is too long", function()
    connection:take("GET /", false, 101, TIME)
    for _ = 1, 7995 do
      connection:take("a", false, 101, TIME)
    end
    assert.equal("reading", connection.state)
    connection:take("a", false, 101, TIME)
    assert.truthy(written(1000, 101):find("^HTTP/1.1 414 "))
    connection = connections.new(100)
    connection:take("GET / HTTP/1.1\r\nA: ", false, 101, TIME)
    for _ = 1, 16384 - 19 do
      connection:take("a", false, 101, TIME)
    end
    assert.equal("reading", connection.state)
    connection:take("a", false, 101, TIME)
    assert.truthy(written(1000, 101):find("^HTTP/1.1 431 "))
  end)

  it("refuses what isn't a request, and takes what is still sent until it ends", function()
    connection:take("\22\3\1", false, 101, TIME)
    assert.truthy(written(1000, 101):find("^HTTP/1.1 400 Bad Request\r\n.*\r\n\r\n"
      .. "this isn't HTTP\n$"))
    assert.equal("draining", connection.state)
    connection:take(GET, false, 102, TIME)
    connection:tick(102.9, TIME)
    assert.equal("draining", connection.state)
    connection:take("", true, 102.9, TIME)
    assert.equal("closed", connection.state)
  end)

  it("ends with a client that says nothing, or breaks off", function()
    connection:take("GET", true, 101, TIME)
    assert.equal("closed", connection.state)
    connection = connections.new(100)
    connection:tick(109.9, TIME)
    assert.equal("reading", connection.state)
    connection:tick(110, TIME)
    assert.equal("closed", connection.state)
  end)

  it("says that a request took too long, however often something came", function()
    connection:take("GET", false, 109, TIME)
    connection:tick(110, TIME)
    assert.truthy(written(1000, 111):find("^HTTP/1.1 408 Request Timeout\r\n"))
    connection:tick(112.9, TIME)
    assert.equal("draining", connection.state)
    connection:tick(113, TIME)
    assert.equal("closed", connection.state)
  end)

  it("ends if its answer isn't read", function()
    connection:take(GET, false, 101, TIME)
    connection:answer(ANSWER, 102, TIME)
    connection:written(5, 131)
    connection:tick(131.9, TIME)
    assert.equal("writing", connection.state)
    connection:tick(132, TIME)
    assert.equal("closed", connection.state)
  end)
end)
