--- Messages of the chat completions API: a list of them, a list of lists, or records that hold
-- lists, as one document or in lines, of which each may be a message, too. Calls and results in the
-- content of a message, as in Anthropic's API, and among the messages, as in the Responses API,
-- are taken as well. Such logs have no times.
--
-- A session is a conversation: `FILE#N`, where N is the number of its first list in the file. A log
-- of requests has the whole conversation in each: a list that begins with all messages of an
-- earlier one goes on from it, and what they have in common is read once.
-- Used only by formats.
local agent_log = require("exectrack.format.agent_log")
local core = require("exectrack.core")
local json = require("exectrack.json")
local logged = require("exectrack.format.logged")
local places = require("exectrack.format.place")
local time = require("exectrack.format.time")

local as_table, elements, text = logged.table, logged.elements, logged.text
local number = logged.number

local M = {}

-- Objects in a record of a request and its response that may have messages in them.
local PARTS = { { "request" }, { "request", "body" }, { "body" }, { "response" },
  { "response", "body" } }

-- Names of lists of messages, in a record.
local LISTS = { "messages", "traj", "history", "conversation", "conversations", "chat",
  "chat_history", "dialogue" }

local function is_message(value)
  return type(value) == "table" and type(value.role) == "string"
end

local function is_list(value)
  return is_message(logged.first(value))
end

--- The place of a field, or of an element, of a value at a place.
local function join(place, key)
  return places.within(place, (type(key) == "number" and "[%d]" or ".%s"):format(key))
end

