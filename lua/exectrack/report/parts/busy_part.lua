--- The part of a run that a chart of single calls is of where one of the whole is crowded: mostly
-- empty, with many calls in few columns.
-- Used only by the built-in reports.

-- A chart of so many columns is crowded if calls are in fewer than so many of them, and more than
-- so many share one on average. A column between the first call and the last is then empty, so
-- that there is a pause.
local COLUMNS, FEW, MOST_IN_ONE = 100, 10, 3

-- With fewer calls behind a pause than this, those before it are shown, if they are more.
local FEWEST = 10

--- When each of the records that have a time began and ended.
local function times_of(records)
  local times = {}
  for i = 1, #records do
    local to = records[i].timestamp
    times[#times + 1] = to and { from = to - (records[i].duration_ms or 0) / 1000, to = to,
      record = records[i] } or nil
  end
  return times
end

--- When the first of times `first` to `last` begins, and when the last ends.
local function range(times, first, last)
  local start, finish = times[first].from, times[first].to
  for i = first + 1, last do
    local from, to = times[i].from, times[i].to
    start, finish = from < start and from or start, to > finish and to or finish
  end
  return start, finish
end

--- In how many columns of a chart from `start` on any of times `first` to `last` is; `FEW` if in
-- more.
local function count_columns(times, first, last, start, width)
  local is_used, count = {}, 0
  for i = first, last do
    local from = math.min(COLUMNS - 1, math.floor((times[i].from - start) / width))
    for column = from, math.min(COLUMNS - 1, math.floor((times[i].to - start) / width)) do
      count = count + (is_used[column] and 0 or 1)
      is_used[column] = true
      if count == FEW then
        return count
      end
    end
  end
  return count
end

local function is_crowded(times, first, last)
  if last < first then
    return false
  end
  local start, finish = range(times, first, last)
  if start == finish then
    return false
  end
  local count = count_columns(times, first, last, start, (finish - start) / COLUMNS)
  return count < FEW and last - first + 1 > MOST_IN_ONE * count
end

--- The number of the first time behind the longest pause among times `first` to `last`, which are
-- in order and crowded.
local function behind_pause(times, first, last)
  local longest, behind, finish = -1, nil, times[first].to
  for i = first + 1, last do
    if times[i].from - finish > longest then
      longest, behind = times[i].from - finish, i
    end
    finish = math.max(finish, times[i].to)
  end
  return behind
end

--- The records that ended from `from` to `to`, and those without a time.
local function ended_between(records, from, to)
  local part = {}
  for _, record in ipairs(records) do
    local ended = record.timestamp or from
    part[#part + 1] = ended >= from and ended <= to and record or nil
  end
  return part
end

--- The number of the time of a record; nil if it has none.
local function number_of(times, record)
  for i, time in ipairs(times) do
    if time.record == record then
      return i
    end
  end
end

--- The first and the last of times in order, those of the newest part without long pauses, or of
-- the one with this number.
local function part_of(times, wanted)
  local first, last = 1, #times
  while is_crowded(times, first, last) do
    local behind = behind_pause(times, first, last)
    local is_newer = last - behind + 1 >= math.min(FEWEST, behind - first)
    if wanted then
      is_newer = wanted >= behind
    end
    if is_newer then
      first = behind
    else
      last = behind - 1
    end
  end
  return first, last
end

--- The newest of `records` that ran without long pauses, and those without a time, if a chart of
-- all would be mostly empty; else all. And whether they are the newest. With `wanted`, one of the
-- records, they are those around it.
return function(records, wanted)
  local times = times_of(records)
  if not is_crowded(times, 1, #times) then -- in any order
    return records, true
  end
  table.sort(times, function(a, b) return a.from < b.from end)
  local first, last = part_of(times, wanted and number_of(times, wanted))
  local from, to = range(times, first, last)
  return ended_between(records, from, to), last == #times
end
