--- Makes random logs of chat messages: lists, lists of lists, records, lines, and logs of requests.
local common = require("spec.support.made_up_logs.common")
local json_text = require("exectrack.json_text")
local random = require("spec.support.random")

local chance, pick = common.chance, random.pick

local RESULTS = { "fine", "Error: no such user", "Errors were found", "an Error", "",
  { { type = "text", text = "é" } }, { { type = "text", text = "Error" } } }

local function new_calls(next_id)
  local calls = {}
  for i = 1, math.random(3) do
    calls[i] = { id = next_id(), type = "function", ["function"] = { name = pick { "find", "book" },
      arguments = pick { '{"id": 1}', '{"id":2,"why":"é"}', "not JSON", "{}" } } }
  end
  return calls
end

--- A conversation: messages of people, and of models with calls, and results. Some have none.
local function conversation(next_id)
  local messages = { { role = "system", content = "You are a clerk " .. common.word(6) } }
  for _ = 1, math.random(0, 4) do
    messages[#messages + 1] = { role = "user", content = common.text() }
    local calls = chance(80) and new_calls(next_id) or nil
    messages[#messages + 1] = { role = "assistant", content = not calls and "Error in mine" or nil,
      tool_calls = calls }
    for _, call in ipairs(calls and random.shuffle(common.copy(calls)) or {}) do
      if chance(85) then
        messages[#messages + 1] = { role = "tool", tool_call_id = call.id, content = pick(RESULTS),
          name = chance(50) and call["function"].name or nil }
      end
    end
    if chance(10) then
      messages[#messages + 1] = { role = "tool", tool_call_id = common.word(9), content = "lost" }
    end
  end
  return messages
end

local function conversations()
  local next_id, all = common.identifiers("call_"), {}
  for i = 1, math.random(3) do
    all[i] = conversation(next_id)
  end
  return all
end

local function one_list()
  return "list.json", json_text.encode(conversation((common.identifiers("call_"))))
end

local function several_lists()
  return "lists.json", json_text.encode(conversations())
end

local function records()
  local all, key = conversations(), pick { "messages", "traj", "conversation" }
  for i, messages in ipairs(all) do
    all[i] = { task_id = i, reward = 0.5, [key] = messages }
  end
  if chance(50) then
    return "records.json", json_text.encode(all)
  end
  for i, record in ipairs(all) do
    all[i] = json_text.encode(record)
  end
  return "records.jsonl", common.join(all)
end

--- Lines that are messages.
local function messages()
  local all = conversation((common.identifiers("call_")))
  return "messages.jsonl", common.join(common.lines(all, {}))
end

--- A log of requests, of which each has the conversation so far; or, if a person went back, an
-- earlier part of it, and something else behind that.
local function requests()
  local next_id, lines = common.identifiers("call_"), {}
  for _ = 1, math.random(3) do
    local so_far = {}
    for _, message in ipairs(conversation(next_id)) do
      so_far[#so_far + 1] = message
      if chance(60) then
        lines[#lines + 1] = json_text.encode { model = "m", messages = so_far }
      end
    end
    if chance(40) then
      local other = {}
      for i = 1, math.random(#so_far) do
        other[i] = so_far[i]
      end
      other[#other + 1] = { role = "user", content = "Stop " .. common.word(5) }
      other[#other + 1] = { role = "assistant", tool_calls = new_calls(next_id) }
      lines[#lines + 1] = json_text.encode { model = "m", messages = other }
    end
  end
  return "requests.jsonl", common.join(lines)
end

return function()
  local texts = {}
  for i = 1, pick { 1, 1, 2 } do
    local name, text = (pick { one_list, several_lists, records, messages, requests })()
    texts[i] = { ("/logs/%d-%s"):format(i, name), text }
  end
  return texts
end
