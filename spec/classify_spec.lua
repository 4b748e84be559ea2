local exectrack = require("exectrack")
local portable = require("spec.support.portable")

local classify = exectrack.classify
local unpack = portable.unpack

--- Asserts the status and error type that a classifier returns for these results.
local function assert_says(classifier, expected, ...)
  local status, was_cached, error_type = classifier(true, ...)
  assert.same(expected, { status, error_type })
  assert.is_nil(was_cached)
end

describe("classify.convention", function()
  local function says(...)
    local status, was_cached, error_type = classify.convention(...)
    assert.is_nil(was_cached)
    return { status, error_type }
  end

  it("is what decides without a classifier", function()
    assert.same({ "success" }, says(true))
    assert.same({ "success" }, says(true, nil))
    assert.same({ "failed", "no luck" }, says(true, nil, "no luck"))
    assert.same({ "failed", "exit_2" }, says(true, nil, "exit", 2))
    assert.same({ "cancelled", "signal_15" }, says(true, false, "signal", 15))
    assert.same({ "failed", "exit" }, says(true, nil, "exit", "2"))
    assert.same({ "failed", "exits" }, says(true, nil, "exits", 2))
    assert.same({ "failed", "boom" }, says(true, { error = "boom" }))
    assert.same({ "success" }, says(true, { error = "boom" }, 1))
    assert.same({ "failed", "user not found" },
      says(true, { type = "tool_result", is_error = true, content = "user 17 not found" }))
    assert.same({ "failed", "error" }, says(true, { is_error = true }))
    assert.same({ "success" }, says(true, { is_error = false, content = "a page" }))
    assert.same({ "success" }, says(true, { is_error = 1, content = "a page" }))
    assert.same({ "timed_out" }, says(false, "x.lua:3: timeout"))
    assert.same({ "failed", "nil" }, says(false))
    assert.same({ "failed", "http_404" }, says(false, 404, "more"))
    assert.has_error(function() classify.convention() end,
      "bad argument #1 to 'convention' (value expected)")
  end)

  it("gives a wrapped call the same end as no classifier", function()
    local tracker = exectrack.new(2)
    for _, result in ipairs { { 1 }, { nil, "HTTP 504" }, { { isError = true } } } do
      local tool = function() return unpack(result, 1, 2) end
      tracker:run("a", tool)
      tracker:wrap("a", tool, { classify = classify.convention })()
      local b, a = unpack(tracker:recent_executions(2))
      assert.same({ a.status, a.error_type }, { b.status, b.error_type })
    end
  end)
end)

describe("classify.mcp", function()
  local mcp = classify.mcp

  it("knows a result that is an error, by its text", function()
    local content = { { type = "text", text = "user 17 not found" }, { type = "text", text = "x" } }
    assert_says(mcp, { "failed", "user not found" }, { isError = true, content = content })
    assert_says(mcp, { "failed", "user not found" }, { isError = true, content = content }, "more")
    assert_says(mcp, { "timed_out" }, { isError = true, content = { { text = "timed out" } } })
    assert_says(mcp, { "failed", "error" }, { isError = true, content = {} })
    assert_says(mcp, { "failed", "error" }, { isError = true })
  end)

  it("knows a result that is none", function()
    assert_says(mcp, { "success" }, { content = {} })
    assert_says(mcp, { "success" }, { content = { { text = "timed out" } }, isError = false }, 1)
    assert_says(mcp, { "success" }, { structuredContent = { error = "x" } })
  end)

  it("knows the responses of JSON-RPC", function()
    assert_says(mcp, { "success" }, { id = 1, result = { content = {} } })
    assert_says(mcp, { "failed", "no" }, { id = 1,
      result = { isError = true, content = { { text = "no" } } } })
    assert_says(mcp, { "failed", "-32602" }, { id = 1,
      error = { code = -32602, message = "Unknown tool: x" } })
    assert_says(mcp, { "timed_out", "-32001" }, { id = 1,
      error = { code = -32001, message = "Request timed out" } })
  end)

  it("knows nothing else", function()
    for _, other in ipairs { 1, "x", {}, { 1 }, { content = "x" }, { result = {} } } do
      assert_says(mcp, {}, other)
    end
    assert_says(mcp, {})
    assert_says(mcp, {}, nil, "no luck")
    assert.is_nil((mcp(false, { isError = true })))
  end)
end)

