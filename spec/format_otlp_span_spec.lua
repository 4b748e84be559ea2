local agent_logs = require("spec.support.agent_logs")
local json_text = require("exectrack.json_text")
local otlp = require("exectrack.format.otlp")

-- 2026-01-01T10:00:00Z
local START = 1767261600

--- A span of a second, with these attributes and fields.
local function span(name, attributes, rest)
  local made = { name = name, traceId = "t", spanId = name, attributes = attributes,
    startTime = { START, 0 }, endTime = { START + 1, 0 } }
  for key, value in pairs(rest or {}) do
    made[key] = value or nil
  end
  return made
end

local function decode(spans, options)
  return agent_logs.decode(otlp, json_text.encode { spans = spans }, options)
end

--- The only execution of a span.
local function only(name, attributes, rest)
  local executions = decode { span(name, attributes, rest) }
  assert.equal(1, #executions)
  return executions[1]
end

--- The names of tools and the depths of executions.
local function tools(spans, options)
  local texts = {}
  for i, execution in ipairs((decode(spans, options))) do
    texts[i] = ("%s %d"):format(execution.tool, execution.depth or 0)
  end
  return texts
end

describe("spans", function()
  it("are calls by any of the conventions", function()
    local args, result = '{"a":1,"description":"d"}', "r"
    for name, attributes in pairs {
      ["by OpenTelemetry"] = { ["gen_ai.operation.name"] = "execute_tool",
        ["gen_ai.tool.name"] = "f", ["gen_ai.tool.call.arguments"] = args,
        ["gen_ai.tool.call.result"] = result },
      ["execute_tool f"] = { ["gen_ai.operation.name"] = "execute_tool",
        ["gen_ai.tool.args"] = args, ["gen_ai.output"] = result },
      ["by OpenInference"] = { ["openinference.span.kind"] = "TOOL", ["tool.name"] = "f",
        ["input.value"] = args, ["output.value"] = result },
      f = { ["openinference.span.kind"] = "TOOL", ["input.value"] = args,
        ["output.value"] = result },
      ["by OpenLLMetry"] = { ["traceloop.span.kind"] = "tool", ["traceloop.entity.name"] = "f",
        ["traceloop.entity.input"] = args, ["traceloop.entity.output"] = result },
      ["ai.toolCall"] = { ["ai.toolCall.name"] = "f", ["ai.toolCall.args"] = args,
        ["ai.toolCall.result"] = result },
      ["running tool"] = { ["gen_ai.tool.name"] = "f", tool_arguments = args,
        tool_response = result },
    } do
      assert.same({ place = "spans[1]", tool = "f", status = "success", args = { a = 1 },
        result = "r", session = "t", timestamp = START + 1, duration_ms = 1000,
        measures = { result_bytes = 1 } }, only(name, attributes))
    end
  end)

  it("are none by other operations and kinds, or around merged calls", function()
    assert.same({}, decode {
      span("invoke_agent a", { ["gen_ai.operation.name"] = "invoke_agent",
        ["gen_ai.tool.name"] = "f" }),
      span("chat m", { ["gen_ai.operation.name"] = "chat", ["gen_ai.request.model"] = "m" }),
      span("f", { ["openinference.span.kind"] = "CHAIN", ["input.value"] = "x" }),
      span("f", { ["traceloop.span.kind"] = "workflow", ["traceloop.entity.name"] = "f" }),
      span("f", { tool_name = "f" }),
      span("execute_tool (merged)", { ["gen_ai.tool.name"] = "(merged tools)" }),
    })
  end)

  it("have failed by their status, an error's type or the tool's status", function()
    local function ended(attributes, rest)
      attributes["gen_ai.tool.name"] = "f"
      local execution = only("f", attributes, rest)
      return ("%s %s %s"):format(execution.status, execution.error_type or "-",
        execution.error_text or "-")
    end
    for _, code in ipairs { 2, "2", "ERROR", "error", "STATUS_CODE_ERROR", "StatusCode.ERROR" } do
      assert.equal("failed - m", ended({}, { status = { code = code, message = "m" } }))
    end
    for _, code in ipairs { 0, 1, "OK", "UNSET", "STATUS_CODE_OK", true } do
      assert.equal("success - -", ended({}, { status = { status_code = code } }))
    end
    local exception = { { name = "log" }, { name = "exception", attributes = {
      ["exception.type"] = "pkg.TimeoutError", ["exception.message"] = "late" } } }
    assert.equal("timed_out pkg.TimeoutError late",
      ended({}, { status = { code = 2 }, events = exception }))
    assert.equal("success - -", ended({}, { events = exception })) -- it was caught
    assert.equal("failed KeyError d", ended({ ["error.type"] = "KeyError" },
      { status = { description = "d" }, events = exception }))
    assert.equal("timed_out timeout -", ended { ["error.type"] = "timeout" })
    assert.equal("cancelled CancelledError m",
      ended { ["error.type"] = "CancelledError", ["error.message"] = "m" })
    assert.equal("failed - -", ended { ["error.type"] = "_OTHER" })
    assert.equal("failed - -", ended { ["gen_ai.tool.status"] = "error" })
    assert.equal("failed - -", ended { ["tool.status"] = "error" })
    assert.equal("cancelled no_result -", ended({}, { endTime = false }))
  end)

  it("belong to a conversation, a session, or else a trace", function()
    local function session(attributes, rest)
      attributes["gen_ai.tool.name"] = "f"
      return only("f", attributes, rest).session
    end
    local resource = { resource = { attributes = { ["session.id"] = "r" } } }
    assert.equal("c", session({ ["gen_ai.conversation.id"] = "c", ["session.id"] = "s" }, resource))
    assert.equal("s", session({ ["session.id"] = "s" }, resource))
    assert.equal("r", session({}, resource))
    assert.equal("t", session {})
    assert.equal("5", session { ["session.id"] = 5 })
    assert.is_nil(session({}, { traceId = false }))
  end)

  it("are as deep as there are calls around them", function()
    local tool = { ["gen_ai.tool.name"] = "f" }
    local function child(id, parent, attributes)
      return span(id, attributes or tool, { parentSpanId = parent })
    end
    local server = { ["gen_ai.tool.name"] = "f", ["mcp.method.name"] = "tools/call" }
    assert.same({ "f 0", "f 1", "f 0", "f 0", "f 0", "f 1" }, tools {
      child("1"), child("2", "1.1"), child("1.1", "1", { other = 1 }),
      child("3", "elsewhere"),
      child("4", "4.1", server), -- not within a call of this tool
      child("5"), child("5.1", "5", server), -- the same call
      child("5.2", "5"),
    })
    local spans = { child("1", "2"), child("2", "1") }
    for i = 3, 12 do
      spans[i] = child(tostring(i), tostring(i - 1))
    end
    assert.equal("f 7", tools(spans)[12])
    local other_trace = child("2", "1")
    other_trace.traceId = "u"
    assert.same({ "f 0", "f 0" }, tools { child("1"), other_trace })
  end)

  it("are messages of models, if asked", function()
    local function message(attributes)
      local executions = decode({ span("m", attributes) }, { model_calls = true })
      return executions[1] and { executions[1].tool, executions[1].measures }
    end
    local measures = { input_tokens = 3, output_tokens = 2, cached_tokens = 1 }
    for _, operation in ipairs { "chat", "text_completion", "generate_content", "call_llm" } do
      assert.same({ "model:b", measures }, message { ["gen_ai.operation.name"] = operation,
        ["gen_ai.request.model"] = "a", ["gen_ai.response.model"] = "b",
        ["gen_ai.usage.input_tokens"] = 3, ["gen_ai.usage.output_tokens"] = "2",
        ["gen_ai.usage.cache_read.input_tokens"] = 1 })
    end
    assert.same({ "model:a", { input_tokens = 3, output_tokens = 2 } }, message {
      ["gen_ai.request.model"] = "a", ["gen_ai.usage.prompt_tokens"] = 3,
      ["gen_ai.usage.completion_tokens"] = 2 })
    assert.same({ "model:c", measures }, message { ["openinference.span.kind"] = "LLM",
      ["llm.model_name"] = "c", ["llm.token_count.prompt"] = 3, ["llm.token_count.completion"] = 2,
      ["llm.token_count.prompt_details.cache_read"] = 1 })
    assert.same({ "model:unknown", {} }, message { ["gen_ai.operation.name"] = "chat" })
    assert.is_nil(message { ["gen_ai.operation.name"] = "embeddings",
      ["gen_ai.request.model"] = "a", ["gen_ai.usage.input_tokens"] = 3 })
    assert.is_nil(message { ["gen_ai.operation.name"] = "invoke_agent",
      ["gen_ai.request.model"] = "a", ["gen_ai.usage.input_tokens"] = 3 })
    assert.is_nil(message { ["gen_ai.request.model"] = "a" })
    local failed = decode({ span("m", { ["gen_ai.operation.name"] = "chat",
      ["error.type"] = "timeout" }) }, { model_calls = true })[1]
    assert.same({ place = "spans[1]", tool = "model:unknown", status = "timed_out",
      error_type = "timeout", session = "t", timestamp = START + 1, duration_ms = 1000,
      measures = {} }, failed)
  end)

  it("of Claude Code's say within the call how it ended", function()
    local function within(kind, attributes, id, parent)
      attributes["session.id"] = "s"
      return span("claude_code.tool" .. kind, attributes, { spanId = id, parentSpanId = parent,
        startTime = { START + 3, 0 }, endTime = { START + 5, 0 } })
    end
    local spans = {
      within(".execution", { success = "true" }, "1.1", "1"), -- ends before what it is within
      within("", { tool_name = "Bash", full_command = "ls" }, "1"),
      within("", { tool_name = "Read", file_path = "a" }, "2"),
      within(".blocked_on_user", { decision = "accept" }, "2.1", "2"),
      within(".execution", { success = false, error = "Error:ENOENT",
        error_class = "Error_ENOENT" }, "2.2", "2"),
      within("", { tool_name = "Edit" }, "3"),
      within(".blocked_on_user", { decision = "reject" }, "3.1", "3"),
      within("", { tool_name = "Glob" }, "4"),
      within(".execution", { success = "true" }, "5.1"),
      span("claude_code.llm_request", { ["session.id"] = "s", request_id = "q", model = "m",
        ["gen_ai.request.model"] = "m", input_tokens = 1, cache_read_tokens = 5,
        output_tokens = 2 }),
    }
    local executions, _, notes = decode(spans, { model_calls = true })
    assert.same({}, notes)
    local function execution(place, tool, status, more)
      more.place, more.tool, more.status, more.session = place, tool, status, "s"
      return more
    end
    assert.same({
      execution("spans[2]", "Bash", "success", { args = { command = "ls" },
        timestamp = START + 5, duration_ms = 2000 }),
      execution("spans[3]", "Read", "failed", { args = { file_path = "a" },
        error_type = "ENOENT", error_text = "Error:ENOENT", timestamp = START + 5,
        duration_ms = 2000 }),
      execution("spans[6]", "Edit", "cancelled", { error_type = "rejected", timestamp = START + 5,
        timing = "untimed" }),
      execution("spans[8]", "Glob", "cancelled", { error_type = "no_result", timestamp = START + 3,
        timing = "untimed" }),
      execution("spans[10]", "model:m", "success", { timestamp = START + 1, duration_ms = 1000,
        measures = { input_tokens = 6, output_tokens = 2, cached_tokens = 5 } }),
    }, executions)
  end)

  it("are read with malformed values", function()
    local lines = {}
    for i, made in ipairs {
      span("claude_code.tool.execution", { success = "false", error = "e", error_class = "c",
        tool_use_id = "u" }, { parentSpanId = "1", resource = { attributes = {} } }),
      span("claude_code.tool", { tool_name = "f", full_command = "x", tool_use_id = "u" },
        { spanId = "1", status = { code = 2, message = "m" } }),
      span("claude_code.tool.blocked_on_user", { decision = "reject" }, { parentSpanId = "1" }),
      span("claude_code.llm_request", { model = "m", request_id = "r", input_tokens = 1 }),
      span("f", { ["openinference.span.kind"] = "TOOL", ["tool.name"] = "f", ["input.value"] = "{}",
        ["output.value"] = "o", ["gen_ai.tool.call.id"] = 5 }, { events = { { name = "exception",
          attributes = { ["exception.type"] = "t", ["exception.message"] = "m" } } } }),
      span("m", { ["gen_ai.operation.name"] = "chat", ["gen_ai.request.model"] = "m",
        ["gen_ai.usage.input_tokens"] = 1, ["error.type"] = "e" }),
    } do
      lines[i] = json_text.encode(made)
    end
    assert.is_true(agent_logs.assert_malformed_values_are_read(otlp, lines) > 3000)
  end)

  it("of Gemini CLI's are left to its events", function()
    assert.same({}, decode({
      span("tool_call", { ["gen_ai.operation.name"] = "tool_call", ["gen_ai.tool.name"] = "f",
        ["gen_ai.agent.name"] = "gemini-cli" }),
      span("llm_call", { ["gen_ai.request.model"] = "m", ["gen_ai.usage.input_tokens"] = 5,
        ["gen_ai.agent.name"] = "gemini-cli" }),
    }, { model_calls = true }))
  end)
end)
