local core = require("exectrack.core")
local exectrack = require("exectrack")
local random = require("spec.support.random")
local runs = require("spec.support.runs")

local ROUNDS = tonumber(os.getenv("ROUNDS")) or 40

local ID = "00000000-0000-4000-8000-000000000001"

setup(function()
  random.seed("importer_spec")
  runs.has_unknowns = true
end)

--- The options of a run, with those in `given`.
local function options_of(given)
  local options = { max_history = 0, max_tools = 65535, instance_id = ID, label = "a run" }
  for name, value in pairs(given or {}) do
    options[name] = value
  end
  return options
end

--- An importer of a run with these options.
local function new(given, max_history)
  return core.importer(exectrack.new(options_of(given)), max_history)
end

local function start_of(execution)
  return math.max(0, runs.end_us(execution) - runs.duration_us(execution)) / 1e6
end

--- The executions in the order of the run: undated ones first, then by their ends.
local function in_order(executions)
  local sorted, places = {}, {}
  for i, execution in ipairs(executions) do
    sorted[i], places[execution] = execution, i
  end
  table.sort(sorted, function(a, b)
    local first, second = a.timestamp or -1, b.timestamp or -1
    if first ~= second then
      return first < second
    end
    return places[a] < places[b]
  end)
  return sorted
end

