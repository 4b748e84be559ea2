--- The buckets of a histogram of durations.
-- Used only by the reports.

local FEWEST, MOST = 8, 24

-- The limits of buckets within a power of ten, with nearly equal ratios; the finest first. (The
-- preferred numbers of ISO 3, rounded.)
local LADDERS = {
  { 1, 1.25, 1.6, 2, 2.5, 3.2, 4, 5, 6.3, 8 },
  { 1, 1.6, 2.5, 4, 6.3 },
  { 1, 2, 5 },
  { 1 },
}

--- The largest power of ten of at most `us`, which is at least 1.
local function power_of_ten(us)
  local power = 1
  while power * 10 <= us do
    power = power * 10
  end
  return power
end

--- The least of 1, 2, 5, 10, 20, 50 … of at least `us`.
local function nice_step(us)
  local power = power_of_ten(math.max(us, 1))
  for _, first in ipairs { 1, 2, 5 } do
    if first * power >= us then
      return first * power
    end
  end
  return 10 * power
end

--- Limits at equal distances, large enough that the texts of two limits differ.
local function even_limits(least, greatest, most)
  local step = nice_step(math.max((greatest - least) / most, least / 100))
  if math.floor(greatest / step) - math.floor(least / step) >= most then
    step = nice_step(step + 1)
  end
  local limits = {}
  local limit = math.floor(least / step) * step
  while limit <= greatest do
    limits[#limits + 1], limit = limit, limit + step
  end
  limits[#limits + 1] = limit
  return limits
end

--- Limits with the factors of `ladder`. The first is at most `least`, and only the last is above
-- `greatest`.
local function ladder_limits(ladder, least, greatest)
  local limits, power = {}, power_of_ten(least)
  while true do
    for i, first in ipairs(ladder) do
      local limit = first * power
      local next_limit = (ladder[i + 1] or 10 * ladder[1]) * power
      if next_limit > least then
        limits[#limits + 1] = limit
      end
      if limit > greatest then
        return limits
      end
    end
    power = power * 10
  end
end

--- The limits of up to `most` buckets, or of one for each power of ten if these are more.
local function choose_limits(least, greatest, most)
  if greatest == 0 then
    return { 0, 1 }
  elseif greatest <= 4 * least then
    return even_limits(least, greatest, most)
  end
  local limits
  for _, ladder in ipairs(LADDERS) do
    limits = ladder_limits(ladder, least, greatest)
    if #limits - 1 <= most then
      break
    end
  end
  return limits
end

local function microseconds(durations)
  local all, least, greatest, has_zeros = {}, math.huge, 0, false
  for i, ms in ipairs(durations) do
    local us = math.floor(ms * 1000 + 0.5)
    all[i] = us
    if us > 0 then
      least, greatest = math.min(least, us), math.max(greatest, us)
    else
      has_zeros = true
    end
  end
  return all, least, greatest, has_zeros
end

--- The index of the bucket that contains `us`: a binary search in `limits`.
local function bucket_of(limits, us)
  local low, high = 1, #limits
  while high - low > 1 do
    local middle = math.floor((low + high) / 2)
    if limits[middle] <= us then
      low = middle
    else
      high = middle
    end
  end
  return low
end

--- The buckets of a histogram of `durations`, an array of milliseconds: at most 24 and one for
-- zeros, fewer for few durations, without a gap. They are equally wide if the durations differ by
-- up to a factor of four; else they become wider with the durations. Each contains the durations
-- from its `from` to below its `to`. O(n).
return function(durations)
  if #durations == 0 then
    return {}
  end
  local all, least, greatest, has_zeros = microseconds(durations)
  local most = math.max(FEWEST, math.min(MOST, math.ceil(2 * math.sqrt(#durations))))
  local limits = choose_limits(least, greatest, most)
  if has_zeros and limits[1] > 0 then
    table.insert(limits, 1, 0)
  end
  local buckets = {}
  for i = 1, #limits - 1 do
    buckets[i] = { from = limits[i] / 1000, to = limits[i + 1] / 1000, count = 0 }
  end
  for _, us in ipairs(all) do
    local bucket = buckets[bucket_of(limits, us)]
    bucket.count = bucket.count + 1
  end
  return buckets
end
