local exectrack = require("exectrack")
local lifetime = require("exectrack.format.lifetime")
local metrics_text = require("exectrack.format.metrics_text")
local sums = require("exectrack.format.lifetime_sum")
local zeros_of = require("exectrack.command.serve_zeros")

local tracker

local function deny(tool, why)
  tracker:begin(tool, { policy = function() return { action = "deny", reason = why } end })
end

--- The sum of the tracker's lifetime, which is a new table each time.
local function sum()
  local total, run = sums.new(), lifetime.of(tracker:snapshot())
  total:add(run, 1)
  total:add_current(run)
  return total:lifetime()
end

local function text_of(run)
  return metrics_text.text_of("prometheus", run)
end

--- Samples of a tool that aren't 0, in the order of the text, without the metrics' prefixes.
local function samples(zeros, now, tool)
  local found = {}
  for line in text_of(zeros:apply(sum(), now)):gmatch("[^\n]+") do
    local name, value = line:match("^exectrack_tool_(.*) (.-)$")
    if name and value ~= "0" and line:find('tool="' .. tool .. '"', 1, true) then
      found[#found + 1] = name .. " " .. value
    end
  end
  return table.concat(found, "\n")
end

before_each(function()
  tracker = exectrack.new { measures = { { name = "cost", unit = "USD" } } }
  tracker:record { tool = "old", status = "success", duration_ms = 1000 }
  deny("old", "rate")
end)

describe("what is new of exectrack serve", function()
  it("isn't what it has at its start", function()
    local zeros = zeros_of.new(sum())
    assert.equal(text_of(sum()), text_of(zeros:apply(sum(), 0)))
    tracker:record { tool = "old", status = "failed", duration_ms = 1000, measures = { cost = 3 } }
    deny("old", "rate")
    assert.equal(text_of(sum()), text_of(zeros:apply(sum(), 0)))
  end)

  it("is 0 for a minute after it was first shown, but for what is in flight and streaks", function()
    local zeros = zeros_of.new(sum())
    zeros:apply(sum(), 1000)
    tracker:record { tool = "new", status = "success", duration_ms = 1000, measures = { cost = 3 } }
    tracker:record { tool = "new", status = "failed", duration_ms = 1000 }
    local span = tracker:start("new")
    local current = 'failure_streak{tool="new"} 1\nin_flight{tool="new"} 1'
    assert.equal(current, samples(zeros, 1005, "new"))
    assert.truthy(text_of(zeros:apply(sum(), 1005)):find(
      'tool_duration_seconds_bucket{tool="new",outcome="other",le="1"} 0\n', 1, true))
    tracker:record { tool = "new", status = "cancelled", duration_ms = 1000 }
    assert.equal(current, samples(zeros, 1064.9, "new"))
    assert.equal(text_of(sum()), text_of(zeros:apply(sum(), 1065)))
    assert.equal(text_of(sum()), text_of(zeros:apply(sum(), 1066)))
    span:finish()
  end)

  it("may be a reason for which calls of a known tool were denied", function()
    local zeros = zeros_of.new(sum())
    deny("old", "budget")
    assert.truthy(samples(zeros, 1, "old"):find('denials_total{tool="old",reason="rate"} 1', 1,
      true))
    assert.is_nil(samples(zeros, 1, "old"):find("budget", 1, true))
    assert.equal(text_of(sum()), text_of(zeros:apply(sum(), 61)))
  end)

  it("may be a measure of a known tool", function()
    local with_measure = tracker
    tracker = exectrack.new()
    tracker:record { tool = "old", status = "success", duration_ms = 1000 }
    deny("old", "rate")
    local zeros = zeros_of.new(sum())
    tracker = with_measure
    tracker:record { tool = "old", status = "success", duration_ms = 1, measures = { cost = 3 } }
    assert.is_nil(samples(zeros, 1, "old"):find("measure=", 1, true))
    assert.truthy(samples(zeros, 1, "old"):find(
      'executions_total{tool="old",status="success"} 2', 1, true))
    assert.equal(text_of(sum()), text_of(zeros:apply(sum(), 61)))
  end)
end)
