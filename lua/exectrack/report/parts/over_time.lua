--- Figures of a run over time.
-- Used only by the built-in reports.
local by_time = require("exectrack.report.parts.by_time")
local steps = require("exectrack.report.steps")

local MOST_INTERVALS = 24

--- A chart of figures of `unit` over time, in intervals that begin at round times of a zone; nil if
-- all executions are undated, or ended in one interval. `lines` is an array of `{ label, field }`,
-- whose fields are those of the rows of `Snapshot:group_by`, with `quantiles`. An interval without
-- executions is a gap. Also returns the length of an interval as text.
return function(snapshot, unit, lines, quantiles, zone)
  local rows, every, starts = by_time(snapshot, nil, MOST_INTERVALS, quantiles or {}, zone)
  if not rows or #starts == 1 then
    return nil
  end
  local by_start, chart = {}, { kind = "line", unit = unit, every = every, lines = {} }
  for _, row in ipairs(rows) do
    by_start[row.bucket] = row
  end
  for i, line in ipairs(lines) do
    local points = {}
    for j, time in ipairs(starts) do
      points[j] = { time = time, value = by_start[time] and by_start[time][line[2]] }
    end
    chart.lines[i] = { label = line[1], points = points }
  end
  return chart, steps.text(every)
end
