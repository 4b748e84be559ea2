local clocks = require("spec.support.clock")
local exectrack = require("exectrack")
local portable = require("spec.support.portable")

local CLOSED = "attempt to use a closed tracker"

local run, tracker

before_each(function()
  local clock = clocks.new()
  tracker = exectrack.new { clock = clock.read }
  for _, tool in ipairs { "a", "b", "a" } do
    local span = tracker:start(tool)
    clock.advance_us(1000)
    span:finish()
  end
  run = tracker:snapshot()
end)

local function close(other)
  other:close()
end

--- What pcall returns when `policy` is replayed, which must leave the run as it is.
local function try(policy, options)
  local before = run:bytes()
  local ok, result = pcall(run.decisions, run, policy, options)
  assert.equal(before, run:bytes())
  return ok, result
end

local function assert_raises(message, policy, options)
  local ok, raised = try(policy, options)
  assert.is_false(ok)
  assert.equal(message, raised)
end

describe("decisions raises", function()
  it("what the policy raises, unchanged", function()
    for _, value in ipairs { "a text", {}, 5, false } do
      local ok, raised = try(function() error(value, 0) end)
      assert.is_false(ok)
      assert.is_true(rawequal(value, raised))
    end
    local ok, raised = try(function() error() end)
    assert.is_false(ok)
    assert.is_nil(raised)
  end)

  it("that a decision isn't one", function()
    for message, decision in pairs {
      ["a decision must be nil or a table, got boolean"] = true,
      ["a decision must be nil or a table, got string"] = "deny",
      ["a decision must be nil or a table, got number"] = 0,
      ["a decision must be nil or a table, got function"] = print,
      ["a decision's action must be 'warn' or 'deny', got nil"] = {},
      ["a decision's action must be 'warn' or 'deny', got 'Deny'"] = { action = "Deny" },
      ["a decision's action must be 'warn' or 'deny', got 1"] = { action = 1 },
      ["a decision's action must be 'warn' or 'deny', got boolean"] = { action = true },
      ["a decision's reason must be a string, got number"] = { action = "deny", reason = 5 },
      ["a decision's reason must be a string, got boolean"] = { action = "warn", reason = false },
      ["a decision's message must be a string, got table"] = { action = "deny", message = {} },
      ["a decision's retry_after_ms must be a number, got string"] =
        { action = "deny", retry_after_ms = "5" },
      ["a decision's retry_after_ms must be a number, got boolean"] =
        { action = "warn", retry_after_ms = false },
    } do
      assert_raises(message, function() return decision end)
    end
  end)

  it("that a decision isn't one, whatever its metamethods say", function()
    local decision = setmetatable({}, { __index = { action = "deny" }, __call = print })
    assert_raises("a decision's action must be 'warn' or 'deny', got nil",
      function() return decision end)
  end)

  it("that a policy can't yield", function()
    local replay = coroutine.wrap(function()
      return try(coroutine.yield)
    end)
    local ok, message = replay()
    assert.is_false(ok)
    assert.equal(portable.NO_YIELD, message)
  end)

  it("that the policy has closed the tracker", function()
    for _, decision in ipairs { false, { action = "warn" }, { action = "deny" } } do
      for _, enforce in ipairs { true, false } do
        assert_raises(CLOSED, function(call)
          close(call.tracker)
          return decision
        end, { enforce = enforce })
      end
    end
  end)
end)

