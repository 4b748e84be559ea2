--- Sends runs to receivers of OTLP.
-- Used only by the command.
local exectrack = require("exectrack")
local http = require("exectrack.command.push_http")
local push_state = require("exectrack.command.push_state")
local system = require("exectrack.command.system")
local tls = require("exectrack.command.push_tls")
local values = require("exectrack.command.push_values")
local words = require("exectrack.report.parts.words")

local Pushing = {}
Pushing.__index = Pushing

local NO_ZLIB = "lua-zlib isn't installed, so nothing is compressed: luarocks install lua-zlib, "
  .. "or on Debian apt-get install lua-zlib"

-- While runs are sent, what was sent is kept this often, as the process may be killed.
local KEEP_S = 5

local BEST_SPEED_AND_SIZE, WITH_GZIP_HEADER = 6, 15 + 16

--- A function that returns a text in the format of gzip, by lua-zlib; or nil and a note.
local function new_compress()
  local has_zlib, zlib = pcall(require, "zlib")
  local function compress(text)
    return (zlib.deflate(BEST_SPEED_AND_SIZE, WITH_GZIP_HEADER)(text, "finish"))
  end
  -- Another library has the same name.
  local is_it, bytes = pcall(compress, "")
  if not has_zlib or not is_it or type(bytes) ~= "string" or bytes:sub(1, 2) ~= "\31\139" then
    return nil, NO_ZLIB
  end
  return compress
end

--- A function that sends a request, as a pusher needs it; or nil and a message. After each,
-- `self.silent` is the server that didn't answer, nil if it did.
local function poster(self, settings)
  local security, message
  if values.url(settings.url).scheme == "https" then
    security, message = tls.new(settings.files)
  end
  return not message and function(url, headers, body)
    local parsed = values.url(url)
    local status, result, more = http.post(parsed, headers, body, settings.limit_s, security)
    self.silent = not status and parsed.authority or nil
    return status, result, not status and self.given_up == parsed.authority or more
  end or nil, message
end

--- A pusher for one signal, as each may have other settings; or nil and a message.
local function pusher_of(self, settings, resource, given)
  local send, message = poster(self, settings)
  if not send then
    return nil, message
  end
  local endpoint = settings.is_base and "endpoint" or settings.signal .. "_endpoint"
  local options = {
    [endpoint] = settings.url, signals = { settings.signal }, headers = settings.headers,
    protocol = settings.protocol, resource = resource, texts = given.texts, sleep = given.sleep,
    compress = settings.is_compressed and self.compress or nil, post = send,
    on_note = function(note) self.on_note(self.name, note) end,
    state = self.kept[settings.signal],
  }
  local is_right, pusher = pcall(exectrack.push, options)
  if is_right then
    return pusher
  elseif options.state == nil then
    error(pusher, 0)
  end
  return nil, push_state.not_one(given.state_path) -- all else was checked before
end

--- The URL of a signal without what may be secret.
local function shown_url(settings)
  return (settings.url:gsub("[?#].*$", ""))
end

--- Adds a pusher for each signal, as the settings say. Returns true; or nil and a message.
local function add_pushers(self, settings, given)
  for _, of_signal in ipairs(settings.signals) do
    if of_signal.is_compressed and self.compress == nil then
      local note
      self.compress, note = new_compress()
      if note then
        self.compress = false
        given.on_note(nil, note)
      end
    end
    local pusher, message = pusher_of(self, of_signal, settings.resource, given)
    if not pusher then
      return nil, message
    end
    self.pushers[#self.pushers + 1] = { pusher = pusher, signal = of_signal.signal,
      server = values.url(of_signal.url).authority, url = shown_url(of_signal),
      place = shown_url(of_signal) .. (of_signal.is_base and "/v1/" .. of_signal.signal or "") }
  end
  return true
end

--- Makes an object that sends runs as `settings` say, that `push_settings.read` returned. `given`
-- has `texts` and `sleep`, options of a pusher; `state_path`, of the file in which to keep what was
-- sent, or nil; and `on_note`, which is called with the name of a run, nil for none, and a note. Or
-- nil and a message.
local function new(settings, given)
  local self = setmetatable({ pushers = {}, kept = {}, on_note = given.on_note,
    state_path = given.state_path, dropped = 0 }, Pushing)
  local ok, message
  if self.state_path then
    self.kept, message = push_state.read(self.state_path)
    if not self.kept then
      return nil, message
    end
  end
  ok, message = add_pushers(self, settings, given)
  if ok then -- where nothing can be kept, nothing is sent
    ok, message = self:keep()
  end
  return ok and self, message
