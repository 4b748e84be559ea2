-- Prometheus's text format and OpenMetrics.
local clocks = require("spec.support.clock")
local decimal = require("exectrack.format.decimal")
local directories = require("spec.support.directory")
local exectrack = require("exectrack")
local golden = require("spec.support.golden")
local full_run = require("spec.support.full_run")
local random = require("spec.support.random")

--- The value of each sample of a text, by its name and labels.
local function samples_of(text)
  local samples = {}
  for line in text:gmatch("[^\n]+") do
    local name, value = line:match("^([^#].*) (%S+)$")
    if name then
      assert.is_nil(samples[name], name)
      samples[name] = value
    end
  end
  return samples
end

local NAME = "exectrack_tool_duration_seconds_"

local BUCKETS = { 0.25, 512 }

--- The lines of a text that match `pattern`, but not `without`.
local function lines_of(text, pattern, without)
  local lines = {}
  for line in text:gmatch("[^\n]+") do
    if line:find(pattern) and not (without and line:find(without)) then
      lines[#lines + 1] = line .. "\n"
    end
  end
  return table.concat(lines)
end

describe("the metrics of a run", function()
  it("are written as Prometheus's text", function()
    local text = full_run():export("prometheus", { buckets = BUCKETS })
    golden.assert_equal("metrics.prom", lines_of(text, "^[^#]", " 0$"))
    golden.assert_equal("metrics_described.prom", lines_of(text, "^#"))
    assert.equal(141, select(2, text:gsub("\n", "\n"))) -- the other samples are 0
  end)

  it("are the same as OpenMetrics, with times of creation", function()
    local run = full_run()
    local expected = samples_of(run:export("prometheus", { buckets = BUCKETS }))
    local created = {}
    for name, value in pairs(samples_of(run:export("openmetrics", { buckets = BUCKETS }))) do
      name = name:gsub('le="512%.0"', 'le="512"')
      if name:find("_created{", 1, true) then
        assert.equal("1767225600.000000", value, name)
        created[#created + 1] = name
      else
        assert.equal(expected[name], value, name)
        expected[name] = nil
      end
    end
    assert.same({ 74, nil }, { #created, (next(expected)) })
  end)

  it("are described in OpenMetrics by names without endings, and with their units", function()
    golden.assert_equal("metrics_described.openmetrics",
      lines_of(full_run():export("openmetrics", { buckets = BUCKETS }), "^#"))
  end)

  it("have no names without samples", function()
    assert.equal([[
# TYPE exectrack_build info
# HELP exectrack_build The version of exectrack.
exectrack_build_info{version="]] .. exectrack._VERSION:match("%S+$") .. [["} 1
# TYPE exectrack_overflow counter
# HELP exectrack_overflow Executions and denials that had no room to be counted by name.
exectrack_overflow_total{kind="denials"} 0
exectrack_overflow_created{kind="denials"} 1767225600.000000
exectrack_overflow_total{kind="error_types"} 0
exectrack_overflow_created{kind="error_types"} 1767225600.000000
exectrack_overflow_total{kind="tools"} 0
exectrack_overflow_created{kind="tools"} 1767225600.000000
# EOF
]], exectrack.new({ clock = clocks.new().read }):snapshot():export("openmetrics"))
  end)

  it("are those of the lifetime, whatever a filter left out", function()
    local run = full_run()
    assert.equal(run:export("prometheus"), run:filter({ last = 1 }):export("prometheus"))
  end)

  it("have no time of creation that is more than an hour ago", function()
    local clock = clocks.new()
    local tracker = exectrack.new { clock = clock.read }
    tracker:record("a", "success", 1)
    clock.advance_us(3600000000)
    assert.truthy(tracker:snapshot():export("openmetrics"):find("_created", 1, true))
    clock.advance_us(1)
    assert.is_nil(tracker:snapshot():export("openmetrics"):find("_created", 1, true))
  end)

  it("have no time of creation if none is known", function()
    local tracker = exectrack.new { clock = function() return 0 end }
    tracker:record("a", "success", 1)
    assert.is_nil(tracker:snapshot():export("openmetrics"):find("_created", 1, true))
  end)

  it("have no time of creation, and nothing in flight, of a run that was closed", function()
    local directory = directories.make()
    local path = directory .. "/a.run"
    local tracker = assert(exectrack.open(path))
    local span = tracker:start("a")
    local name = 'exectrack_tool_in_flight{tool="a"}'
    local live = assert(exectrack.load(path)):export("openmetrics")
    assert.equal("1", samples_of(live)[name])
    assert.truthy(live:find("_created", 1, true))
    tracker:close()
    local closed = assert(exectrack.load(path)):export("openmetrics")
    assert.is_nil(samples_of(closed)[name])
    assert.is_nil(closed:find("_created", 1, true))
    assert.truthy(span)
    directories.remove(directory)
  end)

  it("have buckets with the limits that are asked for", function()
    local tracker = exectrack.new()
    for _, ms in ipairs { 96, 97, 105, 106, 2000, 2001 } do
      tracker:record("a", "failed", ms)
    end
    local text = tracker:snapshot():export("openmetrics", { buckets = { 0.1, 0.105, 2 } })
    local samples = samples_of(text)
    local before = NAME .. 'bucket{tool="a",outcome="other",le="'
    assert.same({ "1", "3", "5", "6" }, { samples[before .. '0.1"}'],
      samples[before .. '0.105"}'], samples[before .. '2.0"}'], samples[before .. '+Inf"}'] })
  end)
end)

--- Records a random execution, and adds its microseconds to those of its outcome in `all`.
local function record_any(tracker, all, largest_bits)
  local us = math.floor(2 ^ (math.random() * largest_bits))
  local is_success = math.random(3) > 1
  tracker:record("a", is_success and "success" or "failed", us / 1000)
  table.insert(all[is_success and "success" or "other"], us)
end

local function labels_of(outcome)
  return '{tool="a",outcome="' .. outcome .. '"'
end

local function assert_counts(samples, outcome, durations)
  for exponent = -10, 9 do
    local count = 0
    for _, us in ipairs(durations) do
      count = count + (us <= 2 ^ exponent * 1e6 and 1 or 0)
    end
    local limit = ',le="' .. ("%.14g"):format(2 ^ exponent) .. '"}'
    assert.equal(tostring(count), samples[NAME .. "bucket" .. labels_of(outcome) .. limit])
  end
  assert.equal(tostring(#durations), samples[NAME .. "count" .. labels_of(outcome) .. "}"])
end

local function assert_sum(samples, outcome, durations)
  local sum = 0
  for _, us in ipairs(durations) do
    sum = sum + us
  end
  assert.equal(decimal.seconds(sum), samples[NAME .. "sum" .. labels_of(outcome) .. "}"])
end

describe("the durations of a run", function()
  it("have the powers of 2 from 2^-10 to 2^9 as limits of buckets", function()
    local tracker, limits, expected = exectrack.new(), {}, {}
    tracker:record("a", "success", 1)
    for limit in tracker:snapshot():export("prometheus"):gmatch('"success",le="([^"]+)"') do
      limits[#limits + 1] = limit
    end
    for exponent = -10, 9 do
      expected[#expected + 1] = ("%.14g"):format(2 ^ exponent)
    end
    expected[#expected + 1] = "+Inf"
    assert.same(expected, limits)
  end)

  it("are counted exactly at each limit, and summed up", function()
    random.seed("format_metrics_text_spec")
    for _, largest_bits in ipairs { 8, 30, 50 } do -- with these, the scales are 6, 4 and 3
      local tracker, all = exectrack.new(), { success = {}, other = {} }
      for _ = 1, 100 do
        record_any(tracker, all, largest_bits)
        local samples = samples_of(tracker:snapshot():export("prometheus"))
        for outcome, durations in pairs(all) do
          assert_counts(samples, outcome, durations)
          assert_sum(samples, outcome, durations)
        end
      end
    end
  end)

  it("have sums of all digits", function()
    local tracker = exectrack.new()
    for _ = 1, 3 do -- the most microseconds that one may have, 2^52 - 1
      tracker:record("a", "success", 1e300)
    end
    tracker:record("a", "cancelled", 0.001)
    local samples = samples_of(tracker:snapshot():export("prometheus"))
    assert.equal("13510798882.111485", samples[NAME .. 'sum{tool="a",outcome="success"}'])
    assert.equal("0.000001", samples[NAME .. 'sum{tool="a",outcome="other"}'])
  end)
end)
