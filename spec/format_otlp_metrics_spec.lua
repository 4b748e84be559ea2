local directories = require("spec.support.directory")
local exectrack = require("exectrack")
local full_run = require("spec.support.full_run")
local golden = require("spec.support.golden")
local random = require("spec.support.random")
local reader = require("spec.support.protobuf_reader")

local function export(run, format, most_buckets)
  return run:export(format, { signal = "metrics", max_buckets = most_buckets })
end

local function json_value(value)
  return value.stringValue or value.boolValue
end

local function json_attributes(list)
  local attributes = {}
  for _, pair in ipairs(list) do
    attributes[pair.key] = json_value(pair.value)
  end
  return attributes
end

local function json_point(point)
  local positive = point.positive
  return { attributes = json_attributes(point.attributes), start = point.startTimeUnixNano,
    time = point.timeUnixNano, int = point.asInt, double = point.asDouble, count = point.count,
    sum = point.sum, scale = point.scale, zeros = point.zeroCount, min = point.min,
    max = point.max, offset = positive and positive.offset,
    counts = positive and table.concat(positive.bucketCounts, " ") }
end

--- The metrics of a request in JSON, by their names.
local function json_metrics(run, most_buckets)
  local request = assert(exectrack.json.decode(export(run, "otlp-json", most_buckets)))
  local by_name = {}
  for _, metric in ipairs(request.resourceMetrics[1].scopeMetrics[1].metrics) do
    local data = metric.sum or metric.gauge or metric.exponentialHistogram
    local points = {}
    for i, point in ipairs(data.dataPoints) do
      points[i] = json_point(point)
    end
    by_name[metric.name] = { unit = metric.unit, description = metric.description,
      points = points, temporality = data.aggregationTemporality,
      is_monotonic = data.isMonotonic, is_gauge = metric.gauge ~= nil }
  end
  return by_name
end

local function signed(number)
  return number % 2 == 0 and number / 2 or -(number + 1) / 2
end

local function first(fields, number, read)
  return fields[number] and read(fields[number][1])
end

