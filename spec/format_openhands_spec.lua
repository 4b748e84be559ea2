local agent_logs = require("spec.support.agent_logs")
local callings = require("exectrack.format.calls")
local openhands = require("exectrack.format.openhands")
local pieces = require("spec.support.pieces")

local decode, fields = agent_logs.decode, agent_logs.fields

-- 2026-01-01T10:00:00, which is read as UTC
local START = 1767261600

local function time(s)
  return ("2026-01-01T10:00:%09.6f"):format(s)
end

local function event(id, s, rest)
  return ('{"id":%s,"timestamp":"%s","source":"agent",%s}'):format(id, time(s), rest)
end

--- What an action and its observation have about the call. `arguments` is JSON in a text.
local function about(name, call_id, arguments)
  return ('"tool_call_metadata":{"function_name":"%s","tool_call_id":"%s","model_response":'
    .. '{"id":"response-%s","model":"m","choices":[{"message":{"tool_calls":[{"id":"other"},'
    .. '{"id":"%s","function":{"name":"%s","arguments":"%s"}}]}}],"usage":{"prompt_tokens":30,'
    .. '"completion_tokens":4,"prompt_tokens_details":{"cached_tokens":20}}}}'):format(name,
    call_id, call_id, call_id, name, (arguments:gsub('"', '\\"')))
end

local RUN = about("execute_bash", "toolu_01", '{"command":"make","security_risk":"LOW"}')

local function record(instance, history, rest)
  return ('{"instance_id":"%s","history":[%s]%s}'):format(instance, history, rest or "")
end

local HISTORY = event(0, 0, '"action":"message","args":{"content":"Mend it"}') .. ","
  .. '{"id":1,"timestamp":"' .. time(0) .. '","source":"user","action":"recall","args":{}},'
  .. event(2, 0.5, '"cause":1,"observation":"recall","content":"x"') .. ","
  .. event(3, 1, '"action":"run","args":{"command":"make","thought":"t"},' .. RUN) .. ","
  .. event(4, 2.5, '"cause":3,"observation":"run","content":"no rule","success":false,"extras":'
    .. '{"metadata":{"exit_code":2}},' .. RUN) .. ","
  .. event(5, 3, '"action":"edit","args":{"path":"a","thought":"t","security_risk":1,"impl_source":'
    .. '"oh_aci","confirmation_state":"confirmed","blocking":false,"hidden":false},'
    .. about("edit", "toolu_02", "{not whole")) .. ","
  .. event(6, 3.25, '"cause":5,"observation":"edit","content":"The file has been edited"') .. ","
  .. event(7, 4, '"action":"finish","args":{},' .. about("finish", "toolu_03", "{}"))

local RECORDS = record("one", HISTORY) .. "\n" .. record("two", "") .. "\n"

local GOLDEN = {
  { place = "1: history[4]", tool = "execute_bash", args = { command = "make" }, status = "failed",
    error_type = "exit_2", error_text = "no rule", result = "no rule", session = "one",
    timestamp = START + 2.5, duration_ms = 1500, measures = { result_bytes = 7 } },
  { place = "1: history[6]", tool = "edit", args = { path = "a" }, status = "success",
    result = "The file has been edited", session = "one", timestamp = START + 3.25,
    duration_ms = 250, measures = { result_bytes = 24 } },
}

local function sdk(kind, id, s, rest)
  return ('{"kind":"%s","id":"%s","timestamp":"%s","source":"agent"%s}'):format(kind, id, time(s),
    rest or "")
end

local SDK_CALL = ',"tool_name":"terminal","tool_call_id":"call_1","llm_response_id":"response-1",'
  .. '"summary":"Build it","action":{"kind":"TerminalAction","command":"make","is_input":false},'
  .. '"tool_call":{"id":"call_1","name":"terminal","arguments":'
  .. '"{\\"command\\":\\"make\\",\\"summary\\":\\"Build it\\",\\"security_risk\\":\\"LOW\\"}"}'

--- An observation of the SDK of the call `call_1`.
local function sdk_result(rest)
  return sdk("ObservationEvent", "o", 2, ',"action_id":"a","tool_name":"terminal",'
    .. '"tool_call_id":"call_1","observation":{' .. rest .. "}")