end

--- Sends a run, which has this name in notes. Returns true; or nil and an array of failures. Each
-- has `message` and `code`, as a pusher returns them, `seconds`, nil if that isn't known, and its
-- `signal` and `url`. The code of what can't be sent is `filtered`. `waiting`, or nil, has earlier
-- failures by signal: these signals aren't sent now, but fail like that.
function Pushing:send(name, snapshot, has_ended, waiting)
  if snapshot:is_filtered() then
    return nil, { { message = "it was filtered; only whole runs are sent", code = "filtered" } }
  end
  self.name, self.silent = name, nil
  local failures = {}
  for _, each in ipairs(self.pushers) do
    local earlier = waiting and waiting[each.signal]
    if earlier then
      failures[#failures + 1] = earlier
    elseif each.server ~= self.silent then -- else it would take as long again
      local ok, message, code, seconds = each.pusher:send(snapshot, { has_ended = has_ended })
      failures[#failures + 1] = not ok and { message = message, code = code, seconds = seconds,
        signal = each.signal, url = each.place } or nil
      self.dropped = self.dropped + (code == "dropped" and 1 or 0)
    end
  end
  self.given_up = self.silent -- there is no waiting for it when other runs are sent
  if #failures > 0 then
    return nil, failures
  end
  return true
end

--- The messages of failures in one text.
function Pushing.text_of(failures)
  local messages = {}
  for i, failure in ipairs(failures) do
    messages[i] = failure.message
  end
  return table.concat(messages, "; ")
end

--- What was sent, by signal; also of signals that aren't sent now, as the file says.
local function states(self)
  for _, each in ipairs(self.pushers) do
    self.kept[each.signal] = each.pusher:state()
  end
  return self.kept
end

--- The instance ids of the runs of which something was sent: a set.
function Pushing:known()
  local ids = {}
  for _, state in pairs(states(self)) do
    for id in pairs(state) do
      ids[id] = true
    end
  end
  return ids
end

--- Forgets what was sent of a run.
function Pushing:forget(instance_id)
  for _, state in pairs(self.kept) do
    state[instance_id] = nil
  end
  for _, each in ipairs(self.pushers) do
    each.pusher:forget(instance_id)
  end
end

--- Keeps what was sent in the file, if there is one. Returns true; or nil and a message.
function Pushing:keep()
  self.kept_at = system.monotonic()
  if not self.state_path then
    return true
  end
  return push_state.write(self.state_path, states(self))
end

--- Whether it is time to keep what was sent while more is sent.
function Pushing:is_keep_due()
  return self.state_path ~= nil and system.monotonic() - self.kept_at >= KEEP_S
end

--- Where it sends to, without what may be secret.
function Pushing:receivers()
  local list, is_known = {}, {}
  for _, each in ipairs(self.pushers) do
    if not is_known[each.url] then
      is_known[each.url], list[#list + 1] = true, each.url
    end
  end
  return table.concat(list, " and ")
end

--- How many requests were accepted.
function Pushing:accepted()
  local requests = 0
  for _, each in ipairs(self.pushers) do
    requests = requests + each.pusher:counts().requests
  end
  return requests
end

--- A number that differs whenever there is more to keep.
function Pushing:settled()
  local count = self:accepted() + self.dropped
  for _, each in ipairs(self.pushers) do
    count = count + each.pusher:counts().dropped_spans
  end
  return count
end

--- What was sent, of so many runs.
function Pushing:summary(count)
  local parts = {}
  for _, each in ipairs(self.pushers) do
    local counts = each.pusher:counts()
    if counts.requests > 0 then
      parts[#parts + 1] = each.signal == "metrics" and "metrics"
        or words.counted(counts.spans - counts.rejected_spans, "span")
    end
  end
  local what = parts[1] and table.concat(parts, " and ") .. " of " .. words.counted(count, "run")
  return ("sent %s to %s"):format(what or "nothing", self:receivers())
end

return { new = new }
