local clocks = require("spec.support.clock")
local exectrack = require("exectrack")
local lifetime = require("exectrack.format.lifetime")
local metrics_text = require("exectrack.format.metrics_text")
local random = require("spec.support.random")
local sums = require("exectrack.format.lifetime_sum")

local STATUSES = { "success", "failed", "timed_out", "cancelled" }
local MEASURES = { { name = "cost", unit = "USD", scale = 1e-6 }, { name = "tokens" } }

--- A run of random executions and denials.
local function made_up(clock)
  local tracker = exectrack.new { clock = clock.read, max_tools = 3, max_history = 5,
    measures = { MEASURES[math.random(1, 2)] } }
  for _ = 1, math.random(0, 20) do
    local timing = random.pick { "measured", "measured", "elapsed", "untimed" }
    tracker:record { tool = "tool " .. math.random(5), status = random.pick(STATUSES),
      duration_ms = timing ~= "untimed" and 2 ^ math.random(-8, 20) * math.random() or nil,
      was_cached = math.random(2) == 1, timing = timing }
    tracker:begin("tool " .. math.random(5), { policy = function()
      return { action = "deny", reason = random.pick { "rate", "loop", "budget" } }
    end })
  end
  return tracker:snapshot()
end

--- The sum of runs.
local function sum_of(list, factors)
  local sum = sums.new()
  for i, run in ipairs(list) do
    sum:add(lifetime.of(run), factors and factors[i] or 1)
  end
  return sum:lifetime()
end

--- The text of metrics without those of what goes on, which a sum has only if it is added.
local function counted(text)
  return (text:gsub("[^\n]*failure_streak[^\n]*\n", ""))
end

--- The values of the metrics whose names have `part` in them.
local function values(run, part)
  local found = {}
  for line in metrics_text.text_of("prometheus", run):gmatch("[^\n]+") do
    if line:find(part, 1, true) and not line:find("^#") then
      found[#found + 1] = line:match("{.*$")
    end
  end
  return found
end

describe("the sum of lifetimes", function()
  setup(function()
    random.seed("format_lifetime_sum_spec")
  end)

  it("has the metrics of the merged run", function()
    local clock = clocks.new()
    for _ = 1, 40 do
      local runs = {}
      for i = 1, math.random(1, 4) do
        runs[i] = made_up(clock)
      end
      local merged = exectrack.merge(runs)
      local sum = metrics_text.text_of("prometheus", sum_of(runs))
      assert.equal(counted((merged:export("prometheus"))), counted(sum))
    end
  end)

  it("is the same as before once what was added is taken away, and can be added itself", function()
    local clock = clocks.new()
    for _ = 1, 20 do
      local a, b, c = made_up(clock), made_up(clock), made_up(clock)
      local sum = sums.new()
      sum:add(sum_of { a, b }, 1)
      sum:add(lifetime.of(c), 1)
      sum:add(lifetime.of(b), -1)
      for _, part in ipairs { "executions", "seconds_count", "seconds_bucket", "denials" } do
        local expected, got = {}, {}
        for _, line in ipairs(values(sum_of { a, c }, part)) do
          expected[line] = true
        end
        for _, line in ipairs(values(sum:lifetime(), part)) do
          if not line:find(" 0$") then
            got[line] = true
          end
        end
        for line in pairs(got) do
          assert.is_true(expected[line], line)
        end
      end
    end
  end)

  it("has no time at which it began", function()
    local clock = clocks.new()
    local run = made_up(clock)
    assert.truthy(run:export("openmetrics"):find("_created", 1, true))
    assert.is_nil(metrics_text.text_of("openmetrics", sum_of { run }):find("_created", 1, true))
  end)

  it("keeps measures of other units apart, and adds those of other scales", function()
    local function run(scale, unit, value)
      local tracker = exectrack.new { measures = { { name = "cost", unit = unit, scale = scale } } }
      tracker:record { tool = "a", status = "success", measures = { cost = value } }
      return tracker:snapshot()
    end
    local list = { run(0.25, "USD", 1.5), run(1, "EUR", 7), run(0.5, "USD", 2.5),
      run(1, "USD", 3) }
    assert.same({
      '{tool="a",measure="cost",unit="EUR"} 7',
      '{tool="a",measure="cost",unit="USD"} 7',
    }, values(sum_of(list), "measure_total"))
    assert.same({
      '{tool="a",measure="cost",unit="EUR"} 1',
      '{tool="a",measure="cost",unit="USD"} 3',
    }, values(sum_of(list), "measure_executions"))
  end)

  it("has more tools, reasons and pairs of them than a run has room for", function()
    local list, tools = {}, 0
    for i = 1, 6 do
      local tracker = exectrack.new { max_tools = 60 }
      for j = 1, 60 do
        tracker:begin(("tool %d %d"):format(i, j), { policy = function()
          return { action = "deny", reason = ("reason %d %d"):format(i, j) }
        end })
        tools = tools + 1
      end
      list[i] = tracker:snapshot()
    end
    assert.equal(360, #values(sum_of(list), "denials_total{"))
    assert.equal(360, tools)
    assert.same({ '{kind="denials"} 0', '{kind="error_types"} 0', '{kind="tools"} 0' },
      values(sum_of(list), "overflow_total"))
  end)

  it("has in flight what is added as going on, and the streak of what ended last", function()
    local clock = clocks.new()
    local function run(streak, in_flight)
      clock.advance_us(1000000)
      local tracker = exectrack.new { clock = clock.read }
      for _ = 1, streak do
        tracker:record("a", "failed", 1)
      end
      local spans = {}
      for i = 1, in_flight do
        spans[i] = tracker:start("a")
      end
      return lifetime.of(tracker:snapshot()), spans
    end
    local first, second, third = run(5, 1), run(2, 3), run(9, 9)
    local sum = sums.new()
    for _, one in ipairs { first, second, third } do
      sum:add(one, 1)
    end
    sum:add_current(second)
    sum:add_current(first)
    assert.same({ '{tool="a"} 4' }, values(sum:lifetime(), "in_flight"))
    assert.same({ '{tool="a"} 2' }, values(sum:lifetime(), "failure_streak"))
    assert.same({ '{tool="a",status="cancelled"} 0', '{tool="a",status="failed"} 16',
      '{tool="a",status="success"} 0', '{tool="a",status="timed_out"} 0' },
      values(sum:lifetime(), "tool_executions_total"))
  end)

  it("knows if something is less than it was", function()
    local tracker = exectrack.new { measures = MEASURES }
    tracker:record("a", "success", 1000)
    tracker:record("a", "failed", 1000)
    local span = tracker:start("a")
    local before = lifetime.of(tracker:snapshot())
    assert.is_false(sums.has_less(before, before))
    span:finish("success") -- that ends the streak, takes less time, and isn't in flight
    tracker:record("b", "success", 1)
    assert.is_false(sums.has_less(lifetime.of(tracker:snapshot()), before))
    assert.is_true(sums.has_less(before, lifetime.of(tracker:snapshot())))
    local other = exectrack.new { measures = MEASURES }
    for _ = 1, 3 do
      other:record("a", "success", 1) -- more, but none in the bucket of 1 s
      other:record("a", "failed", 1000)
    end
    assert.is_true(sums.has_less(lifetime.of(other:snapshot()), before))
  end)
end)
