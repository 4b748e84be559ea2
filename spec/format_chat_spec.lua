local agent_logs = require("spec.support.agent_logs")
local callings = require("exectrack.format.calls")
local chat = require("exectrack.format.chat")

local decode = agent_logs.decode

--- What a text is decoded into, in a line for each execution; and the problems and notes.
local function told(text, options)
  local executions, problems, notes = decode(chat, text, options)
  for i, execution in ipairs(executions) do
    executions[i] = ("%s %s %s %s %s"):format(execution.session, execution.place, execution.tool,
      execution.status, execution.error_type or "-")
  end
  return executions, problems, notes
end

--- JSON as a line.
local function one_line(text)
  return (text:gsub("\n%s*", ""))
end

--- An execution as the decoder makes it.
local function execution(place, session, tool, status, args, result, bytes, error_text)
  return { place = place, session = session, tool = tool, status = status, args = args,
    result = result, timing = "untimed", error_text = error_text,
    measures = bytes and { result_bytes = bytes } }
end

local CONVERSATION = [=[
[
  {"role": "system", "content": "Be brief."},
  {"role": "user", "content": "How warm is it in Oslo and in Rome?"},
  {"role": "assistant", "content": null, "tool_calls": [
    {"id": "call_o", "type": "function",
     "function": {"name": "weather", "arguments": "{\"city\": \"Oslo\", \"units\": [1, 2]}"}},
    {"id": "call_r", "type": "function",
     "function": {"name": "weather", "arguments": "Rome, please"}}]},
  {"role": "tool", "tool_call_id": "call_r", "name": "weather",
   "content": "Error: arguments aren't JSON"},
  {"role": "tool", "tool_call_id": "call_o", "content": "4 degrees"},
  {"role": "assistant", "content": "It is 4 degrees in Oslo.", "tool_calls": [
    {"id": "call_s", "type": "function", "function": {"name": "sleep", "arguments": ""}}]}
]
]=]

