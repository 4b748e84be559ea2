local exectrack = require("exectrack")

local LOWEST = "00000000-0000-0000-0000-000000000001"
local HIGHEST = "ffffffff-ffff-ffff-ffff-ffffffffffff"
local GIVEN = "01234567-89ab-cdef-fedc-ba9876543210"
local NOT_UUIDS = { "", "x", GIVEN .. "0", GIVEN:sub(2), (GIVEN:gsub("-", "")),
  "{" .. GIVEN:sub(2), (GIVEN:gsub("a", "g")), (GIVEN:gsub("-", "0")), (GIVEN:gsub("0", "\0")),
  (GIVEN:gsub("1", "-", 1)), (GIVEN:gsub("9", ":")), (GIVEN:gsub("0", "/")) }

--- A snapshot of an empty run with the instance `id`.
local function run(id)
  return exectrack.new({ instance_id = id }):snapshot()
end

describe("instance_id", function()
  it("is a random UUID of version 4", function()
    local seen = {}
    for _ = 1, 100 do
      local id = exectrack.new():instance_id()
      assert.is_truthy(id:find("^%x+%-%x+%-4%x%x%x%-[89ab]%x%x%x%-%x+$"), id)
      assert.same({ 36, 9, 14, 19, 24 }, { #id, id:match("()%-%x+()%-%x+()%-%x+()%-") })
      assert.is_nil(seen[id])
      seen[id] = true
    end
  end)

  it("is the one that new was given, in lower case", function()
    for _, id in ipairs { GIVEN, LOWEST, HIGHEST } do
      assert.equal(id, exectrack.new({ instance_id = id }):instance_id())
      assert.equal(id, exectrack.new({ instance_id = id:upper() }):instance_id())
    end
  end)

  it("stays what it is when the tracker is cleared", function()
    local tracker = exectrack.new()
    local id = tracker:instance_id()
    tracker:clear()
    assert.equal(id, tracker:instance_id())
  end)

  it("is kept by snapshots, filters, files and tables", function()
    local snapshot = run(GIVEN)
    assert.equal(GIVEN, snapshot:instance_id())
    assert.equal(GIVEN, snapshot:filter({ last = 1 }):instance_id())
    assert.equal(GIVEN, exectrack.from_bytes(snapshot:bytes()):instance_id())
    local form = snapshot:to_table()
    form.instance_id = form.instance_id:upper()
    assert.equal(GIVEN, exectrack.from_table(form):instance_id())
  end)

  it("of merged runs is the sum of theirs", function()
    assert.equal(GIVEN, exectrack.merge({ run(GIVEN) }):instance_id())
    local zeros = exectrack.merge { run(HIGHEST), run(LOWEST) }
    assert.equal("00000000-0000-0000-0000-000000000000", zeros:instance_id())
    assert.is_true(zeros == exectrack.from_table(zeros:to_table()))
    assert.equal("01234567-89ab-cdef-fedc-ba9876543211",
      exectrack.merge({ run(GIVEN), run(LOWEST) }):instance_id())
  end)

  it("is the run's own for a policy that is replayed", function()
    local tracker = exectrack.new()
    tracker:record("a", "success", 1)
    local seen
    tracker:snapshot():decisions(function(call) seen = call.tracker:instance_id() end)
    assert.equal(tracker:instance_id(), seen)
  end)

  it("must be a UUID for new, and not all zeros", function()
    local function assert_raises(problem, id)
      assert.has_error(function() exectrack.new { instance_id = id } end,
        "bad argument #1 to 'new' (instance_id: " .. problem .. ")")
    end
    for _, id in ipairs(NOT_UUIDS) do
      assert_raises("a UUID expected that isn't all zeros", id)
    end
    assert_raises("a UUID expected that isn't all zeros", (GIVEN:gsub("%x", "0")))
    assert_raises("string expected, got number", 5)
    assert_raises("string expected, got boolean", false)
  end)

  it("must be a UUID for from_table", function()
    local form = run(GIVEN):to_table()
    for _, id in ipairs(NOT_UUIDS) do
      form.instance_id = id
      local made, message, code = exectrack.from_table(form)
      assert.is_nil(made)
      assert.equal("instance_id: a UUID expected", message)
      assert.equal("invalid", code)
    end
  end)
end)
