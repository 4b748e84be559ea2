--- What of a run was sent. Executions are numbered in the order of recording, from 1.
--
-- A position in a run is a table with these fields:
-- - `done`, a number: up to it all executions were sent, or never will be
-- - `after`, numbers above it for which that is so, too: a set
-- - `seen`, how many executions had been recorded at the last look at the run; nil for none; and
--   `seen_end_us`, when the last of them ended; nil if that isn't known
-- - `latest_end_us`, the latest end of an execution that is done
-- - `roots`, the identifiers of the spans around sessions that were sent, in hexadecimal digits: a
--   set. Only sessions that have records are kept
-- - `idle_at`, the Unix seconds from which on the next of the other sessions counts as ended while
--   the run goes on; nil if there is none
-- - `taken`, `recorded` and `has_ended`, the time of the metrics that were sent last, how many
--   executions had been recorded then, and whether the run had ended; `recorded` is nil for none
-- Used only by `exectrack.push`.
local ids = require("exectrack.format.otlp_ids")

local M = {}

--- A position in a run of which nothing was sent.
function M.new()
  return { done = 0, after = {}, latest_end_us = 0, roots = {}, taken = 0 }
end

local function end_us(record)
  return record.end_seconds and record.end_seconds * 1000000 + record.end_microseconds or nil
end

--- How many executions were recorded before the first record of a run.
local function before_first(run)
  return tonumber(run.recorded) - #run.records
end

--- Whether a run isn't that which was looked at last: it has fewer executions, or another one in
-- the place of the last. So an older copy is, and what was recorded after one.
local function went_back(position, run)
  local last = run.records[position.seen - before_first(run)]
  return tonumber(run.recorded) < position.seen
    or last ~= nil and end_us(last) ~= position.seen_end_us
end

--- Makes the position that of a run which went back: what ended later than all that was sent is
-- new. If nothing did, it is an older copy, and nothing changes. Returns whether there is anything.
local function go_back(position, run)
  local before, after, has_new = before_first(run), {}, false
  for i, record in ipairs(run.records) do
    if (end_us(record) or 0) > position.latest_end_us then
      has_new = true
    else
      after[before + i] = true
    end
  end
  if has_new then
    position.done, position.after = before, after
  end
  return has_new
end

--- Advances `done` over executions that are done or no longer there. Returns how many of these were
-- never sent.
local function advance(position, before)
  local after, lost = position.after, math.max(0, before - position.done)
  for number in pairs(after) do
    if number <= before then
      after[number], lost = nil, lost - 1
    end
  end
  position.done = math.max(position.done, before)
  while after[position.done + 1] do
    position.done = position.done + 1
    after[position.done] = nil
  end
  return lost
end

--- Looks at a run in its table form. Returns how many executions were lost since the last look, or
-- ever at the first one: 0 if the run is meant to retain none; nil if it is an older copy, of which
-- all was sent.
function M.look(position, run)
  local before = before_first(run)
  if position.seen and went_back(position, run) and not go_back(position, run) then
    return nil
  end
  local lost = advance(position, before)
  position.seen = tonumber(run.recorded)
  position.seen_end_us = run.records[1] and end_us(run.records[#run.records])
  return run.max_history > 0 and lost or 0
end

--- Whether these metrics were sent, or later ones. The clock may have been set back; then those
-- with more executions are later.
function M.has_metrics(position, taken, recorded, has_ended)
  if not position.recorded then
    return false
  elseif taken == position.taken and recorded == position.recorded then
    return has_ended == position.has_ended
  end
  return taken <= position.taken and recorded <= position.recorded
end

--- Marks metrics as sent.
function M.mark_metrics(position, taken, recorded, has_ended)
  position.taken, position.recorded, position.has_ended = taken, recorded, has_ended
end

--- The spans to send now, of those that `otlp_spans` has. One that is early waits while it isn't in
-- danger of being overwritten.
function M.pending(position, run, spans)
  local pending, before = {}, before_first(run)
  local in_danger = tonumber(run.recorded) - math.floor(run.max_history / 2)
  for _, span in ipairs(spans) do
    local number = span.place and before + span.place
    local is_done = number and (number <= position.done or position.after[number])
      or not number and position.roots[ids.hex(span.id)]
    if not is_done and not (span.is_early and number > in_danger) then
      pending[#pending + 1] = span
    end
  end
  return pending
end

--- Marks spans as done.
function M.mark(position, run, spans)
  local before = before_first(run)
  for _, span in ipairs(spans) do
    if span.place then
      position.after[before + span.place] = true
      position.latest_end_us = math.max(position.latest_end_us, end_us(span.record))
    else
      position.roots[ids.hex(span.id)] = true
    end
  end
end

--- Marks executions without a time, which have no span, as done. Returns how many are new.
function M.mark_undated(position, run)
  local before, count = before_first(run), 0
  for i, record in ipairs(run.records) do
    if record.undated and before + i > position.done and not position.after[before + i] then
      position.after[before + i], count = true, count + 1
    end
  end
  return count
end

--- Whether all of a run was sent that can be now, Unix seconds.
function M.is_whole(position, recorded, has_ended, now)
  return position.done == recorded and position.seen == recorded
    and (not position.idle_at or not has_ended and now < position.idle_at)
end

--- After sending: keeps no more than is needed. The spans are all of the run; `idle_at` is a
-- function of a session, as `otlp_spans` takes it.
function M.settle(position, spans, idle_at)
  local roots, is_known, next_idle_at = {}, {}, nil
  advance(position, 0)
  for _, span in ipairs(spans) do
    local session = span.session
    local root = not is_known[session] and ids.hex(session.root)
    is_known[session] = true
    if position.roots[root] then
      roots[root] = true
    elseif root then
      next_idle_at = math.min(next_idle_at or math.huge, idle_at(session))
    end
  end
  position.roots, position.idle_at = roots, next_idle_at
end

return M
