-- Needs Lua 5.4: a collector that ends its cycles while something is made, not only after
local exectrack = require("exectrack")
local finalizers = require("spec.support.finalizers")
local policy = require("exectrack.policy")

local CLOSED = "attempt to use a closed tracker"

local function assert_sound(tracker)
  local snapshot = tracker:snapshot()
  assert.is_true(snapshot == assert(exectrack.from_bytes(snapshot:bytes())))
  assert.is_true(snapshot == assert(exectrack.from_table(snapshot:to_table())))
end

local function close(tracker)
  tracker:close()
end

local function deny()
  return { action = "deny", reason = "never", message = "Don't." }
end

--- Uses of a tracker, beside which a finalizer does something with it.
local ACTIONS = {
  ["records in"] = function(tracker, call)
    tracker:record("late " .. call % 50, "failed", call, true, "E" .. call % 300, call)
  end,
  ["starts and finishes a span of"] = function(tracker)
    tracker:start("late"):finish()
  end,
  ["leaves a span in flight in"] = function(tracker)
    tracker:start("late")
  end,
  ["is denied a call of"] = function(tracker, call)
    tracker:wrap("late " .. call % 50, error, { policy = deny })(call)
  end,
  ["runs a tool in"] = function(tracker, call)
    pcall(tracker.run, tracker, "late", call % 2 == 0 and error or type, call)
  end,
  ["replays a snapshot of"] = function(tracker)
    tracker:snapshot():decisions(deny)
  end,
  clears = function(tracker)
    tracker:clear()
  end,
}

