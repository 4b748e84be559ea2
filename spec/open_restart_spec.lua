-- What goes on after a process was killed: all that policies decide from.
local clocks = require("spec.support.clock")
local directories = require("spec.support.directory")
local exectrack = require("exectrack")
local policy = require("exectrack.policy")
local portable = require("spec.support.portable")
local process = require("spec.support.process")

local directory, path, clock, tracker

before_each(function()
  directory = directories.make()
  path = directory .. "/agent.run"
  clock = clocks.new()
end)

after_each(function()
  if tracker then
    tracker:close()
    tracker = nil
  end
  directories.remove(directory)
end)

--- The options of the tracker, in both processes.
local OPTIONS = [[max_history = 100, max_in_flight = 2, args_texts = 8, error_texts = 8,
  measures = { { name = "cost", unit = "USD", scale = 1e-6 } }, ignore_args = { "id" } ]]

--- Runs `script` with a recorder, `tracker`, in a process that is killed at its end. Its clock
-- shows `now`, which is that of `clock` here until the script changes it. Then opens the recorder
-- here.
local function go_on_after(script)
  local _, stderr = process.run_lua(([[
local exectrack, policy = require("exectrack"), require("exectrack.policy")
local now = %d
local tracker = assert(exectrack.open(%q, { clock = function() return now end, %s }))
%s
os.execute("kill -KILL $PPID")
]]):format(clock.us / 1e6, path, OPTIONS, script))
  assert.is_nil(stderr:find("script.lua", 1, true), stderr)
  local options = portable.load("return { " .. OPTIONS .. " }")()
  options.clock = clock.read
  tracker = assert(exectrack.open(path, options))
end

--- What `asked` decides of a call of `tool`, now.
local function ask(asked, tool, args_hash)
  return asked { tracker = tracker, tool = tool or "fetch", args_hash = args_hash or 7,
    now = clock.us / 1e6 }
end

describe("after the process was killed", function()
  it("an open circuit stays open for as long as it would have", function()
    go_on_after([[
for i = 1, 3 do
  tracker:record("fetch", "failed", 10, false, "http_503")
end
]])
    local breaker = policy.circuit_breaker { failures = 3, cooldown_ms = 5000 }
    clock.advance_us(1000000)
    local decision = assert(ask(breaker))
    assert.equal("circuit_open", decision.reason)
    assert.equal(4000, decision.retry_after_ms)
    clock.advance_us(4000000)
    assert.is_nil(ask(breaker))
  end)

  it("the call that tested a tool counts as ended, and the next one tests it", function()
    go_on_after([[
for i = 1, 3 do
  tracker:record("fetch", "failed", 10, false, "http_503")
end
now = now + 5
kept = tracker:start("fetch")
]])
    local breaker = policy.circuit_breaker { failures = 3, cooldown_ms = 5000 }
    clock.advance_us(5000000)
    assert.is_nil(ask(breaker))
    local span = tracker:start("fetch")
    assert.equal("circuit_half_open", ask(breaker).reason)
    span:finish()
  end)

  it("a budget is as far spent, in calls, in time and in a measure", function()
    go_on_after([[
tracker:record { tool = "fetch", status = "success", duration_ms = 400, measures = { cost = 0.25 } }
tracker:record { tool = "fetch", status = "failed", duration_ms = 100, measures = { cost = 0.5 } }
]])
    local budgets = {
      policy.budget { max_executions = 3 },
      policy.budget { max_duration_ms = 501 },
      policy.budget { max = { cost = 0.750001 } },
    }
    for _, budget in ipairs(budgets) do
      assert.is_nil(ask(budget))
    end
    tracker:record { tool = "fetch", status = "success", duration_ms = 1,
      measures = { cost = 0.000001 } }
    local reasons = {}
    for i, budget in ipairs(budgets) do
      reasons[i] = ask(budget).reason
    end
    assert.same({ "budget_executions", "budget_duration", "budget_cost" }, reasons)
  end)

  it("a repeated call is still one", function()
    go_on_after([[
for id = 1, 3 do
  tracker:record { tool = "fetch", status = "success", duration_ms = 1, result_hash = 5,
    args = { url = "x", id = id } }
end
]])
    local guard = policy.loop_guard {}
    local hash = exectrack.fingerprint { url = "x" }
    assert.equal("repeated_call", ask(guard, "fetch", hash).reason)
    assert.is_nil(ask(guard, "fetch", hash + 1))
  end)

  it("a rate limit has as many calls left", function()
    go_on_after([[
tracker:start("fetch"):finish()
tracker:start("fetch"):finish()
]])
    local limit = policy.rate_limit { executions = 3, per_ms = 60000 }
    assert.is_nil(ask(limit))
    tracker:start("fetch"):finish()
    assert.equal(60000, ask(limit).retry_after_ms)
  end)

  it("nothing that was in flight counts for a limit, listed or not", function()
    go_on_after([[
kept = { tracker:start("fetch"), tracker:start("fetch"), tracker:start("fetch") }
]])
    local limit = policy.concurrency { max = 1 }
    assert.is_nil(ask(limit))
    assert.equal(0, tracker:in_flight_count())
    local span = tracker:start("fetch")
    assert.is_table(ask(limit))
    span:finish()
  end)

  it("a denial is counted, and a session and texts have their names", function()
    go_on_after([[
local session = tracker:session("conversation 17")
local tool = session:wrap("fetch", function(url)
  return nil, { code = "EIO", message = "broken " .. url }
end, { policy = policy.budget { max_executions = 1 } })
tool("x")
tool("x")
]])
    local record = tracker:recent_executions(1)[1]
    assert.equal("conversation 17", record.session)
    assert.equal("fetch budget_executions 1", ("%s %s %d"):format(tracker:denials()[1].tool,
      tracker:denials()[1].reason, tracker:denials()[1].count))
    assert.equal('"x"', tracker:args_text(record.args_hash))
    assert.equal("broken x", tracker:error_text("fetch", "EIO"))
  end)

  it("identifiers, label and instance are those of the file", function()
    go_on_after([[
tracker:record("a", "success", 1)
tracker:record("b", "success", 1)
]])
    tracker:record("c", "success", 1)
    assert.same({ "a", "b", "c" }, tracker:tools())
    assert.equal(2, tracker:snapshot():records()[2].tool_id)
  end)
end)
