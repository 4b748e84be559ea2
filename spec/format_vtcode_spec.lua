local agent_logs = require("spec.support.agent_logs")
local vtcode = require("exectrack.format.vtcode")

local decode, fields = agent_logs.decode, agent_logs.fields

local function event(kind, rest)
  return ('{"schema_version":"0.2.0","event":{"type":"%s"%s}}\n'):format(kind, rest or "")
end

--- An event of an invocation. `rest` has its other fields.
local function call(kind, id, name, rest)
  return event("item." .. kind, (',"item":{"id":"%s","type":"tool_invocation","tool_name":"%s",%s}')
    :format(id, name, rest))
end

local function started(id, name, args)
  return call("started", id, name, '"arguments":' .. args .. ',"status":"in_progress"')
end

local function completed(id, name, args, rest)
  return call("completed", id, name, '"arguments":' .. args .. "," .. rest)
end

local function output(id, rest)
  return event("item.completed", (',"item":{"id":"%s:output","type":"tool_output",'
    .. '"call_id":"%s",%s}'):format(id, id, rest))
end

--- An event of an error of a call that didn't run.
local function failure(id)
  return event("item.completed", (',"item":{"id":"%s","type":"error","message":"no"}'):format(id))
end

local FAILED, COMPLETED = '"status":"failed"', '"status":"completed"'

local EVENTS = event("thread.started", ',"thread_id":"t1"')
  .. event("turn.started")
  .. event("item.completed", ',"item":{"id":"m","type":"agent_message","text":"Hello"}')
  .. started("tool_call_0", "search", '{"path":"/"}')
  .. completed("tool_call_0", "search", '{"path":"/"}', FAILED)
  .. output("tool_call_0", '"output":"no such path",' .. FAILED)
  .. started("tool_call_0", "file", '{"path":"a"}')
  .. completed("tool_call_0", "file", '{"path":"a"}', COMPLETED)
  .. output("tool_call_0", '"output":"text",' .. COMPLETED)
  .. started("tool_call_0", "file", '{"path":"a"}')
  .. started("tool_call_1", "shell", '{"command":"make"}')
  .. completed("tool_call_1", "shell", '{"command":"make"}', COMPLETED)
  .. output("tool_call_1", '"output":"","exit_code":2,' .. COMPLETED)
  .. event("turn.completed", ',"usage":{"input_tokens":9,"output_tokens":1}')

local GOLDEN = {
  { place = 4, tool = "search", args = { path = "/" }, status = "failed",
    error_text = "no such path", session = "t1", timing = "untimed" },
  { place = 7, tool = "file", args = { path = "a" }, status = "success", session = "t1",
    timing = "untimed" },
  { place = 11, tool = "shell", args = { command = "make" }, status = "failed",
    error_type = "exit_2", session = "t1", timing = "untimed" },
  { place = 10, tool = "file", args = { path = "a" }, status = "cancelled",
    error_type = "no_result", session = "t1", timing = "untimed" },
}

local TRAJECTORY = [[
{"kind":"route","turn":1,"selected_model":"m","class":"standard","ts":1767261600}
{"kind":"prompt_cache_metrics","turn":1,"model":"m","prompt_tokens":1000,"completion_tokens":50,]]
  .. [["cached_prompt_tokens":400,"cache_read_tokens":450,"ts":1767261601}
{"kind":"tool","turn":1,"name":"shell","args":{"command":"ls"},"ok":true,"ts":1767261602}
{"kind":"tool","turn":1,"name":"shell","args":{"command":"ls"},"ok":true,"ts":1767261602}
{"kind":"tool","turn":2,"name":"file","args":{},"ok":false,"is_subagent":true,"ts":1767261603500}
{"kind":"prompt_cache_metrics","turn":2,"prompt_tokens":7,"cached_prompt_tokens":3}
]]

--- The status, error type and error text of a call that ended so, with what followed that.
local function outcome(rest, behind)
  return fields(vtcode, started("c", "a", "{}") .. completed("c", "a", "{}", rest)
    .. (behind or ""), { "status", "error_type", "error_text" })[1]
end

