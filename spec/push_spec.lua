local clocks = require("spec.support.clock")
local directories = require("spec.support.directory")
local exectrack = require("exectrack")
local receivers = require("spec.support.receiver")

local counts = receivers.counts

local ID = "00000000-0000-0000-0000-0000000000aa"
local METRICS, TRACES = "http://a/v1/metrics", "http://a/v1/traces"

local clock, receiver

before_each(function()
  clock, receiver = clocks.new(), receivers.new()
end)

local function new(max_history)
  return exectrack.new { max_history = max_history or 10, instance_id = ID, clock = clock.read }
end

local function record(tracker, ...)
  for _, tool in ipairs { ... } do
    clock.advance_us(1000000)
    tracker:record(tool, "success", 1)
  end
end

describe("a pusher", function()
  it("sends metrics and spans as exported, in Protocol Buffers", function()
    local tracker = new()
    record(tracker, "read")
    local snapshot = tracker:snapshot()
    local pusher = receiver.pusher { headers = { Authorization = "Bearer x" } }
    assert.same({ true }, { pusher:send(snapshot) })
    local headers = { Authorization = "Bearer x", ["Content-Type"] = "application/x-protobuf",
      ["User-Agent"] = "exectrack/0.1.0" }
    local first, second = receiver.requests[1], receiver.requests[2]
    assert.same({ METRICS, headers, snapshot:export("otlp", { signal = "metrics" }) },
      { first.url, first.headers, first.body })
    assert.same({ TRACES, headers }, { second.url, second.headers })
    assert.same({ "execute_tool read" }, { receivers.spans(second)[1].name })
    assert.equal(2, #receiver.requests)
    assert.same(counts { requests = 2, spans = 1 }, pusher:counts())
    pusher:counts().spans = 5
    assert.equal(1, pusher:counts().spans)
  end)

  it("encodes as an export with the same options, with all spans once the run has ended", function()
    local tracker = new()
    tracker:record { tool = "read", status = "failed", duration_ms = 1, error_type = "EIO",
      args = { "x" }, session = "s" }
    local snapshot = tracker:snapshot()
    for protocol, format in pairs { protobuf = "otlp", json = "otlp-json" } do
      for _, signal in ipairs { "metrics", "traces" } do
        local options = { texts = true, max_buckets = 20,
          resource = { ["host.name"] = "h", ["service.name"] = "s" } }
        options.signal = signal
        local bytes = snapshot:export(format, options)
        options.signals, options.signal, options.protocol = { signal }, nil, protocol
        assert.is_true(receiver.pusher(options):send(snapshot, { has_ended = signal == "traces" }))
        assert.equal(bytes, table.remove(receiver.requests).body)
      end
    end
  end)

  it("sends JSON, and bodies that were compressed", function()
    local tracker = new()
    record(tracker, "read")
    local pusher = receiver.pusher { protocol = "json", headers = { ["user-agent"] = "me" },
      compress = function(bytes) return "<" .. bytes:sub(1, 10) .. ">" end }
    assert.is_true(pusher:send(tracker:snapshot()))
    assert.same({ ["Content-Type"] = "application/json", ["Content-Encoding"] = "gzip",
      ["user-agent"] = "me" }, receiver.requests[1].headers)
    assert.equal('<{"resource>', receiver.requests[2].body)
  end)

  it("sends only spans that are new, and metrics only if they are", function()
    local tracker, pusher = new(), receiver.pusher()
    record(tracker, "a", "b")
    local older = tracker:snapshot()
    assert.is_true(pusher:send(older))
    assert.same({ { "a", "b" }, 1 }, { receiver.received() })
    assert.is_true(pusher:send(older))
    assert.same({ {}, 0 }, { receiver.received() })
    record(tracker, "c")
    assert.is_true(pusher:send(tracker:snapshot()))
    assert.same({ { "c" }, 1 }, { receiver.received() })
    assert.is_true(pusher:send(older))
    assert.same({ {}, 0 }, { receiver.received() })
    clock.advance_us(1)
    assert.is_true(pusher:send(tracker:snapshot()))
    assert.same({ {}, 1 }, { receiver.received() })
    assert.same(counts { requests = 5, spans = 3 }, pusher:counts())
  end)

  it("sends metrics also after the clock was set back, if there is more", function()
    local tracker, pusher = new(), receiver.pusher { signals = { "metrics" } }
    local form = tracker:snapshot():to_table()
    local function send(taken_seconds, recorded)
      form.taken_seconds, form.recorded = taken_seconds, recorded
      assert.is_true(pusher:send(assert(exectrack.from_table(form))))
      return select(2, receiver.received())
    end
    local time = form.taken_seconds
    assert.same({ 1, 0, 1, 0, 1 }, { send(time + 9, 5), send(time + 8, 5), send(time + 1, 6),
      send(time + 1, 5), send(time + 2, 4) })
  end)

  it("sends each run by itself, and one that was forgotten again", function()
    local pusher, one, two = receiver.pusher { signals = { "traces" } }, new(), exectrack.new(10)
    record(one, "a")
    record(two, "b")
    assert.is_true(pusher:send(one:snapshot()))
    assert.is_true(pusher:send(two:snapshot()))
    local ids = {}
    for i, request in ipairs(receiver.requests) do
      local _, resource = receivers.spans(request)
      ids[i] = resource["service.instance.id"]
    end
    assert.same({ ID, two:instance_id() }, ids)
    pusher:forget(ID)
    receiver.requests = {}
    assert.is_true(pusher:send(one:snapshot()))
    assert.is_true(pusher:send(two:snapshot()))
    assert.same({ { "a" }, 0 }, { receiver.received() })
  end)

  it("sends nothing of a run without anything but metrics", function()
    assert.is_true(receiver.pusher():send(new():snapshot(), { has_ended = true }))
    assert.same({ {}, 1 }, { receiver.received() })
  end)

  it("cuts many spans into requests of at most 2,000", function()
    local tracker = new(4100)
    local pusher = receiver.pusher { traces_endpoint = "http://b/x?key=1", protocol = "json" }
    for i = 1, 4001 do
      tracker:record { tool = "read", status = "success", duration_ms = 1, args_hash = i }
    end
    receiver.answers = { { 200 }, { 200 }, { 503 } }
    local sent, message, code = pusher:send(tracker:snapshot())
    assert.same({ nil, "http://b/x: status 503", "unavailable" }, { sent, message, code })
    local sizes = {}
    for i = 2, #receiver.requests do
      assert.equal("http://b/x?key=1", receiver.requests[i].url)
      sizes[#sizes + 1] = #receivers.spans(receiver.requests[i])
    end
    assert.same({ 2000, 2000 }, sizes)
    receiver.requests = {}
    assert.is_true(pusher:send(tracker:snapshot()))
    assert.equal("000007d1", receivers.spans(receiver.requests[1])[1].hash)
    assert.equal("00000fa1", receivers.spans(receiver.requests[2])[1].hash)
    assert.same(counts { requests = 4, spans = 4001 }, pusher:counts())
  end)

  it("counts executions that were overwritten or cleared between two sends", function()
    local tracker, pusher = new(3), receiver.pusher()
    record(tracker, "a", "b", "c", "d")
    assert.is_true(pusher:send(tracker:snapshot()))
    assert.same({ { "b", "c", "d" }, 1 }, { receiver.received() })
    record(tracker, "e", "f", "g", "h", "i")
    assert.is_true(pusher:send(tracker:snapshot()))
    assert.same({ { "g", "h", "i" }, 1 }, { receiver.received() })
    record(tracker, "j")
    tracker:clear()
    record(tracker, "k")
    assert.is_true(pusher:send(tracker:snapshot()))
    assert.same({ { "k" }, 1 }, { receiver.received() })
    assert.same({ "1 execution was overwritten or cleared before the run was first sent",
      "2 executions were overwritten or cleared before they were sent",
      "1 execution was overwritten or cleared before it was sent" }, receiver.notes)
    assert.equal(4, pusher:counts().lost)
  end)

  it("counts nothing as lost of a run that is to retain nothing", function()
    local tracker, pusher = new(0), receiver.pusher()
    for _ = 1, 2 do
      record(tracker, "a")
      assert.is_true(pusher:send(tracker:snapshot()))
    end
    assert.same({ { {}, 2 }, {} }, { { receiver.received() }, receiver.notes })
    assert.equal(0, pusher:counts().lost)
  end)

  it("notes executions without a time once", function()
    local tracker, pusher = new(), receiver.pusher { signals = { "traces" } }
    local function send_twice()
      for _ = 1, 2 do
        clock.advance_us(1)
        assert.is_true(pusher:send(tracker:snapshot()))
      end
      return (receiver.received())
    end
    local span = tracker:start("outer")
    tracker:record { tool = "held back", status = "success", duration_ms = 0, depth = 1 }
    tracker:record { tool = "a", status = "success", timestamp = false }
    record(tracker, "b")
    assert.same({ "b" }, send_twice())
    span:finish("success")
    tracker:record { tool = "a", status = "success", timestamp = false }
    assert.same({ "held back", "outer" }, send_twice())
    local note = "1 execution without a time has no span"
    assert.same({ note, note }, receiver.notes)
  end)

  it("sends nothing of an older copy, and only what was recorded in it later", function()
    local tracker, restored = new(), new()
    local pusher = receiver.pusher()
    for _, one in ipairs { tracker, restored } do
      one:record { tool = "a", status = "success", duration_ms = 1, timestamp = clock.us / 1e6 }
    end
    record(tracker, "b", "c")
    assert.is_true(pusher:send(tracker:snapshot()))
    assert.same({ { "a", "b", "c" }, 1 }, { receiver.received() })
    clock.advance_us(-1)
    assert.is_true(pusher:send(restored:snapshot()))
    assert.same({ {}, 0 }, { receiver.received() })
    clock.advance_us(1)
    record(restored, "d") -- fewer than were recorded in the other
    assert.is_true(pusher:send(restored:snapshot()))
    assert.same({ { "d" }, 1 }, { receiver.received() })
    record(tracker, "e")
    assert.is_true(pusher:send(tracker:snapshot())) -- more, but others
    assert.same({ { "e" }, 1 }, { receiver.received() })
    assert.equal(0, pusher:counts().lost)
  end)

  it("sends nothing of an older copy whose records aren't in the order of their ends", function()
    local tracker, pusher = new(), receiver.pusher { signals = { "traces" } }
    tracker:record { tool = "a", status = "success", duration_ms = 1, timestamp = 20 }
    local older = tracker:snapshot()
    tracker:record { tool = "b", status = "success", duration_ms = 1, timestamp = 10 }
    assert.is_true(pusher:send(tracker:snapshot()))
    assert.is_true(pusher:send(older))
    assert.same({ { "a", "b" }, 0 }, { receiver.received() })
  end)

  it("sends the spans around sessions that began in a run which went back", function()
    local tracker, restored, pusher = new(), new(), receiver.pusher { signals = { "traces" } }
    record(tracker, "a", "b", "c")
    assert.is_true(pusher:send(tracker:snapshot(), { has_ended = true }))
    receiver.received()
    record(restored, "d")
    restored:session("s"):record("e", "success", 0)
    assert.is_true(pusher:send(restored:snapshot(), { has_ended = true }))
    assert.same({ { "d", "e", "invoke_agent" }, 0 }, { receiver.received() })
  end)

  it("holds a call back while its caller is in flight, so that its parent is right", function()
    local tracker, pusher = new(), receiver.pusher { signals = { "traces" } }
    local session, other = tracker:session("s"), tracker:session("other")
    session:record("before", "success", 1)
    local outer = session:wrap("outer", function()
      clock.advance_us(1)
      record(session, "inner")
      record(other, "stranger")
      assert.is_true(pusher:send(tracker:snapshot()))
      assert.same({ { "before", "stranger" }, 0 }, { receiver.received() })
    end)
    outer()
    record(session, "after")
    assert.is_true(pusher:send(tracker:snapshot()))
    local spans = receivers.spans(receiver.requests[1])
    assert.same({ { "inner", "outer", "after" }, 0 }, { receiver.received() })
    assert.equal(spans[2].id, spans[1].parent)
  end)

  it("holds it back also if another call may be the caller", function()
    local tracker, pusher = new(), receiver.pusher { signals = { "traces" } }
    local first, second = tracker:start("first"), tracker:start("second")
    local function call(tool, depth)
      tracker:record { tool = tool, status = "success", duration_ms = 0, depth = depth }
    end
    clock.advance_us(1)
    call("inner", 1)
    call("innermost", 2)
    clock.advance_us(1)
    first:finish("success")
    clock.advance_us(1)
    call("late", 1)
    assert.is_true(pusher:send(tracker:snapshot()))
    assert.same({ { "innermost", "first" }, 0 }, { receiver.received() })
    clock.advance_us(1)
    second:finish("success")
    assert.is_true(pusher:send(tracker:snapshot()))
    local spans = receivers.spans(receiver.requests[1])
    assert.same({ { "inner", "late", "second" }, 0 }, { receiver.received() })
    assert.equal(spans[3].id, spans[2].parent)
    assert.not_equal(spans[3].id, spans[1].parent) -- either might have called it
  end)

  it("holds it back also if its caller isn't listed, but a caller of that is", function()
    local tracker = exectrack.new { max_history = 10, max_in_flight = 1, clock = clock.read }
    local pusher = receiver.pusher { signals = { "traces" } }
    local function call(tool, inner)
      tracker:run(tool, function()
        clock.advance_us(1)
        inner()
      end)
    end
    call("outer", function()
      call("middle", function()
        call("inner", function() end)
        assert.is_true(pusher:send(tracker:snapshot()))
        assert.same({ {}, 0 }, { receiver.received() })
      end)
    end)
    assert.is_true(pusher:send(tracker:snapshot()))
    local spans = receivers.spans(receiver.requests[1])
    assert.same({ { "inner", "middle", "outer" }, 0 }, { receiver.received() })
    assert.same({ spans[2].id, spans[3].id }, { spans[1].parent, spans[2].parent })
  end)

  it("doesn't hold back what would be overwritten, nor anything once the run has ended", function()
    local tracker, pusher = new(4), receiver.pusher { signals = { "traces" } }
    local span = tracker:start("outer")
    for _, tool in ipairs { "a", "b", "c" } do
      clock.advance_us(1)
      tracker:record { tool = tool, status = "success", duration_ms = 0, depth = 1 }
    end
    assert.is_true(pusher:send(tracker:snapshot()))
    assert.same({ { "a" }, 0 }, { receiver.received() })
    assert.is_true(pusher:send(tracker:snapshot(), { has_ended = true }))
    assert.same({ { "b", "c", "invoke_agent" }, 0 }, { receiver.received() })
    span:finish("success")
    assert.same({ 0, 4 }, { pusher:counts().lost, pusher:counts().spans })
  end)

  it("sends the span around a session once, when it has been idle for long", function()
    local tracker = new(4)
    local pusher = receiver.pusher { signals = { "traces" }, session_idle = 60 }
    local busy, idle = tracker:session("busy"), tracker:session("idle")
    local function send_after(seconds)
      clock.advance_us(seconds * 1000000)
      assert.is_true(pusher:send(tracker:snapshot()))
      return (receiver.received())
    end
    record(busy, "a")
    record(idle, "b")
    tracker:record("without session", "success", 0)
    local span = busy:start("c")
    assert.same({ "a", "b", "without session" }, send_after(0))
    assert.same({}, send_after(59))
    receiver.answers = { { 503 } }
    clock.advance_us(1000000)
    assert.is_nil(pusher:send(tracker:snapshot()))
    receiver.requests = {}
    assert.same({ "invoke_agent" }, send_after(0))
    assert.same({}, send_after(600))
    record(idle, "d")
    span:finish("success")
    assert.same({ "d", "c" }, send_after(0))
    assert.same({ "invoke_agent" }, send_after(60)) -- of the other one
    assert.same({}, send_after(600))
    assert.is_true(pusher:send(tracker:snapshot(), { has_ended = true }))
    assert.same({ { "invoke_agent" }, 0 }, { receiver.received() }) -- of calls without a session
  end)

  it("sends the spans around sessions once, when the writer of a recorder has ended", function()
    local folder = directories.make()
    local path = folder .. "/agent.run"
    local pusher = receiver.pusher { signals = { "traces" }, session_idle = 1e9 }
    local function write(...)
      local tracker = assert(exectrack.open(path, { clock = clock.read }))
      for _, session in ipairs { ... } do
        clock.advance_us(1)
        tracker:record { tool = session, status = "success", duration_ms = 0, session = session }
      end
      assert.is_true(pusher:send(assert(exectrack.load(path))))
      return tracker
    end
    local tracker = write("a", "b")
    assert.same({ { "a", "b" }, 0 }, { receiver.received() })
    tracker:close()
    local ended = assert(exectrack.load(path))
    receiver.answers = { { 503 } }
    assert.is_nil(pusher:send(ended))
    receiver.requests = {}
    assert.is_true(pusher:send(ended))
    assert.same({ { "invoke_agent", "invoke_agent" }, 0 }, { receiver.received() })
    assert.is_true(pusher:send(ended))
    assert.same({ {}, 0 }, { receiver.received() })
    write("b", "c"):close()
    assert.same({ { "b", "c" }, 0 }, { receiver.received() })
    assert.is_true(pusher:send(assert(exectrack.load(path))))
    assert.same({ { "invoke_agent" }, 0 }, { receiver.received() })
    directories.remove(folder)
  end)
end)
