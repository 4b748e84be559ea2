local exectrack = require("exectrack")
local portable = require("spec.support.portable")
local random = require("spec.support.random")
local runs = require("spec.support.runs")

local unpack = portable.unpack

local ROUNDS = tonumber(os.getenv("ROUNDS")) or 150

setup(function()
  random.seed("group_model_spec")
  runs.has_unknowns = true
end)

--- Where `value` stands in the array `values`; 0 if it doesn't.
local function place_of(values, value)
  for i, other in ipairs(values) do
    if other == value then
      return i
    end
  end
  return 0
end

--- The fingerprint of a session, which a run that keeps no names shows; 0 for none.
local function session_hash(name)
  local nameless = exectrack.new { max_history = 0, session_names = 0 }
  return name and tonumber(nameless:session_name(name):sub(2), 16) or 0
end

--- What can be a key: the value in a record, and the number by which it is ordered.
-- `error_types` are in the order of first use.
local function make_keys(error_types, every_us)
  return {
    tool = function(record) return record.tool, record.tool_id end,
    status = function(record)
      return record.status, place_of(runs.STATUSES, record.status)
    end,
    was_cached = function(record) return record.was_cached, record.was_cached and 1 or 0 end,
    error_type = function(record)
      return record.error_type, place_of(error_types, record.error_type)
    end,
    args_hash = function(record) return record.args_hash, record.args_hash end,
    session = function(record) return record.session, session_hash(record.session) end,
    bucket = function(record)
      local start_us = math.floor(runs.end_us(record) / every_us) * every_us
      return start_us / 1e6, start_us
    end,
  }
end

