local clocks = require("spec.support.clock")
local exectrack = require("exectrack")

local ID, OTHER = "00000000-0000-0000-0000-0000000000aa", "00000000-0000-0000-0000-0000000000bb"

local clock

local function new(max_history, id)
  return exectrack.new { max_history = max_history, instance_id = id or ID, clock = clock.read }
end

--- Records executions that took these milliseconds.
local function record(tracker, ...)
  for _, duration_ms in ipairs { ... } do
    tracker:record("read", "success", duration_ms)
  end
end

--- The durations of what is new in the tracker, the position and how many are lost.
local function new_in(tracker, position)
  local new_ones, now, lost = tracker:snapshot():since(position)
  return new_ones:column("duration_ms"), now, lost
end

before_each(function()
  clock = clocks.new()
end)

describe("snapshot:since", function()
  it("has all records without a position, and says how many aren't retained", function()
    local tracker = new(3)
    assert.same({ {}, { instance_id = ID, recorded = 0 }, 0 }, { new_in(tracker) })
    record(tracker, 1, 2)
    assert.same({ { 1, 2 }, { instance_id = ID, recorded = 2 }, 0 }, { new_in(tracker) })
    record(tracker, 3, 4, 5)
    assert.same({ { 3, 4, 5 }, { instance_id = ID, recorded = 5 }, 2 }, { new_in(tracker) })
    assert.is_true(tracker:snapshot() == (tracker:snapshot():since()))
  end)

  it("has what was recorded later", function()
    local tracker = new(3)
    record(tracker, 1, 2)
    local records, position, lost = new_in(tracker, { instance_id = ID, recorded = 1 })
    assert.same({ { 2 }, 0 }, { records, lost })
    records, position, lost = new_in(tracker, position)
    assert.same({ {}, { instance_id = ID, recorded = 2 }, 0 }, { records, position, lost })
    record(tracker, 3, 4, 5)
    records, position, lost = new_in(tracker, position)
    assert.same({ { 3, 4, 5 }, 0 }, { records, lost })
    record(tracker, 6, 7, 8, 9, 10)
    records, position, lost = new_in(tracker, position)
    assert.same({ { 8, 9, 10 }, { instance_id = ID, recorded = 10 }, 2 },
      { records, position, lost })
  end)

  it("goes by when they were recorded, not by when they ended", function()
    local tracker = new(10)
    record(tracker, 1, 2)
    local _, position = new_in(tracker)
    tracker:record { tool = "read", status = "success", duration_ms = 3, timestamp = 1 }
    tracker:record { tool = "read", status = "success", duration_ms = 4, timestamp = false }
    assert.same({ 3, 4 }, (new_in(tracker, position)))
  end)

  it("counts what was cleared as lost", function()
    local tracker = new(10)
    record(tracker, 1, 2)
    local _, position = new_in(tracker)
    record(tracker, 3, 4)
    tracker:clear()
    record(tracker, 5)
    assert.same({ { 5 }, { instance_id = ID, recorded = 5 }, 2 }, { new_in(tracker, position) })
    tracker:clear()
    assert.same({ {}, { instance_id = ID, recorded = 5 }, 3 }, { new_in(tracker, position) })
  end)

  it("has all records of another tracker, and of one that went back", function()
    local first, second = new(10), new(10, OTHER)
    record(first, 1, 2, 3)
    record(second, 4, 5, 6, 7)
    local _, position = new_in(first)
    assert.same({ { 4, 5, 6, 7 }, { instance_id = OTHER, recorded = 4 }, 0 },
      { new_in(second, position) })
    local older = new(2)
    record(older, 1, 2, 3)
    position.recorded = 4
    assert.same({ { 2, 3 }, { instance_id = ID, recorded = 3 }, 1 }, { new_in(older, position) })
  end)

  it("changes nothing but the records", function()
    local tracker = new(10)
    record(tracker, 1, 2)
    local span = tracker:start("read")
    local snapshot = tracker:snapshot()
    span:finish()
    local later = snapshot:since { instance_id = ID, recorded = 1 }
    assert.is_true(later == snapshot:filter { last = 1 })
    assert.equal(1, later:in_flight_count())
    assert.equal(2, later:stats().total_executions)
  end)

  it("goes on from a saved run, and from a position that was JSON", function()
    local tracker = new(10)
    record(tracker, 1, 2)
    local _, position = exectrack.from_bytes(tracker:snapshot():bytes()):since()
    record(tracker, 3)
    position = exectrack.json.decode(('{"recorded":%d,"instance_id":"%s"}')
      :format(position.recorded, position.instance_id))
    assert.same({ 3 }, (new_in(tracker, position)))
  end)

  it("refuses what isn't a position", function()
    local snapshot = new(1):snapshot()
    for problem, position in pairs {
      ["(table expected, got number)"] = 5,
      ["(instance_id: string expected, got nil)"] = { recorded = 5 },
      ["(instance_id: not a UUID)"] = { instance_id = "a", recorded = 5 },
      ["(recorded: number expected, got nil)"] = { instance_id = ID },
      ["(unknown field 'n')"] = { instance_id = ID, recorded = 5, n = 1 },
    } do
      assert.has_error(function() snapshot:since(position) end,
        "bad argument #1 to 'since' " .. problem)
    end
  end)
end)