for _, mode in ipairs(finalizers.MODES) do
  for name, action in pairs(ACTIONS) do
    describe("a finalizer that " .. name .. " the tracker, a " .. mode.name .. " collector,",
      function()
        local tracker

        before_each(function()
          tracker = exectrack.new { max_history = 50, max_tools = 100, max_in_flight = 5 }
          for i = 1, 60 do
            tracker:record("tool " .. i % 10, "failed", i, false, "E" .. i, i)
          end
          collectgarbage()
          mode.enter()
        end)

        after_each(function()
          finalizers.leave_mode()
        end)

        --- Calls `use` again and again while the finalizer does its work, `least` times at least.
        local function use_meanwhile(use, least)
          local rounds, calls = 0, 0
          local stop = finalizers.keep(function(call)
            calls = call
            action(tracker, call)
          end)
          repeat
            rounds = rounds + 1
            use(rounds)
          until rounds >= (least or 20) and calls >= 20
          stop()
          assert_sound(tracker)
        end

        it("leaves what a tool returns and raises as it is", function()
          local raised, returned = { code = "EIO" }, { "a result" }
          local function tool(fails)
            local garbage = { {}, {} }
            if fails then
              error(raised)
            end
            return returned, garbage
          end
          local wrapped = tracker:wrap("new", tool)
          use_meanwhile(function()
            assert.equal(returned, (tracker:run("new", tool)))
            assert.equal(returned, (wrapped()))
            assert.equal(raised, select(2, pcall(tracker.run, tracker, "new", tool, true)))
            assert.equal(raised, select(2, pcall(wrapped, true)))
          end)
        end)

        it("leaves guarded calls denied, warned of or allowed", function()
          local actions, warned = { "deny", "warn" }, 0
          local guarded = tracker:wrap("new", function(round) return round end, {
            args = function(round) return { round } end,
            classify = function() return "failed", true, "E" .. warned end,
            on_warn = function() warned = warned + 1 end,
            policy = function(call)
              assert(call.tool == "new" and call.tracker == tracker)
              return actions[warned % 3 + 1]
                and { action = actions[warned % 3 + 1], message = "Don" .. "'t." }
            end,
          })
          use_meanwhile(function(round)
            warned = round
            local result, message, decision = guarded(round)
            assert.equal(round % 3 ~= 0 and round or nil, result)
            assert.equal(round % 3 == 0 and "Don't." or nil, message)
            assert.equal(round % 3 == 0 and "deny" or nil, decision and decision.action)
          end)
        end)

        it("leaves a table of tools whole", function()
          local tools = { read = type, fs = { list = type, { write = type } }, version = "1" }
          use_meanwhile(function()
            local wrapped = tracker:instrument(tools, { policy = deny })
            assert.equal("1", wrapped.version)
            for _, tool in ipairs { wrapped.read, wrapped.fs.list, wrapped.fs[1].write } do
              assert.equal("Don't.", select(2, tool(5)))
            end
          end)
        end)

        it("changes nothing of what a replay decides about a snapshot", function()
          local snapshot = tracker:snapshot()
          local guard = policy.all { policy.circuit_breaker { failures = 1 },
            policy.loop_guard { repeats = 1, key = function(e) return e.tool end } }
          local expected = policy.replay(snapshot, guard)
          assert.is_true(expected.summary.denied > 0)
          use_meanwhile(function()
            local result = policy.replay(snapshot, guard)
            assert.equal(#expected.decisions, #result.decisions)
            assert.same(expected.summary, result.summary)
          end, 3) -- it makes garbage for dozens of calls
        end)

        it("works on the tracker of a replay, which decides on", function()
          if _VERSION < "Lua 5.4" then
            finalizers.hurry() -- else the replay ends before the collector's cycle does
          end
          local run = tracker:snapshot()
          local total = 0
          repeat
            local stop, kept
            local decisions = run:decisions(function(call)
              kept = call.tracker
              stop = stop or finalizers.keep(function(calls) action(kept, calls) end)
              assert(call.tracker:totals() >= 0)
              return { action = "warn", message = call.tool .. call.now }
            end)
            total = total + stop()
            assert.equal(50, #decisions)
            assert_sound(kept)
          until total >= 20
        end)

        it("lets the reading methods answer consistently", function()
          use_meanwhile(function()
            local executions, duration_ms, failures = tracker:totals()
            assert.is_true(failures <= executions and duration_ms >= 0)
            for _, row in ipairs((tracker:denials())) do
              assert.matches("^late %d+$", row.tool)
              assert.equal("never", row.reason)
              assert.is_true(row.count >= 1 and row.last_timestamp > 0)
            end
            local streak, rounds = tracker:failure_streak("tool 1")
            assert.is_true(rounds <= streak)
            assert.is_true(tracker:in_flight_count("late") <= tracker:in_flight_count())
          end)
        end)
      end)
  end

  describe("a finalizer that closes the tracker, a " .. mode.name .. " collector,", function()
    before_each(function()
      collectgarbage()
      mode.enter()
    end)

    after_each(function()
      finalizers.leave_mode()
    end)

    --- Uses trackers, which a finalizer closes at some time, until they all raise for it.
    local function assert_closes(make_use)
      for at = 1, 25 do
        local tracker = exectrack.new { max_history = 20, max_tools = 50 }
        local use = make_use(tracker)
        local stop = finalizers.keep(function(call)
          if call == at then
            close(tracker)
          end
        end)
        local ok, message
        repeat
          ok, message = pcall(use)
        until not ok
        stop()
        assert.matches(CLOSED .. "$", message)
        assert.matches("closed", tostring(tracker))
      end
    end

    it("has calls raise from then on, and a tool that runs then end as it does", function()
      local ended = 0
      assert_closes(function(tracker)
        local wrapped = tracker:wrap("new", function(...)
          local garbage = { ..., {} }
          ended = ended + #garbage
          return ...
        end, { policy = function(call)
          return { action = "warn", message = call.tool .. ended }
        end })
        return function()
          assert(wrapped(5) == 5)
          assert(tracker:run("new", wrapped, 6) == 6)
        end
      end)
      assert.is_true(ended > 0)
    end)

    it("has denied calls raise, too", function()
      assert_closes(function(tracker)
        local wrapped = tracker:wrap("new", error, { policy = function(call)
          return { action = "deny", reason = "reason " .. math.floor(call.now) % 50 }
        end })
        return function()
          assert(select("#", wrapped()) == 3)
        end
      end)
    end)

    it("has the denials raise", function()
      assert_closes(function(tracker)
        for i = 1, 30 do
          tracker:wrap("a tool with a long name, number " .. i, error, { policy = deny })()
        end
        return function()
          tracker:denials()
        end
      end)
    end)

    it("has the denied calls raise", function()
      assert_closes(function(tracker)
        for i = 1, 30 do
          tracker:wrap("a tool with a long name, number " .. i, error, { policy = deny })()
        end
        return function()
          tracker:denied()
        end
      end)
    end)

    --- A run in which starts and ends take turns, three in flight.
    local function interleaved_run()
      local tracker = exectrack.new(100)
      for i = 1, 100 do
        tracker:record { tool = "tool " .. i % 7, status = "success", duration_ms = 25,
          timestamp = 1700000000 + i / 100 }
      end
      return tracker:snapshot()
    end

    it("has a replay raise when it is the replay's own", function()
      local run = interleaved_run()
      for at = 1, 20 do
        local stop, kept
        local ok, message
        repeat
          ok, message = pcall(run.decisions, run, function(call)
            kept = call.tracker
            -- So much garbage that the collector doesn't only end its cycles between replays.
            local reason = ("x"):rep(20000) .. call.now
            stop = stop or finalizers.keep(function(calls)
              if calls >= at then
                close(kept)
              end
            end)
            return call.tool ~= "tool 3"
              and { action = at % 2 == 0 and "deny" or "warn", reason = reason }
          end)
        until not ok
        stop()
        assert.equal(CLOSED, message)
      end
    end)
  end)
end
