local memory = require("spec.support.memory")
local needs = require("spec.support.needs")
local process = require("spec.support.process")

--- Runs `script` in a process of its own, where `new(n)` makes a tracker with n records and
-- `growth_kb(action)` says how much more memory the process ever took while it ran, in kB.
local function measure(script)
  return memory.measure([[
local function new(count)
  local tracker = exectrack.new(count)
  for i = 1, count do
    tracker:record("tool " .. i % 10, i % 7 == 0 and "failed" or "success", i % 5000)
  end
  return tracker
end

local function growth_kb(action)
  collectgarbage()
  local before = kilobytes("VmHWM")
  action()
  return kilobytes("VmHWM") - before
end

]] .. script)
end

local measurable, reason = process.measures_memory()

local function measured(name, mode, test)
  it(name, function()
    if not measurable then
      return pending(reason)
    elseif mode.name == "lazy" then
      needs.eager_collector(pending)
    end
    test()
  end)
end

--- What the collector may be set to do.
local MODES = {
  { name = "incremental", call = "" },
  { name = "lazy", call = 'require("spec.support.finalizers").set_collector(300, 100, 13)' },
}
if _VERSION >= "Lua 5.4" then
  table.insert(MODES, { name = "generational", call = 'collectgarbage("generational")' })
end

--- What makes something as large as a snapshot, or needs room for it.
local USES = {
  'return snapshot:filter { status = "success" }',
  'return snapshot:filter { last = 7500, where = function() return true end }',
  'return snapshot:since()',
  'return exectrack.merge { snapshot, snapshot }',
  'return exectrack.from_bytes(bytes)',
  'return snapshot:bytes()',
  'return snapshot:group_by("tool", "status", { every = 1 })',
  'return snapshot:group_by("args_hash")',
  'return snapshot:summary()',
  'return snapshot:quantile(0.5)',
}

for _, mode in ipairs(MODES) do
  describe("with a collector that is " .. mode.name .. ", the memory", function()
    measured("of 500 snapshots of 100,000 records is that of a few", mode, function()
      assert.equal("ok\n", measure(mode.call .. [[

local tracker = new(100000)
local size_kb = #tracker:snapshot():bytes() / 1024
assert(size_kb > 2300)
local grown_kb = growth_kb(function()
  for _ = 1, 500 do
    assert(#tracker:snapshot() == 100000)
  end
end)
assert(grown_kb < 8 * size_kb, grown_kb)
print("ok")
]]))
    end)

    measured("of what is made of snapshots is that of a few", mode, function()
      for _, use in ipairs(USES) do
        assert.equal("ok\n", measure(mode.call .. [[

local snapshot = new(10000):snapshot()
local bytes = snapshot:bytes()
local function use()
  ]] .. use .. [[

end
assert(use())
local grown_kb = growth_kb(function()
  for _ = 1, 100 do
    use()
  end
end)
assert(grown_kb < 30 * #bytes / 1024, grown_kb)
print("ok")
]]))
      end
    end)

    measured("of tables of records that are made and dropped is that of a few", mode, function()
      assert.equal("ok\n", measure(mode.call .. [[

local snapshot = new(2000):snapshot()
for number, use in ipairs {
  function() return snapshot:records() end,
  function() return snapshot:column("duration_ms") end,
  function() return snapshot:to_table() end,
  function() return exectrack.from_table(snapshot:to_table()) end,
} do
  collectgarbage()
  local before_kb = collectgarbage("count")
  local kept = use()
  local table_kb = collectgarbage("count") - before_kb
  local grown_kb = growth_kb(function()
    for _ = 1, 100 do
      kept = use()
    end
  end)
  assert(grown_kb < 12 * table_kb + 2048, number .. ": " .. grown_kb .. " of " .. table_kb)
  assert(kept)
end
print("ok")
]]))
    end)
  end)
end

describe("the collector", function()
  --- Does everything that may have to do with memory.
  local USE = [[
local function use()
  local snapshot = tracker:snapshot()
  local filtered = snapshot:filter { status = "success" }
  exectrack.merge { snapshot, filtered }
  exectrack.from_bytes(filtered:bytes())
  exectrack.from_table(filtered:to_table())
  snapshot:group_by("tool")
  snapshot:records()
end
]]

  it("stays stopped if it was", function()
    needs.running_collector(pending)
    assert.equal("ok\n", measure([[
local tracker = new(1000)
]] .. USE .. [[
collectgarbage("stop")
local size_kb = #tracker:snapshot():bytes() / 1024
local before_kb = collectgarbage("count")
for i = 1, 20 do
  use()
  assert(not collectgarbage("isrunning"))
  assert(collectgarbage("count") - before_kb > 3 * i * size_kb)
end
collectgarbage("restart")
use()
assert(collectgarbage("isrunning"))
print("ok")
]]))
  end)

  it("goes on if it did", function()
    needs.running_collector(pending)
    assert.equal("ok\n", measure([[
local tracker = new(1000)
]] .. USE .. [[
for _ = 1, 20 do
  use()
  assert(collectgarbage("isrunning"))
end
tracker:snapshot()
collectgarbage("step")
assert(not pcall(tracker.snapshot))
assert(collectgarbage("isrunning"))
print("ok")
]]))
  end)

  it("frees what a snapshot takes, which it knows of", function()
    assert.equal("ok\n", measure([[
local tracker = new(100000)
collectgarbage()
local before_kb = collectgarbage("count")
local snapshot = tracker:snapshot()
local bytes = 100000 * 24
assert(collectgarbage("count") - before_kb > bytes / 1024)
assert(#snapshot == 100000)
snapshot = nil
collectgarbage()
assert(collectgarbage("count") - before_kb < 100)
print("ok")
]]))
  end)

  it("stays in its mode", function()
    needs.generational_collector(pending)
    assert.equal("generational\nincremental\n", measure([[
local tracker = new(1000)
]] .. USE .. [[
collectgarbage("generational")
use()
print(collectgarbage("incremental"))
use()
print(collectgarbage("generational"))
]]))
  end)
end)
