local portable = require("spec.support.portable")
local random = require("spec.support.random")
local runs = require("spec.support.runs")

local unpack = portable.unpack

local ROUNDS = tonumber(os.getenv("ROUNDS")) or 300

setup(function()
  random.seed("filter_model_spec")
  runs.has_unknowns = true
end)

--- A value of `records[i][field]`, or near it.
local function boundary(records, field, step)
  local record = #records > 0 and random.pick(records) or { [field] = 5 }
  return math.max(0, (record[field] or 5) + random.pick { 0, 0, step, -step })
end

local function value_or_list(choices)
  if math.random(2) == 1 then
    return random.pick(choices)
  end
  local list = {}
  for i = 1, math.random(0, 3) do
    list[i] = random.pick(choices)
  end
  return list
end

local function random_conditions(records)
  local makers = {
    tool = function() return value_or_list { "none", unpack(runs.TOOLS) } end,
    status = function() return value_or_list(runs.STATUSES) end,
    error_type = function()
      return value_or_list { false, "none", unpack(runs.ERROR_TYPES) }
    end,
    session = function()
      return value_or_list { "none", unpack(runs.SESSIONS) }
    end,
    was_cached = function() return random.pick { true, false } end,
    timing = function() return value_or_list { "measured", "elapsed", "untimed" } end,
    since = function() return boundary(records, "timestamp", 1e-6) end,
    before = function() return boundary(records, "timestamp", 1e-6) end,
    min_duration_ms = function() return boundary(records, "duration_ms", 0.001) end,
    max_duration_ms = function() return boundary(records, "duration_ms", 0.001) end,
    last = function() return math.random(0, 20) end,
    where = function()
      local hash = math.random(0, 9)
      return function(record) return record.args_hash > hash end
    end,
  }
  local names = { "tool", "status", "error_type", "session", "was_cached", "timing", "since",
    "before", "min_duration_ms", "max_duration_ms", "last", "where" }
  local conditions = {}
  for _, name in ipairs(names) do
    if math.random(4) == 1 then
      conditions[name] = makers[name]()
    end
  end
  return conditions
end

--- Whether `value` is `wanted`, or in it if that is a list. A condition that is nil holds.
local function is_in(wanted, value)
  if type(wanted) ~= "table" then
    return wanted == nil or wanted == value
  end
  for _, element in ipairs(wanted) do
    if element == value then
      return true
    end
  end
  return false
end

local function near(number)
  return math.floor(number + 0.5)
end

--- What filter does, as plainly as it can be said.
local function select_plainly(records, conditions)
  local c = conditions
  local selected = runs.select(records, function(record)
    local end_us, us = runs.end_us(record), runs.duration_us(record)
    return is_in(c.tool, record.tool)
      and is_in(c.status, record.status)
      and is_in(c.error_type, record.error_type or false)
      and is_in(c.session, record.session or false)
      and is_in(c.was_cached, record.was_cached)
      and is_in(c.timing, record.timing or "measured")
      and (not c.since or record.timestamp and end_us >= near(c.since * 1e6))
      and (not c.before or record.timestamp and end_us < near(c.before * 1e6))
      and (not c.min_duration_ms or record.duration_ms and us >= near(c.min_duration_ms * 1000))
      and (not c.max_duration_ms or record.duration_ms and us <= near(c.max_duration_ms * 1000))
      and (not c.where or c.where(record))
  end)
  local is_kept = {}
  for i, record in ipairs(runs.newest_first(selected)) do
    is_kept[record] = i <= (c.last or #selected)
  end
  return runs.select(selected, function(record) return is_kept[record] end)
end

describe("filter agrees with its model", function()
  it("in random runs with random conditions", function()
    for _ = 1, ROUNDS do
      local snapshot = runs.snapshot { max_history = random.pick { 1, 64, 100, 1000 } }
      local records = snapshot:records()
      local conditions = random_conditions(records)
      local filtered = snapshot:filter(conditions)
      local expected = select_plainly(records, conditions)
      assert.same(expected, filtered:records())
      assert.same(runs.window(expected), filtered:stats().window)
    end
  end)
end)
