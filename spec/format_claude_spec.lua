local agent_logs = require("spec.support.agent_logs")
local claude = require("exectrack.format.claude")

local decode, fields = agent_logs.decode, agent_logs.fields

-- 2026-01-01T10:00:00Z
local START = 1767261600

--- A line of a transcript at so many seconds, with other fields.
local function line(s, rest)
  return ('{"sessionId":"s1","uuid":"u%s","timestamp":"2026-01-01T10:00:%05.2fZ",%s}'):format(
    tostring(s):gsub("%.", "_"), s, rest)
end

local function call(s, id, name, input, rest)
  return line(s, (rest or "") .. ('"type":"assistant","message":{"role":"assistant","content":'
    .. '[{"type":"tool_use","id":"%s","name":"%s","input":%s}]}'):format(id, name, input or "{}"))
end

--- `block` has the fields of a result beside its identifier.
local function result(s, id, block, rest)
  return line(s, (rest or "") .. ('"type":"user","message":{"role":"user","content":'
    .. '[{"type":"tool_result","tool_use_id":"%s",%s}]}'):format(id, block))
end

local function lines(...)
  return table.concat({ ... }, "\n") .. "\n"
end

local TRANSCRIPT = lines(
  '{"type":"summary","summary":"Mend the parser","leafUuid":"x"}',
  line(0, '"type":"user","message":{"role":"user","content":"Mend the parser"}'),
  line(1, '"type":"assistant","message":{"id":"msg_01AbCdEfGhIjKlMnOpQrSt","role":"assistant",'
    .. '"model":"claude-a","content":[{"type":"text","text":"I read both."},{"type":"tool_use",'
    .. '"id":"t1","name":"Read","input":{"file_path":"a.lua"}},{"type":"tool_use","id":"t2",'
    .. '"name":"Bash","input":{"command":"make","description":"Build"}}],"usage":{"input_tokens":3,'
    .. '"cache_creation_input_tokens":20,"cache_read_input_tokens":100,"output_tokens":1}}'),
  line(1.25, '"type":"assistant","message":{"id":"msg_01AbCdEfGhIjKlMnOpQrSt","role":"assistant",'
    .. '"model":"claude-a","content":[{"type":"tool_use","id":"t3","name":"mcp__notes__find",'
    .. '"input":{"query":"x"}}],"usage":{"input_tokens":3,"cache_creation_input_tokens":20,'
    .. '"cache_read_input_tokens":100,"output_tokens":50}}'),
  result(3, "t2", '"content":"Exit code 2\\nmake: no rule","is_error":true',
    '"toolUseResult":"Error: Exit code 2\\nmake: no rule",'),
  result(3.5, "t1", '"content":[{"type":"text","text":"return 1"}]',
    '"toolUseResult":{"type":"text"},'),
  result(4, "t3", '"content":"nothing"', '"toolUseResult":{"durationMs":1200.5},'),
  call(5, "t4", "WebSearch", '{"query":"x"}'))

local GOLDEN = {
  { place = 3, tool = "Bash", args = { command = "make" }, status = "failed",
    error_type = "exit_2", error_text = "Exit code 2\nmake: no rule",
    result = "Exit code 2\nmake: no rule", session = "s1", timestamp = START + 3,
    duration_ms = 2000, timing = "elapsed", measures = { result_bytes = 25 } },
  { place = 3, tool = "Read", args = { file_path = "a.lua" }, status = "success",
    result = { { type = "text", text = "return 1" } }, session = "s1", timestamp = START + 3.5,
    duration_ms = 2500, timing = "elapsed", measures = { result_bytes = 8 } },
  { place = 4, tool = "mcp__notes__find", args = { query = "x" }, status = "success",
    result = "nothing", session = "s1", timestamp = START + 4, duration_ms = 1200.5,
    measures = { result_bytes = 7 } },
  { place = 8, tool = "WebSearch", args = { query = "x" }, status = "cancelled",
    error_type = "no_result", session = "s1", timestamp = START + 5, timing = "untimed" },
}

