-- The sums of a tool's durations by outcome, whatever is done with a run.
local directories = require("spec.support.directory")
local exectrack = require("exectrack")
local random = require("spec.support.random")
local runs = require("spec.support.runs")

local ROUNDS = tonumber(os.getenv("ROUNDS")) or 60

--- Adds the measured durations of executions to `sums`, by tool and outcome.
local function add(sums, executions)
  for _, execution in ipairs(executions) do
    local own = sums[execution.tool] or { success = 0, other = 0 }
    if execution.timing == nil or execution.timing == "measured" then
      local outcome = execution.status == "success" and "success" or "other"
      own[outcome] = own[outcome] + runs.duration_us(execution)
    end
    sums[execution.tool] = own
  end
  return sums
end

--- The sums that a run has, of tools that have ended.
local function sums_of(snapshot)
  local sums = {}
  for _, tool in ipairs(snapshot:to_table().tools) do
    if snapshot:stats(tool.name).total_executions > 0 then
      sums[tool.name] = { success = tool.total_duration_us - tool.other_duration_us,
        other = tool.other_duration_us }
    end
  end
  return sums
end

local function filtered(snapshot)
  return snapshot:filter(random.pick { { last = 3 }, { status = "failed" }, { tool = "grep" } })
end

local function reloaded(snapshot)
  return assert(exectrack.from_bytes(snapshot:bytes()))
end

local function rebuilt(snapshot)
  return assert(exectrack.from_table(snapshot:to_table()))
end

local function same(snapshot)
  return snapshot
end

--- A random run, filtered, reloaded or neither. Returns its executions, too.
local function any_run()
  local options = { max_history = random.pick { 0, 3, 100 } }
  local tracker, clock, executions, spans = runs.tracker(options)
  if math.random(4) == 1 then
    tracker:clear()
    executions = runs.record(tracker, clock, 5)
  end
  local change = random.pick { filtered, reloaded, rebuilt, same }
  local snapshot = change(tracker:snapshot())
  assert(spans)
  return snapshot, executions
end

describe("the sums of durations by outcome", function()
  setup(function()
    random.seed("duration_sums_spec")
    runs.has_unknowns = true
  end)

  teardown(function()
    runs.has_unknowns = false
  end)

  it("are those of all executions, however runs are filtered, reloaded and merged", function()
    for _ = 1, ROUNDS do
      local snapshots, expected = {}, {}
      for i = 1, math.random(3) do
        local executions
        snapshots[i], executions = any_run()
        assert.same(add({}, executions), sums_of(snapshots[i]))
        add(expected, executions)
      end
      assert.same(expected, sums_of(reloaded(exectrack.merge(snapshots))))
    end
  end)

  it("go on in a recorder that is opened again", function()
    local directory = directories.make()
    local path, expected = directory .. "/a.run", {}
    for _ = 1, 3 do
      local tracker = assert(exectrack.open(path, { max_history = 5 }))
      for _ = 1, 20 do
        local execution = runs.execution()
        tracker:record(execution)
        add(expected, { execution })
      end
      assert.same(expected, sums_of(assert(exectrack.load(path))))
      tracker:close()
    end
    assert.same(expected, sums_of(assert(exectrack.load(path))))
    directories.remove(directory)
  end)
end)
