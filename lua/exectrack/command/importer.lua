--- Makes a run from executions.
-- Used only by the command.
local exectrack = require("exectrack")
local reason = require("exectrack.format.reason")

local MOST_RECORDS = 268435456
local MOST_TOOLS = 65535 -- unused ones only take address space

-- How many records the tracker has room for at first. Each time it is full it grows by a factor
-- that is so large that on average a record is copied a third of a time.
local ROOM, MOST_FIRST_ROOM, GROWTH = 65536, 16777216, 4

-- The shortest line of JSON Lines, with its end.
local LEAST_LINE_BYTES = #'{"tool":"","status":"failed"}\n'

local Importer = {}
Importer.__index = Importer

--- Makes an importer, of these options: `now`, the Unix seconds at which executions without a
-- timestamp ended; `most`, how many executions there will be at most, nil if that isn't known;
-- `max_history`, to keep only as many records, the last, nil to keep all; and `label`,
-- `ignore_args`, `measures`, `args_texts` and `error_texts`, as `exectrack.new` takes them.
local function new(options)
  return setmetatable({
    now = options.now,
    max_history = options.max_history,
    label = options.label,
    ignore_args = options.ignore_args,
    measures = options.measures,
    args_texts = options.args_texts,
    error_texts = options.error_texts,
    room = options.max_history and math.huge
      or math.max(1, math.min(options.most or ROOM, MOST_FIRST_ROOM)),
    count = 0,
    -- Only checks executions until one is valid: when the run started isn't known before.
    tracker = exectrack.new { max_history = 0, ignore_args = options.ignore_args,
      measures = options.measures },
  }, Importer)
end

--- Makes the tracker. Its clock begins at the start of the run, and then shows the latest end.
local function start_tracker(self)
  local latest = self.latest
  self.latest = self.started
  self.tracker = exectrack.new {
    max_history = self.max_history or math.min(self.room, MOST_RECORDS),
    max_tools = MOST_TOOLS,
    label = self.label,
    ignore_args = self.ignore_args,
    measures = self.measures,
    args_texts = self.args_texts,
    error_texts = self.error_texts,
    clock = function() return self.latest end,
  }
  self.latest = latest
end

--- Replaces the tracker by a larger one with the same records. As none was dropped, the statistics
-- are the same, except for the number of executions that count as (other).
local function grow(self)
  local snapshot = self.tracker:snapshot()
  self.room = self.room * GROWTH
  start_tracker(self)
  for i = 1, #snapshot do
    local record = snapshot[i]
    record.args_text = snapshot:args_text(record.args_hash)
    record.error_text = record.status ~= "success"
      and snapshot:error_text(record.tool, record.error_type) or nil
    self.tracker:record(record)
  end
  if self.room >= MOST_RECORDS then
    self.room = math.huge
  end
end

local function start(self, execution)
  local ended = execution.timestamp or self.now -- of an undated one no more is known
  self.started = math.max(0, ended - (execution.duration_ms or 0) / 1000)
  self.latest = self.started
  start_tracker(self)
  self.tracker:record(execution)
end

--- Adds an execution, a table of fields that `tracker:record` takes. It is changed.
-- Returns true; or nil and a message.
function Importer:add(execution)
  if self.count == self.room then
    grow(self)
  end
  if execution.timestamp == nil then
    execution.timestamp = self.now
  end
  local ok, err = pcall(self.tracker.record, self.tracker, execution)
  if not ok then
    return nil, reason(err)
  end
  if self.count == 0 then
    start(self, execution)
  end
  if execution.timestamp and execution.timestamp > self.latest then
    self.latest = execution.timestamp
  end
  self.count = self.count + 1
  return true
end

--- The run so far.
function Importer:snapshot()
  if self.count == 0 then
    self.started, self.latest = self.now, self.now
    start_tracker(self)
  end
  return self.tracker:snapshot()
end

--- The most executions that a text of so many bytes can have, one per line.
local function most_executions(bytes)
  return math.floor((bytes + 1) / LEAST_LINE_BYTES)
end

return { new = new, most_executions = most_executions }
