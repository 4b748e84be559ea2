local core = require("exectrack.core")
local directories = require("spec.support.directory")
local exectrack = require("exectrack")
local format = require("exectrack.format")
local needs = require("spec.support.needs")
local policy = require("exectrack.policy")
local portable = require("spec.support.portable")
local report = require("exectrack.report")
local runs = require("spec.support.runs")
local types = require("spec.support.types")

local assert_fields, names_of = types.assert_fields, types.names_of

--- The methods of a handle. A Snapshot has them behind a function, which also gives records.
local function methods_of(handle)
  local index = getmetatable(handle).__index
  if type(index) == "function" then
    index = select(2, debug.getupvalue(index, 2))
  end
  return names_of(index)
end

--- The functions and fields of the live modules, and the methods of the handles, by their classes.
local function live_names()
  local tracker = exectrack.new(1)
  return {
    exectracklib = names_of(exectrack),
    ["exectrack.classifylib"] = names_of(exectrack.classify),
    ["exectrack.formatslib"] = names_of(format),
    ["exectrack.jsonvalueslib"] = names_of(exectrack.json),
    ["exectrack.Mapping"] = methods_of(format.mapping()),
    ["exectrack.csvlib"] = names_of(format.csv),
    ["exectrack.jsonlib"] = names_of(format.json),
    ["exectrack.jsonllib"] = names_of(format.jsonl),
    ["exectrack.agentlib"] = names_of(format.claude),
    ["exectrack.referencelib"] = names_of(format.reference),
    ["exectrack.policylib"] = names_of(policy),
    ["exectrack.reportlib"] = names_of(report),
    ["exectrack.formatlib"] = names_of(report.format),
    ["exectrack.Tracker"] = methods_of(tracker),
    ["exectrack.Session"] = methods_of(tracker:session("a")),
    ["exectrack.Span"] = methods_of(tracker:start("a")),
    ["exectrack.Snapshot"] = methods_of(tracker:snapshot()),
    ["exectrack.Pusher"] = methods_of(exectrack.push { post = print, endpoint = "http://a" }),
  }
end