--- The run that a tracker records of these executions, in the order of their ends.
local function recorded(executions, given, max_history)
  local options, now = options_of(given), math.huge
  local latest = 0
  for _, execution in ipairs(executions) do
    if execution.timestamp then
      now = math.min(now, start_of(execution))
      latest = math.max(latest, execution.timestamp)
    end
  end
  now = now < math.huge and now or 0
  options.max_history = max_history or math.max(1, #executions)
  options.clock = function() return now end
  local tracker = exectrack.new(options)
  for _, execution in ipairs(in_order(executions)) do
    tracker:record(execution)
  end
  now = latest
  return tracker:snapshot()
end

--- The run that an importer makes of them.
local function imported(executions, given, max_history)
  local importer = new(given, max_history)
  for _, execution in ipairs(executions) do
    importer:add(execution)
  end
  return importer:build()
end

--- Random executions with a time or none, in random order.
local function random_executions()
  local executions = {}
  local tracker = runs.tracker({ max_history = 1000 })
  for i, record in ipairs(tracker:snapshot():records()) do
    record.tool_id = nil
    executions[i] = record
  end
  return random.shuffle(executions)
end

--- What each round's executions gave must be the same in everything.
local function assert_same_run(expected, actual)
  assert.same(expected:stats(), actual:stats())
  for _, tool in ipairs(expected:tools()) do
    assert.same(expected:stats(tool), actual:stats(tool))
  end
  assert.same(expected:records(), actual:records())
  assert.equal(expected:created(), actual:created())
  assert.equal(expected:taken(), actual:taken())
  assert.is_true(expected == actual)
end

describe("An importer", function()
  it("makes the run that a tracker records in the order of the ends", function()
    for _ = 1, ROUNDS do
      local executions = random_executions()
      assert_same_run(recorded(executions), imported(executions))
    end
  end)

  it("keeps the last records of the run, and counts all", function()
    for _ = 1, ROUNDS do
      local executions, max_history = random_executions(), math.random(0, 60)
      assert_same_run(recorded(executions, nil, max_history),
        imported(executions, nil, max_history))
    end
  end)

  it("keeps the limits and the options of the tracker", function()
    local options = { max_tools = 3, max_in_flight = 5, session_names = 16, args_texts = 8,
      error_texts = 24, label = "x", ignore_args = { "a" },
      measures = { { name = "cost", unit = "USD", scale = 0.5 } } }
    assert_same_run(recorded({}, options), imported({}, options))
    assert.equal(ID, imported({}):instance_id())
    assert.equal(7, imported({}, nil, 7):max_history())
  end)

  it("finds streaks, loops and (other) in the order of the ends", function()
    local executions = {}
    for i, status in ipairs { "failed", "failed", "success", "failed", "failed", "failed" } do
      executions[i] = { tool = "a", status = status, args_hash = 7, timestamp = i * 10,
        duration_ms = 1 }
      executions[6 + i] = { tool = "tool " .. i, status = "success", timestamp = i * 10 + 5 }
    end
    random.shuffle(executions)
    local run = imported(executions, { max_tools = 3 })
    assert.equal(3, run:failure_streak("a"))
    assert.same({ "a", "tool 1", "tool 2", "(other)" }, run:tools())
    assert_same_run(recorded(executions, { max_tools = 3 }), run)
  end)

  it("takes what tracker:record takes, and raises what it raises", function()
    local wrong = {
      {}, { tool = "a" }, { tool = 1 }, { tool = "a", status = "no" },
      { tool = "a", status = "success", duration_ms = -1 },
      { tool = "a", status = "success", timing = "elapsed" },
      { tool = "a", status = "success", args = 1, args_hash = 1 },
      { tool = "a", status = "success", timestamp = -1 },
      { tool = "a", status = "success", depth = 8 },
      { tool = "a", status = "success", session = 5 },
      { tool = "a", status = "success", measures = 5 },
      { tool = "a", status = "success", unknown = 5 },
    }
    local importer, tracker = new(), exectrack.new(1)
    for _, execution in ipairs(wrong) do
      local _, expected = pcall(function() tracker:record(execution) end)
      assert.has_error(function() importer:add(execution) end,
        (expected:gsub("^[^:]*:%d+: ", ""):gsub("'record'", "'add'")))
    end
    assert.equal(0, importer:counts().executions)
  end)

  it("counts what was added", function()
    local importer = new()
    assert.same({ executions = 0, sessions = 0, tools = 0, untimed = 0, undated = 0 },
      importer:counts())
    importer:add { tool = "a", status = "success", session = "x", timestamp = 20 }
    importer:add { tool = "b", status = "success", session = "y", duration_ms = 1, timestamp = 10 }
    importer:add { tool = "b", status = "success", session = "y" }
    importer:add { tool = "b", status = "success", timestamp = false }
    assert.same({ executions = 4, sessions = 2, tools = 2, untimed = 3, undated = 2, first = 10,
      last = 20 }, importer:counts())
  end)

  it("has an execution without a time undated, and begins when the first dated one did", function()
    local run = imported {
      { tool = "a", status = "success", timestamp = 20, duration_ms = 15500 },
      { tool = "b", status = "success" },
      { tool = "c", status = "success", timestamp = 30, duration_ms = 1 },
    }
    assert.same({ "b", "a", "c" }, run:tools())
    assert.same({ 4.5, 30 }, { run:created(), run:taken() })
    run = imported { { tool = "b", status = "success", duration_ms = 5 } }
    assert.same({ 0, 0 }, { run:created(), run:taken() })
    run = imported {}
    assert.same({ 0, 0, 1 }, { run:created(), run:taken(), run:max_history() })
  end)

  it("keeps fingerprints and texts of arguments and errors as the tracker makes them", function()
    local options = { args_texts = 8, error_texts = 8, ignore_args = { "id" } }
    local executions = {
      { tool = "a", status = "failed", error_type = "E", args = { 2, id = 1, token = "secret" },
        error_text = "later", timestamp = 30 },
      { tool = "a", status = "failed", error_type = "E", args = { 2, id = 2 }, result = { 5 },
        error_text = "password=secret", timestamp = 20 },
    }
    local run = imported(executions, options)
    assert.equal("later", run:error_text("a", "E"))
    assert.equal('{2, token=[redacted]}', run:args_text(run[2].args_hash))
    assert_same_run(recorded(executions, options), run)
  end)

  it("describes measures that nobody described", function()
    local run = imported({
      { tool = "a", status = "success", measures = { tokens = 12, cost = 0.25, bytes = 5 } },
      { tool = "a", status = "success", measures = { cost = 3.125 } },
    }, { measures = { { name = "tokens", unit = "{token}", scale = 2 } } })
    assert.same({ { name = "tokens", unit = "{token}", scale = 2 },
      { name = "bytes", unit = "", scale = 1 }, { name = "cost", unit = "", scale = 1e-3 } },
      run:measures())
    assert.same({ tokens = 12, cost = 0.25, bytes = 5 }, run[1].measures)
    assert.same({ cost = 3.125 }, run[2].measures)
  end)

  it("says which measures are too many or wrong", function()
    local importer = new()
    local function refuse(measures, message)
      local ok, err = pcall(function()
        importer:add { tool = "a", status = "success", measures = measures }
      end)
      assert.same({ false, "bad argument #1 to 'add' (measures: " .. message .. ")" },
        { ok, (err:gsub("^[^:]*:%d+: ", "")) })
    end
    refuse({ a = 1, b = 1, c = 1, d = 1, e = 1 }, "at most 4 expected, got 5")
    refuse({ [""] = 1 }, "a name of 1 to 32 bytes expected, got ''")
    refuse({ [("x"):rep(33)] = 1 },
      "a name of 1 to 32 bytes expected, got '" .. ("x"):rep(33) .. "'")
    refuse({ 1 }, "unknown measure '1'")
    importer:add { tool = "a", status = "success", measures = { c = 1, b = 1, a = 1 } }
    refuse({ f = 1, e = 1, d = 1 }, "at most 4 in a run expected, got another one, 'e'")
    for _ = 1, 20 do -- whatever the order in the table
      refuse({ x = "1", d = -1, a = 1, y = 0 / 0 },
        "measure 'd' must be a finite number that isn't negative, got -1")
    end
  end)

  it("makes one run", function()
    local importer = new()
    importer:build()
    for _, name in ipairs { "add", "take", "counts", "build" } do
      assert.has_error(function() importer[name](importer, {}, 1) end,
        "attempt to use an importer whose run is made")
    end
  end)

  it("isn't for users", function()
    assert.is_nil(exectrack.importer)
    assert.has_error(function() core.importer(5) end,
      "bad argument #1 to 'importer' (exectrack.Tracker expected, got number)")
    assert.has_error(function() core.importer(exectrack.new(1), -1) end,
      "bad argument #2 to 'importer' (an integer from 0 to 268435456 expected, got -1)")
    local tracker = exectrack.new(1)
    tracker:close()
    assert.has_error(function() core.importer(tracker) end, "attempt to use a closed tracker")
  end)

  it("can be used by the functions that it calls", function()
    local importer
    importer = new({ args_texts = 8, redact = function()
      importer:build()
      return ""
    end })
    assert.has_error(function()
      importer:add { tool = "a", status = "success", args = { 1 } }
    end, "attempt to use an importer whose run is made")
  end)
end)
