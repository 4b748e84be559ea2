--- What a report is about: how many executions, and when they ended.
-- Used only by the built-in reports.
local format = require("exectrack.report.format")
local words = require("exectrack.report.parts.words")

--- Behind commas how many executions are in flight, and how many were at a death; empty for none.
local function in_flight(snapshot, chosen)
  local flights = require("exectrack.report.parts.in_flight").of(snapshot, chosen)
  local function said(count, what)
    return count > 0 and ", " .. format.count(count) .. what or ""
  end
  return said(flights.now.count, " in flight")
    .. said(flights.at_death.count, " in flight at a death")
end

--- How many records a run has, of how many executions if others aren't retained or were left out,
-- and when they ended; or if it has none, how many executions are in flight. `chosen` are the
-- options of the report, nil for none.
return function(snapshot, chosen)
  local row = snapshot:summary { quantiles = {} }
  chosen = chosen or {}
  local all = words.counted(snapshot:stats().total_executions, "execution")
  local text = words.counted(row.count, "execution")
  local kept = words.retained(snapshot, chosen.retained)
  if kept then
    text = (row.count < kept and format.count(row.count) .. " of " or "")
      .. ("%s retained of %s"):format(format.count(kept), all)
  elseif snapshot:stats().total_executions > row.count then
    text = ("%s of %s"):format(format.count(row.count), all)
  end
  if row.count == 0 then
    return text .. in_flight(snapshot, chosen)
  elseif not row.first_timestamp then
    return text
  end
  return text .. ", " .. words.period(row.first_timestamp, row.last_timestamp, chosen.timezone)
end
