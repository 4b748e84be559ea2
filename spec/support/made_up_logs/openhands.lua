--- Makes random logs of OpenHands: records of evaluations, trajectories and lines of events, until
-- version 1 and of the Software Agent SDK.
local common = require("spec.support.made_up_logs.common")
local json_text = require("exectrack.json_text")
local random = require("spec.support.random")

local chance, pick = common.chance, random.pick

local function time()
  return common.iso(common.later(), ("%03d"):format(math.random(0, 999)), "")
end

-- How calls end: the fields of the observation.
local ENDS = {
  { observation = "run", content = "fine", extras = { metadata = { exit_code = 0 } },
    success = true },
  { observation = "run", content = "boom", extras = { metadata = { exit_code = 2 } },
    success = false },
  { observation = "run", content = "so far", extras = { metadata = { exit_code = -1 } },
    success = false },
  { observation = "read", content = "é", success = true },
  { observation = "edit", content = "ERROR:\nNo replacement was performed.", success = true },
  { observation = "edit", content = "An ERROR in the middle" },
  { observation = "browse", content = "no", success = false },
  { observation = "error", content = "no such tool" },
  { observation = "user_rejected", content = "User rejected the action." },
}

-- The same in the SDK: the kind of the event and its fields.
local SDK_ENDS = {
  { "ObservationEvent", { observation = { content = { { type = "text", text = "fine" } },
    is_error = false, exit_code = 0 } } },
  { "ObservationEvent", { observation = { content = { { type = "text", text = "boom" } },
    metadata = { exit_code = 2 } } } },
  { "ObservationEvent", { observation = { content = {}, is_error = true } } },
  { "ObservationEvent", { observation = { content = { { type = "text", text = "é" } },
    exit_code = -1, timeout = true } } },
  { "AgentErrorEvent", { error = "no such tool" } },
  { "UserRejectObservation", { rejection_reason = "no" } },
  { "UserRejectObservation", { rejection_reason = "no", rejection_source = "hook" } },
}

local function add(events, event)
  event.timestamp, event.source = time(), event.source or "agent"
  events[#events + 1] = event
end

local function response_of(calls)
  local usage = { prompt_tokens = math.random(99), completion_tokens = 3,
    prompt_tokens_details = { cached_tokens = 2 } }
  return { id = "chatcmpl-" .. common.word(24), model = pick { "gpt", "opus" }, usage = usage,
    choices = { { message = { role = "assistant", tool_calls = calls } } } }
end

--- An action with its observation, of which either may be missing.
local function act(log, response, call)
  local about = { function_name = call["function"].name, tool_call_id = call.id,
    model_response = response }
  log.count = log.count + 1
  local number = log.count
  add(log.events, { id = number, action = "run", args = { command = "given twice", thought = "t" },
    tool_call_metadata = about })
  return function()
    if chance(85) then
      log.count = log.count + 1
      local ending = common.with(pick(ENDS), "id", log.count)
      ending.cause, ending.tool_call_metadata = number, about
      add(log.events, ending)
    end
  end
end

local function sdk_act(log, response, call)
  local made, id = call["function"], common.uuid()
  add(log.events, { id = id, kind = "ActionEvent", tool_name = made.name, tool_call_id = call.id,
    tool_call = { id = call.id, name = made.name, arguments = made.arguments },
    action = { kind = "RunAction" }, llm_response_id = response.id })
  return function()
    if chance(85) then
      local ending = pick(SDK_ENDS)
      local event = common.copy(ending[2])
      event.id, event.kind, event.tool_call_id = common.uuid(), ending[1], call.id
      event.action_id = ending[1] ~= "AgentErrorEvent" and id or nil
      add(log.events, event)
    end
  end
end

local function turn(log, act_of_kind)
  local calls, finishes = {}, {}
  for i = 1, math.random(3) do
    calls[i] = { id = log.next_id(), ["function"] = { name = pick { "bash", "edit", "fetch" },
      arguments = json_text.encode { command = pick { "ls", "make" }, security_risk = pick { "LOW",
        "HIGH" } } } }
  end
  local response = response_of(calls)
  for i, call in ipairs(calls) do
    finishes[i] = act_of_kind(log, response, call)
  end
  for _, finish in ipairs(random.shuffle(finishes)) do
    finish()
  end
end

--- The events of a conversation.
local function events(next_id, is_of_sdk)
  local log = { events = {}, count = 1, next_id = next_id }
  add(log.events, is_of_sdk and { id = common.uuid(), kind = "SystemPromptEvent" }
    or { id = 0, action = "message", source = "user", args = { content = "Mend it" } })
  for _ = 1, math.random(0, 3) do
    turn(log, is_of_sdk and sdk_act or act)
  end
  if not is_of_sdk and chance(50) then
    add(log.events, { id = log.count + 1, cause = 0, observation = "recall", content = "x" })
  end
  return log.events
end

--- Lines of records. Some are there twice; an instance may be run again.
local function records()
  local next_id, texts = common.identifiers("toolu_01"), {}
  for i = 1, math.random(3) do
    local record = { instance_id = "instance-" .. pick { 1, 2 }, history = events(next_id, false) }
    texts[#texts + 1] = json_text.encode(record)
    texts[#texts + 1] = chance(20) and texts[i] or nil
  end
  return { { "output.jsonl", common.join(texts) } }
end

local function trajectory()
  local is_of_sdk = chance(50)
  local all = events((common.identifiers("call_")), is_of_sdk)
  if #all > 2 and chance(50) then
    local i = math.random(2, #all - 1)
    all[i], all[i + 1] = all[i + 1], all[i]
  end
  return { { "trajectory.json", json_text.encode(all) } }
end

local function lines()
  local all = events((common.identifiers("toolu_01")), chance(50))
  return { { "events.jsonl", common.join(common.lines(all, { swaps = true })) } }
end

return function()
  return (pick { records, trajectory, lines })()
end
