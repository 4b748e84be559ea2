--- A connection of a client, without its socket: it takes in a request, waits for the answer, gives
-- out its bytes, and is closed when that is done, or takes too long.
-- Used only by `exectrack serve`.
local answers = require("exectrack.command.http_answer")
local requests = require("exectrack.command.http_request")

local Connection = {}
Connection.__index = Connection

-- How long a request may take to come, its answer to be taken, and what is still sent then.
local REQUEST_S, ANSWER_S, REST_S = 10, 30, 2

--- Makes a connection that was accepted at the monotonic time `now`.
local function new(now)
  return setmetatable({
    state = "reading", -- then "waiting" for an answer, "writing", "draining" and "closed"
    pieces = {}, -- of the request
    length = 0, -- of these
    due = now + REQUEST_S,
  }, Connection)
end

--- What to say to a request that can't be answered otherwise. As it may have more bytes, the
-- connection is closed only when these have come: else the client might not see the answer.
function Connection:refuse(status, message, now, time)
  self.is_refused = true
  self:answer(answers.text(status, message), now, time)
end

--- Adds bytes of a request. Returns whether they may complete it, or show that it isn't one: one
-- that comes in small pieces isn't read again for each.
local function add(self, bytes)
  local before = self.length
  self.length = before + #bytes
  self.pieces[#self.pieces + 1] = bytes
  return before == 0 or bytes:find("\n", 1, true) or self.length > requests.MOST_BYTES
    or before <= requests.MOST_LINE_BYTES and self.length > requests.MOST_LINE_BYTES
end

--- Takes in bytes that have come, and whether these were the last.
function Connection:take(bytes, is_end, now, time)
  if self.state == "reading" then
    local request, status, message
    if add(self, bytes) then
      self.pieces = { table.concat(self.pieces) }
      request, status, message = requests.read(self.pieces[1])
    end
    if request then
      self.request, self.state, self.pieces = request, "waiting", nil
    elseif status then
      self:refuse(status, message, now, time)
    elseif is_end then
      self.state = "closed"
    end
  elseif is_end and self.state == "draining" then
    self.state = "closed"
  end
end

--- Answers the request.
function Connection:answer(answer, now, time)
  local head, body = answers.bytes(answer, time, self.request and self.request.method)
  self.state, self.parts, self.due = "writing", { head, body }, now + ANSWER_S
  self.part, self.place = 1, 1
end

--- The bytes to write, a text, and the place in it of the first that isn't written.
function Connection:output()
  return self.parts[self.part], self.place
end

--- Has the bytes up to `place` of the text written.
function Connection:written(place, now)
  self.place = place + 1
  while self.parts[self.part] and self.place > #self.parts[self.part] do
    self.part, self.place = self.part + 1, 1
  end
  if not self.parts[self.part] then
    self.parts = nil
    self.state = self.is_refused and "draining" or "closed"
    self.due = now + REST_S
  end
end

--- Ends what has taken too long.
function Connection:tick(now, time)
  if now < self.due then
    return
  elseif self.state == "reading" and self.length > 0 then
    self:refuse(408, "the request didn't come in time", now, time)
  else
    self.state = "closed"
  end
end

return { new = new }
