--- What stands out in a run.
-- Used only by the overview.
local add_of_all = require("exectrack.report.parts.findings_of_all")
local columns = require("exectrack.report.parts.columns")
local findings = require("exectrack.report.parts.findings")
local format = require("exectrack.report.format")
local measured = require("exectrack.report.parts.measured")
local places = require("exectrack.report.parts.places")
local sort_rows = require("exectrack.report.parts.sort_rows")
local words = require("exectrack.report.parts.words")

local MOST_FINDINGS = 30

local COLUMNS = {
  { field = "tool", heading = "Tool", unit = "name", none = "(all tools)" },
  { field = "severity", heading = "Severity", unit = "status", priority = 2 },
  { field = "finding", heading = "Finding" },
  { field = "lost_ms", heading = "Time lost", unit = "ms", priority = 3 },
  { field = "calls", heading = "Affected", unit = "count", priority = 4 },
  { field = "next", heading = "To look closer", unit = "command" },
}

--- The rows of `by_tool`; and one for each tool without any of the executions that has a call in
-- flight, or that failed in a row before the retained ones, or that was denied.
local function all_tools(facts, by_tool)
  local rows, has_row, is_whole = {}, {}, not facts.snapshot:is_filtered()
  for i, row in ipairs(by_tool) do
    rows[i], has_row[row.tool] = row, true
  end
  for _, tool in ipairs(facts.snapshot:tools()) do
    local says_something = facts.flights[tool] or facts.at_death[tool] or facts.denied[tool]
      or facts.streaks[tool]
    if says_something and not has_row[tool] and (is_whole or facts.knows_selection) then
      rows[#rows + 1] = { tool = tool, count = 0, cancelled = 0, failed = 0, timed_out = 0 }
    end
  end
  return rows
end

--- Sorts findings by what they cost: the time lost, then the calls. A time that isn't known of all
-- calls counts as what as many calls of the others lost. Notes come last.
local function sort(list)
  local lost_ms, calls = 0, 0
  for _, found in ipairs(list) do
    if not found.is_partly and found.lost_ms and found.lost_ms > 0 then
      lost_ms, calls = lost_ms + found.lost_ms, calls + found.calls
    end
  end
  for _, found in ipairs(list) do
    found.rank = found.severity == "note" and 0 or 1
    found.cost_ms = not found.is_partly and found.lost_ms
      or calls > 0 and found.calls * lost_ms / calls or found.calls
  end
  return sort_rows(list, { "rank", "cost_ms", "calls" }, {})
end

local function find(facts, by_tool)
  local list, rows = {}, all_tools(facts, by_tool)
  for _, row in ipairs(rows) do
    for _, found in ipairs(findings.of_tool(facts, row)) do
      list[#list + 1] = found
    end
  end
  add_of_all(list, facts, rows)
  findings.add_of_limits(list, facts)
  return sort(list)
end

local function criteria()
  return ("Nothing stands out. Looked for: %d failures or time-outs in a row up to now, or in all "
    .. "if they are %.0f %%; %d time-outs if they are %.0f %%; calls in flight for more than "
    .. "%.0f s and %d times their tool's longest; denied calls; %d calls made again with the same "
    .. "result, without a cache, if they are %.0f %%; calls that took %.0f min with waiting.")
    :format(
    findings.FAILURES, 100 * findings.SHARE, findings.FAILURES, 100 * findings.TIMEOUT_SHARE,
    findings.HANGING_MS / 1000, findings.HANGING_FACTOR, findings.REPEATS, 100 * findings.SHARE,
    findings.WAITING_MS / 60000)
end

--- Sentences about what isn't searched: what isn't retained, or is too long ago; nil for none.
local function limits(snapshot, retained)
  local count, kept = #snapshot, words.retained(snapshot, retained)
  return words.joined(
    kept and ("Of the %s that are retained of %s."):format(words.counted(kept, "execution"),
      format.count(snapshot:stats().total_executions)) or nil,
    count > findings.RECENT and ("%s made again are counted in the newest %s executions."):format(
      snapshot:is_filtered() and "Failures in a row and calls" or "Calls",
      format.count(findings.RECENT)) or nil)
end

local function judged(facts)
  return not facts.judges_failures and "Failures aren't judged, as only some of the statuses were "
    .. "chosen." or nil
end

--- The section of findings. `by_tool` are the rows of the snapshot's `group_by`, in the order in
-- which tools are listed; `chosen` are the options of the report; `flights`, what is in flight.
return function(snapshot, by_tool, chosen, flights)
  local facts = findings.facts(snapshot, by_tool, chosen, flights)
  local rows, section = find(facts, by_tool), { title = "Health" }
  local notes = words.joined(judged(facts), limits(snapshot, chosen.retained))
  if #rows == 0 then
    section.text = words.none(snapshot) or words.joined(criteria(), notes)
    section.columns, section.rows = columns.known(COLUMNS, rows), rows
    return section
  end
  section.limit, section.noun = MOST_FINDINGS, "findings"
  places.add(snapshot, rows, function(row)
    return row.statuses and { tool = not row.is_of_all and row.tool or nil, status = row.statuses }
  end)
  section.text = words.joined(measured.partly("Time lost", "lost_ms", rows), notes)
  section.columns = places.columns(columns.known(COLUMNS, rows), rows, "Last at")
  section.rows = rows
  return section
end
