local assert = require("luassert")
local check = require("exectrack.report.check")
local clocks = require("spec.support.clock")
local contents = require("exectrack.command.contents")
local core = require("exectrack.core")
local exectrack = require("exectrack")
local portable = require("spec.support.portable")
local sections = require("spec.support.sections")

--- What stands under a heading in the figures of a run with one execution that ended then; nil if
-- there is no such heading.
local function figure(heading, timestamp)
  local importer = core.importer(exectrack.new { max_history = 0 })
  importer:add { tool = "a", status = "success", timestamp = timestamp }
  local report = contents(importer:build(), 5)
  assert.is_true(check(report))
  local section = sections.find(report, "Run")
  for i, column in ipairs(section.columns) do
    if column.heading == heading then
      return sections.cells(section)[1][i]
    end
  end
end

describe("a report of what a run's file holds", function()
  it("says when the run was", function()
    assert.equal(1767225600, figure("Created", 1767225600))
    assert.equal(1767225600, figure("Taken", 1767225600))
    assert.equal(0, figure("Length", 1767225600))
    assert.equal(0, figure("Taken", 0))
  end)

  it("doesn't say when a run was that has no times", function()
    assert.is_nil(figure("Created", nil))
    assert.is_nil(figure("Taken", nil))
    assert.is_nil(figure("Length", nil))
    assert.equal(1, figure("Records retained", nil))
  end)

  it("says how long a run was that is made of older records", function()
    local clock = clocks.new()
    local tracker = exectrack.new { clock = clock.read }
    for i = 1, 3 do
      tracker:record { tool = "a", status = "success", duration_ms = 1000, timestamp = i * 60 }
    end
    assert.equal(121000, contents(tracker:snapshot(), 0).sections[1].rows[1].length_ms)
    clock.advance_us(3000000)
    tracker = exectrack.new { clock = clock.read }
    clock.advance_us(3000000)
    tracker:record("a", "success", 1000)
    assert.equal(3000, contents(tracker:snapshot(), 0).sections[1].rows[1].length_ms)
    tracker:record("a", "success", 5000)
    assert.equal(5000, contents(tracker:snapshot(), 0).sections[1].rows[1].length_ms)
  end)

  it("says of a part of the run what is of the part, and what of the whole", function()
    local tracker = exectrack.new { clock = clocks.new().read }
    tracker:record("a", "success", 1)
    tracker:record("a", "failed", 1, false, "E")
    tracker:record("b", "success", 1)
    local spans = { tracker:start("b"), tracker:start("c") }
    local part = tracker:snapshot():filter { tool = { "a", "c" }, status = "success" }
    local report = contents(part, 5, { selection = { tool = { "a", "c" } } })
    assert.is_true(check(report))
    local run = sections.find(report, "Run")
    assert.equal("Error types and sessions are those of the chosen records; all else is of the "
      .. "whole run.", run.text)
    assert.equal("Records chosen", run.columns[5].heading)
    assert.same({ 1, 3, 3, 0, 0, 2 }, { portable.unpack(sections.cells(run)[1], 5, 10) })
    assert.same({ { "a", 1, 2, 1, 0, 0, clocks.START_US / 1e6 }, { "c", 0, 0, 0, 0, 0, "-" } },
      sections.cells(sections.find(report, "Tools")))
    assert.equal("\"Chosen\" counts chosen records; all else is of the whole run.",
      sections.find(report, "Tools").text)
    assert.equal(1, #sections.find(report, "In flight").rows)
    assert(spans) -- which kept them in flight until here
  end)
end)
