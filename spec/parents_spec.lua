local exectrack = require("exectrack")

--- A snapshot of calls, each `{ start, end, depth, session }` in seconds.
local function snapshot_of(calls)
  local tracker = exectrack.new(#calls)
  for _, call in ipairs(calls) do
    tracker:record { tool = "a", status = "success", timestamp = call[2],
      duration_ms = (call[2] - call[1]) * 1000, depth = call[3], session = call[4] }
  end
  return tracker:snapshot()
end

describe("snapshot:parents", function()
  it("returns the places of the calls that each was made within", function()
    local snapshot = snapshot_of {
      { 3, 4, 2, "s" }, { 2, 5, 1, "s" }, { 1, 9, 0, "s" }, { 2, 5, 1, "t" }, { 6, 6.5, 1, "s" },
    }
    assert.same({ 2, 3, 0, 0, 3 }, snapshot:parents())
    assert.same({ 1000, 2000, 4500, 3000, 500 }, snapshot:column("self_duration_ms"))
  end)

  it("have own times in the run that a snapshot was filtered from", function()
    local whole = snapshot_of { { 2, 5, 1, "s" }, { 1, 9, 0, "s" }, { 2, 5, 0, "t" } }
    local part = whole:filter({ max_duration_ms = 9000 }):filter { min_duration_ms = 4000 }
    assert.same({ 8000 }, part:column("self_duration_ms"))
    assert.same({ 5000 }, part:column("self_duration_ms", whole))
    assert.same({ 3000, 5000, 3000 }, whole:column("self_duration_ms", whole))
    assert.has_error(function() part:column("self_duration_ms", exectrack.new(1):snapshot()) end,
      "bad argument #2 to 'column' (this one isn't filtered from it)")
    assert.has_error(function() part:column("self_duration_ms", 5) end,
      "bad argument #2 to 'column' (exectrack.Snapshot expected, got number)")
  end)

  it("returns nothing of no records", function()
    assert.same({}, exectrack.new(1):snapshot():parents())
    assert.same({}, exectrack.new(1):snapshot():column("self_duration_ms"))
  end)
end)