describe("classify.shell", function()
  local shell = classify.shell

  it("knows three results", function()
    assert_says(shell, { "success" }, true, "exit", 0)
    assert_says(shell, { "failed", "exit_2" }, nil, "exit", 2)
    assert_says(shell, { "failed", "exit_2" }, false, "exit", 2)
    assert_says(shell, { "timed_out", "exit_124" }, nil, "exit", 124)
    assert_says(shell, { "cancelled", "exit_130" }, nil, "exit", 130)
    assert_says(shell, { "cancelled", "exit_143" }, nil, "exit", 143)
    assert_says(shell, { "failed", "signal_9" }, nil, "signal", 9)
    assert_says(shell, { "cancelled", "signal_2" }, nil, "signal", 2)
    assert_says(shell, { "cancelled", "signal_15" }, nil, "signal", 15)
    assert_says(shell, { "failed", "exit_1" }, "output", "problems", nil, "exit", 1)
    assert_says(shell, { "failed", "signal_9" }, false, "output", "problems", "signal", 9)
  end)

  it("knows one number, whose upper byte is an exit code if it has one", function()
    assert_says(shell, { "success" }, 0)
    assert_says(shell, { "failed", "exit_1" }, 1)
    assert_says(shell, { "failed", "exit_255" }, 255)
    assert_says(shell, { "failed", "exit_1" }, 256)
    assert_says(shell, { "failed", "exit_3" }, 768)
    assert_says(shell, { "timed_out", "exit_124" }, 124 * 256)
    assert_says(shell, { "failed", "exit_-1" }, -1)
    assert_says(shell, { "failed", "exit_257" }, 257)
    assert_says(shell, { "failed", "exit_4294967295" }, 4294967295)
    assert_says(shell, { "failed" }, 4294967297)
    assert_says(shell, { "failed", "exit_3" }, "output", 3)
    assert_says(shell, { "failed", "exit_3" }, { "line 1", "line 2" }, 3)
    assert_says(shell, { "failed", "exit_3" }, false, 3, "output", "problems")
    assert_says(shell, { "failed", "exit_3" }, nil, 3)
    assert_says(shell, { "failed", "exit_3" }, "output", nil, 3)
  end)

  it("knows an exit code and a signal", function()
    assert_says(shell, { "success" }, 0, 0)
    assert_says(shell, { "failed", "exit_2" }, 2, 0)
    assert_says(shell, { "failed", "signal_9" }, 0, 9)
    assert_says(shell, { "cancelled", "signal_15" }, "output", 0, 15)
    assert_says(shell, { "failed", "exit_256" }, 256, 0)
    assert_says(shell, { "failed", "exit_2" }, 2, nil)
    assert_says(shell, { "failed", "exit_2" }, 2, "problems")
    assert_says(shell, { "failed", "signal_64" }, 0, 64)
    assert_says(shell, {}, 1, 65)
    assert_says(shell, {}, 1, 200, {}, "HTTP/1.1 200 OK") -- of LuaSocket
  end)

  it("knows the fields of a table", function()
    assert_says(shell, { "success" }, { code = 0, signal = 0, stdout = "x" })
    assert_says(shell, { "timed_out", "exit_124" }, { code = 124, signal = 9 })
    assert_says(shell, { "failed", "signal_9" }, { code = 0, signal = 9 }, "more")
    assert_says(shell, { "failed", "signal_9" }, { signal = 9 })
    assert_says(shell, { "failed", "exit_2" }, { exit_code = 2 })
    assert_says(shell, { "failed", "exit_3" }, { exitCode = 3, exitcode = 4 })
    assert_says(shell, { "failed", "exit_4" }, { exitcode = 4 })
    assert_says(shell, { "failed", "exit_5" }, { returncode = 5 })
    assert_says(shell, { "failed", "signal_9" }, { returncode = -9 })
    assert_says(shell, { "cancelled", "signal_15" }, { signal = "SIGTERM" })
    assert_says(shell, { "failed", "exit_2" }, { code = 2, signal = "none" })
  end)

  it("knows nothing else", function()
    for _, other in ipairs { "x", true, 1.5, {}, { code = "2" }, { signal = 0 } } do
      assert_says(shell, {}, other)
    end
    assert_says(shell, {})
    assert_says(shell, {}, nil, "exit")
    assert_says(shell, {}, nil, "exit", "2")
    assert_says(shell, {}, nil, "x: No such file or directory", 2)
    assert_says(shell, {}, false, "x: No such file or directory", 2)
    assert_says(shell, {}, "exit", 1.5)
    assert.is_nil((shell(false, 2)))
  end)

  it("knows what this Lua returns", function()
    local tracker = exectrack.new(1)
    local run = tracker:wrap("sh", os.execute, { classify = shell })
    for code, expected in pairs { [0] = { "success" }, [3] = { "failed", "exit_3" },
      [124] = { "timed_out", "exit_124" } } do
      run("exit " .. code)
      local newest = tracker:recent_executions(1)[1]
      assert.same(expected, { newest.status, newest.error_type })
    end
  end)
end)

