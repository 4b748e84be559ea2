--- A report about the contents of a saved run.
-- Used only by `exectrack show`.
local add_counts = require("exectrack.numbers").add_counts
local executions = require("exectrack.report.parts.executions")
local format = require("exectrack.report.format")
local in_flight = require("exectrack.report.parts.in_flight")
local known_columns = require("exectrack.report.parts.columns").known
local measure_columns = require("exectrack.report.parts.columns").of_measures

--- How many executions the run counted in total, which may be more than its records.
local function recorded(snapshot)
  return (snapshot:totals())
end

--- How many different values of `key` the records have.
local function different(snapshot, key)
  local count = 0
  for _, row in ipairs(snapshot:group_by(key, { quantiles = {} })) do
    count = count + (row[key] and 1 or 0)
  end
  return count
end

--- The calls that policies denied.
local function denied(snapshot)
  local denials, count = snapshot:denials()
  for _, denial in ipairs(denials) do
    count = add_counts(count, denial.count)
  end
  return count
end

--- How many texts of arguments and of errors there are.
local function texts(snapshot)
  local run = snapshot:filter({ last = 0 }):to_table()
  return #run.args_texts + #run.error_texts
end

--- When the run was; nil if it was made of records without times.
local function times(snapshot)
  local created, taken = snapshot:created(), snapshot:taken()
  if taken == 0 and not snapshot:summary({ quantiles = {} }).first_timestamp then
    return nil
  end
  return created, taken, (taken - created) * 1000
end

local function file(snapshot)
  local created, taken, length_ms = times(snapshot)
  local rows = { {
    label = snapshot:label(),
    writer = in_flight.writer(snapshot),
    size = #snapshot:bytes(),
    created = created,
    taken = taken,
    length_ms = length_ms,
    records = #snapshot,
    recorded = recorded(snapshot),
    tools = #snapshot:tools(),
    error_types = different(snapshot, "error_type"),
    sessions = different(snapshot, "session"),
    in_flight = snapshot:in_flight_count(),
    denied = denied(snapshot),
    texts = texts(snapshot),
    measures = snapshot:stats().measures,
  } }
  local columns = known_columns({
    { field = "label", heading = "Label" },
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
    { field = "denied", heading = "Calls denied", unit = "count" },
    { field = "texts", heading = "Texts kept", unit = "count" },
  }, rows)
  if rows[1].writer then
    table.insert(columns, 2, { field = "writer", heading = "Writer" })
  end
  return {
    title = "Run",
    layout = "figures",
    columns = measure_columns(snapshot, rows, columns),
    rows = rows,
  }
end

local function tools(snapshot)
  local rows = {}
  for i, tool in ipairs(snapshot:tools()) do
    rows[i] = snapshot:stats(tool)
    rows[i].tool, rows[i].retained = tool, rows[i].window.total_executions
  end
  return {
    title = "Tools",
    columns = measure_columns(snapshot, rows, known_columns({
      { field = "tool", heading = "Tool" },
      { field = "retained", heading = "Retained", unit = "count" },
      { field = "total_executions", heading = "Recorded", unit = "count" },
      { field = "failed", heading = "Failed", unit = "count" },
      { field = "timed_out", heading = "Timed out", unit = "count" },
      { field = "cancelled", heading = "Cancelled", unit = "count" },
      { field = "last_timestamp", heading = "Last", unit = "time" },
    }, rows)),
    rows = rows,
  }
end

--- Makes the report, with up to `count` of the newest executions. O(size).
return function(snapshot, count)
  local label = snapshot:label()
  local sections = { file(snapshot) }
  sections[#sections + 1] = in_flight.section(snapshot)
  sections[#sections + 1] = tools(snapshot)
  if count > 0 then
    sections[#sections + 1] = executions("Newest executions", snapshot,
      snapshot:recent_executions(count))
  end
  return { title = label == "" and "Run" or format.name(label), sections = sections }
end