local function packed(bytes)
  local counts, value, factor = {}, 0, 1
  for i = 1, #bytes do
    local byte = bytes:byte(i)
    value, factor = value + byte % 128 * factor, factor * 128
    if byte < 128 then
      counts[#counts + 1] = ("%.0f"):format(value)
      value, factor = 0, 1
    end
  end
  return table.concat(counts, " ")
end

local function protobuf_point(fields, is_histogram)
  local buckets = is_histogram and reader.message(fields[8][1]) or {}
  local point = { attributes = reader.attributes(fields[is_histogram and 1 or 7]),
    start = first(fields, 2, reader.digits), time = reader.digits(fields[3][1]),
    offset = first(buckets, 1, signed), counts = first(buckets, 2, packed) }
  if is_histogram then
    point.count, point.sum = reader.digits(fields[4][1]), reader.double(fields[5][1])
    point.scale, point.zeros = signed(fields[6][1]), reader.digits(fields[7][1])
    point.min, point.max = first(fields, 12, reader.double), first(fields, 13, reader.double)
  else
    point.double, point.int = first(fields, 4, reader.double), first(fields, 6, reader.digits)
  end
  return point
end

--- The metrics of a request in Protocol Buffers, in the same form.
local function protobuf_metrics(run, most_buckets)
  local request = reader.message(export(run, "otlp", most_buckets))
  local by_name = {}
  for _, bytes in ipairs(reader.message(reader.message(request[1][1])[2][1])[2]) do
    local metric = reader.message(bytes)
    local kind = metric[5] and 5 or metric[7] and 7 or 10
    local data, points = reader.message(metric[kind][1]), {}
    for i, point in ipairs(data[1]) do
      points[i] = protobuf_point(reader.message(point), kind == 10)
    end
    by_name[metric[1][1]] = { unit = metric[3][1], description = metric[2][1], points = points,
      temporality = first(data, 2, function(number) return number end),
      is_monotonic = first(data, 3, function(number) return number == 1 end),
      is_gauge = kind == 5 }
  end
  return by_name
end

--- What is around the metrics: the attributes of the resource, the scope, and the conventions.
local function json_frame(run)
  local resource = assert(exectrack.json.decode(export(run, "otlp-json"))).resourceMetrics[1]
  local part = resource.scopeMetrics[1]
  return { json_attributes(resource.resource.attributes), part.scope.name, part.scope.version,
    part.schemaUrl }
end

local function protobuf_frame(run)
  local resource = reader.message(reader.message(export(run, "otlp"))[1][1])
  local part = reader.message(resource[2][1])
  local scope = reader.message(part[1][1])
  return { reader.attributes(reader.message(resource[1][1])[1]), scope[1][1], scope[2][1],
    part[3][1] }
end

--- The points of the durations of a tool, by outcome.
local function durations_of(run, most_buckets)
  local by_outcome = {}
  for _, point in ipairs(json_metrics(run, most_buckets)["gen_ai.execute_tool.duration"].points) do
    by_outcome[point.attributes["error.type"] and "other" or "success"] = point
  end
  return by_outcome
end

--- The index of the bucket of a duration: it is above base^index, and up to base^(index + 1).
local function index_of(seconds, scale)
  return math.ceil(math.log(seconds) / math.log(2) * 2 ^ scale - 1e-7) - 1
end

--- How many buckets sorted durations take.
local function width(all, scale)
  return index_of(all[#all], scale) - index_of(all[1], scale) + 1
end

local function expected_counts(all, scale)
  local counts = {}
  for i = 1, width(all, scale) do
    counts[i] = 0
  end
  for _, seconds in ipairs(all) do
    local place = index_of(seconds, scale) - index_of(all[1], scale) + 1
    counts[place] = counts[place] + 1
  end
  return table.concat(counts, " ")
end

describe("the metrics of OTLP", function()
  it("are written as JSON", function()
    local text = export(full_run(), "otlp-json")
    text = text:gsub('{"name"', "\n%0"):gsub('{"attr', "\n%0")
    local lines = {}
    for line in text:gmatch("[^\n]+") do
      local is_zero = line:find('"asInt":"0"', 1, true) or line:find('"asDouble":0[,}]')
      lines[#lines + 1] = (not is_zero or line:find('"name"', 1, true)) and line or nil
    end
    golden.assert_equal("metrics.otlp.json", table.concat(lines, "\n"))
  end)

  it("are the same in Protocol Buffers", function()
    local run = full_run()
    assert.same(json_metrics(run), protobuf_metrics(run))
    assert.same(json_metrics(run, 2), protobuf_metrics(run, 2))
    assert.same(json_frame(run), protobuf_frame(run))
  end)

  it("have the counts of all digits", function()
    local form = full_run():to_table()
    form.tools[1].cached_hits = "9007199254740993"
    form.tools[1].successful, form.tools[1].untimed = "9007199254740993", "9007199254740991"
    local run = assert(exectrack.from_table(form))
    for _, read in ipairs { json_metrics, protobuf_metrics } do
      local points = read(run)["exectrack.tool.cached_executions"].points
      local values = {}
      for _, point in ipairs(points) do
        values[point.attributes["gen_ai.tool.name"] or ""] = point.int
      end
      assert.equal("9007199254740993", values.search)
    end
  end)

  it("have buckets that count the durations, at the finest scale that fits", function()
    random.seed("format_otlp_metrics_spec")
    for _, most in ipairs { 2, 3, 20, 160, 512 } do
      local tracker, all = exectrack.new(), {}
      for i = 1, 200 do
        all[i] = math.floor(2 ^ (math.random() * 40)) / 1e6
        tracker:record("a", "failed", all[i] * 1000)
      end
      table.sort(all)
      tracker:record("a", "failed", 0)
      local run = tracker:snapshot()
      local point = durations_of(run, most).other
      assert.same({ "1", "201" }, { point.zeros, point.count })
      assert.equal(expected_counts(all, point.scale), point.counts)
      assert.equal(index_of(all[1], point.scale), point.offset)
      assert.is_true(width(all, point.scale) <= most)
      assert.is_true(point.scale == run:histogram("a", "other").scale
        or width(all, point.scale + 1) > most)
    end
  end)

  it("have at most 160 buckets by default", function()
    for buckets, scale in pairs { [160] = 6, [161] = 5 } do
      local tracker, all = exectrack.new(), { 2 ^ (0.5 / 64), 2 ^ ((buckets - 0.5) / 64) }
      tracker:record("a", "success", all[1] * 1000)
      tracker:record("a", "success", all[2] * 1000)
      local point = durations_of(tracker:snapshot()).success
      assert.same({ scale, expected_counts(all, scale) }, { point.scale, point.counts })
    end
  end)

  it("have the extremes of durations where one outcome alone has some", function()
    local tracker = exectrack.new()
    tracker:record("a", "success", 0)
    tracker:record("a", "success", 1500)
    local run = tracker:snapshot()
    assert.same(json_metrics(run), protobuf_metrics(run))
    local point = durations_of(run).success
    assert.same({ 0, 1.5, 1.5, "1", "2" },
      { point.min, point.max, point.sum, point.zeros, point.count })
    tracker:record("a", "cancelled", 1)
    local both = durations_of(tracker:snapshot())
    assert.same({}, { both.success.min, both.success.max, both.other.min, both.other.max })
  end)

  it("have nothing in flight once the process has closed the run", function()
    local directory = directories.make()
    local path = directory .. "/a.run"
    local tracker = assert(exectrack.open(path))
    local span = tracker:start("a")
    assert.truthy(json_metrics(assert(exectrack.load(path)))["exectrack.tool.in_flight"])
    tracker:close()
    assert.is_nil(json_metrics(assert(exectrack.load(path)))["exectrack.tool.in_flight"])
    assert.truthy(span)
    directories.remove(directory)
  end)

  it("of a run without tools are those that it has", function()
    local run = exectrack.new(0):snapshot()
    local overflow = json_metrics(run)
    assert.equal(3, #overflow["exectrack.overflow"].points)
    overflow["exectrack.overflow"] = nil
    assert.same({}, overflow)
  end)
end)
