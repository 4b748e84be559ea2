--- A report about the contents of a saved run.
-- Used only by `exectrack show`.
local columns_of = require("exectrack.report.parts.columns")
local denials = require("exectrack.report.parts.denials")
local executions = require("exectrack.report.parts.executions")
local in_flight = require("exectrack.report.parts.in_flight")
local time_spent = require("exectrack.report.parts.time_spent")
local words = require("exectrack.report.parts.words")

--- How many different values of `key` the records have.
local function different(snapshot, key)
  local count = 0
  for _, row in ipairs(snapshot:group_by(key, { quantiles = {} })) do
    count = count + (row[key] and 1 or 0)
  end
  return count
end

--- How many texts of arguments and of errors there are.
local function texts(snapshot)
  local run = snapshot:filter({ last = 0 }):to_table()
  return #run.args_texts + #run.error_texts
end

--- When the run was, and how long; nil if it was made of records without times. A run that was made
-- of older records is as long as these, which isn't known of a part of it.
local function times(snapshot)
  local created, taken, spent = snapshot:created(), snapshot:taken(), time_spent(snapshot)
  if taken == 0 and not spent.start then
    return nil
  elseif spent.finish and spent.finish < created then
    return created, taken, not snapshot:is_filtered() and spent.wall_ms or nil
  end
  return created, taken, (taken - math.min(created, spent.start or created)) * 1000
end

--- `died` is that of the options of a report.
local function figures(snapshot, died)
  local flights = in_flight.of(snapshot, { died = died })
  local created, taken, length_ms = times(snapshot)
  return {
    label = snapshot:label(),
    writer = in_flight.writer(snapshot),
    size = not snapshot:is_filtered() and #snapshot:bytes() or nil, -- a part isn't in a file
    created = created,
    taken = taken,
    length_ms = length_ms,
    records = #snapshot,
    recorded = (snapshot:totals()),
    tools = #snapshot:tools(),
    error_types = different(snapshot, "error_type"),
    sessions = different(snapshot, "session"),
    in_flight = flights.now.count,
    at_death = flights.at_death.count > 0 and flights.at_death.count or nil,
    denied = denials.count(snapshot),
    texts = texts(snapshot),
    measures = snapshot:stats().measures,
  }
end

local RUN = {
  { field = "label", heading = "Label" },
  { field = "writer", heading = "Writer" },
  { field = "size", heading = "Size", unit = "bytes" },
  { field = "created", heading = "Created", unit = "time" },
  { field = "taken", heading = "Taken", unit = "time" },
  { field = "length_ms", heading = "Length", unit = "ms" },
  { field = "records", heading = "Records retained", unit = "count" },
  { field = "recorded", heading = "Executions recorded", unit = "count" },
  { field = "tools", heading = "Tools", unit = "count" },
  { field = "error_types", heading = "Error types", unit = "count" },
  { field = "sessions", heading = "Sessions", unit = "count" },
  { field = "in_flight", heading = "In flight", unit = "count" },
  { field = "at_death", heading = "In flight when a writer died", unit = "count" },
  { field = "denied", heading = "Calls denied", unit = "count" },
  { field = "texts", heading = "Texts kept", unit = "count" },
}

--- The columns, where `heading` stands for `Records retained`; without what isn't known.
local function run_columns(row, heading)
  local columns = {}
  for _, column in ipairs(RUN) do
    if column.field == "records" then
      column = { field = "records", heading = heading, unit = "count" }
    end
    columns[#columns + 1] = row[column.field] and column or nil
  end
  return columns
end

local function run_section(snapshot, died)
  local rows, is_part = { figures(snapshot, died) }, snapshot:is_filtered()
  local columns = run_columns(rows[1], is_part and "Records chosen" or "Records retained")
  return {
    title = "Run",
    text = is_part and "Error types and sessions are those of the chosen records; all else is of "
      .. "the whole run." or nil,
    layout = "figures",
    columns = columns_of.of_measures(snapshot, rows, columns),
    rows = rows,
  }
end

--- The tools; of a part of the run, those that have records in it, or calls in flight that were
-- chosen.
local function rows_of_tools(snapshot, chosen, flights)
  local rows, is_part = {}, snapshot:is_filtered()
  local function flies(tool)
    return chosen.selection and (flights.now.by_tool[tool] or flights.at_death.by_tool[tool])
  end
  for _, tool in ipairs(snapshot:tools()) do
    local row = snapshot:stats(tool)
    row.tool, row.retained = tool, row.window.total_executions
    if not is_part or row.retained > 0 or flies(tool) then
      rows[#rows + 1] = row
    end
  end
  return rows
end

local function tools(snapshot, chosen, flights)
  local rows, is_part = rows_of_tools(snapshot, chosen, flights), snapshot:is_filtered()
  return {
    title = "Tools",
    text = is_part and "\"Chosen\" counts chosen records; all else is of the whole run." or nil,
    columns = columns_of.of_measures(snapshot, rows, columns_of.known({
      { field = "tool", heading = "Tool", unit = "name" },
      { field = "retained", heading = is_part and "Chosen" or "Retained", unit = "count" },
      { field = "total_executions", heading = "Recorded", unit = "count" },
      { field = "failed", heading = "Failed", unit = "count", priority = 2 },
      { field = "timed_out", heading = "Timed out", unit = "count", priority = 3 },
      { field = "cancelled", heading = "Cancelled", unit = "count", priority = 4 },
      { field = "last_timestamp", heading = "Last", unit = "time", priority = 2 },
    }, rows)),
    rows = rows,
  }
end

--- Makes the report, with up to `count` of the newest executions. `chosen` are options as built-in
-- reports have them: `selection`, `name`, `died` and `timezone`, each of which may be missing.
-- O(n log n) for n records.
return function(snapshot, count, chosen)
  chosen = chosen or {}
  local flights, sections = in_flight.of(snapshot, chosen), { run_section(snapshot, chosen.died) }
  local at_death, now = in_flight.sections(flights)
  sections[#sections + 1] = at_death
  sections[#sections + 1] = now
  sections[#sections + 1] = tools(snapshot, chosen, flights)
  if count > 0 then
    sections[#sections + 1] = executions("Newest executions", snapshot,
      snapshot:recent_executions(count))
  end
  return { title = words.named(snapshot, chosen.name, "Run"), sections = sections }
end
