--- The sessions of a run: what each did, how it ended, and which stand out.
local checks = require("exectrack.options")
local extent = require("exectrack.report.parts.extent")
local has_any = require("exectrack.report.parts.columns").has_any
local known_columns = require("exectrack.report.parts.columns").known
local measure_columns = require("exectrack.report.parts.columns").of_measures
local next_step = require("exectrack.report.parts.next_step")
local report_options = require("exectrack.report.parts.report_options")
local repeats = require("exectrack.report.parts.repeats")
local sessions = require("exectrack.report.parts.sessions")
local sort_rows = require("exectrack.report.parts.sort_rows")
local words = require("exectrack.report.parts.words")

-- From how many sessions on they are compared.
local COMPARED = 5

-- How many times the median absolute deviation is the standard deviation of normal values.
local SCALE = 1.4826

-- What a session may have far more of than the others, and from how many on.
local FIGURES = {
  { field = "count", least = 10, mark = "more calls" },
  { field = "failures", least = 3, mark = "more failures" },
  { field = "loops", least = 1, mark = "loops" },
}

local FIELDS = report_options {
  { "top", checks.integer(0), default = 50 },
}

local function median(values)
  table.sort(values)
  return values[math.ceil(#values / 2)]
end

--- The value of a figure above which sessions stand out.
local function limit_of(rows, figure)
  local values, deviations = {}, {}
  for i, row in ipairs(rows) do
    values[i] = row[figure.field]
  end
  local middle = median(values)
  for i, value in ipairs(values) do
    deviations[i] = math.abs(value - middle)
  end
  return math.max(middle + 3 * SCALE * median(deviations), 2 * middle, figure.least - 1)
end

--- Adds to each row how many loops it has, what it has more of than the others, in `marks`, and
-- how many such marks there are.
local function add_marks(snapshot, rows)
  local loops = {}
  for _, call in ipairs((repeats.of(snapshot))) do
    if call.session and call.in_a_row >= repeats.LOOP then
      loops[call.session] = (loops[call.session] or 0) + 1
    end
  end
  for _, row in ipairs(rows) do
    row.loops, row.marks, row.mark_count = loops[row.session] or 0, nil, 0
  end
  for _, figure in ipairs(#rows >= COMPARED and FIGURES or {}) do
    local limit = limit_of(rows, figure)
    for _, row in ipairs(rows) do
      if row[figure.field] > limit then
        row.marks = (row.marks and row.marks .. ", " or "") .. figure.mark
        row.mark_count = row.mark_count + 1
      end
    end
  end
end

local function count_with(rows, field)
  local count = 0
  for _, row in ipairs(rows) do
    count = count + ((row[field] or 0) ~= 0 and 1 or 0)
  end
  return count
end

local function values_of(rows, field)
  local values = {}
  for _, row in ipairs(rows) do
    values[#values + 1] = row[field]
  end
  return values
end

local TOTALS = {
  { field = "sessions", heading = "Sessions", unit = "count" },
  { field = "failing", heading = "With failures", unit = "count" },
  { field = "looping", heading = "With loops", unit = "count" },
  { field = "in_flight", heading = "With calls in flight", unit = "count" },
  { field = "outliers", heading = "That stand out", unit = "count" },
  { field = "calls", heading = "Calls, median", unit = "count" },
  { field = "length_ms", heading = "Length, median", unit = "ms" },
}

local function totals(rows, without)
  local row = {
    sessions = #rows,
    failing = count_with(rows, "failures"),
    looping = count_with(rows, "loops"),
    in_flight = count_with(rows, "in_flight"),
    at_death = count_with(rows, "at_death"),
    outliers = count_with(rows, "mark_count"),
    calls = median(values_of(rows, "count")),
    length_ms = median(values_of(rows, "length_ms")),
  }
  local columns = known_columns(TOTALS, { row })
  if row.at_death > 0 then
    table.insert(columns, 5, { field = "at_death", heading = "With calls at a death",
      unit = "count" })
  end
  return {
    title = "Totals",
    text = sessions.without(without),
    layout = "figures",
    columns = columns,
    rows = { row },
  }
end

local function explanation(rows, snapshot)
  local evicted = not snapshot:is_filtered() and #snapshot < snapshot:stats().total_executions
    and "Executions that are no longer retained are missing." or nil
  return words.joined(#rows >= COMPARED
    and ("A session stands out from %d calls, %d failures or %d loop on, if it has more than twice "
      .. "the median of all, and more than the median and 3 times the scaled median absolute "
      .. "deviation."):format(FIGURES[1].least, FIGURES[2].least, FIGURES[3].least)
    or ("Fewer than %d sessions aren't compared."):format(COMPARED),
    ("A loop is a call that was made %d or more times in a row with the same result.")
      :format(repeats.LOOP),
    evicted, words.nameless(rows))
end

local function columns_of(snapshot, rows)
  local columns = {
    { field = "session", heading = "Session", unit = "name" },
    { field = "started", heading = "Started", unit = "time", priority = 4 },
    { field = "last_timestamp", heading = "Last ended", unit = "time", data_only = true },
    { field = "length_ms", heading = "Length", unit = "ms", priority = 3 },
    { field = "count", heading = "Calls", unit = "count" },
    { field = "failures", heading = "Failed", unit = "count" },
    { field = "loops", heading = "Loops", unit = "count", priority = 3,
      data_only = count_with(rows, "loops") == 0 },
    { field = "total_duration_ms", heading = "Time in tools", unit = "ms", priority = 3 },
    { field = "waited_ms", heading = "Time with waiting", unit = "ms", priority = 4 },
    { field = "tool", heading = "Most used tool", unit = "name", priority = 4 },
    { field = "ended", heading = "Ended", unit = "status", priority = 2 },
  }
  for _, column in ipairs {
    { field = "in_flight", heading = "In flight", unit = "count", priority = 4 },
    { field = "at_death", heading = "At a death", unit = "count", priority = 4 },
    { field = "marks", heading = "Stands out" },
  } do
    columns[#columns + 1] = has_any(rows, column.field) and column or nil
  end
  columns = measure_columns(snapshot, rows, known_columns(columns, rows))
  columns[#columns + 1] = { field = "next", heading = "Look closer", unit = "command",
    priority = 2 }
  return columns
end

local function list(snapshot, rows, chosen)
  for _, row in ipairs(rows) do
    row.next = next_step.word(row.session)
      and next_step.report(chosen.run, nil, { session = row.session, count = row.count }) or nil
  end
  sort_rows(rows, { "mark_count", "newest" }, { "session" })
  return {
    title = "Sessions",
    text = explanation(rows, snapshot),
    columns = columns_of(snapshot, rows),
    rows = rows,
    limit = chosen.top,
    noun = "sessions",
  }
end

--- Makes a report of the sessions of a run: those first that stand out, then the newest.
return function(snapshot, options)
  checks.check("sessions", snapshot, checks.snapshot)
  local chosen = checks.check("sessions", options, FIELDS)
  local report = { title = words.title("Sessions", snapshot, chosen.name),
    subtitle = extent(snapshot, chosen) }
  local rows, without = sessions.rows(snapshot, chosen)
  if #rows == 0 then
    report.sections = { { title = "Totals", text = "No execution belongs to a session." } }
    return report
  end
  add_marks(snapshot, rows)
  report.sections = { totals(rows, without) }
  report.sections[2] = chosen.top > 0 and list(snapshot, rows, chosen) or nil
  return report
end
