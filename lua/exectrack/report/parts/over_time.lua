--- Figures of a run over time.
-- Used only by the built-in reports.
local steps = require("exectrack.report.steps")

local MOST_INTERVALS = 24

--- The rows of `Snapshot:group_by` for intervals of `every` seconds, by when these begin, and when
-- the first and the last of them do.
local function rows_by_time(snapshot, every, quantiles)
  local rows, first, last = {}, nil, nil
  for _, row in ipairs(snapshot:group_by { every = every, quantiles = quantiles }) do
    first, last = first or row.bucket, row.bucket
    rows[row.bucket] = row
  end
  return rows, first, last
end

--- A chart of figures of `unit` over time; nil if all executions are undated, or ended in one
-- interval. `lines` is an array of `{ label, field }`, whose fields are those of the rows of
-- `Snapshot:group_by`, with `quantiles`. An interval without executions is a gap. Also returns the
-- length of an interval as text.
return function(snapshot, unit, lines, quantiles)
  local whole = snapshot:summary { quantiles = {} }
  if not whole.first_timestamp then
    return nil
  end
  local every = steps.interval(whole.first_timestamp, whole.last_timestamp, MOST_INTERVALS)
  local rows, first, last = rows_by_time(snapshot, every, quantiles or {})
  if first == last then
    return nil
  end
  local chart = { kind = "line", unit = unit, every = every, lines = {} }
  for i, line in ipairs(lines) do
    local points = {}
    for time = first, last, every do
      points[#points + 1] = { time = time, value = rows[time] and rows[time][line[2]] }
    end
    chart.lines[i] = { label = line[1], points = points }
  end
  return chart, steps.text(every)
end
