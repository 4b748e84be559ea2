local agent_logs = require("spec.support.agent_logs")
local codex = require("exectrack.format.codex")
local json_text = require("exectrack.json_text")
local portable = require("spec.support.portable")

local decode, fields = agent_logs.decode, agent_logs.fields

-- 2026-01-01T10:00:00Z
local START = 1767261600

local META = '{"timestamp":"2026-01-01T10:00:00Z","type":"session_meta","payload":{"id":"s1"}}'

--- A line of a rollout at so many seconds.
local function line(s, kind, payload)
  return ('{"timestamp":"2026-01-01T10:00:%05.2fZ","type":"%s","payload":{%s}}'):format(s, kind,
    payload)
end

local function call(s, id, name, arguments)
  return line(s, "response_item", ('"type":"function_call","call_id":"%s","name":"%s",'
    .. '"arguments":%s'):format(id, name, json_text.string(arguments or "{}")))
end

--- `text` is an output, which isn't in JSON.
local function output(s, id, text)
  return line(s, "response_item", ('"type":"function_call_output","call_id":"%s","output":%s')
    :format(id, json_text.string(text)))
end

local function event(s, kind, id, rest)
  return line(s, "event_msg", ('"type":"%s","call_id":"%s"%s'):format(kind, id, rest or ""))
end

local function lines(...)
  return table.concat({ ... }, "\n") .. "\n"
end

local ROLLOUT = lines(META,
  line(0, "turn_context", '"model":"gpt-a"'),
  line(1, "response_item", '"type":"message","role":"user","content":[]'),
  call(2, "c1", "shell", '{"command":["bash","-lc","make"],"workdir":"/x","timeout_ms":5,'
    .. '"justification":"j","with_escalated_permissions":true}'),
  output(2, "c1", '{"output":"no rule\\n","metadata":{"exit_code":2,"duration_seconds":1.5}}'),
  line(2, "event_msg", '"type":"token_count","info":{"total_token_usage":{"total_tokens":120},'
    .. '"last_token_usage":{"input_tokens":100,"cached_input_tokens":60,"output_tokens":20}}'),
  line(3, "response_item", '"type":"custom_tool_call","call_id":"c2","name":"apply_patch",'
    .. '"input":"*** Begin Patch"'),
  event(3, "exec_command_end", "c2", ',"exit_code":0,"duration":{"secs":2,"nanos":500000000}'),
  line(4, "response_item", '"type":"custom_tool_call_output","call_id":"c2","output":"Done"'),
  call(5, "c3", "update_plan", '{"plan":[]}'),
  output(5, "c3", "Plan updated"),
  call(6, "c4", "wait", '{"cell_id":"1","yield_time_ms":10}'),
  line(7, "event_msg", '"type":"turn_aborted","reason":"interrupted"'))

local GOLDEN = {
  { place = 7, tool = "apply_patch", args = "*** Begin Patch", status = "success",
    result = "Done", session = "s1", timestamp = START + 4, duration_ms = 2500,
    measures = { result_bytes = 4 } },
  { place = 4, tool = "shell", args = { command = { "bash", "-lc", "make" } }, status = "failed",
    error_type = "exit_2", error_text = "no rule\n", result = "no rule\n", session = "s1",
    timestamp = START + 2, duration_ms = 1500, measures = { result_bytes = 8 } },
  { place = 10, tool = "update_plan", args = { plan = {} }, status = "success",
    result = "Plan updated", session = "s1", timestamp = START + 5, timing = "untimed",
    measures = { result_bytes = 12 } },
  { place = 12, tool = "wait", args = { cell_id = "1" }, status = "cancelled",
    error_type = "no_result", session = "s1", timestamp = START + 6, timing = "untimed" },
}

--- The status, error type, result and milliseconds of a call with this output.
local function outcome(text)
  return fields(codex, lines(META, call(1, "c1", "shell"), output(1, "c1", text)),
    { "status", "error_type", "result", "duration_ms" })[1]
end

