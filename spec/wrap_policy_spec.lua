local clocks = require("spec.support.clock")
local directories = require("spec.support.directory")
local exectrack = require("exectrack")
local portable = require("spec.support.portable")
local process = require("spec.support.process")
local reports = require("spec.support.reports")
local u = require("spec.support.utf8").text
local unicode = require("exectrack.report.unicode")

local pack = portable.pack

local START = clocks.START_US / 1e6

local tracker, clock

before_each(function()
  clock = clocks.new()
  tracker = exectrack.new { max_history = 10, clock = clock.read }
end)

local function echo(...)
  return ...
end

local function returning(value)
  return function() return value end
end

--- A decision with these fields.
local function decision(action, reason, message)
  return { action = action, policy = "p", reason = reason, message = message }
end

--- Wraps `tool`, or `echo`, under the name "a" with `policy` and the other `options`.
local function guard(policy, options, tool)
  local all = { policy = policy }
  for name, value in pairs(options or {}) do
    all[name] = value
  end
  return tracker:wrap("a", tool or echo, all)
end

--- What `denials` says of `of`, or the tracker: for each its tool, reason and count.
local function denied(of)
  local rows = {}
  for i, row in ipairs((of or tracker):denials()) do
    rows[i] = { row.tool, row.reason, row.count }
  end
  return rows
end

--- Asserts that the tool ran once in all, and that nothing was denied.
local function assert_ran()
  assert.equal(1, tracker:stats("a").successful)
  assert.same({}, denied())
end

