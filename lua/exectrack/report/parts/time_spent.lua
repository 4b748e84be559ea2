--- When the executions of a snapshot ran, and how long they took.
-- Used by built-in reports and the command.
local deaths = require("exectrack.report.parts.deaths")

local floor = math.floor

local function microseconds(ms)
  return floor(ms * 1000 + 0.5)
end

--- The start of the first and the end of the last record, in microseconds; nil if all are undated.
local function bounds(snapshot, durations)
  local ends, first, last = snapshot:column("timestamp"), math.huge, -math.huge
  for place = 1, #ends do
    local end_us = ends[place] and ends[place] * 1e6
    if end_us then
      local start_us = end_us - (durations[place] or 0) * 1000
      first = start_us < first and start_us or first
      last = end_us > last and end_us or last
    end
  end
  if first <= last then
    return math.max(0, floor(first + 0.5)), floor(last + 0.5)
  end
end

--- Whether any record was made within another, of which may be known which it is.
local function has_nested(snapshot)
  local depths = snapshot:column("depth")
  for place = 1, #depths do
    if depths[place] > 0 then
      return true
    end
  end
  return false
end

--- Adds up what records took without the calls within them in the `whole` run: `own_us` by tool, of
-- those that were measured.
local function add_own_times(spent, snapshot, whole, durations)
  local timings, ids = snapshot:column("timing"), snapshot:column("tool_id")
  local at_death = deaths.places(snapshot)
  local by_id, measured_us, elapsed_us = {}, 0.0, 0.0
  for place, ms in ipairs(snapshot:column("self_duration_ms", whole)) do
    spent.is_nested = spent.is_nested or ms ~= durations[place]
    if timings[place] == "measured" then
      local us = microseconds(ms)
      by_id[ids[place]] = (by_id[ids[place]] or 0.0) + us
      measured_us = measured_us + us
    elseif ms and not at_death[place] then
      elapsed_us = elapsed_us + microseconds(ms)
    end
  end
  spent.own_ms, spent.elapsed_ms = measured_us / 1000, elapsed_us / 1000
  spent.own_ms_by_tool = {}
  for id, us in pairs(by_id) do
    spent.own_ms_by_tool[snapshot:get_tool_name(id)] = us / 1000
  end
end

--- Returns a table, in which the time of a call that was made within another one counts once:
--
-- - `start` and `finish`, Unix seconds of the first start and the last end, and `wall_ms`, the time
--   between them; all nil if no record has a time
-- - `is_nested`, whether the time of a record has that of another one in it; only then
-- - `own_ms`, what the measured records took, `elapsed_ms`, what those took that may have waited,
--   and `own_ms_by_tool`, by its name what each tool took of `own_ms`
--
-- The records may be some of a `whole` run: calls that were made within them count there, though
-- they were left out. O(n log n) for n records.
return function(snapshot, whole)
  local durations = snapshot:column("duration_ms")
  local spent = { is_nested = false }
  local first, last = bounds(snapshot, durations)
  if first then
    spent.start, spent.finish, spent.wall_ms = first / 1e6, last / 1e6, (last - first) / 1000
  end
  if has_nested(whole or snapshot) then
    add_own_times(spent, snapshot, whole, durations)
  end
  return spent
end
