local answer = require("exectrack.push.answer")
local random = require("spec.support.random")

local JSON, HTML = { ["Content-Type"] = "application/json" }, { ["content-type"] = "text/html" }

--- What is meant by an answer to a request with spans in Protocol Buffers.
local function read(...)
  return answer.read("traces", "protobuf", ...)
end

--- How many were rejected, and the note.
local function accepted(headers, body, signal)
  local outcome = answer.read(signal or "traces", "protobuf", 200, headers, body)
  assert.equal("accepted", outcome.kind)
  return { outcome.rejected, outcome.note }
end

local function message_of(...)
  return read(...).message
end

describe("an answer", function()
  it("may be tried again only if OTLP says so", function()
    local kinds = {}
    for status = 100, 599 do
      local kind = read(status).kind
      kinds[kind] = kinds[kind] or {}
      table.insert(kinds[kind], status)
    end
    assert.same({ 429, 502, 503, 504 }, kinds.unavailable)
    assert.same({ 200, 299, 100 }, { kinds.accepted[1], kinds.accepted[100], #kinds.accepted })
    assert.same({ 400, 413, 422 }, kinds.content)
    assert.same({ nil, true, "is the path of the endpoint right?" },
      { read(400).is_too_large or nil, read(413).is_too_large, read(422).hint })
    assert.equal(500 - 3, #kinds.accepted + #kinds.unavailable + #kinds.refused)
  end)

  it("isn't about the content if it is about TLS", function()
    local hint = " (has the URL to begin with https://?)"
    for body, said in pairs {
      ["Client sent an HTTP request to an HTTPS server.\n"] =
        ": Client sent an HTTP request to an HTTPS server.",
      ["<h1>400</h1>The plain HTTP request was sent to HTTPS port"] = "",
      ["<p>Reason: You're speaking plain HTTP to an SSL-enabled server port."] = "",
    } do
      local outcome = read(400, HTML, body)
      assert.same({ "refused", "status 400" .. said .. hint }, { outcome.kind, outcome.message })
    end
  end)

  it("accepts all, or a part, or all with a warning", function()
    for body, expected in pairs {
      [""] = { 0 }, ["\10\0"] = { 0 }, ["\10\2\18\0"] = { 0 },
      ["\10\2\8\5"] = { 5, "rejected 5 spans" },
      ["\10\4\18\2hm"] = { 0, "said: hm" }, ["\10\6\18\2hm\8\1"] = { 1, "rejected 1 span: hm" },
      ["\8\1"] = { 0 }, ["\18\1x"] = { 0 }, -- fields of later versions
      ["\13abcd\17abcdefgh"] = { 0 },
      ["\10\11\8\255\255\255\255\255\255\255\255\255\1"] = { 0 }, -- -1
      ["\10\10\8\128\128\128\128\128\128\128\128\64"] =
        { 2 ^ 62, "rejected 4611686018427387904 spans" },
    } do
      assert.same(expected, accepted(nil, body))
    end
    for body, expected in pairs {
      [""] = { 0 }, ["{}"] = { 0 },
      ['{"partialSuccess":{}}'] = { 0 }, ['{"partialSuccess":null}'] = { 0 },
      ['{"partialSuccess":{"rejectedSpans":"2","errorMessage":"a\\nb"}}'] =
        { 2, "rejected 2 spans: a\\nb" },
      ['{"partialSuccess":{"rejectedSpans":2.5}}'] = { 2, "rejected 2 spans" },
      ['{"partialSuccess":{"errorMessage":"hm"}}'] = { 0, "said: hm" },
      ['{"partialSuccess":{"rejectedDataPoints":2}}'] = { 0 },
      ['{"partialSuccess":{"rejectedSpans":-2,"errorMessage":{}}}'] = { 0 },
      ['{"partialSuccess":{"rejectedSpans":"many"}}'] = { 0 }, ['{"partialSuccess":7}'] = { 0 },
      ['{"partialSuccess":{"rejectedSpans":1e999}}'] = { 0 },
    } do
      assert.same(expected, accepted(JSON, body))
    end
    local protobuf = { ["Content-Type"] = "application/x-protobuf" }
    assert.equal(5, answer.read("traces", "json", 200, protobuf, "\10\2\8\5").rejected)
    assert.same({ 3, "rejected 3 data points" },
      accepted(JSON, '{"partialSuccess":{"rejectedDataPoints":"3"}}', "metrics"))
  end)

  it("that isn't OTLP's is said", function()
    local odd = { 0, "the answer isn't that of a receiver of OTLP" }
    for _, body in ipairs { "OK", "\10", "\10\5a", "\255", ("\255"):rep(20), "\11", "\15",
      "\10\255\255", "\10\2\8", "\8" .. ("\128"):rep(10) .. "\1",
      "\10\255\255\255\255\255\255\255\255\127" } do
      assert.same(odd, accepted(nil, body), body)
    end
    for _, body in ipairs { "OK", "[", '"x"', "null", '{"a":1}}' } do
      assert.same(odd, accepted(JSON, body))
    end
    assert.same({ 0 }, accepted({ ["Content-Encoding"] = "gzip" }, "\31\139"))
    assert.same({ 0 }, accepted(nil, ("x"):rep(65537)))
  end)

  it("that is a page for people accepts nothing", function()
    local page = { kind = "refused", message = "status 200: the answer isn't that of a receiver of "
      .. "OTLP (is the path of the endpoint right?)" }
    for _, body in ipairs { "<html>", "", "OK" } do
      assert.same(page, read(200, HTML, body))
    end
    for _, body in ipairs { "<", "<!DOCTYPE html>", "\r\n\r\n<!-- -->", "\n <p>", "\n<?xml" } do
      assert.same(page, read(200, nil, body))
      assert.same(page, answer.read("metrics", "json", 200, JSON, body))
    end
    -- A partial success of 60 bytes begins like this.
    assert.same({ 0, "said: " .. ("x"):rep(58) }, accepted(nil, "\10<\18:" .. ("x"):rep(58)))
  end)

  it("that failed is said with what the receiver says, short and in one line", function()
    for expected, given in pairs {
      ["status 500"] = { 500 },
      ["status 501: oh no"] = { 501, nil, "\18\5oh no" },
      ["status 502: oh no"] = { 502, JSON, '{"code":3,"message":"oh no"}' },
      ["status 503: {\"error\":1}"] = { 503, JSON, ' {"error":1}\r\n' },
      ["status 504: out\\nof \\x1b[31mdate"] = { 504, { ["Content-Type"] = "text/plain; x" },
        "out\nof \27[31mdate\n" },
      ["status 512: \\x12\\x02hi"] = { 512, { ["Content-Type"] = "text/plain" }, "\18\2hi" },
      ["status 505: plain"] = { 505, nil, "plain" },
      ["status 506"] = { 506, HTML, "\n<html>no</html>" },
      ["status 507"] = { 507, { ["Content-Encoding"] = "gzip" }, "\31\139" },
      ["status 508: " .. ("x"):rep(200)] = { 508, nil, ("x"):rep(5000) },
      ["status 509"] = { 509, nil, ("x"):rep(65537) },
      ["status 511: y"] = { 511, nil, "\n\ty" .. (" "):rep(60000) .. "x" },
      ["status 510: \\xff\\xfe"] = { 510, nil, "\255\254" },
      ["status 400: []"] = { 400, JSON, "[]" },
      ["status 401 (is a header with a key or a password missing?)"] = { 401 },
      ["status 413: big (does the receiver, or a proxy, limit the size of requests?)"] =
        { 413, nil, "big" },
      ["status 404: nope (is the path of the endpoint right?)"] = { 404, nil, "nope" },
      ["status 405 (is the path of the endpoint right?)"] = { 405 },
      ["status 415 (does the receiver take the other protocol, of 'protobuf' and 'json'?)"] =
        { 415 },
      ["status 301, a redirect to https://b/v1/traces, which isn't followed"] =
        { 301, { Location = "https://b/v1/traces?key=secret#x" }, "moved" },
      ["status 308, a redirect to //b/, which isn't followed"] =
        { 308, { Location = "//u:secret@b/" } },
      ["status 302, a redirect, which isn't followed"] = { 302, { Location = {} } },
    } do
      assert.equal(expected, message_of(given[1], given[2], given[3]))
    end
  end)

  it("may be none", function()
    for _, is_final in ipairs { true, false } do
      assert.same({ kind = "unavailable", message = "connection refused", is_final = is_final },
        read(nil, "connection refused", is_final))
    end
    for _, nothing in ipairs { "", 5, false } do
      assert.equal("no answer", message_of(nil, nothing))
      assert.equal("no answer", message_of(false, nothing))
    end
  end)

  it("may have any headers", function()
    local named = setmetatable({}, { __index = function() error("no") end })
    for _, headers in ipairs { 5, "x", true, named, { "x", [{}] = 1, ["retry-after"] = print } } do
      assert.is_nil(answer.header(headers, "retry-after"))
      assert.equal("unavailable", read(503, headers, 5).kind)
    end
    for _, value in ipairs { "5", 5, { "5", "6" } } do
      assert.equal("5", answer.header({ ["Retry-AFTER"] = value }, "retry-after"))
    end
  end)

  it("may be anything", function()
    random.seed("push_answer_spec")
    local statuses, kinds = { 200, 204, 302, 400, 503 }, {}
    for i = 1, 4000 do
      local body = random.bytes(12)
      if i % 2 == 0 then
        body = "\10" .. string.char(#body) .. body
      end
      local outcome = answer.read(random.pick { "metrics", "traces" },
        random.pick { "json", "protobuf" }, random.pick(statuses),
        random.pick { JSON, HTML, {} }, body)
      kinds[outcome.kind] = true
      assert.is_true(outcome.rejected == nil or outcome.rejected >= 0)
    end
    assert.same({ accepted = true, content = true, refused = true, unavailable = true }, kinds)
  end)
end)