--- The names of fields of an object, sorted.
local function keys_of(object)
  local keys = {}
  for key in pairs(object) do
    keys[#keys + 1] = type(key) == "string" and key or nil
  end
  table.sort(keys)
  return keys
end

--- The name and the arguments of a call. Arguments are mostly JSON in a text.
local function read_call(call)
  local made = type(call["function"]) == "table" and call["function"]
    or type(call.custom) == "table" and call.custom or call
  local args = made.arguments
  if args == nil then
    args = made.input
  end
  local decoded = type(args) == "string" and args:find("^%s*[{[]") and json.decode(args)
  return text(made.name), decoded or args
end

--- How a call ended, by a message or a block with its result.
local function outcome_of(answer)
  local content = answer.content
  local said = logged.content_text(content)
  local has_failed = answer.is_error == true or answer.status == "error"
    or said ~= nil and said:find("^Error") ~= nil
  return {
    status = has_failed and "failed" or "success",
    error_text = has_failed and said or nil,
    result = content,
  }
end

local Reader = {}
Reader.__index = Reader

--- Begins a conversation: a session, and the names by which its calls without identifiers wait for
-- their results.
function Reader:start()
  return { session = ("%s#%d"):format(self.file, self.lists), waiting = {}, unnamed = 0 }
end

function Reader:begin(conversation, id, call, place)
  local tool, args = read_call(call)
  if not tool then
    return self.complain("a call without a name", place)
  elseif not id then
    conversation.unnamed = conversation.unnamed + 1
    id = "#" .. conversation.unnamed
    table.insert(conversation.waiting, { id = id, tool = tool })
  end
  self.calls:begin { id = id, session = conversation.session, tool = tool, args = args,
    place = place }
end

--- The identifier of the first call without one that waits for a result; of this tool, if it is
-- known.
local function next_waiting(waiting, tool)
  for i, call in ipairs(waiting) do
    if not tool or call.tool == tool then
      return table.remove(waiting, i).id
    end
  end
end

function Reader:finish(conversation, id, tool, outcome)
  id = id or next_waiting(conversation.waiting, tool)
  if not id then -- it has no call
    self.unnamed_results = self.unnamed_results + 1
    id = "result #" .. self.unnamed_results
  end
  self.calls:finish(conversation.session, id, outcome)
end

--- A message that is a result. One may be the result of several calls.
function Reader:answer(conversation, message)
  local ids = message.tool_call_ids
  local tool = text(message.name) or text(message.tool_name)
  if text(message.tool_call_id) or not logged.is_array(ids) then
    ids = { text(message.tool_call_id) or false }
  end
  for _, id in elements(ids) do
    self:finish(conversation, text(id), tool, outcome_of(message))
  end
end

--- An element of a message's content, or of a list, that may be a call or a result.
function Reader:block(conversation, block, place)
  local kind = block.type
  if kind == "tool_use" then
    self:begin(conversation, text(block.id), block, place)
  elseif kind == "tool_result" then
    self:finish(conversation, text(block.tool_use_id), nil, outcome_of(block))
  elseif kind == "function_call" then
    self:begin(conversation, text(block.call_id), block, place)
  elseif kind == "function_call_output" then
    self:finish(conversation, text(block.call_id), nil, outcome_of { content = block.output })
  end
end

function Reader:message(conversation, message, place)
  for _, call in elements(message.tool_calls) do
    call = as_table(call)
    self:begin(conversation, text(call.id), call, place)
  end
  if type(message.function_call) == "table" then
    self:begin(conversation, nil, message.function_call, place)
  end
  if message.role == "tool" or message.role == "function" then
    self:answer(conversation, message)
  else
    self:block(conversation, message, place)
    for _, block in elements(message.content) do
      self:block(conversation, as_table(block), place)
    end
  end
end

--- The conversation that a list goes on from, how many messages they have in common, and the key of
-- the whole list. That is one of which the list has all messages so far; or, if there is none, one
-- of which it has all messages of an earlier list: a person went back, or the program asked
-- something aside. If it has no others, a conversation begins anew, with what was read before.
function Reader:known(messages)
  local latest, earlier = { count = 0 }, { count = 0 }
  local forward, backward, key, last = 0, 0, nil, 0
  for i, message in elements(messages) do
    last = i
    forward = core.fingerprint { forward, message }
    backward = core.fingerprint { message, backward }
    key = ("%.0f %.0f %.0f"):format(i, forward, backward)
    local known = self.conversations[key]
    if known then
      local found = known.latest == key and latest or earlier
      found.conversation, found.count = known, i
    end
  end
  local found = latest.conversation and latest or earlier
  local is_anew = found == earlier and found.count == last
  return not is_anew and found.conversation or self:start(), found.count, key
end

--- Reads a list. Returns its conversation.
function Reader:list(messages, place)
  self.lists = self.lists + 1
  local conversation, count, key = self:known(messages)
  self.conversations[key], conversation.latest = conversation, key
  for i, message in elements(messages) do
    if i > count then
      self:message(conversation, as_table(message), join(place, i))
    end
  end
  return conversation
end

--- What a response, of OpenAI's API or Anthropic's, says of a message of a model. Of the latter,
-- `input_tokens` don't include what a cache had.
function Reader:usage(conversation, response, place)
  local usage, model = response.usage, text(response.model)
  if type(usage) ~= "table" or not model then
    return
  end
  local cached = number(usage.cache_read_input_tokens)
  local input = number(usage.input_tokens)
  input = input and input + (cached or 0) + (number(usage.cache_creation_input_tokens) or 0)
  self.calls:message {
    id = text(response.id),
    session = conversation.session,
    tool = "model:" .. model,
    timestamp = number(response.created) and time.unix(response.created) or nil,
    place = place,
    status = "success",
    measures = {
      input_tokens = number(usage.prompt_tokens) or input,
      output_tokens = number(usage.completion_tokens) or number(usage.output_tokens),
      cached_tokens = number(as_table(usage.prompt_tokens_details).cached_tokens) or cached,
    },
  }
end

--- Reads what a model answered, if a part of a record says that. `conversation` is that of the
-- request, if it is known. Returns the conversation.
function Reader:response(part, place, conversation)
  local answers, within = part.choices, join(place, "choices")
  if is_message(part) then
    answers, within = { { message = part } }, place
  elseif type(as_table(logged.first(answers)).message) ~= "table" then
    return conversation
  end
  if not conversation then
    self.lists = self.lists + 1
    conversation = self:start()
  end
  for i, answer in elements(answers) do
    self:message(conversation, as_table(as_table(answer).message),
      within == place and place or join(join(within, i), "message"))
  end
  self:usage(conversation, part, within)
  return conversation
end

--- Reads the lists in an object, and what a model answered. Returns the conversation of the last.
function Reader:part(part, place, conversation)
  for _, key in ipairs(keys_of(part)) do
    if is_list(part[key]) then
      conversation = self:list(part[key], join(place, key))
    end
  end
  return self:response(part, place, conversation)
end

--- Whether a record has a list of messages, though there may be none in it.
local function has_list(record)
  for _, name in ipairs(LISTS) do
    if type(record[name]) == "table" then
      return true
    end
  end
  return false
end

function Reader:record(record, place)
  local conversation = self:part(record, place)
  for _, path in ipairs(PARTS) do
    local part, within = record, place
    for _, key in ipairs(path) do
      part, within = as_table(part)[key], join(within, key)
    end
    if type(part) == "table" then
      conversation = self:part(part, within, conversation)
    end
  end
  if not conversation and next(record) ~= nil and not has_list(record) then
    self.calls:skip(text(record.type) or "untyped")
  end
end

--- Reads a value at a place in a document or a line.
function Reader:value(value, place)
  if is_list(value) then
    self:list(value, place)
  elseif not logged.is_array(value) then
    self:record(value, place)
  end
  for i, element in elements(not is_list(value) and value) do
    if type(element) == "table" then
      self:value(element, join(place, i))
    end
  end
end

--- Reads a line, or a document. Lines that are messages are one conversation.
function Reader:read(value, place)
  if is_message(value) then
    if not self.of_lines then
      self.lists = self.lists + 1
      self.of_lines = self:start()
    end
    self:message(self.of_lines, value, place)
    self:usage(self.of_lines, value, place)
  else
    self:value(value, place)
  end
end

--- What sessions call a text: the file's own name; but its path, if another one has that name.
local function file_of(calls, source)
  local name = (source or ""):match("[^/\\]*$")
  local key = "chat " .. name
  calls.kept[key] = calls.kept[key] or source
  return calls.kept[key] == source and name or source
end

M.decode = agent_log.decoder("chat.decode", function(calls, chosen, complain)
  local reader = setmetatable({
    calls = calls,
    complain = complain,
    unnamed_results = 0, -- for which no call waited
    file = file_of(calls, chosen.source),
    lists = 0, -- that were read
    conversations = {}, -- by the messages of each of their lists; `latest` is that of the last one
    of_lines = nil, -- the conversation of lines that are messages
  }, Reader)
  return function(value, place) return reader:read(value, place) end
end, true)

local ROLES = logged.set "system developer user assistant tool function"

--- Whether an object with these keys is a message of the chat completions API, or a record with
-- some. `keys` has the beginning of each value.
function M.fits(keys)
  if keys.role then
    return logged.begins_word(keys.role, ROLES) and keys.type == nil
      and (keys.content ~= nil or keys.tool_calls == "[{")
  elseif keys.sessionId or keys.projectHash or keys.instance_id then
    return false -- Gemini CLI, OpenHands
  end
  for _, name in ipairs(LISTS) do
    if keys[name] == "[{" then
      return true
    end
  end
  return keys.choices == "[{" and logged.begins_text(keys.model)
end

return M