describe("classify.http", function()
  local http = classify.http

  it("knows a status that is the first result", function()
    assert_says(http, { "success" }, 200, "body")
    assert_says(http, { "success" }, 100)
    assert_says(http, { "success" }, 399)
    assert_says(http, { "failed", "http_400" }, 400)
    assert_says(http, { "failed", "http_599" }, 599.0, "body")
    assert_says(http, { "timed_out", "http_408" }, 408)
    assert_says(http, { "timed_out", "http_504" }, 504)
    assert_says(http, { "cancelled", "http_499" }, 499)
  end)

  it("knows one that is a field", function()
    assert_says(http, { "failed", "http_503" }, { status = 503, code = 200 }, 200)
    assert_says(http, { "failed", "http_503" }, { status = "503" })
    assert_says(http, { "failed", "http_503" }, { status = "ok", status_code = 503 })
    assert_says(http, { "failed", "http_503" }, { statusCode = 503 })
    assert_says(http, { "success" }, { code = 200 })
  end)

  it("knows one that comes second, as of LuaSocket", function()
    assert_says(http, { "failed", "http_404" }, "not found", 404, {}, "HTTP/1.1 404 Not Found")
    assert_says(http, { "success" }, 1, 204, {})
  end)

  it("knows nothing else", function()
    for _, other in ipairs { 99, 600, 1, "200", true, 200.5, {}, { status = 99 },
      { status = {} } } do
      assert_says(http, {}, other)
    end
    assert_says(http, {})
    assert_says(http, {}, nil, "timeout")
    assert_says(http, {}, nil, 404)
    assert_says(http, {}, true, 404)
    assert_says(http, {}, "body", "404")
    assert.is_nil((http(false, 404)))
  end)
end)

describe("classify.any_of", function()
  local any_of = classify.any_of

  it("has the status and error type of the first that knows a status", function()
    local both = any_of { classify.http, classify.shell }
    assert_says(both, { "success" }, 200)
    assert_says(both, { "failed", "exit_2" }, 2)
    assert_says(both, { "failed", "exit_2" }, nil, "exit", 2)
    assert_says(both, {}, "x")
    assert_says(any_of { classify.convention, both }, { "success" }, 503)
    assert_says(any_of { function() return nil, nil, "x" end, classify.http }, { "success" }, 200)
    assert_says(any_of { function() return "failed" end, function() return nil, nil, "x" end },
      { "failed" })
    assert.same({ "failed", nil, "no luck" },
      { any_of { classify.http, classify.convention }(false, "no luck") })
  end)

  it("has the first error type and whether a cache answered, of any of them", function()
    local function saying(...)
      local status, was_cached, error_type = ...
      return function() return status, was_cached, error_type end
    end
    assert.same({ "success", true }, { any_of { saying(nil, true), saying("success", false) }() })
    assert.same({ "failed", false, "a" },
      { any_of { saying("failed", nil, "a"), saying("success", false, "b") }() })
    assert.same({ n = 3, nil, nil, "a" },
      portable.pack(any_of { saying(nil, nil, "a"), saying(nil, nil, "b") }()))
  end)

  it("is nothing of none", function()
    assert.same({ n = 3 }, portable.pack(any_of {}(true)))
  end)

  it("calls each with all results", function()
    local given = {}
    local function note(...) given[#given + 1] = portable.pack(...) end
    any_of { note, setmetatable({}, { __call = function(_, ...) note(...) end }) }(true, 1, nil)
    assert.same({ { n = 3, true, 1, nil }, { n = 3, true, 1, nil } }, given)
  end)

  it("refuses what can't be called", function()
    local function message(given)
      return select(2, pcall(function() any_of(given) end))
    end
    assert.matches("^[^\n]*classify_spec%.lua:%d+: any_of: an array expected, got function$",
      message(print))
    assert.matches(": any_of: element 2: a function expected, got table$", message { print, {} })
    assert.matches(": any_of: element 1: a function expected, got nil$", message { a = print })
  end)
end)
