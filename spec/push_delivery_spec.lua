local clocks = require("spec.support.clock")
local exectrack = require("exectrack")
local receivers = require("spec.support.receiver")

local counts = receivers.counts

local METRICS, TRACES = "http://a/v1/metrics", "http://a/v1/traces"

local clock, receiver

before_each(function()
  clock, receiver = clocks.new(), receivers.new()
end)

local function new(max_history)
  return exectrack.new { max_history = max_history or 10, clock = clock.read,
    instance_id = "00000000-0000-0000-0000-0000000000aa" }
end

describe("a pusher that fails", function()
  --- A run with executions of these tools, a second after each other.
  local function run_with(...)
    local tracker = new()
    for _, tool in ipairs { ... } do
      clock.advance_us(1000000)
      tracker:record(tool, "success", 1)
    end
    return tracker:snapshot()
  end

  it("tries again what may pass: after 1, 2, 4 … seconds, somewhat less", function()
    receiver.answers = { { nil, "refused" }, { 502 }, { 503 }, { 504 }, { 429 }, { 200 } }
    local pusher = receiver.pusher { signals = { "traces" }, sleep = receiver.sleep }
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
    local run = run_with("a")
    local pusher = receiver.pusher { signals = { "traces" }, sleep = receiver.sleep }
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
    local pusher = receiver.pusher { sleep = receiver.sleep, max_wait = 10 }
    receiver.answers = { { 429, { ["Retry-After"] = 7 } }, { 200 },
      { 503, { ["RETRY-AFTER"] = " 3 " } }, { 503, { ["Retry-After"] = { "1" } } } }
    assert.same({ nil, TRACES .. ": status 503", "unavailable", 1 }, { pusher:send(run) })
    assert.same({ 7, 3 }, receiver.slept)
    assert.same({ METRICS .. ": status 429; trying again in 7.0 seconds",
      TRACES .. ": status 503; trying again in 3.0 seconds" }, receiver.notes)
  end)

  it("without sleep tries once, and says after how long to try again, which grows", function()
    local pusher, run, seconds = receiver.pusher { signals = { "metrics" } }, run_with("a"), {}
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

  it("drops for good what the receiver says is wrong in itself, and goes on", function()
    local tracker, pusher = new(), receiver.pusher { sleep = receiver.sleep }
    tracker:record("a", "success", 1)
    tracker:record("b", "success", 1)
    receiver.answers = { { 422, nil, "no\27such thing" }, { 400, nil, "\18\3bad" } }
    assert.same({ nil, METRICS .. ": status 422: no\\x1bsuch thing; "
      .. TRACES .. ": status 400: bad; 2 spans were dropped", "dropped" },
      { pusher:send(tracker:snapshot()) })
    assert.same({ 2, {} }, { #receiver.requests, receiver.slept })
    receiver.requests = {}
    assert.is_true(pusher:send(tracker:snapshot()))
    assert.same({ {}, 0 }, { receiver.received() })
    tracker:record("c", "success", 1)
    assert.is_true(pusher:send(tracker:snapshot()))
    assert.same({ { "c" }, 1 }, { receiver.received() })
    assert.same(counts { requests = 2, spans = 1, dropped_spans = 2 }, pusher:counts())
  end)

  it("keeps all that is refused for another reason, also of a run that has ended", function()
    local run = run_with("a")
    for _, status in ipairs { 301, 401, 403, 404, 405, 408, 415, 500, 501 } do
      local pusher = receiver.pusher { sleep = receiver.sleep }
      receiver.answers = { { status }, { status } }
      local sent, _, code, seconds = pusher:send(run, { has_ended = true })
      assert.same({ nil, "refused" }, { sent, code, seconds })
      assert.same({ 2, {} }, { #receiver.requests, receiver.slept })
      receiver.requests = {}
      assert.is_true(pusher:send(run, { has_ended = true }))
      assert.same({ { "a", "invoke_agent" }, 1 }, { receiver.received() })
      assert.same(counts { requests = 2, spans = 2 }, pusher:counts())
    end
  end)

  it("goes on with the next spans if only some were wrong", function()
    local tracker = new(8001)
    for i = 1, 8001 do
      tracker:record { tool = "read", status = "success", duration_ms = 1, args_hash = i }
    end
    local pusher = receiver.pusher { signals = { "traces" } }
    receiver.answers = { { 413 }, { 200 }, { 401 } }
    assert.same({ nil, TRACES .. ": status 413; 2000 spans were dropped; " .. TRACES
      .. ": status 401 (is a header with a key or a password missing?)", "refused" },
      { pusher:send(tracker:snapshot()) })
    assert.equal(3, #receiver.requests)
    receiver.requests = {}
    assert.is_true(pusher:send(tracker:snapshot()))
    assert.equal(3, #receiver.requests)
    assert.same(counts { requests = 4, spans = 6001, dropped_spans = 2000 },
      pusher:counts())
  end)

  it("doesn't try again what was accepted in part", function()
    local pusher = receiver.pusher { sleep = receiver.sleep }
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
      assert.same({ { "a" }, 0 }, { receiver.received() })
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
    local pusher = receiver.pusher()
    receiver.answers = { { 400 }, { 503, { ["Retry-After"] = "5" } } }
    assert.same({ nil, METRICS .. ": status 400; " .. TRACES .. ": status 503", "unavailable", 5 },
      { pusher:send(run_with("a")) })
    receiver.answers = { { 503 } }
    assert.equal("unavailable", select(3, pusher:send(run_with("a", "b"))))
    receiver.answers = { { 422 }, { 500 } }
    assert.same({ nil, METRICS .. ": status 422; " .. TRACES .. ": status 500", "refused" },
      { receiver.pusher():send(run_with("a")) })
    receiver.answers = { { 200 }, { 400 } }
    assert.same({ nil, TRACES .. ": status 400; 1 span was dropped", "dropped" },
      { receiver.pusher():send(run_with("a")) })
  end)
end)
