local portable = require("spec.support.portable")
local random = require("spec.support.random")
local requests = require("exectrack.command.http_request")

--- The request with these lines.
local function read(...)
  return requests.read(table.concat({ ... }, "\r\n") .. "\r\n\r\n")
end

local function assert_refused(status, message, ...)
  assert.same({ nil, status, message, n = 3 }, portable.pack(read(...)))
end

describe("a request", function()
  it("is read once it is complete", function()
    local text = "GET /metrics?a=b%20c&d HTTP/1.1\r\nHost: localhost:9464\r\n"
      .. "Accept:  text/plain;q=0.5 \t\r\naccept: */*\r\nCookie: a=1\r\nCOOKIE: b=2\r\nX:\r\n\r\n"
    for length = 0, #text - 1 do
      assert.same({ n = 1 }, { n = select("#", requests.read(text:sub(1, length)) or nil) })
      assert.is_nil((requests.read(text:sub(1, length))))
      assert.is_nil((select(2, requests.read(text:sub(1, length)))))
    end
    local expected = { method = "GET", minor = 1, path = "/metrics", query = "a=b%20c&d",
      host = "localhost", is_v6 = false,
      fields = { host = "localhost:9464", accept = "text/plain;q=0.5, */*", cookie = "a=1; b=2",
        x = "" } }
    assert.same(expected, requests.read(text))
    assert.same(expected, requests.read("\r\n" .. text .. "what comes after it"))
  end)

  it("names a path, percent-encoded or not, also with a scheme and a host before it", function()
    local function path(target)
      return (read("GET " .. target .. " HTTP/1.1", "Host: a").path)
    end
    assert.equal("/", path("/"))
    assert.equal("/metrics", path("/%6Detric%73"))
    assert.equal("/../%/\0", path("/../%25/%00"))
    assert.equal("//metrics", path("//metrics"))
    local request = read("GET http://B.example:80?x=1 HTTP/1.1", "Host: a")
    assert.same({ "/", "x=1", "b.example" }, { request.path, request.query, request.host })
    request = read("HEAD HTTPS://[::1]:9464/metrics HTTP/1.0")
    assert.same({ "/metrics", "", "::1", true },
      { request.path, request.query, request.host, request.is_v6 })
    for _, target in ipairs { "/%", "/%4", "/%zz", "/a#b", "/\1", "/ü", "*", "metrics", "a:80",
      "http://", "ftp://a/" } do
      local _, status = read("GET " .. target .. " HTTP/1.1", "Host: a")
      assert.equal(400, status, target)
    end
    assert.equal("OPTIONS", read("OPTIONS * HTTP/1.1", "Host: a").method)
    assert.equal("CONNECT", read("CONNECT a:80 HTTP/1.1", "Host: a").method)
  end)

  it("is for one host", function()
    local function host(...)
      return read("GET / HTTP/1.1", ...).host
    end
    assert.equal("a.b-c_d.example", host("Host: A.b-C_d.example"))
    assert.equal("127.0.0.1", host("host:127.0.0.1:80"))
    assert.equal("fe80::1", host("Host: [FE80::1]:80"))
    assert.is_nil(read("GET / HTTP/1.0").host)
    assert_refused(400, "there is no field host", "GET / HTTP/1.1")
    assert_refused(400, "there are two fields host", "GET / HTTP/1.1", "Host: a", "Host: a")
    for _, given in ipairs { "", "a b", "a, b", "a:b", "a:1:2", "::1", "[::1", "[::1]80", "a@b",
      "http://a", "a/b", "[a:b]c", "\255" } do
      assert_refused(400, "the host isn't well-formed", "GET / HTTP/1.1", "Host: " .. given)
    end
    assert_refused(400, "the host isn't well-formed", "GET http://a@b/ HTTP/1.1", "Host: a")
    assert_refused(400, "the host isn't well-formed", "GET http://a/ HTTP/1.1", "Host: /")
  end)

  it("has no body", function()
    local message = "a request here has no body"
    assert.equal("/", read("GET / HTTP/1.1", "Host: a", "Content-Length: 0").path)
    assert_refused(400, message, "POST / HTTP/1.1", "Host: a", "Content-Length: 1")
    assert_refused(400, message, "GET / HTTP/1.1", "Host: a", "Content-Length: +0")
    assert_refused(400, message, "GET / HTTP/1.1", "Host: a", "Transfer-Encoding: chunked")
    assert_refused(400, "there are two fields content-length", "GET / HTTP/1.1", "Host: a",
      "Content-Length: 0", "Content-Length: 0")
  end)

  it("is HTTP/1.1", function()
    local message = "the first line isn't one of HTTP/1.1"
    for _, line in ipairs { "GET /", "GET  / HTTP/1.1", "GET / HTTP/1.1 ", "GET / HTTP/1.10",
      "GET / http/1.1", "GET /\tHTTP/1.1", "GET / a HTTP/1.1", "G(T / HTTP/1.1" } do
      assert_refused(400, message, line, "Host: a")
    end
    for _, version in ipairs { "0.9", "2.0" } do
      assert_refused(505, "only HTTP/1.1 is spoken here", "GET / HTTP/" .. version, "Host: a")
    end
    assert_refused(505, "only HTTP/1.1 is spoken here", "PRI * HTTP/2.0")
    assert.same({ nil, 400, "this isn't HTTP" }, { requests.read("\22\3\1\2\0\1\0\1\252\3\3") })
    assert.same({ nil, 400, "this isn't HTTP" }, { requests.read(" ") })
  end)

  it("has lines that end in CR and LF", function()
    for _, text in ipairs { "\n", "GET / HTTP/1.1\n", "GET / HTTP/1.1\rH", "GET / HTTP/1.1\r\n\n",
      "GET / HTTP/1.1\r\nHost: a\n", "\r\n\r\nGET", "\r\n\n" } do
      local request, status = requests.read(text)
      assert.same({ nil, 400 }, { request, status }, text)
    end
    assert.is_nil((select(2, requests.read("GET / HTTP/1.1\r"))))
  end)

  it("has well-formed header fields", function()
    for _, line in ipairs { "a", "a b: c", "a : b", " a: b", ": b", "a: b\0", "a: \127", "ü: a",
      "a\r\n b: c" } do
      assert_refused(400, "a header field isn't well-formed", "GET / HTTP/1.1", "Host: a", line)
    end
    assert.equal("ü\tü", read("GET / HTTP/1.1", "Host: a", "a: ü\tü").fields.a)
  end)

  it("isn't longer than that", function()
    local most = requests.MOST_LINE_BYTES - #"GET / HTTP/1.1"
    assert.equal(most + 1, #read("GET /" .. ("a"):rep(most) .. " HTTP/1.1", "Host: a").path)
    assert_refused(414, "the first line is too long",
      "GET /" .. ("a"):rep(most + 1) .. " HTTP/1.1", "Host: a")
    assert.same({ nil, 414, "the first line is too long" },
      { requests.read("GET /" .. ("a"):rep(9000)) })
    local head = "GET / HTTP/1.1\r\nHost: a\r\na: "
    local room = requests.MOST_BYTES - #head - 2
    assert.equal(room, #requests.read(head .. ("b"):rep(room) .. "\r\n\r\n").fields.a)
    assert.same({ nil, 431, "the header fields are too long" },
      { requests.read(head .. ("b"):rep(room + 1) .. "\r\n\r\n") })
    assert.same({ nil, 431, "the header fields are too long" },
      { requests.read(head .. ("b"):rep(room + 3)) })
    local lines = { "GET / HTTP/1.1", "Host: a" }
    for i = 1, 99 do
      lines[i + 2] = "a: b"
    end
    assert.truthy(read(portable.unpack(lines)))
    lines[102] = "a: b"
    assert_refused(431, "there are too many header fields", portable.unpack(lines))
  end)

  it("may be anything", function()
    random.seed("command_http_request_spec")
    local parts = { "GET ", "/", " HTTP/1.1", "\r\n", "Host: a", "\r\n\r\n", ":", "%", "\0", "[",
      "http://", "?", ";", "\255", " ", "Content-Length: 0", "\r", "\n" }
    for _ = 1, 3000 do
      local text = {}
      for i = 1, math.random(0, 12) do
        text[i] = math.random(4) == 1 and random.bytes(5) or random.pick(parts)
      end
      local request, status = requests.read(table.concat(text))
      assert.is_true(request == nil and (status == nil or status >= 400) or request.method ~= nil)
    end
  end)
end)
