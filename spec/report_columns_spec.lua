local assert = require("luassert")
local check = require("exectrack.report.check")
local clocks = require("spec.support.clock")
local contents = require("exectrack.command.contents")
local exectrack = require("exectrack")
local overview = require("exectrack.report.builtin.overview")
local portable = require("spec.support.portable")
local sections = require("spec.support.sections")

local MEASURES = {
  { name = "cost", unit = "USD", scale = 0.5 },
  { name = "result_bytes", unit = "By" },
  { name = "tokens", scale = 10 },
}

local COLUMNS = {
  { field = "measures.cost", heading = "cost (USD)", priority = 4 },
  { field = "measures.result_bytes", heading = "result_bytes", priority = 4, unit = "bytes" },
  { field = "measures.tokens", heading = "tokens", priority = 4, unit = "count" },
}

local clock, tracker

local function record(tool, session, values, duration_ms)
  clock.advance_us(1000000)
  tracker:record { tool = tool, status = "success", duration_ms = duration_ms or 1,
    session = session, measures = values }
end

before_each(function()
  clock = clocks.new()
  tracker = exectrack.new { max_history = 3, clock = clock.read, measures = MEASURES }
  record("ask", "a", { cost = 100 })
  record("ask", "a", { cost = 1.5, tokens = 30 }, 3)
  record("read", "b", { result_bytes = 2048 }, 2)
  record("ask", "b", { cost = 2, tokens = 0 })
end)

--- What stands in the columns of measures of a section, the last three.
local function measures_of(report, title)
  local section = sections.find(report, title)
  local first = #section.columns - 2
  assert.same(COLUMNS, { portable.unpack(section.columns, first) })
  local rows = sections.cells(section)
  for i, cells in ipairs(rows) do
    rows[i] = { portable.unpack(cells, first) }
  end
  return rows
end

describe("the measures of a run", function()
  it("are columns of an overview, of the lifetime and of the records that are retained", function()
    local report = overview(tracker:snapshot())
    assert.is_true(check(report))
    assert.same({ { 103.5, 2048.0, 30.0 }, { 3.5, 2048.0, 30.0 } }, measures_of(report, "Totals"))
    assert.same({ { 3.5, "-", 30.0 }, { "-", 2048.0, "-" } }, measures_of(report, "By tool"))
    assert.same({ { 2.0, 2048.0, 0.0 }, { 1.5, "-", 30.0 } }, measures_of(report, "Sessions"))
    assert.same({ { 1.5, "-", 30.0 }, { "-", 2048.0, "-" }, { 2.0, "-", 0.0 } },
      measures_of(report, "Slowest"))
    assert.same({ { 2.0, "-", 0.0 }, { "-", 2048.0, "-" }, { 1.5, "-", 30.0 } },
      measures_of(report, "Most recent"))
  end)

  it("are columns of what a file holds, over the lifetime", function()
    local report = contents(tracker:snapshot(), 1)
    assert.is_true(check(report))
    assert.same({ { 103.5, 2048.0, 30.0 } }, measures_of(report, "Run"))
    assert.same({ { 103.5, "-", 30.0 }, { "-", 2048.0, "-" } }, measures_of(report, "Tools"))
    assert.same({ { 2.0, "-", 0.0 } }, measures_of(report, "Newest executions"))
  end)

  it("are shown without values too", function()
    tracker:clear()
    assert.same({ { "-", "-", "-" } }, measures_of(overview(tracker:snapshot()), "Totals"))
  end)
end)
