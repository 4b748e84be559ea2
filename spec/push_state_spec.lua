local exectrack = require("exectrack")
local receivers = require("spec.support.receiver")

local ID = "00000000-0000-0000-0000-0000000000aa"
local LATE = 253402300799.5 -- the year 9999

local function new(time)
  return exectrack.new { max_history = 10, instance_id = ID, clock = function() return time end }
end

local function pusher_to(receiver, state)
  return exectrack.push { endpoint = "http://a", post = receiver.post, state = state }
end

local function shown(value)
  if type(value) == "boolean" then
    return tostring(value)
  elseif type(value) ~= "table" then
    return type(value) == "string" and '"' .. value .. '"' or ("%.0f"):format(value)
  end
  local parts, is_list = {}, value[1] ~= nil
  for key, element in pairs(value) do
    parts[#parts + 1] = (is_list and "" or '"' .. key .. '":') .. shown(element)
  end
  local text = table.concat(parts, ",")
  return is_list and "[" .. text .. "]" or "{" .. text .. "}"
end

describe("the state of a pusher", function()
  it("is what was sent, as plain data", function()
    local tracker, receiver = new(LATE), receivers.new()
    local pusher = pusher_to(receiver)
    assert.same({}, pusher:state())
    local span = tracker:start("outer")
    tracker:record { tool = "inner", status = "success", duration_ms = 0, depth = 1 }
    tracker:record { tool = "other", status = "success", duration_ms = 0 }
    assert.is_true(pusher:send(tracker:snapshot()))
    assert.same({ [ID] = { done = 0, seen = 2, idle_at = 1e12, after = { 2 },
      latest_end_us = "253402300799500000", seen_end_us = "253402300799500000",
      taken = "253402300799.5", recorded = 2, has_ended = false } }, pusher:state())
    span:finish("success")
    receiver.answers = { { 200 }, { 200 }, { 503 } }
    assert.is_true(pusher:send(tracker:snapshot()))
    assert.same({ done = 3, seen = 3, idle_at = 1e12, latest_end_us = "253402300799500000",
      seen_end_us = "253402300799500000", taken = "253402300799.5", recorded = 3,
      has_ended = false }, pusher:state()[ID])
  end)

  it("lets another pusher go on, also after a trip through JSON", function()
    local tracker, receiver = new(LATE), receivers.new()
    local pusher = pusher_to(receiver)
    local span = tracker:start("outer")
    tracker:record { tool = "inner", status = "success", duration_ms = 0, depth = 1 }
    tracker:session("s"):record("a", "success", 0)
    assert.is_true(pusher:send(tracker:snapshot()))
    receiver.requests = {}
    pusher = pusher_to(receiver, assert(exectrack.json.decode(shown(pusher:state()))))
    assert.is_true(pusher:send(tracker:snapshot()))
    assert.same({ {}, 0 }, { receivers.names(receiver.requests) })
    assert.equal(600, pusher:state()[ID].idle_at - math.floor(LATE))
    span:finish("success")
    assert.is_true(pusher:send(tracker:snapshot()))
    assert.same({ { "inner", "outer" }, 1 }, { receivers.names(receiver.requests) })
  end)

  it("has the spans around sessions that were sent before another failed", function()
    local tracker = exectrack.new { max_history = 2001, instance_id = ID }
    local receiver = receivers.new()
    for i = 1, 2001 do
      tracker:record { tool = "a", status = "success", duration_ms = 0, session = "s" .. i }
    end
    receiver.answers = { { 200 }, { 200 }, { 200 }, { 503 } }
    local run, pusher = tracker:snapshot(), pusher_to(receiver)
    assert.equal("unavailable", select(3, pusher:send(run, { has_ended = true })))
    receiver.requests = {}
    local state = pusher:state()
    assert.equal(1999, #state[ID].roots)
    assert.is_true(pusher_to(receiver, state):send(run, { has_ended = true }))
    assert.equal(2, #receivers.spans(receiver.requests[1]))
    assert.is_nil(receiver.requests[2])
  end)

  it("has no more of sessions than is needed", function()
    local time = 1767225600
    local tracker = exectrack.new { max_history = 3, instance_id = ID,
      clock = function() return time end }
    local pusher = pusher_to(receivers.new())
    local function state_after(seconds, has_ended)
      time = time + seconds
      assert.is_true(pusher:send(tracker:snapshot(), { has_ended = has_ended }))
      local position = pusher:state()[ID]
      return { position.idle_at and position.idle_at - time, #(position.roots or {}) }
    end
    tracker:session("a"):record("t", "success", 0)
    assert.same({ 600, 0 }, state_after(0))
    assert.same({ nil, 1 }, state_after(600))
    tracker:session("b"):record("t", "success", 0)
    assert.same({ 590, 1 }, state_after(10))
    tracker:record("t", "success", 0)
    tracker:record("t", "success", 0)
    assert.same({ 590, 0 }, state_after(0)) -- nothing of the first one is retained
    tracker:session("c"):record("t", "success", 0)
    assert.same({ 600, 0 }, state_after(0))
    assert.same({ nil, 2 }, state_after(0, true))
  end)

  it("loses nothing if it says that more was sent than was there", function()
    local tracker, receiver = new(LATE), receivers.new()
    tracker:record("a", "success", 0)
    local state = { [ID] = { done = 9, latest_end_us = "0", taken = 0 } }
    assert.is_true(pusher_to(receiver, state):send(tracker:snapshot()))
    assert.same({ { "a" }, 1 }, { receivers.names(receiver.requests) })
  end)

  it("is refused if it is something else", function()
    local good = { done = 1, latest_end_us = "0", taken = 0 }
    for message, value in pairs {
      ["a table expected, got 5"] = 5,
      ["a string as key expected, got 1"] = { {} },
      ["'a': a table of options expected, got 1"] = { a = 1 },
      ["'a': unknown option 'x'"] = { a = { x = 1 } },
      ["'a': option 'done': an integer from 0 expected, got nil"] = { a = {} },
    } do
      assert.has_error(function() pusher_to(receivers.new(), value) end,
        "push: option 'state': " .. message)
    end
    for field, values in pairs {
      done = { -1, 1.5, "1", {} }, seen = { -1 }, idle_at = { false },
      latest_end_us = { "x", "-1", {} }, seen_end_us = { "0x10" }, taken = { "nan", -1 },
      recorded = { -1 }, has_ended = { 0 },
      after = { 1, { 0 }, { "1" } },
      roots = { { "0" }, { 1 }, { ("x"):rep(16) }, { ("A"):rep(16) } },
    } do
      for _, value in ipairs(values) do
        local state = { a = {} }
        for name, given in pairs(good) do
          state.a[name] = given
        end
        assert.is_truthy(pusher_to(receivers.new(), state))
        state.a[field] = value
        assert.is_false(pcall(pusher_to, receivers.new(), state), field)
      end
    end
  end)
end)
