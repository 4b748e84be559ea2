--- Spans of OpenTelemetry: which are calls of tools, and which are messages of models. Attributes
-- have the names of the semantic conventions for generative AI, and those that were used before
-- them or beside them, by OpenInference, OpenLLMetry, the AI SDK, any-agent and Claude Code.
-- Used only by formats.
local logged = require("exectrack.format.logged")
local values = require("exectrack.format.otlp_value")

local as_table, first, text = logged.table, values.first, logged.text

local M = {}

local CALL_IDS = { "gen_ai.tool.call.id", "gen_ai.tool.call_id", "ai.toolCall.id", "tool_use_id" }
local ARGS = { "gen_ai.tool.call.arguments", "gen_ai.tool.args", "tool_arguments",
  "ai.toolCall.args", "traceloop.entity.input", "input.value" }
local RESULTS = { "gen_ai.tool.call.result", "gen_ai.output", "tool_response", "ai.toolCall.result",
  "traceloop.entity.output", "output.value" }
local MODELS = { "gen_ai.response.model", "gen_ai.request.model", "llm.model_name", "model" }

local INPUT_TOKENS = { "gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens",
  "llm.token_count.prompt", "llm.usage.prompt_tokens" }
local OUTPUT_TOKENS = { "gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens",
  "llm.token_count.completion", "llm.usage.completion_tokens" }
local CACHED_TOKENS = { "gen_ai.usage.cache_read.input_tokens",
  "gen_ai.usage.cache_read_input_tokens", "llm.token_count.prompt_details.cache_read" }

-- Operations that aren't calls of tools: whether they are messages of models.
local OPERATIONS = { chat = true, text_completion = true, generate_content = true, call_llm = true,
  embeddings = false, create_agent = false, invoke_agent = false, invoke_workflow = false,
  retrieval = false }

-- The arguments of Claude Code's tools, by its own attributes.
local CLAUDE_ARGS = { full_command = "command", file_path = "file_path", skill_name = "skill",
  subagent_type = "subagent_type" }

local MERGED = "(merged tools)" -- as Google's ADK calls a span around calls that were made at once
local MOST_DEPTH = 7

local function claude_args(attributes)
  local args
  for name, argument in pairs(CLAUDE_ARGS) do
    if attributes[name] ~= nil then
      args = args or {}
      args[argument] = attributes[name]
    end
  end
  return args
end

--- The name of the tool of which a span is a call; nil if it is none.
local function tool_of(span)
  local attributes = span.attributes
  local operation, tool = attributes["gen_ai.operation.name"], text(attributes["gen_ai.tool.name"])
  if OPERATIONS[operation] ~= nil then
    return nil
  elseif tool then
    return tool ~= MERGED and tool or nil
  elseif operation == "execute_tool" then
    return span.name:match("^execute_tool (.+)$") or text(span.name)
  elseif attributes["openinference.span.kind"] == "TOOL" then
    return text(attributes["tool.name"]) or text(span.name)
  elseif attributes["traceloop.span.kind"] == "tool" then
    return text(attributes["traceloop.entity.name"]) or text(span.name)
  end
  return text(attributes["ai.toolCall.name"])
    or span.name == "claude_code.tool" and text(attributes.tool_name) or nil
end

local function is_of_model(span)
  local attributes = span.attributes
  local operation = OPERATIONS[attributes["gen_ai.operation.name"]]
  if operation ~= nil then
    return operation
  end
  return attributes["openinference.span.kind"] == "LLM" or span.name == "claude_code.llm_request"
    or attributes["gen_ai.request.model"] ~= nil and first(attributes, INPUT_TOKENS) ~= nil
end

local CODES = { ["2"] = true, error = true, status_code_error = true, ["statuscode.error"] = true }

local function has_failed(span)
  local status, attributes = as_table(span.status), span.attributes
  local code = first(status, { "code", "status_code", "statusCode" })
  return code == 2 or type(code) == "string" and CODES[code:lower()] == true
    or text(attributes["error.type"]) ~= nil or attributes["gen_ai.tool.status"] == "error"
    or attributes["tool.status"] == "error"
end

--- The attributes of the exception that a span has among its events.
local function exception_of(span)
  for _, event in logged.elements(span.events) do
    event = as_table(event)
    if event.name == "exception" then
      return values.attributes(event.attributes)
    end
  end
  return {}
end

