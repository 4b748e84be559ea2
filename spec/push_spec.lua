local clocks = require("spec.support.clock")
local directories = require("spec.support.directory")
local exectrack = require("exectrack")
local receivers = require("spec.support.receiver")

local ID = "00000000-0000-0000-0000-0000000000aa"
local METRICS, TRACES = "http://a/v1/metrics", "http://a/v1/traces"

local clock, receiver

before_each(function()
  clock, receiver = clocks.new(), receivers.new()
end)

local function new(max_history)
  return exectrack.new { max_history = max_history or 10, instance_id = ID, clock = clock.read }
end

--- A pusher to the receiver, with these options.
local function pusher_of(options)
  options = options or {}
  options.endpoint = options.endpoint or "http://a"
  options.post, options.on_note = receiver.post, receiver.on_note
  return exectrack.push(options)
end

local function record(tracker, ...)
  for _, tool in ipairs { ... } do
    clock.advance_us(1000000)
    tracker:record(tool, "success", 1)
  end
end

--- The names of the spans of what came since the last call, and how many requests had metrics.
local function received()
  local names, metrics = receivers.names(receiver.requests)
  receiver.requests = {}
  return names, metrics
end

local function counts(given)
  local all = { requests = 0, spans = 0, rejected_spans = 0, rejected_data_points = 0,
    dropped_spans = 0, lost = 0 }
  for name, count in pairs(given) do
    all[name] = count
  end
  return all
end