--- The status, error type and error text of a call of Bash whose result's line is this.
local function outcome(block, rest)
  return fields(claude, lines(call(0, "t1", "Bash"), result(1, "t1", block, rest)),
    { "status", "error_type", "error_text" })[1]
end

describe("the decoder of Claude Code's logs", function()
  it("gives the calls of a transcript, in the order in which they ended", function()
    assert.same(GOLDEN, (decode(claude, TRANSCRIPT)))
  end)

  it("reads a text in pieces of a byte", function()
    local executions, problems, notes = decode(claude, TRANSCRIPT, nil, 1)
    assert.same(GOLDEN, executions)
    assert.same({ {}, {} }, { problems, notes })
  end)

  it("makes calls of a model's messages on request, once each, as their last line says", function()
    local executions = decode(claude, TRANSCRIPT, { model_calls = true })
    assert.equal(5, #executions)
    assert.same({ place = 3, tool = "model:claude-a", status = "success", session = "s1",
      timestamp = START + 1.25, timing = "untimed",
      measures = { input_tokens = 123, output_tokens = 50, cached_tokens = 100 } }, executions[4])
  end)

  it("tells the errors of a model's server from what the program says itself", function()
    local said = '"type":"assistant","message":{"id":"m%d","model":"<synthetic>","content":'
      .. '[{"type":"text","text":"API Error: 529"}],"usage":{"input_tokens":0}}'
    local text = lines(line(1, '"isApiErrorMessage":true,"error":"overloaded",' .. said:format(1)),
      line(2, '"isApiErrorMessage":true,' .. said:format(2)), line(3, said:format(3)))
    local names = { "place", "tool", "status", "error_type", "error_text", "measures" }
    assert.same({
      { 1, "model:unknown", "failed", "overloaded", "API Error: 529", false },
      { 2, "model:unknown", "failed", false, "API Error: 529", false },
    }, fields(claude, text, names, { model_calls = true }))
    assert.same({}, fields(claude, text, names))
  end)

  it("says how a call ended only if its result says it", function()
    for block, expected in pairs {
      ['"content":"Exit code 1, timed out"'] = { "success", false, false },
      ['"content":"","is_error":false'] = { "success", false, false },
      ['"content":"no","is_error":true'] = { "failed", false, "no" },
      ['"is_error":true'] = { "failed", false, false },
      ['"content":[{"type":"text","text":"a"},{"type":"image"},{"type":"text","text":"b"}],'
        .. '"is_error":true'] = { "failed", false, "a\nb" },
      ['"content":"Exit code 137","is_error":true'] = { "failed", "exit_137", "Exit code 137" },
      ['"content":"Exit code 1\\nthe peer timed out","is_error":true'] = { "failed", "exit_1",
        "Exit code 1\nthe peer timed out" },
      ['"content":"Exit code 12x","is_error":true'] = { "failed", "exit_12", "Exit code 12x" },
      ['"content":"Exit code 124","is_error":true'] = { "timed_out", "exit_124", "Exit code 124" },
      ['"content":"Exit code 143\\nCommand timed out after 2m 0s","is_error":true'] = { "timed_out",
        false, "Exit code 143\nCommand timed out after 2m 0s" },
      ['"content":"MCP error -32001: Request timed out","is_error":true'] = { "timed_out", false,
        "MCP error -32001: Request timed out" },
      ['"content":"timeout of 60000ms exceeded","is_error":true'] = { "timed_out", false,
        "timeout of 60000ms exceeded" },
      ['"content":"EISDIR: illegal operation","is_error":true'] = { "failed", "EISDIR",
        "EISDIR: illegal operation" },
      ['"content":"<tool_use_error>Not read yet.</tool_use_error>","is_error":true'] = { "failed",
        "tool_use_error", "Not read yet." },
      ['"content":"<tool_use_error>Cancelled: parallel tool call Bash(a) errored'
        .. '</tool_use_error>","is_error":true'] = { "cancelled", "cancelled",
        "Cancelled: parallel tool call Bash(a) errored" },
      ['"content":"<tool_use_error>Sibling tool call errored</tool_use_error>","is_error":true'] =
        { "cancelled", "cancelled", "Sibling tool call errored" },
      ['"content":"The user doesn\'t want to proceed with this","is_error":true'] = { "cancelled",
        "rejected", "The user doesn't want to proceed with this" },
      ['"content":"[Request interrupted by user for tool use]","is_error":true'] = { "cancelled",
        "interrupted", "[Request interrupted by user for tool use]" },
      ['"content":"Permission to use Bash with command x has been denied.","is_error":true'] =
        { "cancelled", "not_permitted", "Permission to use Bash with command x has been denied." },
      ['"content":"Claude requested permissions to use Bash, but you haven\'t granted it yet.",'
        .. '"is_error":true'] = { "cancelled", "not_permitted",
        "Claude requested permissions to use Bash, but you haven't granted it yet." },
    } do
      assert.same(expected, outcome(block), block)
    end
  end)

  it("finds in other fields of the line why a call didn't run", function()
    local denied = '"content":"no","is_error":true'
    for rest, expected in pairs {
      ['"toolUseResult":{"interrupted":true,"stdout":"no"},'] = "interrupted",
      ['"toolDenialKind":"user-rejected",'] = "rejected",
      ['"toolDenialKind":"permission-rule",'] = "not_permitted",
      ['"toolDenialKind":"of another kind",'] = "of another kind",
      ['"tool_result_meta":[{"id":"t1","non_execution_kind":"user-rejected"}],'] = "rejected",
    } do
      assert.same({ "cancelled", expected, "no" }, outcome(denied, rest), rest)
    end
    assert.same({ "cancelled", "interrupted", "half" },
      outcome('"content":"half","is_error":false', '"toolUseResult":{"interrupted":true},'))
    assert.same({ "failed", false, "no" }, outcome(denied,
      '"tool_result_meta":[{"id":"t2","non_execution_kind":"user-rejected"}],'))
  end)

  it("measures where the program did", function()
    for details, expected in pairs {
      ['{"durationMs":5,"totalDurationMs":6}'] = { 5, false },
      ['{"durationSeconds":1.5}'] = { 1500, false },
      ['{"totalDurationMs":61000}'] = { 61000, false },
      ['{"durationMs":-5}'] = { 1000, "elapsed" },
      ['{"durationMs":"5"}'] = { 1000, "elapsed" },
      ['[{"type":"text"}]'] = { 1000, "elapsed" },
    } do
      local text = lines(call(0, "t1", "Task"), result(1, "t1", '"content":""',
        '"toolUseResult":' .. details .. ","))
      assert.same({ expected }, fields(claude, text, { "duration_ms", "timing" }), details)
    end
  end)

  it("doesn't take what is noted about several results for one of them", function()
    local text = lines(call(0, "t1", "Read"), call(0, "t2", "Read"),
      line(2, '"type":"user","toolUseResult":{"durationMs":5},"message":{"content":['
        .. '{"type":"tool_result","tool_use_id":"t2","content":"b"},'
        .. '{"type":"tool_result","tool_use_id":"t1","content":"a"}]}'))
    assert.same({ { 2, "b", 2000, "elapsed" }, { 1, "a", 2000, "elapsed" } },
      fields(claude, text, { "place", "result", "duration_ms", "timing" }))
  end)

  it("leaves only a description of the call itself out of the arguments", function()
    local text = lines(call(0, "t1", "Task", '{"description":"d","prompt":{"description":"p"}}'),
      call(0, "t2", "Odd", '"text"'))
    assert.same({ { { prompt = { description = "p" } } }, { "text" } },
      fields(claude, text, { "args" }))
  end)

  it("takes the last arguments of a call that is written several times in a message", function()
    local id = "toolu_01AbCdEfGhIjKlMnOpQrStUv"
    local function written(s, message, input)
      return line(s, ('"type":"assistant","message":{"id":"%s","content":[{"type":"tool_use",'
        .. '"id":"%s","name":"Read","input":%s}]}'):format(message, id, input))
    end
    local streamed = lines(written(1, "m", "{}"), written(2, "m", '{"file_path":"a"}'))
    local names = { "place", "args", "status" }
    assert.same({ { 1, { file_path = "a" }, "cancelled" } }, fields(claude, streamed, names))
    local text = streamed .. lines(result(3, id, '"content":"x"'), written(4, "n", "{}"))
    local expected = { { 1, { file_path = "a" }, "success" } }
    assert.same({ expected, {}, { "1 copy of a call left out" } },
      { fields(claude, text, names), select(2, decode(claude, text)) })
    local copy = streamed:gsub('"sessionId":"s1"', '"sessionId":"s2"')
    assert.same(expected, fields(claude, lines(written(1, "m", "{}"),
      written(2, "m", '{"file_path":"a"}'), result(3, id, '"content":"x"')) .. copy, names))
  end)

  it("takes a subagent for a session of its own", function()
    local side = '"isSidechain":true,"parentUuid":"%s",'
    local text = lines(
      call(1, "t1", "Task"),
      line(2, '"isSidechain":true,"parentUuid":null,"type":"user","message":{"content":"Look"}'),
      call(3, "t2", "Grep", nil, side:format("u2")),
      result(4, "t2", '"content":"a"', side:format("u3")),
      call(5, "t3", "Read", nil, side:format("u4") .. '"agentId":"a123",'),
      result(6, "t3", '"content":"b"', side:format("u5") .. '"agentId":"a123",'),
      result(7, "t1", '"content":"c"'))
    assert.same({ { "Grep", "u2", 1, 1000 }, { "Read", "a123", 1, 1000 },
      { "Task", "s1", false, 6000 } },
      fields(claude, text, { "tool", "session", "depth", "duration_ms" }))
  end)

  it("reads a stream, which has no times", function()
    local text = lines(
      '{"type":"system","subtype":"init","session_id":"s2","tools":["Task"]}',
      '{"type":"stream_event","event":{"type":"content_block_start"},"session_id":"s2"}',
      '{"type":"assistant","session_id":"s2","parent_tool_use_id":null,"message":{"id":"m1",'
        .. '"model":"a","content":[{"type":"tool_use","id":"t1","name":"Task","input":{}}]}}',
      '{"type":"assistant","session_id":"s2","parent_tool_use_id":"t1","message":{"id":"m2",'
        .. '"model":"b","content":[{"type":"tool_use","id":"t2","name":"Read","input":{}}]}}',
      '{"type":"user","session_id":"s2","parent_tool_use_id":"t1","tool_use_result":'
        .. '{"durationMs":7},"message":{"content":[{"type":"tool_result","tool_use_id":"t2",'
        .. '"content":"x"}]}}',
      '{"type":"user","session_id":"s2","parent_tool_use_id":null,"message":{"content":['
        .. '{"type":"tool_result","tool_use_id":"t1","content":"y"}]}}',
      '{"type":"result","subtype":"success","is_error":false,"session_id":"s2","usage":{}}')
    local _, problems, notes = decode(claude, text)
    assert.same({ {}, {} }, { problems, notes })
    assert.same({
      { 4, "Read", "t1", 1, false, 7, false },
      { 3, "Task", "s2", false, false, false, "untimed" },
      { 3, "model:a", "s2", false, false, false, "untimed" },
      { 4, "model:b", "t1", 1, false, false, "untimed" },
    }, fields(claude, text, { "place", "tool", "session", "depth", "timestamp", "duration_ms",
      "timing" }, { model_calls = true }))
  end)

  it("reads the calls that the model's server makes", function()
    local text = lines(line(0, '"type":"assistant","message":{"content":['
      .. '{"type":"server_tool_use","id":"w1","name":"web_search","input":{"query":"x"}},'
      .. '{"type":"web_search_tool_result","tool_use_id":"w1","content":[{"title":"X"}]},'
      .. '{"type":"server_tool_use","id":"w2","name":"web_search","input":{"query":"y"}},'
      .. '{"type":"web_search_tool_result","tool_use_id":"w2","content":'
      .. '{"type":"web_search_tool_result_error","error_code":"max_uses_exceeded"}}]}'))
    assert.same({ { { query = "x" }, "success", false },
      { { query = "y" }, "failed", "max_uses_exceeded" } },
      fields(claude, text, { "args", "status", "error_type" }))
  end)

  it("passes over what has no calls, and counts what it doesn't know", function()
    local _, problems, notes = decode(claude, lines('{"type":"file-history-snapshot"}',
      '{"type":"progress","data":{"type":"tool_use"}}', '{"type":"dream"}', '{"type":"dream"}',
      "{}",
      call(1, "", "Bash"), call(1, "t1", ""), result(1, "", '"content":"x"')))
    assert.same({ { 6, "a call without a name or an id" }, { 7, "a call without a name or an id" },
      { 8, "a result without a tool_use_id" } }, problems)
    assert.same({ "unknown kinds, skipped: dream 2, untyped 1" }, notes)
  end)

  it("passes over null between blocks", function()
    agent_logs.assert_nulls_are_passed_over(claude, TRANSCRIPT)
  end)

  it("reads lines whatever values they have", function()
    local all = {}
    for text in TRANSCRIPT:gmatch("[^\n]+") do
      all[#all + 1] = text
    end
    all[#all + 1] = result(6, "t4", '"content":{"error_code":"x"}', '"toolDenialKind":"x",'
      .. '"toolUseResult":{"durationSeconds":1},"isSidechain":true,"agentId":"a","parentUuid":"u1",'
      .. '"tool_result_meta":[{"id":"t4","non_execution_kind":"x"}],')
    all[#all + 1] = line(7, '"type":"assistant","isApiErrorMessage":true,"error":"x","message":'
      .. '{"id":"m","model":"<synthetic>","content":[{"type":"text","text":"x"}]}')
    assert.is_true(agent_logs.assert_malformed_values_are_read(claude, all) > 1000)
  end)

  it("is recognised by the keys of its lines", function()
    for _, keys in ipairs {
      { type = '"user"', message = "{", sessionId = '"s"', uuid = '"u"' },
      { type = '"assistant"', message = "{", session_id = '"s"', parent_tool_use_id = "n" },
      { type = '"system"', subtype = '"init"', session_id = '"s"', tools = '["' },
      { type = '"result"', subtype = '"success"', session_id = '"s"', num_turns = "1" },
      { type = '"summary"', summary = '"S"', leafUuid = '"u"' },
      { type = '"file-history-snapshot"', messageId = '"m"', snapshot = "{" },
      { type = '"permission-mode"', sessionId = '"s"' },
      { parentUuid = "n", isSidechain = "f", message = "{" },
      { parentUuid = '"u"', isSidechain = "t", type = '"dream"' },
    } do
      assert.is_true(claude.fits(keys), keys.type)
    end
    for _, keys in ipairs {
      {}, { type = "{" }, { type = '"user"' }, { type = '"user"', message = '"x"', id = '"i"' },
      { type = '"user"', content = '"x"', sessionId = '"s"', uuid = '"u"' },
      { type = '"user"', message = "{", sessionId = '"s"' }, { type = '"session_meta"' },
      { type = '"user"', message = "{", uuid = '"u"' },
      { type = '"user"', message = '"x"', session_id = '"s"', uuid = '"u"' },
      { type = '"permission-mode"' },
      { type = '"system"', subtype = '"init"', session_id = '"s"' }, { parentUuid = "n" },
      { type = '"result"', session_id = '"s"', num_turns = "1" }, { type = '"mode"' },
      { type = '"response_item"', payload = "{", timestamp = '"t"' }, { type = '"dream-on"' },
      { sessionId = '"s"', messages = "[" }, { type = '"thread.started"', thread_id = '"t"' },
    } do
      assert.is_false(claude.fits(keys), keys.type)
    end
  end)
end)
