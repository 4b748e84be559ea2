local assert = require("luassert")
local check = require("exectrack.report.check")
local contents = require("exectrack.command.contents")
local core = require("exectrack.core")
local exectrack = require("exectrack")
local failures = require("exectrack.report.builtin.failures")
local loops = require("exectrack.report.builtin.loops")
local overview = require("exectrack.report.builtin.overview")
local sections = require("spec.support.sections")

--- A run of `executions` of the tool `a`, which take 1 ms and end one second after another, each
-- in the next line of `log`.
local function run_of(executions)
  local importer = core.importer(exectrack.new { max_history = 0, error_texts = 100,
    measures = { { name = "bytes" }, { name = "tokens" } } })
  for i, execution in ipairs(executions) do
    execution.tool, execution.duration_ms, execution.timestamp = "a", 1, i
    execution.status = execution.status or "success"
    execution.place = execution.place or execution.place == nil and "log:" .. i or nil
    importer:add(execution)
  end
  return importer:build()
end

--- The heading of the column of places in a section of a report, and what stands in it, "-" for
-- nothing; nil if there is no such column.
local function places_in(report, title)
  assert.is_true(check(report))
  local section = sections.find(report, title)
  local column = section.columns[#section.columns]
  if column.unit ~= "place" then
    return nil
  end
  local texts = {}
  for i, row in ipairs(section.rows) do
    texts[i] = row[column.field] or "-"
  end
  return column.heading .. ": " .. table.concat(texts, " ")
end

local function failing(error_type, error_text)
  return { status = "failed", error_type = error_type, error_text = error_text }
end

--- The headings of a section of a report, with a comma between.
local function headings(report, title)
  local texts = {}
  for i, column in ipairs(sections.find(report, title).columns) do
    texts[i] = column.heading
  end
  return table.concat(texts, ", ")
end

describe("A report of an imported log", function()
  it("says nothing of caches unless the log says that one answered", function()
    for _, was_cached in ipairs { false, true } do
      local run = run_of { { args_hash = 1, result_hash = 1 },
        { args_hash = 1, result_hash = 1, was_cached = was_cached } }
      local overview_of, loops_of = overview(run), loops(run)
      local rate, cached = was_cached and "From the cache, " or "", was_cached and "Cached, " or ""
      assert.equal("Executions, Error rate, Failed, Timed out, Cancelled, " .. rate
        .. "Wall time, Time in tools, Median, p95, Longest", headings(overview_of, "Totals"))
      assert.equal("Tool, Calls, Errors, " .. cached .. "p50, p95, Max, Total",
        headings(overview_of, "By tool"))
      assert.equal("Ended, Tool, Status, Duration, " .. cached .. "Error type, Place",
        headings(overview_of, "Slowest"))
      assert.equal("Tool, Arguments, Calls, In a row, Up to now, " .. cached
        .. "Failed, Time again, First, Last, First at", headings(loops_of, "Repeated calls"))
    end
  end)

  it("shows the measures that its rows have", function()
    local run = run_of { { measures = { bytes = 5 } }, {} }
    assert.equal("Ended, Tool, Status, Duration, Error type, bytes, Place",
      headings(overview(run), "Slowest"))
    assert.equal("Ended, Tool, Status, Duration, Error type, Place",
      headings(overview(run:filter { last = 1 }), "Slowest"))
    assert.equal("Ended, Tool, Status, Duration, Cached, Error type, bytes, tokens",
      headings(overview(run_of { { place = false } }), "Slowest"))
  end)
end)

describe("The places of an imported log's executions", function()
  it("are the last column of lists", function()
    local run = run_of { {}, { place = false }, failing() }
    assert.equal("Place: log:3 - log:1", places_in(overview(run), "Most recent"))
    assert.equal("Place: log:3 - log:1", places_in(overview(run), "Slowest"))
    assert.equal("Place: log:3", places_in(failures(run), "Newest failures"))
    assert.equal("Place: log:3 - log:1", places_in(contents(run, 5), "Newest executions"))
  end)

  it("aren't shown where no row has one", function()
    local run = run_of { { place = false }, {}, { place = false } }
    assert.is_nil(places_in(overview(run, { top = 1 }), "Most recent"))
    run = run_of { { place = false, status = "failed", args_hash = 1, result_hash = 1 },
      { place = false, status = "failed", args_hash = 1, result_hash = 1 } }
    assert.is_nil(places_in(failures(run), "Newest failures"))
    assert.is_nil(places_in(failures(run), "By error type"))
    assert.is_nil(places_in(failures(run), "Streaks"))
    assert.is_nil(places_in(loops(run), "Repeated calls"))
  end)

  it("are those of the last failure of an error type and of a message", function()
    local run = run_of { failing("E1", "one"), failing("E2", "two"), failing(nil, "three"),
      failing("E1", "four"), {}, { status = "cancelled", error_type = "E1" } }
    local expected = "Last at: log:4 log:3 log:2"
    assert.equal(expected, places_in(failures(run), "By error type"))
    assert.equal(expected, places_in(failures(run), "Latest messages"))
  end)

  it("are those of the first failure in the longest streak", function()
    local run = run_of { failing(), {}, failing(), failing(), {}, failing() }
    assert.equal("First at: log:3", places_in(failures(run), "Streaks"))
  end)

  it("are those of the first of repeated calls", function()
    local function call(args_hash) return { args_hash = args_hash, result_hash = 1 } end
    local run = run_of { call(9), call(1), call(2), call(2), call(2), call(1) }
    assert.equal("First at: log:3 log:2", places_in(loops(run), "Repeated calls"))
  end)

  it("are those of the last execution that a finding is about", function()
    local timed_out = { status = "timed_out", args_hash = 1 }
    local function again() return { args_hash = 2, result_hash = 1 } end
    local run = run_of { failing(), timed_out, failing(), failing(), again(), again(),
      again(), { args_hash = 3 }, again(), again(), again(), { args_hash = 4 } }
    assert.equal("Last at: log:11 log:4", places_in(overview(run), "Health"))
    run = run_of { failing(), failing(), failing(), { status = "cancelled" } }
    assert.equal("Last at: log:3", places_in(overview(run), "Health"))
  end)
end)
