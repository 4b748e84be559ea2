local assert = require("luassert")
local check = require("exectrack.report.check")
local contents = require("exectrack.command.contents")
local core = require("exectrack.core")
local exectrack = require("exectrack")
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
end)
