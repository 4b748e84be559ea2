local exectrack = require("exectrack")
local clocks = require("spec.support.clock")
local portable = require("spec.support.portable")

local tracker, clock

before_each(function()
  clock = clocks.new()
  tracker = exectrack.new { max_history = 10, max_in_flight = 3, clock = clock.read }
end)

local function newest()
  return tracker:recent_executions(1)[1]
end

local function tools_in_flight()
  local tools = {}
  for i, running in ipairs(tracker:in_flight()) do
    tools[i] = running.tool
  end
  return tools
end

describe("span:finish", function()
  it("records a success that takes from start to finish", function()
    local span = tracker:start("grep", { "x" })
    clock.advance_us(2500)
    assert.equal(0, #tracker)
    assert.equal(2.5, span:finish())
    assert.same({
      tool = "grep",
      tool_id = 1,
      status = "success",
      duration_ms = 2.5,
      was_cached = false,
      args_hash = exectrack.fingerprint { "x" }, depth = 0,
      timestamp = 1767225600.0025,
    }, newest())
  end)

  it("records the status, the cache and the error type that it is given", function()
    tracker:start("grep"):finish("timed_out", true, "ETIMEDOUT")
    assert.equal("timed_out", newest().status)
    assert.is_true(newest().was_cached)
    assert.equal("ETIMEDOUT", newest().error_type)
    assert.equal(0, newest().args_hash)
    for _, status in ipairs { "success", "failed", "cancelled" } do
      tracker:start("grep"):finish(status)
      assert.equal(status, newest().status)
      assert.is_false(newest().was_cached)
      assert.is_nil(newest().error_type)
    end
  end)

  it("takes nil for its defaults", function()
    tracker:start("grep"):finish(nil, nil, nil)
    assert.equal("success", newest().status)
    assert.is_false(newest().was_cached)
    assert.is_nil(newest().error_type)
  end)

  it("returns one number, an integer when it is whole", function()
    local span = tracker:start("grep")
    clock.advance_us(2000)
    local results = portable.pack(span:finish())
    assert.equal(1, results.n)
    assert.equal(2, results[1])
    assert.is_true(portable.is_integer(results[1]))
  end)

  it("raises the second time, whatever its arguments, and records nothing", function()
    local span = tracker:start("grep")
    span:finish()
    local twice = "attempt to finish a span twice"
    assert.has_error(function() span:finish() end, twice)
    assert.has_error(function() span:finish("failed", true, "EIO") end, twice)
    assert.has_error(function() span:finish("no status") end, twice)
    assert.equal(1, tracker:stats().total_executions)
    assert.equal(0, tracker:stats("grep").in_flight)
  end)

  it("leaves the span in flight when its arguments are wrong", function()
    local span = tracker:start("grep")
    assert.is_false(pcall(span.finish, span, "no status"))
    assert.equal(1, tracker:stats("grep").in_flight)
    assert.equal(0, tracker:stats().total_executions)
    clock.advance_us(1000)
    assert.equal(1, span:finish())
  end)

  it("ends executions of one tool in any order", function()
    local first, second = tracker:start("a"), tracker:start("a")
    clock.advance_us(1000)
    assert.equal(1, first:finish())
    clock.advance_us(1000)
    local third = tracker:start("a")
    assert.equal(2, second:finish())
    assert.equal(0, third:finish())
  end)
end)

describe("a span that is closed", function()
  it("with an error has failed", function()
    local span = tracker:start("grep")
    clock.advance_us(7000)
    span:close({ code = "E_IDEAS" })
    assert.equal("failed", newest().status)
    assert.equal(7, newest().duration_ms)
    assert.is_false(newest().was_cached)
    assert.is_nil(newest().error_type)
  end)

  it("without one is cancelled", function()
    tracker:start("grep"):close()
    assert.equal("cancelled", newest().status)
    assert.is_nil(newest().error_type)
  end)

  it("after it was finished is not recorded again", function()
    local span = tracker:start("grep")
    span:finish("success", true)
    span:close()
    span:close("later")
    assert.equal(1, tracker:stats().total_executions)
    assert.equal(1, tracker:stats().successful)
  end)

  it("can't be finished any more", function()
    local span = tracker:start("grep")
    span:close()
    assert.has_error(function() span:finish() end, "attempt to finish a span twice")
    assert.equal(1, tracker:stats().total_executions)
  end)
end)

describe("a span that is collected", function()
  it("unfinished is cancelled as abandoned, at the clock's last reading", function()
    local spans = { tracker:start("grep", "args") }
    clock.advance_us(3000)
    tracker:in_flight()
    clock.advance_us(5000)
    local readings = clock.readings
    assert.is_userdata(table.remove(spans))
    collectgarbage()
    assert.equal(readings, clock.readings)
    assert.same({
      tool = "grep",
      tool_id = 1,
      status = "cancelled",
      duration_ms = 3,
      was_cached = false,
      error_type = "abandoned",
      args_hash = exectrack.fingerprint("args"), depth = 0,
      timestamp = 1767225600.003,
    }, newest())
    assert.equal(0, tracker:stats("grep").in_flight)
    assert.same({}, tracker:in_flight())
  end)

  it("finished is not recorded again", function()
    tracker:start("grep"):finish()
    collectgarbage()
    collectgarbage()
    assert.equal(1, tracker:stats().total_executions)
  end)

  it("with its tracker is no harm", function()
    local trackers = setmetatable({}, { __mode = "k" })
    for _ = 1, 100 do
      local dropped = exectrack.new(1)
      trackers[dropped] = true
      dropped:start("grep")
    end
    collectgarbage()
    collectgarbage()
    assert.is_nil(next(trackers))
  end)
end)

describe("a span and its tracker", function()
  it("keeps the tracker alive", function()
    local trackers = setmetatable({ exectrack.new(1) }, { __mode = "v" })
    local span = trackers[1]:start("grep")
    collectgarbage()
    assert.equal("exectrack.Tracker (1 tool, 0/1 records)", tostring(trackers[1]))
    span:finish()
    assert.equal(1, #trackers[1])
    assert.equal("exectrack.Span (finished)", tostring(span))
    span = nil
    collectgarbage()
    collectgarbage()
    assert.is_nil(trackers[1])
    assert.is_nil(span)
  end)

  it("isn't kept alive by the tracker", function()
    local spans = setmetatable({ tracker:start("grep") }, { __mode = "v" })
    collectgarbage()
    assert.is_nil(spans[1])
  end)
end)

describe("a span that straddles clear", function()
  it("stays in flight and counts after it", function()
    local span = tracker:start("grep")
    clock.advance_us(1000)
    tracker:clear()
    assert.same({ "grep" }, tools_in_flight())
    assert.equal(1, tracker:stats("grep").in_flight)
    clock.advance_us(1000)
    assert.equal(2, span:finish("failed"))
    assert.equal(1, tracker:stats().failed)
    assert.equal(1, #tracker)
    assert.equal(2, newest().duration_ms)
  end)
end)

describe("tracker:in_flight", function()
  it("is empty at first", function()
    assert.same({}, tracker:in_flight())
  end)

  it("says what runs, since when and with what", function()
    local spans = { tracker:start("a"), nil }
    clock.advance_us(1500000)
    spans[2] = tracker:start("b", 42)
    clock.advance_us(250)
    assert.same({
      { tool = "a", tool_id = 1, started = 1767225600.0, elapsed_ms = 1500.25, args_hash = 0,
        depth = 0 },
      {
        tool = "b",
        tool_id = 2,
        started = 1767225601.5,
        elapsed_ms = 0.25,
        args_hash = exectrack.fingerprint(42), depth = 0,
      },
    }, tracker:in_flight())
    assert.equal(2, #spans)
  end)

  it("follows the order of the starts, whatever was finished meanwhile", function()
    local a, b, c = tracker:start("a"), tracker:start("b"), tracker:start("c")
    assert.same({ "a", "b", "c" }, tools_in_flight())
    b:finish()
    assert.same({ "a", "c" }, tools_in_flight())
    local d = tracker:start("d")
    assert.same({ "a", "c", "d" }, tools_in_flight())
    a:finish()
    local e = tracker:start("e")
    assert.same({ "c", "d", "e" }, tools_in_flight())
    d:finish()
    e:finish()
    c:finish()
    assert.same({}, tools_in_flight())
  end)

  it("doesn't list what starts while it is full", function()
    local spans = {}
    for i, tool in ipairs { "a", "b", "c", "d" } do
      spans[i] = tracker:start(tool)
    end
    assert.same({ "a", "b", "c" }, tools_in_flight())
    spans[1]:finish()
    assert.same({ "b", "c" }, tools_in_flight())
    local e = tracker:start("e")
    assert.same({ "b", "c", "e" }, tools_in_flight())
    clock.advance_us(1000)
    assert.equal(1, spans[4]:finish())
    assert.equal("d", newest().tool)
    assert.same({ "b", "c", "e" }, tools_in_flight())
    assert.equal(1, e:finish())
    assert.equal(2, #spans - #tools_in_flight())
  end)

  it("lists nothing with max_in_flight = 0", function()
    local unlisted = exectrack.new { max_in_flight = 0, clock = clock.read }
    local span = unlisted:start("a")
    assert.same({}, unlisted:in_flight())
    assert.equal(1, unlisted:stats("a").in_flight)
    clock.advance_us(1000)
    assert.equal(1, span:finish())
  end)
end)

describe("tostring of a span", function()
  it("names its tool until it is finished", function()
    local span = tracker:start("read_file")
    assert.equal("exectrack.Span (read_file, in flight)", tostring(span))
    span:finish()
    assert.equal("exectrack.Span (finished)", tostring(span))
    local odd = tracker:start("a\0b")
    assert.equal("exectrack.Span (a\0b, in flight)", tostring(odd))
  end)
end)
