--- OpenHands: `output.jsonl` of its evaluations, of which a line is a record with a `history` of
-- events; trajectories, arrays of events; and event streams: an event a line, or a file.
--
-- Events have local times without a zone, which are read as UTC. From an action to its observation
-- is how long a call took, the time in which a person was asked included where the action isn't
-- written again after that. An action without an observation isn't an execution: the program didn't
-- run it, or takes it for an answer, as it does `finish`.
--
-- An error has one of these types, if the log tells it:
--
-- - `exit_N`: a command ended with the code N
-- - `agent_error`, or the program's own name of the error: it couldn't run the action
-- - `rejected`: a person said no (cancelled)
-- - `not_permitted`: a hook said no (cancelled)
--
-- A command that was left running has timed out. In the measures of a model's message,
-- `input_tokens` are all that went in, those that a cache had included.
-- Used only by formats.
local agent_log = require("exectrack.format.agent_log")
local events = require("exectrack.format.openhands_event")
local logged = require("exectrack.format.logged")
local places = require("exectrack.format.place")

local as_table, elements, text = logged.table, logged.elements, logged.text
local begins_text, number, seconds = logged.begins_text, logged.number, logged.seconds
local find = string.find

local M = {}

--- Events that belong together.
local Conversation = {}
Conversation.__index = Conversation

--- `actions`: by the names of those that began, what was read of them; false if it isn't a call.
-- `observations`: the same of those whose action wasn't read yet. `usages` and `latencies`: what is
-- known of responses of models, by identifier. `responses`: those that were read.
local function new_conversation(calls, session)
  return setmetatable({ calls = calls, session = session, actions = {}, observations = {},
    usages = {}, latencies = {}, responses = {} }, Conversation)
end

--- Remembers what records say of responses of models.
function Conversation:read_metrics(metrics)
  for _, latency in elements(metrics.response_latencies) do
    latency = as_table(latency)
    if text(latency.response_id) then
      self.latencies[latency.response_id] = number(latency.latency)
    end
  end
  for _, usage in elements(metrics.token_usages) do
    local id = text(as_table(usage).response_id)
    if id then
      self.usages[id] = usage
    end
  end
end

local function measures_of(usage)
  local details = as_table(usage.prompt_tokens_details)
  local measures = {
    input_tokens = number(usage.prompt_tokens),
    output_tokens = number(usage.completion_tokens),
    cached_tokens = number(usage.cache_read_tokens) or number(details.cached_tokens),
  }
  return next(measures) and measures or nil
end

--- A message of a model, of which several actions may be.
function Conversation:response(response, timestamp, place)
  local id = text(response.id)
  if not id or self.responses[id] then
    return
  end
  self.responses[id] = true
  local usage, latency = self.usages[id] or as_table(response.usage), self.latencies[id]
  self.calls:message {
    id = id,
    session = self.session,
    tool = "model:" .. (text(usage.model) or text(response.model) or "unknown"),
    timestamp = timestamp,
    place = place,
    status = "success",
    duration_ms = latency and math.floor(latency * 1e6 + 0.5) / 1e3,
    measures = measures_of(usage),
  }
end

function Conversation:pair(action, observation)
  for _, id in ipairs(action.ids) do
    self.actions[id], self.observations[id] = nil, nil
  end
  for _, id in ipairs(observation.causes) do
    self.observations[id] = nil
  end
  local first, last = action.timestamp, observation.timestamp
  local took = first and last and last >= first and last - first
  observation.duration_ms = took and math.floor(took * 1e6 + 0.5) / 1e3 or nil
  self.calls:add({
    id = action.call_id,
    session = self.session,
    tool = action.tool,
    args = action.args,
    timestamp = first,
    place = action.place,
    source = action.source,
  }, observation)
end

