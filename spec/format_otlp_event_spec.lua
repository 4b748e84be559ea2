local agent_logs = require("spec.support.agent_logs")
local callings = require("exectrack.format.calls")
local json_text = require("exectrack.json_text")
local otlp = require("exectrack.format.otlp")

-- 2026-01-01T10:00:00Z
local START = 1767261600

--- An event at so many seconds.
local function event(s, name, attributes)
  attributes["event.name"] = name
  attributes["session.id"] = attributes["session.id"] or "s"
  return { timeUnixNano = ("%d000000000"):format(START + s), attributes = attributes }
end

local function decode(records, options)
  return agent_logs.decode(otlp, json_text.encode { logs = records }, options)
end

--- The only execution of an event, without what all have.
local function only(name, attributes, options)
  local executions = decode({ event(1, name, attributes) }, options)
  assert.equal(1, #executions)
  local execution = executions[1]
  assert.same({ "logs[1]", "s", START + 1 },
    { execution.place, execution.session, execution.timestamp })
  execution.place, execution.session, execution.timestamp = nil, nil, nil
  return execution
end

--- Executions, each in a line.
local function told(records)
  local texts, executions, _, notes = {}, decode(records)
  for i, execution in ipairs(executions) do
    texts[i] = ("%s %s %s %s %s"):format(execution.place, execution.tool, execution.status,
      execution.error_type or "-", execution.timing or "measured")
  end
  return texts, notes
end

describe("events", function()
  it("of Claude Code's are calls", function()
    assert.same({ tool = "Bash", status = "failed", error_type = "ENOENT",
      error_text = "Error:ENOENT", args = { command = "git status", timeout = 5 },
      duration_ms = 12.5 },
      only("claude_code.tool_result", { tool_name = "Bash", success = "false",
        duration_ms = "12.5", error = "Error:ENOENT", decision_type = "accept",
        tool_parameters = '{"bash_command":"git","full_command":"git status","timeout":5,'
          .. '"description":"Look"}' }))
    assert.same({ tool = "Read", status = "success", args = { file_path = "a" }, duration_ms = 3 },
      only("claude_code.tool_result", { tool_name = "Read", success = true, duration_ms = 3,
        tool_input = '{"file_path":"a"}', tool_parameters = '{"b":1}' }))
    assert.same({ tool = "Edit", status = "cancelled", error_type = "rejected", duration_ms = 9,
      timing = "elapsed" },
      only("claude_code.tool_result", { tool_name = "Edit", success = "false", duration_ms = 9,
        decision = "reject" }))
    assert.same({ tool = "Bash", status = "timed_out", error_type = "TimeoutError",
      error_text = "took too long, and was stopped", timing = "untimed" },
      only("claude_code.tool_result", { tool_name = "Bash", success = "false",
        error_type = "TimeoutError", error = "took too long, and was stopped" }))
  end)

  it("of Codex CLI's are calls", function()
    assert.same({ tool = "shell", status = "success", args = { command = { "ls" } }, result = "a",
      duration_ms = 7, measures = { result_bytes = 1 } },
      only("codex.tool_result", { tool_name = "shell", call_id = "call_1", success = "true",
        arguments = '{"command":["ls"]}', duration_ms = "7", output = "a" }))
    assert.same({ tool = "shell", status = "failed", error_text = "exit code: 1", args = "ls",
      result = "exit code: 1", duration_ms = 0, measures = { result_bytes = 12 } },
      only("codex.tool_result", { tool_name = "shell", success = "false", arguments = "ls",
        duration_ms = 0, output = "exit code: 1" }))
  end)

  it("of Gemini CLI's are calls, which may have waited if something was decided", function()
    assert.same({ tool = "run", status = "failed", error_type = "shell_execute_error",
      error_text = "no such command", args = { command = "x" }, duration_ms = 4 },
      only("gemini_cli.tool_call", { function_name = "run", success = false, duration_ms = 4,
        function_args = '{"command":"x"}', error = "no such command",
        ["error.message"] = "no such command", error_type = "shell_execute_error" }))
    assert.same({ tool = "run", status = "success", duration_ms = 4000, timing = "elapsed" },
      only("gemini_cli.tool_call", { function_name = "run", success = true, duration_ms = 4000,
        decision = "accept" }))
  end)

  it("that don't say how a call ended aren't executions", function()
    local executions, problems = decode { event(1, "codex.tool_result", { tool_name = "shell" }),
      event(1, "codex.tool_result", { tool_name = "shell", success = "maybe" }) }
    assert.same({ {}, { { "logs[1]", "an event of a call without 'success'" } } },
      { executions, problems })
    for status, attributes in pairs { success = { success = "True" },
      failed = { error = "no route" }, cancelled = { decision = "reject" } } do
      attributes.tool_name = "shell"
      assert.equal(status, only("codex.tool_result", attributes).status)
    end
  end)

  it("that are decisions cancel calls, in any order, with or without a result", function()
    local function result(s, id, success)
      return event(s, "codex.tool_result", { tool_name = "shell", call_id = id, success = success,
        duration_ms = 5, arguments = '{"n":"' .. id .. '"}' })
    end
    local function decision(s, id, decided, source)
      return event(s, "codex.tool_decision", { tool_name = "shell", call_id = id,
        decision = decided, source = source })
    end
    local records = {
      decision(1, "a", "denied", "User"), result(2, "a", "false"),
      decision(3, "b", "approved", "user"), result(4, "b", "false"),
      decision(5, "c", "approved", "config"), result(6, "c", "true"),
      result(7, "d", "false"), decision(8, "d", "abort", "user"),
      decision(9, "e", "abort", "user"), decision(9, "e", "abort", "user"),
      decision(9, nil, "denied", "user"),
    }
    local texts, notes = told(records)
    assert.same({
      "logs[1] shell cancelled rejected elapsed",
      "logs[4] shell failed - elapsed",
      "logs[6] shell success - measured",
      "logs[7] shell failed - measured", -- it wasn't known yet that it was rejected
      "logs[9] shell cancelled rejected untimed",
    }, texts)
    assert.same({}, notes)
    assert.same({ n = "a" }, decode(records)[1].args)
  end)

  it("are messages of models, if asked", function()
    local function message(name, attributes)
      return only(name, attributes, { model_calls = true })
    end
    assert.same({ tool = "model:m", status = "success", duration_ms = 50,
      measures = { input_tokens = 110, output_tokens = 2, cached_tokens = 100 } },
      message("claude_code.api_request", { model = "m", input_tokens = 3, output_tokens = 2,
        cache_read_tokens = 100, cache_creation_tokens = 7, duration_ms = 50 }))
    assert.same({ tool = "model:m", status = "success", timing = "untimed",
      measures = { input_tokens = 3, output_tokens = 2, cached_tokens = 1 } },
      message("codex.sse_event", { model = "m", input_token_count = "3", output_token_count = "2",
        cached_token_count = 1 }))
    assert.same({ tool = "model:m", status = "success", duration_ms = 5,
      measures = { input_tokens = 3, output_tokens = 2, cached_tokens = 1 } },
      message("gemini_cli.api_response", { model = "m", duration_ms = 5, input_token_count = 3,
        output_token_count = 2, cached_content_token_count = 1 }))
    assert.same({ tool = "model:m", status = "failed", duration_ms = 5, error_type = "http_529",
      error_text = "the server is overloaded" },
      message("claude_code.api_error", { model = "m", duration_ms = 5, status_code = "529",
        error = "the server is overloaded" }))
    assert.same({}, decode({
      event(1, "codex.sse_event", { model = "m", duration_ms = 5 }),
      event(1, "codex.api_request", { model = "m", duration_ms = 5 }),
    }, { model_calls = true }))
    assert.same({}, decode { event(1, "claude_code.api_request", { model = "m",
      input_tokens = 3 }) })
  end)

  it("of other kinds, or without a tool, count for nothing", function()
    local texts, notes = told {
      event(1, "claude_code.user_prompt", { prompt_length = 3 }), event(1, "", {}),
      event(1, "tool_result", { success = true }), event(1, "x.tool_call", { name = "f" }),
      event(1, "!", { tool_name = "f" }),
    }
    assert.same({}, texts)
    assert.same({}, notes)
  end)

  it("are left out if spans told about the same calls, and the other way round", function()
    local function span(id, call_id)
      return { name = "execute_tool f", traceId = "t", spanId = id,
        startTimeUnixNano = "1767261600000000000", endTimeUnixNano = "1767261601000000000",
        attributes = { ["gen_ai.tool.name"] = "f", ["gen_ai.tool.call.id"] = call_id,
          ["session.id"] = "s" } }
    end
    local function result(call_id, session)
      return event(1, "claude_code.tool_result", { tool_name = "f", tool_use_id = call_id,
        success = true, ["session.id"] = session })
    end
    local calls = callings.new()
    local function count(document)
      return #agent_logs.decode(otlp, json_text.encode(document), { calls = calls })
    end
    -- A call may be made again, under its identifier.
    assert.equal(3, count { spans = { span("1", "a"), span("2", "a"), span("3", nil) } })
    assert.equal(3, count { logs = { result "a", result "b", result("a", "other"), result() } })
    assert.equal(1, count { spans = { span("4", "b"), span("5", "c") } })
    assert.equal(0, count { logs = { result "a", result "c" } })
  end)

  it("are read with malformed values", function()
    local lines = {}
    for i, record in ipairs {
      event(1, "codex.tool_decision", { tool_name = "f", call_id = "a", decision = "denied",
        source = "user" }),
      event(2, "codex.tool_result", { tool_name = "f", call_id = "a", success = "false",
        arguments = "{}", output = "o", duration_ms = 1 }),
      event(3, "gemini_cli.tool_call", { function_name = "f", success = false, decision = "accept",
        error = "e", error_type = "t", function_args = "{}" }),
      event(4, "claude_code.tool_result", { tool_name = "f", tool_use_id = "b", success = "false",
        tool_parameters = '{"full_command":"x"}', error = "E" }),
      event(5, "claude_code.api_request", { model = "m", input_tokens = 1, output_tokens = 1,
        cache_read_tokens = 1, cache_creation_tokens = 1, request_id = "r", duration_ms = 1 }),
      event(6, "claude_code.api_error", { model = "m", status_code = 500, error = "e" }),
      event(7, "codex.sse_event", { model = "m", input_token_count = 1 }),
    } do
      lines[i] = json_text.encode { logs = { record } }
    end
    assert.is_true(agent_logs.assert_malformed_values_are_read(otlp, lines) > 3000)
  end)
end)
