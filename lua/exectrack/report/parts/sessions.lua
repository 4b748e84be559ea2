--- The sessions of a run.
-- Used only by the overview.
local first_rows = require("exectrack.report.parts.first_rows")
local known_columns = require("exectrack.report.parts.columns").known
local measure_columns = require("exectrack.report.parts.columns").of_measures
local measured = require("exectrack.report.parts.measured")
local sort_rows = require("exectrack.report.parts.sort_rows")
local words = require("exectrack.report.parts.words")

local MOST_SESSIONS = 5

--- The rows of `group_by` by session, and how many executions have no session.
local function sessions_of(snapshot)
  local rows, without = {}, 0
  for _, row in ipairs(snapshot:group_by("session", { quantiles = {} })) do
    if row.session then
      rows[#rows + 1] = row
    else
      without = row.count
    end
  end
  return rows, without
end

local function text_of(count, without)
  return words.counted(count, "session")
    .. (count > MOST_SESSIONS and ", of which these have the most calls." or ".")
    .. (without > 0 and (" %s to none."):format(words.counted(without, "execution")
      .. (without == 1 and " belongs" or " belong")) or "")
end

--- The section that lists the largest sessions; nil if there aren't several.
return function(snapshot)
  local rows, without = sessions_of(snapshot)
  if #rows < 2 then
    return nil
  end
  sort_rows(rows, { "count" }, { "session" })
  local shown = measured.without_unknown_totals(first_rows(rows, MOST_SESSIONS, "sessions"))
  return {
    title = "Sessions",
    text = text_of(#rows, without),
    columns = measure_columns(snapshot, shown, known_columns({
      { field = "session", heading = "Session" },
      { field = "count", heading = "Calls", unit = "count" },
      { field = "error_rate", heading = "Errors", unit = "percent" },
      { field = "total_duration_ms", heading = "Total", unit = "ms" },
      { field = "first_timestamp", heading = "First ended", unit = "time" },
      { field = "last_timestamp", heading = "Last ended", unit = "time" },
    }, shown)),
    rows = shown,
  }
end
