-- What the command says, in this process: of two runs, of its arguments, and of what is wrong.
local command = require("exectrack.command")

local JSON_LINES = [[
{"tool":"fetch","status":"failed","duration_ms":1.75,"error_type":"ENOENT","timestamp":1.5}
{"tool":"","status":"success","duration_ms":1e3,"args":{"a":[1,2.5,null]},"timestamp":2.25}
{"tool":"b","status":"success","measures":{"cost":0.1},"timestamp":2.5}
{"tool":"fetch","status":"success","duration_ms":-0.5,"timestamp":3}
{"tool":"fetch","status":"success","timestamp":false,"session":"\u0000"}
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
  for _, arguments in ipairs(INVOCATIONS) do
    print("exectrack " .. table.concat(arguments, " "))
    io.stdout:flush() -- before what it says on standard error
    local code = command(arguments)
    io.stdout:flush()
    print("exit code", code)
  end
end
