--- How many executions of each tool ended in each of the last seconds.
-- Used only by `exectrack top`.
local M = {}

local Rates = {}
Rates.__index = Rates

M.SECONDS = 60 -- as far back as is known

local MICROSECOND = 1e-6

--- Makes an object that knows nothing yet. It has:
--
-- - `now`, the time of the last look
-- - `least`, the least seconds that a rate is of: 1 for a young run, as far more than the calls of
--   its first milliseconds would be wrong; 0 if what is known begins within a run
-- - `spans`, the newest last: `from` and `to`, Unix seconds, and `counts`, the executions that
--   ended between these by their tools
function M.new()
  return setmetatable({ now = nil, least = 1, spans = {}, totals = {}, pending = {} }, Rates)
end

local function add(counts, tool, count)
  counts[tool] = (counts[tool] or 0) + count
end

--- Adds what ended from `since` on, and not after `to`, if that is given, as far as it is retained.
local function add_records(counts, snapshot, since, to)
  local between = snapshot:filter { since = since, before = to and to + MICROSECOND }
  for _, row in ipairs(between:group_by("tool", { quantiles = {} })) do
    add(counts, row.tool, row.count)
  end
end

--- How many executions each tool of a run has.
local function totals_of(snapshot)
  local totals = {}
  for _, tool in ipairs(snapshot:tools()) do
    totals[tool] = (snapshot:totals(tool))
  end
  return totals
end

--- Adds what ended since the last look to `counts`. A run that is new may be older than that.
local function add_growth(self, counts, snapshot)
  local id, now = snapshot:instance_id(), totals_of(snapshot)
  local before = self.totals[id]
  self.totals[id] = now
  if not before then
    add_records(counts, snapshot, self.now + MICROSECOND)
    return
  end
  for tool, total in pairs(now) do
    local known = before[tool] or 0
    add(counts, tool, total < known and total or total - known) -- less, if it was cleared
  end
end

--- The time from which on the records of these runs say all that ended, and whether older ones
-- aren't retained.
local function known_since(snapshots, now)
  local since, created = now - M.SECONDS, now
  for _, snapshot in ipairs(snapshots) do
    created = math.min(created, snapshot:created())
    local first = #snapshot < snapshot:stats().total_executions
      and snapshot:summary({ quantiles = {} }).first_timestamp
    since = math.max(since, first or since)
  end
  return math.min(math.max(since, created), now), since > created
end

--- Adds spans of a second for what ended before the first look.
local function add_past(self, snapshots, now)
  local since, is_within = known_since(snapshots, now)
  self.least = is_within and 0 or 1
  local seconds = math.ceil(now - since)
  for i = seconds, 1, -1 do
    local from, to, counts = math.max(since, now - i), now - i + 1, {}
    for _, snapshot in ipairs(snapshots) do
      add_records(counts, snapshot, i == seconds and from or from + MICROSECOND, to)
    end
    self.spans[#self.spans + 1] = { from = from, to = to, counts = counts }
  end
end

--- Adds a look at runs, at the time `now`, which isn't earlier than that of the last look.
function Rates:look(snapshots, now)
  if not self.now then
    for _, snapshot in ipairs(snapshots) do
      self.totals[snapshot:instance_id()] = totals_of(snapshot)
    end
    add_past(self, snapshots, now)
    self.now = now
    return
  end
  for _, snapshot in ipairs(snapshots) do
    add_growth(self, self.pending, snapshot)
  end
  if now > self.now then
    self.spans[#self.spans + 1] = { from = self.now, to = now, counts = self.pending }
    self.now, self.pending = now, {}
  end
  while self.spans[1] and self.spans[1].to <= now - M.SECONDS do
    table.remove(self.spans, 1)
  end
end

--- How many executions of a tool, or of all, ended in a span.
local function count_of(span, tool)
  if tool then
    return span.counts[tool] or 0
  end
  local all = 0
  for _, count in pairs(span.counts) do
    all = all + count
  end
  return all
end

--- How many executions of a tool, or of all, ended a second, over the last `seconds` or what is
-- known of them; 0 if nothing is.
function Rates:rate(seconds, tool)
  local count, from = 0, self.now
  for i = #self.spans, 1, -1 do
    local span = self.spans[i]
    if span.to <= self.now - seconds then
      break
    end
    count, from = count + count_of(span, tool), span.from
  end
  return from < self.now and count / math.max(self.now - from, self.least) or 0
end

--- The executions a second of a tool, or of all, in each of the last `count` seconds, the newest
-- last.
function Rates:history(count, tool)
  local rates, place = {}, #self.spans
  for i = count, 1, -1 do
    local to = self.now - (count - i)
    local from, ended, known = to - 1, 0, 0
    while place > 0 and self.spans[place].to > from do
      local span = self.spans[place]
      local length, overlap = span.to - span.from, math.min(span.to, to) - math.max(span.from, from)
      if overlap > 0 then
        ended, known = ended + count_of(span, tool) * overlap / length, known + overlap
      end
      if span.from < from then
        break -- it goes on in the second before
      end
      place = place - 1
    end
    rates[i] = known > 0 and ended / math.max(known, self.least) or 0
  end
  return rates
end

return M
