local clocks = require("spec.support.clock")
local exectrack = require("exectrack")
local needs = require("spec.support.needs")
local random = require("spec.support.random")

local yields_through_pcall = coroutine.resume(coroutine.create(function()
  assert(pcall(coroutine.yield))
end))

local tracker, clock

before_each(function()
  clock = clocks.new()
  tracker = exectrack.new { max_history = 200, clock = clock.read, args_texts = 50 }
end)

--- What has ended, the oldest first: `args status duration_ms depth`.
local function ended()
  local all = {}
  for i, record in ipairs(tracker:snapshot():records()) do
    all[i] = ("%s %s %g %d"):format(tostring(tracker:args_text(record.args_hash)), record.status,
      record.duration_ms, record.depth)
  end
  return all
end

describe("a wrapped function that is called again", function()
  it("after a return, an error, a denial or a coroutine is as at first", function()
    local says
    local tool = tracker:wrap("a", function(action, ...)
      clock.advance_us(1000)
      return action == "raise" and error("E", 0) or action == "yield" and coroutine.yield() or ...
    end, { policy = function() return says end })
    local actions = {
      function() tool("return", 1) end,
      function() assert.is_false((pcall(tool, "raise"))) end,
      function()
        says = { action = "deny" }
        assert.is_nil((tool("denied")))
        says = nil
      end,
      function()
        local thread = coroutine.create(tool)
        assert(coroutine.resume(thread, "yield"))
        assert(coroutine.resume(thread, 1))
      end,
      function()
        coroutine.wrap(tool)("yield")
        collectgarbage()
      end,
      function() coroutine.wrap(tool)("return", 1) end,
    }
    local expected = { "success", "failed", nil, "success", "cancelled", "success" }
    for i, first in ipairs(actions) do
      for j, second in ipairs(actions) do
        tracker:clear()
        first()
        second()
        first()
        local statuses = {}
        for _, at in ipairs { i, j, i } do
          statuses[#statuses + 1] = expected[at]
        end
        assert.same(statuses, tracker:snapshot():column("status"))
        assert.equal(0, tracker:in_flight_count())
      end
    end
  end)

  it("within itself has a call for each level", function()
    local tool
    tool = tracker:wrap("a", function(n)
      clock.advance_us(1000)
      if n > 0 then
        tool(n - 1)
      end
      return n
    end)
    assert.equal(3, tool(3))
    assert.same({ "0 success 1 3", "1 success 2 2", "2 success 3 1", "3 success 4 0" }, ended())
    tracker:clear()
    assert.equal(1, tool(1))
    assert.same({ "0 success 1 1", "1 success 2 0" }, ended())
    tracker:clear()
    pcall(tracker:wrap("b", function() tool(error("E")) end))
    assert.equal(0, tool(0))
    assert.same({ "nil failed 0 0", "0 success 1 0" }, ended())
  end)

  it("within its policy, clock, classify or callback, too", function()
    for _, option in ipairs { "policy", "classify", "args", "results", "measure" } do
      tracker = exectrack.new { max_history = 5, clock = clock.read }
      local tool
      local is_inside
      tool = tracker:wrap("a", function(x) return x end, { [option] = function()
        if not is_inside then
          is_inside = true
          assert.equal(2, tool(2))
        end
      end })
      assert.equal(1, tool(1))
      assert.equal(2, tracker:stats("a").successful)
      assert.equal(0, tracker:in_flight_count())
      assert.equal(3, tool(3))
    end
  end)

  it("in coroutines that take turns has a call for each", function()
    local tool = tracker:wrap("a", function(...) return coroutine.yield(...) end)
    local threads = {}
    for i = 1, 6 do
      threads[i] = coroutine.create(tool)
      assert.same({ true, i }, { coroutine.resume(threads[i], i) })
      clock.advance_us(1000)
    end
    for _, i in ipairs { 2, 6, 1 } do
      assert.same({ true, -i }, { coroutine.resume(threads[i], -i) })
    end
    local seventh = coroutine.create(tool)
    assert(coroutine.resume(seventh, 7))
    for _, i in ipairs { 5, 3, 4 } do
      assert.same({ true, -i }, { coroutine.resume(threads[i], -i) })
    end
    assert(coroutine.resume(seventh))
    assert.same({ "2 success 5 0", "6 success 1 0", "1 success 6 0", "5 success 2 0",
      "3 success 4 0", "4 success 3 0", "7 success 0 0" }, ended())
  end)

  it("in a coroutine that is abandoned, though main has called it before and after", function()
    local tool = tracker:wrap("a", function(x) return x == "wait" and coroutine.yield() or x end)
    assert.equal(1, tool(1))
    local waiting = { coroutine.wrap(tool) }
    waiting[1]("wait")
    assert.equal(2, tool(2))
    assert.equal(1, tracker:in_flight_count())
    waiting[1] = nil
    collectgarbage()
    collectgarbage()
    assert.equal(0, tracker:in_flight_count())
    assert.same({ '1 success 0 0', '2 success 0 0', '"wait" cancelled 0 0' }, ended())
    coroutine.wrap(function()
      assert.equal(3, tool(3))
      coroutine.wrap(tool)("wait")
      assert.equal(4, tool(4))
    end)()
    collectgarbage()
    collectgarbage()
    assert.equal(2, tracker:stats().cancelled)
    assert.equal(0, tracker:in_flight_count())
  end)

  it("after a coroutine was closed in it", function()
    needs.coroutine_close(pending)
    local tool = tracker:wrap("a", function(x) return x == "wait" and coroutine.yield() or x end)
    for i = 1, 3 do
      local thread = coroutine.create(tool)
      coroutine.resume(thread, "wait")
      coroutine.close(thread)
      assert.equal(i, tool(i))
    end
    assert.same({ '"wait" cancelled 0 0', '1 success 0 0', '"wait" cancelled 0 0',
      '2 success 0 0', '"wait" cancelled 0 0', '3 success 0 0' }, ended())
  end)

  it("after classify, measure or results raised", function()
    local problem
    local function raise() return problem and error(problem) end
    local tool = tracker:wrap("a", function(x) return x end,
      { classify = raise, measure = raise, results = raise })
    for i = 1, 3 do
      assert.equal(i, tool(i))
      problem = {}
      assert.is_false((pcall(tool, -i)))
      problem = nil
    end
    assert.equal(6, tracker:stats().successful)
    assert.equal(0, tracker:in_flight_count())
  end)

  it("of two trackers records in each its own", function()
    local other = exectrack.new { max_history = 5, clock = clock.read }
    local function echo(...) return ... end
    local tools = { tracker:wrap("z", echo), other:wrap("y", echo), tracker:wrap("y", echo) }
    for i = 1, 3 do
      for _, tool in ipairs(tools) do
        assert.equal(i, tool(i))
      end
    end
    assert.same({ "z", "y", "z", "y", "z", "y" }, tracker:snapshot():column("tool"))
    assert.same({ "y", "y", "y" }, other:snapshot():column("tool"))
    other:close()
    assert.equal(1, tools[3](1))
    assert.has_error(function() tools[2](1) end, "attempt to use a closed tracker")
  end)

  it("keeps its name and session when the tracker is cleared", function()
    local tool = tracker:session("s"):wrap("a", type)
    tool(1)
    tracker:record("b", "success")
    tracker:clear()
    tool(1)
    assert.same({ "a" }, tracker:snapshot():column("tool"))
    assert.same({ "s" }, tracker:snapshot():column("session"))
  end)

  it("is counted as (other) each time if there is no room for its tool", function()
    tracker = exectrack.new { max_history = 5, max_tools = 1 }
    tracker:record("a", "success")
    local tool = tracker:wrap("b", type)
    for _ = 1, 3 do
      tool(1)
    end
    assert.equal(3, tracker:stats("(other)").successful)
    assert.equal(3, tracker:stats().overflowed)
  end)

  it("may close the tracker in each of its functions", function()
    for _, option in ipairs { "policy", "classify", "args", "results", "measure", "tool" } do
      tracker = exectrack.new { clock = clock.read }
      local function close()
        tracker:close()
      end
      local ok, err = pcall(tracker:wrap("a", option == "tool" and close or type,
        { [option ~= "tool" and option or "on_warn"] = close }), 1)
      local starts = option ~= "policy" and option ~= "args"
      assert.equal(starts, ok)
      if not ok then
        assert.matches("attempt to use a closed tracker$", err)
      end
    end
  end)

  it("agrees with a model when many are called in turns", function()
    random.seed("wrap_again")
    for _ = 1, 20 do
      tracker = exectrack.new { max_history = 400 }
      local expected = { success = 0, failed = 0, cancelled = 0 }
      local tools, waiting = {}, {}
      local function body(action, levels)
        if levels > 0 then
          for _ = 1, math.random(0, 2) do
            pcall(random.pick(tools), random.pick { "return", "raise" }, levels - 1)
          end
        end
        if action == "wait" then
          action = coroutine.yield()
        end
        if action == "raise" then
          error("E")
        end
      end
      local function expect(status)
        expected[status] = expected[status] + 1
      end
      local function counted(action, levels)
        local ok, err = pcall(body, action, levels)
        expect(ok and "success" or "failed")
        return ok or error(err)
      end
      for i = 1, 3 do
        tools[i] = tracker:wrap("t" .. i, counted)
      end
      for _ = 1, 40 do
        local choice = math.random(4)
        if choice == 1 then
          pcall(random.pick(tools), random.pick { "return", "raise" }, 3)
        elseif choice == 2 and yields_through_pcall then
          local thread = coroutine.create(random.pick(tools))
          coroutine.resume(thread, "wait", 2)
          waiting[#waiting + 1] = thread
        elseif choice == 3 and #waiting > 0 then
          local thread = table.remove(waiting, math.random(#waiting))
          coroutine.resume(thread, random.pick { "return", "raise" })
        elseif choice == 4 and #waiting > 0 then
          table.remove(waiting, math.random(#waiting))
          expect("cancelled")
          collectgarbage()
          collectgarbage()
        end
      end
      collectgarbage() -- finds the coroutines that died, which 5.4 doesn't unwind
      collectgarbage()
      assert.equal(#waiting, tracker:in_flight_count())
      local stats = tracker:stats()
      assert.same(expected, { success = stats.successful, failed = stats.failed,
        cancelled = stats.cancelled })
    end
  end)
end)
