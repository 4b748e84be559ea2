--- What `exectrack top` shows: what was found at its looks, and what was chosen by keys.
-- Used only by `exectrack top`.
local rates = require("exectrack.command.top_rates")
local runs = require("exectrack.command.runs")
local words = require("exectrack.report.parts.words")

local M = {}

local Model = {}
Model.__index = Model

-- What tools are sorted by, the largest first, but names; and the keys that choose it.
M.COLUMNS = { "calls", "rate", "errors", "p50", "p95", "flight", "tool" }
local KEYS = { c = "calls", r = "rate", e = "errors", ["5"] = "p50", ["9"] = "p95", f = "flight",
  t = "tool" }

local RATE_S = 10
local MESSAGE_S = 10 -- as long is one shown

--- Makes a model. `sort` is one of the columns; `filter` text that names of tools have to have,
-- empty for none; `zone` that of times, as `format.time` takes it.
function M.new(sort, filter, zone)
  return setmetatable({
    sort = sort,
    filter = filter,
    zone = zone,
    is_editing = false, -- whether keys change the filter
    rates = rates.new(),
    files = {},
    now = 0,
    note = nil, -- a message to show
    label = "",
    rows = {},
    all = { calls = 0, flight = 0, at_death = 0 },
  }, Model)
end

--- The time of a look at `clock`, Unix seconds: now, if a run goes on; else when the last snapshot
-- was taken.
local function time_of(files, clock)
  local time, is_live = 0, false
  for _, file in ipairs(files) do
    time = math.max(time, file.snapshot:taken())
    is_live = is_live or file.state == "live"
  end
  return is_live and math.max(time, clock) or time
end

--- What to say of a single run; nil for nothing.
local function news(files, zone)
  local file = files[1]
  if #files == 1 and file.state == "died" then
    return ("Its writer, process %.0f, died. The last time known is %s."):format(
      file.writer.pid, words.time(file.snapshot:taken(), zone))
  end
end

--- Whether these files have anything that those of the last look hadn't.
local function have_changed(files, before)
  local changed = #files ~= #before
  for i, file in ipairs(files) do
    changed = changed or file ~= before[i] or file.new ~= nil
  end
  return changed
end

--- Adds a look at files, as `Watch:look` returns them with the failures, at the Unix time `clock`.
-- The figures leave out runs whose measures don't go together with those of the others.
function Model:look(files, failures, clock)
  local snapshots = {}
  for i, file in ipairs(files) do
    snapshots[i] = file.snapshot
  end
  if #failures > 0 then
    self.message, self.message_until = failures[#failures].message, clock + MESSAGE_S
  elseif self.message and clock >= self.message_until then
    self.message = nil
  end
  self.note = self.message or news(files, self.zone)
  local changed = have_changed(files, self.files)
  self.files = files
  self.now = math.max(self.now, time_of(files, clock))
  self.rates:look(snapshots, self.now)
  if changed then
    self:sum_up(runs.merge_fitting(snapshots, function() end))
  end
end

--- How many executions are in flight in the files, of a tool if it is given, and how many were at
-- the death of a process.
local function count_in_flight(files, tool)
  local now, at_death = 0, 0
  for _, file in ipairs(files) do
    local count = file.snapshot:in_flight_count(tool)
    if file.state == "died" then
      at_death = at_death + count
    else
      now = now + count
    end
  end
  return now, at_death
end

--- Stores the figures of a run, nil for none: `all` with `calls`, `errors`, nil if there are none,
-- `flight` and `at_death`; and in `rows` the same for each tool, with `tool`, `p50` and `p95`.
function Model:sum_up(run)
  self.label, self.rows = run and run:label() or "", {}
  local flight, at_death = count_in_flight(self.files)
  self.all = { calls = run and (run:totals()) or 0, flight = flight, at_death = at_death,
    errors = run and run:summary({ quantiles = {} }).error_rate }
  local by_tool = {}
  for _, row in ipairs(run and run:group_by("tool", { quantiles = { 0.5, 0.95 } }) or {}) do
    by_tool[row.tool] = row
  end
  for i, tool in ipairs(run and run:tools() or {}) do
    local row = by_tool[tool] or {}
    self.rows[i] = { tool = tool, calls = (run:totals(tool)), errors = row.error_rate,
      p50 = row.p50_duration_ms, p95 = row.p95_duration_ms,
      flight = (count_in_flight(self.files, tool)) }
  end
end

--- Whether a name has the text that is looked for, in upper or lower case.
local function passes(self, name)
  return name:lower():find(self.filter:lower(), 1, true) ~= nil
end

--- Executions a second of a tool, or of all.
function Model:rate(tool)
  return self.rates:rate(RATE_S, tool)
end

--- The rows of tools that pass, with the `rate` of each, in their order.
function Model:tools()
  local rows, column = {}, self.sort
  for _, row in ipairs(self.rows) do
    row.rate = self:rate(row.tool)
    rows[#rows + 1] = passes(self, row.tool) and row or nil
  end
  table.sort(rows, function(a, b)
    local x, y = a[column] or -1, b[column] or -1
    if column ~= "tool" and x ~= y then
      return x > y
    end
    return a.tool < b.tool
  end)
  return rows
end

--- What is in flight and passes, the longest first: `tool`, `age_ms`, `depth`, `args`, `session`,
-- the last two nil if they aren't known, and `has_died`.
function Model:in_flight()
  local rows = {}
  for _, file in ipairs(self.files) do
    local snapshot = file.snapshot
    local now = file.state == "live" and self.now or snapshot:taken()
    for _, running in ipairs(snapshot:in_flight()) do
      rows[#rows + 1] = passes(self, running.tool) and { tool = running.tool,
        age_ms = math.max(0, (now - running.started) * 1000), depth = running.depth,
        args = snapshot:args_text(running.args_hash), session = running.session,
        has_died = file.state == "died", place = #rows } or nil
    end
  end
  table.sort(rows, function(a, b)
    if a.age_ms ~= b.age_ms then
      return a.age_ms > b.age_ms
    end
    return a.place < b.place
  end)
  return rows
end

--- Removes the last character of the filter.
local function shorten(text)
  return (text:gsub("[^\128-\191][\128-\191]*$", ""))
end

--- Takes one key while the filter is changed.
local function edit(self, key)
  if key == "\r" or key == "\n" then
    self.is_editing = false
  elseif key == "\27" then
    self.is_editing, self.filter = false, ""
  elseif key == "\127" or key == "\8" then
    self.filter = shorten(self.filter)
  elseif key == "\21" then -- Ctrl-U
    self.filter = ""
  elseif not key:find("%c") then
    self.filter = self.filter .. key
  end
end

--- Takes one key. Returns whether it means to quit.
local function press(self, key)
  if self.is_editing then
    edit(self, key)
  elseif key == "q" or key == "Q" or key == "\4" then -- Ctrl-D
    return true
  elseif key == "/" then
    self.is_editing = true
  elseif key == "\27" then
    self.filter = ""
  end
  self.sort = not self.is_editing and KEYS[key] or self.sort
  return false
end

--- The first key in some bytes: a character, or what a key such as an arrow sends.
local function first_key(bytes)
  return bytes:match("^\27%[[0-9;?]*[%a~]") or bytes:match("^\27O.")
    or bytes:match("^[^\128-\191][\128-\191]*") or bytes:sub(1, 1)
end

--- Takes the bytes of keys. Returns whether one means to quit.
function Model:press(bytes)
  while bytes ~= "" do
    local key = first_key(bytes)
    if press(self, key) then
      return true
    end
    bytes = bytes:sub(#key + 1)
  end
  return false
end

return M