function Conversation:action(action, place)
  self:response(action.response, action.timestamp, place)
  action.place, action.source = place, self.calls.source
  for _, id in ipairs(action.ids) do
    if self.observations[id] and action.tool then
      return self:pair(action, self.observations[id])
    end
    self.observations[id] = nil
    self.actions[id] = action.tool and action or false
  end
end

function Conversation:observation(observation)
  for _, id in ipairs(observation.causes) do
    local action = self.actions[id]
    if action then
      return self:pair(action, observation)
    elseif action == nil then
      self.observations[id] = observation
    end
  end
end

function Conversation:event(event, place)
  event = as_table(event)
  local action, observation, unknown = events.read(event)
  if action then
    action.timestamp = seconds(event.timestamp)
    self:action(action, place)
  elseif observation then
    observation.timestamp = seconds(event.timestamp)
    self:observation(observation)
  elseif unknown then
    self.calls:skip(unknown)
  end
end

--- An array of events, or, in old records, of pairs of them.
function Conversation:events(list, place)
  for i, event in elements(list) do
    local within = places.within(place, ("[%d]"):format(i))
    if logged.is_array(event) then
      for k, of_pair in elements(event) do
        self:event(of_pair, places.within(within, ("[%d]"):format(k)))
      end
    else
      self:event(event, within)
    end
  end
end

--- The conversation of which a text is an event, or a few, and whether it has a session: by the
-- name of its file, such as `SESSION/events/12.json`. Nil if that isn't such a name.
local function of_folder(calls)
  local folder, name = (calls.source or ""):match("^(.-)([^/\\]*)$")
  if not name:find("^%d[%d-]*%.json") and not name:find("^event%-%d+%-") then
    return nil
  end
  local session = folder:match("([^/\\]+)[/\\]event[^/\\]*[/\\]$")
  calls.kept[folder] = calls.kept[folder] or new_conversation(calls, session)
  return calls.kept[folder], session ~= nil
end

local Reader = {}
Reader.__index = Reader

--- A record of an evaluation: a history of its own, even if its instance was run before.
function Reader:record(record, place)
  local conversation = new_conversation(self.calls, text(record.instance_id))
  local metrics = as_table(record.metrics)
  conversation:read_metrics(metrics)
  conversation:events(record.history, places.within(place, ".history"))
  for i, usage in elements(metrics.token_usages) do
    usage = as_table(usage)
    conversation:response({ id = usage.response_id }, nil,
      places.within(place, (".metrics.token_usages[%d]"):format(i)))
  end
end

function Reader:read(value, place)
  if type(value.history) == "table" or text(value.instance_id) then
    self:record(value, place)
  elseif type(value.trajectory) == "table" then
    new_conversation(self.calls):events(value.trajectory, places.within(place, ".trajectory"))
  elseif logged.is_array(value) then
    local conversation, is_certain = of_folder(self.calls)
    conversation = is_certain and conversation or new_conversation(self.calls)
    conversation:events(value, place)
  else
    local conversation = place == "" and of_folder(self.calls) or self.lines
    conversation:event(value, place)
  end
end

M.decode = agent_log.decoder("openhands.decode", function(calls)
  local reader = setmetatable({ calls = calls, lines = new_conversation(calls) }, Reader)
  return function(value, place) reader:read(value, place) end
end, true)

local SOURCES = logged.set "agent user environment hook"

--- Whether an object with these keys is a record of OpenHands's, or an event. `keys` has the
-- beginning of each value.
function M.fits(keys)
  if begins_text(keys.instance_id) then
    return keys.history == "[{" or keys.history == "[[" or keys.test_result == "{"
  elseif not begins_text(keys.timestamp) or not logged.begins_word(keys.source, SOURCES) then
    return false
  elseif begins_text(keys.id) then
    return find(keys.kind or "", '%aEvent"$') ~= nil
  end
  return keys.id ~= nil and (begins_text(keys.action) and keys.args == "{"
    or begins_text(keys.observation) and keys.content ~= nil)
end

return M
