--- Calls of tools in the logs of agents: pairs calls with their results, and counts each call once.
--
-- Such logs repeat themselves. A session that is resumed or forked begins with a copy of what it
-- goes on from, and what is streamed may be written again. Two calls are the same if they have the
-- same identifier, tool and arguments, and the same time or an identifier that no other call can
-- have. So an identifier that is used again, as those that count from 0 in each session, is another
-- call.
--
-- One object serves all files that are read together. A call, in `begin` and `add`, is a table of:
--
-- - `id`; nil for a call that can't be told from others
-- - `session`, text; nil for none
-- - `tool`, `args`, `depth`, as in an execution
-- - `timestamp`, when it was made; nil if that isn't known
-- - `place` in the text, the number of a line or the path of an element
-- - `source`, the name of the text, if it isn't the one that is read
--
-- An outcome has `status`, `error_type`, `error_text`, `result` and `measures` as in an execution,
-- and `timestamp`, when it ended. The call was measured if there is `duration_ms`; if there isn't,
-- and `timing` is `elapsed`, it took from the one timestamp to the other; else it is untimed.
-- Used only by formats.
local core = require("exectrack.core")
local json = require("exectrack.json_text")
local places = require("exectrack.format.place")
local shown = require("exectrack.format.shown")

local M = {}

local Calls = {}
Calls.__index = Calls

-- Of lines that are skipped: how many are counted by name, and how many are shown.
local MOST_KINDS, MOST_SHOWN = 100, 10

local MOST_MS = 4503599627370 -- 142 years

--- Makes an object without calls. `has_model_calls`: whether messages of models are executions.
function M.new(has_model_calls)
  return setmetatable({
    has_model_calls = has_model_calls,
    source = nil, -- the name of the text that is read
    has_read = false, -- whether a line or a document was right, with calls or without
    seen = {}, -- by identity: the call until it has ended, then true
    of_id = {}, -- by session and identifier: the latest call until it has ended, then true
    early = {}, -- by session and identifier: outcomes whose calls weren't read yet
    messages = {}, -- by identifier: messages of models; false for one that has ended
    latest = {}, -- by session: the key of its latest message
    kept = {}, -- what a decoder keeps from text to text
    begun = 0,
    copies = 0,
    skipped = {},
    kinds = 0,
    first = 1,
    last = 0, -- of what wasn't taken by `next` yet, the elements `first` to `last` are
  }, Calls)
end

--- Whether no other call can have this identifier: it has a long part that looks random.
local function is_unique(id)
  for part in id:gmatch("%w+") do
    if #part >= 20 or #part >= 9 and part:find("%d") then
      return true
    end
  end
  return false
end

local function key_of(session, id)
  return (session or "") .. "\0" .. id
end

--- What calls that are the same have alike; nil if that can't be told from what is known.
local function identity(call)
  if not call.id then
    return nil
  elseif is_unique(call.id) then
    return ("%s\0%s\0%.0f"):format(call.id, call.tool, call.args_hash)
  end
  return call.timestamp and ("%s\0%s\0%.0f\0%.6f"):format(call.id, call.tool, call.args_hash,
    call.timestamp)
end

--- How many bytes the JSON text of a value has. `value` may have holes where there was null.
local function json_bytes(value)
  if type(value) ~= "table" then
    return #json.encode(value)
  end
  local bytes, count, last = 2, 0, 0 -- brackets
  for key, element in pairs(value) do
    bytes, count = bytes + json_bytes(element), count + 1
    if type(key) == "number" then
      last = math.max(last, key)
    else
      bytes = bytes + #json.string(key) + 1
    end
  end
  local holes = math.max(last - count, 0)
  return bytes + 4 * holes + math.max(count + holes - 1, 0)
end

--- How many bytes a result has: those of its text, if it is text or blocks of it; else those of its
-- JSON text.
function M.bytes(result)
  if type(result) == "string" then
    return #result
  elseif type(result) ~= "table" then
    return json_bytes(result)
  elseif type(result.text) == "string" then
    return #result.text
  end
  local bytes = 0
  for key, block in pairs(result) do
    if type(key) ~= "number" then
      return json_bytes(result)
    end
    bytes = bytes + M.bytes(block)
  end
  return bytes
end

local function push(self, place, execution)
  self.last = self.last + 1
  self[self.last] = { place, execution }
end

--- Sets how long a call took, which is only known if its outcome says it, and not more than can be.
local function settle_duration(execution, call, outcome)
  local ms, timing, ended = outcome.duration_ms, outcome.timing, outcome.timestamp
  if not ms and timing == "elapsed" and call.timestamp and ended and ended >= call.timestamp then
    ms = math.floor((ended - call.timestamp) * 1e6 + 0.5) / 1e3
  end
  if ms and (ms > MOST_MS or ended and ms / 1e3 > ended) then
    ms = nil
  end
  execution.duration_ms = ms
  execution.timing = not ms and "untimed" or timing
end

local function measures_of(outcome)
  local measures = outcome.measures
  if outcome.result ~= nil then
    measures = measures or {}
    measures.result_bytes = M.bytes(outcome.result)
  end
  return measures
end

--- Makes the execution of a call.
local function finish(self, call, outcome)
  local execution = {
    tool = call.tool,
    args = call.args,
    session = call.session,
    depth = call.depth,
    status = outcome.status,
    error_type = outcome.error_type,
    error_text = outcome.error_text,
    result = outcome.result,
    timestamp = outcome.timestamp,
    measures = measures_of(outcome),
    place = call.source and places.text(call.source, call.place),
  }
  settle_duration(execution, call, outcome)
  push(self, call.place, execution)
  call.has_ended = true
  if call.identity then
    self.seen[call.identity] = true
  end
end

