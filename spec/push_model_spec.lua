local clocks = require("spec.support.clock")
local exectrack = require("exectrack")
local random = require("spec.support.random")
local receivers = require("spec.support.receiver")

local ROUNDS = tonumber(os.getenv("ROUNDS")) or 60 -- fewer under valgrind
local STEPS = 40

-- Statuses, and what becomes of the spans then: nothing if they are to be sent again.
local ANSWERS = { { 200, "accepted" }, { 204, "accepted" }, { 200, "accepted" },
  { 200, "accepted" }, { 503 }, { nil }, { "?" }, { 400, "dropped" }, { 401 }, { 200, nil, "<p>" },
  { 413, "dropped" } }

--- A session of calls within each other, of which each yields at random.
local function talk(tracker, clock, name)
  local session, calls = tracker:session(name), 0
  local function call(depth)
    calls = calls + 1
    return session:run("t", function()
      repeat
        clock.advance_us(math.random(1, 1000))
        if math.random(3) == 1 then
          coroutine.yield()
        elseif depth < 4 and math.random(3) == 1 then
          call(depth + 1)
        end
      until math.random(2) == 1
      clock.advance_us(1)
      return true
    end, calls)
  end
  return coroutine.wrap(function()
    while true do
      call(0)
      coroutine.yield()
    end
  end)
end

--- A receiver that gives random answers. It has what it was sent, by identifier: `spans`, what
-- became of each, and `parents`. `has_accepted` is whether it has accepted any of this pusher.
local function new_receiver()
  local receiver = receivers.new()
  receiver.spans, receiver.parents = {}, {}
  function receiver.answer(request)
    local answer = random.pick(receiver.is_fine and { { 200, "accepted" } } or ANSWERS)
    local spans = receivers.spans(request)
    if answer[2] == "dropped"
        and not (receiver.has_accepted and (answer[1] == 400 or #spans == 1)) then
      return { answer[1] }
    end
    receiver.has_accepted = (receiver.has_accepted or answer[2] == "accepted") and answer[1] ~= 413
    for _, span in ipairs(answer[2] and spans or {}) do
      receiver.spans[span.id] = receiver.spans[span.id] and "again" or answer[2]
      receiver.parents[span.id] = span.parent or "none"
    end
    return answer
  end
  return receiver
end

local function pusher_to(receiver, session_idle, state)
  receiver.has_accepted = false
  return exectrack.push { endpoint = "http://a", signals = { "traces" }, protocol = "json",
    post = receiver.post, state = state, sleep = random.pick { receiver.sleep, nil },
    session_idle = session_idle }
end

--- A pusher in the place of one, as after a restart. Adds the counts of that to `totals`.
local function restarted(pusher, receiver, session_idle, totals)
  for name, count in pairs(pusher:counts()) do
    totals[name] = (totals[name] or 0) + count
  end
  return pusher_to(receiver, session_idle, pusher:state())
end

--- Lets a run go on for random steps, sending it now and then, and whole in the end. Returns its
-- last snapshot, the receiver, and the counts of all pushers together.
local function play(max_history, session_idle)
  local clock, receiver, totals, talks = clocks.new(), new_receiver(), {}, {}
  local tracker = exectrack.new { max_history = max_history, clock = clock.read }
  local pusher = pusher_to(receiver, session_idle)
  assert.is_true(pusher:send(tracker:snapshot()))
  for i = 1, 3 do
    talks[i] = talk(tracker, clock, "s" .. i)
  end
  for _ = 1, STEPS do
    random.pick(talks)()
    clock.advance_us(random.pick { 0, 0, 0, 3000000 })
    if math.random(3) == 1 then
      pusher:send(tracker:snapshot())
    end
    if math.random(8) == 1 then
      pusher = restarted(pusher, receiver, session_idle, totals)
    end
  end
  receiver.is_fine = true
  local last = tracker:snapshot()
  assert.is_true(pusher:send(last, { has_ended = true }))
  restarted(pusher, receiver, session_idle, totals)
  return last, receiver, totals
end

--- The parents of all spans, by their identifiers, as an export of the whole run has them.
local function exported(snapshot)
  local form, parents = snapshot:to_table(), {}
  form.in_flight = {}
  for _, tool in ipairs(form.tools) do
    tool.in_flight = 0
  end
  local bytes = exectrack.from_table(form):export("otlp-json", { signal = "traces" })
  for _, span in ipairs(receivers.spans { body = bytes }) do
    parents[span.id] = span.parent or "none"
  end
  return parents
end

local function count(map, value)
  local found = 0
  for _, element in pairs(map) do
    found = found + (element == value and 1 or 0)
  end
  return found
end

describe("what pushers send of random runs", function()
  setup(function()
    random.seed("push_model_spec")
  end)

  it("is each span once, with the parent that it has in the whole run", function()
    for _ = 1, ROUNDS do
      local last, receiver, totals = play(2000, random.pick { 1, 1000 })
      assert.same(exported(last), receiver.parents)
      assert.equal(0, count(receiver.spans, "again"))
      assert.same({ count(receiver.spans, "accepted"), count(receiver.spans, "dropped"), 0 },
        { totals.spans, totals.dropped_spans, totals.lost })
    end
  end)

  it("is each execution once, except those that it counts as lost", function()
    for _ = 1, ROUNDS do
      local last, receiver, totals = play(random.pick { 1, 3, 8 }, 1000)
      assert.equal(0, count(receiver.spans, "again"))
      local executions = 0
      for _, parent in pairs(receiver.parents) do
        executions = executions + (parent ~= "none" and 1 or 0)
      end
      assert.equal(last:stats().total_executions, executions + totals.lost)
    end
  end)
end)
