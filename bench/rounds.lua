--- Times peers side by side. The speed of a shared machine swings for seconds at a time, so each
-- round gives every peer a short slice, the order rotates, and peers are compared round by round.
local M = {}

local function median(numbers)
  local sorted = {}
  for i, number in ipairs(numbers) do
    sorted[i] = number
  end
  table.sort(sorted)
  local middle = (#sorted + 1) / 2
  return (sorted[math.floor(middle)] + sorted[math.ceil(middle)]) / 2
end

-- How many operations take about `slice_ms`; finding out also warms the peer up.
local function calibrate(peer, slice_ms)
  local count = 1
  while true do
    local ns = peer:time(count)
    if ns >= slice_ms * 1e6 / 4 then
      return math.max(1, math.floor(count * slice_ms * 1e6 / ns))
    end
    count = count * 2
  end
end

local Result = {}
Result.__index = Result

--- The median nanoseconds of one operation of the peer called `name`.
function Result:ns(name)
  return median(self[name])
end

--- The median over the rounds of how much longer `name` took than `other` in the same round.
function Result:ratio(name, other)
  local ratios = {}
  for round, ns in ipairs(self[name]) do
    ratios[round] = ns / self[other][round]
  end
  return median(ratios)
end

--- Runs `peers`, an array of { name, peer }, where peer:time(n) returns the nanoseconds of n
-- operations, for `rounds` rounds with slices of `slice_ms`.
function M.run(peers, rounds, slice_ms)
  local counts, result = {}, setmetatable({}, Result)
  for i, entry in ipairs(peers) do
    counts[i] = calibrate(entry[2], slice_ms)
    result[entry[1]] = {}
  end
  for round = 1, rounds do
    for turn = 1, #peers do
      local i = (round + turn) % #peers + 1
      local name, peer = peers[i][1], peers[i][2]
      result[name][round] = peer:time(counts[i]) / counts[i]
    end
  end
  return result
end

return M
