--- What stands out in the failures of all tools together.
-- Used only by the health section of the overview.
local findings = require("exectrack.report.parts.findings")
local format = require("exectrack.report.format")
local next_step = require("exectrack.report.parts.next_step")
local sort_rows = require("exectrack.report.parts.sort_rows")
local words = require("exectrack.report.parts.words")

--- The rows that have failures, those with the most first.
local function most_failing(rows)
  local failing = {}
  for _, row in ipairs(rows) do
    row.failures = row.failed + row.timed_out
    failing[#failing + 1] = row.failures > 0 and row or nil
  end
  return sort_rows(failing, { "failures" }, { "tool" })
end

--- The failures of the first tools, in words: `web_fetch 12, search 9, ls 3 and 4 more`.
local function listed_failures(rows)
  local texts = {}
  for i, row in ipairs(rows) do
    texts[i] = format.name(row.tool) .. " " .. format.count(row.failures)
  end
  return words.listed(texts, 3)
end

--- How many findings are about failures in a row.
local function count_in_a_row(list)
  local count = 0
  for _, found in ipairs(list) do
    count = count + (found.in_a_row and 1 or 0)
  end
  return count
end

--- What the failures of the tools in `rows` took.
local function time_lost(facts, rows)
  local lost = findings.no_time()
  for _, row in ipairs(rows) do
    findings.add_time(lost, facts.lost[row.tool].all, 1)
  end
  return lost
end

--- Whether a finding about the tool of `row` is told by the one about `all`: the tool doesn't fail
-- much more often than all do, nor now, unless most do so.
local function is_told(found, all, row, most_fail_now)
  return (most_fail_now or not found.in_a_row) and row.error_rate < 2 * all.error_rate
end

--- Removes from `list` the findings about tools that `found`, the one about `all`, tells, too, and
-- from `found` the calls and the time lost that others tell. `rows` are those of tools that failed.
-- Returns a row that counts the calls of the tools without a finding of their own.
local function take_over(list, found, all, rows)
  local by_tool, most_fail_now = {}, count_in_a_row(list) > #rows / 2
  local rest = { count = all.count, cancelled = all.cancelled }
  for _, row in ipairs(rows) do
    by_tool[row.tool] = row
  end
  for i = #list, 1, -1 do
    local its, row = list[i], by_tool[list[i].tool]
    if its.statuses and row and is_told(its, all, row, most_fail_now) then
      table.remove(list, i)
    elseif its.statuses and row then
      found.calls = found.calls - math.min(its.calls, row.failures)
      findings.add_time(found.lost, its.lost, -1)
      rest.count, rest.cancelled = rest.count - row.count, rest.cancelled - row.cancelled
    end
  end
  found.lost.us = math.max(0, found.lost.us)
  findings.set_lost(found, found.lost)
  return rest
end

--- Adds to the `list` of findings about tools, whose rows of `group_by` are `rows`, one about the
-- failures of all together, if these stand out, no tool has most of them, and those that the others
-- don't tell stand out, too; it takes the place of those that it tells already. `facts` are
-- `findings.facts`.
return function(list, facts, rows)
  local all, failing = facts.snapshot:summary { quantiles = {} }, most_failing(rows)
  local failures = all.failed + all.timed_out
  if not (facts.judges_failures and findings.is_often(failures, all, findings.SHARE))
    or failing[1].failures > failures / 2 then
    return
  end
  local in_a_row = count_in_a_row(list)
  local found = { severity = "bad", calls = failures, is_of_all = true,
    lost = time_lost(facts, failing), statuses = findings.FAILED,
    finding = findings.share_text(all,
      findings.is_often(all.timed_out, all, findings.TIMEOUT_SHARE)) .. ": "
      .. listed_failures(failing)
      .. (in_a_row > 0 and "; failing now: " .. words.counted(in_a_row, "tool") or ""),
    next = next_step.report(facts.run, "failures") }
  local rest = take_over(list, found, all, failing)
  if found.calls < failures then
    found.finding = ("%s; %s of them in no other finding"):format(found.finding,
      format.count(found.calls))
  end
  list[#list + 1] = findings.is_often(found.calls, rest, findings.SHARE) and found or nil
end
