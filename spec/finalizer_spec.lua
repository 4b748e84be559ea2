local exectrack = require("exectrack")
local finalizers = require("spec.support.finalizers")
local process = require("spec.support.process")

for _, mode in ipairs(finalizers.MODES) do
  describe("with a finalizer that uses the tracker, a " .. mode.name .. " collector", function()
    local tracker

    before_each(function()
      tracker = exectrack.new { max_history = 200, max_tools = 65535, max_in_flight = 50 }
      collectgarbage()
      mode.enter()
    end)

    after_each(function()
      finalizers.leave_mode()
    end)

    it("lists the records that there were, while more are recorded", function()
      for i = 1, 200 do
        tracker:record("tool " .. i, "failed", i, true, "E")
      end
      local stop = finalizers.keep(function(call)
        tracker:record("tool " .. 200 + call, "failed", 200 + call, true, "E")
      end)
      for _ = 1, 4 do
        local newest = tracker:recent_executions(1)[1].duration_ms
        local records = tracker:recent_executions(200)
        assert.is_true(records[1].duration_ms >= newest)
        for i, record in ipairs(records) do
          assert.equal(records[1].duration_ms - i + 1, record.duration_ms)
          assert.equal("tool " .. record.duration_ms, record.tool)
          assert.equal("E", record.error_type)
        end
      end
      assert.is_true(stop() > 0)
    end)

    it("lists records that aren't in order, while more are recorded", function()
      local function record(i)
        tracker:record { tool = "tool " .. i, status = "failed", duration_ms = i,
          error_type = "E", timestamp = i * 7919 % 1000 }
      end
      for i = 1, 200 do
        record(i)
      end
      local stop = finalizers.keep(function(call) record(200 + call) end)
      for _ = 1, 4 do
        local before
        for _, execution in ipairs(tracker:recent_executions(200)) do
          local i = execution.duration_ms
          assert.same({ "tool " .. i, "E", i * 7919 % 1000 + 0.0 },
            { execution.tool, execution.error_type, execution.timestamp })
          assert.is_true(not before or before.timestamp > execution.timestamp
            or (before.timestamp == execution.timestamp and before.duration_ms > i))
          before = execution
        end
      end
      assert.is_true(stop() > 0)
    end)

    it("names sessions rightly while other names take the places of theirs", function()
      local names = exectrack.new { max_history = 0, session_names = 0 }
      tracker = exectrack.new { max_history = 200, session_names = 8, max_in_flight = 200 }
      local function deny() return { action = "deny" } end
      local spans = {}
      for i = 1, 200 do
        local session = tracker:session("session " .. i % 8)
        session:record("a", "success", 1)
        session:wrap("a" .. i, error, { policy = deny, args = false })()
        spans[i] = session:start("a")
      end
      local stop = finalizers.keep(function(call)
        tracker:session("session " .. call % 16):start("late"):finish()
      end)
      local function assert_named(rows, name_of)
        for i, row in ipairs(rows) do
          local name = name_of(i)
          assert.is_true(row.session == name or row.session == names:session_name(name))
        end
      end
      for _ = 1, 4 do
        assert_named(tracker:in_flight(), function(i) return "session " .. i % 8 end)
        assert_named(tracker:denied(), function(i) return "session " .. (201 - i) % 8 end)
      end
      assert.is_true(stop() > 0)
      assert(spans) -- which kept them in flight until here
    end)

    it("lists what is left of the records while the tracker is cleared", function()
      local stop = finalizers.keep(function() tracker:clear() end)
      for _ = 1, 4 do
        for i = 1, 200 do
          tracker:record("a", "success", i)
        end
        local records = tracker:recent_executions(200)
        for i = 2, #records do
          assert.equal(records[i - 1].duration_ms - 1, records[i].duration_ms)
        end
      end
      assert.is_true(stop() > 0)
    end)

    it("lists the tools while more are added", function()
      local wide = exectrack.new { max_history = 0, max_tools = 300 }
      for i = 1, 100 do
        wide:record("tool " .. i, "success", 1)
      end
      local stop = finalizers.keep(function(call) wide:record("late " .. call, "success", 1) end)
      for _ = 1, 5 do
        local tools = wide:tools()
        for i = 1, 100 do
          assert.equal("tool " .. i, tools[i])
        end
        for i = 101, #tools do
          assert.is_truthy(tools[i]:find("^late %d+$") or tools[i] == "(other)")
        end
      end
      assert.is_true(stop() > 0)
    end)

    it("lists what is in flight while more starts and finishes", function()
      local spans = {}
      for i = 1, 20 do
        spans[i] = tracker:start("tool " .. i)
      end
      local extra
      local stop = finalizers.keep(function()
        if extra then
          extra:finish()
          extra = nil
        else
          extra = tracker:start("late")
        end
      end)
      for _ = 1, 30 do
        local running = tracker:in_flight()
        assert.is_true(#running == 20 or #running == 21)
        for i = 1, 20 do
          assert.equal("tool " .. i, running[i].tool)
        end
        assert.equal(#running == 21 and "late" or nil, (running[21] or {}).tool)
      end
      assert.is_true(stop() > 0)
      assert.equal(20, #spans)
    end)

    it("counts consistently while more is recorded", function()
      local late = 0
      local stop = finalizers.keep(function()
        tracker:record("late", "failed", 2)
        late = late + 1
      end)
      repeat
        tracker:record("a", "success", 1)
        for _, stats in ipairs { tracker:stats(), tracker:stats("a") } do
          assert.equal(stats.total_executions, stats.successful + stats.failed)
          assert.equal(stats.total_duration_ms, stats.successful + 2 * stats.failed)
          assert.equal(stats.window.total_executions,
            stats.window.successful + stats.window.failed)
        end
      until late >= 10
      stop()
    end)

    it("raises when the tracker is closed under a listing", function()
      for i = 1, 200 do
        tracker:record("tool " .. i, "success", 1)
      end
      local spans = {}
      for i = 1, 50 do
        spans[i] = tracker:start("a tool that is in flight, number " .. i)
      end
      local uses = {
        function() tracker:recent_executions(200) end,
        function() tracker:tools() end,
        function() tracker:in_flight() end,
        function() tostring(spans[50]) end,
        function() tracker:stats("tool 1") end,
      }
      local stop = finalizers.keep(function(call)
        if call == 300 then
          tracker:close()
        end
      end)
      local ok, message = true, nil
      for round = 1, 100000 do
        ok, message = pcall(uses[round % #uses + 1])
        if not ok then break end
      end
      stop()
      assert.is_false(ok)
      assert.is_truthy(message:find("attempt to use a closed tracker", 1, true))
    end)
  end)
end

describe("tostring of a span", function()
  -- In a process of its own, whose heap is so small that a collection soon ends at every place.
  it("names its tool, or says that a finalizer has just closed its tracker", function()
    local stdout, stderr = process.run_lua([[
local exectrack = require("exectrack")
local finalizers = require("spec.support.finalizers")
finalizers.hurry()
local in_flight = "exectrack.Span (read_file, in flight)"
local closed = "exectrack.Span (of a closed tracker)"
for _ = 1, 300 do
  local tracker = exectrack.new { max_history = 1, max_tools = 1 }
  local span = tracker:start("read_file")
  local is_open = true
  finalizers.object(function()
    tracker:close()
    is_open = false
  end)
  local calls = 0
  while is_open do
    calls = calls + 1
    -- A string that is there already costs nothing: without any garbage the collector may never go
    -- on. With more, it would always be this that goes on with it.
    local _ = calls % 10 == 0 and {}
    local name = tostring(span)
    assert(name == in_flight or name == closed, name)
  end
  assert(tostring(span) == closed)
end
print("ok")
]])
    assert.equal("", stderr)
    assert.equal("ok\n", stdout)
  end)
end)

describe("a finalizer that a closed state runs after that of the module", function()
  it("can still use a tracker, which is closed", function()
    local stdout, stderr = process.run_lua([[
old = require("spec.support.finalizers").object(function() print(tracker) end)
tracker = require("exectrack").new(10)
]])
    assert.equal("", stderr)
    assert.equal("exectrack.Tracker (closed)\n", stdout)
  end)
end)
