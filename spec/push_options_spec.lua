local exectrack = require("exectrack")
local receivers = require("spec.support.receiver")

--- The URLs of the requests of a pusher with these options.
local function urls(options)
  local receiver, tracker = receivers.new(), exectrack.new(1)
  tracker:record("a", "success", 1)
  options.post = receiver.post
  assert.is_true(exectrack.push(options):send(tracker:snapshot()))
  local list = {}
  for i, request in ipairs(receiver.requests) do
    list[i] = request.url
  end
  return list
end

--- What is said about an option.
local function problem_with(name, value)
  local options = { endpoint = "http://a", post = print }
  options[name] = value
  local _, message = pcall(exectrack.push, options)
  return type(message) == "string" and message:gsub("^push: ", "")
end

describe("exectrack.push", function()
  it("appends the paths that OTLP has to the endpoint, and uses other URLs as they are", function()
    for endpoint, base in pairs { ["http://a:4318"] = "http://a:4318", ["HTTPS://a/"] = "HTTPS://a",
      ["http://[::1]:1/x//"] = "http://[::1]:1/x", ["http://u:p@a/x/y"] = "http://u:p@a/x/y" } do
      assert.same({ base .. "/v1/metrics", base .. "/v1/traces" }, urls { endpoint = endpoint })
    end
    assert.same({ "http://b/?x=1", "http://c/" },
      urls { metrics_endpoint = "http://b/?x=1", traces_endpoint = "http://c/" })
    assert.same({ "http://a/v1/metrics", "http://c" },
      urls { endpoint = "http://a", traces_endpoint = "http://c" })
    assert.same({ "http://c" }, urls { traces_endpoint = "http://c", signals = { "traces" } })
    assert.same({}, urls { signals = {} })
  end)

  it("refuses what isn't a URL of HTTP, or could break out of a request", function()
    local expected = "a URL expected, such as http://localhost:4318"
    for _, url in ipairs { "", "a", "a:4318", "ftp://a", "http:/a", "http://", "http:///x",
      "http://a b", "http://a\r\nX: y", "http://a/\0", "http://@", 5, false } do
      local got = type(url) ~= "string" and ", got " .. type(url) or url:find("@") and ""
        or (", got '%s'"):format(url:gsub("\r\n", "\\r\\n"):gsub("%z", "\\x00"))
      assert.equal("option 'traces_endpoint': " .. expected .. got,
        problem_with("traces_endpoint", url))
      assert.equal("option 'endpoint': " .. expected .. ", without a query" .. got,
        problem_with("endpoint", url))
    end
    assert.matches("without a query", problem_with("endpoint", "http://a/?key=1"))
    for _, options in ipairs { {}, { traces_endpoint = "http://a" } } do
      options.post = print
      assert.has_error(function() exectrack.push(options) end,
        "push: option 'endpoint': " .. expected)
    end
  end)

  it("refuses headers that would be something else, and doesn't show their values", function()
    for message, headers in pairs {
      ["'X': a value without control characters expected"] = { X = "secret\r\nEvil: 1" },
      ["'Y': a value without control characters expected"] = { Y = "secret\0" },
      ["a name isn't one of a header"] = { ["X\r\nEvil"] = "1" },
      ["'content-TYPE': push sets it"] = { ["content-TYPE"] = "secret" },
      ["'Content-Length': push sets it"] = { ["Content-Length"] = "0" },
      ["'X': a string expected, got table"] = { X = {} },
      ["a string as key expected, got 1"] = { "secret" },
      ["a table expected, got string"] = "X: secret",
    } do
      assert.equal("option 'headers': " .. message, problem_with("headers", headers))
    end
    assert.matches("a name isn't one of a header", problem_with("headers", { [""] = "" }))
    assert.matches("it is there twice", problem_with("headers", { x = "1", X = "2" }))
    assert.is_false(problem_with("headers", { ["x-!#$%&'*+.^_`|~9"] = "a\tb \255", Host = "" }))
  end)

  it("refuses other options that are wrong", function()
    for message, option in pairs {
      ["option 'post': a function expected, got 5"] = { "post", 5 },
      ["option 'signals': element 1: 'metrics' or 'traces' expected"] = { "signals", { "logs" } },
      ["option 'protocol': 'protobuf' or 'json' expected"] = { "protocol", "grpc" },
      ["option 'resource': 'service.instance.id': it is the instance id of the run"] =
        { "resource", { ["service.instance.id"] = "x" } },
      ["option 'resource': 'a': a string expected, got 1"] = { "resource", { a = 1 } },
      ["option 'max_buckets': an integer from 2 to 512 expected, got 1"] = { "max_buckets", 1 },
      ["option 'max_wait': a finite number from 0 expected, got inf"] = { "max_wait", math.huge },
      ["unknown option 'timeout'"] = { "timeout", 1 },
    } do
      assert.equal(message, problem_with(option[1], option[2]))
    end
    local pusher = exectrack.push { endpoint = "http://a", post = print }
    assert.has_error(function() pusher:send(exectrack.new(1)) end,
      "send: a snapshot expected, got a tracker: call its snapshot()")
    local tracker = exectrack.new(2)
    tracker:record("a", "success", 1)
    tracker:record("b", "success", 1)
    assert.has_error(function() pusher:send(tracker:snapshot():filter { last = 1 }) end,
      "send: a snapshot that isn't filtered expected")
    assert.has_error(function() pusher:send(exectrack.new(1):snapshot(), { ended = true }) end,
      "send: unknown option 'ended'")
    assert.has_error(function() pusher:forget(5) end, "forget: a string expected, got 5")
  end)

  it("is loaded only when it is used", function()
    local loaded = exectrack.new and package.loaded["exectrack.push"]
    package.loaded["exectrack.push"] = { new = function(options) return options end }
    assert.equal("x", exectrack.push("x"))
    package.loaded["exectrack.push"] = loaded
  end)
end)
