local directory = require("spec.support.directory")
local http = require("exectrack.command.push_http")
local receivers = require("spec.support.otlp_receiver")
local tls = require("exectrack.command.push_tls")
local values = require("exectrack.command.push_values")

local LOST = "the connection was lost in the middle of the answer"
local IS_GRPC = "this looks like the gRPC port; OTLP over HTTP is on 4318"

local folder, receiver

--- What `post` returns about a request that is answered like this.
local function answer(name, limit_s)
  receiver:answer(name)
  return http.post(values.url(receiver.url .. "/a"), { ["X-One"] = "1" }, "body", limit_s or 60)
end

before_each(function()
  folder = directory.make()
end)

after_each(function()
  if receiver then
    receiver:stop()
    receiver = nil
  end
  directory.remove(folder)
end)

describe("post", function()
  before_each(function()
    receiver = receivers.start(folder)
  end)

  it("sends a request, and returns the answer", function()
    assert.same({ 503, { ["retry-after"] = "7", ["content-length"] = "0" }, "" },
      { answer("503 Retry-After: 7") })
    local path, body, head = receiver:next()
    assert.same({ "/a", "body", ("POST /a HTTP/1.1\r\nHost: localhost:%d\r\nX-One: 1\r\n"
      .. "Content-Length: 4\r\nConnection: close"):format(receiver.port) }, { path, body, head })
  end)

  it("reads bodies of all forms", function()
    assert.same({ 200, { ["transfer-encoding"] = "chunked" }, "{}" }, { answer("chunks") })
    assert.same({ 200, {}, "" }, { answer("until-closed") })
    local _, _, body = answer("partial 3 no")
    assert.equal("\10\6\8\3\18\2no", body)
  end)

  it("keeps no more of an answer than is of use", function()
    for _, name in ipairs { "huge", "huge-chunk", "huge-size" } do
      local status, _, body = answer(name)
      assert.same({ 200, ("x"):rep(65536) }, { status, body })
    end
    for _, name in ipairs { "huge-head", "endless-100" } do
      assert.same({ nil, "the head of its answer is too long" }, { answer(name) })
    end
  end)

  it("says how a connection was lost", function()
    assert.same({ nil, "no answer, it closed the connection: if it speaks TLS, the URL has to "
      .. "begin with https://" }, { answer("drop") })
    for _, name in ipairs { "cut-status", "cut-version", "cut-head", "cut-body" } do
      assert.same({ nil, LOST }, { answer(name) })
    end
  end)

  it("waits for all of an answer within one limit", function()
    for _, name in ipairs { "hang", "slow" } do
      assert.same({ nil, "no answer within 0.1 s" }, { answer(name, 0.1) })
      receiver:next() -- has taken what it answers, before it is told of the next
    end
  end)

  it("says what isn't HTTP/1, and that this won't change", function()
    for _, name in ipairs { "grpc", "goaway", "grpc-status" } do
      assert.same({ nil, IS_GRPC, true }, { answer(name) })
    end
    assert.same({ nil, "it speaks TLS: the URL may have to begin with https://", true },
      { answer("tls-alert") })
    assert.same({ nil, "its answer isn't HTTP", true }, { answer("garbage") })
    assert.same({ nil, "its answer has a wrong chunk" }, { answer("bad-chunk") })
    assert.same({ nil, "its answer has a wrong length" }, { answer("bad-length") })
  end)
end)

describe("post to a server that closes the connection before it has read all", function()
  local BODY = ("x"):rep(20000000) -- more than fits into buffers

  it("returns what it had answered", function()
    receiver = receivers.start(folder)
    local url = values.url(receiver.url .. "/a")
    for first, expected in pairs {
      ["early-grpc"] = { nil, IS_GRPC, true },
      ["early-alert"] = { nil, "it speaks TLS: the URL may have to begin with https://", true },
      ["early-413"] = { 413, { ["content-length"] = "0" }, "" },
      ["early-drop"] = { nil, "no answer, it closed the connection: if it speaks TLS, the URL has "
        .. "to begin with https://" },
    } do
      assert.same(expected, { http.post(url, { ["X-Answer"] = first }, BODY, 60) })
    end
  end)
end)

describe("post to where nobody listens", function()
  it("says so", function()
    receiver = receivers.start(folder)
    local url = values.url(receiver.url)
    receiver:stop()
    receiver = nil
    assert.same({ nil, "connection refused" }, { http.post(url, {}, "", 60) })
    url.host = "host.invalid"
    assert.same({ nil, "the host's name can't be resolved" }, { http.post(url, {}, "", 60) })
  end)
end)

describe("post over https", function()
  local certificate, key

  --- Makes a certificate, and starts a receiver with it.
  local function start(names, days, clients)
    certificate, key = receivers.certificate(folder, "server", names, days)
    receiver = receivers.start(folder, { certificate, key, clients })
  end

  --- What `post` returns, to a host that may have another name.
  local function send(files, host)
    local security, message = tls.new(files)
    if not security then
      return nil, message
    end
    local url = values.url(receiver.url)
    url.host = host or url.host
    local status, reason, is_final = http.post(url, {}, "body", 60, security)
    return status, not status and reason or nil, not status and is_final or nil
  end

  it("trusts only certificates that it knows", function()
    start("DNS:localhost,IP:127.0.0.1")
    assert.same({ nil, "its certificate isn't trusted: self-signed certificate", true },
      { send {} })
    assert.same({ 200 }, { send { certificate = certificate } })
    assert.same({ 200 }, { send({ certificate = certificate }, "127.0.0.1") })
  end)

  it("trusts none that has expired", function()
    start("DNS:localhost", -1)
    assert.same({ nil, "its certificate isn't trusted: certificate has expired", true },
      { send { certificate = certificate } })
  end)

  it("trusts only those for the name", function()
    start("DNS:example.org,DNS:*.localhost,DNS:localhost.example,IP:127.0.0.2")
    for _, host in ipairs { "localhost", "127.0.0.1" } do
      assert.same({ nil, "its certificate isn't for " .. host, true },
        { send({ certificate = certificate }, host) })
    end
  end)

  it("shows the client's certificate", function()
    local of_client, key_of_client = receivers.certificate(folder, "client", "DNS:client")
    start("DNS:localhost", nil, of_client)
    assert.is_nil((send { certificate = certificate }))
    local files = { certificate = certificate, client_certificate = of_client,
      client_key = key_of_client }
    assert.same({ 200 }, { send(files) })
    files.client_key = key
    assert.same({ nil, key .. ": it isn't the key of the client's certificate" }, { send(files) })
    files.client_key = certificate
    assert.same({ nil, certificate .. ": it has no private key in PEM form without a password" },
      { send(files) })
    assert.same({ nil, key .. ": it has no certificates in PEM form" }, { send {
      certificate = key } })
    assert.same({ nil, folder .. "/no: it can't be read" }, { send {
      certificate = folder .. "/no" } })
  end)

  it("says that a server doesn't speak TLS", function()
    certificate, key = receivers.certificate(folder, "server", "DNS:localhost")
    receiver = receivers.start(folder)
    assert.same({ nil, "it doesn't speak TLS: the URL may have to begin with http://", true },
      { send { certificate = certificate } })
  end)
end)
