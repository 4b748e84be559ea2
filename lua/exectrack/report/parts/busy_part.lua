--- The part of a run that a chart of single calls is of where one of the whole is mostly empty.
-- Used only by the overview.

-- Of so many columns of a chart, calls are in less than a tenth, and more than so many share one.
local COLUMNS, MOST_IN_ONE = 100, 3

-- With fewer calls behind a pause than this, those before it are shown, if they are more.
local FEWEST = 10

--- When each of the records that have a time began and ended, in the order in which they began.
local function times_of(records)
  local times = {}
  for _, record in ipairs(records) do
    local to = record.timestamp
    times[#times + 1] = to and { from = to - (record.duration_ms or 0) / 1000, to = to } or nil
  end
  table.sort(times, function(a, b) return a.from < b.from end)
  return times
end

--- When the last of times `first` to `last` ends.
local function end_of(times, first, last)
  local finish = times[first].to
  for i = first + 1, last do
    finish = math.max(finish, times[i].to)
  end
  return finish
end

--- In how many columns of a chart of times `first` to `last` any of them is.
local function count_columns(times, first, last)
  local start = times[first].from
  local width = (end_of(times, first, last) - start) / COLUMNS
  local count, latest = 0, -1
  for i = first, last do
    local from = math.min(COLUMNS - 1, math.floor((times[i].from - start) / width))
    local to = math.min(COLUMNS - 1, math.floor((times[i].to - start) / width))
    count = count + math.max(0, to - math.max(latest, from - 1))
    latest = math.max(latest, to)
  end
  return count
end

local function is_crowded(times, first, last)
  if last < first or times[first].from == end_of(times, first, last) then
    return false
  end
  local count = count_columns(times, first, last)
  return count < COLUMNS / 10 and last - first + 1 > MOST_IN_ONE * count
end

--- The number of the first time behind the longest pause among times `first` to `last`.
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

--- The newest of `records` that ran without long pauses, and those without a time, if a chart of
-- all would be mostly empty; else all. And whether they are the newest.
return function(records)
  local times = times_of(records)
  local first, last = 1, #times
  while is_crowded(times, first, last) do
    local behind = behind_pause(times, first, last)
    if last - behind + 1 >= math.min(FEWEST, behind - first) then
      first = behind
    else
      last = behind - 1
    end
  end
  if last - first + 1 == #times then
    return records, true
  end
  return ended_between(records, times[first].from, end_of(times, first, last)), last == #times
end
