local exectrack = require("exectrack")
local import_command = require("spec.support.import_command")
local process = require("spec.support.process")
local u = require("spec.support.utf8").text

local START = 1767225600 -- 2026-01-01 00:00:00 UTC

-- What follows the name of a field that there isn't.
local FIELDS = ", not one of 'tool', 'tool_id', 'status', 'duration_ms', 'timing', "
  .. "'was_cached', 'error_type', 'args_hash', 'result_hash', 'session', 'depth', 'measures', "
  .. "'timestamp', 'args', 'result', 'args_text', 'error_text'"

--- A line that is right. `fields` stand behind its others.
local function line(fields)
  return '{"tool":"a","status":"success","duration_ms":1' .. (fields or "") .. "}\n"
end

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
          { path = { "x", 1, require("cjson").null, true } }) },
    }, run:records())
  end)

  it("takes the measures that --measure describes", function()
    local text = line ',"measures":{"cost":0.002,"bytes":null},"timestamp":1767225600'
      .. line ',"measures":null' .. line ',"measures":{"bytes":7}'
    local run = import:snapshot(text, "--measure cost:USD:1e-6 --measure bytes")
    assert.same({ { name = "cost", unit = "USD", scale = 1e-6 },
      { name = "bytes", unit = "", scale = 1.0 } }, run:measures())
    assert.same({ { cost = 0.002 }, false, { bytes = 7.0 } }, run:column("measures"))
    import:shell(import.command("convert calls.run -o again.jsonl"))
    assert.equal(0, select(3, import:shell(import.command("import again.jsonl -o again.run "
      .. "--measure cost:USD:1e-6 --measure bytes"))))
    assert.same(run:records(), import:load("again.run"):records())
  end)

  it("refuses measures that aren't described, and descriptions that are wrong", function()
    assert.same({ "exectrack: calls.jsonl:1: measures: unknown measure 'cost'\n", 1 },
      { import:run(line ',"measures":{"cost":1}') })
    for option, problem in pairs {
      ["a:b:c"] = "NAME, NAME:UNIT or NAME:UNIT:SCALE expected, got 'a:b:c'",
      [":b"] = "NAME, NAME:UNIT or NAME:UNIT:SCALE expected, got ':b'",
      ["a::-1"] = "measures[1].scale: a finite number above 0 expected, got -1",
    } do
      assert.same({ "exectrack: --measure: " .. problem .. " (see exectrack import --help)\n", 2 },
        { import:run(line(), "--measure " .. option) })
    end
  end)

  it("takes null for what isn't there", function()
    local run = import:snapshot('{"tool":"a","status":"cancelled","duration_ms":1,"args":null,'
      .. '"was_cached":null,"error_type":null,"args_hash":null,"tool_id":null,"timestamp":null}\n'
      .. line ',"args":null,"args_hash":5' .. line ',"args":null')
    assert.same({ false, false, false }, run:column("error_type"))
    assert.same({ 0, 5, 0 }, run:column("args_hash"))
  end)

  it("has the run start with its first execution and end with its latest", function()
    local run = import:snapshot(line ',"timestamp":1767225600.5' .. line ',"timestamp":1767225610'
      .. line ',"timestamp":1767225605')
    assert.equal(START + 0.499, run:created())
    assert.equal(START + 10.0, run:taken())
    assert.same({ START + 0.5, START + 10.0, START + 5.0 }, run:column("timestamp"))
  end)

  it("doesn't have a run start before 1970", function()
    local run = import:snapshot('{"tool":"a","status":"success","duration_ms":5000,"timestamp":1}')
    assert.equal(0.0, run:created())
    assert.equal(1.0, run:taken())
  end)

  it("takes the time of the import for that of an execution without one", function()
    local before = os.time()
    local run = import:snapshot(line() .. line())
    local ended = run[1].timestamp
    assert.is_true(ended >= before and ended <= os.time())
    assert.equal(ended, run[2].timestamp)
    assert.equal(ended, run:taken())
    assert.is_near(ended - 0.001, run:created(), 1e-6)
  end)

  it("takes a byte order mark, ends of lines of Windows, blank lines and no end at the end",
    function()
      local run = import:snapshot(u[[\u{FEFF}]] .. line() .. "\r\n \t\n\n"
        .. line():gsub("\n", "\r\n") .. "  " .. line():gsub("\n", ""))
      assert.equal(3, #run)
      assert.equal("", run:label())
    end)

  it("takes a file without a line", function()
    for _, text in ipairs { "", "\n", u[[\u{FEFF}]] } do
      local run = import:snapshot(text)
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

  it("takes a name of any bytes, cut as record does, and the last of two fields", function()
    local run = import:snapshot('{"tool":"\255\254","status":"failed","status":"success",'
      .. '"duration_ms":1}\n' .. '{"tool":"' .. ("y"):rep(300)
      .. '","status":"success","duration_ms":1}\n'
      .. '{"tool":"\\u0000\\ud83d\\ude00","status":"success","duration_ms":1e3}\n')
    assert.same({ "\255\254", ("y"):rep(255), u"\0\\u{1F600}" }, run:tools())
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

  it("reads standard input, and writes standard output", function()
    import:write("calls.jsonl", line() .. line())
    local stdout, stderr, code = import:shell("cat calls.jsonl | "
      .. import.command "import - -o -")
    assert.same({ "", 0 }, { stderr, code })
    assert.equal(2, #exectrack.from_bytes(stdout))
    assert.same({ "calls.jsonl" }, import:files())
    stdout, stderr, code = import:shell("{ read -r skipped; " .. import.command "import - -o b.run"
      .. "; } <calls.jsonl")
    assert.same({ "", "", 0 }, { stdout, stderr, code })
    assert.equal(1, #import:load("b.run"))
  end)

  it("keeps texts of arguments and errors, with --texts", function()
    local lines = '{"tool":"a","status":"failed","error_type":"EIO","error_text":"it broke",'
      .. '"args":{"path":"x","token":"y"}}\n{"tool":"a","status":"success","args_hash":7,'
      .. '"args_text":"seven"}\n'
    local run = import:snapshot(lines, "--texts")
    assert.equal('{path="x", token=[redacted]}', run:args_text(run[1].args_hash))
    assert.equal("seven", run:args_text(7))
    assert.equal("it broke", run:error_text("a", "EIO"))
    run = import:snapshot(lines, "")
    assert.is_nil(run:args_text(7))
    assert.is_nil(run:error_text("a", "EIO"))
  end)

  it("leaves fields of args out of their fingerprint, with --ignore-args", function()
    local run = import:snapshot(line ',"args":{"path":"a","thought":"x","b":1}'
      .. line ',"args":{"path":"a","b":2}', "--ignore-args thought,b")
    local hash = exectrack.fingerprint { path = "a" }
    assert.same({ hash, hash }, run:column("args_hash"))
    assert.equal(exectrack.fingerprint { thought = true, b = true }, run:to_table().ignored_args)
  end)

  it("keeps the newest records, with --max-history, and a label", function()
    local run = import:snapshot(line ',"args_hash":1' .. line ',"args_hash":2'
      .. line ',"args_hash":3', "--max-history 2 --label 'a label'")
    assert.same({ 2, 3 }, run:column("args_hash"))
    assert.equal(2, run:max_history())
    assert.equal(3, run:stats("a").total_executions)
    assert.equal("a label", run:label())
    assert.equal(0, #import:snapshot(line(), "--max-history 0"))
  end)

  it("names a line that is wrong and what is wrong with it, and saves nothing", function()
    local status = "not one of 'success', 'failed', 'timed_out', 'cancelled'"
    local time = "timestamp: Unix seconds from 0 to 9223372036854 expected, got "
    for text, problem in pairs {
      ["{}"] = "tool: string expected, got nil",
      ['{"tool":null,"status":"success"}'] = "tool: string expected, got nil",
      ['{"tool":"a","status":"ok\27"}'] = "status: unknown status 'ok\\x1b', " .. status,
      [line():gsub(":1", ':"1"')] = "duration_ms: number expected, got string",
      [line():gsub(":1", ":1e999")] =
        "duration_ms: milliseconds must be finite and not negative, got inf",
      [line():gsub(":1", ":nan")] = "Expected value but found invalid token at character 46",
      [line():gsub(":1", ":0x1")] = "Expected value but found invalid number at character 46",
      [line ',"was_cached":1'] = "was_cached: boolean expected, got number",
      [line ',"error_type":1'] = "error_type: string expected, got number",
      [line ',"args_hash":0.5'] =
        "args_hash: an integer from 0 to 4294967295 expected, got 0.5",
      [line ',"args_hash":1,"args":2'] = "both 'args' and 'args_hash' are given",
      [line ',"timestamp":"x"'] = time .. "string",
      [line ',"timestamp":-1'] = time .. "-1",
      [line ',"eror_type":"x"'] = "unknown field 'eror_type'" .. FIELDS,
      ["[" .. line():gsub("\n", "]")] = "an object expected",
      ["12"] = "an object expected",
      ["null"] = "an object expected",
      ["  hello"] = "Expected value but found invalid token at character 3",
      [line():gsub("}", "")] = "Expected comma or object end but found T_END at character 47",
      [line():gsub("}", "} {}")] = "Expected the end but found T_OBJ_BEGIN at character 49",
      [line():gsub("}", "}\0")] = "a zero byte, which JSON never has",
      [line():gsub("a", "\\ud800", 1)] =
        "Expected value but found invalid unicode escape code at character 10",
      [("["):rep(100000)] =
        "Found too many nested data structures (1001) at character 1001",
    } do
      local stderr, code = import:run(line() .. "\n" .. text .. "\n" .. line())
      assert.equal("exectrack: calls.jsonl:3: " .. problem .. "\n", stderr)
      assert.equal(1, code)
      assert.same({ "calls.jsonl" }, import:files())
    end
  end)

  it("takes executions without a duration, and without a time, which begin with the run", function()
    import:run('{"tool":"a","status":"failed","timestamp":false}\n' .. line ',"timestamp":1000')
    local run = import:load("calls.run")
    assert.same({ false, 1000.0 }, run:column("timestamp"))
    assert.same({ "untimed", "measured" }, run:column("timing"))
  end)

  it("keeps the run that is there if a line is wrong", function()
    local run = import:snapshot(line())
    assert.same({ "exectrack: calls.jsonl:2: tool: string expected, got nil\n", 1 },
      { import:run(line() .. "{}") })
    assert.is_true(run == import:load("calls.run"))
    assert.same({ "calls.jsonl", "calls.run" }, import:files())
  end)

  it("goes on after lines that are wrong, with --skip-bad", function()
    local stderr, code = import:run("{}\n\n" .. line ',"timestamp":1000' .. '{"x\27":1}\n'
      .. line ',"timestamp":2000', "--skip-bad")
    assert.equal("exectrack: skipped 2 lines, the first: "
      .. "calls.jsonl:1: tool: string expected, got nil\n", stderr)
    assert.equal(0, code)
    local run = import:load("calls.run")
    assert.same({ 1000.0, 2000.0 }, run:column("timestamp"))
    assert.equal(999.999, run:created())
    assert.same({ "exectrack: skipped 1 line, the first: "
      .. "calls.jsonl:2: unknown field 'x\\x1b'" .. FIELDS .. "\n", 0 },
      { import:run(line() .. '{"x\27":1}\n', "--skip-bad") })
    assert.same({ "", 0 }, { import:run(line(), "--skip-bad") })
  end)

  it("names what it can't read or save", function()
    import:write("calls.jsonl", line() .. "{}\n")
    for arguments, problem in pairs {
      ["missing.jsonl -o calls.run"] = "missing.jsonl: No such file or directory",
      [". -o calls.run"] = ".: Is a directory",
      ["- -o calls.run <calls.jsonl"] = "standard input:2: tool: string expected, got nil",
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
    assert.same({ "exectrack: " .. problem, 1 }, { import:run(text, "--max-line 100") })
    assert.same({ "exectrack: skipped 1 line, the first: " .. problem, 0 },
      { import:run(text, "--max-line 100 --skip-bad") })
    assert.equal(2, #import:load("calls.run"))
    assert.equal(3, #import:snapshot(text))
  end)

  it("takes little memory for a line without end", function()
    local limited = process.measures_memory() and "ulimit -v 500000\n" or ""
    for file, name in pairs { ["/dev/zero"] = "/dev/zero", ["- </dev/zero"] = "standard input" } do
      local _, stderr, code = import:shell(limited .. import.command("import -o a.run " .. file))
      assert.same({ "exectrack: " .. name .. ":1: a line of more than 67108864 bytes\n", 1 },
        { stderr, code })
      assert.same({}, import:files())
    end
  end)

  it("refuses arguments that are wrong", function()
    for arguments, problem in pairs {
      ["-o a.run"] = "missing argument 'FILE.jsonl'",
      ["calls.jsonl"] = "missing option '-o'",
      ["calls.jsonl -o a.run --max-history 1.5"] =
        "--max-history: must be an integer from 0 to 268435456, got '1.5'",
      ["calls.jsonl -o a.run --max-history 268435457"] =
        "--max-history: must be an integer from 0 to 268435456, got '268435457'",
      ["calls.jsonl -o a.run --label " .. ("x"):rep(65)] = "--label: more than 64 bytes",
    } do
      local _, stderr, code = import:shell(import.command("import " .. arguments))
      assert.equal("exectrack: " .. problem .. " (see exectrack import --help)\n", stderr)
      assert.equal(2, code)
    end
  end)

  it("says how to get lua-cjson if it isn't there", function()
    import:write("calls.jsonl", line())
    local _, stderr, code = import:shell(
      "LUA_INIT='package.preload.cjson = function() error() end' "
      .. import.command "import calls.jsonl -o calls.run")
    assert.equal("exectrack: lua-cjson isn't installed: luarocks install lua-cjson, "
      .. "or on Debian apt-get install lua-cjson\n", stderr)
    assert.equal(1, code)
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

  it("shows no progress where there is no terminal", function()
    import:write("calls.jsonl", line():rep(3000))
    local _, stderr = import:shell("LUA_INIT='local now = 0 "
      .. "require(\"exectrack.command.system\").monotonic = function() now = now + 5 "
      .. "return now end' "
      .. import.command "import calls.jsonl -o calls.run")
    assert.equal("", stderr)
  end)

  it("takes no more memory for more lines", function()
    local measurable, reason = process.measures_memory()
    if not measurable then
      return pending(reason)
    end
    import:write("few.jsonl", line ',"args":[1,2,3]':rep(1000))
    import:write("many.jsonl", line ',"args":[1,2,3]':rep(50000))
    local grown_kb = require("spec.support.memory").measure(([[
      local import = require("exectrack.command.import")
      local function run(name)
        assert(import.run { file = name, output = "calls.run", max_history = 1 })
        return kilobytes("VmHWM")
      end
      assert(require("lfs").chdir(%q))
      local before = run("few.jsonl")
      print(run("many.jsonl") - before)
    ]]):format(import.path))
    assert.is_true(tonumber(grown_kb) < 1024, grown_kb) -- the text has 3,200 kB
  end)
end)
