local agent_logs = require("spec.support.agent_logs")
local gemini = require("exectrack.format.gemini")

local decode, fields = agent_logs.decode, agent_logs.fields

-- 2026-01-01T10:00:00Z
local START = 1767261600

local function time(s)
  return ("2026-01-01T10:00:%06.3fZ"):format(s)
end

--- A call that was noted down at so many seconds. `rest` has its other fields.
local function call(s, id, name, args, rest)
  return ('{"id":"%s","name":"%s","args":%s,"timestamp":"%s",%s}'):format(id, name, args, time(s),
    rest)
end

--- The fields of a call with this response.
local function ended(status, response)
  return ('"status":"%s","result":[{"functionResponse":{"id":"x","name":"n","response":%s}}]')
    :format(status, response)
end

local function message(s, id, calls, rest)
  return ('{"id":"%s","timestamp":"%s","type":"gemini","content":"","toolCalls":[%s]%s}'):format(id,
    time(s), calls, rest or "")
end

local MODEL = ',"model":"gemini-a","tokens":{"input":100,"output":5,"cached":40,"thoughts":20,'
  .. '"tool":3,"total":128}'

local READ = call(2, "read_file-1767261602000-5a1b2c", "read_file", '{"path":"a"}',
  ended("success", '{"output":"return 1"}'))
local LIST = call(3, "list-1767261603000-5a1b2c", "list", '{"path":"."}',
  ended("error", '{"error":"No such directory"}') .. ',"resultDisplay":"shown"')
local STOPPED = call(4, "run-1767261604000-5a1b2c", "run_shell_command",
  '{"command":"make","description":"Build"}',
  ended("cancelled", '{"error":"[Operation Cancelled] Reason: User cancelled it"}'))
local WAITING = call(5, "run-1767261605000-5a1b2c", "write_file", '{"path":"b"}',
  '"status":"awaiting_approval"')

local SESSION = '"sessionId":"s1","projectHash":"h","startTime":"' .. time(0) .. '"'

local CHAT = "{" .. SESSION .. ',\n"messages":[\n'
  .. '{"id":"u1","timestamp":"' .. time(0) .. '","type":"user","content":"Look"},\n'
  .. message(1, "3b0f7c1e-0001", READ .. ",\n" .. LIST, MODEL) .. ",\n"
  .. message(3.5, "3b0f7c1e-0002", STOPPED .. "," .. WAITING) .. "\n]}\n"

local GOLDEN = {
  { place = "messages[2].toolCalls[1]", tool = "read_file", args = { path = "a" },
    status = "success", result = "return 1", session = "s1", timestamp = START + 2,
    timing = "untimed", measures = { result_bytes = 8 } },
  { place = "messages[2].toolCalls[2]", tool = "list", args = { path = "." }, status = "failed",
    error_text = "No such directory", result = "No such directory", session = "s1",
    timestamp = START + 3, timing = "untimed", measures = { result_bytes = 17 } },
  { place = "messages[3].toolCalls[1]", tool = "run_shell_command", args = { command = "make" },
    status = "cancelled", error_type = "interrupted",
    error_text = "[Operation Cancelled] Reason: User cancelled it",
    result = "[Operation Cancelled] Reason: User cancelled it", session = "s1",
    timestamp = START + 4, timing = "untimed", measures = { result_bytes = 47 } },
  { place = "messages[3].toolCalls[2]", tool = "write_file", args = { path = "b" },
    status = "cancelled", error_type = "no_result", session = "s1", timestamp = START + 5,
    timing = "untimed" },
}

--- The status, error type and error text of a call with these fields.
local function outcome(name, rest)
  return fields(gemini, message(1, "m", call(1, "c", name, "{}", rest)),
    { "status", "error_type", "error_text" })[1]
end

