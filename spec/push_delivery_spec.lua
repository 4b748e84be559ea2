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

  it("drops spans that a receiver which took others says are wrong, but no metrics", function()
    local tracker, pusher = new(), receiver.pusher { sleep = receiver.sleep }
    tracker:record("a", "success", 1)
    assert.is_true(pusher:send(tracker:snapshot()))
    tracker:record("b", "success", 1)
    tracker:record("c", "success", 1)
    receiver.answers = { { 422, nil, "no\27such thing" }, { 400, nil, "\18\3bad" } }
    assert.same({ nil, METRICS .. ": status 422: no\\x1bsuch thing; "
      .. TRACES .. ": status 400: bad; 2 spans were dropped", "refused" },
      { pusher:send(tracker:snapshot()) })
    assert.same({ 4, {} }, { #receiver.requests, receiver.slept })
    receiver.requests = {}
    assert.is_true(pusher:send(tracker:snapshot()))
    assert.same({ {}, 1 }, { receiver.received() })
    tracker:record("d", "success", 1)
    assert.is_true(pusher:send(tracker:snapshot()))
    assert.same({ { "d" }, 1 }, { receiver.received() })
    assert.same(counts { requests = 5, spans = 2, dropped_spans = 2 }, pusher:counts())
  end)

  it("drops nothing where nothing of the signal was ever accepted, but tries all", function()
    local tracker = new(4001)
    for i = 1, 4001 do
      tracker:record { tool = "read", status = "success", duration_ms = 1, args_hash = i }
    end
    local pusher, hint = receiver.pusher(), " (is the path of the endpoint right?)"
    receiver.answers = { { 200 }, { 400 }, { 422 }, { 200, nil, "<p>" } }
    assert.same({ nil, TRACES .. ": status 400" .. hint .. "; " .. TRACES .. ": status 200: the "
      .. "answer isn't that of a receiver of OTLP" .. hint, "refused" },
      { pusher:send(tracker:snapshot()) })
    assert.equal(4, #receiver.requests)
    receiver.requests, receiver.answers = {}, { { 422 }, { 200 }, { 200 } }
    assert.same({ nil, TRACES .. ": status 422" .. hint, "refused" },
      { pusher:send(tracker:snapshot()) })
    receiver.requests, receiver.answers = {}, { { 400 } }
    assert.same({ nil, TRACES .. ": status 400; 2000 spans were dropped", "dropped" },
      { pusher:send(tracker:snapshot()) })
    assert.same(counts { requests = 3, spans = 2001, dropped_spans = 2000 }, pusher:counts())
  end)

  --- A receiver of requests of at most so many spans, none of which is one of the tool `large`.
  local function limit(most)
    function receiver.answer(request)
      local names = receivers.names { request }
      local has_large = (" " .. table.concat(names, " ") .. " "):find(" large ", 1, true)
      return { (has_large or #names > most) and 413 or 200 }
    end
  end

  --- How many spans each request had that came since the last call.
  local function sizes()
    local list = {}
    for i, request in ipairs(receiver.requests) do
      list[i] = #receivers.spans(request)
    end
    receiver.requests = {}
    return list
  end

  local TOO_LARGE = TRACES
    .. ": status 413 (does the receiver, or a proxy, limit the size of requests?)"

  it("halves requests that are too large, and remembers the size that worked", function()
    local tracker, pusher = new(100), receiver.pusher { signals = { "traces" } }
    local function record(first, last)
      for i = first, last do
        tracker:record(i == 30 and "large" or "read", "success", 1)
      end
    end
    limit(6)
    record(1, 25)
    assert.is_true(pusher:send(tracker:snapshot()))
    assert.same({ 25, 12, 6, 6, 6, 6, 1 }, sizes())
    record(26, 35)
    assert.same({ nil, TOO_LARGE .. "; 1 span was dropped", "dropped" },
      { pusher:send(tracker:snapshot()) })
    assert.same({ 6, 3, 3, 1, 1, 5 }, sizes()) -- 26 to 28, 29, the large one, and the others
    record(36, 42)
    assert.is_true(pusher:send(tracker:snapshot()))
    assert.same({ 6, 1 }, sizes())
    assert.same(counts { requests = 10, spans = 41, dropped_spans = 1 }, pusher:counts())
  end)

  it("keeps a span that is too large alone until the receiver has accepted others", function()
    local pusher = receiver.pusher { signals = { "traces" } }
    limit(10)
    local run = run_with("large", "b", "c", "d")
    assert.same({ nil, TOO_LARGE, "refused" }, { pusher:send(run) })
    assert.same({ 4, 2, 1, 3 }, sizes())
    assert.same({ nil, TOO_LARGE .. "; 1 span was dropped", "dropped" }, { pusher:send(run) })
    assert.same({ 1 }, sizes())
    limit(0)
    pusher = receiver.pusher { signals = { "traces" } }
    assert.same({ nil, TOO_LARGE, "refused" }, { pusher:send(run) })
    assert.same({ 4, 2, 1, 3, 1 }, sizes())
    limit(10)
    assert.is_nil(pusher:send(run))
    assert.same(counts { requests = 1, spans = 3 }, pusher:counts())
  end)

  it("drops only one span if nothing is taken any more, however small", function()
    local pusher = receiver.pusher { signals = { "traces" } }
    assert.is_true(pusher:send(run_with("a")))
    limit(0)
    receiver.requests = {}
    local sent, message, code = pusher:send(run_with("b", "c", "d", "e"))
    assert.same({ nil, TOO_LARGE .. "; 1 span was dropped; " .. TOO_LARGE, "refused" },
      { sent, message, code })
    assert.same({ 4, 2, 1, 3, 1, 2, 1 }, sizes())
    assert.same(counts { requests = 1, spans = 1, dropped_spans = 1 }, pusher:counts())
  end)

  it("sends metrics that are too large, and all of a run that has ended, again", function()
    local run = run_with("a")
    for _, status in ipairs { 400, 413, 422 } do
      local pusher = receiver.pusher()
      assert.is_true(pusher:send(run_with("b")))
      pusher:forget(run:instance_id())
      receiver.answers, receiver.requests = { { status } }, {}
      assert.equal("refused", select(3, pusher:send(run, { has_ended = true })))
      assert.same({ { "a", "invoke_agent" }, 1 }, { receiver.received() })
      assert.is_true(pusher:send(run, { has_ended = true }))
      assert.same({ {}, 1 }, { receiver.received() })
    end
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
    assert.is_true(pusher:send(run_with("a")))
    pusher:forget(tracker:instance_id())
    receiver.requests, receiver.answers = {}, { { 422 }, { 200 }, { 401 } }
    assert.same({ nil, TRACES .. ": status 422; 2000 spans were dropped; " .. TRACES
      .. ": status 401 (is a header with a key or a password missing?)", "refused" },
      { pusher:send(tracker:snapshot()) })
    assert.equal(3, #receiver.requests)
    receiver.requests = {}
    assert.is_true(pusher:send(tracker:snapshot()))
    assert.equal(3, #receiver.requests)
    assert.same(counts { requests = 5, spans = 6002, dropped_spans = 2000 },
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
    for message, give in pairs {
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
      assert.same({ nil, "http://a/: " .. message, "post" }, { pusher:send(run) })
      assert.is_true(pusher:send(run))
      assert.same({ { "a" }, 0 }, { receiver.received() })
    end
    for message, compress in pairs {
      ["compress: broken"] = function() error("broken", 0) end,
      ["compress: a string expected, got nil"] = function() end,
    } do
      local pusher = pusher_with("compress", compress)
      assert.same({ nil, message, "post" }, { pusher:send(run) })
      assert.same({}, receiver.requests)
    end
  end)

  it("says what gives most hope, if several requests failed", function()
    local pusher = receiver.pusher()
    receiver.answers = { { 400 }, { 503, { ["Retry-After"] = "5" } } }
    local hint = " (is the path of the endpoint right?); "
    assert.same({ nil, METRICS .. ": status 400" .. hint .. TRACES .. ": status 503", "unavailable",
      5 }, { pusher:send(run_with("a")) })
    receiver.answers = { { 503 } }
    assert.equal("unavailable", select(3, pusher:send(run_with("a", "b"))))
    receiver.answers = { { 422 }, { 500 } }
    assert.same({ nil, METRICS .. ": status 422" .. hint .. TRACES .. ": status 500", "refused" },
      { receiver.pusher():send(run_with("a")) })
    pusher = receiver.pusher()
    assert.is_true(pusher:send(run_with("a")))
    receiver.answers = { { 200 }, { 400 } }
    assert.same({ nil, TRACES .. ": status 400; 2 spans were dropped", "dropped" },
      { pusher:send(run_with("a", "b")) })
  end)
end)
