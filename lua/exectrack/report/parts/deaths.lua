--- Executions that were in flight when an earlier process died that wrote the run: the process that
-- went on with it recorded them as cancelled, and as long as is known at least. Nobody waited.
-- Used by built-in reports and the command.

local M = {}

local THEIRS = { status = "cancelled", timing = "elapsed", error_type = "writer_died" }

--- The snapshot of those executions.
function M.of(snapshot)
  return snapshot:filter(THEIRS)
end

--- Whether a record is one of them.
function M.is_one(record)
  for field, value in pairs(THEIRS) do
    if record[field] ~= value then
      return false
    end
  end
  return true
end

--- Which of the snapshot's records are, in the order of its columns: true for each of them.
function M.places(snapshot)
  local are_theirs = {}
  if #M.of(snapshot) == 0 then
    return are_theirs
  end
  local types, statuses = snapshot:column("error_type"), snapshot:column("status")
  for place, timing in ipairs(snapshot:column("timing")) do
    are_theirs[place] = M.is_one { error_type = types[place], status = statuses[place],
      timing = timing }
  end
  return are_theirs
end

--- How many there are of each tool: its `count`; and of those of which more is known than that they
-- started, how many are `known`, `longest_ms`, nil if none is, and `total_ms`.
function M.by_tool(snapshot)
  local by_tool = {}
  for _, record in ipairs(M.of(snapshot):records()) do
    local its = by_tool[record.tool] or { count = 0, known = 0, total_ms = 0 }
    local ms = record.duration_ms
    by_tool[record.tool], its.count = its, its.count + 1
    if ms > 0 then
      its.known, its.longest_ms = its.known + 1, math.max(its.longest_ms or 0, ms)
      its.total_ms = its.total_ms + ms
    end
  end
  return by_tool
end

--- Whether any of `rows` may count some.
local function may_have_some(rows)
  for _, row in ipairs(rows) do
    if row.cancelled > 0 and row.elapsed > 0 then
      return true
    end
  end
  return false
end

local function difference(ms, less_ms)
  return math.floor((ms - less_ms) * 1000 + 0.5) / 1000
end

--- Takes them out of what `rows` count as `elapsed`, and have as `elapsed_ms`; `ended_at_death` is
-- then how many there are, or nil, and so is `at_death`, to which what hasn't ended may be added.
-- `rows` are those of `group_by` by `key`; for nil, the only one is the summary. Returns `rows`.
function M.take_out(rows, snapshot, key)
  if not may_have_some(rows) then
    return rows
  end
  local deaths, by_key = M.of(snapshot), {}
  for _, row in ipairs(key and deaths:group_by(key, { quantiles = {} })
    or { deaths:summary { quantiles = {} } }) do
    by_key[row[key] or false] = row
  end
  for _, row in ipairs(rows) do
    local its = by_key[row[key] or false]
    if its then
      row.elapsed, row.at_death = row.elapsed - its.elapsed, its.elapsed
      row.ended_at_death = its.elapsed
      row.elapsed_ms = difference(row.elapsed_ms, its.elapsed_ms)
    end
  end
  return rows
end

return M
