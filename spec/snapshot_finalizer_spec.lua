-- Needs Lua 5.4: a collector that ends its cycles while something is made, not only after
local exectrack = require("exectrack")
local finalizers = require("spec.support.finalizers")
local process = require("spec.support.process")
local random = require("spec.support.random")

local seed

setup(function()
  seed = random.seed("snapshot_finalizer_spec")
end)

--- Asserts that a snapshot is sound: its bytes and its table load again.
local function assert_sound(snapshot)
  assert.is_true(snapshot == assert(exectrack.from_bytes(snapshot:bytes())))
  assert.is_true(snapshot == assert(exectrack.from_table(snapshot:to_table())))
end

for _, mode in ipairs(finalizers.MODES) do
  describe("with a finalizer that uses the tracker, a " .. mode.name .. " collector", function()
    local tracker, snapshot, expected

    before_each(function()
      tracker = exectrack.new { max_history = 200, max_tools = 1000, max_in_flight = 50 }
      for i = 1, 200 do
        tracker:record("tool " .. i % 50, "failed", i, true, "E" .. i % 20, i)
      end
      snapshot = tracker:snapshot()
      expected = {
        records = snapshot:records(),
        column = snapshot:column("error_type"),
        rows = snapshot:group_by("tool", { every = 1 }),
        form = snapshot:to_table(),
        tools = snapshot:tools(),
        bytes = snapshot:bytes(),
      }
      collectgarbage()
      mode.enter()
    end)

    after_each(function()
      finalizers.leave_mode()
    end)

    it("takes whole snapshots while more is recorded", function()
      local stop = finalizers.keep(function(call)
        tracker:record("late " .. call % 500, "success", call, false, "E" .. call % 30)
        tracker:start("late"):finish()
      end)
      for _ = 1, 10 do
        local taken = tracker:snapshot()
        assert.equal(200, #taken)
        assert_sound(taken)
      end
      assert.is_true(stop() > 0)
    end)

    it("takes whole snapshots while the tracker is cleared", function()
      local stop = finalizers.keep(function() tracker:clear() end)
      for _ = 1, 10 do
        for i = 1, 100 do
          tracker:record("a", "success", i)
        end
        assert_sound(tracker:snapshot())
      end
      assert.is_true(stop() > 0)
    end)

    it("takes whole snapshots in the finalizer itself", function()
      local taken = {}
      local stop = finalizers.keep(function(call)
        taken[call % 3 + 1] = tracker:snapshot()
      end)
      for i = 1, 300 do
        tracker:record("a", "success", i)
        assert.equal(200, #tracker:snapshot())
      end
      assert.is_true(stop() > 0)
      assert.is_true(#taken > 0)
      for _, other in ipairs(taken) do
        assert_sound(other)
      end
      assert.is_true(_VERSION == "Lua 5.1" or collectgarbage("isrunning"))
    end)

    it("raises when the tracker is closed under it", function()
      local stop = finalizers.keep(function(call)
        if call == 20 then
          tracker:close()
        end
      end)
      local ok, message
      repeat
        ok, message = pcall(tracker.snapshot, tracker)
      until not ok
      stop()
      assert.equal("attempt to use a closed tracker", message)
    end)

    --- Asserts that nothing of the snapshot changes while the finalizer does `action`.
    local function assert_unmoved(action)
      local stop = finalizers.keep(action)
      for _ = 1, 3 do
        assert.same(expected.records, snapshot:records())
        assert.same(expected.column, snapshot:column("error_type"))
        assert.same(expected.rows, snapshot:group_by("tool", { every = 1 }))
        assert.same(expected.form, snapshot:to_table())
        assert.same(expected.tools, snapshot:tools())
        assert.equal(expected.bytes, snapshot:bytes())
        assert.is_true(snapshot == snapshot:filter { where = function() return true end })
        assert.is_true(snapshot == exectrack.from_table(expected.form))
        assert.is_true(exectrack.merge { snapshot } == exectrack.merge { snapshot })
      end
      assert.is_true(stop() > 0)
    end

    it("answers for the snapshot as ever while more is recorded", function()
      assert_unmoved(function(call) tracker:record("late " .. call, "success", call) end)
    end)

    it("answers for the snapshot as ever while the tracker is cleared and closed", function()
      assert_unmoved(function(call)
        if call < 10 then
          tracker:clear()
        else
          tracker:close()
        end
      end)
    end)
  end)
end

describe("where", function()
  it("may record in the tracker, clear it and close it", function()
    local tracker = exectrack.new(50)
    for i = 1, 50 do
      tracker:record("tool " .. i, "success", i)
    end
    local snapshot = tracker:snapshot()
    local kept = snapshot:filter { last = 30, where = function(record)
      if record.duration_ms == 30 then
        tracker:clear()
      elseif record.duration_ms == 40 then
        tracker:close()
      elseif record.duration_ms < 30 then
        tracker:record("late " .. record.duration_ms, "failed", 1)
      end
      collectgarbage("step")
      return record.duration_ms % 2 == 0
    end }
    assert.equal(25, #kept)
    assert.same({ 2, 4, 6 }, { kept[1].duration_ms, kept[2].duration_ms, kept[3].duration_ms })
    assert_sound(kept)
  end)
end)

--- Runs `script` in a process of its own, whose heap is so small that a collection soon ends at
-- every place. There, `try(change, round)` calls `round(call)` again and again, whose `call` is
-- like pcall, with a finalizer that calls `change` while `call` runs, until that was often enough.
local function run_in_small_heap(script)
  local stdout, stderr, code = process.run_lua([[
local exectrack = require("exectrack")
local finalizers, portable = require("spec.support.finalizers"), require("spec.support.portable")

local is_inside, hits = false, 0

local function call(...)
  is_inside = true
  local results = portable.pack(pcall(...))
  is_inside = false
  return portable.unpack(results, 1, results.n)
end

local function try(change, round)
  local stop = finalizers.keep(function()
    if is_inside then
      hits = hits + 1
      pcall(change) -- what it changes may be gone already
    end
  end)
  local rounds = 0
  hits = 0
  repeat
    round(call)
    rounds = rounds + 1
  until hits >= 300 or rounds == 100000
  stop()
  assert(hits >= 300, "the finalizer hardly ran inside")
end

local function assert_sound(snapshot)
  assert(snapshot == assert(exectrack.from_bytes(snapshot:bytes())))
  assert(snapshot == assert(exectrack.from_table(snapshot:to_table())))
end

local function make(count, prefix)
  local tracker = exectrack.new(count)
  for i = 1, count do
    tracker:record(prefix .. i, "failed", i, false, "E" .. i)
  end
  return tracker:snapshot()
end

finalizers.hurry()
]] .. string.format("math.randomseed(%d)\n", seed) .. script .. '\nprint("ok")')
  assert.equal("", stderr)
  assert.equal("ok\n", stdout)
  assert.equal(0, code)
end

describe("a table that a finalizer changes while it is read", function()
  it("is merged as it was, or is refused", function()
    run_in_small_heap([[
local a, b = make(3, "a"), make(200, "b")
local whole, bytes = exectrack.merge { a, b }, b:bytes()
local list = { a }
local unchanged = 0
try(function()
  local choice = math.random(8)
  if choice <= 3 then
    list[2] = ({ a, nil, "x" })[choice] -- what was there is garbage now
  end
end, function(call)
  list[2] = exectrack.from_bytes(bytes)
  local ok, merged = call(exectrack.merge, list)
  if ok then
    assert(merged == whole or #merged == 6 or #merged == 3)
    assert_sound(merged)
    unchanged = unchanged + (merged == whole and 1 or 0)
  else
    assert(merged:find("exectrack.Snapshot expected, got %a+%)$"), merged)
  end
end)
assert(unchanged > 0)
]])
  end)

  it("is made a sound snapshot of, or is refused", function()
    run_in_small_heap([[
local form = make(5, "tool "):to_table()
local right = exectrack.from_table(form)
local changes = {
  function() form.tools[1].name = ("x"):rep(200) end,
  function() form.tools[5].name = "" end,
  function() form.tools[3] = nil end,
  function() form.tools[4].histogram = nil end,
  function() form.tools[4].histogram.zero_count = 1 end,
  function() form.error_types = { "E1" } end,
  function() form.error_types = { ("E"):rep(255), ("F"):rep(255), "E3", "E4", "E5" } end,
  function() form.records = { form.records[1] } end,
  function() form.records = nil end,
  function() form.records[5] = nil end,
  function() form.records[2].status = ("x"):rep(300) end,
  function() form.tools[2].other_histogram.bucket_counts = {} end,
  function() for i = 2, 512 do form.tools[2].other_histogram.bucket_counts[i] = 1 end end,
  function() form.tool_ids = {} end,
  function() for key in pairs(form) do form[key] = nil end end,
}
local function copy(value)
  if type(value) ~= "table" then
    return value
  end
  local copied = {}
  for key, inner in pairs(value) do
    copied[key] = copy(inner)
  end
  return copied
end
local whole = copy(form)
local refused, accepted = 0, 0
local function change()
  if math.random(20) == 1 then
    changes[math.random(#changes)]()
  end
end
local function round(call)
  local _, snapshot, message, code = call(exectrack.from_table, form)
  if snapshot then
    accepted = accepted + 1
    assert_sound(snapshot)
  else
    refused = refused + 1
    assert(type(message) == "string" and code == "invalid")
  end
  if not snapshot or snapshot ~= right or math.random(5) == 1 then
    form = copy(whole)
  end
end
local tries = 0
repeat
  try(change, round)
  tries = tries + 1
until refused > 0 and accepted > 0 or tries == 100
assert(refused > 0 and accepted > 0)
]])
  end)

  it("is a filter's as it was, or is refused", function()
    run_in_small_heap([[
local snapshot = make(20, "tool ")
local tools, types = {}, {}
local conditions = {}
local function reset()
  tools = { "tool 1", "tool 2", "tool 3" }
  types = { "E1", "E2", "E3", false }
  conditions = { tool = tools, error_type = types, last = 20,
    where = function(record) return record.duration_ms < 3 end }
end
reset()
try(function()
  local choice = math.random(5)
  if choice == 1 then
    tools[3], tools[1], types[4] = nil, "tool 4", nil
  elseif choice == 2 then
    conditions.tool, conditions.where, conditions.last = nil, nil, nil
  elseif choice == 3 then
    conditions.unknown = true
  elseif choice == 4 then
    tools.name = "x"
  end
end, function(call)
  local ok, filtered = call(snapshot.filter, snapshot, conditions)
  if ok then
    assert_sound(filtered)
    assert(#filtered <= 20)
  else
    assert(filtered:find("unknown condition 'unknown'", 1, true)
      or filtered:find("an array without holes and fields", 1, true)
      or filtered:find("expected, got nil", 1, true), filtered) -- an element that has gone
  end
  reset()
end)
]])
  end)

  it("is options of group_by as it was, or is refused", function()
    run_in_small_heap([[
local snapshot = make(20, "tool ")
local options
local function reset()
  options = { quantiles = { 0.5, 0.25, 1 } }
end
reset()
try(function()
  local choice = math.random(3)
  if choice == 1 then
    options.quantiles[2] = nil
  elseif choice == 2 then
    options.quantiles = nil
  end
end, function(call)
  local ok, rows = call(snapshot.group_by, snapshot, "tool", options)
  assert(ok and #rows == 20 or not ok and (rows:find("a number from 0 to 1 expected", 1, true)
    or rows:find("an array without holes and fields expected", 1, true)))
  reset()
end)
]])
  end)
end)

describe("a file that a finalizer closes while it is loaded", function()
  it("is loaded whole, or isn't open", function()
    local path = os.tmpname()
    run_in_small_heap(("local path = %q\n"):format(path) .. [[
local right = make(200, "tool ")
assert(right:save(path))
local file
local loaded, closed = 0, 0
try(function()
  if math.random(2) == 1 then
    file:close()
  end
end, function(call)
  file = assert(io.open(path, "rb"))
  local ok, snapshot, message, code = call(exectrack.load, file)
  if snapshot == right then
    loaded = loaded + 1
  elseif ok then
    assert(snapshot == nil and message == "Bad file descriptor" and code == "EBADF", message)
    closed = closed + 1
  end
  pcall(file.close, file)
end)
assert(loaded > 0 and closed > 0)
]])
    assert(os.remove(path))
  end)
end)
