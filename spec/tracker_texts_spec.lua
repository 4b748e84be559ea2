local clocks = require("spec.support.clock")
local exectrack = require("exectrack")
local portable = require("spec.support.portable")

local fingerprint = exectrack.fingerprint

--- A tracker that keeps texts, with these options too.
local function new(options)
  local all = { args_texts = 8, error_texts = 8, clock = clocks.new().read }
  for name, value in pairs(options or {}) do
    all[name] = value
  end
  return exectrack.new(all)
end

local function do_nothing() end

--- The text of the newest record's arguments.
local function newest_args(tracker)
  return tracker:args_text(tracker:recent_executions(1)[1].args_hash)
end

describe("args_texts", function()
  it("keeps what arguments were, of all that is recorded, started or denied", function()
    local tracker = new()
    tracker:record("a", "success", 1, false, nil, { n = 1 })
    assert.equal("{n=1}", newest_args(tracker))
    tracker:record { tool = "a", status = "success", duration_ms = 1, args = { n = 2 } }
    assert.equal("{n=2}", newest_args(tracker))
    local span = tracker:start("a", { n = 3 })
    assert.equal("{n=3}", tracker:args_text(fingerprint { n = 3 }))
    span:finish()
    tracker:run("a", do_nothing, "x", { n = 4 })
    assert.equal('"x", {n=4}', newest_args(tracker))
    tracker:wrap("a", do_nothing)("y", nil)
    assert.equal('"y", nil', newest_args(tracker))
    tracker:instrument({ a = do_nothing }).a(5)
    assert.equal("5", newest_args(tracker))
    tracker:session("s"):run("a", do_nothing, 6)
    assert.equal("6", newest_args(tracker))
    local deny = { policy = function() return { action = "deny" } end }
    tracker:session("s"):wrap("a", do_nothing, deny)("denied")
    assert.equal('"denied"', tracker:args_text(tracker:denied()[1].args_hash))
  end)

  it("keeps none by default, nor of what has no fingerprint", function()
    local plain = exectrack.new()
    plain:run("a", do_nothing, 1)
    assert.is_nil(newest_args(plain))
    local tracker = new()
    tracker:wrap("a", do_nothing, { args = false })(1)
    assert.is_nil(newest_args(tracker))
    assert.is_nil(tracker:args_text(0))
    assert.is_nil(tracker:args_text(5))
  end)

  it("leaves out what args and ignore_args do", function()
    local tracker = new { ignore_args = { "thought" } }
    tracker:run("a", do_nothing, { thought = 1, x = { thought = 2 } })
    assert.equal("{x={thought=2}}", newest_args(tracker))
    tracker:wrap("a", do_nothing, { args = select, ignore_args = { "b" } })(2, 1, { b = 2, c = 3 })
    assert.equal("{c=3}", newest_args(tracker))
  end)

  it("makes a text once for each fingerprint", function()
    local made = 0
    local tracker = new { redact = function(text)
      made = made + 1
      return text
    end }
    for _ = 1, 3 do
      tracker:run("a", do_nothing, "x")
    end
    assert.equal(1, made)
  end)

  it("takes what describe returns, on one line and without secrets", function()
    local tracker = new()
    local given
    local tool = tracker:wrap("a", do_nothing, { args = select, describe = function(...)
      given = portable.pack(...)
      return "two\nlines, token=abc " .. ("x"):rep(200)
    end })
    tool(2, 1, "x")
    assert.same({ n = 3, 2, 1, "x" }, given)
    local text = "two\\nlines, token=[redacted] "
    assert.equal(text .. ("x"):rep(117 - #text) .. "…", newest_args(tracker))
  end)

  it("takes what record is given, and keeps it for its fingerprint alone", function()
    local tracker = new()
    local execution = { tool = "a", status = "success", duration_ms = 1, args_hash = 7,
      args_text = "cat --password=x" }
    tracker:record(execution)
    assert.equal("cat --password=[redacted]", tracker:args_text(7))
    execution.args_hash, execution.args, execution.args_text = nil, 1, "one"
    tracker:record(execution)
    assert.equal("one", tracker:args_text(fingerprint(1)))
    execution.args, execution.args_text = nil, "none"
    tracker:record(execution)
    execution.args_text = 5
    assert.has_error(function() tracker:record(execution) end,
      "bad argument #1 to 'record' (args_text: string expected, got number)")
  end)
end)

describe("error_texts", function()
  it("keeps what the latest error of each tool and error type said", function()
    local tracker = new()
    pcall(tracker.run, tracker, "a", error, "disk is full", 0)
    assert.equal("disk is full", tracker:error_text("a", "disk is full"))
    pcall(tracker.run, tracker, "a", error, { code = "E_BUSY", message = "busy: 5 wait" })
    pcall(tracker.run, tracker, "a", error, { code = "E_BUSY", message = "busy: 6 wait" })
    assert.equal("busy: 6 wait", tracker:error_text("a", "E_BUSY"))
    tracker:run("b", function() return nil, "no route to 10.0.0.1" end)
    assert.equal("no route to 10.0.0.1", tracker:error_text("b", "no route to"))
    tracker:session("s"):run("b", function() return nil, "no route to 10.0.0.2" end)
    assert.equal("no route to 10.0.0.2", tracker:error_text("b", "no route to"))
    assert.is_nil(tracker:error_text("a", "no route to"))
    assert.is_nil(tracker:error_text("a"))
    assert.is_nil(tracker:error_text("a", "other"))
    assert.is_nil(tracker:error_text("other", "E_BUSY"))
  end)

  it("keeps those of spans, of coroutines that died, and those that record is given", function()
    local tracker = new()
    tracker:start("a"):close("spilled")
    assert.equal("spilled", tracker:error_text("a"))
    coroutine.resume(coroutine.create(function() tracker:run("b", error, "died of 5", 0) end))
    collectgarbage()
    assert.equal("died of 5", tracker:error_text("b", "died of"))
    tracker:record { tool = "c", status = "failed", duration_ms = 1, error_type = "EIO",
      error_text = "read: Bearer mF_9.B5f-4.1JqM" }
    assert.equal("read: Bearer [redacted]", tracker:error_text("c", "EIO"))
  end)

  it("keeps none by default, of a success, nor of what has no message", function()
    local plain = exectrack.new()
    pcall(plain.run, plain, "a", error, "no", 0)
    assert.is_nil(plain:error_text("a", "no"))
    local tracker = new()
    local kind = function() return "success", false, "no" end
    pcall(tracker:wrap("a", error, { classify = kind }), "no", 0)
    assert.is_nil(tracker:error_text("a", "no"))
    pcall(tracker.run, tracker, "a", error, { code = "E" })
    assert.is_nil(tracker:error_text("a", "E"))
    pcall(tracker.run, tracker, "a", error, print)
    assert.is_nil(tracker:error_text("a", "function"))
  end)

  it("belongs to the error type that classify says", function()
    local tracker = new()
    local kind = function() return nil, nil, "E_MINE" end
    tracker:wrap("a", function() return nil, "no" end, { classify = kind })()
    assert.equal("no", tracker:error_text("a", "E_MINE"))
  end)
end)

describe("redact", function()
  it("leaves out secrets by default, and none if it is false", function()
    local args, problem = { token = "abc" }, "password=abc"
    for _, case in ipairs { { nil, "{token=[redacted]}", "password=[redacted]" },
      { false, '{token="abc"}', "password=abc" } } do
      local tracker = new { redact = case[1] }
      pcall(tracker.run, tracker, "a", function() error(problem, 0) end, args)
      assert.equal(case[2], newest_args(tracker))
      assert.equal(case[3], tracker:error_text("a", "error"))
    end
  end)

  it("is given a text without secrets, and says what is kept of it", function()
    local given = {}
    local tracker = new { redact = function(...)
      given[#given + 1] = portable.pack(...)
      return "a\n" .. ("b"):rep(200)
    end }
    pcall(tracker.run, tracker, "a", error, "token=abc", 0)
    assert.same({ { n = 1, '"token=[redacted]", 0' }, { n = 1, "token=[redacted]" } }, given)
    local kept = "a\\n" .. ("b"):rep(114) .. "…"
    assert.equal(kept, newest_args(tracker))
    assert.equal(kept, tracker:error_text("a", "error"))
  end)

  it("and describe lose no execution: what raises or returns no string keeps no text", function()
    for _, wrong in ipairs { error, do_nothing, coroutine.yield, function() return {} end } do
      local tracker = new { redact = wrong }
      local ok, err = pcall(tracker.run, tracker, "a", error, "out of paper", 0)
      assert.same({ false, "out of paper" }, { ok, err })
      assert.is_nil(newest_args(tracker))
      assert.equal("out of paper", tracker:recent_executions(1)[1].error_type)
      assert.is_nil(tracker:error_text("a", "out of paper"))
      tracker = new()
      assert.is_nil(tracker:wrap("a", do_nothing, { describe = wrong })(1))
      assert.is_nil(newest_args(tracker))
      assert.equal(1, tracker:stats("a").successful)
    end
  end)

  it("that closes the tracker is survived", function()
    local tracker
    tracker = new { redact = function(text)
      tracker:close()
      return text
    end }
    local closed = "attempt to use a closed tracker"
    assert.has_error(function() tracker:run("a", do_nothing, 1) end, closed)
    tracker = exectrack.new { error_texts = 8, redact = function(text)
      tracker:close()
      return text
    end }
    assert.has_error(function() tracker:run("a", error, "no", 0) end, "no")
    assert.has_error(function() tracker:stats() end, closed)
  end)

  it("is refused if it is no function", function()
    assert.has_error(function() new { redact = true } end,
      "bad argument #1 to 'new' (redact: function expected, got boolean)")
    assert.has_error(function() new { args_texts = 65537 } end, "bad argument #1 to 'new' "
      .. "(args_texts: an integer from 0 to 65536 expected, got 65537)")
    assert.has_error(function() new():wrap("a", print, { describe = false }) end,
      "bad argument #3 to 'wrap' (describe: function expected, got boolean)")
  end)
end)

describe("snapshot:without_texts", function()
  it("leaves out texts alone", function()
    local tracker = new()
    pcall(tracker.run, tracker:session("s"), "a", error, "no", 0)
    local snapshot = tracker:snapshot()
    local stripped = snapshot:without_texts()
    assert.equal('"no", 0', snapshot:args_text(snapshot[1].args_hash))
    assert.equal("no", snapshot:error_text("a", "no"))
    assert.is_nil(stripped:args_text(snapshot[1].args_hash))
    assert.is_nil(stripped:error_text("a", "no"))
    assert.same(snapshot[1], stripped[1])
    assert.equal("s", stripped[1].session)
    assert.is_true(stripped == stripped:without_texts())
  end)
end)