describe("the decoder of VT Code's logs", function()
  it("gives the calls of harness events, whose identifiers are used again", function()
    local executions, problems, notes = decode(vtcode, EVENTS)
    assert.same({ GOLDEN, {}, {} }, { executions, problems, notes })
  end)

  it("reads a text in pieces of a byte", function()
    assert.same(GOLDEN, (decode(vtcode, EVENTS, nil, 1)))
  end)

  it("makes no call of what a turn used, which several messages may have", function()
    assert.equal(#GOLDEN, #decode(vtcode, EVENTS, { model_calls = true }))
  end)

  it("gives the calls of trajectory logs, and of models on request", function()
    local names = { "place", "tool", "status", "timestamp", "timing", "depth", "measures" }
    local tools = {
      { 3, "shell", "success", 1767261602, "untimed", false, false },
      { 4, "shell", "success", 1767261602, "untimed", false, false },
      { 5, "file", "failed", 1767261603.5, "untimed", 1, false },
    }
    assert.same(tools, fields(vtcode, TRAJECTORY, names))
    tools[4] = { 2, "model:m", "success", 1767261601, "untimed", false,
      { input_tokens = 1000, output_tokens = 50, cached_tokens = 450 } }
    tools[5] = { 6, "model:unknown", "success", false, "untimed", false,
      { input_tokens = 7, cached_tokens = 3 } }
    assert.same(tools, fields(vtcode, TRAJECTORY, names, { model_calls = true }))
  end)

  it("says how a call ended by its status, its outcome and what it put out", function()
    for _, case in ipairs {
      { { COMPLETED }, { "success", false, false } },
      { { COMPLETED .. ',"outcome":"success"' }, { "success", false, false } },
      { { FAILED .. ',"outcome":"success"' }, { "failed", false, false } },
      { { COMPLETED .. ',"outcome":"error"' }, { "failed", false, false } },
      { { FAILED .. ',"outcome":"permission_rejected"' }, { "cancelled", "rejected", false } },
      { { FAILED .. ',"outcome":"followup"' }, { "cancelled", "rejected", false } },
      { { '"outcome":"cancelled"' }, { "cancelled", "interrupted", false } },
      { { FAILED .. ',"outcome":"hook_denied"', output("c", '"output":"a rule"') },
        { "cancelled", "not_permitted", "a rule" } },
      { { FAILED .. ',"outcome":"invalid_tool"' }, { "failed", "invalid_tool", false } },
      { { FAILED, output("c", '"output":"no","exit_code":1') }, { "failed", "exit_1", "no" } },
      { { FAILED, output("c", '"output":"no","exit_code":0') }, { "failed", false, "no" } },
      { { COMPLETED, output("c", '"output":"ok","exit_code":0') }, { "success", false, false } },
      { { FAILED, output("c", '"output":"Tool execution cancelled"') },
        { "cancelled", "interrupted", "Tool execution cancelled" } },
      { { FAILED, failure("c:error") }, { "failed", false, "no" } },
      { { FAILED, failure("d:error") .. failure("c") }, { "failed", false, false } },
      { { FAILED, event("item.updated", ',"item":{"id":"c:output","type":"tool_output",'
        .. '"call_id":"c","output":"half"}') }, { "failed", false, false } },
      { { '"status":"in_progress"', output("c", '"output":"no"') },
        { "cancelled", "no_result", false } },
    } do
      assert.same(case[2], outcome(case[1][1], case[1][2]), case[1][1])
    end
  end)

  it("takes the arguments that the model had said last", function()
    local text = call("started", "c", "a", '"status":"in_progress"')
      .. call("updated", "c", "a", '"arguments":"{\\"n\\":","status":"in_progress"')
      .. started("c", "a", '{"n":1}')
      .. call("updated", "c", "a", '"status":"in_progress"')
      .. completed("c", "a", '{"n":1,"m":2}', COMPLETED)
    assert.same({ { 1, { n = 1, m = 2 }, "success" } },
      fields(vtcode, text, { "place", "args", "status" }))
  end)

  it("ends a call that waits for its output when its identifier is used again", function()
    local text = started("c", "a", '{"n":1}') .. completed("c", "a", '{"n":1}', FAILED)
      .. completed("c", "a", '{"n":1}', FAILED) .. started("c", "a", '{"n":1}')
      .. started("c", "b", '{"n":1}') .. completed("c", "b", '{"n":1}', COMPLETED)
    assert.same({ { 1, "a", "failed", false }, { 4, "a", "cancelled", "no_result" },
      { 5, "b", "success", false } },
      fields(vtcode, text, { "place", "tool", "status", "error_type" }))
  end)

  it("tells calls apart of which starts or ends are missing", function()
    local function statuses(text)
      return fields(vtcode, text, { "place", "tool", "args", "status", "error_type" })
    end
    local first = started("c", "a", '{"n":1}')
    local NONE = { 1, "a", { n = 1 }, "cancelled", "no_result" }
    assert.same({ NONE, { 3, "a", { n = 1 }, "failed", false } }, -- the next turn tries again
      statuses(first .. event("turn.started") .. first .. completed("c", "a", '{"n":1}', FAILED)))
    assert.same({ NONE, { 2, "b", { n = 1 }, "success", false } },
      statuses(first .. completed("c", "b", '{"n":1}', COMPLETED)))
    assert.same({ { 1, "a", { n = 1 }, "failed", false }, { 3, "a", { n = 2 }, "success", false } },
      statuses(first .. completed("c", "a", '{"n":1}', FAILED)
        .. completed("c", "a", '{"n":2}', COMPLETED)))
    assert.same({ { 1, "a", { n = 1 }, "success", false } }, -- its start is there twice
      statuses(first .. first .. completed("c", "a", '{"n":1}', COMPLETED)))
  end)

  it("reads events of several threads, and without what is around them", function()
    local text = '{"type":"thread.started","thread_id":"t1"}\n'
      .. started("c", "a", "{}"):gsub('^.-"event":(.*)}\n$', "%1\n")
      .. event("thread.started", ',"thread_id":"t2"') .. started("c", "a", "{}")
      .. completed("c", "a", "{}", COMPLETED)
    assert.same({ { "t1", "cancelled" }, { "t2", "success" } },
      fields(vtcode, text, { "session", "status" }))
  end)

  it("passes over what has no calls, and counts what it doesn't know", function()
    local _, problems, notes = decode(vtcode, event("dream") .. '{"kind":"dream"}\n{}\n'
      .. '{"kind":"token_budget_breakdown"}\n' .. event("plan.delta", ',"delta":"x"')
      .. event("item.started", ',"item":{"id":"x","type":"command_execution"}')
      .. event("item.started", ',"item":{"id":"x","type":"reasoning"}') .. event("item.updated")
      .. event("item.started", ',"item":{"id":"x","type":"tool_invocation"}')
      .. '{"kind":"tool","name":"a","ts":1}\n' .. output("x", '"output":"y"'))
    assert.same({ { 9, "a call without a tool_name" },
      { 10, "a call without a name, or without 'ok'" } }, problems)
    assert.same({ "unknown kinds, skipped: dream 2, command_execution 1, untyped 1, "
      .. "'untyped item' 1" }, notes)
  end)

  it("reads lines whatever values they have", function()
    for _, text in ipairs { EVENTS .. completed("c", "a", "{}", FAILED .. ',"outcome":"error"')
      .. failure("c:error"), TRAJECTORY } do
      local lines = {}
      for line in text:gmatch("[^\n]+") do
        lines[#lines + 1] = line
      end
      assert.is_true(agent_logs.assert_malformed_values_are_read(vtcode, lines) > 500)
    end
  end)

  it("is recognised by the keys of its lines", function()
    for _, keys in ipairs {
      { schema_version = '"0.2.0"', event = "{" },
      { kind = '"tool"', turn = "1", name = '"a"', args = "{", ok = "t", ts = "1" },
      { kind = '"route"', selected_model = '"m"', ts = "1" },
      { kind = '"prompt_cache_metrics"', model = '"m"' },
    } do
      assert.is_true(vtcode.fits(keys))
    end
    for _, keys in ipairs {
      {}, { schema_version = '"1"' }, { event = "{" }, { schema_version = '"1"', event = '"x"' },
      { kind = '"tool"', name = '"a"', ok = "t", ts = "1" }, { type = '"thread.started"' },
      { schema_version = '"1"', event = "{", ok = "t" }, { kind = '"route"' },
      { kind = '"ActionEvent"', id = '"a"', ts = "1" },
    } do
      assert.is_false(vtcode.fits(keys))
    end
  end)
end)
