--- Gemini CLI: chats, ~/.gemini/tmp/*/chats/. They are a JSON document a session; or, in newer
-- versions, lines: one about the session, one of each message whenever there is news in it, and
-- updates (`$set`, `$rewindTo`). A call keeps no time but that when it was noted down.
--
-- The program counts a shell command that failed among its successes, so its exit code is read from
-- the result. An error has one of these types, if its text tells it:
--
-- - `exit_N`, `signal_N`: a shell command ended with the code N, or by a signal
-- - `rejected`: a person said no (cancelled)
-- - `interrupted`: a person stopped it (cancelled)
--
-- In the measures of a model's message, `input_tokens` are all that went in, those that a cache had
-- included; `output_tokens` include those of thoughts.
-- Used only by formats.
local agent_log = require("exectrack.format.agent_log")
local logged = require("exectrack.format.logged")
local places = require("exectrack.format.place")

local find, match = string.find, string.match
local begins_text = logged.begins_text
local number, seconds, text = logged.number, logged.seconds, logged.text

local M = {}

local STATUSES = { success = "success", error = "failed", cancelled = "cancelled" }

-- Of calls that wait, or run.
local UNENDED = { validating = true, scheduled = true, awaiting_approval = true, executing = true }

-- The types of messages without calls.
local WITHOUT_CALLS = { user = true, info = true, error = true, warning = true }

-- Of the lines that the program adds to what a shell command printed.
local LABELS = { ["Exit Code"] = true, Signal = true, ["Background PIDs"] = true,
  ["Process Group PGID"] = true }

local LABELLED = "^(.*)\n([%a ]+): ([^\n]*)$" -- the last line

--- The result of a call, and what it says about an error. Identifiers in it are left out: they
-- would make each result another.
local function read_result(result)
  if type(result) ~= "table" or next(result) == nil then
    return text(result)
  end
  local values, said = {}, nil
  for _, part in logged.elements(logged.is_array(result) and result or { result }) do
    local response = logged.table(logged.table(part).functionResponse).response
    local fields = logged.table(response)
    said = said or text(fields.error)
    values[#values + 1] = fields.output or fields.error or response or part
  end
  return #values == 1 and values[1] or values, said
end

--- What the lines with these labels at the end of a shell command's result say, as text.
local function labelled(result)
  local said = {}
  local before, label, value = match(result, LABELLED)
  while LABELS[label] do
    said[label] = value
    before, label, value = match(before, LABELLED)
  end
  return said
end

--- How a shell command that the program counts as a success ended.
local function end_of_shell(result)
  local said = match(result, "^<untrusted_context>\n(.*)\n</untrusted_context>$") or result
  if find(said, "^Command was automatically cancelled because it exceeded the timeout") then
    return "timed_out"
  elseif find(said, "^Command was cancelled by user") then
    return "cancelled", "interrupted"
  elseif not find(said, "^Output: ") and not find(said, "^Command: ") then
    return "success"
  end
  local fields = labelled(said)
  local status, error_type = logged.of_exit_code(fields["Exit Code"])
  local signal = match(fields.Signal or "", "^[1-9]%d?$")
  if status and status ~= "success" then
    return status, error_type
  end
  return signal and "failed" or "success", signal and "signal_" .. signal
end

local CANCELLATIONS = { { "did not allow", "rejected" }, { "User denied", "rejected" },
  { "[Uu]ser cancelled", "interrupted" } }

--- How a call with this status ended, which said this about an error.
local function classify(call, status, result, said)
  if status == "success" and call.name == "run_shell_command" and type(result) == "string" then
    return end_of_shell(result)
  elseif status == "failed" and find(said, "^[^\n]*[Tt]imed out") then
    return "timed_out"
  end
  for _, cancellation in ipairs(status == "cancelled" and CANCELLATIONS or {}) do
    if find(said, cancellation[1]) then
      return status, cancellation[2]
    end
  end
  return status
end

local Reader = {}
Reader.__index = Reader

local function outcome_of(call)
  local status = STATUSES[call.status]
  if not status then
    return nil
  end
  local result, said = read_result(call.result)
  said = said or status ~= "success" and logged.content_text(call.resultDisplay) or nil
  local outcome = { result = result, timestamp = seconds(call.timestamp) }
  outcome.status, outcome.error_type = classify(call, status, result, said or "")
  if outcome.status ~= "success" then
    outcome.error_text = said or logged.content_text(result)
  end
  return outcome
end

function Reader:call(call, place)
  if not text(call.name) then
    return self.complain("a call without a name", type(place) == "string" and place or nil)
  elseif text(call.status) and not STATUSES[call.status] and not UNENDED[call.status] then
    return self.calls:skip("status " .. call.status)
  end
  local begun = { id = text(call.id), session = self.session, depth = self.depth,
    tool = call.name, args = logged.without(call.args, { "description" }),
    timestamp = seconds(call.timestamp), place = place }
  local outcome = outcome_of(call)
  if begun.id then
    self.calls:begin(begun)
    if outcome then
      self.calls:finish(self.session, begun.id, outcome)
    end
  else
    self.calls:add(begun, outcome
      or { status = "cancelled", error_type = "no_result", timestamp = begun.timestamp })
  end
end

local function sum(a, b)
  return a and a + (b or 0)
end

local function measures_of(tokens)
  local measures = {
    input_tokens = sum(number(tokens.input), number(tokens.tool)),
    output_tokens = sum(number(tokens.output), number(tokens.thoughts)),
    cached_tokens = number(tokens.cached),
  }
  return next(measures) and measures or nil
end

--- A message of a model. What the program itself wrote in place of a model has no name of one.
function Reader:model_call(message, place)
  local model, measures = text(message.model), measures_of(logged.table(message.tokens))
  if model or measures then
    self.calls:message {
      id = text(message.id),
      session = self.session,
      depth = self.depth,
      tool = "model:" .. (model or "unknown"),
      timestamp = seconds(message.timestamp),
      place = place,
      status = "success",
      measures = measures,
    }
  end
end

function Reader:message(message, place)
  message = logged.table(message)
  local kind = text(message.type) or "untyped"
  if kind == "gemini" then
    self:model_call(message, place)
  elseif not WITHOUT_CALLS[kind] then
    return self.calls:skip(kind)
  end
  for i, call in logged.elements(message.toolCalls) do
    self:call(logged.table(call), type(place) == "number" and place
      or places.within(place, (".toolCalls[%d]"):format(i)))
  end
end

--- A session, what is new about it, or a part of one.
function Reader:about_session(about, place)
  self.session = text(about.sessionId) or self.session
  self.depth = about.kind == "subagent" and 1 or about.kind == nil and self.depth or nil
  for i, message in logged.elements(about.messages) do
    self:message(message, places.within(place, (".messages[%d]"):format(i)))
  end
end

function Reader:read(value, place)
  if logged.is_array(value) then
    for i, element in logged.elements(value) do
      self:read_object(logged.table(element), places.within(place, ("[%d]"):format(i)))
    end
  else
    self:read_object(value, place)
  end
end

function Reader:read_object(value, place)
  local update = value["$set"]
  if type(update) == "table" then
    self:about_session(update, places.within(place, ".$set"))
  elseif type(value.messages) == "table" or text(value.sessionId) and text(value.projectHash) then
    self.session, self.depth = nil, nil
    self:about_session(value, place)
  elseif value["$rewindTo"] == nil then -- what is undone was done
    self:message(value, place)
  end
end

M.decode = agent_log.decoder("gemini.decode", function(calls, _, complain)
  local reader = setmetatable({ calls = calls, complain = complain }, Reader)
  return function(value, place) return reader:read(value, place) end
end, true)

--- Whether an object with these keys is of a chat of Gemini CLI's: a session, a message or an
-- update. `keys` has the beginning of each value.
function M.fits(keys)
  if keys.type == '"gemini"' then
    return begins_text(keys.id) and begins_text(keys.timestamp) and keys.content ~= nil
  end
  return begins_text(keys.sessionId) and begins_text(keys.projectHash)
    or keys["$set"] == "{" and logged.has_only(keys, { "$set" })
    or begins_text(keys["$rewindTo"])
end

return M
