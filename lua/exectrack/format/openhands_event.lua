--- Events of OpenHands. There are two kinds: those until version 1, which have an `action` or an
-- `observation` by name; and those of the Software Agent SDK, which have a `kind`.
--
-- Used only by format.openhands.
local json = require("exectrack.json")
local logged = require("exectrack.format.logged")

local as_table, text = logged.table, logged.text

local M = {}

-- What an action notes down beside its arguments.
local NOTES = { "blocking", "confirmation_state", "hidden", "impl_source", "security_risk" }

-- Kinds of events of the SDK without calls.
local WITHOUT_CALLS = {}
for kind in ([[Condensation CondensationRequest CondensationSummaryEvent ConversationErrorEvent
  ConversationStateUpdateEvent HookExecutionEvent InterruptEvent LLMCompletionLogEvent PauseEvent
  StreamingDeltaEvent SystemPromptEvent TokenEvent]]):gmatch("%a+") do
  WITHOUT_CALLS[kind] = true
end

--- The arguments of a call that are JSON in a text; nil if they aren't.
local function decode_arguments(call)
  local arguments = text(call.arguments)
  local args = arguments and json.decode(arguments)
  return type(args) == "table" and args or nil
end

--- The arguments as the model gave them; nil if they aren't there.
local function args_of_response(response, id)
  for _, choice in logged.elements(response.choices) do
    for _, call in logged.elements(as_table(as_table(choice).message).tool_calls) do
      call = as_table(call)
      if call.id == id then
        return decode_arguments(as_table(call["function"]))
      end
    end
  end
end

--- The arguments of an action. The thought of `think` is all that it has.
local function args_of_action(event)
  local args = logged.without(event.args, NOTES)
  return event.action == "think" and args or logged.without(args, { "thought" })
end

local function named_action(event)
  local about = as_table(event.tool_call_metadata)
  local tool = text(about.function_name) or event.source == "agent" and event.action or nil
  local id, response = text(about.tool_call_id), as_table(about.model_response)
  return {
    ids = { event.id },
    tool = tool,
    call_id = id or "event " .. tostring(event.id),
    args = tool and logged.without(args_of_response(response, id), { "security_risk" })
      or args_of_action(event),
    response = response,
  }
end

local function exit_code_of(about)
  local metadata = as_table(about.metadata)
  return logged.exit_code(metadata.exit_code) or logged.exit_code(about.exit_code)
end

local function has_failed(event, content)
  return event.success == false or as_table(event.extras).error == true
    or content ~= nil and content:find("^ERROR") ~= nil
    or event.observation == "mcp" and content ~= nil and content:find('"isError": ?true') ~= nil
end

--- The status and the error type of an observation with a name.
local function classify(event, content)
  local code = exit_code_of(as_table(event.extras))
  local status, error_type = logged.of_exit_code(code)
  if event.observation == "error" then
    return "failed", logged.class(as_table(event.extras).error_id) or "agent_error"
  elseif event.observation == "user_rejected" then
    return "cancelled", "rejected"
  elseif code == -1 then
    return "timed_out" -- it still runs
  elseif status then
    return status, error_type
  end
  return has_failed(event, content) and "failed" or "success"
end

local function named_observation(event)
  local status, error_type = classify(event, text(event.content))
  return {
    causes = { event.cause },
    status = status,
    error_type = error_type,
    error_text = status ~= "success" and logged.content_text(event.content) or nil,
    result = event.content,
  }
end

--- What an action of the SDK gives to its tool: without what the model adds about it for others.
local function sdk_args(event)
  local args = decode_arguments(as_table(event.tool_call))
  if not args then
    return logged.without(event.action, { "kind" })
  end
  return logged.without(args, { "security_risk", args.summary == event.summary and "summary" })
end

local function sdk_action(event)
  return {
    ids = { event.id, event.tool_call_id },
    tool = text(event.tool_name),
    call_id = text(event.tool_call_id) or event.id,
    args = sdk_args(event),
    response = { id = event.llm_response_id },
  }
end

local function sdk_classify(observation)
  local code = exit_code_of(observation)
  local status, error_type = logged.of_exit_code(code)
  if observation.timeout == true or code == -1 then
    return "timed_out"
  elseif status and status ~= "success" then
    return status, error_type
  end
  return observation.is_error == true and "failed" or "success"
end

local function sdk_observation(event)
  local observation = as_table(event.observation)
  local result = observation.content
  if result == nil then
    result = observation.output -- of its first versions
  end
  local status, error_type = sdk_classify(observation)
  return {
    causes = { event.action_id or event.tool_call_id },
    status = status,
    error_type = error_type,
    error_text = status ~= "success" and logged.content_text(result) or nil,
    result = result,
  }
end

local function sdk_error(event)
  return { causes = { event.tool_call_id }, status = "failed", error_type = "agent_error",
    error_text = text(event.error), result = event.error }
end

local function sdk_rejection(event)
  return {
    causes = { event.action_id or event.tool_call_id },
    status = "cancelled",
    error_type = event.rejection_source == "hook" and "not_permitted" or "rejected",
    error_text = text(event.rejection_reason),
  }
end

local SDK_OBSERVATIONS = { ObservationEvent = sdk_observation, AgentErrorEvent = sdk_error,
  UserRejectObservation = sdk_rejection }

--- Keeps the keys that are numbers or texts.
local function settle_keys(keys, n)
  local kept = {}
  for i = 1, n do
    local kind = type(keys[i])
    kept[#kept + 1] = (kind == "string" or kind == "number") and keys[i] or nil
  end
  return kept
end

--- Reads an event. Returns an action: a table with
--
-- - `ids`, by which its observation may name it
-- - `tool`, `call_id`, `args`; without `tool` it isn't a call
-- - `response`, a table about the model's message that it stands in
--
-- or nil and an observation: what an outcome of `calls` has, and `causes`, the names of its action;
-- or nil, nil and the kind of an event that isn't known. An event without a call gives nothing.
function M.read(event)
  local kind = text(event.kind)
  local action, observation
  if kind == "ActionEvent" then
    action = sdk_action(event)
  elseif kind == "MessageEvent" then
    action = { ids = {}, response = { id = event.llm_response_id } }
  elseif SDK_OBSERVATIONS[kind] then
    observation = SDK_OBSERVATIONS[kind](event)
  elseif text(event.action) then
    action = named_action(event)
  elseif text(event.observation) then
    observation = named_observation(event)
  else
    return nil, nil, not WITHOUT_CALLS[kind] and (kind or "untyped") or nil
  end
  if action then
    action.ids = settle_keys(action.ids, 2)
  else
    observation.causes = settle_keys(observation.causes, 2)
  end
  return action, observation
end

return M
