--- Events of logs of OpenTelemetry, as coding agents write them: Claude Code, Codex CLI, Gemini CLI
-- and what was made of it. Gemini CLI's calls have no identifiers.
-- Used only by formats.
local logged = require("exectrack.format.logged")
local signals = require("exectrack.format.otlp_signals")
local status_words = require("exectrack.format.status_words")
local values = require("exectrack.format.otlp_value")

local first, number, text = values.first, values.number, logged.text

local M = {}

local CALL_IDS = { "tool_use_id", "call_id" }
local ARGS = { "tool_input", "tool_parameters", "arguments", "function_args" }
local ERRORS = { "error", "error.message" }

-- What people, or rules, decide against a call.
local REJECTIONS = { reject = true, denied = true, abort = true }

--- Arguments with the names that the tools have for them: Claude Code's shell has others in events.
local function args_of(attributes)
  local args = values.args(first(attributes, ARGS))
  if type(args) == "table" and args.full_command ~= nil and args.command == nil then
    args.command, args.full_command, args.bash_command = args.full_command, nil, nil
  end
  return args
end

--- Sets why something failed.
local function set_error(outcome, attributes, said)
  local class = text(first(attributes, { "error_type", "error.type" }))
  said = text(first(attributes, ERRORS)) or said
  if not class and said and #said <= 64 and said:find("^[%w_.:]+$") then
    class = said
  end
  outcome.error_type = values.error_type(class)
  outcome.error_text = said
  outcome.status = values.status_of_error(outcome.error_type)
end

local Reader = {}
Reader.__index = Reader

--- How a call ended; nil if that isn't known. Its duration may include waiting for a person, if one
-- was asked.
local function outcome_of(event, decided)
  local attributes = event.attributes
  local outcome = { timestamp = event.seconds, duration_ms = number(attributes.duration_ms),
    result = attributes.output, status = "success" }
  local decision = text(first(attributes, { "decision", "decision_type" }))
  local was_rejected = decided and decided.is_rejected or REJECTIONS[decision]
  local is_success = status_words.boolean(attributes.success)
  if not is_success then
    if was_rejected then
      outcome.status, outcome.error_type = "cancelled", "rejected"
    elseif is_success == false or text(first(attributes, ERRORS)) then
      set_error(outcome, attributes, text(attributes.output))
    else
      return nil
    end
  end
  local may_have_waited = was_rejected or decided and decided.was_asked
    or attributes.function_name and decision
  outcome.timing = outcome.duration_ms and may_have_waited and "elapsed" or nil
  return outcome
end

--- The end of a call.
function Reader:result(event)
  local attributes = event.attributes
  local tool, id = text(first(attributes, { "tool_name", "function_name" })),
    text(first(attributes, CALL_IDS))
  if not tool or not self.signals:takes("event", event.session, id) then
    return
  end
  local key = id and signals.key(event.session, id)
  local decided = key and self.signals.decisions[key]
  local outcome = outcome_of(event, decided)
  if not outcome then
    return self.complain("an event of a call without 'success'", event.place)
  elseif decided and decided.call then
    decided.call.args = args_of(attributes)
    return self.calls:finish(event.session, id, outcome)
  elseif key then
    self.signals.results[key] = true
  end
  self.calls:add({ id = id, session = event.session, tool = tool, args = args_of(attributes),
    timestamp = event.seconds, place = event.place }, outcome)
end

--- A decision about a call. One that was rejected may have no end.
function Reader:decision(event)
  local attributes = event.attributes
  local tool, id = text(attributes.tool_name), text(first(attributes, CALL_IDS))
  local key = id and signals.key(event.session, id)
  if not tool or not key or self.signals.results[key] or self.signals.decisions[key] then
    return
  end
  local decided = { is_rejected = REJECTIONS[attributes.decision],
    was_asked = event.name:find("^codex") and tostring(attributes.source):lower() == "user" }
  self.signals.decisions[key] = decided
  if decided.is_rejected and self.signals:takes("event", event.session, id) then
    decided.call = { id = id, session = event.session, tool = tool, timestamp = event.seconds,
      place = event.place, status = "cancelled", error_type = "rejected" }
    self.calls:begin(decided.call)
  end
end

--- A message of a model, of which an event says how it ended.
function Reader:message(event, id, measures)
  local attributes = event.attributes
  local message = { id = id, session = event.session, place = event.place,
    tool = "model:" .. (text(first(attributes, { "model", "model_name" })) or "unknown"),
    timestamp = event.seconds, duration_ms = number(attributes.duration_ms), status = "success",
    measures = measures }
  if not measures then
    set_error(message, attributes)
    local code = number(attributes.status_code)
    message.error_type = message.error_type or code and ("http_%.0f"):format(code) or nil
  end
  self.calls:message(message)
end

local function counts(attributes, cached)
  return {
    input_tokens = number(attributes.input_token_count),
    output_tokens = number(attributes.output_token_count),
    cached_tokens = number(attributes[cached]),
  }
end

-- By the last word of an event's name.
local READERS = {
  tool_result = Reader.result,
  tool_call = Reader.result,
  tool_decision = Reader.decision,
  api_request = function(self, event)
    if event.attributes.input_tokens ~= nil then
      self:message(event, text(event.attributes.request_id),
        values.claude_measures(event.attributes))
    end
  end,
  api_response = function(self, event)
    self:message(event, nil, counts(event.attributes, "cached_content_token_count"))
  end,
  api_error = function(self, event)
    self:message(event, text(event.attributes.request_id))
  end,
  sse_event = function(self, event)
    if event.attributes.input_token_count ~= nil then
      self:message(event, nil, counts(event.attributes, "cached_token_count"))
    end
  end,
}

--- Reads an event. It has `name`, `place`, `session`, `attributes`, and `seconds`, the Unix time.
function Reader:read(event)
  local read = READERS[event.name:match("[%a_]+$")]
  if read then
    read(self, event)
  end
end

--- Makes a reader of events.
function M.new(calls, of_calls, complain)
  return setmetatable({ calls = calls, signals = of_calls, complain = complain }, Reader)
end

return M
