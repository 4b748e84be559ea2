local convert_command = require("exectrack.command.convert")
local exectrack = require("exectrack")
local import_command = require("spec.support.import_command")
local json = require("exectrack.json_text")
local made_up = require("spec.support.made_up")
local needs = require("spec.support.needs")
local odd_runs = require("spec.support.odd_runs")
local process = require("spec.support.process")
local reports = require("spec.support.reports")
local utf8 = require("spec.support.utf8")

local u = utf8.text

local COLUMNS = "tool,status,duration_ms,timing,was_cached,error_type,args_hash,"
  .. "result_hash,session,depth,timestamp\r\n"

local function small_run()
  return made_up.run({
    { tool = "", status = "cancelled", duration_ms = 2 ^ 40, timestamp = 0 },
    { tool = "read_file", duration_ms = 12.345, was_cached = true, args_hash = 4294967295 },
    { tool = "a, \"b\"", status = "failed", duration_ms = 0, error_type = "E|\n",
      timestamp = 1767225602.000001 },
    { tool = "read_file", status = "timed_out", duration_ms = 99999999999.999, error_type = "" },
  }, "small")
end

--- Records by their ends, as import has them, and without the ids of their tools, which differ.
local function in_order(records)
  table.sort(records, function(a, b) return a.timestamp < b.timestamp end)
  for _, record in ipairs(records) do
    record.tool_id = nil
  end
  return records
end

--- A run with every hostile name as a tool and as an error type.
local function hostile_run(names)
  local executions = {}
  for i, name in ipairs(names) do
    executions[i] = { tool = name, status = "failed", duration_ms = i, error_type = name }
  end
  return made_up.run(executions)
end