describe("a pusher", function()
  it("sends metrics and spans as exported, in Protocol Buffers", function()
    local tracker = new()
    record(tracker, "read")
    local snapshot = tracker:snapshot()
    local pusher = pusher_of { headers = { Authorization = "Bearer x" } }
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
        assert.is_true(pusher_of(options):send(snapshot, { has_ended = signal == "traces" }))
        assert.equal(bytes, table.remove(receiver.requests).body)
      end
    end
  end)

  it("sends JSON, and bodies that were compressed", function()
    local tracker = new()
    record(tracker, "read")
    local pusher = pusher_of { protocol = "json", headers = { ["user-agent"] = "me" },
      compress = function(bytes) return "<" .. bytes:sub(1, 10) .. ">" end }
    assert.is_true(pusher:send(tracker:snapshot()))
    assert.same({ ["Content-Type"] = "application/json", ["Content-Encoding"] = "gzip",
      ["user-agent"] = "me" }, receiver.requests[1].headers)
    assert.equal('<{"resource>', receiver.requests[2].body)
  end)

  it("sends only spans that are new, and metrics only if they are", function()
    local tracker, pusher = new(), pusher_of()
    record(tracker, "a", "b")
    local older = tracker:snapshot()
    assert.is_true(pusher:send(older))
    assert.same({ { "a", "b" }, 1 }, { received() })
    assert.is_true(pusher:send(older))
    assert.same({ {}, 0 }, { received() })
    record(tracker, "c")
    assert.is_true(pusher:send(tracker:snapshot()))
    assert.same({ { "c" }, 1 }, { received() })
    assert.is_true(pusher:send(older))
    assert.same({ {}, 0 }, { received() })
    clock.advance_us(1)
    assert.is_true(pusher:send(tracker:snapshot()))
    assert.same({ {}, 1 }, { received() })
    assert.same(counts { requests = 5, spans = 3 }, pusher:counts())
  end)

  it("sends metrics also after the clock was set back, if there is more", function()
    local tracker, pusher = new(), pusher_of { signals = { "metrics" } }
    local form = tracker:snapshot():to_table()
    local function send(taken_seconds, recorded)
      form.taken_seconds, form.recorded = taken_seconds, recorded
      assert.is_true(pusher:send(assert(exectrack.from_table(form))))
      return select(2, received())
    end
    local time = form.taken_seconds
    assert.same({ 1, 0, 1, 0, 1 }, { send(time + 9, 5), send(time + 8, 5), send(time + 1, 6),
      send(time + 1, 5), send(time + 2, 4) })
  end)

  it("sends each run by itself, and one that was forgotten again", function()
    local pusher, one, two = pusher_of { signals = { "traces" } }, new(), exectrack.new(10)
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
    assert.same({ { "a" }, 0 }, { received() })
  end)

  it("sends nothing of a run without anything but metrics", function()
    assert.is_true(pusher_of():send(new():snapshot(), { has_ended = true }))
    assert.same({ {}, 1 }, { received() })
  end)

  it("cuts many spans into requests of at most 2,000", function()
    local tracker = new(4100)
    local pusher = pusher_of { traces_endpoint = "http://b/x?key=1", protocol = "json" }
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
    local tracker, pusher = new(3), pusher_of()
    record(tracker, "a", "b", "c", "d")
    assert.is_true(pusher:send(tracker:snapshot()))
    assert.same({ { "b", "c", "d" }, 1 }, { received() })
    assert.same({}, receiver.notes)
    record(tracker, "e", "f", "g", "h", "i")
    assert.is_true(pusher:send(tracker:snapshot()))
    assert.same({ { "g", "h", "i" }, 1 }, { received() })
    record(tracker, "j")
    tracker:clear()
    record(tracker, "k")
    assert.is_true(pusher:send(tracker:snapshot()))
    assert.same({ { "k" }, 1 }, { received() })
    assert.same({ "2 executions were overwritten or cleared before they were sent",
      "1 execution was overwritten or cleared before it was sent" }, receiver.notes)
    assert.equal(3, pusher:counts().lost)
  end)

  it("notes executions without a time once", function()
    local tracker, pusher = new(), pusher_of()
    tracker:record { tool = "a", status = "success", timestamp = false }
    record(tracker, "b")
    for _ = 1, 2 do
      clock.advance_us(1)
      assert.is_true(pusher:send(tracker:snapshot()))
    end
    assert.same({ { "b" }, 2 }, { received() })
    assert.same({ "1 execution without a time has no span" }, receiver.notes)
  end)

  it("sends nothing of an older copy, and only what was recorded in it later", function()
    local tracker, restored = new(), new()
    local pusher = pusher_of()
    for _, one in ipairs { tracker, restored } do
      one:record { tool = "a", status = "success", duration_ms = 1, timestamp = clock.us / 1e6 }
    end
    record(tracker, "b", "c")
    assert.is_true(pusher:send(tracker:snapshot()))
    assert.same({ { "a", "b", "c" }, 1 }, { received() })
    clock.advance_us(-1)
    assert.is_true(pusher:send(restored:snapshot()))
    assert.same({ {}, 0 }, { received() })
    clock.advance_us(1)
    record(restored, "d") -- fewer than were recorded in the other
    assert.is_true(pusher:send(restored:snapshot()))
    assert.same({ { "d" }, 1 }, { received() })
    record(tracker, "e")
    assert.is_true(pusher:send(tracker:snapshot())) -- more, but others
    assert.same({ { "e" }, 1 }, { received() })
    assert.equal(0, pusher:counts().lost)
  end)

  it("sends nothing of an older copy whose records aren't in the order of their ends", function()
    local tracker, pusher = new(), pusher_of { signals = { "traces" } }
    tracker:record { tool = "a", status = "success", duration_ms = 1, timestamp = 20 }
    local older = tracker:snapshot()
    tracker:record { tool = "b", status = "success", duration_ms = 1, timestamp = 10 }
    assert.is_true(pusher:send(tracker:snapshot()))
    assert.is_true(pusher:send(older))
    assert.same({ { "a", "b" }, 0 }, { received() })
  end)

  it("sends the spans around sessions that began in a run which went back", function()
    local tracker, restored, pusher = new(), new(), pusher_of { signals = { "traces" } }
    record(tracker, "a", "b", "c")
    assert.is_true(pusher:send(tracker:snapshot(), { has_ended = true }))
    received()
    record(restored, "d")
    restored:session("s"):record("e", "success", 0)
    assert.is_true(pusher:send(restored:snapshot(), { has_ended = true }))
    assert.same({ { "d", "e", "invoke_agent", "invoke_agent" }, 0 }, { received() })
  end)

  it("holds a call back while its caller is in flight, so that its parent is right", function()
    local tracker, pusher = new(), pusher_of { signals = { "traces" } }
    local session, other = tracker:session("s"), tracker:session("other")
    session:record("before", "success", 1)
    local outer = session:wrap("outer", function()
      clock.advance_us(1)
      record(session, "inner")
      record(other, "stranger")
      assert.is_true(pusher:send(tracker:snapshot()))
      assert.same({ { "before", "stranger" }, 0 }, { received() })
    end)
    outer()
    record(session, "after")
    assert.is_true(pusher:send(tracker:snapshot()))
    local spans = receivers.spans(receiver.requests[1])
    assert.same({ { "inner", "outer", "after" }, 0 }, { received() })
    assert.equal(spans[2].id, spans[1].parent)
  end)

  it("holds it back also if another call may be the caller", function()
    local tracker, pusher = new(), pusher_of { signals = { "traces" } }
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
    assert.same({ { "innermost", "first" }, 0 }, { received() })
    clock.advance_us(1)
    second:finish("success")
    assert.is_true(pusher:send(tracker:snapshot()))
    local spans = receivers.spans(receiver.requests[1])
    assert.same({ { "inner", "late", "second" }, 0 }, { received() })
    assert.equal(spans[3].id, spans[2].parent)
    assert.not_equal(spans[3].id, spans[1].parent) -- either might have called it
  end)

  it("holds it back also if its caller isn't listed, but a caller of that is", function()
    local tracker = exectrack.new { max_history = 10, max_in_flight = 1, clock = clock.read }
    local pusher = pusher_of { signals = { "traces" } }
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
        assert.same({ {}, 0 }, { received() })
      end)
    end)
    assert.is_true(pusher:send(tracker:snapshot()))
    local spans = receivers.spans(receiver.requests[1])
    assert.same({ { "inner", "middle", "outer" }, 0 }, { received() })
    assert.same({ spans[2].id, spans[3].id }, { spans[1].parent, spans[2].parent })
  end)

  it("doesn't hold back what would be overwritten, nor anything once the run has ended", function()
    local tracker, pusher = new(4), pusher_of { signals = { "traces" } }
    local span = tracker:start("outer")
    for _, tool in ipairs { "a", "b", "c" } do
      clock.advance_us(1)
      tracker:record { tool = tool, status = "success", duration_ms = 0, depth = 1 }
    end
    assert.is_true(pusher:send(tracker:snapshot()))
    assert.same({ { "a" }, 0 }, { received() })
    assert.is_true(pusher:send(tracker:snapshot(), { has_ended = true }))
    assert.same({ { "b", "c", "invoke_agent" }, 0 }, { received() })
    span:finish("success")
    assert.same({ 0, 4 }, { pusher:counts().lost, pusher:counts().spans })
  end)

  it("sends the span around a session once, when it has been idle for long", function()
    local tracker = new(4)
    local pusher = pusher_of { signals = { "traces" }, session_idle = 60 }
    local busy, idle = tracker:session("busy"), tracker:session("idle")
    local function send_after(seconds)
      clock.advance_us(seconds * 1000000)
      assert.is_true(pusher:send(tracker:snapshot()))
      return (received())
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
    assert.same({ { "invoke_agent" }, 0 }, { received() }) -- of the calls without a session
  end)

  it("sends the spans around sessions once, when the writer of a recorder has ended", function()
    local folder = directories.make()
    local path = folder .. "/agent.run"
    local pusher = pusher_of { signals = { "traces" }, session_idle = 1e9 }
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
    assert.same({ { "a", "b" }, 0 }, { received() })
    tracker:close()
    local ended = assert(exectrack.load(path))
    receiver.answers = { { 503 } }
    assert.is_nil(pusher:send(ended))
    receiver.requests = {}
    assert.is_true(pusher:send(ended))
    assert.same({ { "invoke_agent", "invoke_agent" }, 0 }, { received() })
    assert.is_true(pusher:send(ended))
    assert.same({ {}, 0 }, { received() })
    write("b", "c"):close()
    assert.same({ { "b", "c" }, 0 }, { received() })
    assert.is_true(pusher:send(assert(exectrack.load(path))))
    assert.same({ { "invoke_agent" }, 0 }, { received() })
    directories.remove(folder)
  end)
