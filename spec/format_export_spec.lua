local exectrack = require("exectrack")
local import_command = require("spec.support.import_command")
local made_up = require("spec.support.made_up")
local process = require("spec.support.process")

local FORMATS = { "prometheus", "openmetrics", "otlp-json", "otlp", "chrome",
  "folded", "parquet" }
local LIST = "prometheus, openmetrics, otlp-json, otlp, chrome, folded or parquet"

--- The options that a format needs.
local NEEDED = { otlp = { signal = "metrics" } }
local NEEDED_BY_COMMAND = { otlp = " --signal metrics" }

local function run_of_a_tool()
  return made_up.run({ { tool = "a", duration_ms = 1500 }, { tool = "a", status = "failed" } })
end

describe("snapshot:export", function()
  it("gives the same bytes for the same run, and nothing else", function()
    local run = run_of_a_tool()
    for _, format in ipairs(FORMATS) do
      local bytes = run:export(format, NEEDED[format])
      assert.equal(bytes, exectrack.from_bytes(run:bytes()):export(format, NEEDED[format]))
      assert.equal(1, select("#", run:export(format, NEEDED[format])))
    end
  end)

  it("raises for wrong arguments, where it is called", function()
    local run = run_of_a_tool()
    local function assert_raises(expected, ...)
      local arguments = { ... }
      local ok, message = pcall(function()
        local bytes = run:export(arguments[1], arguments[2])
        return bytes
      end)
      assert.is_false(ok)
      local said = message:match("^spec/format_export_spec.lua:%d+: export: (.*)$")
      assert.equal(expected, said, message)
    end
    assert_raises(LIST .. " expected, got 'xml'", "xml")
    assert_raises(LIST .. " expected, got nil")
    assert_raises("a table of options expected, got string", "prometheus", "x")
    assert_raises("unknown option 'bucket'", "prometheus", { bucket = {} })
    assert_raises("option 'buckets': an array expected, got 1", "prometheus", { buckets = 1 })
    assert_raises("option 'buckets': element 2: a finite number above 0 expected, got 0",
      "prometheus", { buckets = { 1, 0 } })
    assert_raises("option 'buckets': element 2: a number above the one before it expected",
      "openmetrics", { buckets = { 1, 1 } })
    assert_raises("option 'max_buckets': an integer from 2 to 512 expected, got 1", "prometheus",
      { max_buckets = 1 })
    assert_raises("option 'max_buckets': prometheus has no such option", "prometheus",
      { max_buckets = 20 })
    assert_raises("option 'signal': 'metrics' or 'traces' expected", "prometheus", { signal = "x" })
    assert_raises("option 'signal': 'metrics' or 'traces' expected, which otlp needs", "otlp",
      { max_buckets = 9 })
    assert_raises("option 'buckets': otlp-json has no such option", "otlp-json",
      { buckets = { 1 } })
    assert_raises("option 'on_note': a function expected, got true", "folded", { on_note = true })
    assert_raises("option 'texts': prometheus has no such option", "prometheus", { texts = false })
    assert_raises("option 'resource': chrome has no such option", "chrome", { resource = {} })
    assert_raises("option 'resource': 'service.instance.id': it is the instance id of the run",
      "otlp-json", { resource = { ["service.instance.id"] = "x" } })
  end)

  it("gives OTLP the attributes of the resource that it is given, in the order of names", function()
    local run = run_of_a_tool()
    local bytes = run:export("otlp-json", { signal = "traces",
      resource = { ["service.name"] = "s", b = "\255", a = "1" } })
    assert.matches('"attributes":[{"key":"service.name","value":{"stringValue":"s"}},'
      .. '{"key":"service.instance.id","value":{"stringValue":"' .. run:instance_id() .. '"}},'
      .. '{"key":"a","value":{"stringValue":"1"}},'
      .. '{"key":"b","value":{"stringValue":"\239\191\189"}}]',
      bytes, 1, true)
  end)

  it("gives OTLP as requests, with the metrics first, or with one signal", function()
    local run = run_of_a_tool()
    local both = run:export("otlp-json")
    local one = run:export("otlp-json", { signal = "metrics" })
    local other = run:export("otlp-json", { signal = "traces" })
    assert.equal(both, one .. other)
    assert.equal('{"resourceMetrics":', one:match('^([^%[]*)%[[^\n]*\n$'))
    assert.equal('{"resourceSpans":', other:match('^([^%[]*)%[[^\n]*\n$'))
    assert.is_true(run:export("otlp", { signal = "metrics" })
      ~= run:export("otlp", { signal = "traces" }))
  end)

  it("counts what has no time in a note", function()
    local run = made_up.run({ { tool = "a" }, { tool = "a", timestamp = false } })
    local function notes_of(format, signal)
      local notes = {}
      local bytes = run:export(format, { signal = signal, on_note = function(...)
        notes[#notes + 1] = { ... }
      end })
      assert.equal(bytes, run:export(format, { signal = signal }))
      return notes
    end
    local notes = { { "1 execution without a time has no span" } }
    assert.same(notes, notes_of("otlp", "traces"))
    assert.same(notes, notes_of("otlp-json"))
    assert.same({}, notes_of("otlp", "metrics"))
    assert.same({}, notes_of("prometheus"))
  end)

  it("is for snapshots only", function()
    assert.has_error(function() exectrack.new().export() end)
    assert.has_error(function() run_of_a_tool().export({}, "prometheus") end)
  end)
end)

describe("exectrack export", function()
  local folder, run

  before_each(function()
    folder, run = import_command.new(), run_of_a_tool()
    assert(run:save(folder.path .. "/a.run"))
  end)

  after_each(function()
    folder:remove()
  end)

  --- What the command prints, which must be nothing on standard error.
  local function export(arguments)
    local stdout, stderr, code = folder:shell(folder.command("export " .. arguments))
    assert.same({ "", 0 }, { stderr, code })
    return stdout
  end

  local function assert_usage(message, arguments)
    local stdout, stderr, code = folder:shell(folder.command("export a.run " .. arguments))
    assert.same({ "", "exectrack: " .. message .. " (see exectrack export --help)\n", 2 },
      { stdout, stderr, code })
  end

  it("writes what the method gives", function()
    for _, format in ipairs(FORMATS) do
      assert.equal((run:export(format, NEEDED[format])),
        export("a.run --to " .. format .. (NEEDED_BY_COMMAND[format] or "")))
    end
    assert.equal("", export("a.run --to prometheus --buckets .5,2e1 -o out"))
    assert.equal((run:export("prometheus", { buckets = { 0.5, 20 } })),
      process.read_file(folder.path .. "/out"))
  end)

  it("has totals of what is selected alone, as of a run of nothing else", function()
    local all = made_up.run({ { tool = "a", duration_ms = 1500 }, { tool = "b", duration_ms = 7 },
      { tool = "a", status = "failed", error_type = "E" } })
    assert(all:save(folder.path .. "/all.run"))
    folder:shell(folder.command("convert all.run --exclude b --to jsonl >a.jsonl") .. "; "
      .. folder.command("import a.jsonl -o a.run"))
    assert.equal(2, #folder:load("a.run"))
    for _, format in ipairs { "prometheus", "openmetrics", "folded" } do
      assert.equal(export("a.run --to " .. format), export("all.run --tool a --to " .. format))
    end
    assert.truthy(export("all.run --exclude b --to folded"):find("^a%s"))
  end)

  it("has totals of the session alone that FILE#SESSION names", function()
    local all = made_up.run({ { tool = "a", session = "1" }, { tool = "b", session = "2" } })
    assert(all:save(folder.path .. "/sessions.run"))
    assert.equal(export("sessions.run --to prometheus --session 2"),
      export("'sessions.run#2' --to prometheus"))
  end)

  it("passes on the options of OTLP, and notes on standard error", function()
    run = made_up.run({ { tool = "a", timestamp = false }, { tool = "a", duration_ms = 7 },
      { tool = "a", duration_ms = 7000 }, { tool = "a", duration_ms = 0.007 } })
    assert(run:save(folder.path .. "/a.run"))
    local stdout, stderr, code = folder:shell(
      folder.command("export a.run --to otlp-json --max-buckets 2 --texts"))
    assert.same({ "exectrack: 1 execution without a time has no span\n", 0 }, { stderr, code })
    assert.equal((run:export("otlp-json", { max_buckets = 2, texts = true })), stdout)
    assert.is_false(stdout == run:export("otlp-json"))
  end)

  it("merges runs", function()
    local other = made_up.run({ { tool = "b" } })
    assert(other:save(folder.path .. "/b.run"))
    assert.equal((exectrack.merge({ run, other }):export("prometheus")),
      export("--to prometheus a.run b.run"))
  end)

  it("counts nothing as in flight in runs that have ended, also if they are merged", function()
    folder:shell("mkdir in")
    local trackers, spans = {}, {}
    for i, name in ipairs { "live", "closed1", "closed2" } do
      trackers[i] = assert(exectrack.open(folder.path .. "/in/" .. name .. ".run"))
      spans[i] = trackers[i]:start("a") -- else it ends when it is collected
    end
    trackers[2]:close()
    trackers[3]:close()
    local function in_flight(paths)
      return export("--to prometheus " .. paths):match('\nexectrack_tool_in_flight{tool="a"} (%d+)')
    end
    assert.equal("1", in_flight("in"))
    assert.equal("1", in_flight("in/closed1.run in/live.run"))
    assert.equal("0", in_flight("in/closed1.run in/closed2.run"))
    assert.is_nil(in_flight("in/closed1.run"))
    assert.equal(3, #spans)
    trackers[1]:close()
  end)

  it("says what is wrong with its options", function()
    assert_usage("missing option '--to'", "")
    assert_usage("unknown format 'prom': did you mean 'prometheus'? Known: "
      .. table.concat(FORMATS, ", "), "--to prom")
    assert_usage("option '--buckets': numbers such as 0.1,1,10 expected, got '1,,2'",
      "--to prometheus --buckets 1,,2")
    assert_usage("--max-buckets: must be an integer from 2 to 512, got '1'",
      "--to otlp --max-buckets 1")
    assert_usage("option '--signal': 'metrics' or 'traces' expected, which otlp needs", "--to otlp")
    assert_usage("option '--max-buckets': prometheus has no such option",
      "--to prometheus --max-buckets 9")
    assert_usage("option '--buckets': element 2: a number above the one before it expected",
      "--to prometheus --buckets 2,1")
  end)
end)