--- How what a span is about ended: an outcome, as `calls` has them.
local function outcome_of(span)
  local outcome = { timestamp = span.finish, status = "success",
    duration_ms = values.duration_ms(span.start, span.finish) }
  if not span.finish then
    outcome.status, outcome.error_type, outcome.timestamp = "cancelled", "no_result", span.start
  elseif has_failed(span) then
    local exception = exception_of(span)
    outcome.error_type = values.error_type(span.attributes["error.type"])
      or values.error_type(exception["exception.type"])
    outcome.status = values.status_of_error(outcome.error_type)
    outcome.error_text = text(first(as_table(span.status), { "message", "description" }))
      or text(exception["exception.message"]) or text(span.attributes["error.message"])
  end
  return outcome
end

--- The first of these attributes that there is, as text; nil if it is neither text nor a number.
local function text_of(attributes, names)
  local value = first(attributes, names)
  return text(type(value) == "number" and ("%.0f"):format(value) or value)
end

local Reader = {}
Reader.__index = Reader

--- The nearest span around a span that is a call, among those that were read with it; and how many
-- there are.
local function enclosing(span)
  local nearest, depth = nil, 0
  local around, steps = span.parent, 0
  while around and steps < 1000 do -- they may be a circle
    if around.tool then
      nearest, depth = nearest or around, depth + 1
    end
    around, steps = around.parent, steps + 1
  end
  return nearest, math.min(depth, MOST_DEPTH)
end

function Reader:call(span)
  local attributes = span.attributes
  local around, depth = enclosing(span)
  if around and around.tool == span.tool and attributes["mcp.method.name"] then
    return -- the same call, as the client of its server saw it
  elseif not self.signals:takes("span", span.session, text_of(attributes, CALL_IDS)) then
    return
  end
  local call = { id = span.id, session = span.session, depth = depth > 0 and depth or nil,
    tool = span.tool, timestamp = span.start, place = span.place }
  if span.name == "claude_code.tool" and span.id then
    call.args = claude_args(attributes)
    return self.calls:begin(call) -- a span within tells its end
  end
  call.args = values.args(first(attributes, ARGS))
  local outcome = outcome_of(span)
  outcome.result = first(attributes, RESULTS)
  self.calls:add(call, outcome)
end

--- A span within Claude Code's of a call: that of its execution, or of waiting for a person.
function Reader:claude_outcome(span)
  local attributes = span.attributes
  if not span.parent_id
      or not self.signals:takes("span", span.session, text_of(attributes, CALL_IDS)) then
    return
  end
  local outcome = outcome_of(span)
  if span.name == "claude_code.tool.blocked_on_user" then
    if attributes.decision ~= "reject" then
      return
    end
    outcome = { status = "cancelled", error_type = "rejected", timestamp = span.finish }
  elseif tostring(attributes.success) == "false" then
    outcome.error_type = values.error_type(attributes.error_class)
      or values.error_type(attributes.error)
    outcome.status = values.status_of_error(outcome.error_type)
    outcome.error_text = text(attributes.error)
  end
  self.calls:finish(span.session, span.parent_id, outcome)
end

function Reader:message(span)
  local attributes = span.attributes
  local message = outcome_of(span)
  message.id = span.id
  message.session, message.place = span.session, span.place
  message.tool = "model:" .. (text(first(attributes, MODELS)) or "unknown")
  message.measures = {
    input_tokens = values.number(first(attributes, INPUT_TOKENS)),
    output_tokens = values.number(first(attributes, OUTPUT_TOKENS)),
    cached_tokens = values.number(first(attributes, CACHED_TOKENS)),
  }
  if span.name == "claude_code.llm_request" then
    message.id = text(attributes.request_id) or span.id
    message.measures = values.claude_measures(attributes)
  end
  self.calls:message(message)
end

--- Reads spans that are in one text. Each has `name`, `place`, `session`, `attributes`, `status`,
-- `events`, `start` and `finish` in Unix seconds, `id` and `parent_id`.
function Reader:read(spans)
  local by_id = {}
  for _, span in ipairs(spans) do
    span.tool = tool_of(span)
    if span.id then
      by_id[span.id] = span
    end
  end
  for _, span in ipairs(spans) do
    span.parent = span.parent_id and by_id[span.parent_id]
  end
  for _, span in ipairs(spans) do
    if span.attributes["gen_ai.agent.name"] == "gemini-cli" then
      span.tool = nil -- its events tell more about the same calls and messages
    elseif span.tool then
      self:call(span)
    elseif span.name == "claude_code.tool.execution"
        or span.name == "claude_code.tool.blocked_on_user" then
      self:claude_outcome(span)
    elseif is_of_model(span) then
      self:message(span)
    end
  end
end

--- Makes a reader of spans.
function M.new(calls, signals)
  return setmetatable({ calls = calls, signals = signals }, Reader)
end

return M
