--- What the tests of two runs tell: worse, better, or nothing.
-- Used only by the report of two runs.
local numbers = require("exectrack.numbers")

local M = {}

local ORDER = { worse = 1, better = 2, small = 3, noise = 4, ["too few"] = 5, new = 6, gone = 7 }

local function direction(before, after)
  return after > before and "worse" or "better"
end

--- Whether two values differ by less than this share of the one before.
local function is_small(before, after, least_change)
  return before == after or math.abs(after - before) < least_change * before
end

--- The verdict on durations that differ significantly: the medians must differ enough, too, and in
-- the same direction as most values.
local function duration_verdict(row, least_change)
  local before, after = row.before_p50_ms, row.after_p50_ms
  if is_small(before, after, least_change) or (row.longer_share > 0.5) ~= (after > before) then
    return "small"
  end
  return direction(before, after)
end

--- The verdict on slow calls of which significantly more, or fewer, are above the p95 before.
local function tail_verdict(row, least_change)
  local before, after = row.before_p95_ms, row.after_p95_ms
  if is_small(before, after, least_change) then
    return "small"
  end
  return direction(before, after)
end

--- The verdict on shares that differ significantly.
local function share_verdict(row, least_change)
  local before, after = row.before_rate or row.all_before_rate, row.after_rate
  local verdict = math.abs(after - before) < least_change and "small" or direction(before, after)
  return (row.before_rate or verdict == "worse") and verdict or "new"
end

--- The verdict on durations of all tools together, of which significantly more, or fewer, are among
-- the longest of their tool: a typical one must differ enough, too, and in the same direction.
local function together_verdict(row, least_change)
  local before, after = row.before_typical, row.after_typical
  if is_small(before, after, least_change) or (row.excess > 0) ~= (after > before) then
    return "small"
  end
  return direction(before, after)
end

--- `p` to two digits; more would be false precision.
local function rounded(p)
  return numbers.read(numbers.significant(p, 2))
end

--- The verdict of a test, `row` or its `tail`, and its probability to be shown.
local function judged(test, row, significance, verdict, least_change)
  if not test.p then
    return test.verdict, nil
  elseif test.p < significance then
    return verdict(row, least_change), rounded(test.p)
  end
  return row.all_before_rate and "new" or "noise", rounded(test.p)
end

local function rank(row)
  return math.min(ORDER[row.verdict], row.tail_verdict and ORDER[row.tail_verdict] or math.huge)
end

local function sort(rows)
  table.sort(rows, function(a, b)
    if rank(a) ~= rank(b) then
      return rank(a) < rank(b)
    elseif a.p ~= b.p then
      return (a.p or 2) < (b.p or 2)
    end
    return (a.what or a.tool) < (b.what or b.tool)
  end)
end

--- Judges the tests of all rows that `comparison` returns, and sorts them: sets `verdict`, `p`,
-- `tail_verdict` and `tail_p`.
function M.judge(compared, chosen)
  local significance, least_change = chosen.significance, chosen.least_change
  for _, row in ipairs(compared.durations) do
    local tail = row.tail
    row.verdict, row.p = judged(row, row, significance, duration_verdict, least_change)
    if tail then
      row.tail_verdict, row.tail_p = judged(tail, row, significance, tail_verdict, least_change)
      row.tail = nil
    end
  end
  for _, name in ipairs { "failures", "cancellations", "together" } do
    for _, row in ipairs(compared[name]) do
      row.verdict, row.p = judged(row, row, significance,
        row.before_typical and together_verdict or share_verdict,
        row.before_typical and least_change or chosen.least_rate_change)
    end
    sort(compared[name])
  end
  sort(compared.durations)
end

return M
