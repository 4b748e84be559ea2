local clocks = require("spec.support.clock")
local exectrack = require("exectrack")
local random = require("spec.support.random")
local runs = require("spec.support.runs")

local ROUNDS = tonumber(os.getenv("ROUNDS")) or 60

setup(function()
  random.seed("merge_model_spec")
end)

--- Random snapshots, of which some are cleared, filtered or merged ones, and all that they count.
local function random_snapshots(options)
  local snapshots, executions, spans = {}, {}, {}
  for i = 1, random.pick { 1, 2, 3, 8 } do
    local clock = clocks.new()
    clock.advance_us(math.random(0, 100) * 1000000)
    local all = { max_history = random.pick { 0, 1, 20, 300 }, max_tools = options.max_tools,
      label = random.pick { "", "run" } }
    local tracker, recorded
    tracker, clock, recorded, spans[i] = runs.tracker(all, random.pick { 0, 1, 30, 100 }, clock)
    if math.random(5) == 1 then
      tracker:clear()
      recorded = runs.record(tracker, clock, 10)
    end
    snapshots[i] = tracker:snapshot()
    if math.random(5) == 1 then
      snapshots[i] = snapshots[i]:filter { was_cached = true }
    elseif math.random(5) == 1 then
      snapshots[i] = exectrack.merge { snapshots[i] }
    end
    table.move(recorded, 1, #recorded, #executions + 1, executions)
  end
  return snapshots, executions, spans
end

local SUMMED = { "total_executions", "successful", "failed", "timed_out", "cancelled",
  "cached_hits", "in_flight", "overflowed", "error_types_overflowed" }

--- The sum of statistics, but for their windows; nil values are left out.
local function sum_of(all)
  local sum, total_us = {}, 0
  for _, stats in ipairs(all) do
    for _, field in ipairs(SUMMED) do
      sum[field] = stats[field] and (sum[field] or 0) + stats[field]
    end
    total_us = total_us + runs.duration_us { duration_ms = stats.total_duration_ms }
  end
  sum.total_duration_ms = runs.ms(total_us)
  return sum, total_us
end

--- The statistics of one tool in all of `snapshots`, but for the window and the quantiles.
local function tool_sum(snapshots, tool)
  local all = {}
  for _, snapshot in ipairs(snapshots) do
    all[#all + 1] = snapshot:stats(tool)
  end
  local sum, total_us = sum_of(all)
  local streak = 0
  for _, stats in ipairs(all) do
    local last = stats.last_timestamp
    if last and last >= (sum.last_timestamp or 0) then
      streak = last == sum.last_timestamp and math.max(streak, stats.failure_streak)
        or stats.failure_streak
      sum.last_timestamp = last
    end
    if last then
      sum.min_duration_ms = math.min(sum.min_duration_ms or math.huge, stats.min_duration_ms)
      sum.max_duration_ms = math.max(sum.max_duration_ms or 0, stats.max_duration_ms)
      sum.avg_duration_ms = total_us / sum.total_executions / 1000
    end
  end
  sum.failure_streak = streak
  return sum
end

local FIGURES = { "p50_duration_ms", "p90_duration_ms", "p95_duration_ms", "p99_duration_ms" }

local function check_stats(snapshots, executions, merged)
  local expected = {}
  for i, snapshot in ipairs(snapshots) do
    expected[i] = snapshot:stats()
  end
  local records = merged:records()
  local sum = sum_of(expected)
  sum.window = runs.window(records)
  assert.same(sum, merged:stats())
  local one = exectrack.new { max_history = 0, max_tools = 100 } -- as if it had been one run
  for _, execution in ipairs(executions) do
    one:record(execution)
  end
  for _, tool in ipairs(merged:tools()) do
    local stats = tool_sum(snapshots, tool)
    stats.window = runs.window(runs.select(records, function(record)
      return record.tool == tool
    end))
    for _, figure in ipairs(FIGURES) do
      stats[figure] = (one:stats(tool) or {})[figure]
    end
    assert.same(stats, merged:stats(tool))
  end
end

--- All that a record has but the id of its tool, as a string.
local function text_of(record)
  return string.format("%.17g %q %s %.17g %s %q %d", record.timestamp, record.tool,
    record.status, record.duration_ms, record.was_cached, record.error_type or "",
    record.args_hash)
end

local function texts_of(records)
  local texts = {}
  for i, record in ipairs(records) do
    texts[i] = text_of(record)
  end
  table.sort(texts)
  return texts
end

local function check_records(snapshots, merged)
  local records, expected = merged:records(), {}
  for _, snapshot in ipairs(snapshots) do
    table.move(snapshot:records(), 1, #snapshot, #expected + 1, expected)
  end
  assert.same(texts_of(expected), texts_of(records))
  for i = 2, #records do
    assert.is_true(records[i - 1].timestamp <= records[i].timestamp)
  end
  local n = math.random(0, #records + 1)
  assert.same(table.move(records, math.max(1, #records - n + 1), #records, 1, {}),
    exectrack.merge(snapshots, { max_history = n }):records())
end

local function check_tools(snapshots, merged)
  local names, seen = {}, { ["(other)"] = true }
  local has_other = false
  for _, snapshot in ipairs(snapshots) do
    for _, name in ipairs(snapshot:tools()) do
      has_other = has_other or name == "(other)"
      names[#names + 1] = not seen[name] and name or nil
      seen[name] = true
    end
  end
  table.sort(names)
  names[#names + 1] = has_other and "(other)" or nil
  assert.same(names, merged:tools())
end

describe("merge agrees with its model", function()
  it("in random runs", function()
    for _ = 1, ROUNDS do
      local snapshots, executions = random_snapshots { max_tools = 20 }
      local merged = exectrack.merge(snapshots)
      check_tools(snapshots, merged)
      check_records(snapshots, merged)
      check_stats(snapshots, executions, merged)
    end
  end)

  it("whatever the order of the list, and in steps or at once", function()
    for _ = 1, ROUNDS do
      local snapshots = random_snapshots { max_tools = random.pick { 1, 2, 20 } }
      local merged = exectrack.merge(snapshots)
      local bytes = merged:bytes()
      assert.equal(bytes, exectrack.merge(random.shuffle(snapshots)):bytes())
      assert.is_true(merged == exectrack.from_bytes(bytes))
      assert.is_true(merged == exectrack.from_table(merged:to_table()))
      assert.is_true(merged == exectrack.merge { merged })
      local steps = snapshots[1]
      for i = 2, #snapshots do
        steps = exectrack.merge { steps, snapshots[i] }
      end
      assert.is_true(merged == exectrack.merge { steps })
    end
  end)
end)
