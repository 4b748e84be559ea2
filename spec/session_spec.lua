local clocks = require("spec.support.clock")
local exectrack = require("exectrack")
local portable = require("spec.support.portable")

local clock, tracker, session

before_each(function()
  clock = clocks.new()
  tracker = exectrack.new { max_history = 20, clock = clock.read }
  session = tracker:session("#0000000a")
end)

local function newest()
  return tracker:recent_executions(1)[1]
end

--- The sessions of all records, oldest first; false for none.
local function sessions()
  return tracker:snapshot():column("session")
end

describe("a session", function()
  it("records as its tracker does", function()
    session:record("a", "failed", 1.5, true, "EIO", "x")
    local recorded = newest()
    assert.equal("#0000000a", recorded.session)
    tracker:record("a", "failed", 1.5, true, "EIO", "x")
    recorded.session = nil
    assert.same(recorded, newest())

    session:record { tool = "b", status = "success", duration_ms = 2, timestamp = 5 }
    recorded = tracker:snapshot()[3]
    assert.equal("#0000000a", recorded.session)
    assert.equal(5, recorded.timestamp)
    session:record { tool = "b", status = "success", duration_ms = 2 }
    assert.equal(1767225600, newest().timestamp)
  end)

  it("reads by its name in all that belongs to it, while the name is kept", function()
    local named = tracker:session("chat 17")
    named:record("a", "success", 1)
    local span = named:start("a")
    named:wrap("a", print, { policy = function() return { action = "deny" } end })()
    assert.equal("chat 17", newest().session)
    assert.equal("chat 17", tracker:in_flight()[1].session)
    assert.equal("chat 17", tracker:denied()[1].session)
    tracker:clear()
    assert.equal("chat 17", tracker:in_flight()[1].session)
    span:finish()
    for _, run in ipairs { tracker:snapshot(), exectrack.merge { tracker:snapshot() } } do
      assert.equal("chat 17", run[1].session)
      assert.same({ "chat 17" }, run:column("session"))
      assert.equal("chat 17", run:group_by("session")[1].session)
      assert.equal("chat 17", run:filter { tool = "a" }[1].session)
    end
    local form = tracker:snapshot():to_table()
    form.session_names = {}
    local forgotten = assert(exectrack.from_table(form))[1].session
    assert.is_truthy(forgotten:find("^#%x%x%x%x%x%x%x%x$"))
    tracker:record { tool = "a", status = "success", duration_ms = 1, session = forgotten }
    assert.equal("chat 17", newest().session)
  end)

  it("takes a table that names it, and no other session", function()
    local execution = { tool = "a", status = "success", duration_ms = 1, session = "#0000000a" }
    session:record(execution)
    execution.session = "#0000000b"
    assert.has_error(function() session:record(execution) end,
      "bad argument #1 to 'record' (session: isn't the session that it is recorded for)")
    assert.same({ "#0000000a" }, sessions())
  end)

  it("starts spans", function()
    local span = session:start("a", "x")
    local running = tracker:in_flight()[1]
    assert.equal("#0000000a", running.session)
    assert.equal(exectrack.fingerprint("x"), running.args_hash)
    clock.advance_us(1500)
    assert.equal(1.5, span:finish())
    assert.equal("#0000000a", newest().session)
    assert.equal(1.5, newest().duration_ms)
  end)

  it("runs and wraps functions", function()
    local function tool(...)
      clock.advance_us(1000)
      return ...
    end
    assert.same({ 1, nil, 3 }, { session:run("a", tool, 1, nil, 3) })
    assert.equal(7, session:wrap("a", tool)(7))
    local tools = session:instrument { fs = { read = tool } }
    assert.equal(8, tools.fs.read(8))
    tracker:run("a", tool)
    assert.same({ "#0000000a", "#0000000a", "#0000000a", false }, sessions())
    assert.same({ 1, 1, 1, 1 }, tracker:snapshot():column("duration_ms"))
    assert.equal(exectrack.fingerprint(8), tracker:recent_executions(2)[2].args_hash)
  end)

  it("leaves out of fingerprints what its tracker ignores", function()
    tracker = exectrack.new { max_history = 5, ignore_args = { "thought" } }
    session = tracker:session("a")
    local arguments = { path = "x", thought = 1 }
    session:record("a", "success", 1, false, nil, arguments)
    session:start("a", arguments):finish()
    session:run("a", type, arguments)
    session:wrap("a", type)(arguments)
    local hash = exectrack.fingerprint { path = "x" }
    assert.same({ hash, hash, hash, hash }, tracker:snapshot():column("args_hash"))
  end)

  it("is in the question to policies, and in what they deny", function()
    local asked
    local wrapped = session:wrap("a", print, { policy = function(call)
      asked = call
      return { action = "deny" }
    end })
    wrapped("x")
    assert.equal(tracker, asked.tracker)
    assert.equal("#0000000a", asked.session)
    assert.equal("#0000000a", tracker:denied()[1].session)
  end)

  it("is in the question when its run is replayed", function()
    local asked = {}
    tracker:session("chat 17"):record("a", "success", 1)
    tracker:record("a", "success", 1)
    session:record("a", "success", 1)
    tracker:snapshot():decisions(function(call) asked[#asked + 1] = call.session or "none" end)
    assert.same({ "chat 17", "none", "#0000000a" }, asked)
  end)

  it("reads by its fingerprint everywhere if its name is long", function()
    local long, asked = tracker:session(("x"):rep(65)), nil
    long:wrap("a", type, { policy = function(call) asked = call.session end })(1)
    assert.matches("^#%x%x%x%x%x%x%x%x$", asked)
    assert.equal(asked, newest().session)
    assert.equal(asked, tracker:session_name(long:name()))
    tracker:session(("x"):rep(64)):record("a", "success", 1)
    assert.equal(("x"):rep(64), newest().session)
  end)

  it("raises for its arguments what its tracker's methods raise", function()
    local misuses = { record = { { 5 }, { "a", "no" }, { "a", "failed", -1 }, { {} } },
      start = { {} }, run = { { 5 }, { "a", 5 } }, wrap = { { "a" }, { "a", print, { x = 1 } } },
      instrument = { { 5 }, { {}, 5 } } }
    for method, all in pairs(misuses) do
      for _, arguments in ipairs(all) do
        local failed = { pcall(tracker[method], tracker, portable.unpack(arguments)) }
        assert.is_false(failed[1])
        assert.same(failed, { pcall(session[method], session, portable.unpack(arguments)) })
      end
    end
    assert.has_error(function() session.record(5) end,
      "bad argument #1 to 'record' (exectrack.Session expected, got number)")
    assert.has_error(function() session.name(tracker) end,
      "bad argument #1 to 'name' (exectrack.Session expected, got exectrack.Tracker)")
    assert.has_error(function() tracker.session(5) end,
      "bad argument #1 to 'session' (exectrack.Tracker expected, got number)")
  end)

  it("raises for the methods of a tracker that is closed, but has its name", function()
    local wrapped = session:wrap("a", print)
    tracker:close()
    local CLOSED = "attempt to use a closed tracker"
    for _, method in ipairs { "record", "start", "run", "wrap", "instrument" } do
      assert.has_error(function() session[method](session) end, CLOSED)
    end
    assert.has_error(wrapped, CLOSED)
    assert.has_error(function() tracker:session("a") end, CLOSED)
    assert.equal("#0000000a", session:name())
  end)

  it("raises if its tracker's clock closes that", function()
    local closing = false
    local closed
    closed = exectrack.new { clock = function()
      if closing then
        closed:close()
      end
      return 0
    end }
    local other = closed:session("a")
    closing = true
    assert.has_error(function() other:start("a") end, "attempt to use a closed tracker")
  end)

  it("keeps its tracker alive, and is kept alive by what it started", function()
    local function of_new_tracker()
      return exectrack.new { max_history = 5, clock = clock.read }:session(("x"):rep(20))
    end
    local alone = of_new_tracker()
    collectgarbage()
    alone:record("a", "success", 1)
    local span, wrapped = of_new_tracker():start("a"), of_new_tracker():wrap("a", string.rep)
    collectgarbage()
    assert.equal(0, span:finish())
    assert.equal("xx", wrapped("x", 2))
    of_new_tracker():run("a", collectgarbage)
  end)

  it("has a name and a type", function()
    for _, name in ipairs { "conversation 17", "", "a\0b", "\255", "#0000000a", ("x"):rep(1000) } do
      local named = tracker:session(name)
      assert.equal(name, named:name())
      assert.equal("exectrack.Session (" .. name .. ")", tostring(named))
    end
    assert.equal("exectrack.Session", getmetatable(session).__name)
    assert.has_error(function() tracker:session(5) end,
      "bad argument #1 to 'session' (string expected, got number)")
    assert.has_error(function() tracker:session() end,
      "bad argument #1 to 'session' (string expected, got no value)")
  end)

  it("equals those of its name, tracker by tracker", function()
    local named = tracker:session("conversation 17")
    assert.equal(named, tracker:session(named:name()))
    named:record("a", "success", 1)
    assert.equal(named, tracker:session(newest().session))
    assert.not_equal(named, session)
    assert.not_equal(session, exectrack.new(1):session("#0000000a"))
    assert.not_equal(session, tracker)
    assert.not_equal(tracker, session)
    assert.is_false(getmetatable(session).__eq(session, 5))
  end)
end)
