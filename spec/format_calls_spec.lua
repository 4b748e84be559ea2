local calls = require("exectrack.format.calls")

local ID = "call_9fB3kQ7xT2" -- one that no other call can have

--- A call of the tool `read` with these arguments.
local function call(id, session, timestamp, args, place)
  return { id = id, session = session, tool = "read", args = args, timestamp = timestamp,
    place = place or 1 }
end

local function success(timestamp, result)
  return { status = "success", timestamp = timestamp, result = result }
end

--- What is there now: of each execution the place, session, status, error type and timestamp.
local function drain(log)
  local all = {}
  for place, execution in log.next, log do
    all[#all + 1] = { place, execution.session, execution.status, execution.error_type or false,
      execution.timestamp or false }
  end
  return all
end

describe("calls of agents' logs", function()
  it("are paired with their results by session and identifier, in any order", function()
    local log = calls.new()
    log:begin(call("0", "a", 1, nil, 1))
    log:begin(call("0", "b", 2, nil, 2))
    log:begin(call("1", "a", 3, nil, 3))
    log:finish("b", "0", success(4))
    log:finish("a", "1", success(5))
    log:finish("a", "2", success(6)) -- before its call
    log:finish("a", "0", success(7))
    log:begin(call("2", "a", 6, nil, 4))
    log:finish("a", "9", success(8))
    log:close()
    assert.same({ { 2, "b", "success", false, 4 }, { 3, "a", "success", false, 5 },
      { 1, "a", "success", false, 7 }, { 4, "a", "success", false, 6 } }, drain(log))
    assert.same({ "1 result without a call" }, log:notes())
  end)

  it("are cancelled when they were made, without a result", function()
    local log = calls.new()
    for i = 1, 9 do
      log:begin(call(tostring(i), "a", i < 9 and i or nil, nil, i))
    end
    log:close()
    log:close()
    local all = drain(log)
    assert.same({ 1, "a", "cancelled", "no_result", 1 }, all[1])
    assert.same({ 8, "a", "cancelled", "no_result", 8 }, all[8])
    assert.same({ 9, "a", "cancelled", "no_result", false }, all[9])
    assert.equal(9, #all)
  end)

  it("take as long as was measured, or as is known", function()
    local log = calls.new()
    local function duration(called, outcome)
      log:add(call(nil, nil, called), outcome)
      local _, execution = log:next()
      return execution.duration_ms or false, execution.timing or false
    end
    assert.same({ 7, false },
      { duration(1, { status = "failed", timestamp = 9, duration_ms = 7 }) })
    assert.same({ false, "untimed" }, { duration(1, { status = "failed", timestamp = 9 }) })
    local elapsed = { status = "failed", timestamp = 1.0005, timing = "elapsed" }
    assert.same({ 0.5, "elapsed" }, { duration(1, elapsed) })
    assert.same({ 0, "elapsed" }, { duration(1.0005, elapsed) })
    assert.same({ false, "untimed" }, { duration(2, elapsed) })
    for _, impossible in ipairs { 1e300, 4503599627371, 2001 } do -- also longer than since 1970
      assert.same({ false, "untimed" },
        { duration(1, { status = "failed", timestamp = 2, duration_ms = impossible }) })
    end
    assert.same({ 4503599627370, false },
      { duration(1, { status = "failed", duration_ms = 4503599627370 }) })
    assert.same({ false, "untimed" }, { duration(nil, elapsed) })
  end)

  it("count once, however often they and their results are written", function()
    local log = calls.new()
    for _, session in ipairs { "a", "a", "fork" } do
      log:begin(call(ID, session, 1, { path = "x" }))
    end
    log:finish("fork", ID, success(2))
    log:finish("a", ID, success(3))
    log:begin(call(ID, "later", 1, { path = "x" }))
    log:finish("later", ID, success(4))
    log:add(call(ID, "other", 1, { path = "x" }), success(5))
    log:close()
    assert.same({ { 1, "a", "success", false, 2 } }, drain(log))
    assert.same({ "4 copies of calls left out" }, log:notes())
  end)

  it("are different if their identifiers are used again", function()
    local log = calls.new()
    log:begin(call("call_0", "a", 1, { path = "x" }, 1))
    log:begin(call("call_0", "a", 1, { path = "y" }, 2)) -- the first has no result
    log:finish("a", "call_0", success(3))
    log:begin(call("call_0", "a", 4, { path = "y" }, 3)) -- the same again, later
    log:finish("a", "call_0", success(5))
    log:begin(call("call_0", "b", nil, { path = "y" }, 4))
    log:finish("b", "call_0", success())
    log:begin(call(ID, "a", 6, { path = "x" }, 5))
    log:begin(call(ID, "a", 6, { path = "y" }, 6)) -- even one that should be unique
    log:finish("a", ID, success(7))
    log:begin(call("call_0", "c", 4, { path = "y" }, 7)) -- a copy
    log:finish("c", "call_0", success(8))
    log:close()
    assert.same({ { 1, "a", "cancelled", "no_result", 1 }, { 2, "a", "success", false, 3 },
      { 3, "a", "success", false, 5 }, { 4, "b", "success", false, false },
      { 5, "a", "cancelled", "no_result", 6 }, { 6, "a", "success", false, 7 } }, drain(log))
    assert.same({ "1 copy of a call left out" }, log:notes())
  end)

  it("aren't lost where a copy of another call follows, which may have their result", function()
    for _, is_there in ipairs { true, false } do
      local log = calls.new()
      log:begin(call("call_0", "a", 1, { path = "x" }, 1))
      log:finish("a", "call_0", success(2))
      log:begin(call("call_0", "a", 3, { path = "y" }, 2)) -- its result is in the copy
      log:begin(call("call_0", "a", 1, { path = "x" }, 3))
      log:finish("a", "call_0", success(2))
      if is_there then
        log:begin(call("call_0", "a", 3, { path = "y" }, 4))
        log:finish("a", "call_0", success(5))
      end
      log:close()
      assert.same({ { 1, "a", "success", false, 2 }, is_there and { 2, "a", "success", false, 5 }
        or { 2, "a", "cancelled", "no_result", 3 } }, drain(log))
    end
  end)

  it("have all times at which they were written, before their results", function()
    local log = calls.new()
    for _, session in ipairs { "a", "fork" } do
      log:begin(call("call_0", session, 1, { path = "x" }))
      log:begin(call("call_0", session, 2, { path = "x" }))
      log:finish(session, "call_0", success(3))
    end
    log:close()
    assert.same({ { 1, "a", "success", false, 3 } }, drain(log))
    assert.same({ "3 copies of calls left out" }, log:notes())
  end)

  it("take the result that was written before a copy of them", function()
    local log = calls.new()
    log:begin(call(ID, "a", 1))
    log:finish("fork", ID, success(2))
    log:begin(call(ID, "fork", 1))
    assert.same({ { 1, "a", "success", false, 2 } }, drain(log))
    assert.same({ "1 copy of a call left out" }, log:notes())
  end)

  it("have the sizes of their results, and the places in the texts that they are from", function()
    local log = calls.new()
    log.source = "a.jsonl"
    log:begin(call("0", nil, nil, nil, 7))
    log.source = "b.json"
    log:finish(nil, "0", { status = "success", result = "four", measures = { cost = 1 } })
    log:add(call(nil, nil, nil, nil, "messages[2]"), { status = "success" })
    log:add(call(nil, nil, nil, nil, "3: messages[2]"), { status = "success", result = {} })
    local _, first = log:next()
    local _, second = log:next()
    local _, third = log:next()
    assert.same({ "a.jsonl:7", { cost = 1, result_bytes = 4 } }, { first.place, first.measures })
    assert.same({ "b.json: messages[2]" }, { second.place, second.measures })
    assert.same({ "b.json:3: messages[2]", { result_bytes = 0 } }, { third.place, third.measures })
    assert.same({ 1, 14, 33, 8 }, { calls.bytes { nil, "x" }, calls.bytes { a = { nil, 1 } },
      calls.bytes { a = { nil, nil, "x", {} }, b = true }, calls.bytes { a = {} } })
    assert.same({ 7, 3, 3, 4, 15 }, { calls.bytes { { type = "text", text = "abc" }, "defg" },
      calls.bytes { text = "abc" }, calls.bytes { "a", { "bc" } }, calls.bytes(true),
      calls.bytes { output = "é" } })
  end)

  it("of models count a message once, where it was first, as its last line says", function()
    for _, has_model_calls in ipairs { true, false } do
      local log = calls.new(has_model_calls)
      for i, line in ipairs { { "m1", 5 }, { ID, 1 }, { "m1", 6 }, { ID, 2 } } do
        log:message { id = line[1], session = i < 4 and "a" or "fork", tool = "model:x", place = i,
          status = "success", timestamp = i, measures = { output_tokens = line[2] } }
      end
      assert.is_nil(log:next())
      log:close()
      log:close()
      local all = {}
      for place, execution in log.next, log do
        all[#all + 1] = { place, execution.tool, execution.timestamp,
          execution.measures.output_tokens, execution.timing, execution.session }
      end
      assert.same(has_model_calls and { { 1, "model:x", 3, 6, "untimed", "a" },
        { 2, "model:x", 4, 2, "untimed", "a" } } or {}, all)
    end
  end)

  it("of models without times end when the next one of their session begins", function()
    local log = calls.new(true)
    local function message(id, session, tokens, timestamp)
      log:message { id = id, session = session, tool = "model:x", status = "success", place = 1,
        timestamp = timestamp, measures = { output_tokens = tokens } }
      local _, execution = log:next()
      return execution and execution.measures.output_tokens
    end
    assert.same({ nil, nil, nil, 3, nil, 4 }, { message("a", "s", 1), message("a", "s", 3),
      message("b", "t", 2), message("c", "s", 4), message("a", "s", 9), message("d", "s", 5) })
    assert.equal(5, (message("e", "s", 6, 1)))
    assert.is_nil(message("f", "s", 7, 2))
  end)

  it("are among lines of unknown kinds, which are counted", function()
    local log = calls.new()
    assert.same({}, log:notes())
    for i = 1, 105 do
      log:skip(("kind %03d"):format(i))
    end
    log:skip("kind 001")
    assert.equal("unknown kinds, skipped: others 5, 'kind 001' 2, 'kind 002' 1, 'kind 003' 1, "
      .. "'kind 004' 1, 'kind 005' 1, 'kind 006' 1, 'kind 007' 1, 'kind 008' 1, 'kind 009' 1, "
      .. "91 more kinds", log:notes()[1])
  end)
end)
