local clocks = require("spec.support.clock")
local exectrack = require("exectrack")
local rates = require("exectrack.command.top_rates")

local START = clocks.START_US / 1e6

local clock

local function new(max_history)
  return exectrack.new { max_history = max_history, clock = clock.read }
end

--- Records so many executions after so many seconds.
local function record(tracker, seconds, count, tool)
  clock.advance_us(seconds * 1000000)
  for _ = 1, count do
    tracker:record(tool or "read", "success", 1)
  end
end

local function look(object, ...)
  local snapshots = {}
  for i, tracker in ipairs { ... } do
    snapshots[i] = tracker:snapshot()
  end
  object:look(snapshots, clock.us / 1e6)
end

before_each(function()
  clock = clocks.new()
end)

describe("the rates of a top", function()
  it("are those of the records at the first look", function()
    local tracker, object = new(100), rates.new()
    record(tracker, 1, 2)
    record(tracker, 1, 3, "edit")
    record(tracker, 2, 5)
    look(object, tracker)
    assert.same({ 0, 2, 3, 0, 5 }, object:history(5))
    assert.same({ 2, 0, 0, 5 }, object:history(4, "read"))
    assert.equal(10 / 4, object:rate(10)) -- it has been running for 4 seconds
    assert.equal(5 / 2, object:rate(2))
    assert.equal(3 / 4, object:rate(10, "edit"))
    assert.equal(0, object:rate(10, "none"))
  end)

  it("of a run that is younger than a second are those of one", function()
    local tracker, object = new(100), rates.new()
    record(tracker, 0.02, 40)
    look(object, tracker)
    assert.equal(40, object:rate(10))
    assert.same({ 0, 40 }, object:history(2))
    record(tracker, 3.98, 40)
    look(object, tracker)
    assert.equal(80 / 4, object:rate(10))
  end)

  it("are those of the time that the records are of, if the first aren't retained", function()
    local tracker, object = new(4), rates.new()
    record(tracker, 1, 100)
    clock.advance_us(500000)
    record(tracker, 0, 1)
    clock.advance_us(250000)
    record(tracker, 0, 3)
    look(object, tracker)
    assert.equal(4 / 0.25, object:rate(10))
    assert.same({ 0, 16 }, object:history(2))
  end)

  it("are 0 without runs, without records, and if no time has passed", function()
    local object = rates.new()
    look(object)
    assert.equal(0, object:rate(10))
    object = rates.new()
    look(object, new(10))
    assert.equal(0, object:rate(10))
    assert.same({ 0, 0 }, object:history(2))
  end)

  it("count what ended between looks, whether it is retained or not", function()
    local tracker, object = new(2), rates.new()
    look(object, tracker)
    record(tracker, 1, 50)
    look(object, tracker)
    record(tracker, 2, 10)
    look(object, tracker)
    assert.same({ 0, 50, 5, 5 }, object:history(4))
    assert.equal(20, object:rate(10))
    assert.equal(5, object:rate(2))
  end)

  it("count on when the clock stands still", function()
    local tracker, object = new(2), rates.new()
    look(object, tracker)
    record(tracker, 0, 3)
    look(object, tracker)
    record(tracker, 1, 2)
    look(object, tracker)
    assert.same({ 5 }, object:history(1))
  end)

  it("count what ended since a clear", function()
    local tracker, object = new(10), rates.new()
    record(tracker, 1, 7)
    look(object, tracker)
    tracker:clear()
    record(tracker, 1, 2)
    look(object, tracker)
    assert.same({ 7, 2 }, object:history(2))
  end)

  it("count of a run that comes later only what ended since the last look", function()
    local first, later, object = new(10), new(10), rates.new()
    record(later, 1, 7)
    record(first, 1, 1)
    look(object, first)
    record(later, 1, 2)
    look(object, first, later)
    assert.same({ 0, 1, 2 }, object:history(3))
    record(later, 1, 3)
    look(object, later)
    assert.same({ 1, 2, 3 }, object:history(3))
  end)

  it("go back a minute", function()
    local tracker, object = new(10), rates.new()
    record(tracker, 10, 1)
    record(tracker, 55, 1)
    look(object, tracker)
    assert.equal(START + 5, object.spans[1].from)
    assert.equal(1, object:history(60)[5])
    clock.advance_us(30000000)
    look(object, tracker)
    assert.equal(START + 35, object.spans[1].from)
  end)
end)