describe("the types", function()
  it("name exactly the functions and methods of the modules", function()
    needs.upvalues_of_c_functions(pending)
    local declared = {}
    for _, class in ipairs(types.classes_with_functions()) do
      declared[class] = types.names_in_class(class)
    end
    assert.same(live_names(), declared)
  end)

  it("say what every function takes, in its order", function()
    for _, declaration in ipairs(types.functions()) do
      local described = {}
      for i, parameter in ipairs(declaration.parameters) do
        described[i] = parameter.name
      end
      assert.equal(declaration.names, table.concat(described, ", "), declaration.name)
    end
  end)

  it("name exactly the fields of what is returned", function()
    local tracker = exectrack.new { max_history = 10, measures = { { name = "m" } } }
    local span = tracker:start("empty")
    local none = exectrack.new(1)
    none:start("empty"):finish()
    none:clear()
    local empty = none:stats()
    tracker:record("a", "success", 1)
    tracker:record { tool = "a", status = "failed", duration_ms = 1, error_type = "EIO",
      result_hash = 1, session = "s", measures = { m = 1 }, timing = "elapsed" }
    tracker:record("b", "success")
    local records, stats = tracker:recent_executions(3), tracker:stats()
    records[1].timing = nil
    records[2].place = "a:1" -- as only imported ones have
    assert_fields("exectrack.Record", records[2], records[1])
    assert_fields("exectrack.Stats", stats, empty)
    assert_fields("exectrack.ToolStats", tracker:stats("a"), none:stats("empty"))
    assert_fields("exectrack.Window", stats.window, empty.window)
    assert_fields("exectrack.MeasureStats", stats.measures.m, tracker:stats("empty").measures.m)
    assert_fields("exectrack.MeasureWindow", stats.window.measures.m, { sum = 0 })
    local measure = tracker:measures()[1]
    assert_fields("exectrack.Measure", measure, measure)
    local form = tracker:snapshot():to_table()
    form.in_flight[1].session = "s"
    local running = assert(exectrack.from_table(form)):in_flight()[1]
    assert_fields("exectrack.Running", running, tracker:in_flight()[1])
    span:finish()
  end)

  it("name exactly the fields that record takes", function()
    local tracker = exectrack.new { max_history = 10, measures = { { name = "m" } } }
    local execution = { tool = "a", status = "success" }
    tracker:record(execution)
    local values = { was_cached = true, error_type = "EIO", args = {}, args_hash = 1, result = {},
      args_text = "x", error_text = "x", result_hash = 1, session = "s", depth = 1,
      measures = { m = 1 }, place = "a:1", timestamp = 1, tool_id = 1, duration_ms = 1,
      timing = "elapsed" }
    local all = {}
    for field, value in pairs(values) do
      tracker:record { tool = "a", status = "success", duration_ms = 1, [field] = value }
      all[field] = value
    end
    for field in pairs(execution) do
      local incomplete = { tool = "a", status = "success" }
      incomplete[field] = nil
      assert.is_false(pcall(tracker.record, tracker, incomplete))
      all[field] = execution[field]
    end
    assert_fields("exectrack.Execution", all, execution)
  end)

  it("name exactly the options", function()
    local options = { max_history = 1, max_tools = 1, max_in_flight = 1, label = "x",
      instance_id = runs.INSTANCE_ID, ignore_args = {},
      session_names = 1, args_texts = 1, error_texts = 1, redact = false, clock = os.time,
      measures = { { name = "a", unit = "b", scale = 1 } } }
    assert.is_truthy(exectrack.new(options))
    assert_fields("exectrack.Options", options, {})
    local directory = directories.make()
    options.on_mismatch, options.any_file_system = "error", true
    local tracker = assert(exectrack.open(directory .. "/agent.run", options))
    tracker:close()
    assert_fields("exectrack.RecorderOptions", options, {})
    options.directory, options.keep = directory, 1
    tracker = assert(exectrack.open(options))
    tracker:close()
    assert_fields("exectrack.DirectoryOptions", options, { directory = directory })
    directories.remove(directory)
    assert_fields("exectrack.MeasureOption", options.measures[1], { name = "a" })
  end)

  it("name exactly the options of pushers and what they count", function()
    local options = { post = print, endpoint = "http://a", metrics_endpoint = "http://a",
      traces_endpoint = "http://a", signals = {}, headers = {}, protocol = "json", resource = {},
      texts = true, max_buckets = 2, session_idle = 1, compress = print, sleep = print,
      max_wait = 0, on_note = print, state = {} }
    local pusher = exectrack.push(options)
    assert_fields("exectrack.PushOptions", options, { post = print })
    local sending = { has_ended = true }
    assert.is_true(pusher:send(exectrack.new(1):snapshot(), sending))
    assert_fields("exectrack.SendOptions", sending, {})
    assert_fields("exectrack.PushCounts", pusher:counts(), pusher:counts())
  end)

  it("name exactly the fields of rows", function()
    local tracker = exectrack.new { max_history = 10, measures = { { name = "m" } } }
    local empty = exectrack.new(1):snapshot()
    tracker:record { tool = "a", status = "failed", duration_ms = 1, error_type = "EIO",
      session = "s" }
    local run = tracker:snapshot()
    local rows = run:group_by("tool", "status", "was_cached", "error_type", "args_hash", "session",
      { every = 1 })
    assert_fields("exectrack.Row", rows[1], empty:summary())
    assert_fields("exectrack.MeasureTotal", rows[1].measures.m, rows[1].measures.m)
  end)

  it("name exactly the conditions of a filter", function()
    local run = exectrack.new(1):snapshot()
    local conditions = { tool = "a", status = { "failed" }, error_type = false, session = "a",
      was_cached = true, timing = "elapsed", since = 1, before = 1, min_duration_ms = 1,
      max_duration_ms = 1, where = print, last = 1 }
    assert.is_truthy(run:filter(conditions))
    for _, other in ipairs { "tool_id", "duration_ms", "args_hash", "timestamp", "first" } do
      assert.has_error(function() run:filter { [other] = 1 } end,
        "bad argument #1 to 'filter' (unknown condition '" .. other .. "')")
    end
    assert_fields("exectrack.Filter", conditions, {})
  end)

  it("name exactly the options of grouping and merging", function()
    local run = exectrack.new(1):snapshot()
    local every, group = { every = 1, quantiles = {} }, { quantiles = {} }
    local merge = { max_history = 1 }
    assert.is_truthy(run:group_by(every))
    assert.is_truthy(run:group_by(group))
    assert.is_truthy(exectrack.merge({ run }, merge))
    assert.has_error(function() run:group_by { every = 1, other = 1 } end,
      "bad argument #1 to 'group_by' (unknown field 'other')")
    assert.has_error(function() run:group_by { other = 1 } end,
      "bad argument #1 to 'group_by' (unknown option 'other')")
    assert.has_error(function() exectrack.merge({ run }, { other = 1 }) end,
      "bad argument #2 to 'merge' (unknown option 'other')")
    assert_fields("exectrack.Every", every, { every = 1 })
    assert_fields("exectrack.GroupOptions", group, {})
    assert_fields("exectrack.MergeOptions", merge, {})
  end)

  it("name exactly the fields of the table form", function()
    local tracker = exectrack.new(10)
    local span = tracker:start("a")
    tracker:record("a", "success", 1)
    tracker:record("a", "failed", 1, true, "EIO")
    tracker:wrap("a", print, { policy = policy.budget { max_failures = 1 } })()
    local run = runs.full():to_table()
    local bare = tracker:snapshot():to_table()
    span:finish()
    local tool, bare_tool = run.tools[1], bare.tools[1]
    bare_tool.other_histogram = tool.other_histogram
    local measured = exectrack.new { measures = { { name = "m" } } }
    measured:record { tool = "a", status = "success", duration_ms = 1, measures = { m = 1 } }
    measured = measured:snapshot():to_table()
    run.measures, tool.measures = measured.measures, measured.tools[1].measures
    run.records[1].measures = measured.records[1].measures
    run.records[1].timing, run.records[1].undated = "elapsed", true
    bare.records[1].duration_us = nil
    local without_type = { tool_id = 1, text = "", last_seconds = 0, last_microseconds = 0 }
    assert_fields("exectrack.RunTable", run, bare)
    assert_fields("exectrack.RunTable.Measure", run.measures[1], run.measures[1])
    assert_fields("exectrack.RunTable.ToolMeasure", tool.measures[1], tool.measures[1])
    assert_fields("exectrack.RunTable.Tool", tool, bare_tool)
    assert_fields("exectrack.Histogram", tool.histogram, tool.histogram)
    assert_fields("exectrack.RunTable.Running", run.in_flight[1], bare.in_flight[1])
    assert_fields("exectrack.RunTable.Record", run.records[1], bare.records[1])
    assert_fields("exectrack.RunTable.DeniedCall", run.denied[1], bare.denied[1])
    assert_fields("exectrack.RunTable.Denial", run.denials[1], run.denials[1])
    assert_fields("exectrack.RunTable.SessionName", run.session_names[1], run.session_names[1])
    assert_fields("exectrack.RunTable.ArgsText", run.args_texts[1], run.args_texts[1])
    assert_fields("exectrack.RunTable.ErrorText", run.error_texts[1], without_type)
  end)

  it("name exactly the fields of the reference's records", function()
    local record = { tool_id = 0, status = "TimedOut", duration_ms = 1, was_cached = false }
    local run = { tool_ids = { "a" }, records = { record } }
    for _, part in ipairs { run, record } do
      for field, value in pairs(part) do
        part[field] = nil
        assert.is_nil(exectrack.from_table(run), field)
        part[field] = value
      end
    end
    assert.is_truthy(exectrack.from_table(run))
    assert_fields("exectrack.ReferenceRun", run, run)
    assert_fields("exectrack.ReferenceRecord", record, record)
  end)

  it("name exactly the options of reports", function()
    local run = exectrack.new(1):snapshot()
    local takes = {
      OverviewOptions = { "overview", { top = 1, timeline = 1 }, {} },
      FailuresOptions = { "failures", { top = 1 }, {} },
      LatencyOptions = { "latency", { top = 1 }, {} },
      LoopsOptions = { "loops", { top = 1 }, {} },
      SessionsOptions = { "sessions", { top = 1 }, {} },
      CompareOptions = { "compare", { before = run, significance = 0.1, least_change = 0,
        least_rate_change = 0, before_name = "b.run", before_whole = run }, { before = run } },
      PolicyReportOptions = { "policy", { policy = print, enforce = false, top = 1 },
        { policy = print } },
    }
    for class, entry in pairs(takes) do
      local name, full, bare = portable.unpack(entry)
      full.name, full.run, full.selection = "a.run", "a.run", {} -- of all
      full.timezone, full.retained, full.died, full.whole = "local", 1, {}, run
      assert.is_truthy(report[name](run, full))
      assert.is_truthy(report[name](run, bare))
      assert.has_error(function() report[name](run, { other = 1 }) end,
        name .. ": unknown option 'other'")
      assert_fields("exectrack." .. class, full, bare)
    end
  end)

  it("name exactly the fields of a report", function()
    local function section(fields)
      local all = { title = "s" }
      for field, value in pairs(fields) do
        all[field] = value
      end
      return { title = "r", sections = { all } }
    end
    local function assert_takes(class, fields, full, bare, place)
      assert_fields("exectrack." .. class, full, bare)
      assert.is_true(report.check(section(fields(full))))
      assert.is_true(report.check(section(fields(bare))))
      local more = { other = 1 }
      for field, value in pairs(full) do
        more[field] = value
      end
      local _, problem = report.check(section(fields(more)))
      local at, names = problem:match("^(.*): unknown field 'other', not one of (.*)$")
      assert.equal("sections[1]" .. place, at)
      local listed = {}
      for field in names:gmatch("[%w_]+") do
        listed[field] = true
      end
      assert.same(types.names_of(full), types.names_of(listed))
    end
    local column = { field = "a", heading = "A", unit = "ms", bar = true, priority = 1,
      none = "", none_counts = "b", data_only = true }
    assert_takes("ReportColumn", function(its) return { columns = { its }, rows = {} } end, column,
      { field = "a" }, ".columns[1]")
    for class, chart in pairs {
      BarChart = { kind = "bars", title = "t", unit = "ms", bars = {} },
      TimelineChart = { kind = "timeline", title = "t", from = 0, spans = {} },
      DensityChart = { kind = "density", title = "t", every = 1, cells = {} },
      HistogramChart = { kind = "histogram", title = "t", unit = "ms", buckets = {} },
      LineChart = { kind = "line", title = "t", unit = "ms", every = 1, lines = {} },
    } do
      local bare = { kind = chart.kind, bars = chart.bars, spans = chart.spans,
        buckets = chart.buckets, lines = chart.lines, cells = chart.cells,
        every = chart.cells and 1 }
      assert_takes(class, function(its) return { chart = its } end, chart, bare, ".chart")
    end
    assert_fields("exectrack.ReportSection", { title = "s", text = "t", layout = "table",
      columns = {}, rows = {}, limit = 1, noun = "n", chart = {} }, { title = "s" })
    assert_fields("exectrack.ReportSource", { files = {}, version = "v", taken = 1, chosen = "c" },
      {})
    assert_fields("exectrack.Report", { title = "r", subtitle = "s", source = {}, sections = {} },
      { title = "r", sections = {} })
  end)

  it("list the units of columns", function()
    local _, problem = report.check { title = "r", sections = { { title = "s",
      columns = { { field = "a", unit = "" } }, rows = {} } } }
    assert.equal("sections[1].columns[1].unit: one of '"
      .. table.concat(types.strings_of_alias("exectrack.ReportUnit"), "', '")
      .. "' expected, got ''", problem)
  end)

  it("list the statuses", function()
    assert.same({ "success", "failed", "timed_out", "cancelled" },
      types.strings_of_alias("exectrack.Status"))
  end)

  it("list the keys", function()
    local run = exectrack.new(1):snapshot()
    local keys = types.strings_of_alias("exectrack.Key")
    assert.is_truthy(run:group_by(portable.unpack(keys)))
    assert.has_error(function() run:group_by("") end,
      ("bad argument #1 to 'group_by' (unknown key '', not one of '%s', { every = seconds })")
        :format(table.concat(keys, "', '")))
  end)

  it("list the fields of which there are columns", function()
    local importer = core.importer(exectrack.new { max_history = 1 })
    importer:add { tool = "a", status = "failed", duration_ms = 1, error_type = "EIO",
      result_hash = 1, session = "s", measures = { m = 1 }, timing = "elapsed", place = "a:1",
      timestamp = 1 }
    local run = importer:build()
    local column = types.function_called("Snapshot:column")
    local named = column.parameters[1].type .. table.concat(column.overloads)
    local fields = {}
    for field in named:gmatch('"([%w_]+)"') do
      fields[field] = run:column(field)[1]
    end
    assert.equal(1, fields.self_duration_ms)
    fields.self_duration_ms = nil -- a column alone
    assert.same(run[1], fields)
  end)
end)