--- `records` split by what they have for the keys `names`, in the order of that.
local function split(records, names, keys)
  local groups, by_text = {}, {}
  local is_by_time = false
  for _, name in ipairs(names) do
    is_by_time = is_by_time or name == "bucket"
  end
  records = runs.select(records, function(record) return record.timestamp or not is_by_time end)
  for _, record in ipairs(records) do
    local order, values, text = {}, {}, ""
    for i, name in ipairs(names) do
      values[name], order[i] = keys[name](record)
      text = ("%s%d,"):format(text, order[i])
    end
    if not by_text[text] then
      by_text[text] = { order = order, values = values, records = {} }
      groups[#groups + 1] = by_text[text]
    end
    table.insert(by_text[text].records, record)
  end
  table.sort(groups, function(a, b)
    for i in ipairs(names) do
      if a.order[i] ~= b.order[i] then
        return a.order[i] < b.order[i]
      end
    end
    return false
  end)
  return groups
end

--- The fields of quantiles that are computed, by their name.
local QUANTILES = { p0 = 0, p0_1 = 0.001, p25 = 0.25, p50 = 0.5, p66_6 = 0.666, p90 = 0.9,
  p95 = 0.95, p99 = 0.99, p99_9 = 0.999, p100 = 1 }
local DEFAULT = { "p50", "p90", "p95", "p99" }

--- The durations of `records` that were measured, in microseconds, sorted.
local function durations_of(records)
  local durations = {}
  for _, record in ipairs(records) do
    durations[#durations + 1] = not record.timing and runs.duration_us(record) or nil
  end
  table.sort(durations)
  return durations
end

--- The row of `records`, with the quantiles of these names and the keys in `values`.
local function row_of(records, values, quantiles)
  local row = runs.window(records)
  row.count, row.total_executions = row.total_executions, nil
  for name, value in pairs(values) do
    row[name] = value
  end
  local ended = row.count - row.cancelled
  row.error_rate = ended > 0 and (row.failed + row.timed_out) / ended or nil
  local durations, times = durations_of(records), {}
  for _, record in ipairs(records) do
    times[#times + 1] = record.timestamp or nil
  end
  if #times > 0 then
    row.first_timestamp = math.min(unpack(times))
    row.last_timestamp = math.max(unpack(times))
  end
  if #durations == 0 then
    return row
  end
  row.min_duration_ms, row.max_duration_ms = runs.ms(durations[1]), runs.ms(durations[#durations])
  for _, name in ipairs(quantiles) do
    row[name .. "_duration_ms"] = runs.ms(durations[runs.rank(QUANTILES[name], #durations)])
  end
  return row
end

--- A random subset of the array `choices`, in random order.
local function random_subset(choices)
  local subset = {}
  for _, choice in ipairs(choices) do
    if math.random(2) == 1 then
      subset[#subset + 1] = choice
    end
  end
  return random.shuffle(subset)
end

local function random_quantiles()
  local names = { "p0", "p0_1", "p25", "p50", "p66_6", "p90", "p95", "p99", "p99_9", "p100" }
  return math.random(3) == 1 and {} or random_subset(names)
end

--- Groups `snapshot` by the keys `names` and compares with the model.
local function check(snapshot, names, every_us, quantiles)
  local arguments = {}
  for i, name in ipairs(names) do
    arguments[i] = name == "bucket" and { every = every_us / 1e6 } or name
  end
  if quantiles then
    local options = { quantiles = {} }
    for i, name in ipairs(quantiles) do
      options.quantiles[i] = QUANTILES[name]
    end
    arguments[#arguments + 1] = options
  end
  local records = snapshot:records()
  local keys = make_keys(snapshot:to_table().error_types, every_us)
  local rows = {}
  for i, group in ipairs(split(records, names, keys)) do
    rows[i] = row_of(group.records, group.values, quantiles or DEFAULT)
  end
  assert.same(rows, snapshot:group_by(unpack(arguments)))
end

local NAMES = { "tool", "status", "was_cached", "error_type", "args_hash", "session", "bucket" }

local function random_every_us()
  return random.pick { 1, 3, 250000, 1000000, 86400000000, random.integer(1, 2 ^ 40) }
end

local function random_snapshot()
  return runs.snapshot { max_history = random.pick { 1, 33, 100, 1000 },
    max_tools = random.pick { 1, 3, 20 } }
end

describe("group_by agrees with its model", function()
  it("for every subset of the keys", function()
    for bits = 0, 2 ^ #NAMES - 1 do
      local names = {}
      for i, name in ipairs(NAMES) do
        if math.floor(bits / 2 ^ (i - 1)) % 2 == 1 then
          names[#names + 1] = name
        end
      end
      check(random_snapshot(), random.shuffle(names), random_every_us())
    end
  end)

  it("for random keys in random order, intervals and quantiles", function()
    for _ = 1, ROUNDS do
      check(random_snapshot(), random_subset(NAMES), random_every_us(), random_quantiles())
    end
  end)

  it("for many records and many groups", function()
    local snapshot = runs.snapshot({ max_history = 3000 }, 3500)
    check(snapshot, {}, 1, { "p50", "p99_9" })
    check(snapshot, { "tool" }, 1)
    check(snapshot, { "args_hash", "error_type" }, 1)
    check(snapshot, { "bucket" }, 1)
    check(snapshot, random.shuffle { unpack(NAMES) }, 1000)
  end)

  it("for filtered and merged snapshots", function()
    for _ = 1, 20 do
      local filtered = random_snapshot():filter { status = { "failed", "success" } }
      check(filtered, random_subset(NAMES), random_every_us())
      check(exectrack.merge { filtered, random_snapshot() }, random_subset(NAMES),
        random_every_us())
    end
  end)
end)

describe("summary and quantile agree with the model", function()
  it("in random runs", function()
    for _ = 1, ROUNDS do
      local snapshot = random_snapshot()
      local records = snapshot:records()
      local q = random.pick { 0, 1, 0.5, math.random() }
      local durations = durations_of(records)
      if #records > 0 then
        assert.same(row_of(records, {}, DEFAULT), snapshot:summary())
      end
      if #durations == 0 then
        assert.is_nil(snapshot:quantile(q))
      else
        assert.equal(runs.ms(durations[runs.rank(q, #durations)]), snapshot:quantile(q))
      end
    end
  end)
end)