describe("the decoder of Gemini CLI's chats", function()
  it("gives the calls of a document", function()
    local executions, problems, notes = decode(gemini, CHAT)
    assert.same({ GOLDEN, {}, {} }, { executions, problems, notes })
  end)

  it("reads a text in pieces of a byte", function()
    assert.same(GOLDEN, (decode(gemini, CHAT, nil, 1)))
  end)

  it("reads a message alone, and several documents", function()
    assert.same({ { "toolCalls[1]", false } }, fields(gemini, message(1, "m", READ),
      { "place", "session" }))
    local text = ('{"sessionId":"%s","projectHash":"h","messages":[%s]}')
    assert.same({ { "1: messages[1].toolCalls[1]", "a" }, { "2: messages[1].toolCalls[1]", "b" } },
      fields(gemini, text:format("a", message(1, "m", READ)) .. "\n"
        .. text:format("b", message(1, "m", LIST)) .. "\n", { "place", "session" }))
    assert.same({ { "[2].messages[1].toolCalls[1]", "b" } }, fields(gemini, "[{},"
      .. text:format("b", message(1, "m", LIST)) .. "]", { "place", "session" }))
  end)

  it("reads lines, in which a message stands whenever there is news in it", function()
    local executions, problems, notes = decode(gemini, table.concat({
      "{" .. SESSION .. ',"kind":"main"}',
      '{"id":"u1","timestamp":"' .. time(0) .. '","type":"user","content":"Look"}',
      message(1, "3b0f7c1e-0001", ""),
      '{"$set":{"lastUpdated":"' .. time(1) .. '"}}',
      message(1, "3b0f7c1e-0001", WAITING),
      message(1, "3b0f7c1e-0001", WAITING:gsub("awaiting_approval", "success") .. "," .. READ),
      '{"$rewindTo":"u1"}',
      '{"$set":{"messages":[' .. message(1, "3b0f7c1e-0001", READ) .. ","
        .. message(3, "3b0f7c1e-0002", LIST) .. "]}}",
      '{"$set":{"sessionId":"s2"}}',
      message(4, "3b0f7c1e-0003", STOPPED),
    }, "\n") .. "\n")
    assert.same({}, problems)
    assert.same({ "2 copies of calls left out" }, notes)
    local rows = {}
    for i, execution in ipairs(executions) do
      rows[i] = { execution.place, execution.tool, execution.status, execution.session,
        execution.depth }
    end
    assert.same({
      { 5, "write_file", "success", "s1" },
      { 6, "read_file", "success", "s1" },
      { "8: $set.messages[2].toolCalls[1]", "list", "failed", "s1" },
      { 10, "run_shell_command", "cancelled", "s2" },
    }, rows)
  end)

  it("takes a subagent for a child", function()
    local text = '{"sessionId":"agent","projectHash":"h","kind":"subagent"}\n'
      .. '{"$set":{"summary":"S"}}\n' .. message(1, "m", READ) .. "\n"
      .. '{"sessionId":"s1","projectHash":"h"}\n' .. message(1, "m", LIST) .. "\n"
    assert.same({ { "agent", 1 }, { "s1", false } }, fields(gemini, text, { "session", "depth" }))
  end)

  it("makes calls of a model's messages on request, once each, as they were last", function()
    local text = message(1, "3b0f7c1e-0001", READ) .. "\n"
      .. message(1, "3b0f7c1e-0001", READ, MODEL) .. "\n"
      .. message(2, "3b0f7c1e-0002", "", ',"tokens":{"output":7}') .. "\n"
      .. message(3, "3b0f7c1e-0003", "") .. "\n"
    local executions = decode(gemini, text, { model_calls = true })
    assert.equal(3, #executions)
    assert.same({ place = 2, tool = "model:gemini-a", status = "success", timestamp = START + 1,
      timing = "untimed",
      measures = { input_tokens = 103, output_tokens = 25, cached_tokens = 40 } }, executions[2])
    assert.same({ place = 3, tool = "model:unknown", status = "success", timestamp = START + 2,
      timing = "untimed", measures = { output_tokens = 7 } }, executions[3])
    assert.equal(1, #decode(gemini, text))
  end)

  it("takes a shell command's end from what the program adds to the output", function()
    local output = '{"output":"%s"}'
    for text, expected in pairs {
      ["Output: ok\\nProcess Group PGID: 7"] = { "success" },
      ["Output: no\\nExit Code: 2\\nProcess Group PGID: 7"] = { "failed", "exit_2" },
      ["Output: no\\nExit Code: 2"] = { "failed", "exit_2" },
      ["Command: a\\nDirectory: (root)\\nOutput: no\\nError: (none)\\nExit Code: 127\\nSignal: 0"
        .. "\\nBackground PIDs: (none)\\nProcess Group PGID: 7"] = { "failed", "exit_127" },
      ["Command: a\\nOutput: ok\\nExit Code: 0\\nSignal: 0"] = { "success" },
      ["Command: a\\nOutput: \\nExit Code: (none)\\nSignal: 9"] = { "failed", "signal_9" },
      ["Output: \\nExit Code: 99999999999999999999"] = { "failed" },
      ["Output: \\nSignal: SIGKILL"] = { "success" },
      ["<untrusted_context>\\nOutput: no\\nExit Code: 1\\n</untrusted_context>"] = { "failed",
        "exit_1" },
      -- What the command itself printed.
      ["Output: Exit Code: 2"] = { "success" },
      ["Output: a\\nExit Code: 2\\nb\\nProcess Group PGID: 7"] = { "success" },
      ["a\\nExit Code: 2"] = { "success" },
      ["Command was automatically cancelled because it exceeded the timeout of 5.0 minutes"] =
        { "timed_out" },
      ["Command was cancelled by user before it could complete."] = { "cancelled", "interrupted" },
    } do
      local rest = ended("success", output:format(text))
      local is_success = expected[1] == "success"
      assert.same({ expected[1], expected[2] or false,
        not is_success and text:gsub("\\n", "\n") or false }, outcome("run_shell_command", rest))
      assert.same({ "success", false, false }, outcome("read_file", rest), text)
    end
  end)

  it("says how other calls ended as the program does", function()
    for rest, expected in pairs {
      [ended("error", '{"error":"MCP error: Request timed out"}')] = { "timed_out", false,
        "MCP error: Request timed out" },
      [ended("error", '{"error":"no\\nit timed out"}')] = { "failed", false, "no\nit timed out" },
      [ended("error", '{"output":"half"}')] = { "failed", false, "half" },
      ['"status":"error","resultDisplay":"shown"'] = { "failed", false, "shown" },
      ['"status":"error"'] = { "failed", false, false },
      [ended("cancelled", '{"error":"Reason: User did not allow tool call"}')] = { "cancelled",
        "rejected", "Reason: User did not allow tool call" },
      [ended("cancelled", '{"error":"Reason: User denied execution."}')] = { "cancelled",
        "rejected", "Reason: User denied execution." },
      [ended("cancelled", '{"output":"half","error":"because"}')] = { "cancelled", false,
        "because" },
      ['"status":"success"'] = { "success", false, false },
      ['"status":"executing"'] = { "cancelled", "no_result", false },
    } do
      assert.same(expected, outcome("a", rest), rest)
    end
  end)

  it("leaves out of a result what differs from call to call", function()
    for result, expected in pairs {
      ['"text"'] = { "text", 4 },
      ['[{"functionResponse":{"id":"1","response":{"output":"a"}}},{"text":"bc"}]'] =
        { { "a", { text = "bc" } }, 3 },
      ['{"functionResponse":{"id":"1","response":{"rows":[1]}}}'] = { { rows = { 1 } }, 12 },
      ['[{"functionResponse":{"id":"1","response":{}}}]'] = { {}, 0 },
      ["[]"] = { false, false },
      ["null"] = { false, false },
    } do
      local rest = '"status":"success","result":' .. result
      local execution = decode(gemini, message(1, "m", call(1, "c", "a", "{}", rest)))[1]
      assert.same(expected, { execution.result or false,
        execution.measures and execution.measures.result_bytes or false }, result)
    end
  end)

  it("counts calls whose status isn't known, and passes over them", function()
    local executions, problems, notes = decode(gemini, message(1, "m",
      call(1, "c", "a", "{}", '"status":"weird"') .. "," .. READ))
    assert.same({ 1, "read_file", {} }, { #executions, executions[1].tool, problems })
    assert.same({ "unknown kinds, skipped: 'status weird' 1" }, notes)
  end)

  it("counts calls without identifiers, each of them", function()
    local anonymous = '{"name":"a","args":{"description":"d","n":1},"status":"%s"}'
    local text = message(1, "m", anonymous:format("success") .. "," .. anonymous:format("success")
      .. "," .. anonymous:format("validating"))
    assert.same({ { "success", { n = 1 }, false }, { "success", { n = 1 }, false },
      { "cancelled", { n = 1 }, "no_result" } },
      fields(gemini, text, { "status", "args", "error_type" }))
  end)

  it("passes over what has no calls, and counts what it doesn't know", function()
    local _, problems, notes = decode(gemini, '{"type":"info","id":"1"}\n{"type":"dream"}\n{}\n'
      .. message(1, "m", '{"id":"1"}') .. '\n{"type":"error","id":"2"}\n{"type":"warning"}\n')
    assert.same({ { 4, "a call without a name" } }, problems)
    assert.same({ "unknown kinds, skipped: dream 1, untyped 1" }, notes)
    _, problems = decode(gemini, '{"messages":[' .. message(1, "m", '{"id":"1"}') .. "]}")
    assert.same({ { "messages[1].toolCalls[1]", "a call without a name" } }, problems)
  end)

  it("passes over null between messages, calls and parts of results", function()
    agent_logs.assert_nulls_are_passed_over(gemini, (CHAT:gsub("\n", "")))
  end)

  it("reads documents and lines whatever values they have", function()
    local count = agent_logs.assert_malformed_values_are_read(gemini, { (CHAT:gsub("\n", "")) })
    assert.is_true(count > 1000)
    agent_logs.assert_malformed_values_are_read(gemini, { '{"sessionId":"s","projectHash":"h"}',
      '{"$set":{"messages":[' .. message(1, "m", READ) .. "]}}", '{"$rewindTo":"m"}' })
  end)

  it("is recognised by the keys of its objects", function()
    for _, keys in ipairs {
      { sessionId = '"s"', projectHash = '"h"', startTime = '"t"', messages = "[" },
      { sessionId = '"s"', projectHash = '"h"', kind = '"main"' },
      { type = '"gemini"', id = '"i"', timestamp = '"t"', content = '"' },
      { ["$set"] = "{" }, { ["$rewindTo"] = '"m"' },
    } do
      assert.is_true(gemini.fits(keys))
    end
    for _, keys in ipairs {
      {}, { sessionId = '"s"' }, { sessionId = '"s"', type = '"user"', message = "{" },
      { type = '"gemini"', id = '"i"', timestamp = '"t"' }, { ["$set"] = "{", ok = "t" },
      { type = '"gemini"' }, { type = '"user"', id = '"i"', timestamp = '"t"' },
      { projectHash = '"h"' }, { ["$set"] = '"' }, { sessionId = "1", projectHash = '"h"' },
    } do
      assert.is_false(gemini.fits(keys))
    end
  end)
end)
