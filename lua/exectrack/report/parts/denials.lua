--- What policies denied: how often, by tool and reason, and the newest of the calls.
-- Used by built-in reports and the command.
local add_counts = require("exectrack.numbers").add_counts
local format = require("exectrack.report.format")
local has_any = require("exectrack.report.parts.columns").has_any
local in_flight = require("exectrack.report.parts.in_flight")
local words = require("exectrack.report.parts.words")

local M = {}

--- The denials of the tools that `selection` names, nil for all; of all sessions, as they don't say
-- theirs. And how many there were of any tool for which there was no room in the list.
function M.of(snapshot, selection)
  selection = selection or {}
  local denials, overflowed = snapshot:denials()
  local is_chosen = in_flight.matching(snapshot, { tool = selection.tool,
    exclude = selection.exclude })
  local chosen = {}
  for _, denial in ipairs(denials) do
    chosen[#chosen + 1] = is_chosen(denial) and denial or nil
  end
  return chosen, overflowed
end

local function counts(snapshot, selection)
  local denials, overflowed = M.of(snapshot, selection)
  return (#denials > 0 or overflowed > 0) and {
    title = "Denied by a policy",
    text = words.joined(words.whole_run(snapshot, selection, ", in all sessions and at any time."),
      overflowed > 0 and ("Besides these, %s for which there was no room in the list."):format(
        words.counted(overflowed, "denial")) or nil),
    columns = {
      { field = "tool", heading = "Tool", unit = "name" },
      { field = "reason", heading = "Reason", unit = "name" },
      { field = "count", heading = "Denied", unit = "count" },
      { field = "last_timestamp", heading = "Last", unit = "time", priority = 2 },
    },
    rows = denials,
  } or nil
end

--- How many calls policies denied in all.
function M.count(snapshot)
  local denials, count = snapshot:denials()
  for _, denial in ipairs(denials) do
    count = add_counts(count, denial.count)
  end
  return count
end

--- Says that only the newest denied calls are kept; nil if all are.
local function kept_text(snapshot, kept)
  local count = M.count(snapshot)
  return kept < count and ("Only the newest %s of %s are kept."):format(format.count(kept),
    words.counted(count, "denied call")) or nil
end

--- The denied calls that are kept and that `selection` names by tool, session and time, the newest
-- first, each with the text of its `arguments` or their fingerprint in hexadecimal, nil for none.
function M.calls(snapshot, selection)
  local is_chosen, rows = in_flight.matching(snapshot, selection), {}
  local since, before = selection.since or 0, selection.before or math.huge
  for _, call in ipairs(snapshot:denied()) do
    if is_chosen(call) and call.timestamp >= since and call.timestamp < before then
      call.arguments = snapshot:args_text(call.args_hash)
        or call.args_hash ~= 0 and ("%08x"):format(call.args_hash) or nil
      rows[#rows + 1] = call
    end
  end
  return rows
end

local COLUMNS = {
  { field = "timestamp", heading = "Time", unit = "time" },
  { field = "tool", heading = "Tool", unit = "name" },
  { field = "reason", heading = "Reason", unit = "name", priority = 4 },
  { field = "session", heading = "Session", unit = "name", priority = 2 },
  { field = "arguments", heading = "Arguments", priority = 3 },
}

local function newest(snapshot, selection, top)
  local rows, columns = M.calls(snapshot, selection or {}), {}
  for _, column in ipairs(COLUMNS) do
    columns[#columns + 1] = has_any(rows, column.field) and column or nil
  end
  return top > 0 and #rows > 0 and {
    title = "Newest denied calls",
    text = words.joined(words.whole_run(snapshot, selection, ", sessions and times."),
      kept_text(snapshot, #snapshot:denied())),
    columns = columns,
    rows = rows,
    limit = top,
    noun = "denied calls",
  } or nil
end

--- Adds the sections about what policies denied, if they denied anything; `chosen` are the options
-- of the report.
function M.add(sections, snapshot, chosen)
  sections[#sections + 1] = counts(snapshot, chosen.selection)
  sections[#sections + 1] = newest(snapshot, chosen.selection, chosen.top)
end

return M
