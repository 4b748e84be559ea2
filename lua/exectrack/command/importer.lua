--- Makes a run of executions that are lines of JSON.
-- In use by the command alone.
local cjson = require("cjson")
local exectrack = require("exectrack")

local byte, find = string.byte, string.find

local OPENING_BRACE = byte("{")
local MOST_RECORDS = 268435456
local MOST_TOOLS = 65535 -- those that there aren't cost nothing but addresses

-- A line has at least as many bytes, with its end: that of a failed tool without a name.
local LEAST_LINE_BYTES = #'{"tool":"","status":"failed","duration_ms":0}\n'

-- What a tracker is made for at first. It grows, in steps so wide that a record is copied a third
-- of a time on average.
local ROOM, MOST_FIRST_ROOM, GROWTH = 65536, 16777216, 4

local FIELDS = "'tool', 'status', 'duration_ms', 'was_cached', 'error_type', 'args', 'args_hash', "
  .. "'timestamp'"

local json = cjson.new()
json.decode_invalid_numbers(false)
local decode, null = json.decode, json.null

local Importer = {}
Importer.__index = Importer

--- How many records to make room for at first.
local function first_room(bytes)
  if not bytes then
    return ROOM
  end
  return math.max(1, math.min(math.floor((bytes + 1) / LEAST_LINE_BYTES), MOST_FIRST_ROOM))
end

--- Makes an importer.
-- @local
-- @tparam table options `now`: Unix seconds at which executions without a timestamp ended;
--   `bytes`: how long all lines are, nil if that isn't known; `max_history`: keep only as many
--   records, the newest, nil to keep all; `label`
local function new(options)
  return setmetatable({
    now = options.now,
    max_history = options.max_history,
    label = options.label,
    room = options.max_history and math.huge or first_room(options.bytes),
    count = 0,
    -- Takes executions until the first that is right: only then it is known when the run started.
    tracker = exectrack.new(0),
  }, Importer)
end

--- Makes the tracker, whose clock starts when the run did, and then is at the latest end.
local function start_tracker(self)
  local latest = self.latest
  self.latest = self.started
  self.tracker = exectrack.new {
    max_history = self.max_history or math.min(self.room, MOST_RECORDS),
    max_tools = MOST_TOOLS,
    label = self.label,
    clock = function() return self.latest end,
  }
  self.latest = latest
end

--- Goes on with a larger tracker. As no record was lost, its statistics are the same, but for how
-- many executions before count as (other).
local function grow(self)
  local snapshot = self.tracker:snapshot()
  self.room = self.room * GROWTH
  start_tracker(self)
  for i = 1, #snapshot do
    self.tracker:record(snapshot[i])
  end
  if self.room >= MOST_RECORDS then
    self.room = math.huge
  end
end

--- What is wrong with a line, of the error that it raised. What isn't about it is raised again.
local function reason(err)
  if type(err) ~= "string" or err:find("interrupted!$") or err:find("not enough memory$") then
    error(err, 0)
  end
  err = err:match("^bad argument #%d+ to '.-' %((.*)%)$") or err
  return err:find("^unknown field ") and err .. ", not one of " .. FIELDS or err
end

--- Takes the fields that are null out. Returns whether there were any.
local function drop_nulls(execution)
  local has_nulls = false
  for field, value in pairs(execution) do
    if value == null then
      execution[field] = nil
      has_nulls = true
    end
  end
  return has_nulls
end

local function parse(line)
  if find(line, "\0", 1, true) then
    return nil, "a zero byte, which JSON never has" -- lua-cjson takes it for the end
  end
  local ok, value = pcall(decode, line)
  if not ok then
    return nil, reason(value)
  elseif type(value) ~= "table" or byte(line) ~= OPENING_BRACE and not find(line, "^%s*{") then
    return nil, "an object expected"
  end
  return value
end

local function record(self, execution)
  local tracker = self.tracker
  if execution.args == null then
    execution.args = nil -- it would be fingerprinted
  end
  if execution.timestamp == nil or execution.timestamp == null then
    execution.timestamp = self.now
  end
  local ok, err = pcall(tracker.record, tracker, execution)
  if not ok and drop_nulls(execution) then -- rare, so not looked for before
    ok, err = pcall(tracker.record, tracker, execution)
  end
  return ok, err
end

local function start(self, execution)
  self.started = math.max(0, execution.timestamp - execution.duration_ms / 1000)
  self.latest = self.started
  start_tracker(self)
  self.tracker:record(execution)
end

--- Adds the execution that a line describes.
-- @local
-- @treturn boolean|nil true, or nil if the line is wrong
-- @treturn string what is wrong with it
function Importer:add(line)
  local execution, problem = parse(line)
  if not execution then
    return nil, problem
  end
  if self.count == self.room then
    grow(self)
  end
  local ok, err = record(self, execution)
  if not ok then
    return nil, reason(err)
  end
  if self.count == 0 then
    start(self, execution)
  end
  if execution.timestamp > self.latest then
    self.latest = execution.timestamp
  end
  self.count = self.count + 1
  return true
end

--- The run so far.
-- @local
function Importer:snapshot()
  if self.count == 0 then
    self.started, self.latest = self.now, self.now
    start_tracker(self)
  end
  return self.tracker:snapshot()
end

return { new = new }
