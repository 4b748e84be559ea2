-- What can be read of a run: every method of a snapshot, with every kind of argument.
local canonical = require("spec.differential.canonical")
local portable = require("spec.support.portable")
local runs = require("spec.differential.runs")

local HASHES = { 0, 1, 4294967295, -1, 1.5 }
local KEYS = { "tool", "status", "was_cached", "error_type", "args_hash", "session" }
local COLUMNS = { "tool", "tool_id", "status", "duration_ms", "self_duration_ms", "timing",
  "was_cached", "error_type", "args_hash", "result_hash", "session", "depth", "timestamp",
  "measures", "measures.cost", "measures.none" }

local NO_ARGUMENTS = { {} }

-- Arguments that are one of these, or none.
local function each(values)
  local all = { {} }
  for _, value in ipairs(values) do
    all[#all + 1] = { value }
  end
  return all
end

local function pairs_of(firsts, seconds)
  local all = {}
  for _, first in ipairs(firsts) do
    for _, second in ipairs(seconds) do
      all[#all + 1] = { first, second }
    end
  end
  return all
end

local function group_keys()
  local all = pairs_of(KEYS, KEYS)
  for _, key in ipairs(KEYS) do
    all[#all + 1] = { key }
    all[#all + 1] = { key, { every = 0.25, quantiles = { 0.07, 0.5, 0.999 } } }
  end
  return all
end

local TOOLS = each(runs.TOOLS)

local FILTERS = {
  { last = 3 }, { last = 1.5 }, { since = 1767225605.5 }, { before = 1767225605.5, last = 2 },
  { tool = { "a\0b", "grep" }, status = "failed" }, { status = { "failed", "timed_out" } },
  { error_type = { false, "(none)" } }, { session = "chat 17" }, { session = { false, "a\0b" } },
  { was_cached = false, timing = "measured", min_duration_ms = 0.5, max_duration_ms = 1e3 },
  { where = function(record) return record.depth > 0 end }, { since = -1 }, { unknown = 1 },
}

-- With which arguments a method is called, by its name; false for what main.lua calls.
local ARGUMENTS = {
  args_text = each(HASHES),
  avg_duration_for_tool = TOOLS,
  bytes = false,
  circuit = pairs_of(runs.TOOLS, {
    { failures = 1, min_calls = 1, cooldown_ms = 2.5, max_cooldown_ms = 1e6, ignore = { "EIO" } },
    { failures = 200, min_calls = 2, cooldown_ms = 1, max_cooldown_ms = 1, failure_rate = 0.3 },
  }),
  cleared = NO_ARGUMENTS,
  column = each(COLUMNS),
  created = NO_ARGUMENTS,
  decisions = false,
  denials = NO_ARGUMENTS,
  denied = NO_ARGUMENTS,
  error_rate = TOOLS,
  error_text = pairs_of(runs.TOOLS, runs.ERROR_TYPES),
  export = {
    { "prometheus" }, { "openmetrics", { buckets = { 0.3, 7 } } },
    { "otlp-json", { texts = true } },
    { "otlp", { signal = "metrics", max_buckets = 20 } },
    { "otlp", { signal = "traces", texts = true } }, { "chrome" }, { "folded" },
    { "parquet", { texts = true } }, { "x" },
  },
  failure_streak = TOOLS,
  filter = false,
  get_tool_name = each { 0, 1, 2, 2.5, 100 },
  group_by = group_keys(),
  has_places = NO_ARGUMENTS,
  histogram = pairs_of(runs.TOOLS, { "success", "other" }),
  in_flight = NO_ARGUMENTS,
  in_flight_count = pairs_of(runs.TOOLS, { 0, 1767225605.5 }),
  instance_id = NO_ARGUMENTS,
  is_filtered = NO_ARGUMENTS,
  iter = false,
  label = NO_ARGUMENTS,
  loop = { { "grep", 1, 20 }, { "grep", 4294967295, 200, "chat 17", true } },
  lost_until = NO_ARGUMENTS,
  max_history = NO_ARGUMENTS,
  measure_total = { { "cost" }, { "cost", "grep" }, { "x" } },
  measures = NO_ARGUMENTS,
  parents = NO_ARGUMENTS,
  quantile = each { 0, 0.07, 0.5, 1, 1.5 },
  recent_executions = each { 0, 3, 1e6, -1 },
  recent_quantile = pairs_of(runs.TOOLS, { 0, 0.5, 1 }),
  records = NO_ARGUMENTS,
  repeats = { { "grep", 1, 20 }, { "grep", 4294967295, 200, "chat 17" }, { "grep", 2.5, 20 } },
  save = false,
  session_executions = { { 3 }, { 1e6, "chat 17" }, { -1 } },
  session_name = each(runs.SESSIONS),
  since = false,
  starts_after = { { 1767225600.5, nil, 1, n = 3 }, { 0, "grep", 2 }, { -1, "grep", 1 } },
  stats = TOOLS,
  summary = { {}, { { quantiles = {} } }, { { quantiles = { 0.123, 2 } } } },
  taken = NO_ARGUMENTS,
  to_table = NO_ARGUMENTS,
  tools = NO_ARGUMENTS,
  totals = TOOLS,
  without_texts = false,
  writer = NO_ARGUMENTS,
}

-- Checks that no method is missing above. They are in a table behind `__index`, which Lua 5.1
-- doesn't give away.
local function check_methods(snapshot)
  local index = getmetatable(snapshot).__index
  for i = 1, debug.getinfo(index, "u").nups do
    local _, methods = debug.getupvalue(index, i)
    for name in pairs(type(methods) == "table" and methods or {}) do
      assert(ARGUMENTS[name] ~= nil, "no arguments here for the method " .. name)
    end
  end
end

local NAMES = {}
for name in pairs(ARGUMENTS) do
  NAMES[#NAMES + 1] = name
end
table.sort(NAMES)

-- Writes what the snapshot's methods return.
local function read(snapshot, write)
  for _, name in ipairs(NAMES) do
    for _, arguments in ipairs(ARGUMENTS[name] or {}) do
      local count = arguments.n or #arguments
      write(name .. canonical.text(arguments),
        canonical.outcome(pcall(snapshot[name], snapshot, portable.unpack(arguments, 1, count))))
    end
  end
  write("length", canonical.text(#snapshot))
  for i = 0, #snapshot + 1 do
    write("record " .. i, canonical.text(snapshot[i]))
  end
end

-- Writes what can be read of a snapshot, and what snapshots are made of it. `write` is called with
-- what was asked and the answer, both text.
return function(snapshot, write)
  check_methods(snapshot)
  read(snapshot, write)
  write("without_texts", snapshot:without_texts():bytes())
  local id = snapshot:instance_id()
  local later, position, lost = snapshot:since { instance_id = id, recorded = 3 }
  write("since", later:bytes() .. canonical.text(position) .. canonical.text(lost))
  for _, conditions in ipairs(FILTERS) do
    local ok, filtered = pcall(snapshot.filter, snapshot, conditions)
    write("filter" .. canonical.text(conditions),
      ok and filtered:bytes() or canonical.outcome(ok, filtered))
  end
end
