local agents = require("exectrack.format.agents")
local exectrack = require("exectrack")
local import_command = require("spec.support.import_command")
local import_module = require("exectrack.command.import")
local process = require("spec.support.process")
local u = require("spec.support.utf8").text

local START = 1767225600 -- 2026-01-01 00:00:00 UTC

-- What follows the name of a field that there isn't.
local FIELDS = ", not one of 'tool', 'tool_id', 'status', 'duration_ms', 'timing', "
  .. "'was_cached', 'error_type', 'args_hash', 'result_hash', 'session', 'depth', 'measures', "
  .. "'place', 'timestamp', 'args', 'result', 'args_text', 'error_text'"

--- A line that is right. `fields` stand behind its others.
local function line(fields)
  return '{"tool":"a","status":"success","duration_ms":1' .. (fields or "") .. "}\n"
end

--- The end of a message about a field's value.
local function elsewhere(field)
  return ("; --map %s=PATH takes it from elsewhere, --map %s= leaves it out"):format(field, field)
end

local NO_TOOL = "tool: not found: --map tool=PATH says where it is; --skip-bad skips lines that "
  .. "aren't executions"

describe("exectrack import", function()
  local import

  before_each(function()
    import = import_command.new()
  end)

  after_each(function()
    import:remove()
  end)

  it("takes every field that record takes", function()
    local run = import:snapshot('{"tool":"read_file","status":"failed","duration_ms":12.5,'
      .. '"was_cached":true,"error_type":"ENOENT","args_hash":4294967295,'
      .. '"timestamp":1767225600.123456,"tool_id":7}\n'
      .. '{"tool":"b","status":"timed_out","duration_ms":0,"timestamp":1767225601,'
      .. '"args":{"path":["x",1,null,true]}}\n')
    assert.same({
      { tool = "read_file", tool_id = 1, status = "failed", duration_ms = 12.5, was_cached = true,
        error_type = "ENOENT", args_hash = 4294967295, depth = 0, timestamp = 1767225600.123456 },
      { tool = "b", tool_id = 2, status = "timed_out", duration_ms = 0, was_cached = false,
        timestamp = START + 1.0, depth = 0, args_hash = exectrack.fingerprint(
          { path = { "x", 1, nil, true } }) },
    }, run:records())
  end)

  it("takes integers of 64 bits in args as they are, where Lua has them", function()
    local text, hashes = "", {}
    for i, digits in ipairs { "1234567890123456789", "1234567890123456790",
      "1234567890123456791" } do
      text = text .. line(',"args":{"id":' .. digits .. "}")
      hashes[i] = exectrack.fingerprint { id = tonumber(digits) }
    end
    assert.same(hashes, import:snapshot(text):column("args_hash"))
  end)

  it("takes the measures of lines, those of --measure in their unit and scale", function()
    local text = line ',"measures":{"cost":0.002,"bytes":null},"timestamp":1767225600'
      .. line ',"measures":null' .. line ',"measures":{"bytes":7}'
    local run = import:snapshot(text, "--measure cost:USD:1e-6")
    assert.same({ { name = "cost", unit = "USD", scale = 1e-6 },
      { name = "bytes", unit = "", scale = 1.0 } }, run:measures())
    assert.same({ false, { bytes = 7.0 }, { cost = 0.002 } }, run:column("measures"))
    assert.same({ { name = "bytes", unit = "", scale = 1.0 },
      { name = "cost", unit = "", scale = 0.001 } }, import:snapshot(text):measures())
  end)

  it("refuses more than 4 measures, and descriptions that are wrong", function()
    assert.same({ "exectrack: calls.jsonl:2: measures: at most 4 in a run expected, got another "
      .. "one, 'e'\n", 1, "" }, { import:run(line ',"measures":{"a":1,"b":1,"c":1,"d":1}'
      .. line ',"measures":{"e":1}') })
    for option, problem in pairs {
      ["a:b:c"] = "NAME, NAME:UNIT or NAME:UNIT:SCALE expected, got 'a:b:c'",
      [":b"] = "NAME, NAME:UNIT or NAME:UNIT:SCALE expected, got ':b'",
      ["a::-1"] = "scale: a finite number above 0 expected, got -1",
    } do
      assert.same({ "exectrack: --measure: " .. problem .. " (see exectrack import --help)\n", 2,
        "" }, { import:run(line(), "--measure " .. option) })
    end
  end)

  it("takes null for what isn't there", function()
    local run = import:snapshot('{"tool":"a","status":"cancelled","duration_ms":1,"args":null,'
      .. '"was_cached":null,"error_type":null,"args_hash":null,"tool_id":null,"timestamp":null}\n'
      .. line ',"args":null,"args_hash":5' .. line ',"args":null')
    assert.same({ false, false, false }, run:column("error_type"))
    assert.same({ 0, 5, 0 }, run:column("args_hash"))
  end)

  it("orders executions by their ends: the run starts and ends with them", function()
    local run = import:snapshot(line ',"timestamp":1767225600.5' .. line ',"timestamp":1767225610'
      .. line ',"timestamp":1767225605')
    assert.equal(START + 0.499, run:created())
    assert.equal(START + 10.0, run:taken())
    assert.same({ START + 0.5, START + 5.0, START + 10.0 }, run:column("timestamp"))
  end)

  it("doesn't have a run start before 1970", function()
    local run = import:snapshot('{"tool":"a","status":"success","duration_ms":5000,"timestamp":1}')
    assert.equal(0.0, run:created())
    assert.equal(1.0, run:taken())
  end)

  it("takes executions without a duration, and without a time, which begin the run", function()
    local run, said = import:snapshot(line ',"timestamp":1000' .. line()
      .. '{"tool":"a","status":"failed","timestamp":false}\n')
    assert.same({ false, false, 1000.0 }, run:column("timestamp"))
    assert.same({ "measured", "untimed", "measured" }, run:column("timing"))
    assert.equal("calls.run: 3 executions of 1 tool, 1970-01-01 00:16:40 UTC\n"
      .. "1 untimed, 2 undated\n", said)
    run = import:snapshot(line())
    assert.same({ 0, 0 }, { run:created(), run:taken() })
  end)

  it("takes a byte order mark, ends of lines of Windows, blank lines and no end at the end",
    function()
      local run = import:snapshot(u[[\u{FEFF}]] .. line() .. "\r\n \t\n\n"
        .. line():gsub("\n", "\r\n") .. "  " .. line():gsub("\n", ""))
      assert.equal(3, #run)
      assert.equal("", run:label())
    end)

  it("saves nothing if there is no line, and an empty run if no line has an execution", function()
    local run = import:snapshot(line())
    for _, text in ipairs { "", "\n \r\n", u[[\u{FEFF}]] } do
      for _, options in ipairs { "", "--from csv", "--from claude", "--skip-bad" } do
        assert.same({ "exectrack: calls.jsonl: there is no line in it, so nothing is saved\n", 1,
          "" }, { import:run(text, options) })
      end
      import:write("b.csv", text)
      local _, stderr = import:shell(import.command("import b.csv - <calls.jsonl -o calls.run"))
      assert.equal("exectrack: b.csv, standard input: there is no line in them, so nothing is "
        .. "saved\n", stderr)
    end
    assert.is_true(run == import:load("calls.run"))
    for text, options in pairs { ['{"type":"user","uuid":"a","sessionId":"s","message":'
      .. '{"role":"user","content":"hi"}}'] = "", ["tool,status\n"] = "--from csv" } do
      run = import:snapshot(text, options)
      assert.equal(0, #run)
      assert.equal(run:created(), run:taken())
    end
  end)

  it("takes lines that are longer than a block of them", function()
    local long = ("x"):rep(200000)
    local run = import:snapshot(line():rep(3000) .. line(',"args":"' .. long .. '"') .. line())
    assert.equal(3002, #run)
    assert.equal(exectrack.fingerprint(long), run[3001].args_hash)
    assert.equal(0, run[3002].args_hash)
  end)

  it("takes a name of any characters, cut as record does, and the last of two fields", function()
    local run = import:snapshot('{"tool":"\\ud800","status":"failed","status":"success",'
      .. '"duration_ms":1}\n' .. '{"tool":"' .. ("y"):rep(300)
      .. '","status":"success","duration_ms":1}\n'
      .. '{"tool":"\\u0000\\ud83d\\ude00","status":"success","duration_ms":1e3}\n')
    assert.same({ u[[\u{FFFD}]], ("y"):rep(255), u"\0\\u{1F600}" }, run:tools())
    assert.equal("success", run[1].status)
    assert.equal(1000, run[3].duration_ms)
  end)

  it("tells more tools apart than a tracker does by default", function()
    local lines = {}
    for i = 1, 600 do
      lines[i] = line():gsub('"a"', '"' .. ("long name "):rep(24) .. i .. '"')
    end
    local run = import:snapshot(table.concat(lines))
    assert.equal(600, #run:tools())
    assert.equal(0, run:stats().overflowed)
  end)

  it("prints times in the zone that is asked for, and reads those without one in UTC", function()
    local text = line ',"timestamp":"2026-01-01 00:00:00"'
    local run, said = import:snapshot(text, "--timezone +05:30")
    assert.equal("calls.run: 1 execution of 1 tool, 2026-01-01 05:30:00 +05:30",
      said:match("[^\n]*"))
    assert.same({ START }, run:column("timestamp"))
    assert.equal("calls.run: 1 execution of 1 tool, 2026-01-01 05:30:00 local time",
      import:shell("export TZ=XXX-5:30\n"
        .. import.command("import calls.jsonl -o calls.run --local")):match("[^\n]*"))
  end)

  it("names all fields that can be mapped in its help", function()
    local help = import:shell(import.command "import --help"):gsub("%s+", " ")
    local fields = help:match("FIELD is (.-)%. PATH is")
    for _, name in ipairs { "tool", "status", "duration", "duration_ms", "start", "timestamp",
      "end", "session", "error_type", "error_text", "args", "args_text", "args_hash", "result",
      "result_hash", "was_cached", "depth", "timing", "measures.NAME" } do
      assert.matches("%f[%w_]" .. name:gsub("%.", "%%.") .. "%f[^%w_]", fields)
    end
  end)

  it("reads standard input, and writes standard output", function()
    import:write("calls.jsonl", line() .. line())
    local stdout, stderr, code = import:shell("cat calls.jsonl | "
      .. import.command "import - -o -")
    assert.same({ "standard output: 2 executions of 1 tool\n2 undated\n", 0 }, { stderr, code })
    assert.equal(2, #exectrack.from_bytes(stdout))
    assert.same({ "calls.jsonl" }, import:files())
    stdout, stderr, code = import:shell("{ read -r skipped; " .. import.command "import - -o b.run"
      .. "; } <calls.jsonl")
    assert.same({ "b.run: 1 execution of 1 tool\n1 undated\n", "", 0 }, { stdout, stderr, code })
    assert.equal(1, #import:load("b.run"))
  end)

  it("keeps texts of arguments and errors, with --keep-texts", function()
    local lines = '{"tool":"a","status":"failed","error_type":"EIO","error_text":"it broke",'
      .. '"args":{"path":"x","token":"y"}}\n{"tool":"a","status":"success","args_hash":7,'
      .. '"args_text":"seven"}\n'
    local run = import:snapshot(lines, "--keep-texts")
    assert.equal('{path="x", token=[redacted]}', run:args_text(run[1].args_hash))
    assert.equal("seven", run:args_text(7))
    assert.equal("it broke", run:error_text("a", "EIO"))
    run = import:snapshot(lines, "")
    assert.is_nil(run:args_text(7))
    assert.is_nil(run:error_text("a", "EIO"))
  end)

  it("leaves fields of args out of their fingerprint, with --ignore-arg", function()
    local run = import:snapshot(line ',"args":{"path":"a","thought":"x","b":1}'
      .. line ',"args":{"path":"a","b":2}', "--ignore-arg thought --ignore-arg b")
    local hash = exectrack.fingerprint { path = "a" }
    assert.same({ hash, hash }, run:column("args_hash"))
    assert.equal(exectrack.fingerprint { thought = true, b = true }, run:to_table().ignored_args)
  end)

  it("keeps the newest records, with --max-history, and a label", function()
    local text = line ',"args_hash":1' .. line ',"args_hash":2' .. line ',"args_hash":3'
    local run, said = import:snapshot(text, "--max-history 2 --label 'a label'")
    assert.equal("calls.run: 3 executions of 1 tool\n3 undated, 2 kept\n", said)
    assert.same(said, select(2, import:snapshot(text, "--max-history 2")))
    said = select(2, import:snapshot(text, "--max-history 3 --exclude b"))
    assert.equal("calls.run: 3 executions of 1 tool\n3 undated\nnot found: --exclude b\n", said)
    assert.same({ 2, 3 }, run:column("args_hash"))
    assert.equal(2, run:max_history())
    assert.equal(3, run:stats("a").total_executions)
    assert.equal("a label", run:label())
    assert.equal(0, #import:snapshot(line(), "--max-history 0"))
  end)

  it("names a line that is wrong and what is wrong with it, and saves nothing", function()
    local no_status = "status: not found: --map status=PATH says where it is; --status =STATUS "
      .. "says which of success, failed, timed_out and cancelled a line without one is"
    for text, problem in pairs {
      ["{}"] = NO_TOOL,
      ['{"tool":null,"status":"success"}'] = NO_TOOL:gsub("found", "found in a line with 'status'"),
      ['{"tool":"a"}'] = no_status,
      ['{"tool":"a","status":"fine\\u001b"}'] = "status: unknown status 'fine\\x1b': "
        .. "--map status=PATH takes it from elsewhere, --map status= --status =STATUS says which "
        .. "of success, failed, timed_out and cancelled all are",
      [line():gsub(":1", ':"x"')] = "duration_ms: a duration expected, got 'x'"
        .. elsewhere "duration",
      [line():gsub(":1", ":1e999")] =
        "duration_ms: a duration expected, got inf" .. elsewhere "duration",
      [line():gsub(":1", ":nan")] = "byte 46: a value expected",
      [line():gsub(":1", ":0x1")] = "byte 47: ',' or '}' expected",
      [line ',"was_cached":2'] = "was_cached: true, false, hit or miss expected, got 2"
        .. elsewhere "was_cached",
      [line ',"error_type":true'] = "error_type: a text expected, got true"
        .. elsewhere "error_type",
      [line ',"args_hash":0.5'] =
        "args_hash: an integer from 0 to 4294967295 expected, got 0.5",
      [line ',"args_hash":1,"args":2'] = "both 'args' and 'args_hash' are given",
      [line ',"timestamp":"x"'] =
        "timestamp: a time from 1970 on, as Unix time or in ISO 8601, expected, got 'x'"
          .. elsewhere "timestamp",
      [line ',"timestamp":-1'] =
        "timestamp: a time from 1970 on, as Unix time or in ISO 8601, expected, got -1"
          .. elsewhere "timestamp",
      ["[" .. line():gsub("\n", "]")] = "an object expected",
      ["12"] = "an object expected",
      ["null"] = "an object expected",
      ["  hello"] = "byte 3: a value expected",
      [line():gsub("}", "")] = "byte 47: the text ends too early",
      [line():gsub("}", "} {}")] = "byte 49: the end expected",
      [line():gsub("}", "}\0")] = "byte 48: the end expected",
      [line():gsub("a", "\255", 1)] = "byte 10: a byte that isn't UTF-8",
      [("["):rep(100000)] = "byte 1001: more than 1000 levels of arrays and objects",
    } do
      import:write("calls.jsonl", line() .. "\n" .. text .. "\n" .. line())
      local path = import.path .. "/calls.jsonl"
      local ended, message, code = import_module.run { files = { path },
        output = import.path .. "/calls.run" }
      assert.same({ nil, path .. ":3: " .. problem, nil }, { ended, message, code })
    end
    assert.same({ "calls.jsonl" }, import:files())
  end)

  it("ignores unknown fields and says so, or refuses them, with --strict", function()
    local text = line ',"eror_type":"x","b\\u001b":2'
    local _, said = import:snapshot(text)
    assert.equal("calls.run: 1 execution of 1 tool\n1 undated\n"
      .. "ignored: 'b\\x1b', eror_type\n", said)
    assert.same({ "exectrack: calls.jsonl:1: unknown field 'b\\x1b'" .. FIELDS .. "\n", 1, "" },
      { import:run(text, "--strict") })
  end)

  it("keeps the run that is there if a line is wrong", function()
    local run = import:snapshot(line())
    assert.same({ "exectrack: calls.jsonl:2: " .. NO_TOOL .. "\n", 1,
      "" }, { import:run(line() .. "{}") })
    assert.is_true(run == import:load("calls.run"))
    assert.same({ "calls.jsonl", "calls.run" }, import:files())
  end)

  it("goes on after lines that are wrong, with --skip-bad, and says so", function()
    local run, said = import:snapshot("{}\n\n" .. line ',"timestamp":1000' .. '{"x\27":1}\n'
      .. line ',"timestamp":2000', "--skip-bad")
    assert.equal("calls.run: 2 executions of 1 tool, 1970-01-01 00:16:40 to 1970-01-01 00:33:20 "
      .. "UTC\nskipped 2 lines, the first: calls.jsonl:1: " .. NO_TOOL .. "\n", said)
    assert.same({ 1000.0, 2000.0 }, run:column("timestamp"))
    assert.equal(999.999, run:created())
    said = select(2, import:snapshot(line() .. line ',"depth":"\\u001b"', "--skip-bad"))
    assert.equal("calls.run: 1 execution of 1 tool\n1 undated\n"
      .. "skipped 1 line, the first: calls.jsonl:2: depth: a number expected, got '\\x1b'"
      .. elsewhere "depth" .. "\n", said)
  end)

  it("saves nothing if every line is wrong, even with --skip-bad", function()
    for _, text in ipairs { "{}\n", "{}\n\n{}\n5\n" } do
      assert.same({ "exectrack: no line is right, the first: calls.jsonl:1: " .. NO_TOOL
        .. "\n", 1, "" }, { import:run(text, "--skip-bad") })
      assert.same({ "calls.jsonl" }, import:files())
    end
  end)

  it("names what it can't read or save", function()
    import:write("calls.jsonl", line() .. "{}\n")
    for arguments, problem in pairs {
      ["missing.jsonl -o calls.run"] = "missing.jsonl: No such file or directory",
      [". -o calls.run"] = "./calls.jsonl:2: " .. NO_TOOL,
      ["- -o calls.run <calls.jsonl"] =
        "standard input:2: " .. NO_TOOL,
      ["calls.jsonl --skip-bad -o missing/calls.run"] =
        "missing/calls.run: No such file or directory",
    } do
      local _, stderr, code = import:shell(import.command("import " .. arguments))
      assert.equal("exectrack: " .. problem .. "\n", stderr)
      assert.equal(1, code)
      assert.same({ "calls.jsonl" }, import:files())
    end
  end)

  it("limits the bytes of a line", function()
    local text = line() .. line(',"args":"' .. ("x"):rep(100) .. '"') .. line()
    local problem = "calls.jsonl:2: a line of more than 100 bytes\n"
    assert.same({ "exectrack: " .. problem, 1, "" }, { import:run(text, "--max-line 100") })
    assert.same({ "", 0, "calls.run: 2 executions of 1 tool\n2 undated\nskipped 1 line, the first: "
      .. problem }, { import:run(text, "--max-line 100 --skip-bad") })
    assert.equal(3, #import:snapshot(text))
  end)

  it("refuses to limit the lines of a whole run", function()
    import:snapshot(line())
    import:shell(import.command "convert calls.run --to json -o calls.json")
    local _, stderr, code = import:shell(import.command("import calls.json -o a.run --max-line 9"))
    assert.same({ "exectrack: calls.json: --max-line: the format json is a whole run, which is "
      .. "read as it is (see exectrack import --help)\n", 2 }, { stderr, code })
  end)

  it("says in one line that there isn't enough memory", function()
    local measurable, reason = process.measures_memory()
    if not measurable then
      return pending(reason)
    end
    import:write("calls.jsonl", line())
    local _, stderr, code = import:shell("ulimit -v 150000\n"
      .. import.command "import calls.jsonl -o calls.run")
    assert.same({ "exectrack: not enough memory\n", 1 }, { stderr, code })
  end)

  it("takes little memory for a line without end", function()
    -- Unused tools take 280,000 kB of address space alone.
    local limited = process.measures_memory() and "ulimit -v 600000\n" or ""
    local _, stderr, code = import:shell(limited
      .. import.command "import --from jsonl -o a.run - </dev/zero")
    assert.same({ "exectrack: standard input:1: a line of more than 67108864 bytes\n", 1 },
      { stderr, code })
    assert.same({}, import:files())
  end)

  it("reads whole runs and documents, and refuses options that these can't take", function()
    local lines = line ',"timestamp":1000'
    local run = import:snapshot(lines, "--label a")
    import:shell(import.command("convert calls.run --to json -o calls.json"))
    assert.same({ "b.run: 1 execution of 1 tool, 1970-01-01 00:16:40 UTC\n", "", 0 },
      { import:shell(import.command("import calls.json -o b.run")) })
    assert.is_true(run == import:load("b.run"))
    for option, flag in pairs { ["--map tool=a"] = "--map", ["--status ok=failed"] = "--status",
      ["--duration-unit s"] = "--duration-unit", ["--strict"] = "--strict", ["--skip-bad"] =
      "--skip-bad", ["--exclude a"] = "--exclude", ["--ignore-arg a"] = "--ignore-arg",
      ["--max-history 1"] = "--max-history", ["--measure a"] = "--measure", ["--keep-texts"] =
      "--keep-texts" } do
      assert.same({ "", "exectrack: calls.json: " .. flag .. ": the format json is a whole run, "
        .. "which is read as it is (see exectrack import --help)\n", 2 },
        { import:shell(import.command("import calls.json -o b.run " .. option)) })
    end
  end)

  it("takes values of a status with any characters, for all others, and for none", function()
    local run = import:snapshot('{"tool":"a","status":"x=y"}\n{"tool":"a","status":"z"}\n'
      .. '{"tool":"a"}\n', "--status x=y=success --status =failed --status '*=cancelled'")
    assert.same({ "success", "cancelled", "failed" }, run:column("status"))
  end)

  it("refuses arguments that are wrong", function()
    for arguments, problem in pairs {
      ["-o a.run"] = "missing argument 'FILE'",
      ["calls.jsonl"] = "missing option '-o'",
      ["calls.jsonl -o a.run --max-history 1.5"] =
        "--max-history: must be an integer from 0 to 268435456, got '1.5'",
      ["calls.jsonl -o a.run --max-history 268435457"] =
        "--max-history: must be an integer from 0 to 268435456, got '268435457'",
      ["calls.jsonl -o a.run --label " .. ("x"):rep(65)] =
        "--label: at most 64 bytes expected, got 65",
      ["calls.jsonl -o a.run --map tool"] = "--map: FIELD=PATH expected, got 'tool'",
      ["calls.jsonl -o a.run --map tol=name"] = "--map: unknown field 'tol', not one of tool, "
        .. "status, duration_ms, timing, was_cached, error_type, args_hash, result_hash, session, "
        .. "depth, place, timestamp, args, result, args_text, error_text, duration, start, end, "
        .. "measures.NAME",
      ["calls.jsonl -o a.run --map tool=a --map tool=b"] =
        "--map: 'tool' is given twice, as 'a' and 'b'",
      ["calls.jsonl -o a.run --status a=failed --status a=success"] =
        "--status: 'a' is given twice, as 'failed' and 'success'",
      ["calls.jsonl -o a.run --status ok"] = "--status: VALUE=STATUS expected, got 'ok'",
      ["calls.jsonl -o a.run --status ok=fine"] = "--status: 'ok': one of success, failed, "
        .. "timed_out and cancelled expected, got 'fine'",
      ["calls.jsonl -o a.run --duration-unit m"] = "unknown unit 'm'. Known: s, ms, us, ns",
      ["calls.jsonl -o a.run --from jsn"] = "unknown format 'jsn': did you mean 'json'? "
        .. "Known: jsonl, csv, json, reference, " .. table.concat(agents.NAMES, ", "),
      ["calls.jsonl -o a.run --from csv --script a.lua"] =
        "option '--script' can not be used together with option '--from'",
      ["calls.jsonl -o a.run --tool-from a --no-tool-from"] =
        "option '--no-tool-from' can not be used together with option '--tool-from'",
    } do
      local _, stderr, code = import:shell(import.command("import " .. arguments))
      assert.equal("exectrack: " .. problem .. " (see exectrack import --help)\n", stderr)
      assert.equal(2, code)
    end
  end)

  it("leaves nothing behind when it is killed", function()
    local run = import:snapshot(line())
    import:write("calls.jsonl", line():rep(10000))
    -- When more was written than a pipe holds, it has begun.
    local stdout = import:shell("mkfifo pipe\n" .. import.command "import pipe -o calls.run"
      .. " &\nexec 3>pipe\ncat calls.jsonl >&3\nkill -9 $!\nwait $! 2>/dev/null\necho $?")
    assert.equal("137\n", stdout)
    assert.is_true(run == import:load("calls.run"))
    assert.same({ "calls.jsonl", "calls.run", "pipe" }, import:files())
  end)

  it("saves nothing when it is interrupted, while it takes lines with and without Lua", function()
    for _, fields in ipairs { "", ',"args":[1]' } do
      import:write("calls.jsonl", line(fields):rep(10000))
      local stdout, stderr = import:shell("rm -f pipe\nmkfifo pipe\n"
        .. import.command "import pipe -o calls.run" .. " &\nexec 3>pipe\ncat calls.jsonl >&3\n"
        .. "kill -INT $!\nexec 3>&-\nwait $!\necho $?")
      assert.same({ "130\n", "exectrack: interrupted\n" }, { stdout, stderr })
      assert.same({ "calls.jsonl", "pipe" }, import:files())
    end
  end)

  it("shows no progress where there is no terminal", function()
    import:write("calls.jsonl", line():rep(3000))
    local _, stderr = import:shell("LUA_INIT='local now = 0 "
      .. "require(\"exectrack.command.system\").monotonic = function() now = now + 5 "
      .. "return now end' "
      .. import.command "import calls.jsonl -o calls.run")
    assert.equal("", stderr)
  end)

  it("takes little memory for each line", function()
    local measurable, reason = process.measures_memory()
    if not measurable then
      return pending(reason)
    end
    local long = line(',"args":["' .. ("x"):rep(300) .. '"]')
    import:write("few.jsonl", long:rep(1000))
    import:write("many.jsonl", long:rep(50000))
    local grown_kb = require("spec.support.memory").measure(([[
      local import = require("exectrack.command.import")
      package.loaded["exectrack.command.imported"] = function() return true end -- prints nothing
      local function run(name)
        assert(import.run { files = { name }, output = "calls.run", max_history = 1 })
        return kilobytes("VmHWM")
      end
      assert(require("lfs").chdir(%q))
      local before = run("few.jsonl")
      print(run("many.jsonl") - before)
    ]]):format(import.path))
    -- 32 bytes for each, and while these move to more room, twice as many; the text has 18,000 kB.
    assert.is_true(tonumber(grown_kb) < 5000, grown_kb)
  end)
end)
