local clocks = require("spec.support.clock")
local exectrack = require("exectrack")
local hooks = require("spec.support.hooks")
local policy = require("exectrack.policy")

local CLOSED = "attempt to use a closed tracker$"

local ERROR = { code = "EIO" }

local tracker, snapshot, operations, made

local function close()
  tracker:close()
end

local function deny()
  return { action = "deny", reason = "never", message = "Don't." }
end

local function warn()
  return { action = "warn" }
end

local function tool(...)
  return ...
end

local function fail()
  error(ERROR)
end

--- A tracker on a clock that is written in Lua, and its snapshot.
local function make_run()
  local clock = clocks.new()
  tracker = exectrack.new { max_history = 20, max_tools = 30, max_in_flight = 4,
    clock = clock.read }
  for i = 1, 6 do
    clock.advance_us(1000)
    tracker:record("tool " .. i % 3, i % 3 == 0 and "failed" or "success", 1.5, false,
      i % 3 == 0 and "E" .. i or nil, i)
    tracker:wrap("tool " .. i % 3, fail, { policy = deny })()
  end
  snapshot = tracker:snapshot()
  made.call = tracker:wrap("new", tool, { args = tool,
    classify = function() return "failed", true, "E" end })
  made.denied = tracker:wrap("new", fail, { policy = deny })
  made.warned = tracker:wrap("new", tool, { policy = warn, on_warn = tool })
  made.overruled = tracker:wrap("new", fail, { policy = fail, on_policy_error = deny })
  made.raising = tracker:wrap("new", fail)
end

--- Uses of the tracker and what they return when no hook interferes.
local USES = {
  run = { function() return tracker:run("new", tool, 5) end, 5 },
  ["a wrapped call"] = { function() return made.call(5) end, 5 },
  ["a denied call"] = { function() return select(2, made.denied(5)) end, "Don't." },
  ["a call that is warned of"] = { function() return made.warned(5) end, 5 },
  ["a call whose policy fails"] = { function() return select(2, made.overruled(5)) end, "Don't." },
  ["run of what raises"] = { function()
    return select(2, pcall(tracker.run, tracker, "new", fail))
  end, ERROR },
  ["a wrapped call that raises"] = { function()
    return select(2, pcall(made.raising, 5))
  end, ERROR },
}

--- What reads, and never changes a tracker. What it returns is compared.
local function make_operations()
  local run = snapshot
  local guard = policy.loop_guard { repeats = 1, key = function(e) return e.tool end }
  operations = {
    decisions = function() return run:decisions(deny) end,
    replay = function() return policy.replay(run, guard) end,
    instrument = function()
      local wrapped = tracker:instrument { fs = { read = tool, version = 1 } }
      return { type(wrapped.fs.read), wrapped.fs.version }
    end,
    ["denials of a snapshot"] = function() return (run:denials()) end,
    ["reading a snapshot"] = function()
      return { run:totals("tool 1"), run:failure_streak("tool 0"), run:error_rate("tool 0"),
        run:loop("tool 1", 1, 9),
        run:session_executions(9), run:starts_after(0, "tool 1", 1), run:in_flight_count(),
        run:recent_quantile("tool 1", 0.5) }
    end,
  }
end

before_each(function()
  made = {}
  make_run()
  make_operations()
end)

local function assert_sound(in_flight)
  collectgarbage() -- finishes calls that couldn't be closed
  assert.equal(in_flight or 0, tracker:in_flight_count())
  local taken = tracker:snapshot()
  assert.is_true(taken == assert(exectrack.from_bytes(taken:bytes())))
end

local ACTIONS = {
  clears = function() tracker:clear() end,
  ["records in"] = function() tracker:record("tool 5", "failed", 7, true, "EIO") end,
  ["starts and finishes a span of"] = function() tracker:start("late"):finish() end,
  ["takes a snapshot of"] = function() tracker:snapshot():decisions(warn) end,
  ["is denied a call of"] = function() made.denied() end,
}

