local exectrack = require("exectrack")
local import_command = require("spec.support.import_command")
local made_up = require("spec.support.made_up")
local process = require("spec.support.process")

local FORMATS = { "prometheus", "openmetrics" }
local LIST = "prometheus or openmetrics"

local function run_of_a_tool()
  return made_up.run({ { tool = "a", duration_ms = 1500 }, { tool = "a", status = "failed" } })
end

describe("snapshot:export", function()
  it("gives the same bytes for the same run, and notes", function()
    local run = run_of_a_tool()
    for _, format in ipairs(FORMATS) do
      local bytes, notes = run:export(format)
      assert.equal(bytes, (exectrack.from_bytes(run:bytes()):export(format)))
      assert.same({}, notes)
    end
  end)

  it("raises for wrong arguments, where it is called", function()
    local run = run_of_a_tool()
    local function assert_raises(problem, ...)
      local arguments = { ... }
      local ok, message = pcall(function()
        local bytes = run:export(arguments[1], arguments[2])
        return bytes
      end)
      assert.is_false(ok)
      local said = message:match("^spec/format_export_spec.lua:%d+: export: (.*)$")
      assert.equal(problem, said, message)
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
    assert_raises("option 'texts': prometheus has no such option", "prometheus", { texts = false })
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

  local function assert_usage(problem, arguments)
    local stdout, stderr, code = folder:shell(folder.command("export a.run " .. arguments))
    assert.same({ "", "exectrack: " .. problem .. " (see exectrack export --help)\n", 2 },
      { stdout, stderr, code })
  end

  it("writes what the method gives", function()
    for _, format in ipairs(FORMATS) do
      assert.equal((run:export(format)), export("a.run --to " .. format))
    end
    assert.equal("", export("a.run --to prometheus --buckets .5,2e1 -o out"))
    assert.equal((run:export("prometheus", { buckets = { 0.5, 20 } })),
      process.read_file(folder.path .. "/out"))
  end)

  it("merges runs", function()
    local other = made_up.run({ { tool = "b" } })
    assert(other:save(folder.path .. "/b.run"))
    assert.equal((exectrack.merge({ run, other }):export("prometheus")),
      export("--to prometheus a.run b.run"))
  end)

  it("says what is wrong with its options", function()
    assert_usage("missing option '--to'", "")
    assert_usage("unknown format 'prom'. Known: " .. table.concat(FORMATS, ", "), "--to prom")
    assert_usage("option '--buckets': numbers such as 0.1,1,10 expected, got '1,,2'",
      "--to prometheus --buckets 1,,2")
    assert_usage("option '--buckets': element 2: a number above the one before it expected",
      "--to prometheus --buckets 2,1")
  end)
end)
