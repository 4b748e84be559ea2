local clocks = require("spec.support.clock")
local directories = require("spec.support.directory")
local exectrack = require("exectrack")
local hooks = require("spec.support.hooks")
local needs = require("spec.support.needs")

local directory, tracker, snapshot, operations

--- A run of 20 tools, on a clock written in Lua.
local function make_run()
  local clock = clocks.new()
  tracker = exectrack.new { max_history = 40, max_tools = 30, clock = clock.read }
  for i = 1, 60 do
    tracker:record("tool " .. i % 20, i % 3 == 0 and "failed" or "success", i, false,
      i % 3 == 0 and "E" .. i or nil)
  end
  snapshot = tracker:snapshot()
end

before_each(function()
  directory = directories.make()
  make_run()
  local path = directory .. "/run"
  assert(snapshot:save(path))
  local bytes, form, where = snapshot:bytes(), snapshot:to_table(), function() return true end
  operations = {
    filter = function() return snapshot:filter { last = 40 } end,
    ["filter with where"] = function() return snapshot:filter { where = where } end,
    group_by = function() return snapshot:group_by("tool", "status") end,
    merge = function() return exectrack.merge { snapshot, snapshot } end,
    from_table = function() return exectrack.from_table(form) end,
    from_bytes = function() return exectrack.from_bytes(bytes) end,
    load = function() return exectrack.load(path) end,
  }
end)

after_each(function()
  directories.remove(directory)
end)

local function assert_sound(taken)
  assert.is_true(taken == assert(exectrack.from_bytes(taken:bytes())))
  assert.is_true(taken == assert(exectrack.from_table(taken:to_table())))
end

local function close()
  tracker:close()
end

local ACTIONS = {
  clears = function() tracker:clear() end,
  ["records in"] = function() tracker:record("tool 5", "failed", 7, true, "EIO") end,
  ["records a new tool in"] = function() tracker:record("new", "success", 2) end,
  ["starts a span of"] = function() tracker:start("tool 5") end,
  closes = close,
}

for name, action in pairs(ACTIONS) do
  describe("a debug hook that " .. name .. " the tracker", function()
    it("leaves whole snapshots, or a closed tracker", function()
      hooks.try_everywhere(action, function()
        return tracker:snapshot()
      end, function(ok, taken)
        if ok then
          assert_sound(taken)
        else
          assert.equal(close, action)
          assert.matches("attempt to use a closed tracker$", taken)
        end
        make_run()
      end)
    end)

    it("changes nothing of what is made of a snapshot", function()
      for _, operation in pairs(operations) do
        local expected = operation()
        hooks.try_everywhere(function()
          pcall(action) -- which may have closed it before
        end, operation, function(ok, made)
          assert.is_true(ok)
          if type(made) == "table" then
            assert.same(expected, made)
          else
            assert.is_true(made == expected)
            assert_sound(made)
          end
        end)
      end
    end)
  end)
end

describe("a debug hook that raises", function()
  for name, raised in pairs { table = {}, string = "time is up", ["nothing"] = false } do
    local thrown = raised or nil

    it("a " .. name .. " ends whatever it interrupts with that, and nothing else", function()
      operations.snapshot = function() return tracker:snapshot() end
      for _, operation in pairs(operations) do
        local times = 0
        hooks.try_everywhere(function()
          error(thrown, 0)
        end, operation, function(ok, result, message)
          if ok then
            assert.is_nil(message)
            assert.is_truthy(result)
          else
            times = times + 1
            assert.is_true(rawequal(result, thrown))
          end
        end)
        assert.is_true(times >= #hooks.KINDS)
      end
    end)
  end

  it("leaves the tracker and the snapshot as they were", function()
    local before, stats = snapshot:bytes(), tracker:stats()
    for _, operation in pairs(operations) do
      hooks.try_everywhere(function() error({}) end, operation, function() end)
    end
    assert.equal(before, snapshot:bytes())
    assert.same(stats, tracker:stats())
  end)
end)

describe("a debug hook that counts instructions", function()
  it("is called in a loop that makes snapshots, which it can end", function()
    operations.snapshot = function() return tracker:snapshot() end
    for _, mask in ipairs { "", "r" } do
      for name, operation in pairs(operations) do
        local counted = 0
        debug.sethook(function(event)
          counted = counted + (event == "count" and 1 or 0)
        end, mask, 997)
        for _ = 1, 300 do
          operation()
        end
        debug.sethook()
        assert.is_true(counted > 0, name)
      end
    end
  end)
end)

describe("calls nested as deep as they can be", function()
  --- Calls `action` at all depths of C's stack, which is used up in the end.
  local function at_all_depths(action)
    local function descend()
      action()
      string.gsub("a", "a", descend)
    end
    local ok, message = pcall(descend)
    assert.is_false(ok)
    assert.matches("C stack overflow", message)
  end

  it("aren't taken for a wrong table", function()
    needs.limit_of_nested_calls(pending)
    local form, problems, made = snapshot:to_table(), 0, 0
    at_all_depths(function()
      local ok, result, message = pcall(exectrack.from_table, form)
      made = made + (ok and result == snapshot and 1 or 0)
      problems = problems + (ok and message and 1 or 0)
    end)
    assert.is_true(made > 100)
    assert.equal(0, problems)
  end)
end)