describe("the decoder of chat messages", function()
  it("pairs the calls in a document with their results, cut anywhere", function()
    local unanswered = execution("[6]", "logs#1", "sleep", "cancelled", "")
    unanswered.error_type = "no_result"
    local expected = {
      execution("[3]", "logs#1", "weather", "failed", "Rome, please",
        "Error: arguments aren't JSON", 28, "Error: arguments aren't JSON"),
      execution("[3]", "logs#1", "weather", "success", { city = "Oslo", units = { 1, 2 } },
        "4 degrees", 9),
      unanswered,
    }
    for _, bytes in ipairs { 1, 7, #CONVERSATION } do
      local executions, problems, notes = decode(chat, CONVERSATION, { source = "/var/logs" },
        bytes)
      assert.same(expected, executions)
      assert.same({}, problems)
      assert.same({}, notes)
    end
  end)

  it("never raises for a text that is cut short", function()
    for length = 0, #CONVERSATION do
      decode(chat, CONVERSATION:sub(1, length))
    end
  end)

  it("finds lists in lists, in records and in lines, and numbers them within a file", function()
    local function list(id)
      return ('[{"role":"assistant","tool_calls":[{"id":"%s","function":{"name":"f"}}]},'
        .. '{"role":"tool","tool_call_id":"%s","content":"ok"}]'):format(id, id)
    end
    local a, b = list "call_0", list "call_1"
    for text, places in pairs {
      ["[" .. a .. "," .. b .. "]"] = { "[1][1]", "[2][1]" },
      [a .. "\n" .. b] = { "1: [1]", "2: [1]" },
      ['[{"id":7,"traj":' .. a .. '},{"id":8,"traj":' .. b .. "}]"] = { "[1].traj[1]",
        "[2].traj[1]" },
      ['{"z":' .. b .. ',"history":' .. a .. ',"n":[1],"m":[{"x":1}]}'] = { "history[1]", "z[1]" },
      ['{"messages":' .. a .. '}\n\n{"messages":' .. b .. "}"] = { "1: messages[1]",
        "3: messages[1]" },
      ['{"request":{"body":{"messages":' .. a .. '}}}\n{"body":{"messages":' .. b .. "}}"] = {
        "1: request.body.messages[1]", "2: body.messages[1]" },
    } do
      assert.same({ "x.json#1 " .. places[1] .. " f success -",
        "x.json#2 " .. places[2] .. " f success -" }, (told(text, { source = "a\\b/x.json" })))
    end
  end)

  it("takes lines that are messages as one conversation", function()
    assert.same({ "#1 2 f success -", "#1 4 f failed -" }, (told [[
{"role":"user","content":"f, twice"}
{"role":"assistant","tool_calls":[{"id":"call_0","function":{"name":"f","arguments":"{}"}}]}
{"role":"tool","tool_call_id":"call_0","content":"ok"}
{"role":"assistant","tool_calls":[{"id":"call_0","function":{"name":"f","arguments":"{}"}}]}
{"role":"tool","tool_call_id":"call_0","content":"Error"}]]))
  end)

  it("counts a call once in a log of requests that repeat the conversation", function()
    local user = '{"role":"user","content":"Go"}'
    local function turn(id, said)
      return (',{"role":"assistant","tool_calls":[{"id":"%s","function":{"name":"f",'
        .. '"arguments":"{}"}}]},{"role":"tool","tool_call_id":"%s","content":"%s"}'):format(id, id,
        said)
    end
    -- Identifiers that count within a conversation, which no other way tells from another's.
    local first, other = turn("call_0", "1"), turn("call_0", "one")
    local function line(...)
      return '{"messages":[' .. user .. table.concat { ... } .. "]}\n"
    end
    local lines, _, notes = told(line() .. line(first) .. line() .. line(first, turn("call_1", "2"))
      .. line(other) .. line(first, turn("call_1", "2"), turn("call_0", "3")) .. line(first)
      .. line(first, turn("call_1", "two")) .. line(first, other))
    assert.same({
      "#1 2: messages[2] f success -",
      "#1 4: messages[4] f success -",
      "#3 5: messages[2] f success -",
      "#1 6: messages[6] f success -",
      "#7 8: messages[4] f success -", -- the seventh has nothing that wasn't read before
      "#7 9: messages[4] f success -", -- a branch of the eighth
    }, lines)
    assert.same({}, notes)
    -- An identifier that no other call can have tells a copy, whatever else changed.
    lines, _, notes = told(line(turn("call_Ab3dEf6hI9", "1"))
      .. '{"messages":[{"role":"user","content":"…"}' .. turn("call_Ab3dEf6hI9", "1") .. "]}")
    assert.same({ "#1 1: messages[2] f success -" }, lines)
    assert.same({ "1 copy of a call left out" }, notes)
  end)

  it("pairs results without identifiers with the calls before them, by name or in order", function()
    assert.same({ "#1 [1] a success -", "#1 [3] c success -", "#1 [3] b failed -",
      "#1 [3] b success -", "#1 [7] d cancelled no_result" }, (told [=[[
      {"role":"assistant","content":null,"function_call":{"name":"a","arguments":"{}"}},
      {"role":"function","name":"a","content":"1"},
      {"role":"assistant","tool_calls":[{"function":{"name":"b","arguments":{"x":1}}},
        {"function":{"name":"b"}},{"function":{"name":"c"}}]},
      {"role":"tool","tool_name":"c","content":"2"},
      {"role":"tool","content":"Error 3"},
      {"role":"tool","content":"4"},
      {"role":"assistant","function_call":{"name":"d"}}]]=]))
  end)

  it("gives one result to several calls", function()
    assert.same({ "#1 [1] a success -", "#1 [1] b success -" }, (told [=[[
      {"role":"assistant","tool_calls":[{"id":"1","function":{"name":"a"}},
        {"id":"2","type":"custom","custom":{"name":"b","input":"x"}}]},
      {"role":"tool","content":"both","tool_call_ids":["1","2"]}]]=]))
  end)

  it("takes calls and results that are blocks of content or stand among the messages", function()
    local executions = decode(chat, [=[{"messages":[
      {"role":"user","content":"Go"},
      {"role":"assistant","content":[{"type":"text","text":"I go."},
        {"type":"tool_use","id":"t1","name":"walk","input":{"to":"B"}},
        {"type":"tool_use","id":"t2","name":"run","input":{}}]},
      {"role":"user","content":[
        {"type":"tool_result","tool_use_id":"t2","is_error":true,"content":"too tired"},
        {"type":"tool_result","tool_use_id":"t1","content":[{"type":"text","text":"there"}]}]},
      {"type":"function_call","call_id":"c1","name":"rest","arguments":"{\"s\":5}"},
      {"type":"function_call_output","call_id":"c1","output":"Error: no chair"}]}]=])
    assert.same({
      execution("messages[2]", "#1", "run", "failed", {}, "too tired", 9, "too tired"),
      execution("messages[2]", "#1", "walk", "success", { to = "B" },
        { { type = "text", text = "there" } }, 5),
      execution("messages[4]", "#1", "rest", "failed", { s = 5 }, "Error: no chair", 15,
        "Error: no chair"),
    }, executions)
  end)

  it("takes only what begins with Error, or is marked as one, for a failure", function()
    local function status(content, more)
      return (told('[{"role":"assistant","tool_calls":[{"id":"1","function":{"name":"f"}}]},'
        .. '{"role":"tool","tool_call_id":"1"' .. (content and ',"content":' .. content or "")
        .. (more or "") .. "}]"))[1]:match("(%S+) %-$")
    end
    for content, expected in pairs { ['"Error: x"'] = "failed", ['"ErrorCode 5"'] = "failed",
      ['[{"type":"text","text":"Error"}]'] = "failed", ['"error: x"'] = "success",
      ['" Error"'] = "success", ['"No Error"'] = "success", ["{}"] = "success",
      ["null"] = "success", ["5"] = "success" } do
      assert.equal(expected, status(content), content)
    end
    assert.equal("success", status(nil))
    assert.equal("failed", status('"x"', ',"status":"error"'))
    assert.equal("failed", status('"x"', ',"is_error":true'))
    assert.equal("success", status('"x"', ',"is_error":false,"status":"success"'))
  end)

  it("takes a response's messages and, if asked, its usage", function()
    local call = '{"role":"assistant","tool_calls":[{"id":"call_0","function":{"name":"f"}}]}'
    local text = table.concat({
      one_line([[{
        "request": {"messages": [{"role": "user", "content": "Go"}]},
        "response": {"id": "chatcmpl-1", "object": "chat.completion", "created": 1767261600,
          "model": "m-1", "choices": [{"index": 0, "message": ]] .. call .. [[}],
          "usage": {"prompt_tokens": 20, "completion_tokens": 5,
            "prompt_tokens_details": {"cached_tokens": 16}}}}]]),
      '{"messages":[{"role":"user","content":"Go"},' .. call
        .. ',{"role":"tool","tool_call_id":"call_0","content":"ok"}],"usage":{"n":1}}',
      one_line [[{
        "type": "message", "role": "assistant", "id": "msg_1", "model": "m-2", "content": [],
        "usage": {"input_tokens": 3, "cache_read_input_tokens": 7,
          "cache_creation_input_tokens": 1, "output_tokens": 2}}]],
      '{"choices":[{"message":{"role":"assistant"}}],"model":"m-3","created":1e99,"usage":{}}',
    }, "\n")
    assert.same({ "#1 1: response.choices[1].message f success -" }, (told(text)))
    local function model(place, session, tool, measures, timestamp)
      local made = execution(place, session, tool, "success")
      made.measures, made.timestamp = measures, timestamp
      return made
    end
    local executions = decode(chat, text, { model_calls = true })
    table.remove(executions, 1)
    assert.same({
      model("1: response.choices", "#1", "model:m-1", { input_tokens = 20, output_tokens = 5,
        cached_tokens = 16 }, 1767261600),
      model(3, "#3", "model:m-2", { input_tokens = 11, output_tokens = 2, cached_tokens = 7 }),
      model("4: choices", "#4", "model:m-3", {}),
    }, executions)
  end)

  it("knows the calls of other files, whose conversations are others", function()
    local calls = callings.new()
    local text = '[{"role":"assistant","tool_calls":[{"id":"call_0","function":{"name":"f"}},'
      .. '{"id":"call_Ab3dEf6hI9","function":{"name":"g"}}]},'
      .. '{"role":"tool","tool_call_id":"call_0","content":"1"},'
      .. '{"role":"tool","tool_call_id":"call_Ab3dEf6hI9","content":"2"}]'
    assert.same({ "a#1 [1] f success -", "a#1 [1] g success -" },
      (told(text, { calls = calls, source = "a" })))
    assert.same({ "b#1 [1] f success -" }, (told(text, { calls = calls, source = "b" })))
    assert.same({ "1 copy of a call left out" }, calls:notes())
  end)

  it("says what it couldn't take", function()
    local lines, problems, notes = told('{"a":1}\n[]\n5\n' .. one_line [=[[
      {"role":"assistant","function_call":{},
        "tool_calls":[{"id":"1","function":{}},{"id":"2"}]},
      {"role":"tool","content":"x"},
      {"role":"tool","tool_call_id":"3","content":"x"}]]=] .. '\n{"messages":')
    assert.same({}, lines)
    assert.same({ { 3, "an object or array expected" }, { "4: [1]", "a call without a name" } },
      problems)
    assert.same({ "line 5 isn't whole, and was left out", "2 results without a call",
      "unknown kinds, skipped: untyped 1" }, notes)
    assert.same({ {}, {} }, { select(2, told('{"traj":[]}\n[[],{}]\n')) })
  end)

  it("passes over null between messages, calls and blocks", function()
    agent_logs.assert_nulls_are_passed_over(chat, one_line(CONVERSATION))
    agent_logs.assert_nulls_are_passed_over(chat, '{"messages":[{"role":"assistant","content":['
      .. '{"type":"tool_use","id":"a","name":"f"}]},{"role":"user","content":['
      .. '{"type":"tool_result","tool_use_id":"a","content":"x","is_error":true}]}],'
      .. '"response":{"choices":[{"message":{"role":"assistant","tool_calls":['
      .. '{"id":"b","function":{"name":"g"}}]}}],"model":"m"}}')
  end)

  it("reads malformed values", function()
    assert.is_true(agent_logs.assert_malformed_values_are_read(chat, {
      one_line [=[{
        "messages": [
          {"role": "assistant",
            "content": [{"type": "tool_use", "id": "a", "name": "n", "input": {}}],
            "tool_calls": [{"id": "b", "function": {"name": "m", "arguments": "{}"}}],
            "function_call": {"name": "f", "arguments": "{}"}},
          {"role": "tool", "tool_call_id": "b", "tool_call_ids": ["a"], "name": "m",
            "content": [{"type": "text", "text": "t"}]},
          {"type": "function_call", "call_id": "c", "name": "q", "arguments": "{}"},
          {"type": "function_call_output", "call_id": "c", "output": "o"}],
        "response": {
          "choices": [{"message": {"role": "assistant", "content": "c"}}],
          "model": "m", "id": "i", "created": 1,
          "usage": {"prompt_tokens": 1, "prompt_tokens_details": {"cached_tokens": 1}}}}]=],
    }) > 1000)
  end)

  it("recognises messages, and records with lists of them", function()
    for _, keys in ipairs {
      { role = '"user"', content = '"Go"' },
      { role = '"assistant"', tool_calls = "[{" },
      { task_id = "0", traj = "[{", info = "{" },
      { history = "[{", info = "{" },
      { messages = "[{", model = '"m"' },
      { choices = "[{", model = '"m"', usage = "{" },
    } do
      assert.is_true(chat.fits(keys))
    end
    for _, keys in ipairs {
      {},
      { role = "5", content = '"Go"' },
      { role = '"admin"', content = '"x"' },
      { role = '"user"' },
      { type = '"message"', role = '"user"', content = "[{" }, -- Codex
      { messages = "[{", sessionId = '"s"', projectHash = '"h"' }, -- Gemini CLI
      { history = "[{", instance_id = '"i"' }, -- OpenHands
      { messages = "{" }, { history = '["' },
      { choices = "[{" },
      { trajectory = "[{", info = "{" }, -- steps without messages
    } do
      assert.is_false(chat.fits(keys))
    end
  end)
end)
