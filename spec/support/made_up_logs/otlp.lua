--- Makes random traces and logs of OpenTelemetry: OTLP/JSON in lines or one document, and spans as
-- SDKs write them.
local common = require("spec.support.made_up_logs.common")
local json_text = require("exectrack.json_text")
local random = require("spec.support.random")

local chance, pick = common.chance, random.pick

local function any(value)
  if type(value) == "number" then
    return { intValue = ("%d"):format(value) }
  end
  return type(value) == "boolean" and { boolValue = value } or { stringValue = value }
end

--- Attributes as OTLP has them: an array of keys and values.
local function attributes_of(fields)
  local attributes = {}
  for _, key in ipairs(json_text.sorted_keys(fields)) do
    attributes[#attributes + 1] = { key = key, value = any(fields[key]) }
  end
  return attributes
end

local function nanoseconds(ms)
  return ("%.0f"):format(ms) .. "000000"
end

local NONE = json_text.object({}, {}) -- a status that isn't set

-- How calls end: the status of the span, and attributes.
local ENDS = {
  { NONE, { ["gen_ai.tool.call.result"] = "fine" } },
  { { code = 1 }, { ["gen_ai.tool.call.result"] = "é" } },
  { { code = 2, message = "boom" }, { ["error.type"] = "KeyError" } },
  { { code = 2, message = "boom" }, {} },
  { NONE, { ["error.type"] = "timeout" } },
  { { code = 2 }, { ["error.type"] = "_OTHER" } },
}

local function tool_span(span)
  local ending = pick(ENDS)
  span.name, span.status = "execute_tool", ending[1]
  span.fields = common.with(ending[2], "gen_ai.tool.name", pick { "find", "agent" })
  span.fields["gen_ai.operation.name"] = "execute_tool"
  span.fields["gen_ai.tool.call.arguments"] = pick { '{"id":1,"description":"' .. common.word(3)
    .. '"}', '{"id":2}', "text" }
end

local function model_span(span)
  span.name, span.status = "chat", NONE
  span.fields = { ["gen_ai.operation.name"] = "chat", ["gen_ai.request.model"] = "gpt",
    ["gen_ai.response.model"] = chance(50) and "gpt-5" or nil,
    ["gen_ai.usage.input_tokens"] = math.random(99), ["gen_ai.usage.output_tokens"] = 3 }
end

local function other_span(span)
  span.name, span.status, span.fields = "GET /", NONE, { ["http.method"] = "GET" }
end

--- The spans of a trace, one within another. Some have no end.
local function spans()
  local trace, all = common.hex(32), {}
  local conversation = chance(50) and "conversation-" .. common.word(4) or nil
  for i = 1, math.random(6) do
    local span = { trace = trace, id = common.hex(16), start = common.later(),
      parent = i > 1 and chance(60) and all[i - 1].id or nil };
    (pick { tool_span, tool_span, model_span, other_span })(span)
    span.fields["gen_ai.conversation.id"] = conversation
    span.finish = chance(90) and span.start + math.random(0, 3000) or nil
    all[i] = span
  end
  return random.shuffle(all)
end

local function otlp_span(span)
  return { traceId = span.trace, spanId = span.id, parentSpanId = span.parent, name = span.name,
    startTimeUnixNano = nanoseconds(span.start),
    endTimeUnixNano = span.finish and nanoseconds(span.finish), status = span.status,
    attributes = attributes_of(span.fields) }
end

local function sdk_span(span)
  local code = span.status.code
  return { name = span.name, context = { trace_id = "0x" .. span.trace, span_id = "0x" .. span.id },
    parent_id = span.parent and "0x" .. span.parent, start_time = common.iso(span.start, "000"),
    end_time = span.finish and common.iso(span.finish, "000"),
    status = { status_code = code == 2 and "ERROR" or code == 1 and "OK" or "UNSET" },
    attributes = span.fields }
end

local function batch_of_spans()
  local all = spans()
  for i, span in ipairs(all) do
    all[i] = otlp_span(span)
  end
  return { resourceSpans = { { resource = { attributes = attributes_of {
    ["session.id"] = chance(30) and "session-" .. common.word(4) or nil } },
    scopeSpans = { { scope = { name = "agent" }, spans = all } } } } }
end

-- Events of coding agents: the name, and attributes.
local EVENTS = {
  function(id)
    return "claude_code.tool_result", { tool_name = pick { "Bash", "Read" }, tool_use_id = id,
      tool_parameters = '{"command":"ls","description":"List"}', success = "true",
      duration_ms = "12" }
  end,
  function(id)
    return "claude_code.tool_result", { tool_name = "Bash", tool_use_id = id, success = "false",
      duration_ms = "1250", error = "no such file or directory" }
  end,
  function(id)
    return "codex.tool_result", { tool_name = "shell", call_id = id, arguments = '{"command":"ls"}',
      success = pick { "true", "false" }, duration_ms = 7, output = "é" }
  end,
  function()
    return "gemini_cli.tool_call", { function_name = "read_file", function_args = '{"path":"a"}',
      success = chance(50), duration_ms = 30 }
  end,
  function()
    return "gemini_cli.tool_call", { function_name = "shell", success = false, decision = "reject",
      duration_ms = 0 }
  end,
  function(id)
    return "claude_code.tool_decision", { tool_name = "Edit", tool_use_id = id,
      decision = "reject" }
  end,
  function(id)
    return "claude_code.api_request", { model = "opus", request_id = "req_" .. id,
      input_tokens = "5", output_tokens = "6", cache_read_tokens = "7",
      cache_creation_tokens = "1", duration_ms = "900" }
  end,
  function()
    return "claude_code.user_prompt", { prompt_length = 9 }
  end,
}

local function batch_of_events()
  local records, session = {}, common.uuid()
  for i = 1, math.random(5) do
    local name, fields = pick(EVENTS)("toolu_01" .. common.word(22))
    fields["session.id"] = session
    fields["event.name"] = name:match("[%a_]+$")
    if chance(50) or not name:find("^claude") then
      fields["event.name"] = name
    end
    records[i] = { timeUnixNano = nanoseconds(common.later()), body = { stringValue = name },
      attributes = attributes_of(fields) }
  end
  return { resourceLogs = { { resource = { attributes = {} },
    scopeLogs = { { logRecords = records } } } } }
end

--- Batches, each in a line. Some are there twice, as after a failed transfer.
local function collected()
  local lines = {}
  for i = 1, math.random(3) do
    lines[i] = (pick { batch_of_spans, batch_of_spans, batch_of_events })()
  end
  if lines[1].resourceSpans and chance(30) then
    lines[#lines + 1] = lines[1]
  end
  return "traces.jsonl", common.join(common.lines(lines, {}))
end

local function of_an_sdk()
  local all = spans()
  for i, span in ipairs(all) do
    all[i] = sdk_span(span)
  end
  return "spans.json", json_text.encode(chance(50) and { spans = all } or all)
end

return function()
  local texts = {}
  for i = 1, pick { 1, 1, 2 } do
    local name, text = (pick { collected, collected, of_an_sdk })()
    texts[i] = { i .. "-" .. name, text }
  end
  return texts
end
