--- The totals that `exectrack serve` shows: sums over all runs that it has seen, which never fall.
-- Used only by `exectrack serve`.
local lifetime = require("exectrack.format.lifetime")
local sums = require("exectrack.format.lifetime_sum")

local Totals = {}
Totals.__index = Totals

-- So many runs whose files are gone can come back without being counted again.
local MOST_GONE = 1000

local function new()
  return setmetatable({
    settled = sums.new(), -- of all that nobody records into any more
    runs = {}, -- by instance id
    ids = {}, -- of the runs at the last look, in the order of their files
    gone = {}, -- the ids of runs whose files are gone, in the order in which they went
    states = { live = 0, closed = 0, died = 0, saved = 0 }, -- how many runs of each are forgotten
  }, Totals)
end

--- Whether `a`, a file's run, is further than `b`, a copy of it.
local function is_further(a, b)
  local x, y = a.snapshot, b.snapshot
  if a.position.recorded ~= b.position.recorded then
    return a.position.recorded > b.position.recorded
  elseif (a.state == "live") ~= (b.state == "live") then
    return a.state == "live"
  end
  return x:taken() > y:taken()
end

--- The files' runs by their ids, of several copies the one that is furthest, and those ids in the
-- order of the files.
local function by_id(files)
  local chosen, ids = {}, {}
  local function add(file)
    local id = file.snapshot:instance_id()
    if not chosen[id] then
      ids[#ids + 1] = id
    end
    if not chosen[id] or is_further(file, chosen[id]) then
      chosen[id] = file
    end
  end
  for _, file in ipairs(files) do
    if file.renamed then
      add(file.renamed)
    end
    add(file)
  end
  return chosen, ids
end

--- Adds what a run counted to what is settled, but what was added before, as `run.settled`.
local function settle(self, run)
  if run.snapshot ~= run.settled then
    self.settled:add(run.lifetime or lifetime.of(run.snapshot), 1)
    if run.settled then
      self.settled:add(lifetime.of(run.settled), -1)
    end
    run.settled, self.settled_lifetime = run.snapshot, nil
  end
  run.lifetime = nil -- it takes much more memory than the snapshot
end

--- Whether the process that has a file open is the one that had it open when its run was seen last:
-- then nothing can have taken the file's place.
local function is_same_writer(run, file)
  local before, now = run.writer, file.writer
  return run.is_live and file.state == "live" and before ~= nil and before.pid == now.pid
    and before.started == now.started
end

--- What became of a run since it was seen last: "cleared", "older" for a copy of what it was
-- before, "other" if something is less than it was, as in a copy that went on by itself, else
-- "further".
local function change_of(run, file, its_lifetime)
  local snapshot, before = file.snapshot, run.snapshot
  local more = file.position.recorded - run.recorded
  if more < 0 or more == 0 and snapshot:cleared() < before:cleared() then
    return "older"
  elseif snapshot:cleared() > before:cleared() or snapshot:totals() - before:totals() < more then
    return "cleared"
  elseif is_same_writer(run, file) then
    return "further"
  end
  local is_less = sums.has_less(its_lifetime, run.lifetime or lifetime.of(before))
  return is_less and "other" or "further"
end

--- Takes in what a run counted until now. Of a copy that went on by itself, what it has now counts
-- as settled: all that was seen before.
local function take(self, run, file)
  local snapshot = file.snapshot
  local its_lifetime = lifetime.of(snapshot)
  local change = run.snapshot and change_of(run, file, its_lifetime)
  if change == "older" then
    return
  elseif change == "cleared" or change == "other" then
    settle(self, run)
    run.settled = change == "other" and snapshot or nil
  end
  run.snapshot, run.lifetime = snapshot, its_lifetime
  run.recorded, run.writer = file.position.recorded, file.writer
end

local function remove(list, element)
  for i, one in ipairs(list) do
    if one == element then
      table.remove(list, i)
      return
    end
  end
end

--- Takes in a file's run.
local function look_at(self, id, file)
  local run = self.runs[id] or {}
  self.runs[id] = run
  if run.file ~= file or file.new then
    run.file, run.seen = file, file.snapshot
    take(self, run, file)
  end
  run.is_there, run.path, run.state = true, file.path, file.state
  run.is_live = file.state == "live" and run.snapshot == run.seen
  if run.is_gone then
    run.is_gone = false
    remove(self.gone, id)
  end
  if not run.is_live then
    settle(self, run)
  end
end

--- Counts a run by its state. What became of one whose file went before it ended isn't known.
local function count_state(counts, run)
  local state = run.state or "saved"
  if run.is_there or state ~= "live" then
    counts[state] = counts[state] + 1
  end
end

--- How many of the runs that were seen are in each state.
local function states_of(self)
  local counts = {}
  for state, count in pairs(self.states) do
    counts[state] = count
  end
  for _, run in pairs(self.runs) do
    count_state(counts, run)
  end
  return counts
end

--- Remembers which runs went at this look, and forgets the first that went if they are too many.
local function look_for_gone(self)
  for id, run in pairs(self.runs) do
    if not run.is_there and not run.is_gone then
      run.is_gone, run.is_live = true, false
      settle(self, run)
      self.gone[#self.gone + 1] = id
    end
  end
  while #self.gone > MOST_GONE do
    local id = table.remove(self.gone, 1)
    count_state(self.states, self.runs[id])
    self.runs[id] = nil
  end
end

--- Takes in a look at files, as `Watch:look` returns them. It keeps their snapshots.
function Totals:look(files)
  local chosen, ids = by_id(files)
  for _, run in pairs(self.runs) do
    run.is_there = false
  end
  for _, id in ipairs(ids) do
    look_at(self, id, chosen[id])
  end
  look_for_gone(self)
  self.ids = ids
end

--- The totals now, as `lifetime.of` returns them, without times, but with `runs`: how many are in
-- each state.
function Totals:lifetime()
  self.settled_lifetime = self.settled_lifetime or self.settled:lifetime()
  local total = sums.new()
  total:add(self.settled_lifetime, 1)
  for _, id in ipairs(self.ids) do
    local run = self.runs[id]
    if run.is_live then
      total:add(run.lifetime, 1)
      if run.settled then
        total:add(lifetime.of(run.settled), -1)
      end
      total:add_current(run.lifetime)
    end
  end
  local run = total:lifetime()
  run.runs = states_of(self)
  return run
end

return { new = new }
