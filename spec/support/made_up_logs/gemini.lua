--- Makes random chats of Gemini CLI: documents, and lines.
local common = require("spec.support.made_up_logs.common")
local json_text = require("exectrack.json_text")
local random = require("spec.support.random")

local chance, pick = common.chance, random.pick

-- How calls end: the status, the response, and what was shown.
local ENDS = {
  { "success", { output = "fine" } }, { "success", { output = "" } },
  { "success", { output = "Command: ls\nOutput: a\nExit Code: 2\nSignal: (none)" } },
  { "success", { output = "Output: (empty)\nExit Code: 0\nProcess Group PGID: 12" } },
  { "success", { output = "Command: sleep\nOutput: \nSignal: 9\nProcess Group PGID: 12" } },
  { "success", { output = "Command was automatically cancelled because it exceeded the timeout of 5"
    .. " minutes." } },
  { "error", { error = "Path must be absolute: ." }, "Path must be absolute: ." },
  { "error", { error = "Request timed out after 10 s" } },
  { "cancelled", { error = "[Operation Cancelled] Reason: User did not allow tool call" } },
  { "cancelled", { error = "[Operation Cancelled] Reason: User cancelled the operation." } },
  { "cancelled" },
}

local function new_call(status)
  local name = pick { "run_shell_command", "read_file", "replace" }
  local at = common.later()
  local call = { id = ("%s-%.0f-%s"):format(name, at, common.hex(13)), name = name,
    args = { command = pick { "ls", "make" }, description = pick { "List", "Build" } },
    timestamp = common.iso(at), status = status, description = "It does something" }
  return call
end

local function finish(call)
  local ending = pick(ENDS)
  call.status, call.resultDisplay = ending[1], ending[3]
  call.result = ending[2] and { { functionResponse = { id = call.id, name = call.name,
    response = ending[2] } } } or nil
end

local function new_message()
  local message = { id = common.uuid(), timestamp = common.iso(common.later()),
    type = pick { "user", "gemini", "gemini", "gemini", "info" }, content = "text" }
  if message.type == "gemini" then
    message.model = pick { "pro", "flash" }
    message.tokens = chance(80) and { input = math.random(99), output = 3, cached = 2, thoughts = 4,
      tool = 1 } or nil
    message.toolCalls = {}
    for i = 1, math.random(0, 3) do
      message.toolCalls[i] = new_call(pick { "executing", "awaiting_approval" })
    end
  end
  return message
end

local function finish_calls(message)
  for _, call in ipairs(message.toolCalls or {}) do
    if chance(90) then
      finish(call)
    end
  end
end

local function about(session)
  return { sessionId = session, projectHash = common.hex(64),
    startTime = common.iso(common.later()), kind = pick { "main", "main", "subagent" } }
end

--- A session as a document, and sometimes one that goes on from it.
local function documents()
  local session, texts = about(common.uuid()), {}
  session.messages = {}
  for i = 1, math.random(2) do
    for _ = 1, math.random(0, 4) do
      local message = new_message()
      finish_calls(message)
      table.insert(session.messages, message)
    end
    table.insert(session.messages, chance(20) and { type = "kind_of_tomorrow" } or nil)
    local text = json_text.encode(session)
    texts[i] = { ("session-%d.json"):format(i), chance(50) and text
      or text:gsub('({"id":)', "\n%1") }
  end
  return texts
end

--- A session as lines, in which a message stands again when there is news in it.
local function lines()
  local values, fixed = { about(common.uuid()) }, {}
  fixed[values[1]] = true
  for _ = 1, math.random(5) do
    local message = new_message()
    values[#values + 1] = common.copy(message)
    if message.toolCalls then
      finish_calls(message)
      values[#values + 1] = message
    end
    values[#values + 1] = pick { { ["$set"] = { lastUpdated = message.timestamp } },
      { ["$rewindTo"] = message.id }, message.model and common.copy(message) or nil }
  end
  local texts = { { "chat.jsonl",
    common.join(common.lines(values, { fixed = fixed, copies = true })) } }
  if chance(30) then
    texts[2] = { "copy.jsonl", common.join(common.lines(values, { fixed = fixed })) }
  end
  return texts
end

return function()
  return chance(50) and documents() or lines()
end
