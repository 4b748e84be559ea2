local memory = require("spec.support.memory")
local process = require("spec.support.process")

--- Runs `script` in a process of its own, where `resident_kb()` and `mappings()` measure it.
local function measure(script)
  return memory.measure([[
local function resident_kb()
  return kilobytes("VmRSS")
end

local function mappings()
  local count = 0
  for _ in io.lines("/proc/self/maps") do
    count = count + 1
  end
  return count
end

]] .. script)
end

local measurable, reason = process.measures_memory()

local function measured(name, test)
  it(name, function()
    if not measurable then
      return pending(reason)
    end
    test()
  end)
end

describe("the memory", function()
  measured("of 30,000 trackers that are made and dropped is that of a few", function()
    assert.equal("ok\n", measure([[
for _ = 1, 100 do
  exectrack.new():record("a", "success", 1)
end
local before_kb, before_mappings = resident_kb(), mappings()
local most_kb, most_mappings = 0, 0
for i = 1, 30000 do
  exectrack.new():record("a", "success", 1)
  if i % 1000 == 0 then
    most_kb = math.max(most_kb, resident_kb())
    most_mappings = math.max(most_mappings, mappings())
  end
end
assert(most_kb - before_kb < 4096, most_kb - before_kb)
assert(most_mappings - before_mappings < 100, most_mappings - before_mappings)
print("ok")
]]))
  end)

  measured("of trackers of every size that are made and dropped is that of a few", function()
    assert.equal("ok\n", measure([[
local function churn(count)
  for i = 1, count do
    local tracker = exectrack.new { max_history = i * 37 % 20000, max_tools = 1 + i % 50 }
    local span = tracker:start("a")
    tracker:record("a", "success", 1)
    if i % 2 == 0 then
      span:finish()
    end
  end
end
churn(2000)
local before_kb = resident_kb()
churn(10000)
assert(resident_kb() - before_kb < 8192, resident_kb() - before_kb)
print("ok")
]]))
  end)

  measured("of a tracker doesn't grow by 1,000,000 records", function()
    assert.equal("ok\n", measure([[
local tracker = exectrack.new { max_history = 1000, max_tools = 8 }
local statuses = { "success", "failed", "timed_out", "cancelled" }
local function record(count)
  for i = 1, count do
    tracker:record("tool " .. i % 20, statuses[i % 4 + 1], i % 5000, i % 2 == 0,
      "E" .. i % 300, i)
  end
end
record(20000)
collectgarbage()
local before_kb, before_lua_kb = resident_kb(), collectgarbage("count")
record(1000000)
collectgarbage()
assert(resident_kb() - before_kb < 1024, resident_kb() - before_kb)
assert(collectgarbage("count") - before_lua_kb < 64, collectgarbage("count") - before_lua_kb)
assert(#tracker == 1000)
print("ok")
]]))
  end)

  measured("of an empty tracker is under 16 KiB", function()
    assert.equal("ok\n", measure([[
local trackers = { exectrack.new() }
collectgarbage("stop")
local before_kb = resident_kb()
for i = 1, 1000 do
  trackers[i] = exectrack.new()
end
local each_kb = (resident_kb() - before_kb) / 1000
assert(each_kb < 16, each_kb)
print("ok")
]]))
  end)

  measured("of a million records is at most 32.5 bytes each", function()
    assert.equal("ok\n", measure([[
local tracker = exectrack.new(1000000)
tracker:record("a", "success", 1)
local before_kb = resident_kb()
for i = 1, 1000000 do
  tracker:record("a", "success", i)
end
local bytes_each = (resident_kb() - before_kb) * 1024 / 1000000
assert(bytes_each <= 32.5, bytes_each)
print("ok")
]]))
  end)
end)