end)

describe("a pusher that fails", function()
  local function run_with(...)
    local tracker = new()
    record(tracker, ...)
    return tracker:snapshot()
  end

  it("tries again what may pass: after 1, 2, 4 … seconds, somewhat less", function()
    receiver.answers = { { nil, "refused" }, { 502 }, { 503 }, { 504 }, { 429 }, { 200 } }
    local pusher = pusher_of { signals = { "traces" }, sleep = receiver.sleep }
    assert.is_true(pusher:send(run_with("a")))
    assert.equal(6, #receiver.requests)
    for i = 2, 6 do
      assert.same(receiver.requests[1], receiver.requests[i])
      local longest = 2 ^ (i - 2)
      assert.is_true(receiver.slept[i - 1] >= longest / 2 and receiver.slept[i - 1] <= longest)
      receiver.slept[i - 1] = math.floor(receiver.slept[i - 1] * 1000)
    end
    assert.same({ 598, 1127, 3722, 4660, 11536 }, receiver.slept)
    assert.equal(TRACES .. ": refused; trying again in 0.6 seconds", receiver.notes[1])
    assert.equal(5, #receiver.notes)
  end)

  it("tries six times", function()
    for i = 1, 7 do
      receiver.answers[i] = { 503, { ["retry-after"] = "0" }, "\18\4busy" }
    end
    local pusher, run = pusher_of { signals = { "traces" }, sleep = receiver.sleep }, run_with("a")
    assert.same({ nil, TRACES .. ": status 503: busy", "unavailable", 0 },
      { pusher:send(run) })
    assert.same({ 6, { 0, 0, 0, 0, 0 } }, { #receiver.requests, receiver.slept })
    receiver.requests = {}
    assert.is_true(pusher:send(run))
    assert.equal(2, #receiver.requests)
    assert.same(counts { requests = 1, spans = 1 }, pusher:counts())
  end)

  it("waits as long as it is told, and no longer than it may in all", function()
    local run = run_with("a")
    local pusher = pusher_of { sleep = receiver.sleep, max_wait = 10 }
    receiver.answers = { { 429, { ["Retry-After"] = 7 } }, { 200 },
      { 503, { ["RETRY-AFTER"] = " 3 " } }, { 503, { ["Retry-After"] = { "1" } } } }
    assert.same({ nil, TRACES .. ": status 503", "unavailable", 1 }, { pusher:send(run) })
    assert.same({ 7, 3 }, receiver.slept)
    assert.same({ METRICS .. ": status 429; trying again in 7.0 seconds",
      TRACES .. ": status 503; trying again in 3.0 seconds" }, receiver.notes)
  end)

  it("without sleep tries once, and says after how long to try again, which grows", function()
    local pusher, run, seconds = pusher_of { signals = { "metrics" } }, run_with("a"), {}
    for i = 1, 10 do
      receiver.answers[1] = { nil, "no\nroute" }
      local sent, message, code
      sent, message, code, seconds[i] = pusher:send(run)
      assert.same({ nil, METRICS .. ": no\\nroute", "unavailable" }, { sent, message, code })
      seconds[i] = math.floor(seconds[i] * 10)
    end
    assert.same({ 5, 11, 37, 46, 115, 215, 572, 348, 473, 536 }, seconds)
    assert.equal(10, #receiver.requests)
    assert.is_true(pusher:send(run))
    receiver.answers[1] = { 503 }
    assert.is_true(select(4, pusher:send(run_with("a", "b"))) <= 1)
  end)

  it("drops for good what is refused, and goes on", function()
    local tracker, pusher = new(), pusher_of { sleep = receiver.sleep }
    record(tracker, "a", "b")
    receiver.answers = { { 404, nil, "no\27such page" }, { 400, nil, "\18\3bad" } }
    assert.same({ nil, METRICS .. ": status 404: no\\x1bsuch page (is the path of the endpoint "
      .. "right?); " .. TRACES .. ": status 400: bad; 2 spans were dropped", "refused" },
      { pusher:send(tracker:snapshot()) })
    assert.same({ 2, {} }, { #receiver.requests, receiver.slept })
    receiver.requests = {}
    assert.is_true(pusher:send(tracker:snapshot()))
    assert.same({ {}, 0 }, { received() })
    record(tracker, "c")
    assert.is_true(pusher:send(tracker:snapshot()))
    assert.same({ { "c" }, 1 }, { received() })
    assert.same(counts { requests = 2, spans = 1, dropped_spans = 2 }, pusher:counts())
  end)

  it("goes on with the next spans if only some were wrong", function()
    local tracker = new(6001)
    for i = 1, 6001 do
      tracker:record { tool = "read", status = "success", duration_ms = 1, args_hash = i }
    end
    local pusher = pusher_of { signals = { "traces" } }
    receiver.answers = { { 413 }, { 200 }, { 401 } }
    assert.same({ nil, TRACES .. ": status 413; 4000 spans were dropped", "refused" },
      { pusher:send(tracker:snapshot()) })
    assert.equal(3, #receiver.requests)
    assert.is_true(pusher:send(tracker:snapshot()))
    assert.same(counts { requests = 2, spans = 2001, dropped_spans = 4000 }, pusher:counts())
  end)

  it("doesn't try again what was accepted in part", function()
    local pusher = pusher_of { sleep = receiver.sleep }
    receiver.answers = { { 200, nil, "\10\2\8\3" }, { 200, nil, "\10\7\8\1\18\3odd" } }
    assert.is_true(pusher:send(run_with("a", "b")))
    assert.same({ METRICS .. ": rejected 3 data points", TRACES .. ": rejected 1 span: odd" },
      receiver.notes)
    assert.same(counts { requests = 2, spans = 2, rejected_spans = 1, rejected_data_points = 3 },
      pusher:counts())
  end)

  it("loses nothing if a function raises or returns what it mustn't", function()
    local run, calls = run_with("a"), 0
    local function pusher_with(option, value)
      local options = { endpoint = "http://user:secret@a/?", signals = { "traces" },
        post = receiver.post }
      options.endpoint, options.traces_endpoint = nil, "http://user:secret@a/?key=secret"
      options[option] = value
      return exectrack.push(options)
    end
    for problem, give in pairs {
      ["post: broken"] = function() error("broken", 0) end,
      ["post: an error that is a table"] = function() error({}) end,
      ["post: a status from 100 to 599 expected, got string"] = function() return "200" end,
      ["post: a status from 100 to 599 expected, got 99"] = function() return 99 end,
      ["post: a status from 100 to 599 expected, got 200.5"] = function() return 200.5 end,
      ["post: a status from 100 to 599 expected, got nan"] = function() return 0 / 0 end,
      ["post: a status from 100 to 599 expected, got boolean"] = function() return true end,
    } do
      local pusher = pusher_with("post", function(...)
        calls = calls + 1
        if calls % 2 == 1 then
          return give()
        end
        return receiver.post(...)
      end)
      assert.same({ nil, "http://a/: " .. problem, "post" }, { pusher:send(run) })
      assert.is_true(pusher:send(run))
      assert.same({ { "a" }, 0 }, { received() })
    end
    for problem, compress in pairs {
      ["compress: broken"] = function() error("broken", 0) end,
      ["compress: a string expected, got nil"] = function() end,
    } do
      local pusher = pusher_with("compress", compress)
      assert.same({ nil, problem, "post" }, { pusher:send(run) })
      assert.same({}, receiver.requests)
    end
  end)

  it("says what gives most hope, if several requests failed", function()
    local pusher = pusher_of()
    receiver.answers = { { 400 }, { 503, { ["Retry-After"] = "5" } } }
    assert.same({ nil, METRICS .. ": status 400; " .. TRACES .. ": status 503", "unavailable", 5 },
      { pusher:send(run_with("a")) })
    receiver.answers = { { 503 } }
    assert.equal("unavailable", select(3, pusher:send(run_with("a", "b"))))
    receiver.answers = { { 200 }, { 500 } }
    assert.same({ nil, TRACES .. ": status 500; 1 span was dropped", "refused" },
      { pusher_of():send(run_with("a")) })
  end)
end)