describe("the decoder of Codex CLI's logs", function()
  it("gives the calls of a rollout", function()
    assert.same(GOLDEN, (decode(codex, ROLLOUT)))
  end)

  it("reads a text in pieces of a byte", function()
    local executions, problems, notes = decode(codex, ROLLOUT, nil, 1)
    assert.same(GOLDEN, executions)
    assert.same({ {}, {} }, { problems, notes })
  end)

  it("says how a call ended as its output does", function()
    local header = "Chunk ID: 1\nWall time: 0.25 seconds\nProcess exited with code 1\n"
      .. "Original token count: 2\nOutput:\n"
    for text, expected in pairs {
      ["Exit code: 0\nWall time: 0.5 seconds\nTotal output lines: 9\nOutput:\na\n"] =
        { "success", false, "a\n", 500 },
      [header .. "no"] = { "failed", "exit_1", "no", 250 },
      ["Wall time: 1 seconds\nProcess running with session ID 7\nOutput:\n"] =
        { "success", false, "", 1000 },
      ["Script failed\nWall time 2.0 seconds\nOutput:\nno"] = { "failed", false, "no", 2000 },
      ["Script terminated\nWall time 2.0 seconds\nOutput:\n"] = { "cancelled", false, "", 2000 },
      ["Wall time: 3.0 seconds\naborted by user"] =
        { "cancelled", "aborted", "aborted by user", 3000 },
      ["Exit code: 1"] = { "success", false, "Exit code: 1", false },
      ["Exit code: 99999999999999999999\nWall time: 1 seconds\nOutput:\n"] =
        { "failed", false, "", 1000 },
      ['{"output":"no","metadata":{"exit_code":"1"}}'] = { "failed", "exit_1", "no", false },
      ['{"output":"command timed out after 5 milliseconds\\n","metadata":{"exit_code":124}}'] =
        { "timed_out", false, "command timed out after 5 milliseconds\n", false },
      ['{"output":"","metadata":{"exit_code":124}}'] = { "timed_out", "exit_124", "", false },
      ['{"output":"command timed out after","metadata":{"exit_code":0}}'] =
        { "success", false, "command timed out after", false },
      ['{"output":"aborted","metadata":{"exit_code":-1}}'] =
        { "cancelled", "aborted", "aborted", false },
      ['{"a":1}'] = { "success", false, '{"a":1}', false },
      ["exec command rejected by user"] =
        { "cancelled", "rejected", "exec command rejected by user", false },
      ["the peer was rejected by user"] =
        { "success", false, "the peer was rejected by user", false },
      ["aborted by user after 2.0s"] =
        { "cancelled", "aborted", "aborted by user after 2.0s", false },
      ["approval policy is never; reject command"] =
        { "cancelled", "not_permitted", "approval policy is never; reject command", false },
      ["failed in sandbox LinuxSeccomp with execution error: x"] = { "failed", "sandbox_denied",
        "failed in sandbox LinuxSeccomp with execution error: x", false },
      ["failed in sandbox LinuxSeccomp with execution error: timed out"] = { "timed_out", false,
        "failed in sandbox LinuxSeccomp with execution error: timed out", false },
      ["unsupported call: x"] = { "failed", "unsupported_call", "unsupported call: x", false },
      ["tool call error: y\n\nCaused by:\n  timed out awaiting x"] = { "timed_out", false,
        "tool call error: y\n\nCaused by:\n  timed out awaiting x", false },
    } do
      assert.same(expected, outcome(text), text)
    end
  end)

  it("reads outputs that are objects, or blocks", function()
    local function of(value)
      return fields(codex, lines(META, call(1, "c1", "view"), line(1, "response_item",
        '"type":"function_call_output","call_id":"c1","output":' .. value)),
        { "status", "error_text", "result", "duration_ms" })[1]
    end
    assert.same({ "failed", "no", "no", false }, of '{"content":"no","success":false}')
    assert.same({ "success", false, "yes", false }, of '{"content":"yes","success":true}')
    assert.same({ "success", false, { { type = "input_text", text = "a" } }, false },
      of '[{"type":"input_text","text":"a"}]')
    assert.same({ "failed", "no", "no", 100 }, of('[{"type":"input_text","text":"Script failed\\n'
      .. 'Wall time 0.1 seconds\\nOutput:\\n"},{"type":"input_text","text":"no"}]'))
  end)

  it("knows no end of a call where none is said", function()
    local function of(...)
      return fields(codex, lines(META, ...), { "status", "error_type" })[1]
    end
    local begun = call(1, "c1", "view")
    for _, value in ipairs { "null", "true", "5" } do
      assert.same({ "cancelled", "no_result" }, of(begun, line(1, "response_item",
        '"type":"function_call_output","call_id":"c1","output":' .. value)), value)
    end
    for kind, rest in pairs { exec_command_end = "", patch_apply_end = ',"status":"in_progress"',
      mcp_tool_call_end = ',"result":{}' } do
      assert.same({ "cancelled", "no_result" }, of(begun, event(2, kind, "c1", rest)), kind)
    end
    assert.same({ "cancelled", "no_result" }, of('{"type":"item.completed","item":{"id":"i",'
      .. '"type":"mcp_tool_call","server":"s","tool":"t","status":"in_progress"}}'))
    assert.same({ "success", false }, of('{"type":"item.completed","item":{"id":"i",'
      .. '"type":"mcp_tool_call","server":"s","tool":"t","status":"completed"}}'))
  end)

  it("gives a call when the next turn begins, or many others have ended", function()
    local function lines_until_first(all)
      local number = 0
      codex.decode(function()
        number = number + 1
        return all[number] and all[number] .. "\n"
      end)()
      return number
    end
    local rest = { call(1, "c1", "shell"), output(1, "c1", "fine") }
    for i = 2, 300 do
      rest[#rest + 1] = call(1, "c" .. i, "shell")
      rest[#rest + 1] = output(1, "c" .. i, "fine")
    end
    assert.equal(514 + 1, lines_until_first(rest)) -- the line behind is read, too
    for _, beginning in ipairs { line(1, "turn_context", '"model":"m"'),
      line(1, "event_msg", '"type":"user_message","message":"Go on"'),
      line(1, "event_msg", '"type":"task_started"') } do
      local all = { rest[1], rest[2], beginning, portable.unpack(rest, 3, 20) }
      assert.equal(3 + 1, lines_until_first(all), beginning)
    end
    table.insert(rest, 300, event(2, "exec_command_end", "c100", ',"exit_code":3'))
    local statuses = {}
    for _, row in ipairs(fields(codex, lines(portable.unpack(rest)), { "status", "error_type" })) do
      statuses[row[1]] = (statuses[row[1]] or 0) + 1
    end
    assert.same({ success = 299, failed = 1 }, statuses)
  end)

  it("counts a call once that has an event, before its output or behind it", function()
    local made = call(1, "c1", "shell", '{"command":["false"]}')
    local told = output(2, "c1", "it said no")
    for ended, expected in pairs {
      [event(2, "exec_command_end", "c1", ',"exit_code":1,"aggregated_output":"no",'
        .. '"duration":{"secs":0,"nanos":1500000},"status":"failed"')] =
        { "failed", "exit_1", "no", 1.5 },
      [event(2, "exec_command_end", "c1", ',"exit_code":0,"duration":"1.5s"')] =
        { "success", false, false, 1500 },
      [event(2, "exec_command_end", "c1", ',"exit_code":-1,"status":"declined","stderr":"no",'
        .. '"duration":{"secs":0,"nanos":0}')] = { "cancelled", "rejected", "no", false },
      [event(2, "exec_command_end", "c1", ',"exit_code":-1,"status":"failed","aggregated_output":'
        .. '"execution error: x","duration":{"secs":0,"nanos":0}')] =
        { "failed", "execution_error", "execution error: x", false },
      [event(2, "mcp_tool_call_end", "c1", ',"duration":{"secs":1,"nanos":0},"result":{"Ok":'
        .. '{"content":[{"type":"text","text":"no"}],"isError":true}}')] =
        { "failed", false, "no", 1000 },
      [event(2, "mcp_tool_call_end", "c1", ',"result":{"Err":"user cancelled MCP tool call"}')] =
        { "cancelled", "rejected", "user cancelled MCP tool call", false },
      [event(2, "patch_apply_end", "c1", ',"success":false,"stderr":"no"')] =
        { "failed", false, "no", false },
      [event(2, "patch_apply_end", "c1", ',"success":true,"stdout":"yes"')] =
        { "success", false, false, false },
    } do
      local names = { "status", "error_type", "error_text", "duration_ms" }
      for _, text in ipairs { lines(META, made, ended, told), lines(META, made, told, ended),
        lines(META, ended, told, made), lines(META, made, told, ended, ended, told) } do
        assert.same({ expected }, fields(codex, text, names), text)
      end
    end
  end)

  it("knows a call by its event alone, unless a person ran it", function()
    local text = lines(META,
      event(1, "exec_command_begin", "e1", ',"command":["ls"]'),
      event(2, "exec_command_end", "e1", ',"exit_code":0,"aggregated_output":"a"'),
      event(3, "mcp_tool_call_end", "e2", ',"invocation":{"server":"s","tool":"t","arguments":'
        .. '{"a":1}},"result":{"Ok":{"content":[]}},"duration":{"secs":1}'),
      event(4, "patch_apply_end", "e3", ',"success":true,"changes":{"a":{}}'),
      event(5, "exec_command_end", "e4", ',"exit_code":0,"source":"user_shell"'),
      event(6, "web_search_end", "e5", ',"query":"x"'),
      event(7, "exec_command_begin", "e6", ',"command":["sleep"]'))
    assert.same({
      { 2, "exec_command", { command = { "ls" } }, "success", START + 2, false },
      { 4, "mcp__s__t", { a = 1 }, "success", START + 3, 1000 },
      { 5, "apply_patch", { changes = { a = {} } }, "success", START + 4, false },
      { 8, "exec_command", { command = { "sleep" } }, "cancelled", START + 7, false },
    }, fields(codex, text, { "place", "tool", "args", "status", "timestamp", "duration_ms" }))
  end)

  it("tells calls apart whose identifier is used again, and finds copies", function()
    local first = { call(1, "c1", "shell", '{"command":["a"]}'), output(1, "c1", "one") }
    local text = lines(META, first[1], first[2], first[1], first[2],
      call(2, "c1", "shell", '{"command":["b"]}'), output(2, "c1", "two"))
    local _, _, notes = decode(codex, text)
    assert.same({ "1 copy of a call left out" }, notes)
    assert.same({ { 2, "one" }, { 6, "two" } }, fields(codex, text, { "place", "result" }))
  end)

  it("names tools as the model called them", function()
    local function named(rest)
      return line(1, "response_item", '"type":"function_call","call_id":"c","arguments":"x",'
        .. rest)
    end
    for rest, expected in pairs {
      ['"name":"find","namespace":"mcp__notes"'] = "mcp__notes__find",
      ['"name":"find","namespace":"mcp__notes__"'] = "mcp__notes__find",
      ['"name":"sleep","namespace":"clock"'] = "clock.sleep",
      ['"name":"notes__find"'] = "notes__find",
    } do
      assert.same({ { expected, "x" } },
        fields(codex, lines(META, named(rest)), { "tool", "args" }))
    end
  end)

  it("reads calls that have their end in themselves", function()
    local text = lines(META,
      line(1, "response_item", '"type":"web_search_call","status":"completed","action":'
        .. '{"type":"search","query":"x"}'),
      line(2, "response_item", '"type":"web_search_call","status":"failed","action":{}'),
      line(3, "response_item", '"type":"image_generation_call","id":"i","revised_prompt":"p"'),
      line(4, "response_item", '"type":"local_shell_call","call_id":"l","status":"completed",'
        .. '"action":{"type":"exec","command":["ls"],"working_directory":"/x"}'),
      line(5, "response_item", '"type":"tool_search_call","call_id":"t","arguments":{"query":"x"}'),
      line(6, "response_item", '"type":"tool_search_output","call_id":"t","tools":[{"name":"a"}]'))
    assert.same({
      { "web_search", { type = "search", query = "x" }, "success", false, START + 1 },
      { "web_search", {}, "failed", false, START + 2 },
      { "image_generation", { prompt = "p" }, "cancelled", "no_result", START + 3 },
      { "tool_search", { query = "x" }, "success", false, START + 6 },
      { "local_shell", { command = { "ls" } }, "cancelled", "no_result", START + 4 },
    }, fields(codex, text, { "tool", "args", "status", "error_type", "timestamp" }))
  end)

  it("takes the session of the first line, whatever is copied behind it", function()
    local text = lines(
      line(0, "session_meta", '"id":"s2","forked_from_id":"s1","source":{"subagent":'
        .. '{"thread_spawn":{"parent_thread_id":"s1","depth":2}}}'), META, call(1, "c", "x"))
    assert.same({ { "s2", 2 } }, fields(codex, text, { "session", "depth" }))
    assert.same({ { "s3", 1 } }, fields(codex, lines(line(0, "session_meta",
      '"id":"s3","source":{"subagent":"review"}'), call(1, "c", "x")), { "session", "depth" }))
    assert.same({ { "s4", false } }, fields(codex, lines(line(0, "session_meta",
      '"id":"s4","source":"cli"'), call(1, "c", "x")), { "session", "depth" }))
  end)

  it("makes calls of a model's messages on request, and repeated usage isn't one", function()
    local function usage(s, total, input)
      return line(s, "event_msg", ('"type":"token_count","info":{"total_token_usage":'
        .. '{"total_tokens":%d},"last_token_usage":{"input_tokens":%d}}'):format(total, input))
    end
    local text = lines(META, usage(1, 9, 9), usage(2, 9, 9), line(3, "event_msg",
      '"type":"token_count","info":null'), line(3, "turn_context", '"model":"gpt-b"'),
      usage(4, 12, 3), usage(4, 12, 3), usage(5, 15, 3))
    assert.same({
      { 2, "model:unknown", START + 1, { input_tokens = 9 } },
      { 6, "model:gpt-b", START + 4, { input_tokens = 3 } },
      { 8, "model:gpt-b", START + 5, { input_tokens = 3 } },
    }, fields(codex, text, { "place", "tool", "timestamp", "measures" }, { model_calls = true }))
    local executions = decode(codex, ROLLOUT, { model_calls = true })
    assert.same({ place = 6, tool = "model:gpt-a", status = "success", session = "s1",
      timestamp = START + 2, timing = "untimed",
      measures = { input_tokens = 100, output_tokens = 20, cached_tokens = 60 } }, executions[4])
  end)

  it("reads old rollouts, which have no times", function()
    local text = lines(
      '{"id":"s0","timestamp":"2025-06-01T10:00:00Z","instructions":null,"git":{}}',
      '{"record_type":"state"}',
      '{"type":"message","role":"user","content":[]}',
      '{"type":"function_call","name":"shell","call_id":"c","arguments":'
        .. '"{\\"command\\":[\\"ls\\"]}"}',
      '{"type":"function_call_output","call_id":"c","output":"{\\"output\\":\\"a\\",'
        .. '\\"metadata\\":{\\"exit_code\\":0,\\"duration_seconds\\":0.5}}"}')
    local executions, problems, notes = decode(codex, text)
    assert.same({ { place = 4, tool = "shell", args = { command = { "ls" } }, status = "success",
      result = "a", session = "s0", duration_ms = 500, measures = { result_bytes = 1 } } },
      executions)
    assert.same({ {}, {} }, { problems, notes })
  end)

  it("reads what exec prints, with identifiers that begin anew in each run", function()
    local function item(moment, rest)
      return ('{"type":"item.%s","item":{%s}}'):format(moment, rest)
    end
    local run = lines('{"type":"thread.started","thread_id":"s5"}', '{"type":"turn.started"}',
      item("completed", '"id":"item_0","type":"reasoning","text":"x"'),
      item("started", '"id":"item_1","type":"command_execution","command":"ls",'
        .. '"aggregated_output":"","status":"in_progress"'),
      item("completed", '"id":"item_1","type":"command_execution","command":"ls",'
        .. '"aggregated_output":"no","exit_code":2,"status":"failed"'),
      item("completed", '"id":"item_2","type":"command_execution","command":"rm",'
        .. '"aggregated_output":"","status":"declined"'),
      item("completed", '"id":"item_3","item_type":"file_change","changes":[{"path":"a"}],'
        .. '"status":"completed"'),
      item("completed", '"id":"item_4","type":"mcp_tool_call","server":"s","tool":"t",'
        .. '"arguments":{"a":1},"error":{"message":"no"},"status":"failed"'),
      item("completed", '"id":"item_5","type":"mcp_tool_call","server":"s","tool":"t",'
        .. '"result":{"content":[{"text":"yes"}]},"status":"completed"'),
      item("completed", '"id":"item_6","type":"web_search","query":"x"'),
      item("started", '"id":"item_7","type":"collab_tool_call","tool":"spawn_agent","prompt":"p"'),
      '{"type":"turn.completed","usage":{"input_tokens":9,"cached_input_tokens":4,'
        .. '"output_tokens":2}}')
    local rows = {
      { 4, "command_execution", "failed", "exit_2", "no", "s5", "untimed" },
      { 6, "command_execution", "cancelled", "rejected", "", "s5", "untimed" },
      { 7, "file_change", "success", false, false, "s5", "untimed" },
      { 8, "mcp__s__t", "failed", false, "no", "s5", "untimed" },
      { 9, "mcp__s__t", "success", false, { { text = "yes" } }, "s5", "untimed" },
      { 10, "web_search", "success", false, false, "s5", "untimed" },
      { 11, "spawn_agent", "cancelled", "no_result", false, "s5", "untimed" },
    }
    local names = { "place", "tool", "status", "error_type", "result", "session", "timing" }
    assert.same(rows, fields(codex, run, names))
    local _, problems, notes = decode(codex, run .. run)
    assert.same({ {}, {} }, { problems, notes })
    assert.equal(14, #fields(codex, run .. run, names))
    assert.same({ "model:unknown", { input_tokens = 9, cached_tokens = 4, output_tokens = 2 } },
      fields(codex, run, { "tool", "measures" }, { model_calls = true })[8])
  end)

  it("reads what old versions of exec print", function()
    local text = lines('{"model":"gpt-a","sandbox":"read-only"}', '{"prompt":"Look"}',
      '{"id":"0","msg":{"type":"task_started"}}',
      '{"id":"0","msg":{"type":"session_configured","session_id":"s6"}}',
      '{"id":"0","msg":{"type":"exec_command_begin","call_id":"c1","command":["ls"]}}',
      '{"id":"0","msg":{"type":"exec_command_end","call_id":"c1","stdout":"a","exit_code":0,'
        .. '"duration":{"secs":1,"nanos":0}}}',
      '{"id":"0","msg":{"type":"web_search_begin","call_id":"w"}}',
      '{"id":"0","msg":{"type":"web_search_end","call_id":"w","query":"x"}}',
      '{"id":"0","msg":{"type":"token_count","input_tokens":5,"output_tokens":1}}',
      '{"id":"0","msg":{"type":"task_complete"}}')
    local _, problems, notes = decode(codex, text)
    assert.same({ {}, {} }, { problems, notes })
    assert.same({
      { 5, "exec_command", { command = { "ls" } }, "success", "s6", 1000, false },
      { 7, "web_search", { query = "x" }, "success", "s6", false, false },
      { 9, "model:gpt-a", false, "success", "s6", false, false },
    }, fields(codex, text, { "place", "tool", "args", "status", "session", "duration_ms",
      "timestamp" }, { model_calls = true }))
  end)

  it("counts what it doesn't know", function()
    local _, problems, notes = decode(codex, lines(META, line(1, "compacted", '"message":"x"'),
      line(1, "dream", '"a":1'), line(1, "event_msg", '"type":"nap"'),
      line(1, "event_msg", '"a":1'), line(1, "response_item", '"type":"sleep_call"'),
      call(1, "", "x"), output(1, "", "x"), event(1, "exec_command_end", ""), "{}",
      '{"type":"item.completed","item":{"id":"x","type":"snore"}}',
      '{"type":"item.completed","item":{"type":"web_search"}}'))
    assert.same({ { 7, "a call without a name or a call_id" },
      { 8, "an output without a call_id" }, { 9, "an event of a call without a call_id" },
      { 12, "an item without an id" } }, problems)
    assert.same({ "unknown kinds, skipped: dream 1, nap 1, sleep_call 1, snore 1, untyped 1, "
      .. "'untyped event_msg' 1" }, notes)
  end)

  it("reads lines whatever values they have", function()
    local all = {}
    for text in ROLLOUT:gmatch("[^\n]+") do
      all[#all + 1] = text
    end
    all[1] = line(0, "session_meta", '"id":"s","source":{"subagent":{"thread_spawn":{"depth":1}}}')
    all[#all + 1] = event(8, "exec_command_end", "e", ',"exit_code":1,"stdout":"x","command":["x"]')
    all[#all + 1] = event(9, "mcp_tool_call_end", "f", ',"duration":{"secs":1,"nanos":1},'
      .. '"invocation":{"server":"s","tool":"t","arguments":{}},"result":{"Ok":{"content":[]}}')
    all[#all + 1] = line(9, "response_item",
      '"type":"function_call_output","call_id":"c4","output":{"content":[{"text":"x"}]}')
    all[#all + 1] = '{"id":"0","msg":{"type":"token_count","input_tokens":5,"output_tokens":1}}'
    all[#all + 1] = '{"type":"item.completed","item":{"id":"i","type":"mcp_tool_call","server":"s",'
      .. '"tool":"t","error":{"message":"x"},"status":"failed"}}'
    all[#all + 1] = '{"type":"turn.failed","error":{"message":"x"}}'
    assert.is_true(agent_logs.assert_malformed_values_are_read(codex, all) > 1000)
  end)

  it("is recognised by the keys of its lines", function()
    for _, keys in ipairs {
      { type = '"session_meta"', payload = "{", timestamp = '"t"' },
      { type = '"event_msg"', payload = "{", timestamp = '"t"' },
      { type = '"thread.started"', thread_id = '"s"' },
      { type = '"item.completed"', item = "{" },
      { type = '"function_call"', call_id = '"c"', name = '"shell"', arguments = '"{}"' },
      { id = '"0"', msg = "{" },
      { id = '"5a1b-1-2-3-ff"', timestamp = '"t"', instructions = "n", git = "{" },
    } do
      assert.is_true(codex.fits(keys), keys.type)
    end
    for _, keys in ipairs {
      {}, { type = "{" }, { type = '"error"' }, { type = '"message"', id = '"m"', role = '"user"' },
      { type = '"event_msg"', payload = '"x"', timestamp = '"t"' },
      { type = '"compacted"', payload = "{" }, { type = '"item.completed"', ok = "t" },
      { type = '"function_call"', ["function"] = "{" },
      { type = '"function_call"', call_id = '"c"', ok = "t" }, { type = '"turn.started"' },
      { schema_version = '"0.2.0"', event = "{" }, { id = '"1"', msg = "{", ok = "t" },
      { msg = "{" }, { id = '"s"', timestamp = '"t"', instructions = "n" },
      { type = '"user"', message = "{", sessionId = '"s"' },
    } do
      assert.is_false(codex.fits(keys), keys.type)
    end
  end)
end)