describe("decisions takes", function()
  it("false as well as nil for no objection, and the first result alone", function()
    assert.same({}, run:decisions(function() return false end))
    assert.same({}, run:decisions(function() end))
    assert.same({}, run:decisions(function() return nil, { action = "deny" } end))
  end)

  it("whatever can be called for a policy", function()
    local callable = setmetatable({}, { __call = function(_, call)
      return call.tool == "b" and { action = "deny" } or nil
    end })
    assert.equal(2, run:decisions(callable)[1].index)
  end)

  it("a policy that replays the run itself", function()
    local function all() return { action = "warn" } end
    local decisions = run:decisions(function()
      return #run:decisions(all) == 3 and { action = "deny" } or nil
    end)
    assert.equal(3, #decisions)
  end)
end)

describe("a policy that", function()
  it("clears its tracker has what ends later counted", function()
    local seen = {}
    assert.same({}, run:decisions(function(call)
      seen[#seen + 1] = call.tracker:totals() .. " and " .. call.tracker:in_flight_count()
      call.tracker:clear()
    end))
    assert.same({ "0 and 0", "1 and 0", "1 and 0" }, seen)
  end)

  it("records and starts in its tracker finds that there, and the run's too", function()
    local seen, spans = {}, {}
    run:decisions(function(call)
      call.tracker:record("own", "failed", 1)
      spans[#spans + 1] = call.tracker:start("own")
      seen[#seen + 1] = table.concat({ call.tracker:totals("own"),
        call.tracker:in_flight_count("own"), (call.tracker:totals("a")) }, " ")
    end)
    assert.same({ "1 1 0", "2 2 1", "3 3 1" }, seen)
    assert.equal(3, spans[1]:finish()) -- from the first start to the last event
  end)

  it("wraps a tool in its tracker has a clock that stands still", function()
    local durations = {}
    run:decisions(function(call)
      call.tracker:wrap("own", function() end)()
      durations[#durations + 1] = call.tracker:recent_executions(1)[1].duration_ms
    end)
    assert.same({ 0, 0, 0 }, durations)
  end)

  it("keeps the call keeps its tracker as it was at the end", function()
    local kept
    run:decisions(function(call) kept = kept or call end)
    collectgarbage()
    collectgarbage()
    assert.equal(3, #kept.tracker)
    assert.same(run:records(), kept.tracker:snapshot():records())
    kept.tracker:record("later", "success", 0)
    assert.equal(run[3].timestamp, kept.tracker:recent_executions(1)[1].timestamp)
    close(kept.tracker)
    assert.has_error(function() kept.tracker:totals() end, CLOSED)
  end)

  it("changes the call changes nothing for the next one", function()
    local tools = {}
    run:decisions(function(call)
      tools[#tools + 1] = call.tool
      call.tool, call.tracker, call.now, call.args_hash = nil, nil, nil, nil
    end)
    assert.same({ "a", "b", "a" }, tools)
  end)

  it("changes a decision that it returns again changes those before", function()
    local decision = { action = "warn", count = 0 }
    local decisions = run:decisions(function()
      decision.count = decision.count + 1
      return decision
    end)
    assert.equal(3, #decisions)
    assert.equal(3, decisions[1].decision.count)
  end)

  it("uses the tracker of the run doesn't disturb the replay", function()
    local decisions = run:decisions(function(call)
      if call.tool == "b" then
        tracker:clear()
        close(tracker)
      end
      return { action = "warn" }
    end)
    assert.equal(3, #decisions)
  end)

  it("is given a tracker of its own in each replay", function()
    local first, second
    run:decisions(function(call) first = call.tracker end)
    run:decisions(function(call) second = second or #call.tracker end)
    assert.equal(3, #first)
    assert.equal(0, second)
  end)
end)

describe("a wrong argument", function()
  --- Lua's messages name a method only if the code that calls it does.
  local function assert_argument(message, ...)
    local arguments = portable.pack(...)
    assert.has_error(function()
      portable.load("local run = ... run:decisions(select(2, ...))", "=call")(run,
        portable.unpack(arguments, 1, arguments.n))
    end, "bad argument #" .. message)
  end

  it("is an error that names it", function()
    assert_argument("1 to 'decisions' (function expected, got no value)")
    assert_argument("1 to 'decisions' (function expected, got nil)", nil)
    assert_argument("1 to 'decisions' (function expected, got table)", {})
    assert_argument("1 to 'decisions' (function expected, got string)", "deny")
    assert_argument("2 to 'decisions' (table expected, got boolean)", print, false)
    assert_argument("2 to 'decisions' (unknown option 'Enforce')", print, { Enforce = true })
    assert_argument("2 to 'decisions' (unknown option '1')", print, { true })
    assert_argument("2 to 'decisions' (enforce: boolean expected, got number)", print,
      { enforce = 0 })
  end)

  it("is anything but a snapshot to be replayed", function()
    for _, other in ipairs { tracker, {}, 5 } do
      local ok, message = pcall(run.decisions, other, print)
      assert.is_false(ok)
      assert.matches("^bad argument #1 to '%?' %(exectrack.Snapshot expected, got ", message)
    end
  end)
end)