--- Ends a call whose result isn't in the log, at the time when it was made.
local function abandon(self, call)
  finish(self, call, { status = "cancelled", error_type = "no_result", timestamp = call.timestamp })
end

--- The call that `call` is a copy of, or true if that has ended; nil if it is a call of its own.
local function original(self, call, open)
  local seen = call.identity and self.seen[call.identity]
  local is_again = open and open ~= true and not open.has_ended and open.tool == call.tool
    and open.args_hash == call.args_hash
  return seen or is_again and open or nil
end

--- Ends a call of which the identifier is that of another one now; but not where that is a copy, as
-- its own copy and result may follow.
local function abandon_unless_kept(self, open, copied)
  if open and open ~= true and open ~= copied and not open.has_ended
      and not (copied and open.identity) then
    abandon(self, open)
  end
end

local function prepare(self, call)
  call.args_hash = call.args ~= nil and core.fingerprint(call.args) or 0
  call.identity = identity(call)
  call.source = call.source or self.source
  self.begun = self.begun + 1
  call.number = self.begun
end

--- A call of which the result comes later, or came earlier. It must have an identifier.
function Calls:begin(call)
  prepare(self, call)
  local session, id = call.session, call.id
  local key = key_of(session, id)
  local open, early = self.of_id[key], self.early[key]
  local copied = original(self, call, open)
  self.copies = self.copies + (copied and 1 or 0)
  abandon_unless_kept(self, open, copied)
  if call.identity then
    self.seen[call.identity] = copied or call
  end
  call = copied or call
  self.of_id[key] = call
  if early then
    self.early[key] = nil
    self:finish(session, id, early)
  end
end

--- The result of the call with this identifier in the session.
function Calls:finish(session, id, outcome)
  local key = key_of(session, id)
  local call = self.of_id[key]
  if call == nil then
    self.early[key] = self.early[key] or outcome
  elseif call ~= true then
    self.of_id[key] = true
    if not call.has_ended then
      finish(self, call, outcome)
    end
  end
end

--- A call with its result.
function Calls:add(call, outcome)
  prepare(self, call)
  if call.identity and self.seen[call.identity] then
    self.copies = self.copies + 1
  else
    finish(self, call, outcome)
  end
end

--- Ends the latest message of a session, which has no time, when another one begins: it can't be
-- sorted in later.
local function end_latest(self, session, key)
  local latest = self.latest[session]
  local message = latest ~= key and self.messages[latest]
  if message and not message.timestamp then
    finish(self, message, message)
    self.messages[latest] = false
  end
  self.latest[session] = key
end

--- A message of a model, of which several lines may be written, in copies of its session, too: it
-- is where the first of them is, and as the last says. It is a call with an outcome, in one table;
-- its `tool` is `model:` and the model's name.
function Calls:message(message)
  if not self.has_model_calls then
    return
  end
  local key = message.id and (is_unique(message.id) and message.id
    or key_of(message.session, message.id)) or message
  local earlier = self.messages[key]
  if earlier ~= false then
    self.begun = self.begun + 1
    message.number, message.source = self.begun, self.source
    for _, field in ipairs(earlier and { "number", "place", "source", "session", "depth" } or {}) do
      message[field] = earlier[field]
    end
    self.messages[key] = message
    end_latest(self, message.session or "", key)
  end
end

--- A line, or an element, of a kind that isn't known.
function Calls:skip(kind)
  local skipped = self.skipped
  kind = (skipped[kind] or self.kinds < MOST_KINDS) and kind or "others"
  self.kinds = self.kinds + (skipped[kind] and 0 or 1)
  skipped[kind] = (skipped[kind] or 0) + 1
end

--- Ends what has no result: nothing follows in any text.
function Calls:close()
  local left = {}
  for _, calls in ipairs { self.of_id, self.seen } do
    for _, call in pairs(calls) do
      if call ~= true and not call.has_ended and not left[call] then
        left[call], left[#left + 1] = true, call
      end
    end
  end
  for _, message in pairs(self.messages) do
    left[#left + 1] = message or nil
  end
  table.sort(left, function(a, b) return a.number < b.number end)
  for _, call in ipairs(left) do
    if call.status then
      finish(self, call, call)
    else
      abandon(self, call)
    end
  end
  self.messages, self.latest = {}, {}
end

--- The next place and execution; nil if there is none at the moment.
function Calls:next()
  local item = self[self.first]
  if item then
    self[self.first] = nil
    self.first = self.first + 1
    return item[1], item[2]
  end
end

local function count(n, what)
  return ("%d %s%s"):format(n, what, n == 1 and "" or "s")
end

local function skipped_kinds(skipped)
  local kinds, texts = json.sorted_keys(skipped), {}
  table.sort(kinds, function(a, b)
    return skipped[a] > skipped[b] or skipped[a] == skipped[b] and a < b
  end)
  for i = 1, math.min(#kinds, MOST_SHOWN) do
    texts[i] = shown.name(kinds[i]) .. " " .. skipped[kinds[i]]
  end
  texts[#texts + 1] = #kinds > MOST_SHOWN and (#kinds - MOST_SHOWN) .. " more kinds" or nil
  return #kinds > 0 and "unknown kinds, skipped: " .. table.concat(texts, ", ") or nil
end

--- What was left out, in sentences.
function Calls:notes()
  local notes, early = {}, 0
  for _ in pairs(self.early) do
    early = early + 1
  end
  notes[#notes + 1] = early > 0 and count(early, "result") .. " without a call" or nil
  notes[#notes + 1] = self.copies > 0 and (self.copies == 1 and "1 copy of a call left out"
    or self.copies .. " copies of calls left out") or nil
  notes[#notes + 1] = skipped_kinds(self.skipped)
  return notes
end

return M