end

local FIELDS = { "status", "error_type", "error_text", "result" }

--- How a call ended whose observation has these fields.
local function outcome(rest)
  return fields(openhands, event(1, 0, '"action":"run","args":{}') .. "\n"
    .. event(2, 1, '"cause":1,' .. rest) .. "\n", FIELDS)[1]
end

--- The executions in texts that are read together, each by its name.
local function decode_files(files)
  local calls, rows = callings.new(), {}
  for _, file in ipairs(files) do
    for place, execution in openhands.decode(pieces(file[2]),
      { calls = calls, source = file[1] }) do
      rows[#rows + 1] = { execution.place, place, execution.session, execution.duration_ms }
    end
  end
  calls:close()
  assert.is_nil(calls:next())
  return rows, calls:notes()
end

describe("the decoder of OpenHands's events", function()
  it("gives the calls of records", function()
    local executions, problems, notes = decode(openhands, RECORDS)
    assert.same({ GOLDEN, {}, {} }, { executions, problems, notes })
  end)

  it("reads a text in pieces of a byte", function()
    assert.same(GOLDEN, (decode(openhands, RECORDS, nil, 1)))
  end)

  it("reads trajectories, and lines of events", function()
    local lines = HISTORY:gsub('},{"id":(%d)', '}\n{"id":%1')
    for text, place in pairs { ["[\n" .. HISTORY .. "]"] = "[4]", [lines .. "\n"] = 4,
      ['{"trajectory":[' .. HISTORY .. "]}"] = "trajectory[4]",
      ['{"instance_id":"one","history":[' .. HISTORY .. "]}"] = "history[4]" } do
      local executions = decode(openhands, text)
      assert.same({ 2, place, 1500 },
        { #executions, executions[1].place, executions[1].duration_ms })
    end
  end)

  it("reads the pairs that old histories have", function()
    local text = record("one", "[" .. event(1, 0, '"action":"run","args":{"command":"a"}') .. ","
      .. event(2, 1, '"cause":1,"observation":"run","content":"","extras":{"exit_code":1}') .. "],["
      .. event(3, 2, '"action":"finish"') .. ',{"observation":"null","content":""}]')
    assert.same({ { "history[1][1]", "run", { command = "a" }, "exit_1" } },
      fields(openhands, text, { "place", "tool", "args", "error_type" }))
  end)

  it("keeps histories apart, and counts a copy of one once", function()
    local again = HISTORY:gsub("T10:00", "T11:00")
    local executions, _, notes = decode(openhands, record("one", HISTORY) .. "\n"
      .. record("one", again) .. "\n" .. record("one", HISTORY) .. "\n")
    assert.equal(4, #executions)
    assert.same({ "2 copies of calls left out" }, notes)
  end)

  it("reads events that are a file each, in whatever order", function()
    local first = event(3, 1, '"action":"run","args":{},' .. RUN)
    local second = event(4, 2, '"cause":3,"observation":"run","content":""')
    local other = event(3, 5, '"action":"run","args":{},' .. about("a", "toolu_09", "{}"))
    local third = event(4, 7, '"cause":3,"observation":"run","content":""')
    assert.same({
      { "s/a/events/3.json", "", "a", 1000 },
      { "s/b/events/3.json", "", "b", 2000 },
    }, (decode_files {
      { "s/a/events/3.json", first }, { "s/b/events/4.json", third },
      { "s/a/events/4.json", second }, { "s/b/events/3.json", other },
    }))
    local rows, notes = decode_files {
      { "a/event_cache/0-4.json", "[" .. first .. "]" },
      { "a/event_cache/4-8.json", "[" .. second .. "]" },
      { "a/events/3.json", first }, { "a/events/4.json", second },
    }
    assert.same({ { "a/event_cache/0-4.json: [1]", "[1]", "a", 1000 } }, rows)
    assert.same({ "1 copy of a call left out" }, notes)
    -- Others are each a text of its own.
    assert.same({}, (decode_files { { "a.json", first }, { "b.json", second },
      { "1.json", "[" .. first .. "]" }, { "2.json", "[" .. second .. "]" } }))
  end)

  it("says how a call ended by its observation", function()
    for rest, expected in pairs {
      ['"observation":"run","content":"ERROR","success":true,"extras":{"metadata":'
        .. '{"exit_code":0}}'] = { "success", false, false, "ERROR" },
      ['"observation":"run","content":"a","success":false,"extras":{"metadata":'
        .. '{"exit_code":-1}}'] = { "timed_out", false, "a", "a" },
      ['"observation":"run","content":"a","extras":{"exit_code":127}'] = { "failed", "exit_127",
        "a", "a" },
      ['"observation":"run","content":"a","success":false'] = { "failed", false, "a", "a" },
      ['"observation":"read","content":"ERROR:\\nno"'] = { "failed", false, "ERROR:\nno",
        "ERROR:\nno" },
      ['"observation":"read","content":"no ERROR"'] = { "success", false, false, "no ERROR" },
      ['"observation":"browse","content":"a","extras":{"error":true}'] = { "failed", false, "a",
        "a" },
      ['"observation":"mcp","content":"{\\"isError\\": true}"'] = { "failed", false,
        '{"isError": true}', '{"isError": true}' },
      ['"observation":"mcp","content":"{\\"isError\\":false}"'] = { "success", false, false,
        '{"isError":false}' },
      ['"observation":"error","content":"no such action","extras":{"error_id":""}'] = { "failed",
        "agent_error", "no such action", "no such action" },
      ['"observation":"error","content":"a","extras":{"error_id":"AGENT_ERROR$BAD_ACTION"}'] =
        { "failed", "AGENT_ERROR$BAD_ACTION", "a", "a" },
      ['"observation":"user_rejected","content":"a"'] = { "cancelled", "rejected", "a", "a" },
      ['"observation":"think"'] = { "success", false, false, false },
    } do
      assert.same(expected, outcome(rest), rest)
    end
  end)

  it("leaves thoughts out of the arguments, but where they are all that there is", function()
    local text = event(1, 0, '"action":"think","args":{"thought":"a"}') .. "\n"
      .. event(2, 0, '"cause":1,"observation":"think","content":"logged"') .. "\n"
      .. event(3, 0, '"action":"think","args":{},' .. about("think", "c", '{"thought":"b"}'))
      .. "\n"
      .. event(4, 0, '"cause":3,"observation":"think","content":"logged"') .. "\n"
      .. event(5, 0, '"action":"read","args":{"thought":"a"}') .. "\n"
      .. event(6, 0, '"cause":5,"observation":"read","content":""') .. "\n"
    assert.same({ { { thought = "a" } }, { { thought = "b" } }, { {} } },
      fields(openhands, text, { "args" }))
  end)

  it("has no duration where a time is missing or runs backwards", function()
    for times, expected in pairs { [{ 5, 4 }] = { START + 4, false, "untimed" },
      [{ 5, 5 }] = { START + 5, 0, false } } do
      local text = event(1, times[1], '"action":"run"') .. "\n"
        .. event(2, times[2], '"cause":1,"observation":"run"') .. "\n"
      assert.same({ expected }, fields(openhands, text, { "timestamp", "duration_ms", "timing" }))
    end
    assert.same({ { "run", false, "untimed" } }, fields(openhands, '{"id":1,"source":"agent",'
      .. '"action":"run"}\n{"id":2,"cause":1,"observation":"run"}\n',
      { "tool", "timestamp", "timing" }))
  end)

  it("makes calls of a model's responses on request, once each", function()
    local names = { "place", "tool", "timestamp", "duration_ms", "timing", "measures" }
    local usage = { input_tokens = 30, output_tokens = 4, cached_tokens = 20 }
    local rows = fields(openhands, record("one", HISTORY .. "," .. HISTORY), names,
      { model_calls = true })
    assert.equal(2 + 3, #rows)
    assert.same({ "history[4]", "model:m", START + 1, false, "untimed", usage }, rows[3])
    rows = fields(openhands, record("one", HISTORY, ',"metrics":{"response_latencies":['
      .. '{"response_id":"response-toolu_01","latency":1.5}],"token_usages":['
      .. '{"response_id":"response-toolu_01","model":"p/m","prompt_tokens":31,'
      .. '"completion_tokens":5,"cache_read_tokens":21},'
      .. '{"response_id":"response-0","model":"p/m","prompt_tokens":9}]}'), names,
      { model_calls = true })
    assert.same({ "history[4]", "model:p/m", START + 1, 1500, false,
      { input_tokens = 31, output_tokens = 5, cached_tokens = 21 } }, rows[3])
    assert.same({ "metrics.token_usages[2]", "model:p/m", false, false, "untimed",
      { input_tokens = 9 } }, rows[6])
  end)

  it("reads the events of the SDK", function()
    local text = record("one", sdk("SystemPromptEvent", "s", 0) .. ","
      .. sdk("ActionEvent", "a", 1, SDK_CALL) .. ","
      .. sdk_result('"kind":"TerminalObservation","content":[{"type":"text","text":"ok"}],'
        .. '"exit_code":0,"is_error":false') .. ","
      .. sdk("MessageEvent", "m", 3, ',"llm_response_id":"response-2"') .. ","
      .. sdk("ActionEvent", "f", 4, ',"tool_name":"finish","tool_call_id":"call_2"'),
      ',"metrics":{"token_usages":[{"response_id":"response-2","model":"p/m"}]}')
    local executions, problems, notes = decode(openhands, text, { model_calls = true })
    assert.same({ { place = "history[2]", tool = "terminal", args = { command = "make" },
      status = "success", result = { { type = "text", text = "ok" } }, session = "one",
      timestamp = START + 2, duration_ms = 1000, measures = { result_bytes = 2 } },
      { place = "history[2]", tool = "model:unknown", status = "success", session = "one",
        timestamp = START + 1, timing = "untimed" },
      { place = "history[4]", tool = "model:p/m", status = "success", session = "one",
        timestamp = START + 3, timing = "untimed" } }, executions)
    assert.same({ {}, {} }, { problems, notes })
  end)

  it("says how a call of the SDK ended", function()
    local said = '"content":[{"type":"text","text":"no"}],'
    for result, expected in pairs {
      [sdk_result(said .. '"exit_code":1,"is_error":true')] = { "failed", "exit_1", "no" },
      [sdk_result(said .. '"metadata":{"exit_code":3}')] = { "failed", "exit_3", "no" },
      [sdk_result(said .. '"exit_code":0,"is_error":true')] = { "failed", false, "no" },
      [sdk_result(said .. '"exit_code":-1')] = { "timed_out", false, "no" },
      [sdk_result(said .. '"exit_code":"1"')] = { "failed", "exit_1", "no" },
      [sdk_result(said .. '"exit_code":0,"timeout":true')] = { "timed_out", false, "no" },
      [sdk_result('"output":"no","is_error":true')] = { "failed", false, "no" },
      [sdk("AgentErrorEvent", "e", 2, ',"tool_call_id":"call_1","error":"no such tool"')] =
        { "failed", "agent_error", "no such tool" },
      [sdk("UserRejectObservation", "u", 2, ',"action_id":"a","tool_call_id":"call_1",'
        .. '"rejection_reason":"not now","rejection_source":"user"')] =
        { "cancelled", "rejected", "not now" },
      [sdk("UserRejectObservation", "u", 2, ',"action_id":"a","tool_call_id":"call_1",'
        .. '"rejection_source":"hook"')] = { "cancelled", "not_permitted", false },
    } do
      local action = sdk("ActionEvent", "a", 1, SDK_CALL)
      assert.same({ { expected[1], expected[2], expected[3], 1000 } },
        fields(openhands, action .. "\n" .. result .. "\n",
          { "status", "error_type", "error_text", "duration_ms" }), result)
    end
  end)

  it("pairs by the action, if the model uses the identifier of a call again", function()
    local text = sdk("ActionEvent", "b", 1, SDK_CALL) .. "\n" .. sdk_result('"content":"of a"')
      .. "\n" .. sdk("ActionEvent", "c", 3, SDK_CALL) .. "\n"
      .. sdk_result('"content":"of c"'):gsub('"action_id":"a"', '"action_id":"c"') .. "\n"
    assert.same({ { 3, "of c" } }, fields(openhands, text, { "place", "result" }))
  end)

  it("takes the arguments of the SDK's action where the model's aren't whole", function()
    for from, to in pairs { ['"tool_call":{.*}'] = '"tool_call":null',
      ['"arguments":.*}'] = '"arguments":"{"}' } do
      local text = sdk("ActionEvent", "a", 1, (SDK_CALL:gsub(from, to))) .. "\n" .. sdk_result("")
      assert.same({ { { command = "make", is_input = false } } },
        fields(openhands, text .. "\n", { "args" }), to)
    end
    local own = SDK_CALL:gsub('"summary":"Build it",', "")
    assert.same({ { { command = "make", summary = "Build it" } } }, fields(openhands,
      sdk("ActionEvent", "a", 1, own) .. "\n" .. sdk_result("") .. "\n", { "args" }))
  end)

  it("counts what it doesn't know", function()
    local _, problems, notes = decode(openhands, sdk("ACPToolCallEvent", "a", 1) .. "\n{}\n"
      .. '{"instance_id":"one","history":[{},1,{"kind":"PauseEvent"}]}\n')
    assert.same({}, problems)
    assert.same({ "unknown kinds, skipped: untyped 3, ACPToolCallEvent 1" }, notes)
  end)

  it("passes over null between events, and in what they have", function()
    agent_logs.assert_nulls_are_passed_over(openhands, record("one", HISTORY,
      ',"metrics":{"token_usages":[{"response_id":"response-0","model":"m","prompt_tokens":9}]}'))
    agent_logs.assert_nulls_are_passed_over(openhands, "[[" .. HISTORY .. "]]")
  end)

  it("reads records and events whatever values they have", function()
    local metrics = ',"metrics":{"response_latencies":[{"response_id":"response-toolu_01",'
      .. '"latency":1.5}],"token_usages":[{"response_id":"response-0","model":"m",'
      .. '"prompt_tokens":9}]}'
    assert.is_true(agent_logs.assert_malformed_values_are_read(openhands,
      { record("one", HISTORY, metrics) }) > 1000)
    assert.is_true(agent_logs.assert_malformed_values_are_read(openhands, {
      sdk("ActionEvent", "a", 1, SDK_CALL), sdk_result('"content":[],"metadata":{"exit_code":3}'),
      sdk("ActionEvent", "b", 1, SDK_CALL), sdk("AgentErrorEvent", "e", 2,
        ',"tool_call_id":"call_1","error":"no"'), sdk("ActionEvent", "c", 1, SDK_CALL),
      sdk("UserRejectObservation", "u", 2, ',"action_id":"c","rejection_reason":"no"'),
    }) > 500)
  end)

  it("is recognised by the keys of its objects", function()
    for _, keys in ipairs {
      { instance_id = '"i"', test_result = "{", instruction = '"x"' },
      { instance_id = '"i"', history = "[{" }, { instance_id = '"i"', history = "[[" },
      { id = "1", timestamp = '"t"', source = '"agent"', action = '"run"', args = "{" },
      { id = "1", timestamp = '"t"', source = '"agent"', observation = '"run"',
        content = '"x"' },
      { id = '"i"', timestamp = '"t"', source = '"agent"', kind = '"ActionEvent"' },
    } do
      assert.is_true(openhands.fits(keys))
    end
    for _, keys in ipairs {
      {}, { instance_id = '"i"', model_patch = '"p"' }, { instance_id = "1", history = "[{" },
      { instance_id = '"i"', history = "[]" },
      { id = "1", timestamp = '"t"', source = '"web"', action = '"search"', args = "{" },
      { id = "1", timestamp = '"t"', source = '"agent"', action = '"search"' },
      { id = '"i"', timestamp = '"t"', source = '"agent"', kind = '"call"' },
      { id = '"i"', timestamp = '"t"', source = '"agent"', action = '"run"' },
      { id = "1", timestamp = '"t"', source = '"agent"' }, { id = "1", action = '"run"' },
      { id = '"i"', timestamp = '"t"', kind = '"x"' }, { timestamp = '"t"', source = '"a"' },
    } do
      assert.is_false(openhands.fits(keys))
    end
  end)
end)