local function names_in_utf8()
  local names = {}
  for _, name in ipairs(reports.HOSTILE) do
    names[#names + 1] = utf8.len(name) and name or nil
  end
  return names
end

describe("exectrack convert", function()
  local folder

  before_each(function()
    folder = import_command.new()
  end)

  after_each(function()
    folder:remove()
  end)

  --- What a run is converted to, which is also saved.
  local function convert(run, format)
    local path = folder.path .. "/a." .. format
    assert(run:save(folder.path .. "/a.run"))
    assert.equal(0, convert_command.run { run = folder.path .. "/a.run", output = path })
    return process.read_file(path)
  end

  local function shell(command, ...)
    local stdout, stderr, code = folder:shell(command:format(...))
    assert.same({ "", 0 }, { stderr, code })
    return stdout
  end

  it("writes JSON Lines", function()
    assert.equal([[
{"tool":"","status":"cancelled","duration_ms":1099511627776,"was_cached":false,]]
      .. [["timestamp":0.000000}
{"tool":"read_file","status":"success","duration_ms":12.345,"was_cached":true,]]
      .. [["args_hash":4294967295,"timestamp":1767225602.000000}
{"tool":"a, \"b\"","status":"failed","duration_ms":0,"was_cached":false,]]
      .. [["error_type":"E|\n","timestamp":1767225602.000001}
{"tool":"read_file","status":"timed_out","duration_ms":99999999999.999,"was_cached":false,]]
      .. [["timestamp":1767225604.000000}
]], convert(small_run(), "jsonl"))
  end)

  it("writes CSV", function()
    assert.equal(COLUMNS .. '"",cancelled,1099511627776,,false,,0,0,,0,0.000000\r\n'
      .. "read_file,success,12.345,,true,,4294967295,0,,0,1767225602.000000\r\n"
      .. '"a, ""b""",failed,0,,false,"E|\n",0,0,,0,1767225602.000001\r\n'
      .. "read_file,timed_out,99999999999.999,,false,,0,0,,0,1767225604.000000\r\n",
      convert(small_run(), "csv"))
  end)

  it("writes JSON Lines and CSV in the order of the ends", function()
    local run = made_up.run { { tool = "c" }, { tool = "b", timestamp = 5 },
      { tool = "a", timestamp = false }, { tool = "d" } }
    for format, pattern in pairs { jsonl = '"tool":"(%a)"', csv = "\n(%a)," } do
      local tools = {}
      for tool in convert(run, format):gmatch(pattern) do
        tools[#tools + 1] = tool
      end
      assert.equal("a b c d", table.concat(tools, " "))
    end
  end)

  it("writes JSON that is the table form, of which from_table makes the same run", function()
    local _, after = made_up.examples()
    local document = convert(after, "json")
    assert.equal(json.encode(after:to_table()), (document:gsub("\n", "")))
    assert.is_true(after == exectrack.from_table(require("cjson").decode(document)))
    assert.is_truthy(document:find('^{"args_texts":%[%],\n"cleared_microseconds":0,\n'))
    assert.is_truthy(document:find('\n"records":%[\n{"args_hash":%d+,"duration_us":[^\n]+},\n{'))
    assert.equal("}\n", document:sub(-2))
  end)

  it("writes JSON of odd runs: it is the table form, to the microsecond", function()
    local runs, many = odd_runs.all(), {}
    for i = 1, 1025 do
      many[i] = { tool = "a", duration_ms = i / 8, timestamp = i / 7 }
    end
    for name, executions in pairs {
      ["of exact numbers"] = {
        { tool = "a", duration_ms = 99999999999.999, timestamp = 2 ^ 33 - 1e-6 },
        { tool = "a", duration_ms = 1.001, timestamp = 1.999999 },
      },
      ["of a large time"] = { { tool = "a", duration_ms = 1, timestamp = 9223372036854 } },
      ["of a large duration"] = { { tool = "a", duration_ms = 100000000000 } },
      ["of several pieces"] = many,
    } do
      runs[#runs + 1] = { name, made_up.run(executions) }
    end
    for _, odd in ipairs(runs) do
      local name, run = odd[1], odd[2]
      assert.equal(json.encode(run:to_table()), (convert(run, "json"):gsub("\n", "")), name)
    end
  end)

  it("writes what import reads back: the same executions", function()
    local _, after = made_up.examples()
    for _, run in ipairs { after, small_run(), hostile_run(names_in_utf8()) } do
      local copy = folder:snapshot(convert(run, "jsonl"))
      assert.same(in_order(run:records()), in_order(copy:records()))
    end
  end)

  it("has U+FFFD for each byte that isn't UTF-8", function()
    local run = hostile_run { "a\255\226\130b" }
    local text = u[[a\u{FFFD}\u{FFFD}\u{FFFD}b]]
    assert.equal(text, folder:snapshot(convert(run, "jsonl"))[1].tool)
    assert.equal(text, require("cjson").decode(convert(run, "json")).tools[1].name)
    assert.equal(COLUMNS .. text .. ",failed,1,,false," .. text .. ",0,0,,0,1767225601.000000\r\n",
      convert(run, "csv"))
  end)

  it("writes JSON Lines that sqlite3 reads", function()
    convert(hostile_run(reports.HOSTILE), "jsonl")
    assert.equal(("%d|0|%d|failed|%d\n"):format(#reports.HOSTILE, #reports.HOSTILE,
      #reports.HOSTILE * (#reports.HOSTILE + 1) / 2), shell([[sqlite3 :memory: '
CREATE TABLE lines (line TEXT);' '.mode ascii' '.separator "\001" "\n"' '.import a.jsonl lines
' '.mode list' '.separator "|" "\n"' '
SELECT count(*), sum(NOT json_valid(line)), count(json_extract(line, "$.tool")),
  min(json_extract(line, "$.status")), sum(json_extract(line, "$.duration_ms")) FROM lines']]))
  end)

  it("writes CSV that sqlite3 reads", function()
    convert(hostile_run(reports.HOSTILE), "csv")
    assert.equal(("%d|failed|%d|1767225601.000000\n"):format(#reports.HOSTILE,
      #reports.HOSTILE * (#reports.HOSTILE + 1) / 2), shell([[sqlite3 :memory: '.mode csv' \
'.import a.csv calls' '.mode list' '.separator "|" "\n"' '
SELECT count(*), max(status), sum(duration_ms), min(timestamp) FROM calls']]))
  end)

  it("writes CSV that Python reads: nothing changes but what could harm", function()
    convert(hostile_run(names_in_utf8()), "csv")
    local names = names_in_utf8()
    local read = shell([[python3 -c '
import csv
for row in csv.DictReader(open("a.csv", encoding="utf-8", newline=""), strict=True):
    assert row["tool"] == row["error_type"] or row["tool"] == ""
    print(ascii(row["tool"]), row["duration_ms"])']])
    local count = 0
    for text in read:gmatch("[^\n]+") do
      count = count + 1
      local name = text:match("^['\"]([%w <>()/,;*.:~$]*)['\"] ")
      assert.is_true(not name or name == names[count], text)
      assert.is_nil(text:find("^['\"][=+@-]"))
    end
    assert.equal(#names, count)
  end)

  it("takes the format from the output's ending, or as it is told", function()
    for _, format in ipairs { "jsonl", "csv", "json" } do
      local text = convert(small_run(), format)
      assert.equal(text, shell(folder.command("convert a.run --to ") .. format))
      shell(folder.command("convert a.run -o A.") .. format:upper())
      assert.equal(text, process.read_file(folder.path .. "/A." .. format:upper()))
      shell(folder.command("convert a.run -o a.txt --to ") .. format)
      assert.equal(text, process.read_file(folder.path .. "/a.txt"))
    end
    assert.equal("\239\187\191" .. convert(small_run(), "csv"),
      shell(folder.command("convert a.run --to csv --bom")))
  end)

  it("names what is wrong", function()
    assert(small_run():save(folder.path .. "/a.run"))
    local formats = " (see exectrack convert --help)\n"
    for arguments, expected in pairs {
      ["a.run"] = { 2, "--to jsonl, csv or json is missing" .. formats },
      ["a.run -o a.txt"] = { 2, "a.txt: no format is known by this ending: .jsonl, .csv or .json "
        .. "expected, or --to" .. formats },
      ["a.run --to json --bom"] = { 2, "--bom: the format is json, not csv" .. formats },
      ["a.run --to jsnl"] = { 2, "unknown format 'jsnl': did you mean 'jsonl'? "
        .. "Known: jsonl, csv, json" .. formats },
      ["b.run --to csv"] = { 1, "b.run: No such file or directory\n" },
      ["b.run -o a.csv"] = { 1, "b.run: No such file or directory\n" },
      ["a.run -o b/a.csv"] = { 1, "b/a.csv: No such file or directory\n" },
      ["a.run --to csv >/dev/full"] = { 1, "standard output: No space left on device\n" },
    } do
      local stdout, stderr, code = folder:shell(folder.command("convert " .. arguments))
      assert.same({ "", "exectrack: " .. expected[2], expected[1] }, { stdout, stderr, code })
      assert.same({ "a.run" }, folder:files())
    end
  end)

  it("says that a file may not be as large", function()
    local _, after = made_up.examples()
    assert(after:save(folder.path .. "/a.run"))
    for arguments, name in pairs { ["-o a.csv"] = "a.csv", [">a.csv"] = "standard output" } do
      local _, stderr, code = folder:shell("ulimit -f 1; "
        .. folder.command("convert a.run --to csv " .. arguments))
      assert.same({ "exectrack: " .. name .. ": File too large\n", 1 }, { stderr, code })
    end
  end)

  it("ends quietly enough when nobody reads on", function()
    local _, after = made_up.examples()
    assert(after:save(folder.path .. "/a.run"))
    local _, stderr = folder:shell("{ " .. folder.command("convert a.run --to json")
      .. "; echo $? >&2; } | true")
    assert.equal("141\n", stderr)
  end)

  it("takes little memory beside the run", function()
    needs.eager_collector(pending)
    local measurable, reason = process.measures_memory()
    if not measurable then
      return pending(reason)
    end
    local grown_kb = require("spec.support.memory").measure(([[
      assert(require("lfs").chdir(%q))
      local tracker = exectrack.new(50000)
      for i = 1, 50000 do
        tracker:record("tool " .. i %% 10, "success", i)
      end
      tracker:snapshot():save("a.run")
      local convert = require("exectrack.command.convert")
      local function run(format)
        assert(convert.run { run = "a.run", to = format, output = "out" })
        return kilobytes("VmHWM")
      end
      local before = kilobytes("VmHWM")
      print(math.max(run("jsonl"), run("csv"), run("json")) - before)
    ]]):format(folder.path))
    -- The run has 1,600 kB, for which the collector waits for as much of garbage; the text 7,000.
    assert.is_true(tonumber(grown_kb) < 4500, grown_kb)
  end)
end)