for name, action in pairs(ACTIONS) do
  describe("a debug hook that " .. name .. " the tracker", function()
    it("leaves calls of tools to end as they do", function()
      for _, use in pairs(USES) do
        hooks.try_everywhere(action, use[1], function(ok, result)
          assert.is_true(ok)
          assert.equal(use[2], result)
        end)
        assert_sound()
      end
    end)

    it("changes nothing of what is made and read meanwhile", function()
      for _, operation in pairs(operations) do
        local expected = operation()
        hooks.try_everywhere(action, operation, function(ok, result)
          assert.is_true(ok)
          assert.same(expected, result)
        end)
      end
      assert_sound()
    end)

    it("leaves whole rows of denials", function()
      hooks.try_everywhere(action, function() return (tracker:denials()) end, function(ok, rows)
        assert.is_true(ok)
        for _, row in ipairs(rows) do
          assert.matches("^never$", row.reason)
          assert.equal(row.tool, tracker:get_tool_name(row.tool_id))
          assert.is_true(row.count > 0)
        end
      end)
    end)
  end)
end

describe("a debug hook that closes the tracker", function()
  it("has calls end as they do, or raise that it is closed", function()
    for _, use in pairs(USES) do
      local closed = 0
      hooks.try_everywhere(close, use[1], function(ok, result)
        if result ~= use[2] then
          assert.matches(CLOSED, result)
          assert.is_true(not ok or use[2] == ERROR)
          closed = closed + 1
        end
        make_run()
      end)
      assert.is_true(closed > 0)
    end
  end)

  it("has the denials whole, or raise that it is closed", function()
    local expected = tracker:denials()
    hooks.try_everywhere(close, function() return (tracker:denials()) end, function(ok, rows)
      if ok then
        assert.same(expected, rows)
      else
        assert.matches(CLOSED, rows)
      end
      make_run()
    end)
  end)

  it("leaves a replay of its snapshot alone", function()
    for _, name in ipairs { "decisions", "replay", "denials of a snapshot",
      "reading a snapshot" } do
      local expected = operations[name]()
      hooks.try_everywhere(close, operations[name], function(ok, result)
        assert.is_true(ok)
        assert.same(expected, result)
      end)
    end
  end)

  it("has a replay raise that it is closed if it is the replay's own", function()
    local kept
    local closed = 0
    hooks.try_everywhere(function()
      if kept then
        kept:close()
      end
    end, function()
      kept = nil
      return snapshot:decisions(function(call)
        kept = call.tracker
        return { action = "deny" }
      end)
    end, function(ok, result)
      if ok then
        assert.equal(6, #result)
      else
        assert.matches(CLOSED, result)
        closed = closed + 1
      end
    end)
    assert.is_true(closed > 0)
  end)
end)

describe("a debug hook that raises", function()
  local raised = { "time is up" }

  local function raise()
    error(raised)
  end

  --- Asserts that an operation ends with what the hook raised, or as ever.
  local function assert_ends(operation, expected)
    local times = 0
    hooks.try_everywhere(raise, operation, function(ok, result)
      times = times + (result == raised and 1 or 0)
      if result ~= raised then
        assert.is_true(ok)
        assert.same(expected, result)
      end
      collectgarbage("step")
    end)
    assert.is_true(times >= #hooks.KINDS)
    assert_sound()
  end

  it("ends calls with that, or is the failure of a policy, and leaves nothing in flight",
    function()
      -- What is raised within a policy is the policy's, whose call is allowed here.
      made.denied = tracker:wrap("new", tool, { policy = deny, on_policy_error = function(message)
        assert(message == raised)
        return deny()
      end })
      made.overruled = tracker:wrap("new", fail, { policy = fail, on_policy_error = deny })
      made.warned = tracker:wrap("new", tool, { policy = warn, on_policy_error = warn })
      for _, use in pairs(USES) do
        assert_ends(use[1], use[2])
      end
    end)

  it("ends what is made and read with that, and changes nothing", function()
    for _, operation in pairs(operations) do
      assert_ends(operation, operation())
    end
    assert_ends(function() return (tracker:denials()) end, (tracker:denials()))
  end)
end)
