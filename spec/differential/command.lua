-- What the command says, in this process: of two runs, of its arguments, and of what is wrong.
local command = require("exectrack.command")

local JSON_LINES = [[
{"tool":"fetch","status":"failed","duration_ms":1.75,"error_type":"ENOENT","timestamp":1.5}
{"tool":"","status":"success","duration_ms":1e3,"args":{"a":[1,2.5,null]},"timestamp":2.25}
{"tool":"b","status":"success","measures":{"cost":0.1},"timestamp":2.5}
{"tool":"fetch","status":"success","duration_ms":-0.5,"timestamp":3}
{"tool":"fetch","status":"success","timestamp":false,"session":"\u0000"}
]]

local LOG = [[
job;@timestamp;took;state;id
resize;2026-01-31 23:59:58,1234567;1.0005;gave up;9007199254740993
"a ""b""";1769903998123456789;1m30.25s;OK;1e3
resize;2026-02-01T00:59:58.5+01:00;;429;
]]

local REFERENCE = [[
{ "tool_ids": ["a", "b"], "records": [
  {"tool_id": 1, "status": "Success", "duration_ms": 9007199254740993, "was_cached": false},
  {"tool_id": 0, "status": "TimedOut", "duration_ms": 7, "was_cached": true}] }
]]

-- A decoder of one's own, of lines such as `7 0.1`.
local DECODER = [[
local format = require("exectrack.format")
return function(pieces, options)
  local next_line, mapping = format.lines(pieces), format.mapping(options)
  return function()
    local number, line = next_line()
    if line then
      local id, took = line:match("^(%S+) (%S+)$")
      return number, mapping:execution({ session = id, took = took }, true)
    end
  end, function() return mapping:notes() end
end
]]

local REPORT = [[
return function(snapshot, options)
  if options.fail then
    error("it was to")
  end
  return { title = options.title, sections = { { title = "Numbers", columns = { { field = "x" } },
    rows = { { x = options.x }, { x = #snapshot / 8 }, { x = 2 ^ 40 + 0.5 } } } } }
end
]]

local INVOCATIONS = {
  { "show", "a.run" },
  { "show", "a.run", "-n", "3", "--format", "json" },
  { "report", "a.run", "b.run", "--", "top=3", "timeline=5" },
  { "report", "a.run", "--report", "loops", "--since", "1.5m", "--format", "csv" },
  { "report", "a.run", "--script", "report.lua", "--", "title=a title", "x=2.50" },
  { "report", "a.run", "--script", "report.lua", "--", "title=inf", "x=0x10" },
  { "report", "a.run", "--script", "report.lua", "--", "fail" },
  { "report", "a.run", "--", "top=1.5" },
  { "report", "a.run", "--", "tip=1" },
  { "compare", "a.run", "b.run", "--", "significance=0.5", "least_change=0.00125" },
  { "replay", "a.run", "--policy", "none.lua" },
  { "merge", "a.run", "b.run", "-o", "merged.run", "--max-history", "7" },
  { "convert", "merged.run", "--to", "jsonl" },
  { "import", "calls.jsonl", "-o", "imported.run", "--measure", "cost:USD:1e-6", "--skip-bad" },
  { "import", "calls.jsonl", "-o", "imported.run", "--measure", "cost:USD:nan" },
  { "import", "calls.jsonl", "-o", "imported.run", "--max-line", "64" },
  { "convert", "imported.run", "--to", "csv" },
  { "import", "log.csv", "-o", "log.run" },
  { "import", "log.csv", "-o", "log.run", "--map", "tool=job", "--map", "session=id",
    "--duration-unit", "s", "--status", "gave up=timed_out", "--status", "429=failed" },
  { "convert", "log.run", "--to", "jsonl" },
  { "import", "log.csv", "-o", "log.run", "--map", "tool=job", "--map", "measures.x=id",
    "--status", "*=failed", "--exclude", "resize" },
  { "convert", "log.run", "--to", "json", "-o", "log.json" },
  { "import", "log.json", "-o", "log.run", "--label", "a label" },
  { "import", "log.json", "-o", "log.run", "--strict" },
  { "import", "reference.json", "-o", "reference.run" },
  { "convert", "reference.run", "--to", "jsonl" },
  { "import", "numbers.txt", "-o", "numbers.run", "--script", "decoder.lua", "--map",
    "tool=session", "--status", "=success", "--skip-bad" },
  { "convert", "numbers.run", "--to", "jsonl" },
  { "reprot" }, { "report" }, { "report", "none.run" }, { "report", "a.run", "--width", "1e2" },
  { "--version" }, { "--help" }, { "report", "--help" }, { "completion", "zsh" },
}

local function put(path, text)
  local file = assert(io.open(path, "wb"))
  assert(file:write(text))
  assert(file:close())
end

-- Runs the command in the current directory, where it leaves files, on two snapshots.
return function(a, b)
  assert(a:save("a.run"))
  assert(b:save("b.run"))
  put("report.lua", REPORT)
  put("calls.jsonl", JSON_LINES)
  put("log.csv", LOG)
  put("reference.json", REFERENCE)
  put("decoder.lua", DECODER)
  put("numbers.txt", "7 0.1\n0x10 1e3\n1e15 nan\n-0 0.0005\n")
  for _, arguments in ipairs(INVOCATIONS) do
    print("exectrack " .. table.concat(arguments, " "))
    io.stdout:flush() -- before what it says on standard error
    local code = command(arguments)
    io.stdout:flush()
    print("exit code", code)
  end
end
