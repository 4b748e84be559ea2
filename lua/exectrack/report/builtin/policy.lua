--- What a policy would have decided about a run.
local busy_part = require("exectrack.report.parts.busy_part")
local draw_timeline = require("exectrack.report.parts.timeline").newest
local checks = require("exectrack.options")
local extent = require("exectrack.report.parts.extent")
local has_any = require("exectrack.report.parts.columns").has_any
local messages = require("exectrack.report.parts.messages")
local replay = require("exectrack.policy.replay")
local report_options = require("exectrack.report.parts.report_options")
local words = require("exectrack.report.parts.words")

local FIELDS = report_options {
  { "policy", checks.callable, required = true },
  { "enforce", checks.boolean, default = true },
  { "top", checks.integer(0), default = 20 },
}

-- How many executions the timeline shows, and how many messages are shown at first.
local SHOWN, MOST_MESSAGES = 200, 20

--- The entries of `decisions` for which `passes` returns true.
local function entries_of(decisions, passes)
  local selected = {}
  for _, entry in ipairs(decisions) do
    if passes(entry) then
      selected[#selected + 1] = entry
    end
  end
  return selected
end

--- What names a call's arguments: their text, or their fingerprint; nil for none.
local function arguments_of(entry)
  return entry.args_text or entry.args_hash ~= 0 and ("%08x"):format(entry.args_hash) or nil
end

--- The rows of a table of these decisions.
local function rows_of(decisions)
  local rows = {}
  for i, entry in ipairs(decisions) do
    local decision = entry.decision
    rows[i] = {
      started = entry.started, tool = entry.tool, session = entry.session,
      arguments = arguments_of(entry), action = decision.action, reason = decision.reason,
      policy = type(decision.policy) == "string" and decision.policy or nil,
      message = decision.message, duration_ms = entry.record.duration_ms }
  end
  return rows
end

--- The columns that say which calls `rows` are about: with sessions and arguments if any is known.
local function call_columns(rows)
  local columns = { { field = "started", heading = "Started", unit = "time" },
    { field = "tool", heading = "Tool", unit = "name" } }
  if has_any(rows, "session") then
    table.insert(columns, 2, { field = "session", heading = "Session", unit = "name" })
  end
  if has_any(rows, "arguments") then
    table.insert(columns, { field = "arguments", heading = "Arguments" })
  end
  return columns
end

--- Removes the time saved from `summary` and from its rows by tool, if none of the denied
-- executions was measured.
local function hide_unknown_times(snapshot, summary, decisions)
  local is_known, is_any_known = {}, summary.denied == 0
  local timings = summary.denied > 0 and snapshot:column("timing")
  for _, entry in ipairs(decisions) do
    if entry.decision.action == "deny" and timings[entry.index] == "measured" then
      is_known[entry.tool], is_any_known = true, true
    end
  end
  for _, row in ipairs(summary.by_tool_and_reason) do
    row.time_saved_ms = is_known[row.tool] and row.time_saved_ms or nil
  end
  summary.time_saved_ms = is_any_known and summary.time_saved_ms or nil
end

local function totals(summary)
  local text = summary.denied + summary.warned == 0 and "The policy has no objections." or nil
  return {
    title = "Totals",
    text = text,
    layout = "figures",
    columns = {
      { field = "executions", heading = "Executions", unit = "count" },
      { field = "denied", heading = "Denied", unit = "count" },
      { field = "warned", heading = "Warned of", unit = "count" },
      { field = "failures_avoided", heading = "Failures avoided", unit = "count" },
      { field = "successes_lost", heading = "Successes lost", unit = "count" },
      { field = "time_saved_ms", heading = "Time saved", unit = "ms" },
    },
    rows = { summary },
  }
end

local function by_tool_and_reason(summary)
  return {
    title = "Denied by tool and reason",
    columns = {
      { field = "tool", heading = "Tool", unit = "name" },
      { field = "reason", heading = "Reason", unit = "name" },
      { field = "denied", heading = "Denied", unit = "count", bar = true },
      { field = "failures_avoided", heading = "Failures avoided", unit = "count",
        priority = 2 },
      { field = "successes_lost", heading = "Successes lost", unit = "count",
        priority = 2 },
      { field = "time_saved_ms", heading = "Time saved", unit = "ms", priority = 3 },
    },
    rows = summary.by_tool_and_reason,
  }
end

--- The records `first` to `last`, with the action and reason of the decision about each in place of
-- its status and error type.
local function decided(snapshot, first, last, by_index)
  local records = {}
  for i = first, last do
    local record, decision = snapshot[i], by_index[i] or {}
    record.status, record.error_type = decision.action or "allow", decision.reason
    records[#records + 1] = record
  end
  return records
end

--- The greatest index of a decision of this action; nil if there is none.
local function latest_of(decisions, action)
  local latest
  for _, entry in ipairs(decisions) do
    if entry.decision.action == action then
      latest = math.max(latest or 0, entry.index)
    end
  end
  return latest
end

--- The records around number `latest`, up to a long pause, with what was decided.
local function records_around(snapshot, latest, decisions)
  local by_index = {}
  for _, entry in ipairs(decisions) do
    by_index[entry.index] = entry.decision
  end
  local last = math.min(#snapshot, math.max(SHOWN, latest + SHOWN / 2))
  local first = math.max(1, last - SHOWN + 1)
  local records = decided(snapshot, first, last, by_index)
  return (busy_part(records, records[latest - first + 1]))
end

local function timeline(snapshot, decisions)
  local denial = latest_of(decisions, "deny")
  local records = records_around(snapshot, denial or latest_of(decisions, "warn"), decisions)
  local chart, left_out = draw_timeline(records, snapshot:tools())
  return {
    title = "Timeline",
    text = words.joined("What the policy objected to, among all executions.",
      #records < #snapshot and ("These are %d, around the latest that it %s."):format(#records,
        denial and "denied" or "warned of") or nil, left_out),
    chart = chart,
  }
end

--- `list`, followed by `others`.
local function followed_by(list, others)
  for _, element in ipairs(others) do
    list[#list + 1] = element
  end
  return list
end

local function messages_section(said)
  return {
    title = "Messages",
    text = "What the policy said, in the words of the first decision: messages that differ only in "
      .. "the tool, its arguments and numbers are one.",
    columns = {
      { field = "number", heading = "No.", unit = "count" },
      { field = "count", heading = "Decisions", unit = "count" },
      { field = "action", heading = "Action", unit = "status" },
      { field = "policy", heading = "Policy", unit = "name", priority = 3 },
      { field = "reason", heading = "Reason", unit = "name", priority = 2 },
      { field = "message", heading = "Message" },
    },
    rows = said,
    limit = MOST_MESSAGES,
    noun = "messages",
  }
end

--- The section of all decisions, whose messages are `said`.
local function decisions_section(rows, said, top)
  local columns = followed_by(call_columns(rows), {
    { field = "action", heading = "Action", unit = "status" },
    { field = "policy", heading = "Policy", unit = "name", priority = 3 },
    { field = "reason", heading = "Reason", unit = "name", priority = 2 },
  })
  if #said > 0 then
    followed_by(columns, { { field = "message_number", heading = "Message", unit = "count",
      priority = 4 }, { field = "message", heading = "Message in full", data_only = true } })
  end
  return { title = "Decisions", columns = columns, rows = rows, limit = top, noun = "decisions" }
end

local function successes_lost(snapshot, decisions, top)
  local statuses = snapshot:column("status")
  local rows = rows_of(entries_of(decisions, function(entry)
    return entry.decision.action == "deny" and statuses[entry.index] == "success"
  end))
  return {
    title = "Successes lost",
    text = "Denied, although in truth they succeeded.",
    columns = followed_by(call_columns(rows), {
      { field = "duration_ms", heading = "Duration", unit = "ms" },
      { field = "policy", heading = "Policy", unit = "name", priority = 3 },
      { field = "reason", heading = "Reason", unit = "name", priority = 2 },
    }),
    rows = rows,
    limit = top,
    noun = "such executions",
  }
end

--- All sections; those that list decisions have at first `top` of each.
local function sections_of(snapshot, decisions, summary, top)
  local sections, rows = { totals(summary) }, rows_of(decisions)
  local said = messages.number(rows)
  local function add(is_shown, make, ...)
    sections[#sections + 1] = is_shown and make(...) or nil
  end
  add(summary.denied > 0, by_tool_and_reason, summary)
  add(#rows > 0, timeline, snapshot, decisions)
  add(#said > 0 and top > 0, messages_section, said)
  add(#rows > 0 and top > 0, decisions_section, rows, said, top)
  add(summary.successes_lost > 0 and top > 0, successes_lost, snapshot, decisions, top)
  return sections
end

--- Makes a report of what a policy would have decided about a run; or returns what
-- `exectrack.policy.replay` does if it can't.
return function(snapshot, options)
  checks.check("policy", snapshot, checks.snapshot)
  local chosen = checks.check("policy", options, FIELDS)
  local result, message, code = replay(snapshot, chosen.policy, { enforce = chosen.enforce })
  if not result then
    return nil, message, code
  end
  local decisions, summary = result.decisions, result.summary
  hide_unknown_times(snapshot, summary, decisions)
  return {
    title = words.title("Policy replay", snapshot, chosen.name),
    subtitle = extent(snapshot, chosen)
      .. (chosen.enforce and "" or "; what was denied took place nonetheless"),
    sections = sections_of(snapshot, decisions, summary, chosen.top),
  }
end