describe("a policy", function()
  it("is asked about the tracker, the tool, the fingerprint and the time", function()
    local calls = {}
    clock.advance_us(1500000)
    guard(function(...) calls[#calls + 1] = pack(...) end)("x", nil)
    assert.equal(1, #calls)
    assert.equal(1, calls[1].n)
    local call = calls[1][1]
    assert.equal(tracker, call.tracker)
    assert.same({
      tracker = tracker,
      tool = "a",
      args_hash = exectrack.fingerprint("x", nil),
      now = START + 1.5,
    }, call)
  end)

  it("is given a new table each time", function()
    local last
    local guarded = guard(function(call)
      assert.not_equal(last, call)
      last = call
      call.tool, call.now, call.args_hash = "changed", 0, 0
    end)
    guarded(1)
    guarded(1)
    assert.equal(2, tracker:stats("a").successful)
    assert.equal(exectrack.fingerprint(1), tracker:recent_executions(1)[1].args_hash)
  end)

  it("is given what args chooses, 0 for nothing", function()
    local hash
    local function policy(call) hash = call.args_hash end
    guard(policy, { args = function(_, second) return second end })(1, 2)
    assert.equal(exectrack.fingerprint(2), hash)
    guard(policy, { args = false })(1, 2)
    assert.equal(0, hash)
  end)

  it("is asked at the start of the call, by one reading of the clock", function()
    local readings, now = clock.readings, nil
    local guarded = guard(function(call)
      now = call.now
      clock.advance_us(3000)
    end, nil, function()
      assert.equal(readings + 1, clock.readings)
      assert.equal(now, tracker:in_flight()[1].started)
      clock.advance_us(2000)
    end)
    guarded()
    assert.equal(readings + 3, clock.readings) -- one of them by in_flight
    assert.equal(START, now)
    assert.equal(5, tracker:recent_executions(1)[1].duration_ms)
  end)

  it("is asked before the call is in flight", function()
    guard(function(call)
      assert.same({}, call.tracker:in_flight())
      assert.is_nil(call.tracker:stats("a"))
    end)()
    assert_ran()
  end)

  it("without an objection has the tool run with its arguments and results", function()
    for _, none in ipairs { returning(nil), returning(false), function() end } do
      local guarded = guard(none, { on_policy_error = error, on_warn = error })
      assert.same({ n = 3, 1, nil, nil }, pack(guarded(1, nil, nil)))
    end
    assert.same({}, denied())
    assert.equal(3, tracker:stats("a").successful)
  end)

  it("may be a callable table, of whose decision only the first counts", function()
    local policy = setmetatable({}, { __call = function(self, call)
      return self.refuses == call.tool and decision("deny", "refused", "no") or nil, "more"
    end })
    assert.equal(1, guard(policy)(1))
    policy.refuses = "a"
    assert.is_nil((guard(policy)(1)))
  end)
end)

describe("a decision to deny", function()
  it("is returned after nil and its message, and the tool isn't called", function()
    local given = decision("deny", "circuit_open", "try another tool")
    given.retry_after_ms = 250
    local results = pack(guard(returning(given), nil, error)("called"))
    assert.same({ n = 3, nil, "try another tool", given }, results)
    assert.is_true(rawequal(given, results[3]))
  end)

  it("is no execution", function()
    local readings = clock.readings
    guard(returning(decision("deny", "r", "m")), { classify = error }, error)("called")
    assert.equal(readings + 1, clock.readings)
    assert.equal(0, tracker:stats().total_executions)
    assert.equal(0, #tracker)
    assert.same({}, tracker:in_flight())
    assert.equal(0, tracker:stats("a").in_flight)
  end)

  it("has a message and a reason without giving them", function()
    local given = { action = "deny" }
    assert.same({ n = 3, nil, "a policy denied this call", given },
      pack(guard(returning(given))()))
    guard(returning { action = "deny", reason = "" })()
    assert.same({ { "a", "denied", 1 }, { "a", "(other)", 1 } }, denied())
  end)

  it("is read without metamethods", function()
    local given = setmetatable({ action = "deny" }, { __index = error })
    assert.equal("a policy denied this call", select(2, guard(returning(given))()))
    local hidden = setmetatable({}, { __index = { action = "deny" } })
    assert.equal(1, guard(returning(hidden), { on_policy_error = returning(nil) })(1))
  end)

  it("doesn't go to on_warn", function()
    guard(returning(decision("deny", "r", "m")), { on_warn = error })()
    assert.same({ { "a", "r", 1 } }, denied())
  end)
end)

describe("a decision to warn", function()
  it("goes to on_warn, with the policy's question, before the tool runs", function()
    local order, question = {}, nil
    local given = decision("warn", "repeated", "once more")
    local guarded = guard(function(call)
      question = call
      return given
    end, { on_warn = function(...) order[#order + 1] = pack(...) end },
      function(...)
        order[#order + 1] = "ran"
        return ...
      end)
    assert.same({ n = 2, 7, nil }, pack(guarded(7, nil)))
    assert.same({ { n = 2, given, question }, "ran" }, order)
    assert.is_true(rawequal(given, order[1][1]))
    assert.is_true(rawequal(question, order[1][2]))
    assert_ran()
  end)

  it("without on_warn is dropped", function()
    assert.equal(7, guard(returning(decision("warn", "repeated", "once more")))(7))
    assert_ran()
  end)

  it("raises what on_warn raises, and the tool isn't called", function()
    local problem = {}
    local guarded = guard(returning(decision("warn", "r", "m")), {
      on_warn = function() error(problem) end,
    })
    local ok, err = pcall(guarded)
    assert.is_false(ok)
    assert.equal(problem, err)
    assert.equal(0, tracker:stats().total_executions)
    assert.same({}, tracker:in_flight())
  end)
end)

describe("enforce = false", function()
  it("counts what is denied, tells on_warn, and runs the tool", function()
    local given, told = decision("deny", "r", "m"), nil
    local guarded = guard(returning(given), {
      enforce = false,
      on_warn = function(...) told = pack(...) end,
    })
    assert.same({ n = 2, 7, nil }, pack(guarded(7, nil)))
    assert.equal(2, told.n)
    assert.is_true(rawequal(given, told[1]))
    assert.equal("a", told[2].tool)
    assert.same({ { "a", "r", 1 } }, denied())
    assert.equal(1, tracker:stats("a").successful)
    assert.equal(7, guard(returning(given), { enforce = false })(7))
    assert.same({ { "a", "r", 2 } }, denied())
  end)

  it("leaves a warning as it is, and enforce = true all", function()
    local told
    local function on_warn(given) told = given.action end
    guard(returning(decision("warn", "r", "m")), { enforce = false, on_warn = on_warn })()
    assert.equal("warn", told)
    assert_ran()
    assert.is_nil((guard(returning { action = "deny" }, { enforce = true, on_warn = error })()))
    assert.equal(1, tracker:stats("a").total_executions)
  end)
end)

describe("on_policy_error", function()
  --- What it is given when `policy` fails; it decides `decides`.
  local function handled(policy, decides)
    local given
    guard(policy, { on_policy_error = function(...)
      given = pack(...)
      return decides
    end })()
    return given
  end

  it("is given what the policy raised, and its question", function()
    local question, problem = nil, {}
    for _, value in ipairs { problem, "text", false } do
      local given = handled(function(call)
        question = call
        error(value, 0)
      end)
      assert.equal(2, given.n)
      assert.is_true(rawequal(value, given[1]))
      assert.is_true(rawequal(question, given[2]))
    end
    assert.is_nil(handled(function() error(nil) end)[1])
    assert.equal(4, tracker:stats("a").successful)
  end)

  it("is given what is wrong with a decision", function()
    local function problem(value) return handled(returning(value))[1] end
    assert.equal("a decision must be nil or a table, got boolean", problem(true))
    assert.equal("a decision must be nil or a table, got string", problem("deny"))
    local action = "a decision's action must be 'warn' or 'deny', got "
    assert.equal(action .. "nil", problem({}))
    assert.equal(action .. "'allow'", problem { action = "allow" })
    assert.equal(action .. "5", problem { action = 5 })
    assert.equal("a decision's reason must be a string, got number",
      problem { action = "deny", reason = 5 })
    assert.equal("a decision's message must be a string, got table",
      problem { action = "warn", message = {} })
    assert.equal(7, tracker:stats("a").successful)
    assert.same({}, denied())
  end)

  it("decides in the policy's place", function()
    local told
    local guarded = guard(error, {
      on_policy_error = returning(decision("deny", "policy_failed", "ask a human")),
    }, error)
    assert.equal("ask a human", select(2, guarded("called")))
    assert.same({ { "a", "policy_failed", 1 } }, denied())
    guard(error, {
      on_policy_error = returning(decision("warn", "policy_failed", "beware")),
      on_warn = function(given) told = given.message end,
    })()
    assert.equal("beware", told)
    assert.equal(1, tracker:stats("a").successful)
  end)

  it("raises what it raises, or what is wrong with its decision", function()
    local problem = {}
    local ok, err = pcall(guard(error, { on_policy_error = function() error(problem) end }, error))
    assert.is_false(ok)
    assert.equal(problem, err)
    assert.has_error(guard(error, { on_policy_error = returning("deny") }, error),
      "on_policy_error: a decision must be nil or a table, got string")
    assert.equal(0, tracker:stats().total_executions)
  end)
end)

describe("what is denied", function()
  local function deny(reason)
    guard(returning(decision("deny", reason, "m")))()
  end

  it("is in snapshots as it was, however they are filtered", function()
    deny("open")
    local snapshot = tracker:snapshot()
    deny("open")
    assert.same({ { "a", "open", 1 } }, denied(snapshot))
    assert.same({ { "a", "open", 1 } }, denied(snapshot:filter { tool = "b" }))
    assert.same({ { "a", "open", 2 } }, denied())
  end)

  it("is kept with its time and the fingerprint of its arguments, newest first", function()
    local wrapped = guard(returning(decision("deny", "open", "m")))
    wrapped("x")
    clock.advance_us(1500000)
    tracker:wrap("b", echo, { args = false, enforce = false,
      policy = returning(decision("deny", "loop", "m")) })("x")
    wrapped(nil)
    assert.same({
      { tool = "a", tool_id = 1, args_hash = exectrack.fingerprint(nil), reason = "open",
        timestamp = START + 1.5 },
      { tool = "b", tool_id = 2, args_hash = 0, reason = "loop", timestamp = START + 1.5 },
      { tool = "a", tool_id = 1, args_hash = exectrack.fingerprint("x"), reason = "open",
        timestamp = START },
    }, tracker:denied())
    local snapshot = tracker:snapshot()
    assert.same(tracker:denied(), snapshot:denied())
    assert.same(tracker:denied(), snapshot:filter({ last = 0 }):denied())
    assert.same(tracker:denied(), exectrack.from_table(snapshot:to_table()):denied())
    tracker:clear()
    assert.same({}, tracker:denied())
  end)

  it("is kept in a replay, too", function()
    tracker:record("a", "success", 1, false, nil, "x")
    local seen
    tracker:record("a", "success", 1, false, nil, "y")
    tracker:snapshot():decisions(function(call)
      seen = call.tracker:denied()
      return { action = "deny", reason = "never" }
    end)
    assert.equal(1, #seen)
    assert.equal(exectrack.fingerprint("x"), seen[1].args_hash)
  end)

  it("is kept up to the newest 256", function()
    for i = 1, 300 do
      clock.us = clocks.START_US + i * 1000000
      deny("open")
    end
    local calls = tracker:denied()
    assert.equal(256, #calls)
    assert.same({ START + 300, START + 45 }, { calls[1].timestamp, calls[256].timestamp })
    local merged = exectrack.merge { tracker:snapshot(), tracker:snapshot() }
    assert.equal(256, #merged:denied())
    assert.same({ START + 300, START + 300, START + 173 }, { merged:denied()[1].timestamp,
      merged:denied()[2].timestamp, merged:denied()[256].timestamp })
  end)

  it("is in files", function()
    local directory = directories.make()
    finally(function() directories.remove(directory) end)
    deny("open")
    deny("repeated")
    assert(tracker:snapshot():save(directory .. "/run"))
    assert.same(tracker:denials(), assert(exectrack.load(directory .. "/run")):denials())
    assert.same(tracker:denied(), assert(exectrack.load(directory .. "/run")):denied())
    assert.same({ { "a", "open", 1 }, { "a", "repeated", 1 } }, denied())
  end)

  it("adds up in merges, at the later time", function()
    deny("open")
    local first = tracker:snapshot()
    clock.advance_us(5000000)
    deny("repeated")
    deny("open")
    local merged = exectrack.merge { tracker:snapshot(), first }
    assert.same({ { "a", "open", 3 }, { "a", "repeated", 1 } }, denied(merged))
    assert.equal(START + 5, merged:denials()[1].last_timestamp)
    assert.equal(0, merged:stats().total_executions)
  end)
end)

describe("a policy that fails without on_policy_error", function()
  --- What a process says on standard error that makes a `tracker` and runs `script`.
  local function complaints(script)
    local stdout, stderr, code = process.run_lua(
      "local tracker = require('exectrack').new()\n" .. script)
    assert.equal("", stdout)
    assert.equal(0, code)
    return stderr
  end

  local PREFIX = "exectrack: the policy of 'a' failed (printed once; calls are allowed): "

  it("is printed once for a wrapped function, and its calls are allowed", function()
    assert.equal(PREFIX .. "no idea 1\n" .. PREFIX .. "no idea 4\n", complaints([[
local asked, ran = 0, 0
local function policy()
  asked = asked + 1
  error("no idea " .. asked, 0)
end
for _ = 1, 2 do
  local guarded = tracker:wrap("a", function() ran = ran + 1 end, { policy = policy })
  for _ = 1, 3 do guarded() end
end
assert(asked == 6 and ran == 6)
assert(tracker:stats("a").successful == 6)
assert(#tracker:denials() == 0)
]]))
  end)

  it("is printed once for all functions that are instrumented together", function()
    assert.equal(PREFIX .. "a decision must be nil or a table, got number\n", complaints([[
local options = { policy = function() return 1 end }
local tools = tracker:instrument({ a = type, b = { c = type } }, options)
tools.a("")
tools.b.c("")
]]))
  end)

  it("is said as text that harms no terminal, with its zero bytes, and cut", function()
    local raised = { ("x"):rep(400), ("x"):rep(401), ("x"):rep(399) .. u[[\u{85}x]] }
    local shown = { raised[1], raised[1] .. "...", ("x"):rep(399) .. "..." }
    -- Spaces at ends and joiners harm no terminal; reports show them, too.
    local function harmless(text)
      return (unicode.visible(text):gsub("\\x20", " "):gsub("\\u{200d}", u[[\u{200d}]]))
    end
    local names = {}
    for i, text in ipairs(reports.HOSTILE) do
      names[i], raised[#raised + 1] = text, text
      shown[#shown + 1] = harmless(text)
    end
    local lines = {}
    for i, text in ipairs(shown) do
      local name = harmless(names[i] or "a"):gsub("%%", "%%%%")
      lines[i] = PREFIX:gsub("'a'", "'" .. name .. "'") .. text .. "\n"
    end
    local script = {}
    for i, text in ipairs(raised) do
      script[i] = ("tracker:wrap(%q, type, { policy = function() error(%q, 0) end })('')"):format(
        names[i] or "a", text)
    end
    assert.equal(table.concat(lines), complaints(table.concat(script, "\n")))
  end)

  it("is said by its type if it isn't a string", function()
    assert.equal(PREFIX .. "table\n" .. PREFIX .. "nil\n" .. PREFIX .. "number\n", complaints([[
for _, value in ipairs { setmetatable({}, { __tostring = error }), "nil", 5 } do
  tracker:wrap("a", type, { policy = function()
    error(value ~= "nil" and value or nil, 0)
  end })("")
end
]]))
  end)
end)
