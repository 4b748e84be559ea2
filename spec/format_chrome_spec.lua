local chrome = require("exectrack.format.chrome")
local exectrack = require("exectrack")
local random = require("spec.support.random")
local tracked = require("spec.support.tracked")

local STARTED = 1767225600

local function read(snapshot, options)
  local pieces, notes = chrome.encode(snapshot, options)
  local text = tracked.text(pieces)
  return assert(exectrack.json.decode(text)), notes(), text
end

-- The events of one phase, such as `X`.
local function events(document, phase)
  local list = {}
  for _, event in ipairs(document.traceEvents) do
    list[#list + 1] = event.ph == phase and event or nil
  end
  return list
end

-- The names of processes and threads: kind, process, thread and name.
local function names_of(document)
  local names = {}
  for i, event in ipairs(events(document, "M")) do
    names[i] = { event.name, event.pid, event.tid, event.args.name }
  end
  return names
end

-- What a viewer needs: in each thread, an event ends before the next begins, or holds it.
local function assert_nested(list)
  local stacks = {}
  for _, event in ipairs(list) do
    local thread = event.pid .. " " .. event.tid
    local stack = stacks[thread] or {}
    stacks[thread] = stack
    while stack[1] and stack[#stack] <= event.ts do
      table.remove(stack)
    end
    local ends = event.ts + event.dur
    assert(not stack[1] or ends <= stack[#stack], "an event overlaps another")
    stack[#stack + 1] = ends
  end
end

describe("trace events", function()
  it("tell what is known of a call, in microseconds since the first second", function()
    local run = tracked.run({
      { tool = "search", status = "failed", duration_ms = 12.5, error_type = "E", args_hash = 26,
        result_hash = 7, session = "talk", timestamp = STARTED + 0.123456, was_cached = true,
        measures = { cost = 0.3 } },
      { tool = "ask", status = "success", timestamp = STARTED + 5, session = "talk" },
    }, { label = "agent", measures = { { name = "cost", scale = 0.1 } } })
    local document = read(run)
    assert.same({ label = "agent", first_second = "1767225600",
      instance_id = run:instance_id() }, document.otherData)
    assert.same({
      { ph = "X", cat = "tool", name = "search", pid = 1, tid = 1, ts = 110956, dur = 12500,
        cname = "terrible", args = { status = "failed", was_cached = true, error_type = "E",
          args_hash = "0000001a", result_hash = "00000007", measures = { cost = 0.3 } } },
    }, events(document, "X"))
  end)

  it("are instants for calls that took no time, or an unknown one", function()
    local document = read(tracked.run {
      { tool = "ask", status = "success", timestamp = STARTED + 5 },
      { tool = "search", status = "failed", duration_ms = 0, timestamp = STARTED + 6 },
      { tool = "search", status = "success", duration_ms = 0.001, timestamp = STARTED + 7 },
    })
    assert.same({
      { ph = "i", s = "t", cat = "tool", name = "ask", pid = 1, tid = 1, ts = 0,
        args = { status = "success", timing = "untimed" } },
      { ph = "i", s = "t", cat = "tool", name = "search", pid = 1, tid = 1, ts = 1000000,
        cname = "terrible", args = { status = "failed" } },
    }, events(document, "i"))
    assert.equal(1, events(document, "X")[1].dur)
  end)

  it("have a process for each session, and a thread for each lane, all named", function()
    local function call(session, from)
      return { tool = "a", status = "success", duration_ms = 1000, timestamp = STARTED + from + 1,
        session = session }
    end
    local document = read(tracked.run { call("s", 1), call(nil, 0), call("\255", 2), call("s", 1) })
    assert.same({
      { "process_name", 1, 1, "exectrack" }, { "thread_name", 1, 1, "calls 1" },
      { "process_name", 2, 2, "s" }, { "thread_name", 2, 2, "calls 1" },
      { "thread_name", 2, 3, "calls 2" },
      { "process_name", 3, 4, "\239\191\189#dad308d0" }, { "thread_name", 3, 4, "calls 1" },
    }, names_of(document))
    assert.equal(1, events(document, "X")[1].pid)
  end)

  it("nest calls within their parents, and put concurrent ones into lanes", function()
    local function call(tool, from, to, depth)
      return { tool = tool, status = "success", duration_ms = (to - from) * 1000, depth = depth,
        timestamp = STARTED + to }
    end
    local list = events(read(tracked.run {
      call("innermost", 0, 3, 2), call("inner", 0, 3, 1), call("next", 3, 4, 1),
      call("beside", 2, 6, 1), call("outer", 0, 8), call("other", 1, 3), call("later", 3.5, 5),
      call("within", 8, 9, 1), call("last", 8, 9),
    }), "X")
    assert_nested(list)
    local lanes = {}
    for i, event in ipairs(list) do
      lanes[i] = event.name .. " " .. event.tid
    end
    assert.equal("outer 1, inner 1, innermost 1, other 2, beside 3, next 1, later 2, last 1, "
      .. "within 1", table.concat(lanes, ", "))
  end)

  it("never overlap in a lane, whatever calls there are", function()
    random.seed("chrome")
    for _ = 1, 20 do
      local records = {}
      for i = 1, 60 do
        local from = math.random(40)
        records[i] = { tool = "t" .. math.random(3), status = "success", depth = math.random(3) - 1,
          duration_ms = (math.random(12) - 1) * 1000, session = "s" .. math.random(2),
          timestamp = STARTED + 100 + from }
      end
      assert_nested(events(read(tracked.run(records)), "X"))
    end
  end)

  it("are in the first lane that is free", function()
    random.seed("chrome lanes")
    local records, ends = {}, {}
    for i = 1, 300 do
      records[i] = { tool = "a", status = "success", duration_ms = math.random(0, 50) * 1000,
        timestamp = STARTED + 100 + math.random(100) }
    end
    for _, event in ipairs(events(read(tracked.run(records)), "X")) do
      local lane = 1
      while ends[lane] and ends[lane] > event.ts do
        lane = lane + 1
      end
      assert.equal(lane, event.tid)
      ends[lane] = event.ts + event.dur
    end
  end)

  it("never take less than no time, however far apart they are", function()
    local list = events(read(tracked.run {
      { tool = "a", status = "success", duration_ms = 0, timestamp = 0 },
      { tool = "b", status = "success", duration_ms = 0.001, timestamp = 9223372036854 },
    }), "i")
    assert.equal("b", list[2].name)
  end)

  it("have an instant for each call that was denied", function()
    local form = tracked.run({ { tool = "a", status = "success", duration_ms = 1, session = "s",
      timestamp = STARTED + 9 } }):to_table()
    form.error_types = { "budget" }
    form.denials = { { tool_id = 1, reason_id = 1, count = 2, last_seconds = STARTED,
      last_microseconds = 250000 } }
    form.denied = {}
    for i, session in ipairs { "s", "#0000007f" } do
      form.denied[i] = { tool_id = 1, reason_id = 1, args_hash = 256 - i, denied_seconds = STARTED,
        denied_microseconds = 250000, session = session }
    end
    local document = read(assert(exectrack.from_table(form)))
    local function denied(process, thread, args_hash)
      return { ph = "i", s = "t", cat = "denied", name = "a", pid = process, tid = thread,
        ts = 250000, args = { reason = "budget", args_hash = args_hash } }
    end
    assert.same({ denied(1, 2, "000000ff"), denied(2, 3, "000000fe") }, events(document, "i"))
    assert.equal(8999000, events(document, "X")[1].ts)
    assert.same({ { "process_name", 1, 1, "s" }, { "thread_name", 1, 1, "calls 1" },
      { "thread_name", 1, 2, "denied" }, { "process_name", 2, 3, "#0000007f" },
      { "thread_name", 2, 3, "denied" } }, names_of(document))
    document = read(assert(exectrack.from_table(form)):filter { last = 0 })
    assert.equal(250000, events(document, "i")[1].ts)
  end)

  it("are an array, in pieces too", function()
    local records = {}
    for i = 1, 1100 do
      records[i] = { tool = "a", status = "success", duration_ms = 1, timestamp = STARTED + i }
    end
    assert.equal(1100, #events(read(tracked.run(records)), "X"))
  end)

  it("leave out executions without a time, and say so", function()
    local document, notes = read(tracked.run {
      { tool = "a", status = "success", duration_ms = 1, timestamp = false } })
    assert.same({}, document.traceEvents)
    assert.equal("0", document.otherData.first_second)
    assert.same({ "1 execution without a time has no event" }, notes)
  end)

  it("have texts only if they are asked for", function()
    local tracker = exectrack.new { max_history = 10, args_texts = 8, error_texts = 8 }
    pcall(tracker:wrap("fails", function(path) error("no " .. path, 0) end), "a")
    local run = tracker:snapshot()
    local plain = events(read(run), "X")[1].args
    local told = events(read(run, { texts = true }), "X")[1].args
    assert.is_nil(plain.args_text)
    assert.is_nil(plain.error_text)
    assert.equal('"a"', told.args_text)
    assert.equal("no a", told.error_text)
  end)
end)
